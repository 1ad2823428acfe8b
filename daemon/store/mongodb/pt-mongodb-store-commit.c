/* SPDX-License-Identifier: Apache-2.0 */
/* A group: its entries, and of each area the change that makes them its newest. */
#include "pt-mongodb-store-private.h"

#define INSERT_TRIES 5

void
pt_mongodb_add_op (GHashTable *ops, guint32 area, bson_t *op)
{
  GPtrArray *own;

  g_return_if_fail (ops != NULL && op != NULL);

  own = g_hash_table_lookup (ops, GUINT_TO_POINTER (area));
  if (own == NULL)
    {
      own = g_ptr_array_new_with_free_func ((GDestroyNotify) bson_destroy);
      g_hash_table_insert (ops, GUINT_TO_POINTER (area), own);
    }
  g_ptr_array_add (own, op);
}

static gboolean
check_tails (PtMongodbStore *store, const PtGroup *group, GError **error)
{
  for (guint i = 0; i < group->tail_count; i++)
    {
      PtTailMove *move = &group->tails[i];
      const PtMongodbArea *area = pt_mongodb_area (store, move->area);

      if (area != NULL && area->token == 0 && store->is_shared)
        return pt_mongodb_is_another_ones (move->area, error);
      if (area != NULL && area->tail == move->before && move->after <= PT_MONGODB_NUMBER_MAX)
        continue;
      move->came_late = area != NULL && area->came_late;
      return pt_store_tail_elsewhere (move, error);
    }
  return TRUE;
}

/* Entries */

static bson_t *
entry_document (PtMongodbStore *store, const PtEntryRow *entry)
{
  bson_t *document = bson_sized_new (entry->size + 96);

  BSON_APPEND_UTF8 (document, "_id", pt_mongodb_entry_key (entry->area, entry->number).text);
  BSON_APPEND_INT64 (document, "t", pt_mongodb_area (store, entry->area)->token);
  BSON_APPEND_INT64 (document, "r", entry->received);
  BSON_APPEND_INT64 (document, "s", pt_subject_key (entry->subject));
  BSON_APPEND_INT64 (document, "q", entry->seq);
  pt_bson_add_bytes (document, "b", entry->body, entry->size);
  return document;
}

/* Beyond the tails there is nothing: what lies there was written by a commit that never held, of
 * this process or of one before, and not of one that came after it. */
static gboolean
clear_beyond (PtMongodbStore *store, PtMongodb *mongodb, const PtGroup *group, GError **error)
{
  for (guint i = 0; i < group->tail_count; i++)
    {
      const PtTailMove *move = &group->tails[i];
      PtMongodbKey above = pt_mongodb_entry_key (move->area, move->before);
      PtMongodbKey up_to = pt_mongodb_entry_key (move->area, PT_MONGODB_NUMBER_MAX);
      g_autoptr (bson_t) filter = bson_new ();

      pt_bson_add_range (filter, "_id", above.text, up_to.text);
      pt_bson_add_compare (filter, "t", "$lte", pt_mongodb_area (store, move->area)->token);
      if (!pt_mongodb_remove (mongodb, PT_MONGODB_ENTRIES, filter, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_entries (PtMongodbStore *store, PtMongodb *mongodb, const PtGroup *group, GError **error)
{
  g_autoptr (GPtrArray) documents
      = g_ptr_array_new_full (group->entry_count, (GDestroyNotify) bson_destroy);

  for (guint i = 0; i < group->entry_count; i++)
    g_ptr_array_add (documents, entry_document (store, &group->entries[i]));
  for (guint i = 0; i < INSERT_TRIES; i++)
    {
      g_autoptr (GError) local = NULL;

      if (pt_mongodb_insert (mongodb, PT_MONGODB_ENTRIES, (const bson_t **) documents->pdata,
                             documents->len, &local))
        return TRUE;
      if (!g_error_matches (local, PT_ERROR, PT_ERROR_CONFLICT))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (!clear_beyond (store, mongodb, group, error))
        return FALSE;
    }
  g_set_error_literal (error, PT_ERROR, PT_ERROR_STOP,
                       "Another process writes entries to this store. This one ends; look which of "
                       "them shall run.");
  return FALSE;
}

/* Changes */

static void
take_ops (GHashTable *ops, PtMongodbChange *change)
{
  GPtrArray *own = g_hash_table_lookup (ops, GUINT_TO_POINTER (change->area));

  if (own == NULL)
    return;
  g_ptr_array_extend_and_steal (change->ops, g_ptr_array_ref (own));
  g_hash_table_remove (ops, GUINT_TO_POINTER (change->area));
}

static void
move_tail (PtMongodbChange *change, const PtTailMove *move)
{
  BSON_APPEND_INT64 (&change->only, "tail", (gint64) move->before);
  BSON_APPEND_INT64 (&change->set, "tail", (gint64) move->after);
  if (move->is_promised)
    BSON_APPEND_INT64 (&change->set, "promised", (gint64) move->after);
  if (move->reports > 0)
    BSON_APPEND_INT64 (&change->add, "reports", (gint64) move->reports);
  change->tail = move->after;
}

static void
clear_change (gpointer data)
{
  pt_mongodb_change_clear (data);
}

/* Of the areas whose tails move first, in their order; then of those about which something is known
 * later. */
static GArray *
make_changes (PtMongodbStore *store, const PtGroup *group, GHashTable *ops)
{
  GArray *changes = g_array_new (FALSE, TRUE, sizeof (PtMongodbChange));
  PtMongodbChange change;
  GHashTableIter iter;
  gpointer area;

  g_array_set_clear_func (changes, clear_change);
  for (guint i = 0; i < group->tail_count; i++)
    {
      pt_mongodb_change_init (&change, store, group->tails[i].area);
      move_tail (&change, &group->tails[i]);
      take_ops (ops, &change);
      g_array_append_val (changes, change);
    }
  g_hash_table_iter_init (&iter, ops);
  while (g_hash_table_iter_next (&iter, &area, NULL))
    {
      GPtrArray *own = g_hash_table_lookup (ops, area);

      pt_mongodb_change_init (&change, store, GPOINTER_TO_UINT (area));
      g_ptr_array_extend_and_steal (change.ops, g_ptr_array_ref (own));
      g_array_append_val (changes, change);
    }
  return changes;
}

static gboolean
make_ops (PtMongodbStore *store, PtMongodb *mongodb, const PtGroup *group, GHashTable *ops,
          GError **error)
{
  if (!pt_mongodb_subject_ops (store, mongodb, group, ops, error)
      || !pt_mongodb_outage_ops (mongodb, group, ops, error)
      || !pt_mongodb_said_ops (mongodb, group, ops, error))
    return FALSE;
  pt_mongodb_private_ops (group, ops);
  return TRUE;
}

/* Some of its areas are another one's now. */
static gboolean
has_lost (PtMongodbStore *store, const PtGroup *group)
{
  for (guint i = 0; i < group->tail_count; i++)
    if (pt_mongodb_area (store, group->tails[i].area)->token == 0)
      return TRUE;
  return FALSE;
}

static gboolean
write_changes (PtMongodbStore *store, PtMongodb *mongodb, const PtGroup *group, GHashTable *ops,
               GError **error)
{
  g_autoptr (GArray) changes = make_changes (store, group, ops);
  g_autoptr (GError) local = NULL;
  gboolean done;

  if (changes->len == 0)
    return TRUE;
  done = pt_mongodb_change_areas (store, mongodb, (PtMongodbChange *) (gpointer) changes->data,
                                  changes->len, &local);
  for (guint i = 0; i < group->tail_count; i++)
    group->tails[i].moved = g_array_index (changes, PtMongodbChange, i).moved;
  if (done)
    return TRUE;
  if (g_error_matches (local, PT_ERROR, PT_ERROR_CONFLICT) && !has_lost (store, group))
    local->code = PT_ERROR_STOP; /* what this process has is not what is stored */
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
pt_mongodb_store_commit (PtStore *parent, const PtGroup *group, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (GHashTable) ops = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL,
                                                      (GDestroyNotify) g_ptr_array_unref);

  return pt_mongodb_settle (store, &mongodb, error) && check_tails (store, group, error)
         && make_ops (store, &mongodb, group, ops, error)
         && pt_mongodb_write_evidence (&mongodb, group, error)
         && pt_mongodb_write_rejected (&mongodb, group, error)
         && write_entries (store, &mongodb, group, error)
         && write_changes (store, &mongodb, group, ops, error);
}
