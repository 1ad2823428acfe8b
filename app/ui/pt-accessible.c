/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-accessible.h"

static void
chosen_cb (GtkDropDown *drop_down, GParamSpec *pspec, const char *name)
{
  GtkWidget *button = gtk_widget_get_first_child (GTK_WIDGET (drop_down));
  gpointer item = gtk_drop_down_get_selected_item (drop_down);
  g_autofree char *words
      = GTK_IS_STRING_OBJECT (item)
            ? g_strdup_printf ("%s: %s", name, gtk_string_object_get_string (item))
            : g_strdup (name);

  if (button != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                    -1);
}

static void
name_free (gpointer name, GClosure *closure)
{
  g_free (name);
}

void
pt_accessible_name_drop_down (GtkDropDown *drop_down, const char *name)
{
  g_return_if_fail (GTK_IS_DROP_DOWN (drop_down) && name != NULL);

  g_signal_connect_data (drop_down, "notify::selected-item", G_CALLBACK (chosen_cb),
                         g_strdup (name), name_free, 0);
  chosen_cb (drop_down, NULL, name);
}

void
pt_accessible_name_row (GtkWidget *child, const char *name)
{
  GtkWidget *row;

  g_return_if_fail (GTK_IS_WIDGET (child) && name != NULL);

  row = gtk_widget_get_parent (child);
  if (row != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}
