/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-sqlite-store.h"
#include "pt-sqlite.h"
#include "pt-store-class.h"

/* The parts of the SQLite backend, split by verb: -schema and -renumber (migrations), -write
 * (entries, subjects), -said and -privates (complaints), -outages (both ways), -evidence,
 * -rejected, -restamp, -batches (the state machine), -read (queries). */

/* Keys of rows. An area's entries lie together and are appended at the end of their range. */
#define PT_SQLITE_NUMBER_BITS 40
#define PT_SQLITE_NUMBER_MAX ((G_GINT64_CONSTANT (1) << PT_SQLITE_NUMBER_BITS) - 1)

static inline gint64
pt_sqlite_entry_key (guint32 area, guint64 number)
{
  return ((gint64) area << PT_SQLITE_NUMBER_BITS) | (gint64) number;
}

typedef gboolean (*PtSqliteFunc) (PtSqlite *sqlite, gpointer data, GError **error);

/* Runs @func on the owner thread inside a transaction and waits for it; rolled back when it fails.
 */
gboolean pt_sqlite_store_write (PtStore *store, PtSqliteFunc func, gpointer data, GError **error);

/* Runs @func with a reading connection inside a read transaction, on the caller's thread. */
gboolean pt_sqlite_store_read (PtStore *store, PtSqliteFunc func, gpointer data, GError **error);

gboolean pt_sqlite_store_migrate (PtSqlite *sqlite, const char *path, GError **error);
/* Whether it is a database of ours and of this version; nothing is written. */
gboolean pt_sqlite_store_is_current (PtSqlite *sqlite, GError **error);
/* Schema 1's entries, numbered over all areas, into schema 2's tables, which stand beside. */
gboolean pt_sqlite_store_renumber (PtSqlite *sqlite, GError **error);

/* Schema 7's outages and histories into schema 8's. */
gboolean pt_sqlite_store_reckon_times (PtSqlite *sqlite, GError **error);

/* What devices were before, for schema 10. */
gboolean pt_sqlite_store_find_pasts (PtSqlite *sqlite, GError **error);

/* Frontier as its nodes' bytes, its size beside. */
GBytes *pt_sqlite_frontier_bytes (const PtFrontier *frontier);
gboolean pt_sqlite_frontier_load (PtFrontier *frontier, guint64 size, sqlite3_stmt *statement,
                                  int column);

/* -write */
gboolean pt_sqlite_store_commit (PtStore *store, const PtGroup *group, GError **error);
gboolean pt_sqlite_store_add_area (PtStore *store, const PtAreaRow *row, GError **error);
gboolean pt_sqlite_store_adopt_service_key (PtStore *store, const guint8 *key, GError **error);
gboolean pt_sqlite_store_set_ahead (PtStore *store, guint32 area, guint64 ahead, GError **error);
gboolean pt_sqlite_store_save_histories (PtStore *store, const PtSubjectRow *rows, guint count,
                                         GError **error);
gboolean pt_sqlite_store_prune (PtStore *store, guint32 area, guint64 up_to, guint limit,
                                guint *removed, GError **error);

/* -batches */
gboolean pt_sqlite_store_seal (PtStore *store, const PtSeal *seals, guint count, GError **error);
gboolean pt_sqlite_store_roster (PtStore *store, guint32 area, guint64 batch, GBytes **roster,
                                 GError **error);
gboolean pt_sqlite_store_published (PtStore *store, const PtBatchRow *rows, guint count,
                                    GError **error);
gboolean pt_sqlite_store_submit (PtStore *store, PtTransactionRow *transaction,
                                 const PtBatchRow *rows, guint count, GError **error);
gboolean pt_sqlite_store_bump (PtStore *store, const PtTransactionRow *transaction, GError **error);
gboolean pt_sqlite_store_mined (PtStore *store, const PtTransactionRow *transaction,
                                GError **error);
gboolean pt_sqlite_store_finalize (PtStore *store, guint64 transaction_id, GError **error);
gboolean pt_sqlite_store_withdraw (PtStore *store, guint64 transaction_id, GError **error);
gboolean pt_sqlite_store_adopt (PtStore *store, const PtTransactionRow *transaction,
                                const PtBatchRow *rows, guint count, GError **error);
gboolean pt_sqlite_store_reopen (PtStore *store, guint32 area, guint64 after, guint *count,
                                 GError **error);
GPtrArray *pt_sqlite_store_transactions (PtStore *store, GError **error);
GArray *pt_sqlite_store_batches (PtStore *store, const PtBatchQuery *query, GError **error);
GArray *pt_sqlite_store_unfinished (PtStore *store, guint limit, GError **error);

/* -evidence */
gboolean pt_sqlite_store_write_evidence (PtSqlite *sqlite, const PtGroup *group, GError **error);
gboolean pt_sqlite_store_evidence (PtStore *store, const PtEvidenceQuery *query,
                                   PtEvidenceRowFunc func, gpointer user_data, GError **error);
/* -rejected */
gboolean pt_sqlite_store_add_rejected (PtSqlite *sqlite, GError **error); /* schema 15 */
gboolean pt_sqlite_store_write_rejected (PtSqlite *sqlite, const PtGroup *group, GError **error);
gboolean pt_sqlite_store_rejected (PtStore *store, const PtRejectedQuery *query,
                                   PtRejectedRowFunc func, gpointer user_data, GError **error);
/* -said */
gboolean pt_sqlite_store_write_said (PtSqlite *sqlite, const PtGroup *group, GError **error);
gboolean pt_sqlite_store_scan_said (PtStore *store, guint32 area, guint64 after, PtSaidRowFunc func,
                                    gpointer user_data, GError **error);
gboolean pt_sqlite_store_scan_chain (PtStore *store, const PtChainQuery *query, PtSaidRowFunc func,
                                     gpointer user_data, GError **error);
/* -privates */
gboolean pt_sqlite_store_write_privates (PtSqlite *sqlite, const PtGroup *group, GError **error);
gboolean pt_sqlite_store_privates (PtStore *store, const PtErasure *from, PtPrivateRowFunc func,
                                   gpointer user_data, GError **error);
gboolean pt_sqlite_store_photo (PtStore *store, guint32 area, const char *complaint, PtPhoto *out,
                                PtModeration *hidden, GError **error);
gboolean pt_sqlite_store_moderate (PtStore *store, const PtErasure *of,
                                   const PtModeration *moderation, GError **error);
/* -outages */
gboolean pt_sqlite_store_outages (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                                  gpointer user_data, GError **error);
/* Inside a transaction. */
gboolean pt_sqlite_write_outage (PtSqlite *sqlite, const PtOutageWrite *write, GError **error);
/* Appends PtOutageRow as pt_store_outages () tells them. */
gboolean pt_sqlite_collect_outages (PtSqlite *sqlite, const PtOutageQuery *query, GArray *rows,
                                    GError **error);

/* -restamp */
gboolean pt_sqlite_store_restamp (PtStore *store, const PtRestamp *areas, guint count,
                                  guint64 *changed, GError **error);

/* -read */
GArray *pt_sqlite_store_areas (PtStore *store, GError **error);
gboolean pt_sqlite_store_scan_entries (PtStore *store, guint32 area, guint64 after,
                                       gint64 before_received, PtEntryRowFunc func,
                                       gpointer user_data, GError **error);
gboolean pt_sqlite_store_reserve (PtStore *store, PtSubjectKind kind, guint count, guint64 *first,
                                  GError **error);
gboolean pt_sqlite_store_scan_subjects (PtStore *store, PtSubjectKind kind, PtSubjectRowFunc func,
                                        gpointer user_data, GError **error);
GPtrArray *pt_sqlite_store_subject_bodies (PtStore *store, PtSubject subject, GError **error);
gboolean pt_sqlite_store_counts (PtStore *store, PtCounts *counts, GError **error);
