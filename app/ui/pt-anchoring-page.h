/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-link.h"

/* Batches by their state, and what each of them waits for. */
#define PT_TYPE_ANCHORING_PAGE (pt_anchoring_page_get_type ())
G_DECLARE_FINAL_TYPE (PtAnchoringPage, pt_anchoring_page, PT, ANCHORING_PAGE, GtkWidget)

void pt_anchoring_page_set_link (PtAnchoringPage *self, PtLink *link);
void pt_anchoring_page_set_area (PtAnchoringPage *self, const char *area); /* NULL: all */
