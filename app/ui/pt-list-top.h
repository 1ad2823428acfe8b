/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

/* Scrolls a list whose newest or weightiest rows come in at its top. Until somebody scrolls it the
 * top is what it shows, however many rows come above; afterwards what is in sight stays there, and
 * a button says how many new rows are above. Property "child": the GtkListView or GtkColumnView. */
#define PT_TYPE_LIST_TOP (pt_list_top_get_type ())
G_DECLARE_FINAL_TYPE (PtListTop, pt_list_top, PT, LIST_TOP, GtkWidget)

/* The child's model, after the child has it. */
void pt_list_top_set_model (PtListTop *top, GListModel *model);
/* The child is about to be scrolled to a row on purpose: as if somebody had. */
void pt_list_top_leave (PtListTop *top);
/* The rows are other ones, or in another order: back to the top. */
void pt_list_top_return (PtListTop *top);
