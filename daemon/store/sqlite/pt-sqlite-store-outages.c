/* SPDX-License-Identifier: Apache-2.0 */
/* Outages: what reports change in them, and finding them without reading others. */
#include "pt-sqlite-store-private.h"

/* Writing */

/* The outage of device ?1 that holds counter ?2. */
#define HOLDING                                                                                    \
  " where device = ?1 and start_seq = (select max (start_seq) from outages"                        \
  " where device = ?1 and start_seq <= ?2)"

/* Where it was not followed to its end, that is no earlier than its start either. */
#define END_AFTER "ended = case when ended_by > 1 then max (ended, ?4) else ended end"

static const char open_outage[] = "insert into outages (device, start_seq, start, end_seq, ended,"
                                  " ended_by, customers, place, area)"
                                  " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
static const char end_outage[]
    = "update outages set end_seq = ?3, ended = ?4, ended_by = ?5" HOLDING;
static const char move_end[] = "update outages set ended = ?4" HOLDING " and end_seq = ?3";
static const char start_outage[]
    = "update outages set start_seq = ?3, start = ?4, customers = ?5, place = ?6, " END_AFTER
        HOLDING;
static const char move_start[]
    = "update outages set start = ?4, " END_AFTER " where device = ?1 and start_seq = ?2";
static const char read_outage[]
    = "select end_seq, ended, ended_by, customers, place from outages" HOLDING;

static gboolean
insert_outage (PtSqlite *sqlite, const PtOutageWrite *write, const PtOutageRow *row, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, open_outage, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, write->device);
  sqlite3_bind_int64 (statement, 2, row->start_seq);
  sqlite3_bind_int64 (statement, 3, row->start);
  sqlite3_bind_int64 (statement, 4, row->end_seq);
  sqlite3_bind_int64 (statement, 5, row->end);
  sqlite3_bind_int (statement, 6, row->ended_by);
  sqlite3_bind_int64 (statement, 7, row->customers);
  sqlite3_bind_int64 (statement, 8, row->place);
  sqlite3_bind_int64 (statement, 9, write->area);
  return pt_sqlite_run (sqlite, statement, error);
}

/* Sets counter and time of the outage that holds @seq, and two more values where @sql has them. */
static gboolean
update_outage (PtSqlite *sqlite, const char *sql, const PtOutageWrite *write, gint64 seq,
               const gint64 *values, int count, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, sql, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, write->device);
  sqlite3_bind_int64 (statement, 2, seq);
  for (int i = 0; i < count; i++)
    sqlite3_bind_int64 (statement, 3 + i, values[i]);
  return pt_sqlite_run (sqlite, statement, error);
}

static gboolean
write_end (PtSqlite *sqlite, const PtOutageWrite *write, gint64 seq, GError **error)
{
  const gint64 values[] = { write->change.end_seq, write->change.end, write->change.ended_by };

  return update_outage (sqlite, end_outage, write, seq, values, G_N_ELEMENTS (values), error);
}

static gboolean
split_outage (PtSqlite *sqlite, const PtOutageWrite *write, GError **error)
{
  const PtOutageChange *change = &write->change;
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, read_outage, error);
  PtOutageRow second = { .start_seq = change->start_seq,
                         .start = change->start,
                         .customers = write->customers,
                         .place = change->place };
  gboolean row;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, write->device);
  sqlite3_bind_int64 (statement, 2, change->old_start_seq);
  if (!pt_sqlite_step (sqlite, statement, &row, error))
    return FALSE;
  second.end_seq = row ? sqlite3_column_int64 (statement, 0) : 0;
  second.end = row ? sqlite3_column_int64 (statement, 1) : 0;
  second.ended_by = row ? (PtOutageEnd) sqlite3_column_int (statement, 2) : PT_END_NONE;
  if (second.ended_by > PT_END_REPORT)
    second.end = MAX (second.end, second.start);
  if (row && second.place == PT_PLACE_UNKNOWN)
    {
      second.customers = sqlite3_column_int64 (statement, 3);
      second.place = (guint32) sqlite3_column_int64 (statement, 4);
    }
  sqlite3_reset (statement);
  return write_end (sqlite, write, change->old_start_seq, error)
         && insert_outage (sqlite, write, &second, error);
}

gboolean
pt_sqlite_write_outage (PtSqlite *sqlite, const PtOutageWrite *write, GError **error)
{
  const PtOutageChange *change = &write->change;
  const gint64 start[] = { change->start_seq, change->start, write->customers, change->place };
  const gint64 end[] = { change->end_seq, change->end };
  const PtOutageRow opened = { .start_seq = change->start_seq,
                               .start = change->start,
                               .end_seq = change->end_seq,
                               .end = change->end,
                               .ended_by = change->ended_by,
                               .customers = write->customers,
                               .place = change->place };

  switch (change->kind)
    {
    case PT_CHANGE_OPEN:
      return insert_outage (sqlite, write, &opened, error);
    case PT_CHANGE_CLOSE:
    case PT_CHANGE_CUT:
    case PT_CHANGE_MOVE_END:
      return write_end (sqlite, write, change->start_seq, error);
    case PT_CHANGE_MOVE_START:
      return update_outage (sqlite, start_outage, write, change->old_start_seq, start, 4, error);
    case PT_CHANGE_SPLIT:
      return split_outage (sqlite, write, error);
    case PT_CHANGE_TIME_START:
      return update_outage (sqlite, move_start, write, change->start_seq, start, 2, error);
    case PT_CHANGE_TIME_END:
      return update_outage (sqlite, move_end, write, change->start_seq, end, 2, error);
    }
  g_assert_not_reached ();
}

/* Reading. Each statement goes through an index from where its answer begins and ends at the limit,
 * in the order of the answer; several are merged here.
 *
 * Bound: 1 from, 2 to, 3 area, 4-6 the place to go on from, 7 limit, 8 device, 9-10 its places. */

#define COLUMNS                                                                                    \
  "select o.device, o.start_seq, o.start, o.end_seq, o.ended, o.ended_by, o.customers, o.place"    \
  " from "
#define OVERLAPS " and (?2 = 0 or o.start < ?2) and (?1 = 0 or o.ended_by = 0 or o.ended > ?1)"
#define WANTED OVERLAPS " and (o.start, o.device, o.start_seq) > (?4, ?5, ?6)"
#define IN_AREA " and (?3 < 0 or o.area = ?3)"
#define OPEN " and o.ended_by = 0"
#define ENDED " and o.ended_by > 0"
#define ORDER " order by o.start, o.device, o.start_seq limit ?7"

/* A device's outages follow each other, so only its last one before `from` may last until then. */
#define OF_DEVICE                                                                                  \
  COLUMNS "outages o indexed by outages_by_device where o.device = ?8"                             \
          " and o.start >= max (?4, coalesce ((select max (start) from outages"                    \
          " where device = ?8 and start <= ?1), ?1))" WANTED " and o.place between ?9 and ?10"
/* Except those that were not followed to their end: they were taken to last until something that
 * the device does not know of. */
#define CUT_OF_DEVICE                                                                              \
  COLUMNS "outages o indexed by outages_cut where o.ended_by > 1 and o.device = ?8"                \
          " and o.start >= ?4 and o.start < (select max (start) from outages"                      \
          " where device = ?8 and start <= ?1)" WANTED " and o.place between ?9 and ?10"

#define FROM_START COLUMNS "outages o indexed by outages_by_start where o.start >= max (?1, ?4)"
#define FROM_START_IN_AREA                                                                         \
  COLUMNS "outages o indexed by outages_by_area where o.area = ?3 and o.start >= max (?1, ?4)"
#define OPEN_BEFORE                                                                                \
  COLUMNS "outages o indexed by outages_open where o.ended_by = 0 and o.start >= ?4"               \
          " and o.start < ?1" WANTED IN_AREA

/* Those that had begun before `from` and ended after it: by how long they lasted, in powers of 8,
 * so that of each sort only those are looked at which may reach so far. The + keeps SQLite from
 * beginning at the place to go on from, which is the year's beginning for a first page. */
#define ENDED_BEFORE                                                                               \
  "with recursive spans (digits, most) as (values (1, 8) union all"                                \
  " select digits + 1, most * 8 from spans where digits < 18) " COLUMNS                            \
  "spans s cross join outages o indexed by outages_by_span"                                        \
  " on length (printf ('%o', o.ended - o.start)) = s.digits"                                       \
  " and o.start > max (?1 - s.most, ?4 - 1) and o.start < ?1 where o.ended_by > 0" OVERLAPS        \
  " and (+o.start, o.device, o.start_seq) > (?4, ?5, ?6)" IN_AREA

/* By what is wanted: all, the open ones, those that ended. */
#define VARIANTS(sql)                                                                              \
  {                                                                                                \
    sql ORDER, sql OPEN ORDER, sql ENDED ORDER                                                     \
  }

static const char *const of_device[] = VARIANTS (OF_DEVICE);
static const char *const from_start[] = VARIANTS (FROM_START WANTED);
static const char *const from_start_in_area[] = VARIANTS (FROM_START_IN_AREA WANTED);
static const char cut_of_device[] = CUT_OF_DEVICE ORDER;
static const char ended_before[] = ENDED_BEFORE ORDER;
static const char open_before[] = OPEN_BEFORE ORDER;
static const char only_open[] = COLUMNS
    "outages o indexed by outages_open where o.ended_by = 0 and o.start >= ?4" WANTED IN_AREA ORDER;

static gboolean
take_outage (sqlite3_stmt *statement, gpointer data, GError **error)
{
  PtOutageRow row = { .device = (guint32) sqlite3_column_int64 (statement, 0),
                      .start_seq = sqlite3_column_int64 (statement, 1),
                      .start = sqlite3_column_int64 (statement, 2),
                      .end_seq = sqlite3_column_int64 (statement, 3),
                      .end = sqlite3_column_int64 (statement, 4),
                      .ended_by = (PtOutageEnd) sqlite3_column_int (statement, 5),
                      .customers = sqlite3_column_int64 (statement, 6),
                      .place = (guint32) sqlite3_column_int64 (statement, 7) };

  g_array_append_val ((GArray *) data, row);
  return TRUE;
}

static gboolean
collect (PtSqlite *sqlite, const char *sql, const PtOutageQuery *query, const PtOutagesOf *of,
         GArray *rows, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, sql, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, query->from);
  sqlite3_bind_int64 (statement, 2, query->to);
  sqlite3_bind_int (statement, 3, query->area);
  sqlite3_bind_int64 (statement, 4, query->after_start);
  sqlite3_bind_int64 (statement, 5, query->after_device);
  sqlite3_bind_int64 (statement, 6, query->after_seq);
  sqlite3_bind_int64 (statement, 7, query->limit);
  if (of != NULL)
    {
      sqlite3_bind_int64 (statement, 8, of->device);
      sqlite3_bind_int64 (statement, 9, of->first_place);
      sqlite3_bind_int64 (statement, 10, of->last_place);
    }
  return pt_sqlite_each (sqlite, statement, take_outage, rows, error);
}

static gboolean
collect_devices (PtSqlite *sqlite, const PtOutageQuery *query, guint variant, GArray *rows,
                 GError **error)
{
  for (guint i = 0; i < query->device_count; i++)
    {
      const PtOutagesOf *of = &query->devices[i];

      if (!collect (sqlite, of_device[variant], query, of, rows, error)
          || (query->from > 0 && !query->only_open
              && !collect (sqlite, cut_of_device, query, of, rows, error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
collect_all (PtSqlite *sqlite, const PtOutageQuery *query, guint variant, GArray *rows,
             GError **error)
{
  const char *by_start = query->area >= 0 ? from_start_in_area[variant] : from_start[variant];

  if (query->only_open)
    return collect (sqlite, only_open, query, NULL, rows, error);
  return collect (sqlite, by_start, query, NULL, rows, error)
         && (query->from == 0 || query->after_start >= query->from
             || (collect (sqlite, ended_before, query, NULL, rows, error)
                 && (query->only_ended
                     || collect (sqlite, open_before, query, NULL, rows, error))));
}

gboolean
pt_sqlite_collect_outages (PtSqlite *sqlite, const PtOutageQuery *query, GArray *rows,
                           GError **error)
{
  guint variant = query->only_open ? 1 : query->only_ended ? 2 : 0;

  if (query->devices != NULL ? !collect_devices (sqlite, query, variant, rows, error)
                             : !collect_all (sqlite, query, variant, rows, error))
    return FALSE;
  g_array_sort (rows, pt_outage_row_compare);
  if (rows->len > query->limit)
    g_array_set_size (rows, query->limit);
  return TRUE;
}

typedef struct
{
  const PtOutageQuery *query;
  GArray *rows;
} OutagesJob;

static gboolean
outages_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  OutagesJob *job = data;

  return pt_sqlite_collect_outages (sqlite, job->query, job->rows, error);
}

gboolean
pt_sqlite_store_outages (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                         gpointer user_data, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (PtOutageRow));
  OutagesJob job = { query, rows };

  if (!pt_sqlite_store_read (store, outages_job, &job, error))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    if (!func (&g_array_index (rows, PtOutageRow, i), user_data, error))
      return FALSE;
  return TRUE;
}
