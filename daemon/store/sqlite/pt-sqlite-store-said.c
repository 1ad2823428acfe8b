/* SPDX-License-Identifier: Apache-2.0 */
/* What officials and citizens said, beside its entries and longer than these are kept. */
#include "pt-sqlite-store-private.h"

static void
bind_or_null (sqlite3_stmt *statement, int parameter, GBytes *bytes)
{
  if (bytes != NULL)
    pt_sqlite_bind_bytes (statement, parameter, bytes);
  else
    sqlite3_bind_null (statement, parameter);
}

static gboolean
write_row (PtSqlite *sqlite, const PtSaidRow *row, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, "insert into said values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, pt_sqlite_entry_key (row->area, row->entry));
  sqlite3_bind_int64 (statement, 2, row->area);
  sqlite3_bind_int (statement, 3, row->kind);
  sqlite3_bind_text (statement, 4, row->name, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 5, row->n);
  sqlite3_bind_blob (statement, 6, &row->leaf, PT_HASH_SIZE, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 7, row->signer, PT_PUBLIC_KEY_SIZE, SQLITE_STATIC);
  sqlite3_bind_int (statement, 8, (int) row->evidence);
  sqlite3_bind_int (statement, 9, (int) row->later);
  bind_or_null (statement, 10, row->receipt);
  pt_sqlite_bind_bytes (statement, 11, row->body);
  return pt_sqlite_run (sqlite, statement, error);
}

static gboolean
write_later (PtSqlite *sqlite, const PtSaidLater *later, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite,
      "update said set later = coalesce (nullif (?5, 0), later), receipt = coalesce (receipt, ?6)"
      " where area = ?1 and kind = ?2 and name = ?3 and n = ?4",
      error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, later->area);
  sqlite3_bind_int (statement, 2, later->kind);
  sqlite3_bind_text (statement, 3, later->name, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 4, later->n);
  sqlite3_bind_int (statement, 5, (int) later->later);
  bind_or_null (statement, 6, later->receipt);
  return pt_sqlite_run (sqlite, statement, error);
}

gboolean
pt_sqlite_store_write_said (PtSqlite *sqlite, const PtGroup *group, GError **error)
{
  for (guint i = 0; i < group->said_count; i++)
    if (!write_row (sqlite, &group->said[i], error))
      return FALSE;
  for (guint i = 0; i < group->later_count; i++)
    if (!write_later (sqlite, &group->laters[i], error))
      return FALSE;
  return TRUE;
}

/* Reading */

#define COLUMNS                                                                                    \
  "select id, area, kind, name, n, leaf, signer, evidence, later, receipt, body from said"

typedef struct
{
  guint32 area;
  guint64 after;
  const PtChainQuery *query; /* else the area's after @after */
  PtSaidRowFunc func;
  gpointer user_data;
} SaidJob;

static gboolean
tell_row (sqlite3_stmt *statement, gpointer data, GError **error)
{
  const SaidJob *job = data;
  g_autoptr (GBytes) receipt = NULL, body = pt_sqlite_column_bytes (statement, 10);
  PtSaidRow row = { .area = (guint32) sqlite3_column_int64 (statement, 1),
                    .kind = (PtSaidKind) sqlite3_column_int (statement, 2),
                    .n = sqlite3_column_int64 (statement, 4),
                    .evidence = (PtEvidence) sqlite3_column_int (statement, 7),
                    .later = (PtAftermath) sqlite3_column_int (statement, 8),
                    .body = body };

  row.entry = (guint64) (sqlite3_column_int64 (statement, 0) & PT_SQLITE_NUMBER_MAX);
  row.name = (const char *) sqlite3_column_text (statement, 3);
  if (sqlite3_column_type (statement, 9) != SQLITE_NULL)
    row.receipt = receipt = pt_sqlite_column_bytes (statement, 9);
  if (row.name != NULL && pt_sqlite_column_fixed (statement, 5, &row.leaf, PT_HASH_SIZE)
      && pt_sqlite_column_fixed (statement, 6, row.signer, PT_PUBLIC_KEY_SIZE))
    return job->func (&row, job->user_data, error);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_STOP,
                       "What was said is damaged in the database. Stop, keep its files and restore "
                       "a copy.");
  return FALSE;
}

static gboolean
scan_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  SaidJob *job = data;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite, COLUMNS " where id > ? and id <= ? order by id", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (
      statement, 1,
      pt_sqlite_entry_key (job->area, MIN (job->after, (guint64) PT_SQLITE_NUMBER_MAX)));
  sqlite3_bind_int64 (statement, 2, pt_sqlite_entry_key (job->area, PT_SQLITE_NUMBER_MAX));
  return pt_sqlite_each (sqlite, statement, tell_row, job, error);
}

gboolean
pt_sqlite_store_scan_said (PtStore *store, guint32 area, guint64 after, PtSaidRowFunc func,
                           gpointer user_data, GError **error)
{
  SaidJob job = { .area = area, .after = after, .func = func, .user_data = user_data };

  return pt_sqlite_store_read (store, scan_job, &job, error);
}

static gboolean
chain_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  SaidJob *job = data;
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, COLUMNS " where area = ? and kind = ? and name = ? and n >= ? order by n limit ?",
      error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, job->query->area);
  sqlite3_bind_int (statement, 2, job->query->kind);
  sqlite3_bind_text (statement, 3, job->query->name, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 4, job->query->n);
  sqlite3_bind_int64 (statement, 5, job->query->limit);
  return pt_sqlite_each (sqlite, statement, tell_row, job, error);
}

gboolean
pt_sqlite_store_scan_chain (PtStore *store, const PtChainQuery *query, PtSaidRowFunc func,
                            gpointer user_data, GError **error)
{
  SaidJob job = { .query = query, .func = func, .user_data = user_data };

  return pt_sqlite_store_read (store, chain_job, &job, error);
}
