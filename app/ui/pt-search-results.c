/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-search-results.h"

#include <glib/gi18n-lib.h>

#include "pt-format.h"
#include "pt-state-icon.h"

struct _PtSearchResults
{
  GtkPopover parent_instance;
  GtkListBox *list;
  GtkLabel *nothing;
  GtkWidget *entry; /* not owned; it outlives the results */
  GPtrArray *found; /* PtFound, as the rows are */
  char *words;      /* of what is shown */
};

G_DEFINE_FINAL_TYPE (PtSearchResults, pt_search_results, GTK_TYPE_POPOVER)

static guint chosen_signal;

/* Rows */

static char *
group_about (const PtFound *found)
{
  g_autofree char *sites = pt_format_number (found->sites);
  g_autofree char *off = pt_format_number (found->off);
  g_autofree char *count = g_strdup_printf (ngettext ("%s site", "%s sites", found->sites), sites);

  if (found->off == 0)
    return g_strdup_printf (_ ("%s, none known to be without supply"), count);
  return g_strdup_printf (_ ("%s, %s without supply"), count, off);
}

static char *
site_about (const PtSiteRow *row)
{
  if (row->place != NULL)
    return g_strdup_printf (_ ("%s · %s, area %s"), pt_state_word (row->state), row->place,
                            row->area);
  return g_strdup_printf (_ ("%s · area %s"), pt_state_word (row->state), row->area);
}

static GtkWidget *
result_row (const PtFound *found, const PtSiteRow *site)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *icon
      = found->kind == PT_FOUND_SITE
            ? pt_state_icon_new (site->state)
            : gtk_image_new_from_icon_name (found->kind == PT_FOUND_PLACE ? "mark-location-symbolic"
                                                                          : "view-grid-symbolic");
  g_autofree char *about = found->kind == PT_FOUND_SITE ? site_about (site) : group_about (found);
  g_autofree char *heard = g_strdup_printf ("%s, %s", found->name, about);
  GtkWidget *name = gtk_label_new (found->name), *more = gtk_label_new (about);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (more), 0);
  gtk_label_set_ellipsize (GTK_LABEL (more), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (name, "heading");
  gtk_widget_add_css_class (more, "caption");
  gtk_widget_add_css_class (more, "dim-label");
  gtk_widget_set_size_request (icon, 16, -1);
  gtk_box_append (GTK_BOX (words), name);
  gtk_box_append (GTK_BOX (words), more);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), words);
  gtk_widget_add_css_class (box, "found");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, heard, -1);
  return row;
}

static void
results_clear (PtSearchResults *results)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (results->list, 0)) != NULL)
    gtk_list_box_remove (results->list, GTK_WIDGET (row));
  g_clear_pointer (&results->found, g_ptr_array_unref);
  g_clear_pointer (&results->words, g_free);
}

void
pt_search_results_show (PtSearchResults *results, PtLink *link, const char *area, const char *words)
{
  PtSiteStore *sites;

  g_return_if_fail (PT_IS_SEARCH_RESULTS (results) && PT_IS_LINK (link));
  results_clear (results);
  if (words == NULL || words[0] == '\0')
    {
      gtk_popover_popdown (GTK_POPOVER (results));
      return;
    }
  sites = pt_link_sites (link);
  results->found = pt_site_search (sites, area, words);
  results->words = g_strdup (words);
  for (guint i = 0; i < results->found->len; i++)
    {
      const PtFound *found = results->found->pdata[i];

      gtk_list_box_append (results->list,
                           result_row (found, pt_site_store_get (sites, found->number)));
    }
  gtk_widget_set_visible (GTK_WIDGET (results->list), results->found->len > 0);
  gtk_widget_set_visible (GTK_WIDGET (results->nothing), results->found->len == 0);
  gtk_widget_set_size_request (GTK_WIDGET (results->list), gtk_widget_get_width (results->entry),
                               -1);
  gtk_popover_popup (GTK_POPOVER (results));
}

/* Taking one */

static void
results_take (PtSearchResults *results, guint number)
{
  g_autoptr (GPtrArray) found = NULL;

  if (results->found == NULL || number >= results->found->len)
    return;
  found = g_ptr_array_ref (results->found); /* whoever is told may search for something else */
  gtk_popover_popdown (GTK_POPOVER (results));
  g_signal_emit (results, chosen_signal, 0, found->pdata[number]);
}

static void
row_activated_cb (PtSearchResults *results, GtkListBoxRow *row)
{
  results_take (results, (guint) gtk_list_box_row_get_index (row));
}

gboolean
pt_search_results_take_top (PtSearchResults *results, PtLink *link, const char *area,
                            const char *words)
{
  g_return_val_if_fail (PT_IS_SEARCH_RESULTS (results) && words != NULL, FALSE);
  if (g_strcmp0 (words, results->words) != 0)
    pt_search_results_show (results, link, area, words);
  if (results->found == NULL || results->found->len == 0)
    return FALSE;
  results_take (results, 0);
  return TRUE;
}

gboolean
pt_search_results_enter (PtSearchResults *results)
{
  GtkListBoxRow *row;

  g_return_val_if_fail (PT_IS_SEARCH_RESULTS (results), FALSE);
  row = gtk_list_box_get_row_at_index (results->list, 0);
  return row != NULL && gtk_widget_get_visible (GTK_WIDGET (results))
         && gtk_widget_grab_focus (GTK_WIDGET (row));
}

/* Up from the first row is back in the entry. */
static gboolean
keynav_failed_cb (PtSearchResults *results, GtkDirectionType direction)
{
  if (direction != GTK_DIR_UP)
    return FALSE;
  gtk_widget_grab_focus (results->entry);
  return TRUE;
}

/* The object */

static void
pt_search_results_dispose (GObject *object)
{
  PtSearchResults *results = PT_SEARCH_RESULTS (object);

  g_clear_pointer (&results->found, g_ptr_array_unref);
  g_clear_pointer (&results->words, g_free);
  G_OBJECT_CLASS (pt_search_results_parent_class)->dispose (object);
}

static void
pt_search_results_class_init (PtSearchResultsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pt_search_results_dispose;
  chosen_signal = g_signal_new ("chosen", PT_TYPE_SEARCH_RESULTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               "/org/powertracker/Console/ui/pt-search-results.ui");
  gtk_widget_class_bind_template_child (GTK_WIDGET_CLASS (klass), PtSearchResults, list);
  gtk_widget_class_bind_template_child (GTK_WIDGET_CLASS (klass), PtSearchResults, nothing);
  gtk_widget_class_bind_template_callback (GTK_WIDGET_CLASS (klass), row_activated_cb);
  gtk_widget_class_bind_template_callback (GTK_WIDGET_CLASS (klass), keynav_failed_cb);
}

static void
pt_search_results_init (PtSearchResults *results)
{
  gtk_widget_init_template (GTK_WIDGET (results));
}

PtSearchResults *
pt_search_results_new (GtkWidget *entry)
{
  PtSearchResults *results = g_object_new (PT_TYPE_SEARCH_RESULTS, NULL);

  g_return_val_if_fail (GTK_IS_WIDGET (entry), NULL);
  /* Not in the entry: to that it would be as if it had the focus itself. */
  gtk_widget_set_parent (GTK_WIDGET (results), gtk_widget_get_parent (entry));
  results->entry = entry;
  return results;
}
