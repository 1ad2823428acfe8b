/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-complaint.h"

/* What complaints are called, for people; all translated and static. */
const char *pt_complaint_state_word (PtComplaintState state); /* "acknowledged" */
const char *pt_complaint_act_word (PtAction action);          /* "Acknowledge" */
const char *pt_complaint_done_word (PtAction action);         /* "Acknowledged" */
/* "the devices say on" and so on; "" where they are not asked. */
const char *pt_complaint_evidence_word (PtEvidence evidence, PtAftermath later);
const char *pt_complaint_closed_word (PtClosed closed);
const char *pt_complaint_role_word (PtRole role);

/* Notes that are often wanted, ended by NULL; none for what needs no reason. */
const char *const *pt_complaint_note_templates (PtAction action);
/* What an officer's comment says who has the words of step @n erased; as of `powertrack complaint
 * erase`, not translated, for it is signed. */
char *pt_complaint_erase_note (gint64 n, const char *reason);
/* The reason in it; NULL: @note says nothing of that step. */
const char *pt_complaint_erase_reason (const char *note, gint64 n);
/* Whether it can't be done without a note. */
gboolean pt_complaint_needs_note (PtAction action);
