/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-outage-list.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "pt-accessible.h"
#include "pt-complaint-query.h"
#include "pt-feed-outages.h"
#include "pt-format.h"
#include "pt-list-top.h"
#include "pt-outage-row.h"
#include "pt-site-search.h"
#include "pt-text-search.h"

typedef enum
{
  ORDER_CUSTOMERS,
  ORDER_DURATION,
  ORDER_NEWEST,
  ORDER_FEEDER
} Order;

struct _PtOutageList
{
  GtkWidget parent_instance;
  GtkLabel *off, *off_words, *customers, *customers_words, *silent, *silent_words, *age, *title,
      *empty;
  GtkDropDown *order;
  GtkStack *stack;
  GtkListView *list;
  PtListTop *top;
  PtLink *link;
  GtkSingleSelection *selection;
  GtkCustomFilter *filter;
  GtkCustomSorter *sorter;
  GPtrArray *rows;        /* GtkListItem that are bound; not owned */
  GHashTable *complaints; /* "area/site" -> how many are open, as a pointer */
  GHashTable *feeders;    /* of a name Feeder, while that is the order */
  char *area, *search;
  gint64 now;
  gboolean stale, telling;
  guint count_source;
};

G_DEFINE_TYPE (PtOutageList, pt_outage_list, GTK_TYPE_WIDGET)

static guint chosen_signal, activated_signal, counted_signal;

/* Groups: what hangs on one feeder stands together, below a heading that counts it */

typedef struct
{
  guint off;
  gint64 customers;
} Feeder;

static const char *
feeder_of (const PtOutage *outage)
{
  return outage->feeder != NULL ? outage->feeder : "";
}

static void
list_count_feeders (PtOutageList *self)
{
  GListModel *model = G_LIST_MODEL (self->selection);

  g_hash_table_remove_all (self->feeders);
  if (gtk_drop_down_get_selected (self->order) != ORDER_FEEDER)
    return;
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PtOutage) outage = g_list_model_get_item (model, i);
      Feeder *feeder = g_hash_table_lookup (self->feeders, feeder_of (outage));

      if (feeder == NULL)
        {
          feeder = g_new0 (Feeder, 1);
          g_hash_table_insert (self->feeders, g_strdup (feeder_of (outage)), feeder);
        }
      feeder->off++;
      feeder->customers += outage->customers;
    }
}

static char *
feeder_heading (PtOutageList *self, const char *name)
{
  const Feeder *feeder = g_hash_table_lookup (self->feeders, name);
  g_autofree char *customers = NULL, *off = NULL, *count = NULL;

  if (feeder == NULL)
    return NULL;
  customers = pt_format_customers (feeder->customers);
  count = pt_format_number (feeder->off);
  off = g_strdup_printf (ngettext ("%s site", "%s sites", feeder->off), count);
  return name[0] != '\0' ? g_strdup_printf (_ ("Feeder %s: %s, %s"), name, off, customers)
                         : g_strdup_printf (_ ("No feeder named: %s, %s"), off, customers);
}

static void
row_show_group (PtOutageList *self, GtkListItem *item)
{
  const PtOutage *outage = gtk_list_item_get_item (item);
  guint at = gtk_list_item_get_position (item);
  gboolean grouped = gtk_drop_down_get_selected (self->order) == ORDER_FEEDER;
  g_autoptr (PtOutage) before = NULL;
  g_autofree char *heading = NULL;

  if (grouped && at > 0)
    before = g_list_model_get_item (G_LIST_MODEL (self->selection), at - 1);
  if (grouped && (before == NULL || before->feeder != outage->feeder))
    heading = feeder_heading (self, feeder_of (outage));
  pt_outage_row_set_group (PT_OUTAGE_ROW (gtk_list_item_get_child (item)), heading);
}

/* Complaints: how many are open at each site */

static void
list_count_complaints (PtOutageList *self)
{
  GListModel *all = pt_link_list (self->link, &pt_list_complaints);

  g_hash_table_remove_all (self->complaints);
  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (PtComplaint) complaint = g_list_model_get_item (all, i);
      char *key;
      guint count;

      if (complaint->site == NULL || !pt_complaint_is_open (complaint))
        continue;
      key = g_strconcat (complaint->area, "/", complaint->site, NULL);
      count = GPOINTER_TO_UINT (g_hash_table_lookup (self->complaints, key)) + 1;
      g_hash_table_insert (self->complaints, key, GUINT_TO_POINTER (count));
    }
}

static void
row_show_complaints (PtOutageList *self, GtkListItem *item)
{
  const PtOutage *outage = gtk_list_item_get_item (item);
  g_autofree char *key = g_strconcat (outage->area, "/", outage->site, NULL);

  pt_outage_row_set_complaints (PT_OUTAGE_ROW (gtk_list_item_get_child (item)),
                                GPOINTER_TO_UINT (g_hash_table_lookup (self->complaints, key)));
}

/* Rows */

static void
row_setup_cb (GtkListItemFactory *factory, GtkListItem *item, PtOutageList *self)
{
  gtk_list_item_set_child (item, pt_outage_row_new ());
}

static void
row_bind_cb (GtkListItemFactory *factory, GtkListItem *item, PtOutageList *self)
{
  PtOutageRow *row = PT_OUTAGE_ROW (gtk_list_item_get_child (item));

  pt_outage_row_set (row, gtk_list_item_get_item (item));
  row_show_complaints (self, item);
  pt_outage_row_tick (row, self->now, self->stale);
  row_show_group (self, item);
  g_ptr_array_add (self->rows, item);
}

static void
row_unbind_cb (GtkListItemFactory *factory, GtkListItem *item, PtOutageList *self)
{
  PtOutageRow *row = PT_OUTAGE_ROW (gtk_list_item_get_child (item));

  g_ptr_array_remove_fast (self->rows, item);
  pt_outage_row_set (row, NULL);
}

/* Order and filter */

static int
compare_numbers (gint64 a, gint64 b)
{
  return a < b ? -1 : a > b;
}

static int
compare_outages (gconstpointer a, gconstpointer b, gpointer data)
{
  const PtOutageList *self = data;
  const PtOutage *left = a, *right = b;
  int order = 0;

  switch ((Order) gtk_drop_down_get_selected (self->order))
    {
    case ORDER_DURATION:
      order = compare_numbers (left->start, right->start);
      break;
    case ORDER_NEWEST:
      order = compare_numbers (right->start, left->start);
      break;
    case ORDER_FEEDER:
      if (left->feeder != right->feeder)
        return left->feeder == NULL    ? 1
               : right->feeder == NULL ? -1
                                       : strcmp (left->feeder, right->feeder);
      G_GNUC_FALLTHROUGH;
    case ORDER_CUSTOMERS:
      order = compare_numbers (right->customers, left->customers);
      if (order == 0)
        order = compare_numbers (left->start, right->start);
      break;
    }
  return order != 0 ? order : strcmp (left->device, right->device);
}

static void list_queue_count (PtOutageList *self);

static void
order_changed_cb (PtOutageList *self)
{
  if (self->sorter == NULL)
    return;
  list_count_feeders (self);
  gtk_sorter_changed (GTK_SORTER (self->sorter), GTK_SORTER_CHANGE_DIFFERENT);
  list_queue_count (self); /* headings come or go */
  pt_list_top_return (self->top);
}

static gboolean
outage_matches (gpointer item, gpointer data)
{
  const PtOutageList *self = data;
  const PtOutage *outage = item;

  if (self->area != NULL && strcmp (self->area, outage->area) != 0)
    return FALSE;
  return self->search == NULL || strcasestr (outage->site, self->search) != NULL
         || strcasestr (outage->area, self->search) != NULL
         || pt_text_search_holds (outage->place, self->search)
         || pt_text_search_holds (outage->feeder, self->search)
         || strcasestr (outage->device, self->search) != NULL;
}

/* Numbers */

/* Zero is a number; while nothing is known there is none. */
static void
list_set_number (PtOutageList *self, GtkLabel *number, GtkLabel *words, gint64 count,
                 const char *text)
{
  g_autofree char *shown
      = pt_link_is_known (self->link) ? pt_format_number (count) : g_strdup ("–");

  gtk_label_set_label (number, shown);
  gtk_label_set_label (words, text);
}

static void
list_show_state (PtOutageList *self, const PtSiteTotals *totals)
{
  guint sites = 0, count = pt_outage_list_count (self);
  g_autofree char *text = NULL, *number = NULL;

  for (guint i = 0; i < PT_SITE_STATES; i++)
    sites += totals->sites[i];
  gtk_stack_set_visible_child_name (self->stack, count > 0 ? "list" : "empty");
  if (count > 0)
    return;
  number = pt_format_number (sites);
  if (!pt_link_is_known (self->link))
    text = g_strdup (_ ("Loading…"));
  else if (self->search != NULL)
    text = g_strdup_printf (_ ("No outage matches “%s”."), self->search);
  else if (sites == 0)
    text = g_strdup (_ ("No site is known yet."));
  else if (totals->sites[PT_SITE_OFF] == 0 && totals->sites[PT_SITE_ON] == sites)
    text = g_strdup_printf (
        ngettext ("The one site has supply.", "All %s sites have supply.", sites), number);
  else
    text = g_strdup (_ ("No outage is known. Silent sites may have one: nobody can say."));
  gtk_label_set_label (self->empty, text);
}

/* Of the area, and of those that are searched for. */
static void
list_totals (PtOutageList *self, PtSiteTotals *totals)
{
  PtSiteStore *sites = pt_link_sites (self->link);
  const PtSiteRow *rows = pt_site_store_rows (sites);

  pt_site_store_totals (sites, self->area, totals);
  if (self->search == NULL)
    return;
  memset (totals, 0, sizeof *totals);
  for (guint i = 0; i < pt_site_store_size (sites); i++)
    if ((self->area == NULL || strcmp (self->area, rows[i].area) == 0)
        && pt_site_search_holds (&rows[i], self->search))
      {
        totals->sites[rows[i].state]++;
        totals->customers[rows[i].state] += rows[i].customers;
      }
}

/* "41 of 3,036 here": what is listed, of what there is. */
static void
list_show_title (PtOutageList *self)
{
  guint all = g_list_model_get_n_items (pt_link_list (self->link, &pt_list_outages));
  g_autofree char *shown = pt_format_number (pt_outage_list_count (self));
  g_autofree char *whole = pt_format_number (all);
  g_autofree char *text = g_strdup_printf (_ ("%s of %s here"), shown, whole);
  gboolean filtered = self->search != NULL || self->area != NULL;

  gtk_label_set_label (self->title, filtered ? text : _ ("Outages"));
}

static gboolean
list_count (gpointer data)
{
  PtOutageList *self = data;
  PtSiteTotals totals;
  gint64 off;

  self->count_source = 0;
  list_totals (self, &totals);
  off = totals.sites[PT_SITE_OFF];
  list_set_number (self, self->off, self->off_words, off,
                   ngettext ("site without supply", "sites without supply", (gulong) off));
  list_set_number (self, self->customers, self->customers_words, totals.customers[PT_SITE_OFF],
                   ngettext ("customer", "customers", (gulong) totals.customers[PT_SITE_OFF]));
  list_set_number (self, self->silent, self->silent_words, totals.sites[PT_SITE_SILENT],
                   ngettext ("site silent", "sites silent", totals.sites[PT_SITE_SILENT]));
  list_show_state (self, &totals);
  list_show_title (self);
  list_count_feeders (self);
  list_count_complaints (self);
  for (guint i = 0; i < self->rows->len; i++)
    {
      row_show_group (self, self->rows->pdata[i]);
      row_show_complaints (self, self->rows->pdata[i]);
    }
  g_signal_emit (self, counted_signal, 0);
  return G_SOURCE_REMOVE;
}

static void
list_queue_count (PtOutageList *self)
{
  if (self->count_source == 0)
    self->count_source = g_timeout_add (50, list_count, self);
}

/* The selection */

static void
list_selected_cb (PtOutageList *self)
{
  PtOutage *outage = gtk_single_selection_get_selected_item (self->selection);

  if (outage != NULL && !self->telling)
    g_signal_emit (self, chosen_signal, 0, outage);
}

static void
list_activate_cb (PtOutageList *self, guint position)
{
  g_autoptr (PtOutage) outage = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (outage != NULL)
    g_signal_emit (self, activated_signal, 0, outage);
}

void
pt_outage_list_show_site (PtOutageList *self, const char *area, const char *site)
{
  guint found = GTK_INVALID_LIST_POSITION;
  GListModel *model;

  g_return_if_fail (PT_IS_OUTAGE_LIST (self));
  if (self->selection == NULL)
    return;
  model = G_LIST_MODEL (self->selection);
  for (guint i = 0; site != NULL && i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PtOutage) outage = g_list_model_get_item (model, i);

      if (strcmp (outage->site, site) == 0 && strcmp (outage->area, area) == 0)
        {
          found = i;
          break;
        }
    }
  self->telling = TRUE;
  gtk_single_selection_set_selected (self->selection, found);
  self->telling = FALSE;
  if (found == GTK_INVALID_LIST_POSITION)
    return;
  pt_list_top_leave (self->top);
  gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", found);
}

/* Setting up */

static void
list_make_model (PtOutageList *self)
{
  GListModel *outages = g_object_ref (pt_link_list (self->link, &pt_list_outages));
  GtkFilterListModel *filtered;
  GtkSortListModel *sorted;

  self->filter = gtk_custom_filter_new (outage_matches, self, NULL);
  self->sorter = gtk_custom_sorter_new (compare_outages, self, NULL);
  filtered = gtk_filter_list_model_new (outages, g_object_ref (GTK_FILTER (self->filter)));
  sorted
      = gtk_sort_list_model_new (G_LIST_MODEL (filtered), g_object_ref (GTK_SORTER (self->sorter)));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (sorted));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  pt_list_top_set_model (self->top, G_LIST_MODEL (self->selection));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (list_selected_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (sorted, "items-changed", G_CALLBACK (list_queue_count), self,
                           G_CONNECT_SWAPPED);
}

void
pt_outage_list_set_link (PtOutageList *self, PtLink *link)
{
  g_return_if_fail (PT_IS_OUTAGE_LIST (self) && self->link == NULL);
  self->link = g_object_ref (link);
  list_make_model (self);
  g_signal_connect_object (pt_link_sites (link), "changed", G_CALLBACK (list_queue_count), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (pt_link_sites (link), "reset", G_CALLBACK (list_queue_count), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (link, "notify::state", G_CALLBACK (list_queue_count), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (pt_link_list (link, &pt_list_complaints), "items-changed",
                           G_CALLBACK (list_queue_count), self, G_CONNECT_SWAPPED);
  list_count (self);
}

void
pt_outage_list_set_area (PtOutageList *self, const char *area)
{
  g_return_if_fail (PT_IS_OUTAGE_LIST (self));
  g_free (self->area);
  self->area = g_strdup (area);
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  pt_list_top_return (self->top);
  list_queue_count (self);
}

void
pt_outage_list_set_search (PtOutageList *self, const char *words)
{
  g_return_if_fail (PT_IS_OUTAGE_LIST (self));
  g_free (self->search);
  self->search = words != NULL && words[0] != '\0' ? g_strdup (words) : NULL;
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  pt_list_top_return (self->top);
  list_queue_count (self);
}

/* Numbers of a line that is lost have an age. */
static void
list_show_age (PtOutageList *self)
{
  gboolean shown = self->stale && pt_link_is_known (self->link);
  g_autofree char *ago = pt_format_duration (pt_link_heard_ago (self->link));
  g_autofree char *text = g_strdup_printf (_ ("As it was %s ago"), ago);

  if (shown && g_strcmp0 (text, gtk_label_get_label (self->age)) != 0)
    gtk_label_set_label (self->age, text);
  gtk_widget_set_visible (GTK_WIDGET (self->age), shown);
}

/* The list binds hundreds of rows around those that are on the screen. */
static gboolean
row_is_seen (PtOutageList *self, PtOutageRow *row)
{
  graphene_rect_t box;
  float height = (float) gtk_widget_get_height (GTK_WIDGET (self->list));

  return gtk_widget_get_mapped (GTK_WIDGET (row))
         && gtk_widget_compute_bounds (GTK_WIDGET (row), GTK_WIDGET (self->list), &box)
         && box.origin.y < height && box.origin.y + box.size.height > 0;
}

void
pt_outage_list_tick (PtOutageList *self, gint64 now, gboolean stale)
{
  g_return_if_fail (PT_IS_OUTAGE_LIST (self));
  self->now = now;
  self->stale = stale;
  list_show_age (self);
  for (guint i = 0; i < self->rows->len; i++)
    {
      PtOutageRow *row = PT_OUTAGE_ROW (gtk_list_item_get_child (self->rows->pdata[i]));

      if (row_is_seen (self, row))
        pt_outage_row_tick (row, now, stale);
    }
}

/* The outages, not what they are ordered by. */
static gboolean
pt_outage_list_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PT_OUTAGE_LIST (widget)->list));
}

guint
pt_outage_list_count (PtOutageList *self)
{
  g_return_val_if_fail (PT_IS_OUTAGE_LIST (self), 0);
  return self->selection != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->selection)) : 0;
}

static void
pt_outage_list_dispose (GObject *object)
{
  PtOutageList *self = PT_OUTAGE_LIST (object);
  GtkWidget *child;

  g_clear_handle_id (&self->count_source, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->filter);
  g_clear_object (&self->sorter);
  g_clear_object (&self->link);
  G_OBJECT_CLASS (pt_outage_list_parent_class)->dispose (object);
}

static void
pt_outage_list_finalize (GObject *object)
{
  PtOutageList *self = PT_OUTAGE_LIST (object);

  g_ptr_array_unref (self->rows);
  g_hash_table_unref (self->feeders);
  g_hash_table_unref (self->complaints);
  g_free (self->area);
  g_free (self->search);
  G_OBJECT_CLASS (pt_outage_list_parent_class)->finalize (object);
}

static void
pt_outage_list_class_init (PtOutageListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_outage_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = pt_outage_list_finalize;
  chosen_signal = g_signal_new ("chosen", PT_TYPE_OUTAGE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, PT_TYPE_OUTAGE);
  counted_signal = g_signal_new ("counted", PT_TYPE_OUTAGE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  activated_signal = g_signal_new ("activated", PT_TYPE_OUTAGE_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, PT_TYPE_OUTAGE);
  widget_class->grab_focus = pt_outage_list_grab_focus;
  g_type_ensure (PT_TYPE_LIST_TOP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/powertracker/Console/ui/pt-outage-list.ui");
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, off);
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, off_words);
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, customers);
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, customers_words);
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, silent);
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, silent_words);
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, age);
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, title);
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, empty);
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, order);
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, stack);
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, list);
  gtk_widget_class_bind_template_child (widget_class, PtOutageList, top);
  gtk_widget_class_bind_template_callback (widget_class, order_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, list_activate_cb);
}

static void
pt_outage_list_init (PtOutageList *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  self->rows = g_ptr_array_new ();
  self->complaints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->feeders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (factory, "setup", G_CALLBACK (row_setup_cb), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (row_bind_cb), self, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (row_unbind_cb), self, 0);
  gtk_list_view_set_factory (self->list, factory);
  g_object_unref (factory);
  pt_accessible_name_drop_down (self->order, _ ("Order of the list"));
}
