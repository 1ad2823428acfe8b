/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: {_id: id, t: token, chain, account, nonce, state, sent, max_fee, max_priority_fee,
 * hash, raw, kept: raw is not empty, block, block_hash, gas, versions: [hash], batches: [key], due,
 * gone}. What becomes of one is the commit point of what becomes of its batches: while it is due,
 * these are not as it says. */
#include "pt-mongodb-store-private.h"

static const PtHash no_hash;

static PtMongodbKey
transaction_key (guint64 id)
{
  return pt_mongodb_key ("%016" G_GINT64_MODIFIER "x", id);
}

/* The newest of its versions. */
static gboolean
newest_version (const bson_t *document, PtHash *hash)
{
  const guint8 *data = NULL;
  bson_iter_t iter, each;
  guint32 size = 0;

  if (!bson_iter_init_find (&iter, document, "versions") || !bson_iter_recurse (&iter, &each))
    return FALSE;
  while (bson_iter_next (&each))
    if (BSON_ITER_HOLDS_BINARY (&each))
      bson_iter_binary (&each, NULL, &size, &data);
  if (data == NULL || size != PT_HASH_SIZE)
    return FALSE;
  memcpy (hash, data, PT_HASH_SIZE);
  return TRUE;
}

/* What follows */

static bson_t *
batch_op (const char *key, const bson_t *transaction)
{
  gboolean gone = pt_bson_int (transaction, "gone") != 0;
  gint64 block = gone ? 0 : pt_bson_int (transaction, "block");
  const char *id = pt_bson_text (transaction, "_id");
  g_autoptr (bson_t) filter = pt_bson_by_key (key), members = bson_new ();
  PtHash hash = no_hash;

  if (block != 0)
    pt_bson_fixed (transaction, "hash", &hash, PT_HASH_SIZE);
  BSON_APPEND_INT64 (members, "state",
                     gone ? (gint64) PT_BATCH_PUBLISHED : pt_bson_int (transaction, "state"));
  BSON_APPEND_INT64 (members, "x", gone ? 0 : g_ascii_strtoll (id, NULL, 16));
  pt_bson_add_bytes (members, "h", &hash, PT_HASH_SIZE);
  BSON_APPEND_INT64 (members, "k", block);
  return pt_mongodb_edit (PT_MONGODB_BATCHES, filter, members);
}

static gboolean
add_batch_ops (const bson_t *transaction, GPtrArray *ops)
{
  bson_iter_t iter, each;

  if (!bson_iter_init_find (&iter, transaction, "batches") || !bson_iter_recurse (&iter, &each))
    return FALSE;
  while (bson_iter_next (&each))
    {
      if (!BSON_ITER_HOLDS_UTF8 (&each))
        return FALSE;
      g_ptr_array_add (ops, batch_op (bson_iter_utf8 (&each, NULL), transaction));
    }
  return TRUE;
}

static gboolean
append_copy (const bson_t *document, gpointer data, GError **error)
{
  g_ptr_array_add (data, bson_copy (document));
  return TRUE;
}

static gboolean
follow (PtMongodbStore *store, PtMongodb *mongodb, const bson_t *transaction, GError **error)
{
  g_autoptr (GPtrArray) ops = g_ptr_array_new_with_free_func ((GDestroyNotify) bson_destroy);
  g_autoptr (bson_t) filter = NULL, done = BCON_NEW ("$set", "{", "due", BCON_BOOL (FALSE), "}");
  const char *key = pt_bson_text (transaction, "_id");

  if (key == NULL || !add_batch_ops (transaction, ops))
    return pt_mongodb_damaged ("A transaction", error);
  if (!pt_mongodb_write_ops (store, mongodb, ops, error))
    return FALSE;
  filter = pt_bson_by_key (key);
  return pt_bson_int (transaction, "gone") != 0
             ? pt_mongodb_remove (mongodb, PT_MONGODB_TRANSACTIONS, filter, error)
             : pt_mongodb_update (mongodb, PT_MONGODB_TRANSACTIONS, filter, done, NULL, error);
}

gboolean
pt_mongodb_settle_transactions (PtMongodbStore *store, PtMongodb *mongodb, GError **error)
{
  g_autoptr (bson_t) due = BCON_NEW ("due", BCON_BOOL (TRUE));
  g_autoptr (bson_t) in_order = pt_bson_sorted (0, "_id", "+", NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) bson_destroy);

  if (!pt_mongodb_find (mongodb, PT_MONGODB_TRANSACTIONS, due, in_order, append_copy, found, error))
    return FALSE;
  for (guint i = 0; i < found->len; i++)
    if (!follow (store, mongodb, g_ptr_array_index (found, i), error))
      return FALSE;
  return TRUE;
}

/* A transaction was changed: what follows may come later. */
static void
follow_now (PtMongodbStore *store, PtMongodb *mongodb)
{
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&store->due, TRUE);
  if (!pt_mongodb_settle (store, mongodb, &error))
    g_message ("What follows from a transaction is written later: %s", error->message);
}

/* Adding */

static bson_t *
transaction_document (PtMongodbStore *store, const PtTransactionRow *row, PtBatchState state)
{
  bson_t *document = pt_bson_by_key (transaction_key (row->id).text), versions;
  GBytes *raw = row->raw;

  BSON_APPEND_INT64 (document, "t", store->token);
  BSON_APPEND_INT64 (document, "chain", (gint64) row->chain_id);
  pt_bson_add_bytes (document, "account", row->account, sizeof row->account);
  BSON_APPEND_INT64 (document, "nonce", (gint64) row->nonce);
  BSON_APPEND_INT64 (document, "state", state);
  BSON_APPEND_INT64 (document, "sent", row->sent);
  BSON_APPEND_INT64 (document, "max_fee", (gint64) row->max_fee);
  BSON_APPEND_INT64 (document, "max_priority_fee", (gint64) row->max_priority_fee);
  pt_bson_add_bytes (document, "hash", &row->hash, PT_HASH_SIZE);
  if (raw != NULL)
    pt_bson_add_gbytes (document, "raw", raw);
  else
    pt_bson_add_bytes (document, "raw", "", 0);
  BSON_APPEND_BOOL (document, "kept", raw != NULL && g_bytes_get_size (raw) > 0);
  BSON_APPEND_INT64 (document, "block", state == PT_BATCH_FINAL ? (gint64) row->block : 0);
  pt_bson_add_bytes (document, "block_hash", state == PT_BATCH_FINAL ? &row->block_hash : &no_hash,
                     PT_HASH_SIZE);
  BSON_APPEND_INT64 (document, "gas", 0);
  bson_append_array_begin (document, "versions", -1, &versions);
  pt_bson_add_bytes (&versions, "0", &row->hash, PT_HASH_SIZE);
  bson_append_array_end (document, &versions);
  return document;
}

static void
add_batches (bson_t *document, const PtBatchRow *rows, guint count)
{
  bson_t list;

  bson_append_array_begin (document, "batches", -1, &list);
  for (guint i = 0; i < count; i++)
    {
      char index[16];

      g_snprintf (index, sizeof index, "%u", i);
      BSON_APPEND_UTF8 (&list, index, pt_mongodb_entry_key (rows[i].area, rows[i].batch).text);
    }
  bson_append_array_end (document, &list);
}

/* Whether it was inserted may come to light later. */
static gboolean
insert (PtMongodbStore *store, PtMongodb *mongodb, const PtTransactionRow *row, PtBatchState state,
        const PtBatchRow *rows, guint count, GError **error)
{
  g_autoptr (bson_t) document = transaction_document (store, row, state);
  g_autoptr (GError) local = NULL;

  add_batches (document, rows, count);
  BSON_APPEND_BOOL (document, "due", TRUE);
  if (pt_mongodb_insert (mongodb, PT_MONGODB_TRANSACTIONS, (const bson_t *[]){ document }, 1,
                         &local))
    {
      follow_now (store, mongodb);
      return TRUE;
    }
  g_atomic_int_set (&store->due, TRUE);
  if (g_error_matches (local, PT_ERROR, PT_ERROR_CONFLICT))
    g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFLICT,
                         "There is a transaction of this nonce.");
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
pt_mongodb_store_submit (PtStore *parent, PtTransactionRow *transaction, const PtBatchRow *rows,
                         guint count, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  PtTransactionRow row = *transaction;
  gint64 id;

  if (!pt_mongodb_settle (store, &mongodb, error)
      || !pt_mongodb_check_held (store, &mongodb, rows, count, error)
      || !pt_mongodb_check_batches (&mongodb, rows, count, PT_BATCH_PUBLISHED, error)
      || !pt_mongodb_count_on (&mongodb, "transactions", 1, &id, error))
    return FALSE;
  row.id = (guint64) id;
  if (!insert (store, &mongodb, &row, PT_BATCH_SUBMITTED, rows, count, error))
    return FALSE;
  transaction->id = row.id;
  return TRUE;
}

/* Its account is not known and its nonce neither, so it has a number that none of ours has. */
gboolean
pt_mongodb_store_adopt (PtStore *parent, const PtTransactionRow *transaction,
                        const PtBatchRow *rows, guint count, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  PtTransactionRow row = { .chain_id = transaction->chain_id,
                           .hash = transaction->hash,
                           .block = transaction->block,
                           .block_hash = transaction->block_hash };
  gint64 id;

  if (!pt_mongodb_settle (store, &mongodb, error)
      || !pt_mongodb_check_held (store, &mongodb, rows, count, error)
      || !pt_mongodb_check_batches (&mongodb, rows, count, PT_BATCH_PUBLISHED, error)
      || !pt_mongodb_count_on (&mongodb, "transactions", 1, &id, error))
    return FALSE;
  row.id = row.nonce = (guint64) id;
  return insert (store, &mongodb, &row, PT_BATCH_FINAL, rows, count, error);
}

/* Changing */

static gboolean
not_pending (guint64 id, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
               "There is no transaction %" G_GUINT64_FORMAT " that is in that state.", id);
  return FALSE;
}

/* @state: what it must be in. Takes @update, whose $set gets the token. */
static gboolean
change (PtMongodbStore *store, PtMongodb *mongodb, guint64 id, PtBatchState state, bson_t *set,
        const bson_t *push, GError **error)
{
  g_autoptr (bson_t) filter = pt_bson_by_key (transaction_key (id).text), update = bson_new ();
  guint matched = 0;

  BSON_APPEND_INT64 (filter, "state", state);
  pt_bson_add_compare (filter, "t", "$lte", store->token);
  BSON_APPEND_INT64 (set, "t", store->token);
  BSON_APPEND_DOCUMENT (update, "$set", set);
  if (push != NULL)
    BSON_APPEND_DOCUMENT (update, "$push", push);
  if (!pt_mongodb_update (mongodb, PT_MONGODB_TRANSACTIONS, filter, update, &matched, error))
    {
      g_atomic_int_set (&store->due, TRUE); /* it may have been */
      return FALSE;
    }
  return matched == 1 || not_pending (id, error);
}

static gboolean
change_with_batches (PtMongodbStore *store, PtMongodb *mongodb, guint64 id, PtBatchState state,
                     bson_t *set, GError **error)
{
  BSON_APPEND_BOOL (set, "due", TRUE);
  if (!change (store, mongodb, id, state, set, NULL, error))
    return FALSE;
  follow_now (store, mongodb);
  return TRUE;
}

gboolean
pt_mongodb_store_bump (PtStore *parent, const PtTransactionRow *transaction, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) set = bson_new (), push = bson_new ();

  BSON_APPEND_INT64 (set, "sent", transaction->sent);
  BSON_APPEND_INT64 (set, "max_fee", (gint64) transaction->max_fee);
  BSON_APPEND_INT64 (set, "max_priority_fee", (gint64) transaction->max_priority_fee);
  pt_bson_add_bytes (set, "hash", &transaction->hash, PT_HASH_SIZE);
  pt_bson_add_gbytes (set, "raw", transaction->raw);
  BSON_APPEND_BOOL (set, "kept", TRUE);
  pt_bson_add_bytes (push, "versions", &transaction->hash, PT_HASH_SIZE);
  return pt_mongodb_settle (store, &mongodb, error)
         && change (store, &mongodb, transaction->id, PT_BATCH_SUBMITTED, set, push, error);
}

static gboolean
read_one (PtMongodb *mongodb, guint64 id, bson_t **document, GError **error)
{
  return pt_mongodb_get (mongodb, PT_MONGODB_TRANSACTIONS, transaction_key (id).text, document,
                         error)
         && (*document != NULL || not_pending (id, error));
}

/* As it is while it is not mined. */
static gboolean
set_unmined (const bson_t *document, bson_t *set, GError **error)
{
  PtHash hash;

  if (!newest_version (document, &hash))
    return pt_mongodb_damaged ("A transaction", error);
  pt_bson_add_bytes (set, "hash", &hash, PT_HASH_SIZE);
  BSON_APPEND_INT64 (set, "block", 0);
  pt_bson_add_bytes (set, "block_hash", &no_hash, PT_HASH_SIZE);
  BSON_APPEND_INT64 (set, "gas", 0);
  return TRUE;
}

gboolean
pt_mongodb_store_mined (PtStore *parent, const PtTransactionRow *transaction, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) set = bson_new (), document = NULL;

  if (!pt_mongodb_settle (store, &mongodb, error)
      || !read_one (&mongodb, transaction->id, &document, error))
    return FALSE;
  if (transaction->block != 0)
    {
      pt_bson_add_bytes (set, "hash", &transaction->hash, PT_HASH_SIZE);
      BSON_APPEND_INT64 (set, "block", (gint64) transaction->block);
      pt_bson_add_bytes (set, "block_hash", &transaction->block_hash, PT_HASH_SIZE);
      BSON_APPEND_INT64 (set, "gas", (gint64) transaction->gas_used);
    }
  else if (!set_unmined (document, set, error))
    return FALSE;
  return change_with_batches (store, &mongodb, transaction->id, PT_BATCH_SUBMITTED, set, error);
}

/* Of those that have been final for long. It can wait for the next. */
static void
forget_old_bytes (PtMongodb *mongodb, gint64 block)
{
  g_autoptr (bson_t) filter = bson_new (), update = bson_new ();
  bson_error_t failure;
  bson_t set;

  BSON_APPEND_BOOL (filter, "kept", TRUE);
  BSON_APPEND_INT64 (filter, "state", PT_BATCH_FINAL);
  pt_bson_add_compare (filter, "block", "$lt", block - PT_KEEP_RAW_BLOCKS);
  bson_append_document_begin (update, "$set", -1, &set);
  pt_bson_add_bytes (&set, "raw", "", 0);
  BSON_APPEND_BOOL (&set, "kept", FALSE);
  bson_append_document_end (update, &set);
  if (!mongoc_collection_update_many (pt_mongodb_at (mongodb, PT_MONGODB_TRANSACTIONS), filter,
                                      update, NULL, NULL, &failure))
    g_message ("Old transactions keep their bytes for now: %s", failure.message);
}

gboolean
pt_mongodb_store_finalize (PtStore *parent, guint64 transaction_id, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) set = bson_new (), document = NULL;

  if (!pt_mongodb_settle (store, &mongodb, error)
      || !read_one (&mongodb, transaction_id, &document, error))
    return FALSE;
  if (pt_bson_int (document, "block") == 0)
    return not_pending (transaction_id, error); /* not mined */
  BSON_APPEND_INT64 (set, "state", PT_BATCH_FINAL);
  if (!change_with_batches (store, &mongodb, transaction_id, PT_BATCH_SUBMITTED, set, error))
    return FALSE;
  forget_old_bytes (&mongodb, pt_bson_int (document, "block"));
  return TRUE;
}

gboolean
pt_mongodb_store_withdraw (PtStore *parent, guint64 transaction_id, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) set = bson_new ();

  BSON_APPEND_BOOL (set, "gone", TRUE);
  return pt_mongodb_settle (store, &mongodb, error)
         && change_with_batches (store, &mongodb, transaction_id, PT_BATCH_SUBMITTED, set, error);
}

/* Reopening */

static gboolean
add_transaction_id (const bson_t *document, gpointer data, GError **error)
{
  guint64 id = (guint64) pt_bson_int (document, "x");

  for (guint i = 0; i < ((GArray *) data)->len; i++)
    if (g_array_index ((GArray *) data, guint64, i) == id)
      return TRUE;
  g_array_append_val ((GArray *) data, id);
  return TRUE;
}

/* Sent again as it was, where its bytes are kept. */
static gboolean
reopen_one (PtMongodbStore *store, PtMongodb *mongodb, guint64 id, GError **error)
{
  g_autoptr (bson_t) set = bson_new (), document = NULL;

  if (!read_one (mongodb, id, &document, error))
    return FALSE;
  if (pt_bson_int (document, "kept") == 0)
    BSON_APPEND_BOOL (set, "gone", TRUE);
  else if (!set_unmined (document, set, error))
    return FALSE;
  else
    BSON_APPEND_INT64 (set, "state", PT_BATCH_SUBMITTED);
  return change_with_batches (store, mongodb, id, PT_BATCH_FINAL, set, error);
}

gboolean
pt_mongodb_store_reopen (PtStore *parent, guint32 area, guint64 after, guint *count, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (GArray) lost = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (bson_t) filter = bson_new ();

  *count = 0;
  BSON_APPEND_INT64 (filter, "a", area);
  BSON_APPEND_INT64 (filter, "state", PT_BATCH_FINAL);
  pt_bson_add_compare (filter, "n", "$gt", (gint64) MIN (after, G_MAXINT64));
  if (!pt_mongodb_settle (store, &mongodb, error)
      || !pt_mongodb_find (&mongodb, PT_MONGODB_BATCHES, filter, NULL, add_transaction_id, lost,
                           error))
    return FALSE;
  for (guint i = 0; i < lost->len; i++)
    {
      if (!reopen_one (store, &mongodb, g_array_index (lost, guint64, i), error))
        return FALSE;
      ++*count;
    }
  return TRUE;
}

/* Reading */

static gboolean
read_versions (const bson_t *document, GArray *versions)
{
  bson_iter_t iter, each;

  if (!bson_iter_init_find (&iter, document, "versions") || !bson_iter_recurse (&iter, &each))
    return FALSE;
  while (bson_iter_next (&each))
    {
      const guint8 *data = NULL;
      guint32 size = 0;

      if (BSON_ITER_HOLDS_BINARY (&each))
        bson_iter_binary (&each, NULL, &size, &data);
      if (data == NULL || size != PT_HASH_SIZE)
        return FALSE;
      g_array_append_vals (versions, data, 1);
    }
  return TRUE;
}

static gboolean
append_transaction (const bson_t *document, gpointer data, GError **error)
{
  const char *key = pt_bson_text (document, "_id");
  PtTransactionRow *row;

  if (key == NULL)
    return pt_mongodb_damaged ("A transaction", error);
  row = g_new0 (PtTransactionRow, 1);
  g_ptr_array_add (data, row);
  row->id = g_ascii_strtoull (key, NULL, 16);
  row->chain_id = (guint64) pt_bson_int (document, "chain");
  row->nonce = (guint64) pt_bson_int (document, "nonce");
  row->state = (PtBatchState) pt_bson_int (document, "state");
  row->sent = pt_bson_int (document, "sent");
  row->max_fee = (guint64) pt_bson_int (document, "max_fee");
  row->max_priority_fee = (guint64) pt_bson_int (document, "max_priority_fee");
  row->raw = pt_bson_bytes (document, "raw");
  row->block = (guint64) pt_bson_int (document, "block");
  row->gas_used = (guint64) pt_bson_int (document, "gas");
  row->versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  return (row->raw != NULL && pt_bson_fixed (document, "account", row->account, sizeof row->account)
          && pt_bson_fixed (document, "hash", &row->hash, PT_HASH_SIZE)
          && pt_bson_fixed (document, "block_hash", &row->block_hash, PT_HASH_SIZE)
          && read_versions (document, row->versions))
         || pt_mongodb_damaged ("A transaction", error);
}

/* Always settled first: one whose insertion was given up may have come through after all. */
GPtrArray *
pt_mongodb_store_transactions (PtStore *parent, GError **error)
{
  PtMongodbStore *store = (PtMongodbStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_auto (PtMongodb) mongodb = pt_mongodb_store_take (store);
  g_autoptr (bson_t) filter = bson_new (), in_order = pt_bson_sorted (0, "_id", "+", NULL);
  g_autoptr (GPtrArray) rows
      = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_transaction_row_free);

  pt_bson_add_compare (filter, "state", "$lt", PT_BATCH_FINAL);
  if (!pt_mongodb_settle (store, &mongodb, error)
      || !pt_mongodb_settle_transactions (store, &mongodb, error)
      || !pt_mongodb_find (&mongodb, PT_MONGODB_TRANSACTIONS, filter, in_order, append_transaction,
                           rows, error))
    return NULL;
  return g_steal_pointer (&rows);
}
