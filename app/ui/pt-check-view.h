/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-check-run.h"

/* The steps of a check, each with its verdict as a sign and in words, the raw values beneath. */
#define PT_TYPE_CHECK_VIEW (pt_check_view_get_type ())
G_DECLARE_FINAL_TYPE (PtCheckView, pt_check_view, PT, CHECK_VIEW, GtkWidget)

GtkWidget *pt_check_view_new (void);
/* @result NULL: nothing is checked; @hint then says what could be, translated (or NULL). */
void pt_check_view_set_result (PtCheckView *self, const PtCheckResult *result, const char *hint);
/* What is said of a check that has ended, translated; NULL: none has. Borrowed. */
const char *pt_check_view_verdict (PtCheckView *self);
/* Shown after 0.3 s: quick checks do not flicker. */
void pt_check_view_set_busy (PtCheckView *self, gboolean busy);
/* Something else than a check went wrong. */
void pt_check_view_set_error (PtCheckView *self, const char *message);
