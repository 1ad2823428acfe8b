/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

/* One SQLite connection with its prepared statements. Used by one thread at a time. */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

#define PT_SQLITE_BUSY_MS 10000 /* how long a file that another has locked is waited for */

typedef struct
{
  sqlite3 *handle;
  GHashTable *statements; /* SQL text (static) -> sqlite3_stmt */
} PtSqlite;

/* PT_ERROR_RETRY where descriptors or memory are wanting, else PT_ERROR_CONFIGURATION. */
PtSqlite *pt_sqlite_open (const char *path, gboolean read_only, GError **error);
void pt_sqlite_close (PtSqlite *sqlite);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSqlite, pt_sqlite_close)

/* PT_ERROR_STOP for a failed write or fsync or a damaged file, PT_ERROR_CONFLICT for a constraint,
 * PT_ERROR_OPERATOR where nothing may be written, PT_ERROR_RETRY for all that passes: a full disk,
 * a busy file, no descriptor or memory left. */
void pt_sqlite_set_error (PtSqlite *sqlite, int code, GError **error);

gboolean pt_sqlite_execute (PtSqlite *sqlite, const char *sql, GError **error);

/* The prepared statement of @sql, a static string, reset and without bindings. NULL on error. */
sqlite3_stmt *pt_sqlite_prepare (PtSqlite *sqlite, const char *sql, GError **error);

/* Steps once: *@row tells whether there is a row. Resets the statement when there is none. */
gboolean pt_sqlite_step (PtSqlite *sqlite, sqlite3_stmt *statement, gboolean *row, GError **error);

/* Steps a statement that returns no rows and resets it. */
gboolean pt_sqlite_run (PtSqlite *sqlite, sqlite3_stmt *statement, GError **error);

/* Steps through all rows, one call of @func each; FALSE as soon as @func says so. */
typedef gboolean (*PtSqliteRowFunc) (sqlite3_stmt *row, gpointer data, GError **error);
gboolean pt_sqlite_each (PtSqlite *sqlite, sqlite3_stmt *statement, PtSqliteRowFunc func,
                         gpointer data, GError **error);

/* A column's blob as bytes of exactly @size into @out; FALSE (and @out zeroed) for any other
 * length. */
gboolean pt_sqlite_column_fixed (sqlite3_stmt *statement, int column, void *out, gsize size);
GBytes *pt_sqlite_column_bytes (sqlite3_stmt *statement, int column);
void pt_sqlite_bind_bytes (sqlite3_stmt *statement, int parameter, GBytes *bytes);
