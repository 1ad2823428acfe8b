/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-session.h"

/* What may be done with the complaints that are chosen, and doing it: the note, the exact thing
 * that is signed, and what became of it. Signals: "acted": something was signed, or refused because
 * somebody was faster, so the complaints are other ones now; "said" (const char *). */
#define PT_TYPE_ACT_PANE (pt_act_pane_get_type ())
G_DECLARE_FINAL_TYPE (PtActPane, pt_act_pane, PT, ACT_PANE, GtkWidget)

void pt_act_pane_set_session (PtActPane *pane, PtSession *session, PtLink *link);
/* A GPtrArray of PtComplaintDetail, of which a reference is taken; NULL: none. A note that is being
 * written stays. */
void pt_act_pane_set (PtActPane *pane, GPtrArray *details);
/* Begins to write one, as its button does; nothing where it may not be done. */
void pt_act_pane_begin (PtActPane *pane, PtAction action);
/* Gives up what is being written; FALSE: nothing was. */
gboolean pt_act_pane_cancel (PtActPane *pane);
void pt_act_pane_tick (PtActPane *pane, gint64 now);
