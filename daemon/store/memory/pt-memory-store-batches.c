/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-memory-store-private.h"

static int
compare_batches (gconstpointer a, gconstpointer b)
{
  const PtBatchRow *x = a, *y = b;

  if (x->to != y->to)
    return x->to < y->to ? -1 : 1;
  return (x->area > y->area) - (x->area < y->area);
}

static void
roster_clear (gpointer data)
{
  g_bytes_unref (((PtMemoryRoster *) data)->body);
}

void
pt_memory_batches_init (PtMemoryStore *store)
{
  store->rosters = g_array_new (FALSE, FALSE, sizeof (PtMemoryRoster));
  g_array_set_clear_func (store->rosters, roster_clear);
  store->batches = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  store->transactions = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_transaction_row_free);
}

void
pt_memory_batches_clear (PtMemoryStore *store)
{
  g_array_unref (store->rosters);
  g_array_unref (store->batches);
  g_ptr_array_unref (store->transactions);
}

guint64
pt_memory_batches_final_to (PtMemoryStore *store, const PtAreaRow *area)
{
  guint64 final_to = area->head.last_entry;

  for (guint i = 0; i < store->batches->len; i++)
    {
      const PtBatchRow *row = &g_array_index (store->batches, PtBatchRow, i);

      if (row->area == area->number && row->state != PT_BATCH_FINAL)
        final_to = MIN (final_to, row->first_entry - 1);
    }
  return final_to;
}

static gboolean
check_heads (PtMemoryStore *store, const PtSeal *seals, guint count, GError **error)
{
  for (guint i = 0; i < count; i++)
    {
      const PtMemoryArea *area = pt_memory_log_area (store, seals[i].row.area);

      if (area == NULL)
        return pt_memory_store_conflict ("There is no such area to seal.", error);
      if (!pt_head_is_at (&area->row.head, &seals[i].previous))
        return pt_memory_store_conflict ("The head of the area's log has moved.", error);
    }
  return TRUE;
}

gboolean
pt_memory_batches_seal (PtStore *parent, const PtSeal *seals, guint count, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);

  if (!pt_memory_store_may_write (store, PT_STORE_SEAL, error)
      || !check_heads (store, seals, count, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    {
      PtMemoryArea *area = pt_memory_log_area (store, seals[i].row.area);
      PtBatchRow row = seals[i].row;

      area->row.head = seals[i].next;
      row.state = PT_BATCH_SEALED;
      g_strlcpy (row.area_id, area->row.id, sizeof row.area_id);
      g_array_append_val (store->batches, row);
      if (seals[i].roster != NULL)
        {
          PtMemoryRoster roster
              = { row.area, row.batch, row.last_entry, g_bytes_ref (seals[i].roster) };

          g_array_append_val (store->rosters, roster);
        }
    }
  g_array_sort (store->batches, compare_batches);
  return pt_memory_store_written (store, PT_STORE_SEAL, error);
}

gboolean
pt_memory_batches_roster (PtStore *parent, guint32 area, guint64 batch, GBytes **out,
                          GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);

  for (guint i = 0; i < store->rosters->len; i++)
    {
      const PtMemoryRoster *roster = &g_array_index (store->rosters, PtMemoryRoster, i);

      if (roster->area == area && roster->batch == batch)
        *out = g_bytes_ref (roster->body);
    }
  return TRUE;
}

void
pt_memory_batches_prune (PtMemoryStore *store, guint32 area, guint64 pruned)
{
  for (guint i = store->rosters->len; i > 0; i--)
    {
      const PtMemoryRoster *roster = &g_array_index (store->rosters, PtMemoryRoster, i - 1);

      if (roster->area == area && roster->last_entry <= pruned)
        g_array_remove_index (store->rosters, i - 1);
    }
}

static gboolean
batch_matches (const PtBatchRow *row, const PtBatchQuery *query)
{
  PtBatchRow last = { .to = query->before_to, .area = query->before_area };

  return (query->area < 0 || row->area == (guint32) query->area)
         && (query->state < 0 || (gint32) row->state == query->state)
         && (query->batch == 0 || row->batch == query->batch)
         && (query->before_to == 0 || compare_batches (row, &last) < 0);
}

GArray *
pt_memory_batches_query (PtStore *parent, const PtBatchQuery *query, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));

  for (guint i = store->batches->len; i > 0 && (query->limit == 0 || found->len < query->limit);
       i--)
    {
      const PtBatchRow *row = &g_array_index (store->batches, PtBatchRow, i - 1);

      if (batch_matches (row, query))
        g_array_append_vals (found, row, 1);
    }
  return found;
}

GArray *
pt_memory_batches_unfinished (PtStore *parent, guint limit, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));

  for (guint i = 0; i < store->batches->len && (limit == 0 || found->len < limit); i++)
    {
      const PtBatchRow *row = &g_array_index (store->batches, PtBatchRow, i);

      if (row->state != PT_BATCH_FINAL)
        g_array_append_vals (found, row, 1);
    }
  return found;
}

static PtBatchRow *
find_batch (PtMemoryStore *store, guint32 area, guint64 batch)
{
  for (guint i = store->batches->len; i > 0; i--)
    {
      PtBatchRow *row = &g_array_index (store->batches, PtBatchRow, i - 1);

      if (row->area == area && row->batch == batch)
        return row;
    }
  return NULL;
}

static gboolean
check_state (PtMemoryStore *store, const PtBatchRow *rows, guint count, PtBatchState state,
             GError **error)
{
  for (guint i = 0; i < count; i++)
    {
      const PtBatchRow *row = find_batch (store, rows[i].area, rows[i].batch);

      if (row != NULL && row->state == state)
        continue;
      g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
                   "Batch %" G_GUINT64_FORMAT " of area number %u is not %s.", rows[i].batch,
                   rows[i].area, pt_batch_state_name (state));
      return FALSE;
    }
  return TRUE;
}

gboolean
pt_memory_batches_published (PtStore *parent, const PtBatchRow *rows, guint count, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);

  if (!pt_memory_store_may_write (store, PT_STORE_PUBLISHED, error)
      || !check_state (store, rows, count, PT_BATCH_SEALED, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    find_batch (store, rows[i].area, rows[i].batch)->state = PT_BATCH_PUBLISHED;
  return pt_memory_store_written (store, PT_STORE_PUBLISHED, error);
}

/* Transactions */

static PtTransactionRow *
copy_transaction (const PtTransactionRow *row)
{
  PtTransactionRow *copy = g_memdup2 (row, sizeof *row);

  copy->raw = g_bytes_ref (row->raw);
  copy->versions = g_array_copy (row->versions);
  return copy;
}

static PtTransactionRow *
find_transaction (PtMemoryStore *store, guint64 id, guint *index)
{
  for (guint i = 0; i < store->transactions->len; i++)
    {
      PtTransactionRow *row = g_ptr_array_index (store->transactions, i);

      if (index != NULL)
        *index = i;
      if (row->id == id)
        return row;
    }
  return NULL;
}

/* A transaction that may still change, or PT_ERROR_CONFLICT. */
static PtTransactionRow *
find_pending (PtMemoryStore *store, guint64 id, guint *index, GError **error)
{
  PtTransactionRow *row = find_transaction (store, id, index);

  if (row != NULL && row->state != PT_BATCH_FINAL)
    return row;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
               "There is no transaction %" G_GUINT64_FORMAT " that is not final.", id);
  return NULL;
}

static gboolean
is_used (PtMemoryStore *store, const PtTransactionRow *transaction)
{
  for (guint i = 0; i < store->transactions->len; i++)
    {
      const PtTransactionRow *row = g_ptr_array_index (store->transactions, i);

      if (row->nonce == transaction->nonce && row->chain_id == transaction->chain_id
          && memcmp (row->account, transaction->account, sizeof row->account) == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
pt_memory_batches_submit (PtStore *parent, PtTransactionRow *transaction, const PtBatchRow *rows,
                          guint count, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  PtTransactionRow *row;

  if (!pt_memory_store_may_write (store, PT_STORE_SUBMIT, error)
      || !check_state (store, rows, count, PT_BATCH_PUBLISHED, error))
    return FALSE;
  if (is_used (store, transaction))
    return pt_memory_store_conflict ("There is a transaction of this nonce.", error);
  transaction->id = ++store->last_transaction;
  row = g_memdup2 (transaction, sizeof *transaction);
  row->state = PT_BATCH_SUBMITTED;
  row->block = 0;
  row->raw = g_bytes_ref (transaction->raw);
  row->versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  g_array_append_val (row->versions, row->hash);
  g_ptr_array_add (store->transactions, row);
  for (guint i = 0; i < count; i++)
    {
      PtBatchRow *batch = find_batch (store, rows[i].area, rows[i].batch);

      batch->state = PT_BATCH_SUBMITTED;
      batch->transaction_id = row->id;
    }
  return pt_memory_store_written (store, PT_STORE_SUBMIT, error);
}

gboolean
pt_memory_batches_bump (PtStore *parent, const PtTransactionRow *transaction, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  PtTransactionRow *row;

  if (!pt_memory_store_may_write (store, PT_STORE_BUMP, error))
    return FALSE;
  row = find_pending (store, transaction->id, NULL, error);
  if (row == NULL)
    return FALSE;
  g_bytes_unref (row->raw);
  row->raw = g_bytes_ref (transaction->raw);
  row->hash = transaction->hash;
  row->sent = transaction->sent;
  row->max_fee = transaction->max_fee;
  row->max_priority_fee = transaction->max_priority_fee;
  g_array_append_val (row->versions, row->hash);
  return pt_memory_store_written (store, PT_STORE_BUMP, error);
}

gboolean
pt_memory_batches_mined (PtStore *parent, const PtTransactionRow *transaction, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  static const PtHash none;
  gboolean mined = transaction->block != 0;
  PtTransactionRow *row;

  if (!pt_memory_store_may_write (store, PT_STORE_MINED, error))
    return FALSE;
  row = find_pending (store, transaction->id, NULL, error);
  if (row == NULL)
    return FALSE;
  row->hash
      = mined ? transaction->hash : g_array_index (row->versions, PtHash, row->versions->len - 1);
  row->block = transaction->block;
  row->block_hash = mined ? transaction->block_hash : none;
  row->gas_used = mined ? transaction->gas_used : 0;
  for (guint i = 0; i < store->batches->len; i++)
    {
      PtBatchRow *batch = &g_array_index (store->batches, PtBatchRow, i);

      if (batch->transaction_id != row->id)
        continue;
      batch->transaction = mined ? row->hash : none;
      batch->block = row->block;
    }
  return pt_memory_store_written (store, PT_STORE_MINED, error);
}

static void
forget_old_bytes (PtMemoryStore *store, guint64 block)
{
  for (guint i = 0; i < store->transactions->len; i++)
    {
      PtTransactionRow *row = g_ptr_array_index (store->transactions, i);

      if (row->state != PT_BATCH_FINAL || row->block + PT_KEEP_RAW_BLOCKS >= block)
        continue;
      g_bytes_unref (row->raw);
      row->raw = g_bytes_new (NULL, 0);
    }
}

gboolean
pt_memory_batches_finalize (PtStore *parent, guint64 transaction_id, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  PtTransactionRow *row;

  if (!pt_memory_store_may_write (store, PT_STORE_FINALIZE, error))
    return FALSE;
  row = find_pending (store, transaction_id, NULL, error);
  if (row == NULL)
    return FALSE;
  if (row->block == 0)
    return pt_memory_store_conflict ("A transaction that is not mined can't be final.", error);
  row->state = PT_BATCH_FINAL;
  for (guint i = 0; i < store->batches->len; i++)
    {
      PtBatchRow *batch = &g_array_index (store->batches, PtBatchRow, i);

      if (batch->transaction_id == transaction_id)
        batch->state = PT_BATCH_FINAL;
    }
  forget_old_bytes (store, row->block);
  return pt_memory_store_written (store, PT_STORE_FINALIZE, error);
}

gboolean
pt_memory_batches_withdraw (PtStore *parent, guint64 transaction_id, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  guint index = 0;

  if (!pt_memory_store_may_write (store, PT_STORE_WITHDRAW, error)
      || find_pending (store, transaction_id, &index, error) == NULL)
    return FALSE;
  g_ptr_array_remove_index (store->transactions, index);
  for (guint i = 0; i < store->batches->len; i++)
    {
      PtBatchRow *batch = &g_array_index (store->batches, PtBatchRow, i);

      if (batch->transaction_id != transaction_id)
        continue;
      batch->state = PT_BATCH_PUBLISHED;
      batch->transaction_id = batch->block = 0;
      memset (&batch->transaction, 0, sizeof batch->transaction);
    }
  return pt_memory_store_written (store, PT_STORE_WITHDRAW, error);
}

gboolean
pt_memory_batches_adopt (PtStore *parent, const PtTransactionRow *transaction,
                         const PtBatchRow *rows, guint count, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  PtTransactionRow *row;

  if (!pt_memory_store_may_write (store, PT_STORE_ADOPT, error)
      || !check_state (store, rows, count, PT_BATCH_PUBLISHED, error))
    return FALSE;
  row = g_new0 (PtTransactionRow, 1);
  row->id = row->nonce = ++store->last_transaction;
  row->chain_id = transaction->chain_id;
  row->state = PT_BATCH_FINAL;
  row->hash = transaction->hash;
  row->block = transaction->block;
  row->block_hash = transaction->block_hash;
  row->raw = g_bytes_new (NULL, 0);
  row->versions = g_array_new (FALSE, FALSE, sizeof (PtHash));
  g_array_append_val (row->versions, row->hash);
  g_ptr_array_add (store->transactions, row);
  for (guint i = 0; i < count; i++)
    {
      PtBatchRow *batch = find_batch (store, rows[i].area, rows[i].batch);

      batch->state = PT_BATCH_FINAL;
      batch->transaction_id = row->id;
      batch->transaction = row->hash;
      batch->block = row->block;
    }
  return pt_memory_store_written (store, PT_STORE_ADOPT, error);
}

/* The transaction is not mined any more; TRUE: it may be sent again as it is. */
static gboolean
reopen_transaction (PtMemoryStore *store, PtTransactionRow *row)
{
  static const PtHash none;
  gboolean kept = g_bytes_get_size (row->raw) > 0;

  row->state = PT_BATCH_SUBMITTED;
  row->block = row->gas_used = 0;
  row->block_hash = none;
  row->hash = g_array_index (row->versions, PtHash, row->versions->len - 1);
  for (guint i = 0; i < store->batches->len; i++)
    {
      PtBatchRow *batch = &g_array_index (store->batches, PtBatchRow, i);

      if (batch->transaction_id != row->id)
        continue;
      batch->state = kept ? PT_BATCH_SUBMITTED : PT_BATCH_PUBLISHED;
      batch->transaction_id = kept ? row->id : 0;
      batch->block = 0;
      batch->transaction = none;
    }
  return kept;
}

gboolean
pt_memory_batches_reopen (PtStore *parent, guint32 area, guint64 after, guint *count,
                          GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);

  *count = 0;
  if (!pt_memory_store_may_write (store, PT_STORE_REOPEN, error))
    return FALSE;
  for (guint i = 0; i < store->batches->len; i++)
    {
      const PtBatchRow *batch = &g_array_index (store->batches, PtBatchRow, i);
      PtTransactionRow *row;
      guint index = 0;

      if (batch->area != area || batch->batch <= after || batch->state != PT_BATCH_FINAL)
        continue;
      row = find_transaction (store, batch->transaction_id, &index);
      (*count)++;
      if (!reopen_transaction (store, row))
        g_ptr_array_remove_index (store->transactions, index);
    }
  return pt_memory_store_written (store, PT_STORE_REOPEN, error);
}

GPtrArray *
pt_memory_batches_transactions (PtStore *parent, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_transaction_row_free);

  for (guint i = 0; i < store->transactions->len; i++)
    {
      const PtTransactionRow *row = g_ptr_array_index (store->transactions, i);

      if (row->state != PT_BATCH_FINAL)
        g_ptr_array_add (found, copy_transaction (row));
    }
  return found;
}
