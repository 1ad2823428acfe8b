/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: {_id: area.batch, a: area, id: area's id, n: batch, state, from, to, ..., x:
 * transaction, h: its hash, k: its block}, and their rosters: {_id, b}. */
#include "pt-mongodb-store-private.h"

#include <string.h>

/* Sealing */

static gboolean
head_moved (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFLICT, "The head of the area's log has moved.");
  return FALSE;
}

/* Before anything is written, so that one that is elsewhere keeps the others from being sealed. */
static gboolean
check_heads (PtStore *store, const PtSeal *seals, guint count, GError **error)
{
  g_autoptr (GArray) areas = pt_mongodb_store_areas (store, error);

  if (areas == NULL)
    return FALSE;
  for (guint i = 0; i < count; i++)
    if (seals[i].row.area >= areas->len
        || !pt_head_is_at (&g_array_index (areas, PtAreaRow, seals[i].row.area).head,
                           &seals[i].previous))
      return head_moved (error);
  return TRUE;
}

static bson_t *
batch_op (const PtBatchRow *row, const char *area_id)
{
  g_autoptr (bson_t) members = bson_new ();

  BSON_APPEND_INT64 (members, "a", row->area);
  BSON_APPEND_UTF8 (members, "id", area_id);
  BSON_APPEND_INT64 (members, "n", (gint64) row->batch);
  BSON_APPEND_INT64 (members, "state", PT_BATCH_SEALED);
  BSON_APPEND_INT64 (members, "from", row->from);
  BSON_APPEND_INT64 (members, "to", row->to);
  BSON_APPEND_INT64 (members, "prev_size", (gint64) row->prev_size);
  BSON_APPEND_INT64 (members, "size", (gint64) row->size);
  pt_bson_add_bytes (members, "prev_root", &row->prev_root, PT_HASH_SIZE);
  pt_bson_add_bytes (members, "root", &row->root, PT_HASH_SIZE);
  pt_bson_add_bytes (members, "cid", row->cid.bytes, PT_CID_SIZE);
  BSON_APPEND_INT64 (members, "bytes", (gint64) row->bytes);
  BSON_APPEND_INT64 (members, "first", (gint64) row->first_entry);
  BSON_APPEND_INT64 (members, "last", (gint64) row->last_entry);
  BSON_APPEND_INT64 (members, "x", 0);
  return pt_mongodb_put (PT_MONGODB_BATCHES, pt_mongodb_entry_key (row->area, row->batch).text,
                         members);
}

static bson_t *
roster_op (const PtSeal *seal)
{
  g_autoptr (bson_t) members = bson_new ();

  pt_bson_add_gbytes (members, "b", seal->roster);
  return pt_mongodb_put (PT_MONGODB_ROSTERS,
                         pt_mongodb_entry_key (seal->row.area, seal->row.batch).text, members);
}

static void
make_change (PtMongodbStore *store, const PtSeal *seal, PtMongodbChange *change)
{
  pt_mongodb_change_init (change, store, seal->row.area);
  pt_mongodb_head_members (&change->only, &seal->previous);
  pt_mongodb_head_members (&change->set, &seal->next);
  if (seal->next.named.known)
    {
      BSON_APPEND_INT64 (&change->set, "named", (gint64) seal->next.named.number);
      pt_bson_add_bytes (&change->set, "named_hash", &seal->next.named.hash, PT_HASH_SIZE);
    }
  change->sealed = seal->next.last_entry;
  g_ptr_array_add (change->ops, batch_op (&seal->row, pt_mongodb_area (store, seal->row.area)->id));
  if (seal->roster != NULL)
    g_ptr_array_add (change->ops, roster_op (seal));
}

gboolean
pt_mongodb_store_seal (PtStore *parent, const PtSeal *seals, guint count, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autofree PtMongodbChange *changes = g_new0 (PtMongodbChange, MAX (count, 1));
  gboolean done;

  if (count == 0)
    return TRUE;
  if (!pt_mongodb_settle (store, &mongodb, error) || !check_heads (parent, seals, count, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    make_change (store, &seals[i], &changes[i]);
  done = pt_mongodb_change_areas (store, &mongodb, changes, count, error);
  for (guint i = 0; i < count; i++)
    pt_mongodb_change_clear (&changes[i]);
  return done;
}

/* Reading */

static gboolean
read_batch (const bson_t *document, PtBatchRow *row)
{
  const char *id = pt_bson_text (document, "id");

  *row = (PtBatchRow){ .area = (guint32) pt_bson_int (document, "a"),
                       .batch = (guint64) pt_bson_int (document, "n"),
                       .state = (PtBatchState) pt_bson_int (document, "state"),
                       .from = pt_bson_int (document, "from"),
                       .to = pt_bson_int (document, "to"),
                       .prev_size = (guint64) pt_bson_int (document, "prev_size"),
                       .size = (guint64) pt_bson_int (document, "size"),
                       .bytes = (guint64) pt_bson_int (document, "bytes"),
                       .first_entry = (guint64) pt_bson_int (document, "first"),
                       .last_entry = (guint64) pt_bson_int (document, "last"),
                       .transaction_id = (guint64) pt_bson_int (document, "x"),
                       .block = (guint64) pt_bson_int (document, "k") };
  if (id == NULL)
    return FALSE;
  g_strlcpy (row->area_id, id, sizeof row->area_id);
  return pt_bson_fixed (document, "prev_root", &row->prev_root, PT_HASH_SIZE)
         && pt_bson_fixed (document, "root", &row->root, PT_HASH_SIZE)
         && pt_bson_fixed (document, "cid", row->cid.bytes, PT_CID_SIZE)
         && (row->block == 0 || pt_bson_fixed (document, "h", &row->transaction, PT_HASH_SIZE));
}

static gboolean
append_batch (const bson_t *document, gpointer data, GError **error)
{
  PtBatchRow row;

  if (!read_batch (document, &row))
    return pt_mongodb_damaged ("A batch", error);
  g_array_append_val ((GArray *) data, row);
  return TRUE;
}

static GArray *
find_batches (PtStore *parent, const bson_t *filter, const bson_t *options, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (PtBatchRow));

  if (!pt_mongodb_settle_to_read (store, &mongodb, error)
      || !pt_mongodb_find (&mongodb, PT_MONGODB_BATCHES, filter, options, append_batch, rows,
                           error))
    return NULL;
  return g_steal_pointer (&rows);
}

/* (to, a) < the place to go on from. */
static void
add_before (bson_t *filter, const PtBatchQuery *query)
{
  bson_t any, branch;

  bson_append_array_begin (filter, "$or", -1, &any);
  bson_append_document_begin (&any, "0", -1, &branch);
  pt_bson_add_compare (&branch, "to", "$lt", query->before_to);
  bson_append_document_end (&any, &branch);
  bson_append_document_begin (&any, "1", -1, &branch);
  BSON_APPEND_INT64 (&branch, "to", query->before_to);
  pt_bson_add_compare (&branch, "a", "$lt", query->before_area);
  bson_append_document_end (&any, &branch);
  bson_append_array_end (filter, &any);
}

GArray *
pt_mongodb_store_batches (PtStore *store, const PtBatchQuery *query, GError **error)
{
  g_autoptr (bson_t) filter = bson_new ();
  g_autoptr (bson_t) options = pt_bson_sorted (query->limit, "to", "-", "a", "-", NULL);

  if (query->batch != 0 && query->area >= 0)
    BSON_APPEND_UTF8 (filter, "_id",
                      pt_mongodb_entry_key ((guint32) query->area, query->batch).text);
  else if (query->batch != 0)
    BSON_APPEND_INT64 (filter, "n", (gint64) query->batch);
  else if (query->area >= 0)
    BSON_APPEND_INT64 (filter, "a", query->area);
  if (query->state >= 0)
    BSON_APPEND_INT64 (filter, "state", query->state);
  if (query->before_to != 0)
    add_before (filter, query);
  return find_batches (store, filter, options, error);
}

GArray *
pt_mongodb_store_unfinished (PtStore *store, guint limit, GError **error)
{
  g_autoptr (bson_t) filter = bson_new ();
  g_autoptr (bson_t) options = pt_bson_sorted (limit, "to", "+", "a", "+", "n", "+", NULL);

  pt_bson_add_compare (filter, "state", "$lt", PT_BATCH_FINAL);
  return find_batches (store, filter, options, error);
}

gboolean
pt_mongodb_store_roster (PtStore *parent, guint32 area, guint64 batch, GBytes **roster,
                         GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) document = NULL;

  if (!pt_mongodb_settle_to_read (store, &mongodb, error)
      || !pt_mongodb_get (&mongodb, PT_MONGODB_ROSTERS, pt_mongodb_entry_key (area, batch).text,
                          &document, error))
    return FALSE;
  *roster = document != NULL ? pt_bson_bytes (document, "b") : NULL;
  return TRUE;
}

/* States */

static gboolean
not_in_state (const PtBatchRow *row, PtBatchState state, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
               "Batch %" G_GUINT64_FORMAT " of area number %u is not %s.", row->batch, row->area,
               pt_batch_state_name (state));
  return FALSE;
}

gboolean
pt_mongodb_check_batches (PtMongodb *mongodb, const PtBatchRow *rows, guint count,
                          PtBatchState state, GError **error)
{
  g_return_val_if_fail (rows != NULL || count == 0, FALSE);

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (bson_t) document = NULL;

      if (!pt_mongodb_get (mongodb, PT_MONGODB_BATCHES,
                           pt_mongodb_entry_key (rows[i].area, rows[i].batch).text, &document,
                           error))
        return FALSE;
      if (document == NULL || pt_bson_int (document, "state") != (gint64) state)
        return not_in_state (&rows[i], state, error);
    }
  return TRUE;
}

static bson_t *
published_op (const PtBatchRow *row)
{
  g_autoptr (bson_t) filter = pt_bson_by_key (pt_mongodb_entry_key (row->area, row->batch).text);
  g_autoptr (bson_t) members = bson_new ();

  BSON_APPEND_INT64 (filter, "state", PT_BATCH_SEALED);
  BSON_APPEND_INT64 (members, "state", PT_BATCH_PUBLISHED);
  return pt_mongodb_edit (PT_MONGODB_BATCHES, filter, members);
}

gboolean
pt_mongodb_store_published (PtStore *parent, const PtBatchRow *rows, guint count, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (GPtrArray) ops = g_ptr_array_new_with_free_func ((GDestroyNotify) bson_destroy);

  if (!pt_mongodb_settle (store, &mongodb, error)
      || !pt_mongodb_check_held (store, &mongodb, rows, count, error)
      || !pt_mongodb_check_batches (&mongodb, rows, count, PT_BATCH_SEALED, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    g_ptr_array_add (ops, pt_mongodb_stamp (store, rows[i].area, published_op (&rows[i])));
  return pt_mongodb_write_ops (store, &mongodb, ops, error)
         && pt_mongodb_check_batches (&mongodb, rows, count, PT_BATCH_PUBLISHED, error);
}
