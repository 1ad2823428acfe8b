/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sqlite-store-private.h"

#include <string.h>

typedef struct
{
  const PtSeal *seals;
  const PtBatchRow *rows;
  const PtTransactionRow *transaction;
  guint64 transaction_id; /* also what submit_job () gave */
  guint count;
} BatchesJob;

static gboolean
one_changed (PtSqlite *sqlite, const char *what, GError **error)
{
  if (sqlite3_changes (sqlite->handle) == 1)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT, "%s is not as it was; another writer was there.",
               what);
  return FALSE;
}

/* The head moves only from where it was read: compare-and-swap. */
static gboolean
move_head (PtSqlite *sqlite, const PtSeal *seal, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite,
      "update areas set batch = ?1, until = ?2, size = ?3, frontier = ?4, last_entry = ?5,"
      " named = ?12, named_hash = ?13"
      " where number = ?6 and batch = ?7 and until = ?8 and size = ?9 and frontier = ?10"
      " and last_entry = ?11",
      error);
  g_autoptr (GBytes) before = pt_sqlite_frontier_bytes (&seal->previous.frontier);
  g_autoptr (GBytes) after = pt_sqlite_frontier_bytes (&seal->next.frontier);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) seal->next.batch);
  sqlite3_bind_int64 (statement, 2, seal->next.to);
  sqlite3_bind_int64 (statement, 3, (gint64) seal->next.frontier.size);
  pt_sqlite_bind_bytes (statement, 4, after);
  sqlite3_bind_int64 (statement, 5, (gint64) seal->next.last_entry);
  sqlite3_bind_int64 (statement, 6, seal->row.area);
  sqlite3_bind_int64 (statement, 7, (gint64) seal->previous.batch);
  sqlite3_bind_int64 (statement, 8, seal->previous.to);
  sqlite3_bind_int64 (statement, 9, (gint64) seal->previous.frontier.size);
  pt_sqlite_bind_bytes (statement, 10, before);
  sqlite3_bind_int64 (statement, 11, (gint64) seal->previous.last_entry);
  if (seal->next.named.known) /* else both are null */
    {
      sqlite3_bind_int64 (statement, 12, (gint64) seal->next.named.number);
      sqlite3_bind_blob (statement, 13, &seal->next.named.hash, PT_HASH_SIZE, SQLITE_STATIC);
    }
  return pt_sqlite_run (sqlite, statement, error)
         && one_changed (sqlite, "The head of an area", error);
}

static gboolean
insert_batch (PtSqlite *sqlite, const PtBatchRow *row, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, "insert into batches values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, row->area);
  sqlite3_bind_int64 (statement, 2, (gint64) row->batch);
  sqlite3_bind_int (statement, 3, PT_BATCH_SEALED);
  sqlite3_bind_int64 (statement, 4, row->from);
  sqlite3_bind_int64 (statement, 5, row->to);
  sqlite3_bind_int64 (statement, 6, (gint64) row->prev_size);
  sqlite3_bind_int64 (statement, 7, (gint64) row->size);
  sqlite3_bind_blob (statement, 8, &row->prev_root, PT_HASH_SIZE, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 9, &row->root, PT_HASH_SIZE, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 10, row->cid.bytes, PT_CID_SIZE, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 11, (gint64) row->bytes);
  sqlite3_bind_int64 (statement, 12, (gint64) row->first_entry);
  sqlite3_bind_int64 (statement, 13, (gint64) row->last_entry);
  return pt_sqlite_run (sqlite, statement, error);
}

static gboolean
insert_roster (PtSqlite *sqlite, const PtSeal *seal, GError **error)
{
  sqlite3_stmt *statement;

  if (seal->roster == NULL)
    return TRUE;
  statement = pt_sqlite_prepare (sqlite, "insert into rosters values (?, ?, ?)", error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, seal->row.area);
  sqlite3_bind_int64 (statement, 2, (gint64) seal->row.batch);
  pt_sqlite_bind_bytes (statement, 3, seal->roster);
  return pt_sqlite_run (sqlite, statement, error);
}

static gboolean
seal_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  BatchesJob *job = data;

  for (guint i = 0; i < job->count; i++)
    if (!insert_batch (sqlite, &job->seals[i].row, error)
        || !insert_roster (sqlite, &job->seals[i], error)
        || !move_head (sqlite, &job->seals[i], error))
      return FALSE;
  return TRUE;
}

gboolean
pt_sqlite_store_seal (PtStore *store, const PtSeal *seals, guint count, GError **error)
{
  BatchesJob job = { .seals = seals, .count = count };

  return pt_sqlite_store_write (store, seal_job, &job, error);
}

static gboolean
set_state (PtSqlite *sqlite, const PtBatchRow *row, PtBatchState before, PtBatchState after,
           guint64 transaction_id, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite,
                                               "update batches set state = ?1, transaction_id = ?2"
                                               " where area = ?3 and batch = ?4 and state = ?5",
                                               error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int (statement, 1, after);
  if (transaction_id != 0)
    sqlite3_bind_int64 (statement, 2, (gint64) transaction_id);
  sqlite3_bind_int64 (statement, 3, row->area);
  sqlite3_bind_int64 (statement, 4, (gint64) row->batch);
  sqlite3_bind_int (statement, 5, before);
  return pt_sqlite_run (sqlite, statement, error)
         && one_changed (sqlite, "The state of a batch", error);
}

static gboolean
published_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  BatchesJob *job = data;

  for (guint i = 0; i < job->count; i++)
    if (!set_state (sqlite, &job->rows[i], PT_BATCH_SEALED, PT_BATCH_PUBLISHED, 0, error))
      return FALSE;
  return TRUE;
}

gboolean
pt_sqlite_store_published (PtStore *store, const PtBatchRow *rows, guint count, GError **error)
{
  BatchesJob job = { .rows = rows, .count = count };

  return pt_sqlite_store_write (store, published_job, &job, error);
}

static gboolean
submit_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  BatchesJob *job = data;
  const PtTransactionRow *row = job->transaction;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           "insert into transactions (nonce, state, sent, max_fee, "
                           "max_priority_fee, hash, raw, chain_id,"
                           " account, block, block_hash, gas_used, versions)"
                           " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, zeroblob(32), 0, ?6)",
                           error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) row->nonce);
  sqlite3_bind_int (statement, 2, PT_BATCH_SUBMITTED);
  sqlite3_bind_int64 (statement, 3, row->sent);
  sqlite3_bind_int64 (statement, 4, (gint64) row->max_fee);
  sqlite3_bind_int64 (statement, 5, (gint64) row->max_priority_fee);
  sqlite3_bind_blob (statement, 6, &row->hash, PT_HASH_SIZE, SQLITE_STATIC);
  pt_sqlite_bind_bytes (statement, 7, row->raw);
  sqlite3_bind_int64 (statement, 8, (gint64) row->chain_id);
  sqlite3_bind_blob (statement, 9, row->account, sizeof row->account, SQLITE_STATIC);
  if (!pt_sqlite_run (sqlite, statement, error))
    return FALSE;
  job->transaction_id = (guint64) sqlite3_last_insert_rowid (sqlite->handle);
  for (guint i = 0; i < job->count; i++)
    if (!set_state (sqlite, &job->rows[i], PT_BATCH_PUBLISHED, PT_BATCH_SUBMITTED,
                    job->transaction_id, error))
      return FALSE;
  return TRUE;
}

gboolean
pt_sqlite_store_submit (PtStore *store, PtTransactionRow *transaction, const PtBatchRow *rows,
                        guint count, GError **error)
{
  BatchesJob job = { .transaction = transaction, .rows = rows, .count = count };

  if (!pt_sqlite_store_write (store, submit_job, &job, error))
    return FALSE;
  transaction->id = job.transaction_id;
  return TRUE;
}

static gboolean
bump_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  const PtTransactionRow *row = ((BatchesJob *) data)->transaction;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           "update transactions set sent = ?2, max_fee = ?3,"
                           " max_priority_fee = ?4, hash = ?5, raw = ?6,"
                           " versions = cast(versions || ?5 as blob) where id = ?1",
                           error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) row->id);
  sqlite3_bind_int64 (statement, 2, row->sent);
  sqlite3_bind_int64 (statement, 3, (gint64) row->max_fee);
  sqlite3_bind_int64 (statement, 4, (gint64) row->max_priority_fee);
  sqlite3_bind_blob (statement, 5, &row->hash, PT_HASH_SIZE, SQLITE_STATIC);
  pt_sqlite_bind_bytes (statement, 6, row->raw);
  return pt_sqlite_run (sqlite, statement, error) && one_changed (sqlite, "A transaction", error);
}

gboolean
pt_sqlite_store_bump (PtStore *store, const PtTransactionRow *transaction, GError **error)
{
  BatchesJob job = { .transaction = transaction };

  return pt_sqlite_store_write (store, bump_job, &job, error);
}

static gboolean
mined_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  const PtTransactionRow *row = ((BatchesJob *) data)->transaction;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           "update transactions set block = ?2, block_hash = ?3, gas_used = ?4,"
                           " hash = ?5 where id = ?1",
                           error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) row->id);
  sqlite3_bind_int64 (statement, 2, (gint64) row->block);
  sqlite3_bind_blob (statement, 3, &row->block_hash, PT_HASH_SIZE, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 4, (gint64) row->gas_used);
  sqlite3_bind_blob (statement, 5, &row->hash, PT_HASH_SIZE, SQLITE_STATIC);
  return pt_sqlite_run (sqlite, statement, error) && one_changed (sqlite, "A transaction", error);
}

gboolean
pt_sqlite_store_mined (PtStore *store, const PtTransactionRow *transaction, GError **error)
{
  BatchesJob job = { .transaction = transaction };

  return pt_sqlite_store_write (store, mined_job, &job, error);
}

static gboolean
run_on_transaction (PtSqlite *sqlite, const char *sql, guint64 id, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, sql, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) id);
  return pt_sqlite_run (sqlite, statement, error);
}

static gboolean
finalize_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  guint64 id = ((BatchesJob *) data)->transaction_id;

  return run_on_transaction (sqlite, "update transactions set state = 4 where id = ?1", id, error)
         && one_changed (sqlite, "A transaction", error)
         && run_on_transaction (sqlite, "update batches set state = 4 where transaction_id = ?1",
                                id, error)
         && run_on_transaction (sqlite,
                                "update transactions set raw = x'' where state = 4 and raw != x''"
                                " and block < (select block from transactions where id = ?1)"
                                " - " G_STRINGIFY (PT_KEEP_RAW_BLOCKS),
                                id, error);
}

gboolean
pt_sqlite_store_finalize (PtStore *store, guint64 transaction_id, GError **error)
{
  BatchesJob job = { .transaction_id = transaction_id };

  return pt_sqlite_store_write (store, finalize_job, &job, error);
}

static gboolean
withdraw_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  guint64 id = ((BatchesJob *) data)->transaction_id;

  return run_on_transaction (sqlite,
                             "update batches set state = 2, transaction_id = null"
                             " where transaction_id = ?1",
                             id, error)
         && run_on_transaction (sqlite, "delete from transactions where id = ?1", id, error);
}

gboolean
pt_sqlite_store_withdraw (PtStore *store, guint64 transaction_id, GError **error)
{
  BatchesJob job = { .transaction_id = transaction_id };

  return pt_sqlite_store_write (store, withdraw_job, &job, error);
}

/* Its account is not known and its nonce neither, so it has a number that none of ours has. */
static gboolean
adopt_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  BatchesJob *job = data;
  const PtTransactionRow *row = job->transaction;
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite,
      "insert into transactions (chain_id, account, nonce, state, sent, max_fee, max_priority_fee,"
      " hash, raw, block, block_hash, gas_used, versions)"
      " select ?1, zeroblob(20), coalesce(max(nonce), -1) + 1, 4, 0, 0, 0, ?2, x'', ?3, ?4, 0, ?2"
      " from transactions where chain_id = ?1 and account = zeroblob(20)",
      error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) row->chain_id);
  sqlite3_bind_blob (statement, 2, &row->hash, PT_HASH_SIZE, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 3, (gint64) row->block);
  sqlite3_bind_blob (statement, 4, &row->block_hash, PT_HASH_SIZE, SQLITE_STATIC);
  if (!pt_sqlite_run (sqlite, statement, error))
    return FALSE;
  job->transaction_id = (guint64) sqlite3_last_insert_rowid (sqlite->handle);
  for (guint i = 0; i < job->count; i++)
    if (!set_state (sqlite, &job->rows[i], PT_BATCH_PUBLISHED, PT_BATCH_FINAL, job->transaction_id,
                    error))
      return FALSE;
  return TRUE;
}

gboolean
pt_sqlite_store_adopt (PtStore *store, const PtTransactionRow *transaction, const PtBatchRow *rows,
                       guint count, GError **error)
{
  BatchesJob job = { .transaction = transaction, .rows = rows, .count = count };

  return pt_sqlite_store_write (store, adopt_job, &job, error);
}

typedef struct
{
  guint32 area;
  guint64 after;
  guint *count;
} ReopenJob;

#define LOST " (select transaction_id from batches where area = ?1 and batch > ?2 and state = 4)"

static gboolean
run_on_lost (PtSqlite *sqlite, const ReopenJob *job, const char *sql, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, sql, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, job->area);
  sqlite3_bind_int64 (statement, 2, (gint64) job->after);
  return pt_sqlite_run (sqlite, statement, error);
}

/* The transactions first, by which their batches are found; those without bytes go last. */
static gboolean
reopen_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  const ReopenJob *job = data;

  if (!run_on_lost (sqlite, job,
                    "update transactions set state = 3, block = 0, block_hash = zeroblob(32),"
                    " gas_used = 0, hash = substr(versions, -32)"
                    " where state = 4 and id in" LOST,
                    error))
    return FALSE;
  *job->count = (guint) sqlite3_changes (sqlite->handle);
  return pt_sqlite_execute (sqlite,
                            "update batches set state = 3 where state = 4 and transaction_id in"
                            " (select id from transactions where state < 4);"
                            "update batches set state = 2, transaction_id = null where"
                            " transaction_id in"
                            " (select id from transactions where state < 4 and raw = x'');"
                            "delete from transactions where state < 4 and raw = x''",
                            error);
}

gboolean
pt_sqlite_store_reopen (PtStore *store, guint32 area, guint64 after, guint *count, GError **error)
{
  ReopenJob job = { area, after, count };

  return pt_sqlite_store_write (store, reopen_job, &job, error);
}

/* Readers */

#define BATCH_COLUMNS                                                                              \
  "select b.area, a.id, b.batch, b.state, b.since, b.until, b.prev_size, b.size, b.prev_root,"     \
  " b.root, b.cid, b.bytes, b.first_entry, b.last_entry, b.transaction_id, t.hash, t.block"        \
  " from batches b join areas a on a.number = b.area"                                              \
  " left join transactions t on t.id = b.transaction_id"

static gboolean
read_batch (sqlite3_stmt *statement, PtBatchRow *row, GError **error)
{
  gboolean sound = TRUE;

  row->area = (guint32) sqlite3_column_int64 (statement, 0);
  g_strlcpy (row->area_id, (const char *) sqlite3_column_text (statement, 1), sizeof row->area_id);
  row->batch = (guint64) sqlite3_column_int64 (statement, 2);
  row->state = (PtBatchState) sqlite3_column_int (statement, 3);
  row->from = sqlite3_column_int64 (statement, 4);
  row->to = sqlite3_column_int64 (statement, 5);
  row->prev_size = (guint64) sqlite3_column_int64 (statement, 6);
  row->size = (guint64) sqlite3_column_int64 (statement, 7);
  sound &= pt_sqlite_column_fixed (statement, 8, &row->prev_root, PT_HASH_SIZE);
  sound &= pt_sqlite_column_fixed (statement, 9, &row->root, PT_HASH_SIZE);
  sound &= pt_sqlite_column_fixed (statement, 10, row->cid.bytes, PT_CID_SIZE);
  row->bytes = (guint64) sqlite3_column_int64 (statement, 11);
  row->first_entry = (guint64) sqlite3_column_int64 (statement, 12);
  row->last_entry = (guint64) sqlite3_column_int64 (statement, 13);
  row->transaction_id = (guint64) sqlite3_column_int64 (statement, 14); /* null is 0 */
  row->block = (guint64) sqlite3_column_int64 (statement, 16);
  if (row->block != 0)
    sound &= pt_sqlite_column_fixed (statement, 15, &row->transaction, PT_HASH_SIZE);
  if (!sound)
    g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                 "Batch %" G_GUINT64_FORMAT " of %s is damaged in the database. Restore it.",
                 row->batch, row->area_id);
  return sound;
}

typedef struct
{
  const PtBatchQuery *query;
  guint limit;
  GArray *rows;
} ReadBatchesJob;

static gboolean
add_batch (sqlite3_stmt *statement, gpointer data, GError **error)
{
  PtBatchRow row = { 0 };

  if (!read_batch (statement, &row, error))
    return FALSE;
  g_array_append_val ((GArray *) data, row);
  return TRUE;
}

static gboolean
batches_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  ReadBatchesJob *job = data;
  const PtBatchQuery *query = job->query;
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite,
      query->batch != 0
          ? BATCH_COLUMNS " where b.area = ?1 and b.batch = ?3 and ?2 = ?2 and ?4 = ?4"
                          " and ?5 = ?5 limit ?6"
          : BATCH_COLUMNS " where (?1 < 0 or b.area = ?1) and (?2 < 0 or b.state = ?2) and ?3 = ?3"
                          " and (?4 = 0 or (b.until, b.area) < (?4, ?5))"
                          " order by b.until desc, b.area desc limit ?6",
      error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int (statement, 1, query->area);
  sqlite3_bind_int (statement, 2, query->state);
  sqlite3_bind_int64 (statement, 3, (gint64) query->batch);
  sqlite3_bind_int64 (statement, 4, query->before_to);
  sqlite3_bind_int64 (statement, 5, query->before_area);
  sqlite3_bind_int64 (statement, 6, query->limit);
  return pt_sqlite_each (sqlite, statement, add_batch, job->rows, error);
}

static gboolean
unfinished_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  ReadBatchesJob *job = data;
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, BATCH_COLUMNS " where b.state < 4 order by b.until, b.area, b.batch limit ?", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, job->limit);
  return pt_sqlite_each (sqlite, statement, add_batch, job->rows, error);
}

GArray *
pt_sqlite_store_batches (PtStore *store, const PtBatchQuery *query, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (PtBatchRow));
  ReadBatchesJob job = { .query = query, .rows = rows };

  if (!pt_sqlite_store_read (store, batches_job, &job, error))
    return NULL;
  return g_steal_pointer (&rows);
}

typedef struct
{
  guint32 area;
  guint64 batch;
  GBytes **roster;
} RosterJob;

static gboolean
take_roster (sqlite3_stmt *statement, gpointer data, GError **error)
{
  *((RosterJob *) data)->roster = pt_sqlite_column_bytes (statement, 0);
  return TRUE;
}

static gboolean
roster_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  RosterJob *job = data;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite, "select body from rosters where area = ? and batch = ?", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, job->area);
  sqlite3_bind_int64 (statement, 2, (gint64) job->batch);
  return pt_sqlite_each (sqlite, statement, take_roster, job, error);
}

gboolean
pt_sqlite_store_roster (PtStore *store, guint32 area, guint64 batch, GBytes **roster,
                        GError **error)
{
  RosterJob job = { area, batch, roster };

  return pt_sqlite_store_read (store, roster_job, &job, error);
}

GArray *
pt_sqlite_store_unfinished (PtStore *store, guint limit, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (PtBatchRow));
  ReadBatchesJob job = { .limit = limit, .rows = rows };

  if (!pt_sqlite_store_read (store, unfinished_job, &job, error))
    return NULL;
  return g_steal_pointer (&rows);
}

static gboolean
add_transaction (sqlite3_stmt *statement, gpointer data, GError **error)
{
  PtTransactionRow *row = g_new0 (PtTransactionRow, 1);

  g_ptr_array_add (data, row);
  row->nonce = (guint64) sqlite3_column_int64 (statement, 0);
  row->state = (PtBatchState) sqlite3_column_int (statement, 1);
  row->sent = sqlite3_column_int64 (statement, 2);
  row->max_fee = (guint64) sqlite3_column_int64 (statement, 3);
  row->max_priority_fee = (guint64) sqlite3_column_int64 (statement, 4);
  pt_sqlite_column_fixed (statement, 5, &row->hash, PT_HASH_SIZE);
  row->raw = pt_sqlite_column_bytes (statement, 6);
  row->block = (guint64) sqlite3_column_int64 (statement, 7);
  pt_sqlite_column_fixed (statement, 8, &row->block_hash, PT_HASH_SIZE);
  row->gas_used = (guint64) sqlite3_column_int64 (statement, 9);
  row->versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  g_array_append_vals (row->versions, sqlite3_column_blob (statement, 10),
                       (guint) sqlite3_column_bytes (statement, 10) / PT_HASH_SIZE);
  row->id = (guint64) sqlite3_column_int64 (statement, 11);
  row->chain_id = (guint64) sqlite3_column_int64 (statement, 12);
  pt_sqlite_column_fixed (statement, 13, row->account, sizeof row->account);
  return TRUE;
}

static gboolean
transactions_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           "select nonce, state, sent, max_fee, max_priority_fee, hash, raw,"
                           " block, block_hash, gas_used, versions, id, chain_id, account"
                           " from transactions where state < 4 order by id",
                           error);

  return statement != NULL && pt_sqlite_each (sqlite, statement, add_transaction, data, error);
}

GPtrArray *
pt_sqlite_store_transactions (PtStore *store, GError **error)
{
  g_autoptr (GPtrArray) rows
      = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_transaction_row_free);

  if (!pt_sqlite_store_read (store, transactions_job, rows, error))
    return NULL;
  return g_steal_pointer (&rows);
}
