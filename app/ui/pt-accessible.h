/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

/* Names for parts that GTK 4.8 makes itself and leaves without one. */

/* The button inside of a drop-down, which has its focus: "Order of the list: by customers". Follows
 * what is chosen; the drop-down's strings are a GtkStringList. */
void pt_accessible_name_drop_down (GtkDropDown *drop_down, const char *name);
/* The row of a list view that @child stands in, which has the focus; nothing where it stands in
 * none. */
void pt_accessible_name_row (GtkWidget *child, const char *name);
