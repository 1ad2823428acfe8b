/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

/* A bar across a page that says what is wrong and offers one act. Signal "acted": its button was
 * pressed. */
#define PT_TYPE_NOTICE (pt_notice_get_type ())
G_DECLARE_FINAL_TYPE (PtNotice, pt_notice, PT, NOTICE, GtkWidget)

/* @text NULL or "": hidden. @button NULL: none. */
void pt_notice_set (PtNotice *self, const char *text, const char *button);
