/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* How often something was refused, by reason: the slug of an error or of a broken rule, so there
 * are never more reasons than this program knows. Any thread. */
typedef struct _PtRefusals PtRefusals;

PtRefusals *pt_refusals_new (void);
void pt_refusals_free (PtRefusals *refusals);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRefusals, pt_refusals_free)

/* @slug: of none that is known counts as "internal". @refusals NULL: nothing is counted. */
void pt_refusals_count (PtRefusals *refusals, const char *slug);
/* Appends a line of the text format of Prometheus for each reason that came up:
 * @name{reason="slug"} count. */
void pt_refusals_append (PtRefusals *refusals, const char *name, GString *text);
