/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sqlite-store-private.h"

static gboolean
damaged (const char *what, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "%s is damaged in the database. Stop, keep its files and restore a copy.", what);
  return FALSE;
}

static gboolean
add_area (sqlite3_stmt *statement, gpointer data, GError **error)
{
  PtAreaRow row = { 0 };

  row.number = (guint32) sqlite3_column_int64 (statement, 0);
  g_strlcpy (row.id, (const char *) sqlite3_column_text (statement, 1), sizeof row.id);
  row.registered = sqlite3_column_int64 (statement, 3);
  row.head.batch = (guint64) sqlite3_column_int64 (statement, 4);
  row.head.to = sqlite3_column_int64 (statement, 5);
  row.head.last_entry = (guint64) sqlite3_column_int64 (statement, 8);
  if (!pt_sqlite_column_fixed (statement, 2, row.authority_key, PT_PUBLIC_KEY_SIZE)
      || !pt_sqlite_frontier_load (&row.head.frontier,
                                   (guint64) sqlite3_column_int64 (statement, 6), statement, 7))
    return damaged ("An area's row", error);
  g_array_append_val ((GArray *) data, row);
  return TRUE;
}

static gboolean
areas_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           "select number, id, authority_key, registered, batch, until, size,"
                           " frontier, last_entry from areas order by number",
                           error);

  return statement != NULL && pt_sqlite_each (sqlite, statement, add_area, data, error);
}

GArray *
pt_sqlite_store_areas (PtStore *store, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (PtAreaRow));

  if (!pt_sqlite_store_read (store, areas_job, rows, error))
    return NULL;
  return g_steal_pointer (&rows);
}

typedef struct
{
  guint64 after_id;
  gint64 before_received;
  PtEntryRowFunc func;
  gpointer user_data;
} ScanJob;

/* FALSE without an error: what was wanted has been read. */
static gboolean
scan_entry (sqlite3_stmt *statement, gpointer data, GError **error)
{
  ScanJob *job = data;
  PtEntryRow row = { .received = sqlite3_column_int64 (statement, 2) };

  /* received never decreases: the rest is later too. */
  if (job->before_received != 0 && row.received >= job->before_received)
    return FALSE;
  row.id = (guint64) sqlite3_column_int64 (statement, 0);
  row.area = (guint32) sqlite3_column_int64 (statement, 1);
  row.device = sqlite3_column_type (statement, 3) == SQLITE_NULL
                   ? PT_NO_DEVICE
                   : (guint32) sqlite3_column_int64 (statement, 3);
  row.seq = sqlite3_column_int64 (statement, 4);
  row.body = sqlite3_column_blob (statement, 5);
  row.size = (gsize) sqlite3_column_bytes (statement, 5);
  return job->func (&row, job->user_data, error);
}

static gboolean
scan_entries_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  ScanJob *job = data;
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, "select id, area, received, device, seq, body from entries where id > ? order by id",
      error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) job->after_id);
  return pt_sqlite_each (sqlite, statement, scan_entry, job, error) || *error == NULL;
}

gboolean
pt_sqlite_store_scan_entries (PtStore *store, guint64 after_id, gint64 before_received,
                              PtEntryRowFunc func, gpointer user_data, GError **error)
{
  ScanJob job = { after_id, before_received, func, user_data };
  g_autoptr (GError) local = NULL;

  if (pt_sqlite_store_read (store, scan_entries_job, &job, &local))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

typedef struct
{
  guint64 id;
  GBytes *body;
} ReadJob;

static gboolean
read_entry_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  ReadJob *job = data;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite, "select body from entries where id = ?", error);
  gboolean row;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) job->id);
  if (!pt_sqlite_step (sqlite, statement, &row, error))
    return FALSE;
  if (row)
    job->body = pt_sqlite_column_bytes (statement, 0);
  return TRUE;
}

gboolean
pt_sqlite_store_read_entry (PtStore *store, guint64 id, GBytes **body, GError **error)
{
  ReadJob job = { .id = id };

  *body = NULL;
  if (!pt_sqlite_store_read (store, read_entry_job, &job, error))
    return FALSE;
  *body = job.body;
  return TRUE;
}

typedef struct
{
  PtDeviceRowFunc func;
  gpointer user_data;
} DevicesJob;

static gboolean
read_device (sqlite3_stmt *statement, PtDeviceRow *row)
{
  g_autoptr (GBytes) gaps = pt_sqlite_column_bytes (statement, 10);

  row->number = (guint32) sqlite3_column_int64 (statement, 0);
  row->area = (guint32) sqlite3_column_int64 (statement, 1);
  row->body = pt_sqlite_column_bytes (statement, 2);
  row->entry = (guint64) sqlite3_column_int64 (statement, 3);
  row->active = sqlite3_column_int (statement, 4);
  row->was_active = sqlite3_column_int (statement, 5);
  row->folded_to = (guint64) sqlite3_column_int64 (statement, 6);
  row->history.latest.seq = sqlite3_column_int64 (statement, 7);
  row->history.latest.ts = sqlite3_column_int64 (statement, 8);
  row->history.latest.power = (PtPower) sqlite3_column_int (statement, 9);
  return pt_history_load_gaps (&row->history, gaps);
}

static gboolean
scan_device (sqlite3_stmt *statement, gpointer data, GError **error)
{
  DevicesJob *job = data;
  PtDeviceRow row = { 0 };
  gboolean go_on = read_device (statement, &row) ? job->func (&row, job->user_data, error)
                                                 : damaged ("A device's row", error);

  g_bytes_unref (row.body);
  pt_history_clear (&row.history);
  return go_on;
}

static gboolean
scan_devices_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           "select d.number, d.area, d.body, d.entry, d.active,"
                           " case when d.entry <= a.last_entry then d.active else d.was_active end,"
                           " d.folded_to, d.seq, d.ts, d.power, d.gaps"
                           " from devices d join areas a on a.number = d.area order by d.number",
                           error);

  return statement != NULL && pt_sqlite_each (sqlite, statement, scan_device, data, error);
}

gboolean
pt_sqlite_store_scan_devices (PtStore *store, PtDeviceRowFunc func, gpointer user_data,
                              GError **error)
{
  DevicesJob job = { func, user_data };

  return pt_sqlite_store_read (store, scan_devices_job, &job, error);
}

typedef struct
{
  guint32 number;
  GPtrArray *bodies;
} BodiesJob;

static gboolean
add_body (sqlite3_stmt *statement, gpointer data, GError **error)
{
  g_ptr_array_add (data, pt_sqlite_column_bytes (statement, 0));
  return TRUE;
}

static gboolean
bodies_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  BodiesJob *job = data;
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, "select body from registrations where device = ? order by entry desc", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, job->number);
  return pt_sqlite_each (sqlite, statement, add_body, job->bodies, error);
}

GPtrArray *
pt_sqlite_store_device_bodies (PtStore *store, guint32 number, GError **error)
{
  g_autoptr (GPtrArray) bodies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  BodiesJob job = { number, bodies };

  if (!pt_sqlite_store_read (store, bodies_job, &job, error))
    return NULL;
  return g_steal_pointer (&bodies);
}

typedef struct
{
  PtOfficialRowFunc func;
  gpointer user_data;
} OfficialsJob;

static gboolean
scan_official (sqlite3_stmt *statement, gpointer data, GError **error)
{
  OfficialsJob *job = data;
  g_autoptr (GBytes) body = pt_sqlite_column_bytes (statement, 2);
  PtOfficialRow row = { .area = (guint32) sqlite3_column_int64 (statement, 0),
                        .id = (const char *) sqlite3_column_text (statement, 1),
                        .body = body };

  return job->func (&row, job->user_data, error);
}

static gboolean
officials_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite, "select area, id, body from officials order by area, id", error);

  return statement != NULL && pt_sqlite_each (sqlite, statement, scan_official, data, error);
}

gboolean
pt_sqlite_store_scan_officials (PtStore *store, PtOfficialRowFunc func, gpointer user_data,
                                GError **error)
{
  OfficialsJob job = { func, user_data };

  return pt_sqlite_store_read (store, officials_job, &job, error);
}

typedef struct
{
  const PtOutageQuery *query;
  PtOutageRowFunc func;
  gpointer user_data;
  GArray *devices; /* sorted, or NULL */
  guint sent;
} OutagesJob;

/* Bound parameters: 1 from, 2 to, 3 area, 4-6 the place to go on from. */
#define OUTAGE_SELECT                                                                              \
  "select o.device, o.start_seq, o.start, o.end_seq, o.ended, o.customers from outages o"          \
  " join devices d on d.number = o.device where (?3 < 0 or d.area = ?3)"                           \
  " and (?2 = 0 or o.start < ?2) and (?1 = 0 or o.ended = 0 or o.ended > ?1)"                      \
  " and (o.start, o.device, o.start_seq) > (?4, ?5, ?6)"
#define OUTAGE_ORDER " order by o.start, o.device, o.start_seq"

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint32 left = *(const guint32 *) a, right = *(const guint32 *) b;

  return left < right ? -1 : left > right;
}

static gboolean
outage_is_wanted (OutagesJob *job, guint32 device)
{
  return job->devices == NULL
         || g_array_binary_search (job->devices, &device, compare_numbers, NULL);
}

/* FALSE without an error: there are as many as were wanted. */
static gboolean
take_outage (sqlite3_stmt *statement, gpointer data, GError **error)
{
  OutagesJob *job = data;
  PtOutageRow row = { .device = (guint32) sqlite3_column_int64 (statement, 0),
                      .start_seq = sqlite3_column_int64 (statement, 1),
                      .start = sqlite3_column_int64 (statement, 2),
                      .end_seq = sqlite3_column_int64 (statement, 3),
                      .end = sqlite3_column_int64 (statement, 4),
                      .customers = sqlite3_column_int64 (statement, 5) };

  if (job->sent == job->query->limit)
    return FALSE;
  if (!outage_is_wanted (job, row.device))
    return TRUE;
  job->sent++;
  return job->func (&row, job->user_data, error);
}

static gboolean
outages_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  OutagesJob *job = data;
  const PtOutageQuery *query = job->query;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           query->only_open    ? OUTAGE_SELECT " and o.ended = 0" OUTAGE_ORDER
                           : query->only_ended ? OUTAGE_SELECT " and o.ended > 0" OUTAGE_ORDER
                                               : OUTAGE_SELECT OUTAGE_ORDER,
                           error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, query->from);
  sqlite3_bind_int64 (statement, 2, query->to);
  sqlite3_bind_int (statement, 3, query->area);
  sqlite3_bind_int64 (statement, 4, query->after_start);
  sqlite3_bind_int64 (statement, 5, query->after_device);
  sqlite3_bind_int64 (statement, 6, query->after_seq);
  return pt_sqlite_each (sqlite, statement, take_outage, job, error) || *error == NULL;
}

gboolean
pt_sqlite_store_outages (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                         gpointer user_data, GError **error)
{
  g_autoptr (GArray) devices = NULL;
  g_autoptr (GError) local = NULL;
  OutagesJob job = { .query = query, .func = func, .user_data = user_data };

  if (query->devices != NULL)
    {
      devices = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_array_append_vals (devices, query->devices, query->device_count);
      g_array_sort (devices, compare_numbers);
      job.devices = devices;
    }
  if (pt_sqlite_store_read (store, outages_job, &job, &local))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
count_one (PtSqlite *sqlite, const char *sql, guint64 *out, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, sql, error);
  gboolean row;

  if (statement == NULL || !pt_sqlite_step (sqlite, statement, &row, error))
    return FALSE;
  *out = row ? (guint64) sqlite3_column_int64 (statement, 0) : 0;
  return TRUE;
}

static gboolean
count_batches (sqlite3_stmt *statement, gpointer data, GError **error)
{
  PtCounts *counts = data;
  int state = sqlite3_column_int (statement, 0);

  if (state > PT_BATCH_OPEN && state < PT_BATCH_FINAL)
    counts->batches[state] = (guint64) sqlite3_column_int64 (statement, 1);
  return TRUE;
}

static gboolean
counts_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  PtCounts *counts = data;
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, "select state, count(*) from batches where state < 4 group by state", error);
  guint64 all = 0;

  if (statement == NULL || !pt_sqlite_each (sqlite, statement, count_batches, counts, error))
    return FALSE;
  /* An area's batches count from 1 without holes, so the heads tell how many there are. */
  if (!count_one (sqlite, "select coalesce(sum(batch), 0) from areas", &all, error)
      || !count_one (sqlite, "select count(*) from outages where ended = 0", &counts->open_outages,
                     error)
      || !count_one (sqlite, "select value from counters where name = 'last_entry'",
                     &counts->last_entry, error)
      || !count_one (sqlite, "select value from counters where name = 'reports'", &counts->reports,
                     error))
    return FALSE;
  counts->batches[PT_BATCH_FINAL] = all;
  for (guint state = PT_BATCH_SEALED; state < PT_BATCH_FINAL; state++)
    counts->batches[PT_BATCH_FINAL] -= counts->batches[state];
  return TRUE;
}

gboolean
pt_sqlite_store_counts (PtStore *store, PtCounts *counts, GError **error)
{
  *counts = (PtCounts){ 0 };
  return pt_sqlite_store_read (store, counts_job, counts, error);
}
