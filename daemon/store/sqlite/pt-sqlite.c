/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sqlite.h"

#include <string.h>

#include "pt-error.h"

#define BUSY_MS 10000

void
pt_sqlite_set_error (PtSqlite *sqlite, int code, GError **error)
{
  PtErrorCode kind = PT_ERROR_STOP;
  const char *remedy = "The store refuses to go on; keep its files and look at the disk";

  switch (code & 0xff)
    {
    case SQLITE_FULL:
      kind = PT_ERROR_RETRY;
      remedy = "Free some space on the disk of the state directory; nothing was lost";
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
      kind = PT_ERROR_RETRY;
      remedy = "It will be tried again";
      break;
    case SQLITE_CONSTRAINT:
      kind = PT_ERROR_CONFLICT;
      remedy = "It is there already";
      break;
    default:
      break;
    }
  g_set_error (error, PT_ERROR, kind, "Database: %s (%s). %s.", sqlite3_errmsg (sqlite->handle),
               sqlite3_errstr (code), remedy);
}

PtSqlite *
pt_sqlite_open (const char *path, gboolean read_only, GError **error)
{
  g_autoptr (PtSqlite) sqlite = g_new0 (PtSqlite, 1);
  int flags = SQLITE_OPEN_NOMUTEX
              | (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  int code;

  sqlite->statements = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL,
                                              (GDestroyNotify) (void (*) (void)) sqlite3_finalize);
  code = sqlite3_open_v2 (path, &sqlite->handle, flags, NULL);
  if (code != SQLITE_OK)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "%s can't be opened as a database: %s. Check the path and its permissions.",
                   path, sqlite3_errstr (code));
      return NULL;
    }
  sqlite3_extended_result_codes (sqlite->handle, 1);
  sqlite3_busy_timeout (sqlite->handle, BUSY_MS);
  return g_steal_pointer (&sqlite);
}

void
pt_sqlite_close (PtSqlite *sqlite)
{
  if (sqlite == NULL)
    return;
  g_hash_table_unref (sqlite->statements);
  sqlite3_close_v2 (sqlite->handle);
  g_free (sqlite);
}

gboolean
pt_sqlite_execute (PtSqlite *sqlite, const char *sql, GError **error)
{
  int code = sqlite3_exec (sqlite->handle, sql, NULL, NULL, NULL);

  if (code == SQLITE_OK)
    return TRUE;
  pt_sqlite_set_error (sqlite, code, error);
  return FALSE;
}

sqlite3_stmt *
pt_sqlite_prepare (PtSqlite *sqlite, const char *sql, GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (sqlite->statements, sql);
  int code;

  if (statement != NULL)
    {
      sqlite3_reset (statement);
      sqlite3_clear_bindings (statement);
      return statement;
    }
  code = sqlite3_prepare_v3 (sqlite->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
  if (code != SQLITE_OK)
    {
      pt_sqlite_set_error (sqlite, code, error);
      return NULL;
    }
  g_hash_table_insert (sqlite->statements, (gpointer) sql, statement);
  return statement;
}

gboolean
pt_sqlite_step (PtSqlite *sqlite, sqlite3_stmt *statement, gboolean *row, GError **error)
{
  int code = sqlite3_step (statement);

  *row = code == SQLITE_ROW;
  if (code == SQLITE_ROW)
    return TRUE;
  if (code != SQLITE_DONE)
    pt_sqlite_set_error (sqlite, code, error);
  sqlite3_reset (statement);
  return code == SQLITE_DONE;
}

gboolean
pt_sqlite_each (PtSqlite *sqlite, sqlite3_stmt *statement, PtSqliteRowFunc func, gpointer data,
                GError **error)
{
  gboolean more;

  while (pt_sqlite_step (sqlite, statement, &more, error))
    {
      if (!more)
        return TRUE;
      if (!func (statement, data, error))
        return FALSE;
    }
  return FALSE;
}

gboolean
pt_sqlite_run (PtSqlite *sqlite, sqlite3_stmt *statement, GError **error)
{
  gboolean row;

  if (!pt_sqlite_step (sqlite, statement, &row, error))
    return FALSE;
  sqlite3_reset (statement);
  return TRUE;
}

gboolean
pt_sqlite_column_fixed (sqlite3_stmt *statement, int column, void *out, gsize size)
{
  const void *blob = sqlite3_column_blob (statement, column);

  memset (out, 0, size);
  if ((gsize) sqlite3_column_bytes (statement, column) != size)
    return FALSE;
  if (size > 0)
    memcpy (out, blob, size);
  return TRUE;
}

GBytes *
pt_sqlite_column_bytes (sqlite3_stmt *statement, int column)
{
  const void *blob = sqlite3_column_blob (statement, column);

  return g_bytes_new (blob, (gsize) sqlite3_column_bytes (statement, column));
}

void
pt_sqlite_bind_bytes (sqlite3_stmt *statement, int parameter, GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  /* A zero pointer would bind NULL, and an empty blob is not NULL. */
  sqlite3_bind_blob64 (statement, parameter, size > 0 ? data : "", size, SQLITE_TRANSIENT);
}
