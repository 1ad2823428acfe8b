/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-memory-store.h"
#include "pt-store-class.h"

/* The parts of the store in memory, split as the interface is: -log, -batches, -views, -said. */

typedef struct
{
  PtAreaRow row;
  guint64 reports;
  GArray *entries; /* Entry, rising; those before were pruned */
} PtMemoryArea;

typedef struct
{
  PtSubjectRow row;      /* body is the newest registration's */
  GArray *registrations; /* Registration, oldest first */
} PtMemorySubject;

typedef struct
{
  guint32 area;
  guint64 batch, last_entry;
  GBytes *body;
} PtMemoryRoster;

typedef struct
{
  PtStoreFailure failure;
  guint after, times;
} PtMemorySwitch;

typedef struct
{
  PtStore parent;
  GMutex lock;
  GArray *areas;                      /* PtMemoryArea */
  GArray *subjects[PT_SUBJECT_KINDS]; /* PtMemorySubject, by number; without a body: a hole */
  GHashTable *outages;                /* device -> its outages: -views */
  GArray *evidence;                   /* Entry */
  GPtrArray *rejected;                /* -rejected */
  guint64 last_rejected;
  GPtrArray *said;         /* PtSaidRow */
  GPtrArray *privates;     /* PtPrivateRow */
  GArray *batches;         /* PtBatchRow, by (to, area) */
  GArray *rosters;         /* PtMemoryRoster, in the order of the seals */
  GPtrArray *transactions; /* PtTransactionRow, by id; FINAL ones stay */
  guint64 last_transaction;
  PtMemorySwitch switches[PT_STORE_WRITE_COUNT];
} PtMemoryStore;

/* Failure switches, with the lock held: whether a write may begin, and what it says when done. */
gboolean pt_memory_store_may_write (PtMemoryStore *store, PtStoreWrite verb, GError **error);
gboolean pt_memory_store_written (PtMemoryStore *store, PtStoreWrite verb, GError **error);
/* Sets PT_ERROR_CONFLICT; FALSE. */
gboolean pt_memory_store_conflict (const char *sentence, GError **error);

/* -log */
void pt_memory_log_init (PtMemoryStore *store);
void pt_memory_log_clear (PtMemoryStore *store);
/* Or NULL. */
PtMemoryArea *pt_memory_log_area (PtMemoryStore *store, guint32 area);
PtMemorySubject *pt_memory_log_subject (PtMemoryStore *store, PtSubject subject);
gboolean pt_memory_log_commit (PtStore *store, const PtGroup *group, GError **error);
gboolean pt_memory_log_add_area (PtStore *store, const PtAreaRow *row, GError **error);
GArray *pt_memory_log_areas (PtStore *store, GError **error);
gboolean pt_memory_log_adopt_service_key (PtStore *store, const guint8 *key, GError **error);
gboolean pt_memory_log_restamp (PtStore *store, const PtRestamp *areas, guint count,
                                guint64 *changed, GError **error);
gboolean pt_memory_log_evidence (PtStore *store, const PtEvidenceQuery *query,
                                 PtEvidenceRowFunc func, gpointer user_data, GError **error);
gboolean pt_memory_log_set_ahead (PtStore *store, guint32 area, guint64 ahead, GError **error);
gboolean pt_memory_log_scan_entries (PtStore *store, guint32 area, guint64 after,
                                     gint64 before_received, PtEntryRowFunc func,
                                     gpointer user_data, GError **error);
gboolean pt_memory_log_reserve (PtStore *store, PtSubjectKind kind, guint count, guint64 *first,
                                GError **error);
gboolean pt_memory_log_scan_subjects (PtStore *store, PtSubjectKind kind, PtSubjectRowFunc func,
                                      gpointer user_data, GError **error);
GPtrArray *pt_memory_log_subject_bodies (PtStore *store, PtSubject subject, GError **error);
gboolean pt_memory_log_save_histories (PtStore *store, const PtSubjectRow *rows, guint count,
                                       GError **error);
gboolean pt_memory_log_prune (PtStore *store, guint32 area, guint64 up_to, guint limit,
                              guint *removed, GError **error);

/* -rejected */
void pt_memory_rejected_init (PtMemoryStore *store);
void pt_memory_rejected_clear (PtMemoryStore *store);
void pt_memory_rejected_take (PtMemoryStore *store, const PtGroup *group);
gboolean pt_memory_rejected_query (PtStore *store, const PtRejectedQuery *query,
                                   PtRejectedRowFunc func, gpointer user_data, GError **error);

/* -said */
void pt_memory_said_init (PtMemoryStore *store);
void pt_memory_said_clear (PtMemoryStore *store);
/* Whether nothing that @group says was said before; and then it holds. */
gboolean pt_memory_said_check (PtMemoryStore *store, const PtGroup *group, GError **error);
void pt_memory_said_take (PtMemoryStore *store, const PtGroup *group);
gboolean pt_memory_said_scan (PtStore *store, guint32 area, guint64 after, PtSaidRowFunc func,
                              gpointer user_data, GError **error);
gboolean pt_memory_said_chain (PtStore *store, const PtChainQuery *query, PtSaidRowFunc func,
                               gpointer user_data, GError **error);
gboolean pt_memory_said_privates (PtStore *store, const PtErasure *from, PtPrivateRowFunc func,
                                  gpointer user_data, GError **error);
gboolean pt_memory_said_photo (PtStore *store, guint32 area, const char *complaint, PtPhoto *out,
                               PtModeration *hidden, GError **error);
gboolean pt_memory_said_moderate (PtStore *store, const PtErasure *of,
                                  const PtModeration *moderation, GError **error);

/* -batches */
void pt_memory_batches_init (PtMemoryStore *store);
void pt_memory_batches_clear (PtMemoryStore *store);
/* Up to which entry the area's batches are FINAL. */
guint64 pt_memory_batches_final_to (PtMemoryStore *store, const PtAreaRow *area);
/* The area has no entries up to @pruned any more. */
void pt_memory_batches_prune (PtMemoryStore *store, guint32 area, guint64 pruned);
gboolean pt_memory_batches_roster (PtStore *store, guint32 area, guint64 batch, GBytes **roster,
                                   GError **error);
gboolean pt_memory_batches_seal (PtStore *store, const PtSeal *seals, guint count, GError **error);
GArray *pt_memory_batches_query (PtStore *store, const PtBatchQuery *query, GError **error);
GArray *pt_memory_batches_unfinished (PtStore *store, guint limit, GError **error);
gboolean pt_memory_batches_published (PtStore *store, const PtBatchRow *rows, guint count,
                                      GError **error);
gboolean pt_memory_batches_submit (PtStore *store, PtTransactionRow *transaction,
                                   const PtBatchRow *rows, guint count, GError **error);
gboolean pt_memory_batches_bump (PtStore *store, const PtTransactionRow *transaction,
                                 GError **error);
gboolean pt_memory_batches_mined (PtStore *store, const PtTransactionRow *transaction,
                                  GError **error);
gboolean pt_memory_batches_finalize (PtStore *store, guint64 transaction_id, GError **error);
gboolean pt_memory_batches_withdraw (PtStore *store, guint64 transaction_id, GError **error);
gboolean pt_memory_batches_adopt (PtStore *store, const PtTransactionRow *transaction,
                                  const PtBatchRow *rows, guint count, GError **error);
gboolean pt_memory_batches_reopen (PtStore *store, guint32 area, guint64 after, guint *count,
                                   GError **error);
GPtrArray *pt_memory_batches_transactions (PtStore *store, GError **error);

/* -views */
void pt_memory_outages_free (gpointer outages);
/* The outages of devices for which @group changes some, or NULL; and then they hold. */
GHashTable *pt_memory_views_apply (PtMemoryStore *store, const PtGroup *group, GError **error);
void pt_memory_views_take (PtMemoryStore *store, GHashTable *changed);
gboolean pt_memory_views_outages (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                                  gpointer user_data, GError **error);
gboolean pt_memory_views_counts (PtStore *store, PtCounts *counts, GError **error);
