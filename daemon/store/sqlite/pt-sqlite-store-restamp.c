/* SPDX-License-Identifier: Apache-2.0 */
/* Times of receipt that a clock which was wrong gave to entries that are not sealed yet. */
#include "pt-sqlite-store-private.h"

typedef struct
{
  const PtRestamp *areas;
  guint count;
  guint64 *changed;
} RestampJob;

typedef struct
{
  PtSqlite *sqlite;
  gint64 received;
  guint64 *changed;
} Restamping;

/* A registration is kept beside its entry, in two more places. */
static gboolean
restamp_registration (PtSqlite *sqlite, gint64 subject, gint64 number, GBytes *body, GError **error)
{
  static const char *const updates[]
      = { "update subjects set body = ?3 where id = ?1 and entry = ?2",
          "update registrations set body = ?3 where subject = ?1 and entry = ?2" };

  for (guint i = 0; i < G_N_ELEMENTS (updates); i++)
    {
      sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, updates[i], error);

      if (statement == NULL)
        return FALSE;
      sqlite3_bind_int64 (statement, 1, subject);
      sqlite3_bind_int64 (statement, 2, number);
      pt_sqlite_bind_bytes (statement, 3, body);
      if (!pt_sqlite_run (sqlite, statement, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
restamp_entry (sqlite3_stmt *row, gpointer data, GError **error)
{
  Restamping *work = data;
  gint64 id = sqlite3_column_int64 (row, 0);
  g_autoptr (GBytes) body = pt_store_restamped (
      sqlite3_column_blob (row, 2), (gsize) sqlite3_column_bytes (row, 2), work->received, error);
  sqlite3_stmt *statement;

  if (body == NULL)
    return FALSE;
  statement = pt_sqlite_prepare (
      work->sqlite, "update entries set received = ?2, body = ?3 where id = ?1", error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, id);
  sqlite3_bind_int64 (statement, 2, work->received);
  pt_sqlite_bind_bytes (statement, 3, body);
  ++*work->changed;
  return pt_sqlite_run (work->sqlite, statement, error)
         && restamp_registration (work->sqlite, sqlite3_column_int64 (row, 1),
                                  id & PT_SQLITE_NUMBER_MAX, body, error);
}

static gboolean
restamp_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  const RestampJob *job = data;

  for (guint i = 0; i < job->count; i++)
    {
      const PtRestamp *area = &job->areas[i];
      Restamping work = { sqlite, area->received, job->changed };
      sqlite3_stmt *statement = pt_sqlite_prepare (sqlite,
                                                   "select id, subject, body from entries"
                                                   " where id > ?1 and id <= ?2 and received > ?3",
                                                   error);

      if (statement == NULL)
        return FALSE;
      sqlite3_bind_int64 (statement, 1, pt_sqlite_entry_key (area->area, area->after));
      sqlite3_bind_int64 (statement, 2, pt_sqlite_entry_key (area->area, PT_SQLITE_NUMBER_MAX));
      sqlite3_bind_int64 (statement, 3, area->received);
      if (!pt_sqlite_each (sqlite, statement, restamp_entry, &work, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pt_sqlite_store_restamp (PtStore *store, const PtRestamp *areas, guint count, guint64 *changed,
                         GError **error)
{
  RestampJob job = { areas, count, changed };

  return pt_sqlite_store_write (store, restamp_job, &job, error);
}
