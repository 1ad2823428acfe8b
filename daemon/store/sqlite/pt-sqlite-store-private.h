/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-sqlite-store.h"
#include "pt-sqlite.h"
#include "pt-store-class.h"

/* The parts of the SQLite backend, split by verb: -schema (migrations), -write (entries, devices,
 * outages), -batches (the state machine), -read (queries). */

typedef gboolean (*PtSqliteFunc) (PtSqlite *sqlite, gpointer data, GError **error);

/* Runs @func on the owner thread inside a transaction and waits for it; rolled back when it fails.
 */
gboolean pt_sqlite_store_write (PtStore *store, PtSqliteFunc func, gpointer data, GError **error);

/* Runs @func with a reading connection inside a read transaction, on the caller's thread. */
gboolean pt_sqlite_store_read (PtStore *store, PtSqliteFunc func, gpointer data, GError **error);

gboolean pt_sqlite_store_migrate (PtSqlite *sqlite, const char *path, GError **error);

/* Frontier as its nodes' bytes, its size beside. */
GBytes *pt_sqlite_frontier_bytes (const PtFrontier *frontier);
gboolean pt_sqlite_frontier_load (PtFrontier *frontier, guint64 size, sqlite3_stmt *statement,
                                  int column);

/* -write */
gboolean pt_sqlite_store_commit (PtStore *store, const PtGroup *group, guint64 *first_id,
                                 GError **error);
gboolean pt_sqlite_store_add_area (PtStore *store, const PtAreaRow *row, GError **error);
gboolean pt_sqlite_store_save_devices (PtStore *store, const PtDeviceRow *rows, guint count,
                                       GError **error);
gboolean pt_sqlite_store_prune (PtStore *store, guint64 up_to, guint limit, guint *removed,
                                GError **error);

/* -batches */
gboolean pt_sqlite_store_seal (PtStore *store, const PtSeal *seals, guint count, GError **error);
gboolean pt_sqlite_store_published (PtStore *store, const PtBatchRow *rows, guint count,
                                    GError **error);
gboolean pt_sqlite_store_submit (PtStore *store, const PtTransactionRow *transaction,
                                 const PtBatchRow *rows, guint count, GError **error);
gboolean pt_sqlite_store_bump (PtStore *store, const PtTransactionRow *transaction, GError **error);
gboolean pt_sqlite_store_mined (PtStore *store, const PtTransactionRow *transaction,
                                GError **error);
gboolean pt_sqlite_store_finalize (PtStore *store, guint64 nonce, GError **error);
gboolean pt_sqlite_store_withdraw (PtStore *store, guint64 nonce, GError **error);
GPtrArray *pt_sqlite_store_transactions (PtStore *store, GError **error);
GArray *pt_sqlite_store_batches (PtStore *store, const PtBatchQuery *query, GError **error);
GArray *pt_sqlite_store_unfinished (PtStore *store, guint limit, GError **error);

/* -read */
GArray *pt_sqlite_store_areas (PtStore *store, GError **error);
gboolean pt_sqlite_store_scan_entries (PtStore *store, guint64 after_id, gint64 before_received,
                                       PtEntryRowFunc func, gpointer user_data, GError **error);
gboolean pt_sqlite_store_read_entry (PtStore *store, guint64 id, GBytes **body, GError **error);
gboolean pt_sqlite_store_scan_devices (PtStore *store, PtDeviceRowFunc func, gpointer user_data,
                                       GError **error);
GPtrArray *pt_sqlite_store_device_bodies (PtStore *store, guint32 number, GError **error);
gboolean pt_sqlite_store_scan_officials (PtStore *store, PtOfficialRowFunc func, gpointer user_data,
                                         GError **error);
gboolean pt_sqlite_store_outages (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                                  gpointer user_data, GError **error);
gboolean pt_sqlite_store_counts (PtStore *store, PtCounts *counts, GError **error);
