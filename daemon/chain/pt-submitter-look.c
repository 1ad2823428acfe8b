/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-submitter-private.h"

#include <string.h>

#define TOGETHER 64   /* areas looked at as of one block */
#define ADOPT_MAX 256 /* batches of an area taken over in one round */
#define LOOK_S 900

static gboolean
of_store (gboolean result, GError **error)
{
  if (!result && error != NULL && *error != NULL)
    (*error)->domain = PT_STORE_FAULT;
  return result;
}

/* When */

gint64
pt_submitter_next_look (PtSubmitter *submitter)
{
  g_return_val_if_fail (submitter != NULL, 0);

  if (submitter->look_at == 0 || submitter->look_all_at == 0)
    return MAX (submitter->look_at, submitter->look_all_at);
  return MIN (submitter->look_at, submitter->look_all_at);
}

static void
look_in (PtSubmitter *submitter, gint64 delay)
{
  gint64 at = submitter->facts.now + delay;

  submitter->look_at = submitter->look_at == 0 ? at : MIN (submitter->look_at, at);
}

void
pt_submitter_look_again (PtSubmitter *submitter, guint32 area, gint64 delay)
{
  g_return_if_fail (submitter != NULL);

  g_hash_table_add (submitter->unsettled, GUINT_TO_POINTER (area));
  look_in (submitter, delay);
}

static gint64
operator_retry (PtSubmitter *submitter)
{
  return (gint64) submitter->config.operator_retry_s * 1000;
}

/* Acting on it */

static void
tell (PtSubmitter *submitter, PtBatchRow *row, const PtAnchored *event)
{
  row->state = PT_BATCH_FINAL;
  row->block = event->block;
  row->transaction = event->transaction;
  pt_news_tell_batches (submitter->config.news, row, 1);
}

static gboolean
is_deep (PtSubmitter *submitter, const PtContract *at, guint64 block)
{
  return at->at.number >= block && at->at.number - block + 1 >= submitter->facts.confirmations;
}

/* A batch that is on the chain by a transaction that the store does not have. FALSE with *@done:
 * it could be done; else it has to wait. */
static gboolean
adopt (PtSubmitter *submitter, const PtContract *at, PtBatchRow *row, gboolean *done,
       GError **error)
{
  PtTransactionRow transaction = { .chain_id = submitter->config.chain_id };
  PtAnchored event;
  PtBlockHeader header;
  gboolean found;

  *done = FALSE;
  if (!pt_looker_anchored (submitter->config.looker, at, row, &found, &event, error))
    return FALSE;
  if (!found || !is_deep (submitter, at, event.block))
    return TRUE;
  if (!pt_rpc_header (submitter->rpc, event.block, &header, error))
    return FALSE;
  transaction.hash = event.transaction;
  transaction.block = event.block;
  transaction.block_hash = header.hash;
  if (!of_store (pt_store_adopt (submitter->store, &transaction, row, 1, error), error))
    return FALSE;
  tell (submitter, row, &event);
  *done = submitter->progress = TRUE;
  return TRUE;
}

static gboolean
read_batch (PtSubmitter *submitter, const PtLook *look, guint64 batch, PtBatchRow *out,
            GError **error)
{
  PtBatchQuery query
      = { .area = (gint32) look->area.number, .state = -1, .batch = batch, .limit = 1 };
  g_autoptr (GArray) rows = pt_store_batches (submitter->store, &query, error);

  if (rows != NULL && rows->len == 1)
    *out = g_array_index (rows, PtBatchRow, 0);
  else if (rows != NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                 "Batch %" G_GUINT64_FORMAT " of %s is missing in the database. Restore a copy.",
                 batch, look->area.id);
  return of_store (rows != NULL && rows->len == 1, error);
}

/* In order, up to the first that has to wait: to be published, or to be deep enough. What a
 * transaction of ours holds is followed by that. */
static gboolean
adopt_batches (PtSubmitter *submitter, const PtContract *at, const PtLook *look, GError **error)
{
  guint64 last = MIN (look->contract.latest.batch, look->log.final + ADOPT_MAX);
  gboolean done = TRUE;
  guint adopted = 0;

  for (guint64 batch = look->log.final + 1; done && batch <= last; batch++)
    {
      PtBatchRow row;

      if (!read_batch (submitter, look, batch, &row, error))
        return FALSE;
      done = row.state == PT_BATCH_SUBMITTED || row.state == PT_BATCH_FINAL;
      if (row.state == PT_BATCH_PUBLISHED && !adopt (submitter, at, &row, &done, error))
        return FALSE;
      adopted += row.state == PT_BATCH_FINAL;
    }
  if (adopted > 0)
    g_message ("%u batches of %s up to batch %" G_GUINT64_FORMAT
               " were anchored by transactions that were not known here.",
               adopted, look->area.id, last);
  if (!done || last < look->contract.latest.batch)
    pt_submitter_look_again (submitter, look->area.number, submitter->config.poll_ms);
  else
    pt_submitter_accept_area (submitter, look->area.number);
  return TRUE;
}

/* What was final is not there: its transactions are followed again, or its batches due anew. */
static gboolean
reopen (PtSubmitter *submitter, const PtLook *look, GError **error)
{
  g_autoptr (GArray) rows = NULL;
  guint count;

  if (!of_store (pt_store_reopen (submitter->store, look->area.number, look->contract.latest.batch,
                                  &count, error),
                 error))
    return FALSE;
  g_message ("The chain lost what it had of %s after batch %" G_GUINT64_FORMAT
             ", which was final: it is anchored again.",
             look->area.id, look->contract.latest.batch);
  rows = pt_store_unfinished (submitter->store, G_MAXINT, error);
  if (!of_store (rows != NULL, error))
    return FALSE;
  pt_news_tell_batches (submitter->config.news, (const PtBatchRow *) (gpointer) rows->data,
                        rows->len);
  /* What other areas had in those blocks is gone too, and has nonces before these. */
  submitter->look_all_at = submitter->facts.now;
  submitter->progress = TRUE;
  return TRUE;
}

static gboolean
too_early (const PtLook *look, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
               "the chain's endpoint is at block %" G_GUINT64_FORMAT
               ", and batch %" G_GUINT64_FORMAT " of %s was anchored in block %" G_GUINT64_FORMAT,
               look->contract.block, look->log.final, look->area.id, look->log.final_block);
  return FALSE;
}

static gboolean
act (PtSubmitter *submitter, const PtContract *at, const PtLook *look, GError **error)
{
  g_hash_table_remove (submitter->unsettled, GUINT_TO_POINTER (look->area.number));
  switch (look->found)
    {
    case PT_RECONCILE_SAME:
    case PT_RECONCILE_NOT_THERE:
      break;
    case PT_RECONCILE_GONE:
    case PT_RECONCILE_OTHER_KEYS:
    case PT_RECONCILE_BEHIND:
    case PT_RECONCILE_FORKED:
      look_in (submitter, operator_retry (submitter));
      break;
    case PT_RECONCILE_ANCHORED:
      return adopt_batches (submitter, at, look, error);
    case PT_RECONCILE_LOST:
      return reopen (submitter, look, error);
    case PT_RECONCILE_TOO_EARLY:
      return too_early (look, error);
    }
  return TRUE;
}

/* Errors of the looker may be the store's: what it read there is damaged. */
static GPtrArray *
look (PtSubmitter *submitter, GArray *areas, GError **error)
{
  g_autoptr (GPtrArray) looks = NULL;
  PtContract at;

  looks = pt_looker_look (submitter->config.looker, submitter->rpc, areas, &at, error);
  for (guint i = 0; looks != NULL && i < looks->len; i++)
    if (!act (submitter, &at, g_ptr_array_index (looks, i), error))
      return NULL;
  return g_steal_pointer (&looks);
}

/* In a round */

static gboolean
is_due (PtSubmitter *submitter, guint32 area, gboolean all)
{
  PtHold *hold = pt_looker_hold (submitter->config.looker);

  return all || !pt_hold_was_looked_at (hold, area) || pt_hold_get (hold, area) != PT_HOLD_NOTHING
         || g_hash_table_contains (submitter->unsettled, GUINT_TO_POINTER (area));
}

gboolean
pt_submitter_look_round (PtSubmitter *submitter, GError **error)
{
  g_autoptr (GArray) areas = NULL;
  gint64 now, next;
  gboolean all;

  g_return_val_if_fail (submitter != NULL, FALSE);

  now = submitter->facts.now;
  next = pt_submitter_next_look (submitter);
  all = submitter->look_all_at != 0 && submitter->look_all_at <= now;
  if (next == 0 || next > now)
    return TRUE;
  areas = pt_store_areas (submitter->store, error);
  if (!of_store (areas != NULL, error))
    return FALSE;
  submitter->look_at = 0;
  for (guint first = 0; first < areas->len;)
    {
      g_autoptr (GArray) some = g_array_new (FALSE, FALSE, sizeof (PtAreaRow));
      g_autoptr (GPtrArray) looks = NULL;

      for (; first < areas->len && some->len < TOGETHER; first++)
        if (is_due (submitter, first, all))
          g_array_append_vals (some, &g_array_index (areas, PtAreaRow, first), 1);
      looks = some->len > 0 ? look (submitter, some, error) : NULL;
      if (some->len > 0 && looks == NULL)
        {
          submitter->look_at = 1;
          return FALSE;
        }
    }
  if (all || submitter->look_all_at == 0)
    submitter->look_all_at
        = now + (gint64) (submitter->config.look_s > 0 ? submitter->config.look_s : LOOK_S) * 1000;
  return TRUE;
}

static GArray *
areas_of (PtSubmitter *submitter, GArray *due, GError **error)
{
  g_autoptr (GArray) areas = pt_store_areas (submitter->store, error);
  g_autoptr (GHashTable) wanted = g_hash_table_new (NULL, NULL);
  guint kept = 0;

  if (!of_store (areas != NULL, error))
    return NULL;
  for (guint i = 0; i < due->len; i++)
    g_hash_table_add (wanted, GUINT_TO_POINTER (g_array_index (due, PtBatchRow, i).area));
  for (guint i = 0; i < areas->len; i++)
    if (g_hash_table_contains (wanted, GUINT_TO_POINTER (i)))
      g_array_index (areas, PtAreaRow, kept++) = g_array_index (areas, PtAreaRow, i);
  g_array_set_size (areas, kept);
  return g_steal_pointer (&areas);
}

/* Whether the area's log goes on there where @row does. An area that is not registered yet is the
 * contract's to refuse, with its reason. */
static gboolean
may_follow (const PtLook *seen, const PtBatchRow *row)
{
  return (seen->found == PT_RECONCILE_SAME || seen->found == PT_RECONCILE_NOT_THERE
          || seen->found == PT_RECONCILE_ANCHORED)
         && row->batch > seen->contract.latest.batch;
}

gboolean
pt_submitter_look_at_due (PtSubmitter *submitter, GArray *due, GError **error)
{
  g_autoptr (GHashTable) seen = NULL;
  g_autoptr (GPtrArray) looks = NULL;
  g_autoptr (GArray) areas = NULL;
  guint kept = 0;
  PtHold *hold;

  g_return_val_if_fail (submitter != NULL && due != NULL, FALSE);

  areas = areas_of (submitter, due, error);
  looks = areas != NULL ? look (submitter, areas, error) : NULL;
  if (looks == NULL)
    return FALSE;
  hold = pt_looker_hold (submitter->config.looker);
  seen = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < looks->len; i++)
    {
      PtLook *found = g_ptr_array_index (looks, i);

      g_hash_table_insert (seen, GUINT_TO_POINTER (found->area.number), found);
    }
  for (guint i = 0; i < due->len && pt_hold_may_take (hold, NULL); i++)
    {
      PtBatchRow row = g_array_index (due, PtBatchRow, i);

      if (may_follow (g_hash_table_lookup (seen, GUINT_TO_POINTER (row.area)), &row))
        g_array_index (due, PtBatchRow, kept++) = row;
    }
  g_array_set_size (due, kept);
  return TRUE;
}

/* A transaction without a receipt */

gboolean
pt_submitter_ask_contract (PtSubmitter *submitter, const PtTransactionRow *row, GArray *rows,
                           PtTransactionFacts *facts, PtRpcReceipt *receipt, PtHash *hash,
                           GError **error)
{
  PtAnchored first = { 0 };
  PtBlockHeader header;
  gboolean found = FALSE;
  PtContract at;

  g_return_val_if_fail (submitter != NULL && row != NULL && facts != NULL, FALSE);

  facts->asked = TRUE;
  if (!pt_looker_pin (submitter->config.looker, submitter->rpc, &at, error))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      const PtBatchRow *batch = &g_array_index (rows, PtBatchRow, i);
      PtAnchored event;

      if (batch->transaction_id != row->id)
        continue;
      if (!pt_looker_anchored (submitter->config.looker, &at, batch, &found, &event, error))
        return FALSE;
      if (first.block == 0)
        first = event;
      if (!found || memcmp (&event.transaction, &first.transaction, sizeof (PtHash)) != 0)
        return TRUE;
    }
  if (!found)
    return TRUE;
  if (!pt_rpc_header (submitter->rpc, first.block, &header, error)
      || !pt_contract_check_pin (&at, error))
    return FALSE;
  *receipt = (PtRpcReceipt){
    .found = TRUE, .success = TRUE, .block = first.block, .block_hash = header.hash
  };
  *hash = first.transaction;
  facts->receipt = PT_RECEIPT_SUCCESS;
  facts->block = first.block;
  facts->block_hash = header.hash;
  return TRUE;
}

/* The block that rosters name */

#define SETTLED_EVERY_MS 30000
/* Below what counts as final. A batch that was lost by a deep reorg is anchored again as it is; a
 * roster that names a block which went with it would be wrong for ever. Two epochs: that deep
 * Ethereum itself counts a block as final. The contract's own block is deep enough: without that
 * there is nothing to audit. */
#define SETTLED_BELOW 64

void
pt_submitter_read_settled (PtSubmitter *submitter)
{
  guint64 head, from;
  PtBlockHeader header;
  guint64 depth;
  gint64 now;

  g_return_if_fail (submitter != NULL);

  depth = submitter->facts.confirmations - 1 + SETTLED_BELOW;
  now = pt_submitter_now (submitter);
  if (submitter->rpc == NULL || !submitter->checked
      || (now < submitter->settled_at && submitter->facts.head <= submitter->settled_head))
    return;
  submitter->settled_at = now + SETTLED_EVERY_MS;
  /* Without an answer it stays the one that was seen last. */
  if (!pt_rpc_block_number (submitter->rpc, &head, NULL))
    return;
  from = MIN (pt_looker_from (submitter->config.looker), head);
  if (!pt_rpc_header (submitter->rpc, MAX (head - MIN (head, depth), from), &header, NULL))
    return;
  submitter->settled_head = head;
  g_mutex_lock (&submitter->lock);
  submitter->settled = (PtNamedBlock){ TRUE, header.number, header.hash };
  g_mutex_unlock (&submitter->lock);
}
