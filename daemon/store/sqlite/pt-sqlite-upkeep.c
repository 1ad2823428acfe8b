/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sqlite-upkeep.h"

#include <string.h>

#include "pt-sqlite-place.h"
#include "pt-sqlite-store-private.h"

#define PAGES_AT_ONCE 2048 /* 8 MiB */

/* A second file */

typedef struct
{
  const char *path;
  PtSqliteProgressFunc func;
  gpointer user_data;
} CopyJob;

static gboolean
fail_copy (PtSqlite *to, int code, GError **error)
{
  pt_sqlite_set_error (to, code, error);
  return FALSE;
}

static gboolean
tell_progress (const CopyJob *job, sqlite3_backup *backup, gint64 page, GError **error)
{
  guint64 all = (guint64) sqlite3_backup_pagecount (backup);
  guint64 left = (guint64) sqlite3_backup_remaining (backup);

  if (job->func == NULL
      || job->func ((all - left) * (guint64) page, all * (guint64) page, job->user_data))
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "It was ended before it was complete.");
  return FALSE;
}

static gboolean
ask_number (PtSqlite *sqlite, const char *sql, gint64 *number, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, sql, error);
  gboolean row;

  if (statement == NULL || !pt_sqlite_step (sqlite, statement, &row, error))
    return FALSE;
  *number = row ? sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_reset (statement);
  return TRUE;
}

/* The source stands inside a read transaction, so that it is one moment's, however often somebody
 * writes meanwhile: else each write would have it begin anew. */
static gboolean
copy_pages (PtSqlite *from, PtSqlite *to, const CopyJob *job, GError **error)
{
  sqlite3_backup *backup;
  gboolean going = TRUE;
  gint64 page;
  int code = SQLITE_OK;

  if (!ask_number (from, "pragma page_size", &page, error))
    return FALSE;
  backup = sqlite3_backup_init (to->handle, "main", from->handle, "main");
  if (backup == NULL)
    return fail_copy (to, sqlite3_extended_errcode (to->handle), error);
  while (going && code == SQLITE_OK)
    {
      code = sqlite3_backup_step (backup, PAGES_AT_ONCE);
      going = tell_progress (job, backup, page, error);
    }
  sqlite3_backup_finish (backup);
  if (going && code != SQLITE_DONE)
    return fail_copy (to, code, error);
  return going;
}

static gboolean
copy_job (PtSqlite *from, gpointer data, GError **error)
{
  const CopyJob *job = data;
  g_autoptr (PtSqlite) to = pt_sqlite_open (job->path, FALSE, error);

  /* Nobody reads it before it is whole. Then it needs no log to be read. */
  return to != NULL
         && pt_sqlite_execute (to, "pragma synchronous = off; pragma journal_mode = off", error)
         && copy_pages (from, to, job, error)
         && pt_sqlite_execute (to, "pragma journal_mode = delete", error);
}

gboolean
pt_sqlite_copy_out (PtStore *store, const char *path, PtSqliteProgressFunc func, gpointer user_data,
                    GError **error)
{
  CopyJob job = { path, func, user_data };

  g_return_val_if_fail (store != NULL && path != NULL, FALSE);

  return pt_sqlite_store_read (store, copy_job, &job, error);
}

/* Looking */

static gboolean
take_complaint (sqlite3_stmt *row, gpointer data, GError **error)
{
  const char *text = (const char *) sqlite3_column_text (row, 0);

  if (g_strcmp0 (text, "ok") == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_STOP, "The database is damaged: %s.",
               text != NULL ? text : "?");
  return FALSE;
}

static gboolean
look_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  const gboolean *quick = data;
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, *quick ? "pragma quick_check(1)" : "pragma integrity_check(1)", error);

  return statement != NULL && pt_sqlite_each (sqlite, statement, take_complaint, NULL, error);
}

gboolean
pt_sqlite_look_at_pages (PtStore *store, gboolean quick, GError **error)
{
  g_return_val_if_fail (store != NULL, FALSE);

  return pt_sqlite_store_read (store, look_job, &quick, error);
}

typedef struct
{
  guint64 *bytes, *unused;
} MeasureJob;

static gboolean
measure_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  const MeasureJob *job = data;
  gint64 page, pages, unused;

  if (!ask_number (sqlite, "pragma page_size", &page, error)
      || !ask_number (sqlite, "pragma page_count", &pages, error)
      || !ask_number (sqlite, "pragma freelist_count", &unused, error))
    return FALSE;
  *job->bytes = (guint64) (page * pages);
  *job->unused = (guint64) (page * unused);
  return TRUE;
}

gboolean
pt_sqlite_measure (PtStore *store, guint64 *bytes, guint64 *unused, GError **error)
{
  MeasureJob job = { bytes, unused };

  g_return_val_if_fail (store != NULL && bytes != NULL && unused != NULL, FALSE);

  return pt_sqlite_store_read (store, measure_job, &job, error);
}

/* Less room */

gboolean
pt_sqlite_write_compact (const char *path, const char *to, GError **error)
{
  g_autoptr (PtSqlite) sqlite = NULL;
  sqlite3_stmt *statement;

  g_return_val_if_fail (path != NULL && to != NULL, FALSE);

  if (!pt_sqlite_place_check (path, error))
    return FALSE;
  sqlite = pt_sqlite_open (path, FALSE, error);
  if (sqlite == NULL || !pt_sqlite_store_is_current (sqlite, error)
      || !pt_sqlite_execute (sqlite, "pragma journal_mode = delete", error))
    return FALSE;
  statement = pt_sqlite_prepare (sqlite, "vacuum into ?", error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, to, -1, SQLITE_STATIC);
  return pt_sqlite_run (sqlite, statement, error);
}
