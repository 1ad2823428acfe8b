/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-admission.h"
#include "pt-committer.h"
#include "pt-hold.h"

/* The one way in, for all mouths (HTTP, later MQTT and CoAP): what they took is let in if there is
 * room, verified and committed; its `done` is called when it is durable. Any thread. */
typedef struct _PtIntake PtIntake;

/* @workers: threads that verify; 0 for one a processor. @lines_max: bound on the lines that are on
 * their way. @hold: whether anything may be taken in (pt-hold.h); NULL: always. What it is given
 * outlives it. */
PtIntake *pt_intake_new (PtDirectory *directory, PtCommitter *committer, PtClock *clock,
                         PtHold *hold, guint workers, guint lines_max);
/* How many reports may come from an address; NULL: no bound. Before the first take; outlives the
 * intake. */
void pt_intake_set_rates (PtIntake *intake, PtRates *rates);
/* Verifies and hands on what was taken; no mouth may call it any more. */
void pt_intake_free (PtIntake *intake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtIntake, pt_intake_free)

/* Whether anything may be taken in now; else PT_ERROR_BUSY with a sentence for who wants to. */
gboolean pt_intake_may_take (PtIntake *intake, GError **error);

/* Takes the submission. FALSE: there is no room, nothing may be taken in, the daemon ends, or its
 * address sends too many reports; then all its lines are refused, as busy or too-many
 * (pt_submission_wait ()), it is still the caller's, and `done` is not called. */
gboolean pt_intake_take (PtIntake *intake, PtSubmission *submission);

/* Registers an area, see pt_committer_add_area (). PT_ERROR_BUSY when the daemon ends or nothing
 * may be taken in. Blocking. */
gboolean pt_intake_add_area (PtIntake *intake, const char *id, const guint8 *authority_key,
                             const guint8 *service_key, gboolean *created, GError **error);

/* Takes nothing in any more; what is on its way goes on. */
void pt_intake_close (PtIntake *intake);

/* How much is on its way, and what became of what was handed in. */
PtAdmission *pt_intake_admission (PtIntake *intake);
