/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "pt-link.h"
#include "pt-site-search.h"

/* What the words in an entry may mean, below it: areas and places with their counts, sites with
 * their state. The entry keeps the focus; Down goes into the results, Return takes one. Signal
 * "chosen" (PtFound *). */
#define PT_TYPE_SEARCH_RESULTS (pt_search_results_get_type ())
G_DECLARE_FINAL_TYPE (PtSearchResults, pt_search_results, PT, SEARCH_RESULTS, GtkPopover)

/* Below @entry, in the widget that holds it; to be unparented before that goes. */
PtSearchResults *pt_search_results_new (GtkWidget *entry);
/* Shows what @words (NULL or "": nothing, and hides) mean in @area (NULL: all). */
void pt_search_results_show (PtSearchResults *results, PtLink *link, const char *area,
                             const char *words);
/* The first row takes the focus. FALSE: nothing is shown. */
gboolean pt_search_results_enter (PtSearchResults *results);
/* Takes the topmost of what is shown for @words, shown now if it was not. FALSE: there is none. */
gboolean pt_search_results_take_top (PtSearchResults *results, PtLink *link, const char *area,
                                     const char *words);
