/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-queue.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-accessible.h"
#include "pt-complaint-row.h"
#include "pt-complaint-words.h"
#include "pt-format.h"
#include "pt-list-top.h"

#define UPDATE_MS 150
#define AGAIN_MS 15000 /* clocks run whatever comes */
#define CATEGORIES_MAX 400

struct _PtComplaintQueue
{
  GtkWidget parent_instance;
  GtkToggleButton *overdue, *due, *in_time, *against, *open, *mine, *closed, *all;
  GtkLabel *overdue_count, *due_count, *in_time_count, *against_count, *empty, *foot;
  GtkDropDown *order, *category;
  GtkStack *stack;
  GtkListView *list;
  PtListTop *top;
  PtLink *link;
  PtComplaintModel *model;
  GtkMultiSelection *selection;
  GtkStringList *titles;
  GPtrArray *categories; /* their ids, as in ->titles from the second on */
  GPtrArray *rows;       /* GtkListItem that are bound; not owned */
  GHashTable *kept;      /* "area/complaint" of those that are chosen */
  char *area, *search, *official;
  PtComplaintSet set;
  gint64 now, updated;
  gboolean stale, filling;
  guint update_source;
};

G_DEFINE_FINAL_TYPE (PtComplaintQueue, pt_complaint_queue, GTK_TYPE_WIDGET)

enum
{
  CHOSEN,
  ACTIVATED,
  COUNTED,
  SIGNALS
};

static guint signals[SIGNALS];

/* Rows */

static PtSiteState
state_of (PtComplaintQueue *queue, const PtComplaint *complaint)
{
  PtSiteStore *sites = pt_link_sites (queue->link);
  guint number = complaint->site != NULL
                     ? pt_site_store_find (sites, complaint->area, complaint->site)
                     : PT_SITE_NONE;

  return number != PT_SITE_NONE ? pt_site_store_get (sites, number)->state : PT_SITE_UNKNOWN;
}

static void
row_setup_cb (GtkListItemFactory *factory, GtkListItem *item, PtComplaintQueue *queue)
{
  gtk_list_item_set_child (item, pt_complaint_row_new ());
}

static void
row_bind_cb (GtkListItemFactory *factory, GtkListItem *item, PtComplaintQueue *queue)
{
  PtComplaintRow *row = PT_COMPLAINT_ROW (gtk_list_item_get_child (item));
  PtComplaint *complaint = gtk_list_item_get_item (item);

  pt_complaint_row_set (row, complaint, state_of (queue, complaint));
  pt_complaint_row_tick (row, queue->now, queue->stale);
  g_ptr_array_add (queue->rows, item);
}

static void
row_unbind_cb (GtkListItemFactory *factory, GtkListItem *item, PtComplaintQueue *queue)
{
  g_ptr_array_remove_fast (queue->rows, item);
  pt_complaint_row_set (PT_COMPLAINT_ROW (gtk_list_item_get_child (item)), NULL, PT_SITE_UNKNOWN);
}

/* What is chosen: by name, for what changes is another object */

static char *
key_of (const PtComplaint *complaint)
{
  return g_strconcat (complaint->area, "/", complaint->complaint, NULL);
}

GPtrArray *
pt_complaint_queue_chosen (PtComplaintQueue *queue)
{
  GPtrArray *chosen = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) bits = NULL;

  g_return_val_if_fail (PT_IS_COMPLAINT_QUEUE (queue), chosen);
  if (queue->selection == NULL)
    return chosen;
  bits = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (queue->selection));
  for (guint64 i = 0; i < gtk_bitset_get_size (bits); i++)
    g_ptr_array_add (chosen, g_list_model_get_item (G_LIST_MODEL (queue->selection),
                                                    gtk_bitset_get_nth (bits, (guint) i)));
  return chosen;
}

static void
selection_changed_cb (PtComplaintQueue *queue)
{
  g_autoptr (GPtrArray) chosen = NULL;

  if (queue->filling)
    return;
  chosen = pt_complaint_queue_chosen (queue);
  g_hash_table_remove_all (queue->kept);
  for (guint i = 0; i < chosen->len; i++)
    g_hash_table_add (queue->kept, key_of (chosen->pdata[i]));
  g_signal_emit (queue, signals[CHOSEN], 0);
}

/* Chooses again what was chosen, after rows came and went. */
static void
queue_keep_chosen (PtComplaintQueue *queue)
{
  GListModel *model = G_LIST_MODEL (queue->selection);
  guint count = g_list_model_get_n_items (model);
  g_autoptr (GtkBitset) bits = gtk_bitset_new_empty ();
  g_autoptr (GtkBitset) mask = gtk_bitset_new_range (0, count);

  if (g_hash_table_size (queue->kept) == 0)
    return;
  for (guint i = 0; i < count && gtk_bitset_get_size (bits) < g_hash_table_size (queue->kept); i++)
    {
      g_autoptr (PtComplaint) complaint = g_list_model_get_item (model, i);
      g_autofree char *key = key_of (complaint);

      if (g_hash_table_contains (queue->kept, key))
        gtk_bitset_add (bits, i);
    }
  queue->filling = TRUE;
  gtk_selection_model_set_selection (GTK_SELECTION_MODEL (queue->selection), bits, mask);
  queue->filling = FALSE;
}

static void
list_activate_cb (PtComplaintQueue *queue, guint position)
{
  g_autoptr (PtComplaint) complaint
      = g_list_model_get_item (G_LIST_MODEL (queue->selection), position);

  if (complaint != NULL)
    g_signal_emit (queue, signals[ACTIVATED], 0, complaint);
}

/* Numbers */

/* A tile is a button; its name is the number and what it counts. */
static void
set_count (GtkToggleButton *tile, GtkLabel *label, guint count, const char *words)
{
  g_autofree char *text = pt_format_number (count);
  g_autofree char *name = g_strdup_printf ("%s %s", text, words);

  if (g_strcmp0 (gtk_label_get_label (label), text) == 0)
    return;
  gtk_label_set_label (label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (tile), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
chip_show (GtkToggleButton *chip, const char *name, guint count)
{
  g_autofree char *number = pt_format_number (count);
  g_autofree char *text = g_strdup_printf ("%s  %s", name, number);

  if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (chip)), text) != 0)
    gtk_button_set_label (GTK_BUTTON (chip), text);
}

/* Four ways closed, never one sum of "resolved". */
static void
queue_show_foot (PtComplaintQueue *queue, const PtComplaintCounts *counts)
{
  g_autofree char *citizen = pt_format_number (counts->closed[PT_CLOSED_CITIZEN]);
  g_autofree char *devices = pt_format_number (counts->closed[PT_CLOSED_DEVICES]);
  g_autofree char *unconfirmed = pt_format_number (counts->closed[PT_CLOSED_UNCONFIRMED]);
  g_autofree char *against = pt_format_number (counts->closed[PT_CLOSED_AGAINST]);
  g_autofree char *text = g_strdup_printf (
      /* Translators: of the complaints closed today, four numbers. */
      _ ("Closed today: %s confirmed by people, %s by devices, %s unconfirmed, %s against the "
         "evidence"),
      citizen, devices, unconfirmed, against);

  gtk_label_set_label (queue->foot, text);
}

static void
queue_show_empty (PtComplaintQueue *queue, const PtComplaintCounts *counts)
{
  guint listed = g_list_model_get_n_items (G_LIST_MODEL (queue->selection));
  g_autofree char *text = NULL;

  gtk_stack_set_visible_child_name (queue->stack, listed > 0 ? "list" : "empty");
  if (listed > 0)
    return;
  if (!pt_link_is_known (queue->link))
    text = g_strdup (_ ("Loading…"));
  else if (queue->search != NULL)
    text = g_strdup_printf (_ ("No complaint here matches “%s”."), queue->search);
  else if (counts->sets[PT_COMPLAINTS_ALL] == 0)
    text = g_strdup (_ ("Nobody has complained."));
  else if (queue->set == PT_COMPLAINTS_OPEN)
    text = g_strdup (_ ("Every complaint is closed."));
  else
    text = g_strdup (_ ("No complaint is of this kind."));
  gtk_label_set_label (queue->empty, text);
}

static void
queue_show_counts (PtComplaintQueue *queue)
{
  const PtComplaintCounts *counts = pt_complaint_model_counts (queue->model);

  set_count (queue->overdue, queue->overdue_count, counts->sets[PT_COMPLAINTS_OVERDUE],
             _ ("overdue"));
  set_count (queue->due, queue->due_count, counts->sets[PT_COMPLAINTS_DUE],
             _ ("due within an hour"));
  set_count (queue->in_time, queue->in_time_count, counts->sets[PT_COMPLAINTS_IN_TIME],
             _ ("open, in time"));
  set_count (queue->against, queue->against_count, counts->sets[PT_COMPLAINTS_AGAINST],
             _ ("closed against the evidence"));
  chip_show (queue->open, _ ("Open"), counts->sets[PT_COMPLAINTS_OPEN]);
  chip_show (queue->mine, _ ("Mine"), counts->sets[PT_COMPLAINTS_MINE]);
  chip_show (queue->closed, _ ("Closed today"), counts->sets[PT_COMPLAINTS_CLOSED]);
  chip_show (queue->all, _ ("All"), counts->sets[PT_COMPLAINTS_ALL]);
  queue_show_foot (queue, counts);
  queue_show_empty (queue, counts);
  g_signal_emit (queue, signals[COUNTED], 0);
}

/* Asking */

static void
queue_ask (PtComplaintQueue *queue)
{
  guint category = gtk_drop_down_get_selected (queue->category);
  PtComplaintQuery query = { .set = queue->set,
                             .order = (PtComplaintOrder) gtk_drop_down_get_selected (queue->order),
                             .area = queue->area,
                             .official = queue->official,
                             .words = queue->search,
                             .now = queue->now,
                             .midnight = pt_complaint_midnight (queue->now) };

  if (queue->model == NULL || queue->filling)
    return;
  if (category > 0 && category <= queue->categories->len)
    query.category = queue->categories->pdata[category - 1];
  queue->filling = TRUE;
  pt_complaint_model_ask (queue->model, &query);
  queue->filling = FALSE;
  queue_keep_chosen (queue);
  queue_show_counts (queue);
  pt_list_top_return (queue->top);
}

/* Categories that are new are added to those to choose from. */
static void
queue_note_categories (PtComplaintQueue *queue)
{
  GListModel *all = pt_link_list (queue->link, &pt_list_complaints);
  guint count = g_list_model_get_n_items (all);

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (PtComplaint) complaint = g_list_model_get_item (all, i);

      if (queue->categories->len >= CATEGORIES_MAX
          || g_ptr_array_find_with_equal_func (queue->categories, complaint->category, g_str_equal,
                                               NULL))
        continue;
      g_ptr_array_add (queue->categories, g_strdup (complaint->category));
      gtk_string_list_append (queue->titles, pt_complaint_title (complaint));
    }
  gtk_widget_set_visible (GTK_WIDGET (queue->category), queue->categories->len > 1);
}

static gboolean
queue_update_cb (gpointer data)
{
  PtComplaintQueue *queue = data;

  queue->update_source = 0;
  queue->updated = g_get_monotonic_time () / 1000;
  queue_note_categories (queue);
  queue->filling = TRUE;
  pt_complaint_model_update (queue->model, queue->now);
  queue->filling = FALSE;
  queue_keep_chosen (queue);
  queue_show_counts (queue);
  return G_SOURCE_REMOVE;
}

static void
queue_update_later (PtComplaintQueue *queue)
{
  if (queue->update_source == 0)
    queue->update_source = g_timeout_add (UPDATE_MS, queue_update_cb, queue);
}

static void
order_changed_cb (PtComplaintQueue *queue)
{
  queue_ask (queue);
}

/* Tiles and chips are one group: one of them is on. */
static void
set_toggled_cb (PtComplaintQueue *queue, GtkToggleButton *button)
{
  const struct
  {
    GtkToggleButton *button;
    PtComplaintSet set;
  } sets[]
      = { { queue->open, PT_COMPLAINTS_OPEN },       { queue->mine, PT_COMPLAINTS_MINE },
          { queue->closed, PT_COMPLAINTS_CLOSED },   { queue->all, PT_COMPLAINTS_ALL },
          { queue->overdue, PT_COMPLAINTS_OVERDUE }, { queue->due, PT_COMPLAINTS_DUE },
          { queue->in_time, PT_COMPLAINTS_IN_TIME }, { queue->against, PT_COMPLAINTS_AGAINST } };

  if (!gtk_toggle_button_get_active (button))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    if (sets[i].button == button)
      queue->set = sets[i].set;
  queue_ask (queue);
}

static const char *
keep (char **slot, const char *text)
{
  g_free (*slot);
  *slot = text != NULL && text[0] != '\0' ? g_strdup (text) : NULL;
  return *slot;
}

void
pt_complaint_queue_set_area (PtComplaintQueue *queue, const char *area)
{
  g_return_if_fail (PT_IS_COMPLAINT_QUEUE (queue));
  keep (&queue->area, area);
  queue_ask (queue);
}

void
pt_complaint_queue_set_search (PtComplaintQueue *queue, const char *words)
{
  g_return_if_fail (PT_IS_COMPLAINT_QUEUE (queue));
  keep (&queue->search, words);
  queue_ask (queue);
}

void
pt_complaint_queue_set_official (PtComplaintQueue *queue, const char *official)
{
  g_return_if_fail (PT_IS_COMPLAINT_QUEUE (queue));
  if (g_strcmp0 (queue->official, official) == 0)
    return;
  keep (&queue->official, official);
  gtk_widget_set_visible (GTK_WIDGET (queue->mine), official != NULL);
  if (official == NULL && gtk_toggle_button_get_active (queue->mine))
    gtk_toggle_button_set_active (queue->open, TRUE);
  else
    queue_ask (queue);
}

void
pt_complaint_queue_tick (PtComplaintQueue *queue, gint64 now, gboolean stale)
{
  g_return_if_fail (PT_IS_COMPLAINT_QUEUE (queue));
  queue->now = now;
  queue->stale = stale;
  for (guint i = 0; i < queue->rows->len; i++)
    {
      GtkWidget *row = gtk_list_item_get_child (queue->rows->pdata[i]);

      if (gtk_widget_get_mapped (row))
        pt_complaint_row_tick (PT_COMPLAINT_ROW (row), now, stale);
    }
  if (queue->model != NULL && g_get_monotonic_time () / 1000 - queue->updated > AGAIN_MS)
    queue_update_later (queue);
}

void
pt_complaint_queue_choose (PtComplaintQueue *queue, const char *area, const char *complaint)
{
  guint found;

  g_return_if_fail (PT_IS_COMPLAINT_QUEUE (queue));
  if (queue->model == NULL)
    return;
  found = pt_complaint_model_find (queue->model, area, complaint);
  if (found == G_MAXUINT && complaint != NULL)
    {
      keep (&queue->search, NULL);
      queue->filling = TRUE;
      gtk_drop_down_set_selected (queue->category, 0);
      queue->filling = FALSE;
      queue->set = PT_COMPLAINTS_ALL;
      gtk_toggle_button_set_active (queue->all, TRUE);
      queue_ask (queue);
      found = pt_complaint_model_find (queue->model, area, complaint);
    }
  if (found == G_MAXUINT)
    return;
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (queue->selection), found, TRUE);
  pt_list_top_leave (queue->top);
  gtk_widget_activate_action (GTK_WIDGET (queue->list), "list.scroll-to-item", "u", found);
}

const PtComplaintCounts *
pt_complaint_queue_counts (PtComplaintQueue *queue)
{
  static const PtComplaintCounts none = { { 0 }, { 0 } };

  g_return_val_if_fail (PT_IS_COMPLAINT_QUEUE (queue), &none);
  return queue->model != NULL ? pt_complaint_model_counts (queue->model) : &none;
}

guint
pt_complaint_queue_count (PtComplaintQueue *queue)
{
  g_return_val_if_fail (PT_IS_COMPLAINT_QUEUE (queue), 0);
  return queue->model != NULL ? g_list_model_get_n_items (G_LIST_MODEL (queue->model)) : 0;
}

void
pt_complaint_queue_set_link (PtComplaintQueue *queue, PtLink *link)
{
  GListModel *all;

  g_return_if_fail (PT_IS_COMPLAINT_QUEUE (queue) && queue->link == NULL);
  queue->link = g_object_ref (link);
  all = pt_link_list (link, &pt_list_complaints);
  queue->model = pt_complaint_model_new (all);
  queue->selection = gtk_multi_selection_new (G_LIST_MODEL (g_object_ref (queue->model)));
  g_signal_connect_object (queue->selection, "selection-changed", G_CALLBACK (selection_changed_cb),
                           queue, G_CONNECT_SWAPPED);
  gtk_list_view_set_model (queue->list, GTK_SELECTION_MODEL (queue->selection));
  pt_list_top_set_model (queue->top, G_LIST_MODEL (queue->selection));
  g_signal_connect_object (all, "items-changed", G_CALLBACK (queue_update_later), queue,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (link, "notify::state", G_CALLBACK (queue_update_later), queue,
                           G_CONNECT_SWAPPED);
  queue_ask (queue);
}

/* The object */

static gboolean
pt_complaint_queue_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PT_COMPLAINT_QUEUE (widget)->list));
}

static void
pt_complaint_queue_dispose (GObject *object)
{
  PtComplaintQueue *queue = PT_COMPLAINT_QUEUE (object);
  GtkWidget *child;

  g_clear_handle_id (&queue->update_source, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (queue))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&queue->selection);
  g_clear_object (&queue->model);
  g_clear_object (&queue->titles);
  g_clear_object (&queue->link);
  G_OBJECT_CLASS (pt_complaint_queue_parent_class)->dispose (object);
}

static void
pt_complaint_queue_finalize (GObject *object)
{
  PtComplaintQueue *queue = PT_COMPLAINT_QUEUE (object);

  g_ptr_array_unref (queue->rows);
  g_ptr_array_unref (queue->categories);
  g_hash_table_unref (queue->kept);
  g_free (queue->area);
  g_free (queue->search);
  g_free (queue->official);
  G_OBJECT_CLASS (pt_complaint_queue_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, overdue);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, due);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, in_time);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, against);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, open);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, mine);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, closed);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, all);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, overdue_count);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, due_count);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, in_time_count);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, against_count);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, empty);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, foot);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, order);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, category);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, stack);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, list);
  gtk_widget_class_bind_template_child (widget_class, PtComplaintQueue, top);
  gtk_widget_class_bind_template_callback (widget_class, set_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, order_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, list_activate_cb);
}

static void
pt_complaint_queue_class_init (PtComplaintQueueClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pt_complaint_queue_dispose;
  G_OBJECT_CLASS (klass)->finalize = pt_complaint_queue_finalize;
  widget_class->grab_focus = pt_complaint_queue_grab_focus;
  signals[CHOSEN] = g_signal_new ("chosen", PT_TYPE_COMPLAINT_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
  signals[ACTIVATED] = g_signal_new ("activated", PT_TYPE_COMPLAINT_QUEUE, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, PT_TYPE_COMPLAINT);
  signals[COUNTED] = g_signal_new ("counted", PT_TYPE_COMPLAINT_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (PT_TYPE_LIST_TOP);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/powertracker/Console/ui/pt-complaint-queue.ui");
  bind_children (widget_class);
}

static void
pt_complaint_queue_init (PtComplaintQueue *queue)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  const char *const all[] = { _ ("All categories"), NULL };

  queue->filling = TRUE;
  queue->rows = g_ptr_array_new ();
  queue->categories = g_ptr_array_new_with_free_func (g_free);
  queue->kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  queue->titles = gtk_string_list_new (all);
  gtk_widget_init_template (GTK_WIDGET (queue));
  gtk_drop_down_set_model (queue->category, G_LIST_MODEL (queue->titles));
  g_signal_connect_object (factory, "setup", G_CALLBACK (row_setup_cb), queue, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (row_bind_cb), queue, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (row_unbind_cb), queue, 0);
  gtk_list_view_set_factory (queue->list, factory);
  pt_accessible_name_drop_down (queue->order, _ ("Order of the list"));
  pt_accessible_name_drop_down (queue->category, _ ("Category"));
  queue->filling = FALSE;
}
