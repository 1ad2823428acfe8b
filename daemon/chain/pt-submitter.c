/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-submitter-private.h"

#include <string.h>

#define UNFINISHED_MAX 8192 /* batches looked at in a round, the oldest */
#define PUBLISH_RETRY_MS 2000
#define BACKOFF_MAX_MS 10000
#define FOREVER (-1)

static void
free_refusal (PtRefusal *refusal)
{
  g_free (refusal->sentence);
  g_free (refusal);
}

/* Status */

static void
set_status (PtSubmitter *self, const char *state, PtHealthSort sort, const char *sentence)
{
  g_mutex_lock (&self->lock);
  self->status.state = state;
  self->status.block = self->facts.head;
  g_mutex_unlock (&self->lock);
  pt_health_say (self->config.health, PT_HEALTH_SUBMITTER, sort, sentence);
}

/* After a round that went well: what the operator has to know, if anything. */
static void
set_status_by_attention (PtSubmitter *self)
{
  const char *state = self->facts.in_flight ? "submitting" : "ready";

  if (self->rpc == NULL)
    state = "none";
  if (self->attention == NULL)
    set_status (self, state, PT_HEALTH_WELL, NULL);
  else
    set_status (self, "operator", PT_HEALTH_ASKS, self->attention);
}

void
pt_submitter_get_status (PtSubmitter *self, PtSubmitterStatus *out)
{
  g_return_if_fail (self != NULL && out != NULL);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  *out = self->status;
}

char *
pt_submitter_area_refusal (PtSubmitter *self, guint32 area)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const PtRefusal *refusal = g_hash_table_lookup (self->refusals, GUINT_TO_POINTER (area));
  return refusal != NULL ? g_strdup (refusal->sentence) : NULL;
}

/* What both files note and tell */

gint64
pt_submitter_now (void)
{
  return g_get_real_time () / 1000;
}

void
pt_submitter_note_attention (PtSubmitter *self, const char *sentence)
{
  if (self->attention == NULL)
    self->attention = g_strdup (sentence);
}

void
pt_submitter_tell (PtSubmitter *self, GArray *rows, const PtTransactionRow *transaction,
                   PtBatchState state)
{
  static const PtHash none;
  g_autoptr (GArray) changed = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  gboolean mined = state != PT_BATCH_PUBLISHED && transaction->block != 0;

  for (guint i = 0; i < rows->len; i++)
    {
      PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);

      if (!row->has_nonce || row->nonce != transaction->nonce)
        continue;
      row->state = state;
      row->has_nonce = state != PT_BATCH_PUBLISHED;
      row->block = mined ? transaction->block : 0;
      row->transaction = mined ? transaction->hash : none;
      g_array_append_vals (changed, row, 1);
    }
  pt_news_tell_batches (self->config.news, (const PtBatchRow *) (gpointer) changed->data,
                        changed->len);
}

/* Publishing */

static gboolean
publish_here (PtSubmitter *self, const PtBatchRow *row, GError **error)
{
  guint64 bytes;
  if (!pt_block_store_check (self->blocks, &row->cid, &bytes, error))
    return FALSE;
  if (bytes == row->bytes)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                       "the file in the block store has another length than the batch; put back "
                       "a good copy");
  return FALSE;
}

static gboolean
publish_row (PtSubmitter *self, const PtBatchRow *row, GError **error)
{
  gboolean done = publish_here (self, row, error);
  for (guint i = 0; done && i < self->config.publisher_count; i++)
    {
      const PtPublisher *publisher = &self->config.publishers[i];
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
publish_round (PtSubmitter *self, GArray *rows, GError **error)
{
  g_autoptr (GArray) done = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  g_autoptr (GHashTable) blocked = g_hash_table_new (NULL, NULL);
  PtBatchFacts facts = { .retry_at = self->publish_retry_at };
  self->facts.now = pt_submitter_now ();
  for (guint i = 0; i < rows->len; i++)
    {
      PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);
      g_autoptr (GError) local_error = NULL;
      if (pt_plan_batch (row, &facts, &self->facts) != PT_PLAN_PUBLISH
          || g_hash_table_contains (blocked, GUINT_TO_POINTER (row->area)))
        continue;
      if (publish_row (self, row, &local_error))
        {
          g_array_append_vals (done, row, 1);
          continue;
        }
      g_hash_table_add (blocked, GUINT_TO_POINTER (row->area));
      pt_submitter_note_attention (self, local_error->message);
      self->publish_retry_at = self->facts.now + PUBLISH_RETRY_MS;
    }
  if (g_hash_table_size (blocked) == 0 && facts.retry_at <= self->facts.now)
    self->publish_retry_at = 0;
  if (done->len == 0)
    return TRUE;
  PtBatchRow *published = (PtBatchRow *) (gpointer) done->data;
  if (!pt_store_published (self->store, published, done->len, error))
    return FALSE;
  self->progress = TRUE;
  for (guint i = 0; i < done->len; i++)
    published[i].state = PT_BATCH_PUBLISHED;
  pt_news_tell_batches (self->config.news, published, done->len);
  return TRUE;
}

/* Rounds */

static gboolean
read_store (PtSubmitter *self, GArray **rows, GPtrArray **transactions, GError **error)
{
  *rows = pt_store_unfinished (self->store, UNFINISHED_MAX, error);
  *transactions = *rows != NULL ? pt_store_transactions (self->store, error) : NULL;
  return *transactions != NULL;
}

static gboolean
wants_chain (PtSubmitter *self, GArray *rows, GPtrArray *transactions)
{
  if (self->rpc == NULL || self->facts.now < self->chain_retry_at)
    return FALSE;
  if (!self->checked || transactions->len > 0)
    return TRUE;
  for (guint i = 0; i < rows->len; i++)
    if (g_array_index (rows, PtBatchRow, i).state == PT_BATCH_PUBLISHED)
      return TRUE;
  return FALSE;
}

static void
chain_failed (PtSubmitter *self, const GError *error)
{
  gboolean wrong = g_error_matches (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  gboolean asks = wrong || g_error_matches (error, PT_ERROR, PT_ERROR_OPERATOR);
  guint backoff = MIN (BACKOFF_MAX_MS, self->config.poll_ms << MIN (self->failures, 8));
  self->failures++;
  self->checked = FALSE;
  self->facts.chain = wrong ? PT_CHAIN_WRONG : PT_CHAIN_UNREACHABLE;
  self->chain_retry_at
      = pt_submitter_now () + (asks ? self->config.operator_retry_s * 1000 : backoff);
  set_status (self,
              wrong  ? "wrong-chain"
              : asks ? "operator"
                     : "unreachable",
              pt_health_sort_of (error), error->message);
}

/* Milliseconds until the next round, FOREVER: until woken. */
static gint64
next_delay (PtSubmitter *self, gboolean waiting)
{
  if (self->progress)
    return 0;
  gint64 now = pt_submitter_now (), delay = FOREVER;
  if (waiting)
    delay = self->config.poll_ms;
  if (self->chain_retry_at > 0)
    delay = MAX (1, self->chain_retry_at - now);
  if (self->publish_retry_at > 0)
    delay = MIN (delay < 0 ? G_MAXINT64 : delay, MAX (1, self->publish_retry_at - now));
  GHashTableIter iter;
  gpointer refusal;
  g_hash_table_iter_init (&iter, self->refusals);
  while (g_hash_table_iter_next (&iter, NULL, &refusal))
    {
      gint64 retry = ((PtRefusal *) refusal)->retry_at - now;
      delay = MIN (delay < 0 ? G_MAXINT64 : delay, retry > 0 ? retry : self->config.poll_ms);
    }
  return delay;
}

/* Errors of the chain are dealt with here; those of the store and PT_ERROR_STOP are handed up. */
static gboolean
run_chain (PtSubmitter *self, GArray *rows, GPtrArray *transactions, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  if (pt_submitter_chain_round (self, transactions, rows, &local_error))
    {
      self->failures = 0;
      self->chain_retry_at = 0;
      set_status_by_attention (self);
      return TRUE;
    }
  if (local_error->domain != PT_STORE_FAULT && local_error->code != PT_ERROR_STOP)
    {
      chain_failed (self, local_error);
      return TRUE;
    }
  g_set_error_literal (error, PT_ERROR, local_error->code, local_error->message);
  return FALSE;
}

static gboolean
run_round (PtSubmitter *self, gint64 *delay, GError **error)
{
  g_autoptr (GArray) rows = NULL;
  g_autoptr (GPtrArray) transactions = NULL;
  g_clear_pointer (&self->attention, g_free);
  self->progress = FALSE;
  if (!read_store (self, &rows, &transactions, error) || !publish_round (self, rows, error))
    return FALSE;
  if (self->progress)
    *delay = 0; /* the rows are old: read them again before the chain */
  else if (wants_chain (self, rows, transactions))
    {
      if (!run_chain (self, rows, transactions, error))
        return FALSE;
      *delay = next_delay (self, transactions->len > 0 || self->facts.in_flight);
    }
  else
    {
      if (self->rpc == NULL || self->attention != NULL)
        set_status_by_attention (self);
      *delay = next_delay (self, FALSE);
    }
  return TRUE;
}

/* The thread */

static gboolean
wait_for_work (PtSubmitter *self, gint64 delay)
{
  gint64 until = g_get_monotonic_time () + MAX (delay, 0) * 1000;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  while (!self->stopping && !self->woken && delay != 0)
    {
      if (delay == FOREVER)
        g_cond_wait (&self->changed, &self->lock);
      else if (!g_cond_wait_until (&self->changed, &self->lock, until))
        break;
    }
  self->woken = FALSE;
  return !self->stopping;
}

static gpointer
submitter_main (gpointer data)
{
  PtSubmitter *self = data;
  guint store_failures = 0;
  for (gint64 delay = 0; wait_for_work (self, delay);)
    {
      g_autoptr (GError) error = NULL;
      if (run_round (self, &delay, &error))
        {
          store_failures = 0;
          continue;
        }
      if (g_error_matches (error, PT_ERROR, PT_ERROR_STOP))
        {
          set_status (self, "stopped", PT_HEALTH_WAITS, error->message);
          pt_health_stop (self->config.health, error);
          break;
        }
      delay = MIN (BACKOFF_MAX_MS, self->config.poll_ms << MIN (store_failures, 8));
      store_failures++;
      set_status (self, "store-failed", pt_health_sort_of (error), error->message);
    }
  return NULL;
}

PtSubmitter *
pt_submitter_new (PtStore *store, PtBlockStore *blocks, const PtSubmitterConfig *config)
{
  g_return_val_if_fail (store != NULL && blocks != NULL && config != NULL, NULL);
  g_return_val_if_fail (config->health != NULL && config->news != NULL, NULL);
  g_return_val_if_fail (config->rpc_url == NULL || config->signer != NULL, NULL);
  PtSubmitter *self = g_new0 (PtSubmitter, 1);
  self->store = store;
  self->blocks = pt_block_store_ref (blocks);
  self->config = *config;
  self->config.rpc_url = g_strdup (config->rpc_url);
  self->config.publishers
      = g_memdup2 (config->publishers, config->publisher_count * sizeof (PtPublisher));
  self->config.poll_ms = config->poll_ms > 0 ? config->poll_ms : 500;
  self->config.operator_retry_s = config->operator_retry_s > 0 ? config->operator_retry_s : 30;
  self->facts.chain = config->rpc_url != NULL ? PT_CHAIN_UNREACHABLE : PT_CHAIN_NONE;
  self->facts.confirmations = MAX (config->confirmations, 1);
  self->facts.bump_after = (gint64) config->bump_after_s * 1000;
  self->rpc = config->rpc_url != NULL ? pt_rpc_new (config->rpc_url) : NULL;
  self->status.state = config->rpc_url != NULL ? "connecting" : "none";
  self->refusals = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) free_refusal);
  self->sendings = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->thread = g_thread_new ("submitter", submitter_main, self);
  return self;
}

void
pt_submitter_wake (PtSubmitter *self)
{
  g_return_if_fail (self != NULL);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  self->woken = TRUE;
  g_cond_signal (&self->changed);
}

void
pt_submitter_stop (PtSubmitter *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  g_clear_pointer (&self->rpc, pt_rpc_free);
  g_hash_table_unref (self->refusals);
  g_hash_table_unref (self->sendings);
  pt_block_store_unref (self->blocks);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self->attention);
  g_free ((gpointer) self->config.rpc_url);
  g_free ((gpointer) self->config.publishers);
  g_free (self);
}
