/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-memory-store-private.h"

/* The outages of one device, by start_seq; and so by start, but for those that were cut. */
typedef struct
{
  GArray *rows; /* PtOutageRow */
  guint cuts;
} Outages;

void
pt_memory_outages_free (gpointer data)
{
  Outages *outages = data;

  g_array_unref (outages->rows);
  g_free (outages);
}

/* How many begin with @seq or before. */
static guint
outages_up_to (const Outages *outages, gint64 seq)
{
  guint low = 0, high = outages->rows->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (outages->rows, PtOutageRow, middle).start_seq <= seq)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
outages_insert (Outages *outages, const PtOutageRow *row)
{
  g_array_insert_vals (outages->rows, outages_up_to (outages, row->start_seq), row, 1);
}

/* The one that holds counter @seq: that began last before it. */
static PtOutageRow *
find_outage (Outages *outages, guint32 device, gint64 seq, GError **error)
{
  guint count = outages_up_to (outages, seq);

  if (count > 0)
    return &g_array_index (outages->rows, PtOutageRow, count - 1);
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "The outage of device number %u that a report changes is not in the store; "
               "restore the store from a backup.",
               device);
  return NULL;
}

static void
row_start (PtOutageRow *row, gint64 start)
{
  row->start = start;
  if (row->ended_by > PT_END_REPORT)
    row->end = MAX (row->end, start);
}

static void
row_end (Outages *outages, PtOutageRow *row, const PtOutageChange *change)
{
  outages->cuts += change->kind == PT_CHANGE_CUT;
  row->end_seq = change->end_seq;
  row->end = change->end;
  row->ended_by = change->ended_by;
}

static void
outages_split (Outages *outages, PtOutageRow *row, const PtOutageWrite *write)
{
  const PtOutageChange *change = &write->change;
  PtOutageRow second = *row;

  second.start_seq = change->start_seq;
  row_start (&second, change->start);
  if (change->place != PT_PLACE_UNKNOWN)
    {
      second.place = change->place;
      second.customers = write->customers;
    }
  row_end (outages, row, change);
  outages_insert (outages, &second); /* @row may have moved */
}

/* The outage that a change is about: some say it by where it began, others by where it did. */
static gint64
change_seq (const PtOutageChange *change)
{
  return change->kind == PT_CHANGE_MOVE_START || change->kind == PT_CHANGE_SPLIT
             ? change->old_start_seq
             : change->start_seq;
}

static gboolean
apply_outage (Outages *outages, const PtOutageWrite *write, GError **error)
{
  const PtOutageChange *change = &write->change;
  PtOutageRow added = { write->device, change->start_seq, change->start,    change->end_seq,
                        change->end,   change->ended_by,  write->customers, change->place };
  PtOutageRow *row;

  if (change->kind == PT_CHANGE_OPEN)
    {
      outages_insert (outages, &added);
      return TRUE;
    }
  row = find_outage (outages, write->device, change_seq (change), error);
  if (row == NULL)
    return FALSE;
  switch (change->kind)
    {
    case PT_CHANGE_OPEN:
      break;
    case PT_CHANGE_CLOSE:
    case PT_CHANGE_CUT:
    case PT_CHANGE_MOVE_END:
      row_end (outages, row, change);
      break;
    case PT_CHANGE_MOVE_START:
      row->start_seq = change->start_seq;
      row->place = change->place;
      row->customers = write->customers;
      row_start (row, change->start);
      break;
    case PT_CHANGE_SPLIT:
      outages_split (outages, row, write);
      break;
    case PT_CHANGE_TIME_START:
      if (row->start_seq == change->start_seq)
        row_start (row, change->start);
      break;
    case PT_CHANGE_TIME_END:
      if (row->end_seq == change->end_seq)
        row->end = change->end;
      break;
    }
  return TRUE;
}

static Outages *
changed_outages (PtMemoryStore *store, GHashTable *changed, guint32 device)
{
  Outages *own = g_hash_table_lookup (changed, GUINT_TO_POINTER (device));
  const Outages *stored = g_hash_table_lookup (store->outages, GUINT_TO_POINTER (device));

  if (own != NULL)
    return own;
  own = g_new0 (Outages, 1);
  own->rows = stored != NULL ? g_array_copy (stored->rows)
                             : g_array_new (FALSE, FALSE, sizeof (PtOutageRow));
  own->cuts = stored != NULL ? stored->cuts : 0;
  g_hash_table_insert (changed, GUINT_TO_POINTER (device), own);
  return own;
}

GHashTable *
pt_memory_views_apply (PtMemoryStore *store, const PtGroup *group, GError **error)
{
  g_autoptr (GHashTable) changed
      = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, pt_memory_outages_free);

  for (guint i = 0; i < group->outage_count; i++)
    {
      const PtOutageWrite *write = &group->outages[i];

      if (!apply_outage (changed_outages (store, changed, write->device), write, error))
        return NULL;
    }
  return g_steal_pointer (&changed);
}

void
pt_memory_views_take (PtMemoryStore *store, GHashTable *changed)
{
  GHashTableIter iter;
  gpointer device, outages;

  g_hash_table_iter_init (&iter, changed);
  while (g_hash_table_iter_next (&iter, &device, &outages))
    {
      g_hash_table_iter_steal (&iter);
      g_hash_table_replace (store->outages, device, outages);
    }
}

static gboolean
outage_matches (const PtOutageRow *row, const PtOutageQuery *query)
{
  PtOutageRow last = { .device = query->after_device,
                       .start_seq = query->after_seq,
                       .start = query->after_start };

  if (pt_outage_row_compare (row, &last) <= 0 || (query->only_open && row->ended_by != PT_END_NONE)
      || (query->only_ended && row->ended_by == PT_END_NONE))
    return FALSE;
  if (query->to != 0 && row->start >= query->to)
    return FALSE;
  return query->from == 0 || row->ended_by == PT_END_NONE || row->end > query->from;
}

/* Those of a device follow each other, so only the last one before `from` may last until then;
 * except those that were cut. */
static guint
outages_first (const Outages *outages, gint64 from)
{
  guint low = 0, high = outages->rows->len;

  while (outages->cuts == 0 && low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (outages->rows, PtOutageRow, middle).start <= from)
        low = middle + 1;
      else
        high = middle;
    }
  return low > 0 ? low - 1 : 0;
}

static void
find_outages_of (PtMemoryStore *store, const PtOutagesOf *of, const PtOutageQuery *query,
                 GArray *found)
{
  const Outages *outages = g_hash_table_lookup (store->outages, GUINT_TO_POINTER (of->device));

  if (outages == NULL)
    return;
  for (guint i = outages_first (outages, MAX (query->from, query->after_start));
       i < outages->rows->len; i++)
    {
      const PtOutageRow *row = &g_array_index (outages->rows, PtOutageRow, i);

      if (row->place >= of->first_place && row->place <= of->last_place
          && outage_matches (row, query))
        g_array_append_vals (found, row, 1);
    }
}

static void
find_outages (PtMemoryStore *store, const PtOutageQuery *query, GArray *found)
{
  guint count = store->subjects[PT_SUBJECT_DEVICE]->len;

  for (guint i = 0; i < query->device_count; i++)
    find_outages_of (store, &query->devices[i], query, found);
  for (guint i = 0; query->devices == NULL && i < count; i++)
    {
      const PtMemorySubject *device = pt_memory_log_subject (store, pt_subject_device (i));
      PtOutagesOf of = { i, 0, G_MAXUINT32 };

      if (query->area < 0 || device->row.area == (guint32) query->area)
        find_outages_of (store, &of, query, found);
    }
}

gboolean
pt_memory_views_outages (PtStore *parent, const PtOutageQuery *query, PtOutageRowFunc func,
                         gpointer user_data, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (PtOutageRow));

  g_mutex_lock (&store->lock);
  find_outages (store, query, found);
  g_mutex_unlock (&store->lock);
  g_array_sort (found, pt_outage_row_compare);
  for (guint i = 0; i < MIN (found->len, query->limit); i++)
    if (!func (&g_array_index (found, PtOutageRow, i), user_data, error))
      return FALSE;
  return TRUE;
}

static guint
count_open (PtMemoryStore *store)
{
  GHashTableIter iter;
  gpointer value;
  guint open = 0;

  g_hash_table_iter_init (&iter, store->outages);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Outages *outages = value;

      for (guint i = 0; i < outages->rows->len; i++)
        open += g_array_index (outages->rows, PtOutageRow, i).ended_by == PT_END_NONE;
    }
  return open;
}

gboolean
pt_memory_views_counts (PtStore *parent, PtCounts *counts, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);

  *counts = (PtCounts){ 0 };
  for (guint i = 0; i < store->areas->len; i++)
    {
      const PtMemoryArea *area = pt_memory_log_area (store, i);

      counts->entries += area->row.tail;
      counts->unsealed += area->row.tail - area->row.head.last_entry;
      counts->reports += area->reports;
    }
  counts->evidence = store->evidence->len;
  for (guint i = 0; i < store->batches->len; i++)
    counts->batches[g_array_index (store->batches, PtBatchRow, i).state]++;
  counts->open_outages = count_open (store);
  return TRUE;
}
