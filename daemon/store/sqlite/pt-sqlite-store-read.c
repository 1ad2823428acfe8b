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
  row.tail = (guint64) sqlite3_column_int64 (statement, 9);
  row.ahead = (guint64) sqlite3_column_int64 (statement, 11);
  row.promised = (guint64) sqlite3_column_int64 (statement, 14);
  row.head.named.known = sqlite3_column_type (statement, 12) != SQLITE_NULL;
  row.head.named.number = (guint64) sqlite3_column_int64 (statement, 12);
  if (!pt_sqlite_column_fixed (statement, 2, row.authority_key, PT_PUBLIC_KEY_SIZE)
      || !pt_sqlite_column_fixed (statement, 10, row.service_key, PT_PUBLIC_KEY_SIZE)
      || (row.head.named.known
          && !pt_sqlite_column_fixed (statement, 13, &row.head.named.hash, PT_HASH_SIZE))
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
                           " frontier, last_entry, tail, service_key, ahead, named, named_hash,"
                           " promised "
                           "from areas order by number",
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
  guint32 area;
  guint64 after;
  gint64 before_received;
  PtEntryRowFunc func;
  gpointer user_data;
} ScanJob;

/* FALSE without an error: what was wanted has been read. */
static gboolean
scan_entry (sqlite3_stmt *statement, gpointer data, GError **error)
{
  ScanJob *job = data;
  PtEntryRow row = { .area = job->area, .received = sqlite3_column_int64 (statement, 1) };

  /* received never decreases: the rest is later too. */
  if (job->before_received != 0 && row.received >= job->before_received)
    return FALSE;
  row.number = (guint64) (sqlite3_column_int64 (statement, 0) & PT_SQLITE_NUMBER_MAX);
  row.subject = pt_subject_from_key (sqlite3_column_int64 (statement, 2));
  row.seq = sqlite3_column_int64 (statement, 3);
  row.body = sqlite3_column_blob (statement, 4);
  row.size = (gsize) sqlite3_column_bytes (statement, 4);
  return job->func (&row, job->user_data, error);
}

static gboolean
scan_entries_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  ScanJob *job = data;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           "select id, received, subject, seq, body from entries"
                           " where id > ? and id <= ? order by id",
                           error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (
      statement, 1,
      pt_sqlite_entry_key (job->area, MIN (job->after, (guint64) PT_SQLITE_NUMBER_MAX)));
  sqlite3_bind_int64 (statement, 2, pt_sqlite_entry_key (job->area, PT_SQLITE_NUMBER_MAX));
  return pt_sqlite_each (sqlite, statement, scan_entry, job, error);
}

gboolean
pt_sqlite_store_scan_entries (PtStore *store, guint32 area, guint64 after, gint64 before_received,
                              PtEntryRowFunc func, gpointer user_data, GError **error)
{
  ScanJob job = { area, after, before_received, func, user_data };

  return pt_sqlite_store_read (store, scan_entries_job, &job, error);
}

typedef struct
{
  PtSubjectKind kind;
  PtSubjectRowFunc func;
  gpointer user_data;
} SubjectsJob;

static gboolean
read_subject (sqlite3_stmt *statement, PtSubjectRow *row)
{
  g_autoptr (GBytes) history = pt_sqlite_column_bytes (statement, 7);

  row->subject = pt_subject_from_key (sqlite3_column_int64 (statement, 0));
  row->area = (guint32) sqlite3_column_int64 (statement, 1);
  row->body = pt_sqlite_column_bytes (statement, 2);
  row->entry = (guint64) sqlite3_column_int64 (statement, 3);
  row->active = sqlite3_column_int (statement, 4);
  row->was_active = sqlite3_column_int (statement, 5);
  row->folded_to = (guint64) sqlite3_column_int64 (statement, 6);
  row->past = pt_sqlite_column_bytes (statement, 8);
  return pt_history_load (&row->history, history);
}

static gboolean
scan_subject (sqlite3_stmt *statement, gpointer data, GError **error)
{
  SubjectsJob *job = data;
  PtSubjectRow row = { 0 };
  gboolean go_on = read_subject (statement, &row) ? job->func (&row, job->user_data, error)
                                                  : damaged ("A device's row", error);

  g_bytes_unref (row.body);
  g_clear_pointer (&row.past, g_bytes_unref);
  pt_history_clear (&row.history);
  return go_on;
}

static gboolean
scan_subjects_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  SubjectsJob *job = data;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           "select s.id, s.area, s.body, s.entry, s.active,"
                           " case when s.entry <= a.last_entry then s.active else s.was_active end,"
                           " s.folded_to, s.history, s.past"
                           " from subjects s join areas a on a.number = s.area"
                           " where s.id >= ? and s.id <= ? order by s.id",
                           error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, pt_subject_key ((PtSubject){ job->kind, 0 }));
  sqlite3_bind_int64 (statement, 2, pt_subject_key ((PtSubject){ job->kind, G_MAXUINT32 }));
  return pt_sqlite_each (sqlite, statement, scan_subject, job, error);
}

gboolean
pt_sqlite_store_scan_subjects (PtStore *store, PtSubjectKind kind, PtSubjectRowFunc func,
                               gpointer user_data, GError **error)
{
  SubjectsJob job = { kind, func, user_data };

  return pt_sqlite_store_read (store, scan_subjects_job, &job, error);
}

typedef struct
{
  PtSubjectKind kind;
  guint64 *first;
} ReserveJob;

static gboolean
take_highest (sqlite3_stmt *statement, gpointer data, GError **error)
{
  const ReserveJob *job = data;

  if (sqlite3_column_type (statement, 0) != SQLITE_NULL)
    *job->first = (guint64) pt_subject_from_key (sqlite3_column_int64 (statement, 0)).number + 1;
  return TRUE;
}

/* One process alone writes here, so those that it does not use are free. */
static gboolean
reserve_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  const ReserveJob *job = data;
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, "select max (id) from subjects where id >= ? and id <= ?", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, pt_subject_key ((PtSubject){ job->kind, 0 }));
  sqlite3_bind_int64 (statement, 2, pt_subject_key ((PtSubject){ job->kind, G_MAXUINT32 }));
  return pt_sqlite_each (sqlite, statement, take_highest, data, error);
}

gboolean
pt_sqlite_store_reserve (PtStore *store, PtSubjectKind kind, guint count, guint64 *first,
                         GError **error)
{
  ReserveJob job = { kind, first };

  *first = 0;
  return pt_sqlite_store_read (store, reserve_job, &job, error);
}

typedef struct
{
  PtSubject subject;
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
      sqlite, "select body from registrations where subject = ? order by entry desc", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, pt_subject_key (job->subject));
  return pt_sqlite_each (sqlite, statement, add_body, job->bodies, error);
}

GPtrArray *
pt_sqlite_store_subject_bodies (PtStore *store, PtSubject subject, GError **error)
{
  g_autoptr (GPtrArray) bodies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  BodiesJob job = { subject, bodies };

  if (!pt_sqlite_store_read (store, bodies_job, &job, error))
    return NULL;
  return g_steal_pointer (&bodies);
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

/* An area's batches count from 1 without holes, so the heads tell how many there are. */
static gboolean
count_sums (sqlite3_stmt *statement, gpointer data, GError **error)
{
  PtCounts *counts = data;

  counts->entries = (guint64) sqlite3_column_int64 (statement, 0);
  counts->unsealed = (guint64) sqlite3_column_int64 (statement, 1);
  counts->reports = (guint64) sqlite3_column_int64 (statement, 2);
  counts->batches[PT_BATCH_FINAL] = (guint64) sqlite3_column_int64 (statement, 3);
  counts->open_outages = (guint64) sqlite3_column_int64 (statement, 4);
  counts->evidence = (guint64) sqlite3_column_int64 (statement, 5);
  return TRUE;
}

static gboolean
counts_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  PtCounts *counts = data;
  sqlite3_stmt *sums
      = pt_sqlite_prepare (sqlite,
                           "select sum (tail), sum (tail - last_entry), sum (reports), sum (batch),"
                           " (select count (*) from outages where ended_by = 0),"
                           " (select count (*) from evidence) from areas",
                           error);
  sqlite3_stmt *batches;

  if (sums == NULL)
    return FALSE;
  batches = pt_sqlite_prepare (
      sqlite, "select state, count(*) from batches where state < 4 group by state", error);
  if (batches == NULL || !pt_sqlite_each (sqlite, sums, count_sums, counts, error)
      || !pt_sqlite_each (sqlite, batches, count_batches, counts, error))
    return FALSE;
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
