/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-link.h"

/* The connection's state in a few words, for the header bar; pressed, it says all of it. */
#define PT_TYPE_PILL (pt_pill_get_type ())
G_DECLARE_FINAL_TYPE (PtPill, pt_pill, PT, PILL, GtkWidget)

/* What the link says now. */
void pt_pill_update (PtPill *self, PtLink *link);
