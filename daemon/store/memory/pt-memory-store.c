/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-memory-store-private.h"

gboolean
pt_memory_store_may_write (PtMemoryStore *store, PtStoreWrite verb, GError **error)
{
  PtMemorySwitch *failure = &store->switches[verb];

  if (failure->times == 0 || failure->after > 0 || failure->failure != PT_FAIL_NOT_PERSISTED)
    return TRUE;
  failure->times--;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY,
                       "The store was told to fail before writing; try again.");
  return FALSE;
}

gboolean
pt_memory_store_written (PtMemoryStore *store, PtStoreWrite verb, GError **error)
{
  PtMemorySwitch *failure = &store->switches[verb];

  if (failure->after > 0)
    {
      failure->after--;
      return TRUE;
    }
  if (failure->times == 0 || failure->failure != PT_FAIL_PERSISTED)
    return TRUE;
  failure->times--;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY,
                       "The store was told to fail after writing; try again.");
  return FALSE;
}

gboolean
pt_memory_store_conflict (const char *sentence, GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFLICT, sentence);
  return FALSE;
}

static void
memory_store_free (PtStore *parent)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;

  pt_memory_log_clear (store);
  pt_memory_batches_clear (store);
  pt_memory_said_clear (store);
  pt_memory_rejected_clear (store);
  g_hash_table_unref (store->outages);
  g_mutex_clear (&store->lock);
  g_free (store);
}

static const PtStoreClass memory_store_class = {
  .free = memory_store_free,
  .commit = pt_memory_log_commit,
  .add_area = pt_memory_log_add_area,
  .areas = pt_memory_log_areas,
  .adopt_service_key = pt_memory_log_adopt_service_key,
  .set_ahead = pt_memory_log_set_ahead,
  .scan_entries = pt_memory_log_scan_entries,
  .restamp = pt_memory_log_restamp,
  .reserve = pt_memory_log_reserve,
  .scan_subjects = pt_memory_log_scan_subjects,
  .subject_bodies = pt_memory_log_subject_bodies,
  .save_histories = pt_memory_log_save_histories,
  .prune = pt_memory_log_prune,
  .outages = pt_memory_views_outages,
  .evidence = pt_memory_log_evidence,
  .rejected = pt_memory_rejected_query,
  .scan_said = pt_memory_said_scan,
  .scan_chain = pt_memory_said_chain,
  .privates = pt_memory_said_privates,
  .photo = pt_memory_said_photo,
  .moderate = pt_memory_said_moderate,
  .seal = pt_memory_batches_seal,
  .roster = pt_memory_batches_roster,
  .batches = pt_memory_batches_query,
  .unfinished = pt_memory_batches_unfinished,
  .published = pt_memory_batches_published,
  .submit = pt_memory_batches_submit,
  .bump = pt_memory_batches_bump,
  .mined = pt_memory_batches_mined,
  .finalize = pt_memory_batches_finalize,
  .withdraw = pt_memory_batches_withdraw,
  .adopt = pt_memory_batches_adopt,
  .reopen = pt_memory_batches_reopen,
  .transactions = pt_memory_batches_transactions,
  .counts = pt_memory_views_counts,
};

PtStore *
pt_memory_store_new (void)
{
  PtMemoryStore *store = g_new0 (PtMemoryStore, 1);

  store->parent.klass = &memory_store_class;
  g_mutex_init (&store->lock);
  pt_memory_log_init (store);
  pt_memory_batches_init (store);
  pt_memory_said_init (store);
  pt_memory_rejected_init (store);
  store->outages
      = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, pt_memory_outages_free);
  return &store->parent;
}

void
pt_memory_store_fail (PtStore *parent, PtStoreWrite verb, PtStoreFailure failure, guint after,
                      guint times)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;

  g_return_if_fail (parent != NULL && parent->klass == &memory_store_class);
  g_return_if_fail (verb < PT_STORE_WRITE_COUNT);
  g_mutex_lock (&store->lock);
  store->switches[verb] = (PtMemorySwitch){ failure, after, times };
  g_mutex_unlock (&store->lock);
}

guint
pt_memory_store_evidence_count (PtStore *parent)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  guint count;

  g_return_val_if_fail (parent != NULL && parent->klass == &memory_store_class, 0);
  g_mutex_lock (&store->lock);
  count = store->evidence->len;
  g_mutex_unlock (&store->lock);
  return count;
}
