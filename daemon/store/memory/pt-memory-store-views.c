/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-memory-store-private.h"

/* The device's outage that holds counter @seq: the one that began last before it. */
static PtOutageRow *
find_outage (GArray *outages, guint32 device, gint64 seq)
{
  PtOutageRow *found = NULL;

  for (guint i = 0; i < outages->len; i++)
    {
      PtOutageRow *row = &g_array_index (outages, PtOutageRow, i);

      if (row->device == device && row->start_seq <= seq
          && (found == NULL || row->start_seq > found->start_seq))
        found = row;
    }
  return found;
}

static PtOutageRow *
find_changed (GArray *outages, const PtOutageWrite *write, GError **error)
{
  const PtOutageChange *change = &write->change;
  gboolean by_start = change->kind == PT_CHANGE_CLOSE || change->kind == PT_CHANGE_MOVE_END;
  PtOutageRow *row
      = find_outage (outages, write->device, by_start ? change->start_seq : change->old_start_seq);

  if (row == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                 "The outage of device number %u that a report changes is not in the store; "
                 "restore the store from a backup.",
                 write->device);
  return row;
}

static gboolean
apply_outage (GArray *outages, const PtOutageWrite *write, GError **error)
{
  const PtOutageChange *change = &write->change;
  PtOutageRow added = { write->device,   change->start_seq, change->start,
                        change->end_seq, change->end,       write->customers };
  PtOutageRow *row;

  if (change->kind == PT_CHANGE_OPEN)
    {
      g_array_append_val (outages, added);
      return TRUE;
    }
  row = find_changed (outages, write, error);
  if (row == NULL)
    return FALSE;
  if (change->kind == PT_CHANGE_MOVE_START)
    {
      row->start_seq = change->start_seq;
      row->start = change->start;
      return TRUE;
    }
  added.end_seq = row->end_seq;
  added.end = row->end;
  row->end_seq = change->end_seq;
  row->end = change->end;
  if (change->kind == PT_CHANGE_SPLIT)
    g_array_append_val (outages, added); /* @row is not used after this: it may have moved */
  return TRUE;
}

GArray *
pt_memory_views_apply (PtMemoryStore *store, const PtGroup *group, GError **error)
{
  g_autoptr (GArray) changed = NULL;

  if (group->outage_count == 0)
    return g_array_ref (store->outages);
  changed = g_array_copy (store->outages);
  for (guint i = 0; i < group->outage_count; i++)
    if (!apply_outage (changed, &group->outages[i], error))
      return NULL;
  return g_steal_pointer (&changed);
}

static int
compare_outages (gconstpointer a, gconstpointer b)
{
  const PtOutageRow *left = a, *right = b;

  if (left->start != right->start)
    return left->start < right->start ? -1 : 1;
  if (left->device != right->device)
    return left->device < right->device ? -1 : 1;
  return (left->start_seq > right->start_seq) - (left->start_seq < right->start_seq);
}

static gboolean
device_matches (PtMemoryStore *store, guint32 number, const PtOutageQuery *query)
{
  const PtMemorySubject *device = pt_memory_log_subject (store, pt_subject_device (number));

  if (query->area >= 0 && (device == NULL || device->row.area != (guint32) query->area))
    return FALSE;
  if (query->devices == NULL)
    return TRUE;
  for (guint i = 0; i < query->device_count; i++)
    if (query->devices[i] == number)
      return TRUE;
  return FALSE;
}

static gboolean
outage_matches (PtMemoryStore *store, const PtOutageRow *row, const PtOutageQuery *query)
{
  PtOutageRow last = { .device = query->after_device,
                       .start_seq = query->after_seq,
                       .start = query->after_start };

  if (compare_outages (row, &last) <= 0 || (query->only_open && row->end_seq != 0)
      || (query->only_ended && row->end_seq == 0))
    return FALSE;
  if (query->to != 0 && row->start >= query->to)
    return FALSE;
  if (query->from != 0 && row->end_seq != 0 && row->end <= query->from)
    return FALSE;
  return device_matches (store, row->device, query);
}

gboolean
pt_memory_views_outages (PtStore *parent, const PtOutageQuery *query, PtOutageRowFunc func,
                         gpointer user_data, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (PtOutageRow));

  g_mutex_lock (&store->lock);
  for (guint i = 0; i < store->outages->len; i++)
    {
      const PtOutageRow *row = &g_array_index (store->outages, PtOutageRow, i);

      if (outage_matches (store, row, query))
        g_array_append_vals (found, row, 1);
    }
  g_mutex_unlock (&store->lock);
  g_array_sort (found, compare_outages);
  for (guint i = 0; i < MIN (found->len, query->limit); i++)
    if (!func (&g_array_index (found, PtOutageRow, i), user_data, error))
      return FALSE;
  return TRUE;
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
  for (guint i = 0; i < store->outages->len; i++)
    counts->open_outages += g_array_index (store->outages, PtOutageRow, i).end_seq == 0;
  return TRUE;
}
