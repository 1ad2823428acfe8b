/* SPDX-License-Identifier: Apache-2.0 */
/* Refused reports that are kept for a while: a ring with shares. */
#include "pt-sqlite-store-private.h"

gboolean
pt_sqlite_store_add_rejected (PtSqlite *sqlite, GError **error)
{
  return pt_sqlite_execute (
      sqlite,
      "create table rejected (id integer primary key autoincrement, at integer not null,"
      " source text not null, transport text not null, address text not null,"
      " certificate text not null, area text not null, device text not null,"
      " reason text not null, text blob not null);"
      "create index rejected_by_source on rejected (source, id);"
      "create index rejected_by_time on rejected (at);",
      error);
}

static gboolean
insert_row (PtSqlite *sqlite, sqlite3_stmt *statement, const PtRejectedRow *row, GError **error)
{
  const char *const words[] = { row->source, row->transport, row->address, row->certificate,
                                row->area,   row->device,    row->reason };

  sqlite3_bind_int64 (statement, 1, row->at);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    sqlite3_bind_text (statement, 2 + (int) i, words[i], -1, SQLITE_STATIC);
  sqlite3_bind_blob64 (statement, 9, row->text, row->size, SQLITE_STATIC);
  return pt_sqlite_run (sqlite, statement, error);
}

static gboolean
run_with (PtSqlite *sqlite, const char *sql, const char *source, gint64 number, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, sql, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, number);
  if (source != NULL)
    sqlite3_bind_text (statement, 2, source, -1, SQLITE_STATIC);
  return pt_sqlite_run (sqlite, statement, error);
}

gboolean
pt_sqlite_store_write_rejected (PtSqlite *sqlite, const PtGroup *group, GError **error)
{
  sqlite3_stmt *insert;

  if (group->rejected_count == 0)
    return TRUE;
  insert = pt_sqlite_prepare (sqlite,
                              "insert into rejected (at, source, transport, address, certificate,"
                              " area, device, reason, text) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                              error);
  if (insert == NULL)
    return FALSE;
  for (guint i = 0; i < group->rejected_count; i++)
    if (!insert_row (sqlite, insert, &group->rejected[i], error)
        || !run_with (sqlite,
                      "delete from rejected where source = ?2 and id <= (select id from rejected"
                      " where source = ?2 order by id desc limit 1 offset ?1)",
                      group->rejected[i].source, PT_REJECTED_PER_SOURCE, error))
      return FALSE;
  return run_with (sqlite, "delete from rejected where at < ?1", NULL, group->rejected_from, error)
         && run_with (sqlite,
                      "delete from rejected where id <= (select id from rejected"
                      " order by id desc limit 1 offset ?1)",
                      NULL, PT_REJECTED_MAX, error);
}

typedef struct
{
  const PtRejectedQuery *query;
  PtRejectedRowFunc func;
  gpointer user_data;
} RejectedJob;

static const char *
column (sqlite3_stmt *statement, int at)
{
  return (const char *) sqlite3_column_text (statement, at);
}

static gboolean
take_rejected (sqlite3_stmt *statement, gpointer data, GError **error)
{
  RejectedJob *job = data;
  PtRejectedRow row = { .number = (guint64) sqlite3_column_int64 (statement, 0),
                        .at = sqlite3_column_int64 (statement, 1),
                        .source = column (statement, 2),
                        .transport = column (statement, 3),
                        .address = column (statement, 4),
                        .certificate = column (statement, 5),
                        .area = column (statement, 6),
                        .device = column (statement, 7),
                        .reason = column (statement, 8),
                        .text = sqlite3_column_blob (statement, 9),
                        .size = (gsize) sqlite3_column_bytes (statement, 9) };

  return job->func (&row, job->user_data, error);
}

static gboolean
rejected_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  RejectedJob *job = data;
  const PtRejectedQuery *query = job->query;
  const char *const words[] = { query->area, query->device, query->reason };
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite,
      "select id, at, source, transport, address, certificate, area, device, reason, text"
      " from rejected where id < ?1 and at >= ?2 and (?4 is null or area = ?4)"
      " and (?5 is null or device = ?5) and (?6 is null or reason = ?6)"
      " order by id desc limit ?3",
      error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1,
                      query->before > 0 ? (gint64) MIN (query->before, G_MAXINT64) : G_MAXINT64);
  sqlite3_bind_int64 (statement, 2, query->since);
  sqlite3_bind_int64 (statement, 3, query->limit);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    sqlite3_bind_text (statement, 4 + (int) i, words[i], -1, SQLITE_STATIC); /* NULL: null */
  return pt_sqlite_each (sqlite, statement, take_rejected, job, error);
}

gboolean
pt_sqlite_store_rejected (PtStore *store, const PtRejectedQuery *query, PtRejectedRowFunc func,
                          gpointer user_data, GError **error)
{
  RejectedJob job = { query, func, user_data };

  return pt_sqlite_store_read (store, rejected_job, &job, error);
}
