/* SPDX-License-Identifier: Apache-2.0 */
/* Refused reports that are kept for a while: a ring with shares. */
#include <string.h>

#include "pt-memory-store-private.h"

typedef struct
{
  PtRejectedRow row; /* its words are the chunk's */
  GStringChunk *words;
} Rejected;

static void
rejected_free (gpointer data)
{
  Rejected *rejected = data;

  g_string_chunk_free (rejected->words);
  g_free (rejected);
}

void
pt_memory_rejected_init (PtMemoryStore *store)
{
  store->rejected = g_ptr_array_new_with_free_func (rejected_free);
  store->last_rejected = 0;
}

void
pt_memory_rejected_clear (PtMemoryStore *store)
{
  g_ptr_array_unref (store->rejected);
}

static void
put (PtMemoryStore *store, const PtRejectedRow *row)
{
  Rejected *rejected = g_new0 (Rejected, 1);
  GStringChunk *words = rejected->words = g_string_chunk_new (512);

  rejected->row = *row;
  rejected->row.number = ++store->last_rejected;
  rejected->row.source = g_string_chunk_insert (words, row->source);
  rejected->row.transport = g_string_chunk_insert (words, row->transport);
  rejected->row.address = g_string_chunk_insert (words, row->address);
  rejected->row.certificate = g_string_chunk_insert (words, row->certificate);
  rejected->row.area = g_string_chunk_insert (words, row->area);
  rejected->row.device = g_string_chunk_insert (words, row->device);
  rejected->row.reason = g_string_chunk_insert (words, row->reason);
  rejected->row.text = g_string_chunk_insert_len (words, row->text, (gssize) row->size);
  g_ptr_array_add (store->rejected, rejected);
}

static const PtRejectedRow *
row_at (PtMemoryStore *store, guint at)
{
  return &((Rejected *) g_ptr_array_index (store->rejected, at))->row;
}

/* The oldest of the source, where it has more than its share. */
static void
trim_source (PtMemoryStore *store, const char *source)
{
  guint count = 0, oldest = 0;

  for (guint i = store->rejected->len; i > 0; i--)
    if (strcmp (row_at (store, i - 1)->source, source) == 0)
      {
        count++;
        oldest = i - 1;
      }
  if (count > PT_REJECTED_PER_SOURCE)
    g_ptr_array_remove_index (store->rejected, oldest);
}

void
pt_memory_rejected_take (PtMemoryStore *store, const PtGroup *group)
{
  for (guint i = 0; i < group->rejected_count; i++)
    {
      put (store, &group->rejected[i]);
      trim_source (store, group->rejected[i].source);
    }
  for (guint i = store->rejected->len; group->rejected_count > 0 && i > 0; i--)
    if (row_at (store, i - 1)->at < group->rejected_from)
      g_ptr_array_remove_index (store->rejected, i - 1);
  if (store->rejected->len > PT_REJECTED_MAX)
    g_ptr_array_remove_range (store->rejected, 0, store->rejected->len - PT_REJECTED_MAX);
}

static gboolean
is_wanted (const PtRejectedRow *row, const PtRejectedQuery *query)
{
  return (query->before == 0 || row->number < query->before) && row->at >= query->since
         && (query->area == NULL || strcmp (query->area, row->area) == 0)
         && (query->device == NULL || strcmp (query->device, row->device) == 0)
         && (query->reason == NULL || strcmp (query->reason, row->reason) == 0);
}

gboolean
pt_memory_rejected_query (PtStore *parent, const PtRejectedQuery *query, PtRejectedRowFunc func,
                          gpointer user_data, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);

  for (guint i = store->rejected->len, sent = 0; i > 0 && sent < query->limit; i--)
    {
      const PtRejectedRow *row = row_at (store, i - 1);

      if (!is_wanted (row, query))
        continue;
      sent++;
      if (!func (row, user_data, error))
        return FALSE;
    }
  return TRUE;
}
