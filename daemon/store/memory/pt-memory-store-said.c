/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-memory-store-private.h"

/* Rows with what they point to. */

static void
said_free (gpointer data)
{
  PtSaidRow *row = data;

  g_free ((char *) row->name);
  g_clear_pointer (&row->receipt, g_bytes_unref);
  g_clear_pointer (&row->body, g_bytes_unref);
  g_free (row);
}

static PtSaidRow *
said_copy (const PtSaidRow *row)
{
  PtSaidRow *copy = g_memdup2 (row, sizeof *row);

  copy->name = g_strdup (row->name);
  copy->body = g_bytes_ref (row->body);
  if (row->receipt != NULL)
    g_bytes_ref (row->receipt);
  return copy;
}

static void
forget (PtPrivateRow *row)
{
  g_clear_pointer (&row->text, g_bytes_unref);
  for (guint i = 0; i < row->photo_count; i++)
    pt_photo_clear (&row->photos[i]);
  row->photo_count = 0;
}

static void
private_free (gpointer data)
{
  pt_private_row_clear (data);
  g_free (data);
}

static PtPrivateRow *
private_copy (const PtPrivateRow *row)
{
  PtPrivateRow *copy = g_new (PtPrivateRow, 1);

  pt_private_row_copy (row, copy);
  return copy;
}

void
pt_memory_said_init (PtMemoryStore *store)
{
  store->said = g_ptr_array_new_with_free_func (said_free);
  store->privates = g_ptr_array_new_with_free_func (private_free);
}

void
pt_memory_said_clear (PtMemoryStore *store)
{
  g_ptr_array_unref (store->said);
  g_ptr_array_unref (store->privates);
}

/* Committing */

static PtSaidRow *
find_said (PtMemoryStore *store, guint32 area, PtSaidKind kind, const char *name, gint64 n)
{
  for (guint i = 0; i < store->said->len; i++)
    {
      PtSaidRow *row = g_ptr_array_index (store->said, i);

      if (row->area == area && row->kind == kind && row->n == n && strcmp (row->name, name) == 0)
        return row;
    }
  return NULL;
}

static PtPrivateRow *
find_private (PtMemoryStore *store, const PtErasure *of)
{
  for (guint i = 0; i < store->privates->len; i++)
    {
      PtPrivateRow *row = g_ptr_array_index (store->privates, i);

      if (row->area == of->area && row->n == of->n && strcmp (row->complaint, of->complaint) == 0)
        return row;
    }
  return NULL;
}

gboolean
pt_memory_said_check (PtMemoryStore *store, const PtGroup *group, GError **error)
{
  for (guint i = 0; i < group->said_count; i++)
    {
      const PtSaidRow *row = &group->said[i];

      if (find_said (store, row->area, row->kind, row->name, row->n) != NULL)
        return pt_memory_store_conflict ("That was said before.", error);
    }
  return TRUE;
}

void
pt_memory_said_take (PtMemoryStore *store, const PtGroup *group)
{
  for (guint i = 0; i < group->said_count; i++)
    g_ptr_array_add (store->said, said_copy (&group->said[i]));
  for (guint i = 0; i < group->later_count; i++)
    {
      const PtSaidLater *later = &group->laters[i];
      PtSaidRow *row = find_said (store, later->area, later->kind, later->name, later->n);

      if (row != NULL && later->later != PT_AFTERMATH_NONE)
        row->later = later->later;
      if (row != NULL && row->receipt == NULL && later->receipt != NULL)
        row->receipt = g_bytes_ref (later->receipt);
    }
  for (guint i = 0; i < group->private_count; i++)
    g_ptr_array_add (store->privates, private_copy (&group->privates[i]));
  for (guint i = 0; i < group->erasure_count; i++)
    {
      PtPrivateRow *row = find_private (store, &group->erasures[i]);

      if (row != NULL)
        forget (row);
    }
}

/* Reading */

static int
compare_said (gconstpointer a, gconstpointer b)
{
  const PtSaidRow *one = *(PtSaidRow *const *) a, *other = *(PtSaidRow *const *) b;

  return one->entry < other->entry ? -1 : one->entry > other->entry;
}

/* Of the area; of one chain where @query says so. */
static GPtrArray *
copy_said (PtMemoryStore *store, guint32 area, guint64 after, const PtChainQuery *query)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  GPtrArray *rows = g_ptr_array_new_with_free_func (said_free);

  for (guint i = 0; i < store->said->len; i++)
    {
      const PtSaidRow *row = g_ptr_array_index (store->said, i);

      if (row->area != area || row->entry <= after)
        continue;
      if (query == NULL
          || (row->kind == query->kind && row->n >= query->n
              && strcmp (row->name, query->name) == 0))
        g_ptr_array_add (rows, said_copy (row));
    }
  g_ptr_array_sort (rows, compare_said);
  return rows;
}

gboolean
pt_memory_said_scan (PtStore *parent, guint32 area, guint64 after, PtSaidRowFunc func,
                     gpointer user_data, GError **error)
{
  g_autoptr (GPtrArray) rows = copy_said ((PtMemoryStore *) parent, area, after, NULL);

  for (guint i = 0; i < rows->len; i++)
    if (!func (g_ptr_array_index (rows, i), user_data, error))
      return FALSE;
  return TRUE;
}

gboolean
pt_memory_said_chain (PtStore *parent, const PtChainQuery *query, PtSaidRowFunc func,
                      gpointer user_data, GError **error)
{
  g_autoptr (GPtrArray) rows = copy_said ((PtMemoryStore *) parent, query->area, 0, query);

  for (guint i = 0; i < MIN (rows->len, query->limit); i++)
    if (!func (g_ptr_array_index (rows, i), user_data, error))
      return FALSE;
  return TRUE;
}

static int
compare_privates (gconstpointer a, gconstpointer b)
{
  const PtPrivateRow *one = *(PtPrivateRow *const *) a, *other = *(PtPrivateRow *const *) b;

  return one->n < other->n ? -1 : one->n > other->n;
}

static GPtrArray *
copy_privates (PtMemoryStore *store, const PtErasure *from)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  GPtrArray *rows = g_ptr_array_new_with_free_func (private_free);

  for (guint i = 0; i < store->privates->len; i++)
    {
      const PtPrivateRow *row = g_ptr_array_index (store->privates, i);

      if (row->area == from->area && row->n >= from->n
          && strcmp (row->complaint, from->complaint) == 0)
        g_ptr_array_add (rows, private_copy (row));
    }
  g_ptr_array_sort (rows, compare_privates);
  return rows;
}

gboolean
pt_memory_said_privates (PtStore *parent, const PtErasure *from, PtPrivateRowFunc func,
                         gpointer user_data, GError **error)
{
  g_autoptr (GPtrArray) rows = copy_privates ((PtMemoryStore *) parent, from);

  for (guint i = 0; i < rows->len; i++)
    {
      PtPrivateRow *row = g_ptr_array_index (rows, i);

      for (guint j = 0; j < row->photo_count; j++)
        pt_photo_clear (&row->photos[j]);
      if (!func (row, user_data, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pt_memory_said_photo (PtStore *parent, guint32 area, const char *complaint, PtPhoto *out,
                      PtModeration *hidden, GError **error)
{
  const PtErasure all = { area, complaint, 0 };
  g_autoptr (GPtrArray) rows = copy_privates ((PtMemoryStore *) parent, &all);

  for (guint i = 0; i < rows->len; i++)
    {
      const PtPrivateRow *row = g_ptr_array_index (rows, i);

      for (guint j = 0; j < row->photo_count; j++)
        if (memcmp (&row->photos[j].sent, &out->sent, PT_HASH_SIZE) == 0
            && (out->bytes == NULL || row->moderation.hidden))
          {
            pt_photo_clear (out);
            *out = row->photos[j];
            g_bytes_ref (out->bytes);
            *hidden = row->moderation;
            hidden->reason = NULL;
          }
    }
  return TRUE;
}

gboolean
pt_memory_said_moderate (PtStore *parent, const PtErasure *of, const PtModeration *moderation,
                         GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  PtPrivateRow *row = find_private (store, of);

  if (row == NULL)
    return pt_store_no_private (error);
  if (row->moderation.hidden == moderation->hidden)
    return TRUE;
  g_free ((char *) row->moderation.reason);
  row->moderation = *moderation;
  row->moderation.reason = g_strdup (moderation->reason);
  return TRUE;
}
