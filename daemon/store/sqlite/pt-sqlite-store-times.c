/* SPDX-License-Identifier: Apache-2.0 */
/* Schema 8: times of reports are reckoned, outages say how they ended and where they were, and a
 * device's history is one blob. */
#include "pt-sqlite-store-private.h"

/* Outages */

static const char outages_of_8[]
    = "create table outages_8 (device integer not null, start_seq integer not null,"
      " start integer not null, end_seq integer not null, ended integer not null,"
      " ended_by integer not null, customers integer not null, place integer not null,"
      " area integer not null, primary key (device, start_seq)) without rowid;"
      "insert into outages_8 select o.device, o.start_seq, o.start, o.end_seq, o.ended,"
      " o.end_seq > 0, o.customers, 0, s.area from outages o"
      " join subjects s on s.id = 4294967296 + o.device order by o.device, o.start_seq;"
      "drop table outages;"
      "alter table outages_8 rename to outages;";

/* See pt-sqlite-store-outages.c: each has a query. */
static const char indexes_of_8[]
    = "create index outages_by_start on outages (start, device, start_seq);"
      "create index outages_by_area on outages (area, start, device, start_seq);"
      "create index outages_by_device on outages (device, start, start_seq);"
      "create index outages_open on outages (start, device, start_seq) where ended_by = 0;"
      "create index outages_cut on outages (device, start, start_seq) where ended_by > 1;"
      "create index outages_by_span on outages (length (printf ('%o', ended - start)), start)"
      " where ended_by > 0;";

/* Devices of which an outage ends before it begins, or begins before the one before it ended, and
 * what the entries that are still here say of when their reports came. */
static const char disorder_of_8[]
    = "create temp table disorder as select distinct device from (select device, start, end_seq,"
      " ended, lag (ended) over (partition by device order by start_seq) as before from outages)"
      " where (end_seq > 0 and ended < start) or start < before;"
      "create temp table came as select subject - 4294967296 as device, seq, received from entries"
      " where subject in (select 4294967296 + device from disorder);"
      "create index temp.came_of on came (device, seq);";

static const char disordered[]
    = "select o.device, o.start_seq, o.start, o.ended, o.end_seq,"
      " (select received from came c where c.device = o.device and c.seq = o.start_seq),"
      " (select received from came c where c.device = o.device and c.seq = o.end_seq)"
      " from outages o where o.device in (select device from disorder)"
      " order by o.device, o.start_seq";

typedef struct
{
  GArray *rows; /* PtOutageRow */
  gint64 device, time;
  guint unknown;
} Mending;

/* As pt_report_time () says, as far as it is known when the report came. */
static gint64
mend_time (Mending *mending, gint64 ts, sqlite3_stmt *row, int received)
{
  gboolean known = sqlite3_column_type (row, received) != SQLITE_NULL;
  gint64 time = pt_report_time (ts, known ? sqlite3_column_int64 (row, received) : mending->time,
                                mending->time);

  mending->unknown += ts < mending->time && !known;
  mending->time = time;
  return time;
}

static gboolean
mend_outage (sqlite3_stmt *statement, gpointer data, GError **error)
{
  Mending *mending = data;
  PtOutageRow row = { .device = (guint32) sqlite3_column_int64 (statement, 0),
                      .start_seq = sqlite3_column_int64 (statement, 1) };

  if (row.device != mending->device)
    {
      mending->device = row.device;
      mending->time = PT_NO_TIME;
    }
  row.start = mend_time (mending, sqlite3_column_int64 (statement, 2), statement, 5);
  if (sqlite3_column_int64 (statement, 4) > 0)
    row.end = mend_time (mending, sqlite3_column_int64 (statement, 3), statement, 6);
  g_array_append_val (mending->rows, row);
  return TRUE;
}

static gboolean
write_mended (PtSqlite *sqlite, GArray *rows, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, "update outages set start = ?3, ended = ?4 where device = ?1 and start_seq = ?2",
      error);

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      const PtOutageRow *row = &g_array_index (rows, PtOutageRow, i);

      sqlite3_bind_int64 (statement, 1, row->device);
      sqlite3_bind_int64 (statement, 2, row->start_seq);
      sqlite3_bind_int64 (statement, 3, row->start);
      sqlite3_bind_int64 (statement, 4, row->end);
      if (!pt_sqlite_run (sqlite, statement, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
mend_outages (PtSqlite *sqlite, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (PtOutageRow));
  Mending mending = { .rows = rows, .device = -1 };
  sqlite3_stmt *statement;

  if (!pt_sqlite_execute (sqlite, disorder_of_8, error))
    return FALSE;
  statement = pt_sqlite_prepare (sqlite, disordered, error);
  if (statement == NULL || !pt_sqlite_each (sqlite, statement, mend_outage, &mending, error)
      || !write_mended (sqlite, rows, error))
    return FALSE;
  if (rows->len > 0)
    g_message ("Outages of devices whose clock went back were reckoned anew, by when their reports "
               "came. Of %u beginnings and ends that is not known any more: they are told as "
               "early as they can have been.",
               mending.unknown);
  return pt_sqlite_execute (sqlite, "drop table temp.came; drop table temp.disorder", error);
}

/* What is still open of devices that were revoked meanwhile. */

static gboolean
find_revoked (sqlite3_stmt *statement, gpointer data, GError **error)
{
  const char *body = sqlite3_column_blob (statement, 3);
  gsize size = (gsize) sqlite3_column_bytes (statement, 3);
  PtOutageRow row = { .device = (guint32) sqlite3_column_int64 (statement, 0),
                      .start_seq = sqlite3_column_int64 (statement, 1),
                      .start = sqlite3_column_int64 (statement, 2) };
  PtEntry entry;

  row.end = row.start;
  if (pt_entry_parse (pt_span (body, size), PT_ENTRY_STORED, &entry) == PT_OK)
    row.end = MAX (entry.received, row.start);
  g_array_append_val ((GArray *) data, row);
  return TRUE;
}

static gboolean
end_revoked (PtSqlite *sqlite, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (PtOutageRow));
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           "select o.device, o.start_seq, o.start, s.body from outages o"
                           " join subjects s on s.id = 4294967296 + o.device"
                           " where o.ended_by = 0 and s.active = 0",
                           error);

  if (statement == NULL || !pt_sqlite_each (sqlite, statement, find_revoked, rows, error)
      || !write_mended (sqlite, rows, error))
    return FALSE;
  return pt_sqlite_execute (sqlite,
                            "update outages set ended_by = 2 where ended_by = 0 and"
                            " (select active from subjects where id = 4294967296 + device) = 0;",
                            error);
}

/* Histories */

/* pt_history (seq, ts, power, gaps, since_seq, since, active) -> blob */
static void
history_function (sqlite3_context *context, int count, sqlite3_value **values)
{
  g_autoptr (GBytes) gaps
      = g_bytes_new (sqlite3_value_blob (values[3]), (gsize) sqlite3_value_bytes (values[3]));
  PtOldHistory old = { .seq = sqlite3_value_int64 (values[0]),
                       .ts = sqlite3_value_int64 (values[1]),
                       .power = (PtPower) sqlite3_value_int (values[2]),
                       .gaps = gaps,
                       .since_seq = sqlite3_value_int64 (values[4]),
                       .since = sqlite3_value_int64 (values[5]) };
  g_autoptr (GBytes) saved = NULL;
  PtHistory history;
  PtOutageChange change;
  gconstpointer data;
  gsize size;

  if (!pt_history_load_old (&history, &old))
    {
      sqlite3_result_error (context, "a device's row is damaged", -1);
      return;
    }
  if (!sqlite3_value_int (values[6]))
    pt_history_cut (&history, PT_CUT_REVOKED, 0, &change);
  saved = pt_history_save (&history);
  data = g_bytes_get_data (saved, &size);
  sqlite3_result_blob64 (context, size > 0 ? data : "", size, SQLITE_TRANSIENT);
  pt_history_clear (&history);
}

static const char subjects_of_8[]
    = "create table subjects_8 (id integer primary key, area integer not null,"
      " body blob not null, entry integer not null, active integer not null,"
      " was_active integer not null, folded_to integer not null default 0,"
      " history blob not null default x'');"
      "insert into subjects_8 select s.id, s.area, s.body, s.entry, s.active, s.was_active,"
      " s.folded_to, case when s.seq = 0 then x'' else pt_history (s.seq, s.ts, s.power, s.gaps,"
      " case when o.end_seq between 1 and s.seq then o.end_seq else coalesce (o.start_seq, 0) end,"
      " case when o.end_seq between 1 and s.seq then o.ended else coalesce (o.start, 0) end,"
      " s.active) end"
      " from subjects s left join outages o on o.device = s.id - 4294967296 and o.start_seq ="
      " (select max (start_seq) from outages where device = s.id - 4294967296"
      " and start_seq <= s.seq);"
      "drop table subjects;"
      "alter table subjects_8 rename to subjects;";

gboolean
pt_sqlite_store_reckon_times (PtSqlite *sqlite, GError **error)
{
  gboolean done;

  if (sqlite3_create_function (sqlite->handle, "pt_history", 7, SQLITE_UTF8, NULL, history_function,
                               NULL, NULL)
      != SQLITE_OK)
    {
      pt_sqlite_set_error (sqlite, SQLITE_ERROR, error);
      return FALSE;
    }
  done = pt_sqlite_execute (sqlite, outages_of_8, error) && mend_outages (sqlite, error)
         && end_revoked (sqlite, error) && pt_sqlite_execute (sqlite, subjects_of_8, error)
         && pt_sqlite_execute (sqlite, indexes_of_8, error);
  sqlite3_create_function (sqlite->handle, "pt_history", 7, SQLITE_UTF8, NULL, NULL, NULL, NULL);
  return done;
}
