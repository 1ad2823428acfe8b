/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

#include "pt-session.h"

/* Asks for the reason, shows what becomes of it (of an erasure, the exact comment that is signed),
 * does it, and asks again with what was written where it was refused. Signal "acted": the complaint
 * is another one now. */

typedef enum
{
  PT_WORDS_HIDE,
  PT_WORDS_SHOW, /* again */
  PT_WORDS_ERASE
} PtWordsAct;

#define PT_TYPE_WORDS_DIALOG (pt_words_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PtWordsDialog, pt_words_dialog, PT, WORDS_DIALOG, AdwMessageDialog)

/* Of what was said at step @n of @detail, by who is logged in. */
PtWordsDialog *pt_words_dialog_new (GtkWindow *parent, PtWordsAct act, PtSession *session,
                                    PtLink *link, const PtComplaintDetail *detail, gint64 n);
