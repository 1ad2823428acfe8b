/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sqlite.h"

#include <errno.h>
#include <string.h>

#include "pt-error.h"

/* What no second try makes good, and what going on would make worse: the disk did not keep what it
 * was given, or gave back something else. All else, the want of descriptors, memory and room above
 * all, passes. */
static gboolean
store_is_broken (int code)
{
  static const int broken[]
      = { SQLITE_IOERR_WRITE,         SQLITE_IOERR_FSYNC,           SQLITE_IOERR_DIR_FSYNC,
          SQLITE_IOERR_TRUNCATE,      SQLITE_IOERR_CLOSE,           SQLITE_IOERR_DIR_CLOSE,
          SQLITE_IOERR_COMMIT_ATOMIC, SQLITE_IOERR_ROLLBACK_ATOMIC, SQLITE_IOERR_DATA,
          SQLITE_IOERR_CORRUPTFS };

  if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    if (code == broken[i])
      return TRUE;
  return FALSE;
}

static PtErrorCode
kind_of (int code, const char **remedy)
{
  *remedy = "It will be tried again; nothing was lost";
  if (store_is_broken (code))
    {
      *remedy = "The store refuses to go on; keep its files and look at the disk";
      return PT_ERROR_STOP;
    }
  switch (code & 0xff)
    {
    case SQLITE_CONSTRAINT:
      *remedy = "It is there already";
      return PT_ERROR_CONFLICT;
    case SQLITE_FULL:
      *remedy = "Free some space on the disk of the state directory; nothing was lost";
      return PT_ERROR_RETRY;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      *remedy = "Make the state directory and its files writable for the daemon; nothing was lost";
      return PT_ERROR_OPERATOR;
    default:
      return PT_ERROR_RETRY;
    }
}

void
pt_sqlite_set_error (PtSqlite *sqlite, int code, GError **error)
{
  int system = sqlite3_system_errno (sqlite->handle);
  gboolean asked = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_IOERR;
  const char *remedy;
  PtErrorCode kind = kind_of (code, &remedy);

  g_set_error (error, PT_ERROR, kind, "Database: %s (%s). %s.", sqlite3_errmsg (sqlite->handle),
               asked && system != 0 ? g_strerror (system) : sqlite3_errstr (code), remedy);
}

/* A path that is wrong stays so; a process that has no descriptor or memory left will have. */
static void
set_open_error (PtSqlite *sqlite, const char *path, int code, GError **error)
{
  int system = sqlite->handle != NULL ? sqlite3_system_errno (sqlite->handle) : ENOMEM;

  if (code == SQLITE_NOMEM || system == EMFILE || system == ENFILE || system == ENOMEM)
    g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
                 "The database can't be opened for now: %s. It will be tried again.",
                 g_strerror (system));
  else
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                 "%s can't be opened as a database: %s. Check the path and its permissions.", path,
                 sqlite3_errstr (code));
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
      set_open_error (sqlite, path, code, error);
      return NULL;
    }
  sqlite3_extended_result_codes (sqlite->handle, 1);
  sqlite3_busy_timeout (sqlite->handle, PT_SQLITE_BUSY_MS);
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
