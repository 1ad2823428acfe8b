/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store-batches.h"
#include "pt-store-complaints.h"
#include "pt-store-leases.h"
#include "pt-store-log.h"
#include "pt-store-views.h"

/* What pt_store_scan_chain () is asked. */
typedef struct
{
  guint32 area;
  PtSaidKind kind;
  const char *name;
  gint64 n;
  guint limit;
} PtChainQuery;

/* What a backend fills. The verbs are described where they are called. */

/* A scan says FALSE without an error when its function ended it. */
typedef struct
{
  void (*free) (PtStore *store);
  void (*watch) (PtStore *store, PtStoreFaultFunc func, gpointer user_data); /* or NULL */
  gboolean (*commit) (PtStore *store, const PtGroup *group, GError **error);
  gboolean (*add_area) (PtStore *store, const PtAreaRow *row, GError **error);
  GArray *(*areas) (PtStore *store, GError **error);
  gboolean (*adopt_service_key) (PtStore *store, const guint8 *key, GError **error);
  gboolean (*set_ahead) (PtStore *store, guint32 area, guint64 ahead, GError **error);
  gboolean (*scan_entries) (PtStore *store, guint32 area, guint64 after, gint64 before_received,
                            PtEntryRowFunc func, gpointer user_data, GError **error);
  gboolean (*restamp) (PtStore *store, const PtRestamp *areas, guint count, guint64 *changed,
                       GError **error);
  gboolean (*reserve) (PtStore *store, PtSubjectKind kind, guint count, guint64 *first,
                       GError **error);
  gboolean (*scan_subjects) (PtStore *store, PtSubjectKind kind, PtSubjectRowFunc func,
                             gpointer user_data, GError **error);
  GPtrArray *(*subject_bodies) (PtStore *store, PtSubject subject, GError **error);
  gboolean (*save_histories) (PtStore *store, const PtSubjectRow *rows, guint count,
                              GError **error);
  gboolean (*prune) (PtStore *store, guint32 area, guint64 up_to, guint limit, guint *removed,
                     GError **error);
  gboolean (*outages) (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                       gpointer user_data, GError **error);
  gboolean (*evidence) (PtStore *store, const PtEvidenceQuery *query, PtEvidenceRowFunc func,
                        gpointer user_data, GError **error);
  gboolean (*rejected) (PtStore *store, const PtRejectedQuery *query, PtRejectedRowFunc func,
                        gpointer user_data, GError **error);
  gboolean (*scan_said) (PtStore *store, guint32 area, guint64 after, PtSaidRowFunc func,
                         gpointer user_data, GError **error);
  gboolean (*scan_chain) (PtStore *store, const PtChainQuery *query, PtSaidRowFunc func,
                          gpointer user_data, GError **error);
  gboolean (*privates) (PtStore *store, const PtErasure *from, PtPrivateRowFunc func,
                        gpointer user_data, GError **error);
  gboolean (*photo) (PtStore *store, guint32 area, const char *complaint, PtPhoto *out,
                     PtModeration *hidden, GError **error); /* by its ->sent */
  gboolean (*moderate) (PtStore *store, const PtErasure *of, const PtModeration *moderation,
                        GError **error);
  gboolean (*seal) (PtStore *store, const PtSeal *seals, guint count, GError **error);
  gboolean (*roster) (PtStore *store, guint32 area, guint64 batch, GBytes **roster, GError **error);
  GArray *(*batches) (PtStore *store, const PtBatchQuery *query, GError **error);
  GArray *(*unfinished) (PtStore *store, guint limit, GError **error);
  gboolean (*published) (PtStore *store, const PtBatchRow *rows, guint count, GError **error);
  gboolean (*submit) (PtStore *store, PtTransactionRow *transaction, const PtBatchRow *rows,
                      guint count, GError **error);
  gboolean (*bump) (PtStore *store, const PtTransactionRow *transaction, GError **error);
  gboolean (*mined) (PtStore *store, const PtTransactionRow *transaction, GError **error);
  gboolean (*finalize) (PtStore *store, guint64 transaction_id, GError **error);
  gboolean (*withdraw) (PtStore *store, guint64 transaction_id, GError **error);
  gboolean (*adopt) (PtStore *store, const PtTransactionRow *transaction, const PtBatchRow *rows,
                     guint count, GError **error);
  gboolean (*reopen) (PtStore *store, guint32 area, guint64 after, guint *count, GError **error);
  GPtrArray *(*transactions) (PtStore *store, GError **error);
  gboolean (*counts) (PtStore *store, PtCounts *counts, GError **error);
  /* NULL: it is one process's alone. */
  gboolean (*beat) (PtStore *store, const PtMemberRow *row, GError **error);
  gboolean (*leave) (PtStore *store, GError **error);
  GArray *(*members) (PtStore *store, GError **error);
  GArray *(*leases) (PtStore *store, GError **error);
  gboolean (*lease_take) (PtStore *store, guint32 area, guint64 token, guint64 *taken,
                          GError **error);
  gboolean (*lease_give) (PtStore *store, guint32 area, GError **error);
} PtStoreClass;

struct _PtStore
{
  const PtStoreClass *klass;
};

/* For moderate: PT_ERROR_NOT_FOUND. FALSE. */
gboolean pt_store_no_private (GError **error);

/* For commit: the subject's number is another area's; FALSE. */
gboolean pt_store_number_is_taken (const PtSubjectRow *row, GError **error);

/* For commit, where the tail is not what it moves from: PT_ERROR_STOP. FALSE. */
gboolean pt_store_tail_elsewhere (const PtTailMove *move, GError **error);

/* For restamp: a stored entry with another time of receipt. */
GBytes *pt_store_restamped (const char *body, gsize size, gint64 received, GError **error);
