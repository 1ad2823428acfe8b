/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-log-state.h"

/* What was said becomes what holds: in the registry, and for whoever watches. On the committer's
 * thread, with the writer's side of the directory's door. */

/* An action, notice or profile of the log that was committed. */
void pt_said_apply (PtLogState *log, const PtEntry *entry, const PtSaidRow *row);
/* A report OFF at @site, received at @received and of that time (pt_report_time ()). */
void pt_said_fell (PtLogState *log, PtArea *area, PtSpan site, gint64 received, gint64 time);
/* The area's log holds an entry that was received then. */
void pt_said_pass (PtLogState *log, PtArea *area, gint64 received);

/* At the start, in the log's order. */
gboolean pt_said_recover (PtLogState *log, const PtSaidRow *row, GError **error);

/* What kind of thing an entry says, and of which complaint or notice; FALSE: it is none of them. */
gboolean pt_said_of (const PtEntry *entry, PtSaidKind *kind, PtSpan *name, gint64 *n);
