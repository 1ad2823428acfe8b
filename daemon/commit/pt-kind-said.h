/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-kind.h"

/* What actions and notices have in common: chains whose next entry the registry judges, and of
 * which a group has one entry of each. */

/* The key that must have signed it; refuses the line where nobody may. A PtKind.find_signer. */
const guint8 *pt_kind_said_find_signer (PtRegistry *registry, PtLine *line, const PtEntry *entry);

/* What the registry says of it; where it repeats what the log says, it is a duplicate and gets what
 * the first one got. A PtKind.judge. */
void pt_kind_said_judge (PtLogState *log, PtGroupBuilder *group, PtLine *line);

/* As an entry of the group: parses it into @entry, and refuses it where the group has one of its
 * chain already (who was faster holds), or a repetition of the same. FALSE: it was decided. */
gboolean pt_kind_said_may_add (PtLogState *log, PtGroupBuilder *group, PtLine *line,
                               PtEntry *entry);
void pt_kind_said_add (PtGroupBuilder *group, PtLine *line, const PtEntry *entry,
                       PtEvidence evidence);
/* Whether the group has an entry of that complaint. */
gboolean pt_kind_said_is_in (PtGroupBuilder *group, const PtArea *area, PtSpan complaint);

/* A PtKind.apply and a PtKind.recover: the start has taken what was said before (pt-said.h). */
void pt_kind_said_apply (PtLogState *log, PtGroupBuilder *group, guint first, guint count);
gboolean pt_kind_said_recover (PtLogState *log, const PtEntryRow *row, const PtEntry *entry,
                               gboolean folded, GError **error);
