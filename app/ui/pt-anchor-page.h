/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-link.h"

/* The batches of the public record by state, what each waits for, and the chain that holds them.
 * Signal "said" (const char *text): a short word for a toast. */
#define PT_TYPE_ANCHOR_PAGE (pt_anchor_page_get_type ())
G_DECLARE_FINAL_TYPE (PtAnchorPage, pt_anchor_page, PT, ANCHOR_PAGE, GtkWidget)

void pt_anchor_page_set_link (PtAnchorPage *self, PtLink *link);
void pt_anchor_page_set_area (PtAnchorPage *self, const char *area); /* NULL: all */
