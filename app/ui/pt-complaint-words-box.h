/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-session.h"

/* What the people say: their words, and photos, for officials of the area alone, who hide them or
 * have them erased there. Signal "acted": that was done. */
#define PT_TYPE_COMPLAINT_WORDS_BOX (pt_complaint_words_box_get_type ())
G_DECLARE_FINAL_TYPE (PtComplaintWordsBox, pt_complaint_words_box, PT, COMPLAINT_WORDS_BOX,
                      GtkWidget)

/* Nobody's; what was set is let go of. */
void pt_complaint_words_box_forget (PtComplaintWordsBox *box);
/* @detail: borrowed until another is set, or it is forgotten. */
void pt_complaint_words_box_set (PtComplaintWordsBox *box, const PtComplaintDetail *detail,
                                 PtSession *session, PtLink *link, gint64 now);
