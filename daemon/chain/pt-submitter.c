/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-submitter-private.h"

#include <string.h>

#define UNFINISHED_MAX 8192 /* batches looked at in a round, the oldest */
#define PUBLISH_RETRY_MS 2000
#define BACKOFF_MAX_MS 10000
#define STUCK_AFTER_S 180
#define FOREVER (-1)

static void
free_refusal (PtRefusal *refusal)
{
  g_free (refusal->sentence);
  g_free (refusal);
}

/* Status */

static void
set_status (PtSubmitter *submitter, const char *state, PtHealthSort sort, const char *sentence)
{
  g_mutex_lock (&submitter->lock);
  submitter->status.state = state;
  submitter->status.block = submitter->facts.head;
  g_mutex_unlock (&submitter->lock);
  pt_health_say (submitter->config.health, PT_HEALTH_SUBMITTER, sort, sentence);
}

/* After a round that went well: what the operator has to know, if anything. */
static void
set_status_by_attention (PtSubmitter *submitter)
{
  const char *state = submitter->facts.in_flight ? "submitting" : "ready";

  if (submitter->rpc == NULL)
    state = "none";
  if (submitter->attention == NULL)
    set_status (submitter, state, PT_HEALTH_WELL, NULL);
  else
    set_status (submitter, "operator", PT_HEALTH_ASKS, submitter->attention);
}

gboolean
pt_submitter_has_chain (PtSubmitter *submitter)
{
  g_return_val_if_fail (submitter != NULL, FALSE);

  return submitter->config.rpc_url != NULL;
}

void
pt_submitter_get_status (PtSubmitter *submitter, PtSubmitterStatus *out)
{
  g_return_if_fail (submitter != NULL && out != NULL);

  g_mutex_lock (&submitter->lock);
  *out = submitter->status;
  g_mutex_unlock (&submitter->lock);
}

void
pt_submitter_settled_block (PtSubmitter *submitter, PtNamedBlock *out)
{
  g_return_if_fail (submitter != NULL && out != NULL);

  g_mutex_lock (&submitter->lock);
  *out = submitter->settled;
  g_mutex_unlock (&submitter->lock);
}

char *
pt_submitter_area_refusal (PtSubmitter *submitter, guint32 area)
{
  const PtRefusal *refusal;
  char *sentence;

  g_return_val_if_fail (submitter != NULL, NULL);

  g_mutex_lock (&submitter->lock);
  refusal = g_hash_table_lookup (submitter->refusals, GUINT_TO_POINTER (area));
  sentence = refusal != NULL ? g_strdup (refusal->sentence) : NULL;
  g_mutex_unlock (&submitter->lock);
  return sentence;
}

/* What both files note and tell */

gint64
pt_submitter_now (PtSubmitter *submitter)
{
  g_return_val_if_fail (submitter != NULL, 0);

  if (submitter->clock != NULL)
    return pt_clock_now (submitter->clock);
  return submitter->started + (g_get_monotonic_time () - submitter->started_us) / 1000;
}

void
pt_submitter_note_attention (PtSubmitter *submitter, const char *sentence)
{
  g_return_if_fail (submitter != NULL);

  if (submitter->attention == NULL)
    submitter->attention = g_strdup (sentence);
}

void
pt_submitter_tell (PtSubmitter *submitter, GArray *rows, const PtTransactionRow *transaction,
                   PtBatchState state)
{
  static const PtHash none;
  g_autoptr (GArray) changed = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  gboolean mined = state != PT_BATCH_PUBLISHED && transaction->block != 0;

  g_return_if_fail (submitter != NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);

      if (row->transaction_id != transaction->id)
        continue;
      row->state = state;
      if (state == PT_BATCH_PUBLISHED)
        row->transaction_id = 0;
      row->block = mined ? transaction->block : 0;
      row->transaction = mined ? transaction->hash : none;
      g_array_append_vals (changed, row, 1);
    }
  pt_news_tell_batches (submitter->config.news, (const PtBatchRow *) (gpointer) changed->data,
                        changed->len);
}

/* Publishing */

static gboolean
publish_here (PtSubmitter *submitter, const PtBatchRow *row, GError **error)
{
  guint64 bytes;

  if (!pt_block_store_check (submitter->blocks, &row->cid, &bytes, error))
    return FALSE;
  if (bytes == row->bytes)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                       "the file in the block store has another length than the batch; put back "
                       "a good copy");
  return FALSE;
}

static gboolean
publish_row (PtSubmitter *submitter, const PtBatchRow *row, GError **error)
{
  gboolean done = publish_here (submitter, row, error);

  for (guint i = 0; done && i < submitter->config.publisher_count; i++)
    {
      const PtPublisher *publisher = &submitter->config.publishers[i];

      done = publisher->publish (publisher->context, row, error);
      if (!done)
        g_prefix_error (error, "%s: ", publisher->name);
    }
  if (!done)
    g_prefix_error (error, "Batch %" G_GUINT64_FORMAT " of %s can't be published: ", row->batch,
                    row->area_id);
  return done;
}

/* Publishes what the plan says; a batch that fails holds up the later ones of its area only. */
static gboolean
publish_round (PtSubmitter *submitter, GArray *rows, GError **error)
{
  g_autoptr (GArray) done = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  g_autoptr (GHashTable) blocked = g_hash_table_new (NULL, NULL);
  PtBatchFacts facts = { .retry_at = submitter->publish_retry_at };
  PtBatchRow *published;

  submitter->facts.now = pt_submitter_now (submitter);
  for (guint i = 0; i < rows->len; i++)
    {
      PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);
      g_autoptr (GError) local_error = NULL;

      if (pt_plan_batch (row, &facts, &submitter->facts) != PT_PLAN_PUBLISH
          || g_hash_table_contains (blocked, GUINT_TO_POINTER (row->area)))
        continue;
      if (publish_row (submitter, row, &local_error))
        {
          g_array_append_vals (done, row, 1);
          continue;
        }
      g_hash_table_add (blocked, GUINT_TO_POINTER (row->area));
      pt_submitter_note_attention (submitter, local_error->message);
      submitter->publish_retry_at = submitter->facts.now + PUBLISH_RETRY_MS;
    }
  if (g_hash_table_size (blocked) == 0 && facts.retry_at <= submitter->facts.now)
    submitter->publish_retry_at = 0;
  if (done->len == 0)
    return TRUE;
  published = (PtBatchRow *) (gpointer) done->data;
  if (!pt_store_published (submitter->store, published, done->len, error))
    return FALSE;
  submitter->progress = TRUE;
  for (guint i = 0; i < done->len; i++)
    published[i].state = PT_BATCH_PUBLISHED;
  pt_news_tell_batches (submitter->config.news, published, done->len);
  return TRUE;
}

/* Rounds */

static gboolean
read_store (PtSubmitter *submitter, GArray **rows, GPtrArray **transactions, GError **error)
{
  *rows = pt_store_unfinished (submitter->store, UNFINISHED_MAX, error);
  *transactions = *rows != NULL ? pt_store_transactions (submitter->store, error) : NULL;
  return *transactions != NULL;
}

static gboolean
wants_chain (PtSubmitter *submitter, GArray *rows, GPtrArray *transactions)
{
  if (submitter->rpc == NULL || submitter->facts.now < submitter->chain_retry_at)
    return FALSE;
  if (!submitter->checked || transactions->len > 0
      || (pt_submitter_next_look (submitter) != 0
          && pt_submitter_next_look (submitter) <= submitter->facts.now)
      || pt_time_guard_wants_block (submitter->config.guard))
    return TRUE;
  for (guint i = 0; i < rows->len; i++)
    if (g_array_index (rows, PtBatchRow, i).state == PT_BATCH_PUBLISHED)
      return TRUE;
  return FALSE;
}

static void
chain_failed (PtSubmitter *submitter, const GError *error)
{
  gboolean wrong = g_error_matches (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  gboolean asks = wrong || g_error_matches (error, PT_ERROR, PT_ERROR_OPERATOR);
  guint backoff = MIN (BACKOFF_MAX_MS, submitter->config.poll_ms << MIN (submitter->failures, 8));

  submitter->failures++;
  submitter->checked = FALSE;
  submitter->facts.chain = wrong ? PT_CHAIN_WRONG : PT_CHAIN_UNREACHABLE;
  submitter->chain_retry_at
      = pt_submitter_now (submitter) + (asks ? submitter->config.operator_retry_s * 1000 : backoff);
  set_status (submitter,
              wrong  ? "wrong-chain"
              : asks ? "operator"
                     : "unreachable",
              pt_health_sort_of (error), error->message);
}

/* Milliseconds until the next round, FOREVER: until woken. */
static gint64
next_delay (PtSubmitter *submitter, gboolean waiting)
{
  gint64 now = pt_submitter_now (submitter), delay = FOREVER;
  GHashTableIter iter;
  gpointer refusal;

  if (submitter->progress)
    return 0;
  if (waiting)
    delay = submitter->config.poll_ms;
  if (submitter->chain_retry_at > 0)
    delay = MAX (1, submitter->chain_retry_at - now);
  else if (submitter->rpc != NULL && pt_submitter_next_look (submitter) != 0)
    delay = MIN (delay < 0 ? G_MAXINT64 : delay, MAX (1, pt_submitter_next_look (submitter) - now));
  if (submitter->chain_retry_at == 0 && submitter->checked)
    delay = MIN (delay < 0 ? G_MAXINT64 : delay, MAX (1, submitter->settled_at - now));
  if (submitter->publish_retry_at > 0)
    delay = MIN (delay < 0 ? G_MAXINT64 : delay, MAX (1, submitter->publish_retry_at - now));
  g_hash_table_iter_init (&iter, submitter->refusals);
  while (g_hash_table_iter_next (&iter, NULL, &refusal))
    {
      gint64 retry = ((PtRefusal *) refusal)->retry_at - now;

      delay = MIN (delay < 0 ? G_MAXINT64 : delay, retry > 0 ? retry : submitter->config.poll_ms);
    }
  return delay;
}

/* Errors of the chain are dealt with here; those of the store and PT_ERROR_STOP are handed up. */
static gboolean
run_chain (PtSubmitter *submitter, GArray *rows, GPtrArray *transactions, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (pt_submitter_chain_round (submitter, transactions, rows, &local_error))
    {
      submitter->failures = 0;
      submitter->chain_retry_at = 0;
      set_status_by_attention (submitter);
      return TRUE;
    }
  if (local_error->domain != PT_STORE_FAULT && local_error->code != PT_ERROR_STOP)
    {
      chain_failed (submitter, local_error);
      return TRUE;
    }
  g_set_error_literal (error, PT_ERROR, local_error->code, local_error->message);
  return FALSE;
}

static gboolean
run_round (PtSubmitter *submitter, gint64 *delay, GError **error)
{
  g_autoptr (GArray) rows = NULL;
  g_autoptr (GPtrArray) transactions = NULL;

  g_clear_pointer (&submitter->attention, g_free);
  submitter->progress = FALSE;
  if (!read_store (submitter, &rows, &transactions, error)
      || !publish_round (submitter, rows, error))
    return FALSE;
  if (submitter->progress)
    *delay = 0; /* the rows are old: read them again before the chain */
  else if (wants_chain (submitter, rows, transactions))
    {
      if (!run_chain (submitter, rows, transactions, error))
        return FALSE;
      pt_submitter_read_settled (submitter);
      *delay = next_delay (submitter, transactions->len > 0 || submitter->facts.in_flight);
    }
  else
    {
      if (submitter->rpc == NULL || submitter->attention != NULL)
        set_status_by_attention (submitter);
      pt_submitter_read_settled (submitter);
      *delay = next_delay (submitter, FALSE);
    }
  return TRUE;
}

/* The thread */

static gboolean
wait_for_work (PtSubmitter *submitter, gint64 delay)
{
  gint64 until = g_get_monotonic_time () + MAX (delay, 0) * 1000;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&submitter->lock);

  while (!submitter->stopping && !submitter->woken && delay != 0)
    {
      if (delay == FOREVER)
        g_cond_wait (&submitter->changed, &submitter->lock);
      else if (!g_cond_wait_until (&submitter->changed, &submitter->lock, until))
        break;
    }
  submitter->woken = FALSE;
  if (submitter->look_wanted)
    submitter->look_at = 1;
  submitter->look_wanted = FALSE;
  return !submitter->stopping;
}

static gpointer
submitter_main (gpointer data)
{
  PtSubmitter *submitter = data;
  guint store_failures = 0;

  for (gint64 delay = 0; wait_for_work (submitter, delay);)
    {
      g_autoptr (GError) error = NULL;

      if (run_round (submitter, &delay, &error))
        {
          store_failures = 0;
          continue;
        }
      if (g_error_matches (error, PT_ERROR, PT_ERROR_STOP))
        {
          set_status (submitter, "stopped", PT_HEALTH_WAITS, error->message);
          pt_health_stop (submitter->config.health, error);
          break;
        }
      delay = MIN (BACKOFF_MAX_MS, submitter->config.poll_ms << MIN (store_failures, 8));
      store_failures++;
      set_status (submitter, "store-failed", pt_health_sort_of (error), error->message);
    }
  return NULL;
}

PtSubmitter *
pt_submitter_new (PtStore *store, PtBlockStore *blocks, const PtSubmitterConfig *config)
{
  PtSubmitter *submitter;

  g_return_val_if_fail (store != NULL && blocks != NULL && config != NULL, NULL);
  g_return_val_if_fail (config->health != NULL && config->news != NULL, NULL);
  g_return_val_if_fail (config->rpc_url == NULL || config->signer != NULL, NULL);
  g_return_val_if_fail (config->rpc_url == NULL || config->looker != NULL, NULL);

  submitter = g_new0 (PtSubmitter, 1);
  submitter->store = store;
  submitter->blocks = pt_block_store_ref (blocks);
  submitter->config = *config;
  submitter->config.rpc_url = g_strdup (config->rpc_url);
  submitter->config.publishers
      = g_memdup2 (config->publishers, config->publisher_count * sizeof (PtPublisher));
  submitter->config.poll_ms = config->poll_ms > 0 ? config->poll_ms : 500;
  submitter->config.operator_retry_s = config->operator_retry_s > 0 ? config->operator_retry_s : 30;
  submitter->facts.chain = config->rpc_url != NULL ? PT_CHAIN_UNREACHABLE : PT_CHAIN_NONE;
  submitter->facts.confirmations = MAX (config->confirmations, 1);
  submitter->facts.bump_after = (gint64) config->bump_after_s * 1000;
  submitter->facts.stuck_after
      = (gint64) (config->stuck_after_s > 0 ? config->stuck_after_s : STUCK_AFTER_S) * 1000;
  submitter->clock = config->clock != NULL ? pt_clock_ref (config->clock) : NULL;
  submitter->started = g_get_real_time () / 1000;
  submitter->started_us = g_get_monotonic_time ();
  submitter->rpc = config->rpc_url != NULL ? pt_rpc_new (config->rpc_url) : NULL;
  submitter->status.state = config->rpc_url != NULL ? "connecting" : "none";
  submitter->refusals = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) free_refusal);
  submitter->unsettled = g_hash_table_new (NULL, NULL);
  submitter->look_at = 1;
  submitter->sendings = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  g_mutex_init (&submitter->lock);
  g_cond_init (&submitter->changed);
  submitter->thread = g_thread_new ("submitter", submitter_main, submitter);
  return submitter;
}

void
pt_submitter_wake (PtSubmitter *submitter)
{
  g_return_if_fail (submitter != NULL);

  g_mutex_lock (&submitter->lock);
  submitter->woken = TRUE;
  g_cond_signal (&submitter->changed);
  g_mutex_unlock (&submitter->lock);
}

void
pt_submitter_look (PtSubmitter *submitter)
{
  g_return_if_fail (submitter != NULL);

  g_mutex_lock (&submitter->lock);
  submitter->look_wanted = submitter->woken = TRUE;
  g_cond_signal (&submitter->changed);
  g_mutex_unlock (&submitter->lock);
}

void
pt_submitter_stop (PtSubmitter *submitter)
{
  if (submitter == NULL)
    return;
  g_mutex_lock (&submitter->lock);
  submitter->stopping = TRUE;
  g_cond_signal (&submitter->changed);
  g_mutex_unlock (&submitter->lock);
  g_thread_join (submitter->thread);
  g_clear_pointer (&submitter->rpc, pt_rpc_free);
  g_hash_table_unref (submitter->refusals);
  g_hash_table_unref (submitter->sendings);
  g_hash_table_unref (submitter->unsettled);
  pt_block_store_unref (submitter->blocks);
  g_clear_pointer (&submitter->clock, pt_clock_unref);
  g_mutex_clear (&submitter->lock);
  g_cond_clear (&submitter->changed);
  g_free (submitter->attention);
  g_free ((gpointer) submitter->config.rpc_url);
  g_free ((gpointer) submitter->config.publishers);
  g_free (submitter);
}
