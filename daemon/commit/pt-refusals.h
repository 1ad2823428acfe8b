/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-error.h"

/* How often something was refused, by reason: the slug of an error or of a broken rule, so there
 * are never more reasons than this program knows. Any thread. */
typedef struct _PtRefusals PtRefusals;

PtRefusals *pt_refusals_new (void);
void pt_refusals_free (PtRefusals *refusals);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRefusals, pt_refusals_free)

/* @slug: of none that is known counts as "internal". @refusals NULL: nothing is counted. */
void pt_refusals_count (PtRefusals *refusals, const char *slug);
/* The same by what the slug stands for; @rule PT_RULE_HOLDS: that of @code. */
void pt_refusals_add (PtRefusals *refusals, PtErrorCode code, PtRule rule);
/* Appends a line of the text format of Prometheus for each reason that came up:
 * @name{@label,reason="slug"} count. @label: as transport="http", or "". */
void pt_refusals_append (PtRefusals *refusals, const char *name, const char *label, GString *text);
