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
/* Whether it can't be done without a note. */
gboolean pt_complaint_needs_note (PtAction action);
