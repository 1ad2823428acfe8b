/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store.h"

/* What only a database in one file needs: a second file of it, a look at its pages, less room.
 * Blocking, for as long as the disk takes. @store is one of SQLite's. */

/* How far it is, in bytes; FALSE ends it (PT_ERROR_RETRY). */
typedef gboolean (*PtSqliteProgressFunc) (guint64 done, guint64 bytes, gpointer user_data);

/* All that a read of @store sees, into the empty file @path: one that needs nothing beside it. A
 * little at a time, with commits in between. Whoever owns the file makes it durable. */
gboolean pt_sqlite_copy_out (PtStore *store, const char *path, PtSqliteProgressFunc func,
                             gpointer user_data, GError **error);

/* PT_ERROR_STOP with what is wrong first. @quick: without looking whether each index has what its
 * table has. */
gboolean pt_sqlite_look_at_pages (PtStore *store, gboolean quick, GError **error);

/* How large the file is with what its log holds, and how much of that nothing is in. */
gboolean pt_sqlite_measure (PtStore *store, guint64 *bytes, guint64 *unused, GError **error);

/* What is in @path, which nobody else may have open, into the empty file @to, without holes. @path
 * is then whole by itself, without a log beside it. */
gboolean pt_sqlite_write_compact (const char *path, const char *to, GError **error);
