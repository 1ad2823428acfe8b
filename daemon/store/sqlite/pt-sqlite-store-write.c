/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sqlite-store-private.h"

static gboolean
write_entries (PtSqlite *sqlite, const PtGroup *group, GError **error)
{
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite, "insert into entries values (?, ?, ?, ?, ?)", error);

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < group->entry_count; i++)
    {
      const PtEntryRow *entry = &group->entries[i];

      sqlite3_bind_int64 (statement, 1, pt_sqlite_entry_key (entry->area, entry->number));
      sqlite3_bind_int64 (statement, 2, entry->received);
      sqlite3_bind_int64 (statement, 3, pt_subject_key (entry->subject));
      sqlite3_bind_int64 (statement, 4, entry->seq);
      sqlite3_bind_blob64 (statement, 5, entry->body, entry->size, SQLITE_STATIC);
      if (!pt_sqlite_run (sqlite, statement, error))
        return FALSE;
    }
  return TRUE;
}

/* The compare-and-swap. */
static gboolean
move_tails (PtSqlite *sqlite, const PtGroup *group, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite,
      "update areas set tail = ?3, reports = reports + ?4,"
      " promised = case when ?5 then ?3 else promised end where number = ?1 and tail = ?2",
      error);

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < group->tail_count; i++)
    {
      const PtTailMove *move = &group->tails[i];

      sqlite3_bind_int64 (statement, 1, move->area);
      sqlite3_bind_int64 (statement, 2, (gint64) move->before);
      sqlite3_bind_int64 (statement, 3, (gint64) move->after);
      sqlite3_bind_int64 (statement, 4, (gint64) move->reports);
      sqlite3_bind_int (statement, 5, move->is_promised);
      if (!pt_sqlite_run (sqlite, statement, error))
        return FALSE;
      if (sqlite3_changes (sqlite->handle) != 1 || move->after > PT_SQLITE_NUMBER_MAX)
        return pt_store_tail_elsewhere (move, error);
    }
  return TRUE;
}

/* @was_active keeps what held at the area's head while registrations come that are not sealed yet.
 */
static const char upsert_subject[]
    = "insert into subjects (id, area, body, entry, active, was_active, past)"
      " values (?1, ?2, ?3, ?4, ?5, 0, ?6) on conflict (id) do update set"
      " was_active = case when subjects.entry <= (select last_entry from areas where number = ?2)"
      " then subjects.active else subjects.was_active end,"
      " body = excluded.body, entry = excluded.entry, active = excluded.active,"
      " past = excluded.past where subjects.area = excluded.area";

static gboolean
write_subjects (PtSqlite *sqlite, const PtGroup *group, GError **error)
{
  sqlite3_stmt *subject = pt_sqlite_prepare (sqlite, upsert_subject, error);
  sqlite3_stmt *registration;

  if (subject == NULL)
    return FALSE;
  registration = pt_sqlite_prepare (sqlite, "insert into registrations values (?, ?, ?)", error);
  if (registration == NULL)
    return FALSE;
  for (guint i = 0; i < group->subject_count; i++)
    {
      const PtSubjectRow *row = &group->subjects[i];
      gint64 key = pt_subject_key (row->subject);

      sqlite3_bind_int64 (subject, 1, key);
      sqlite3_bind_int64 (subject, 2, row->area);
      pt_sqlite_bind_bytes (subject, 3, row->body);
      sqlite3_bind_int64 (subject, 4, (gint64) row->entry);
      sqlite3_bind_int (subject, 5, row->active);
      if (row->past != NULL)
        pt_sqlite_bind_bytes (subject, 6, row->past);
      else
        sqlite3_bind_zeroblob (subject, 6, 0);
      sqlite3_bind_int64 (registration, 1, key);
      sqlite3_bind_int64 (registration, 2, (gint64) row->entry);
      pt_sqlite_bind_bytes (registration, 3, row->body);
      if (!pt_sqlite_run (sqlite, subject, error))
        return FALSE;
      if (sqlite3_changes (sqlite->handle) != 1)
        return pt_store_number_is_taken (row, error);
      if (!pt_sqlite_run (sqlite, registration, error))
        return FALSE;
    }
  return TRUE;
}

/* The tails first: where one is elsewhere, an entry's key may be taken too. */
static gboolean
commit_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  const PtGroup *group = data;

  if (!move_tails (sqlite, group, error) || !write_entries (sqlite, group, error)
      || !write_subjects (sqlite, group, error)
      || !pt_sqlite_store_write_evidence (sqlite, group, error)
      || !pt_sqlite_store_write_rejected (sqlite, group, error)
      || !pt_sqlite_store_write_said (sqlite, group, error)
      || !pt_sqlite_store_write_privates (sqlite, group, error))
    return FALSE;
  for (guint i = 0; i < group->outage_count; i++)
    if (!pt_sqlite_write_outage (sqlite, &group->outages[i], error))
      return FALSE;
  return TRUE;
}

gboolean
pt_sqlite_store_commit (PtStore *store, const PtGroup *group, GError **error)
{
  return pt_sqlite_store_write (store, commit_job, (gpointer) group, error);
}

static gboolean
add_area_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  const PtAreaRow *row = data;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           "insert into areas (number, id, authority_key, service_key, registered,"
                           " frontier) values (?, ?, ?, ?, ?, x'')",
                           error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, row->number);
  sqlite3_bind_text (statement, 2, row->id, -1, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 3, row->authority_key, PT_PUBLIC_KEY_SIZE, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 4, row->service_key, PT_PUBLIC_KEY_SIZE, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 5, row->registered);
  return pt_sqlite_run (sqlite, statement, error);
}

gboolean
pt_sqlite_store_add_area (PtStore *store, const PtAreaRow *row, GError **error)
{
  return pt_sqlite_store_write (store, add_area_job, (gpointer) row, error);
}

static gboolean
adopt_service_key_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, "update areas set service_key = ?1 where service_key = zeroblob(?2)", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_blob (statement, 1, data, PT_PUBLIC_KEY_SIZE, SQLITE_STATIC);
  sqlite3_bind_int (statement, 2, PT_PUBLIC_KEY_SIZE);
  return pt_sqlite_run (sqlite, statement, error);
}

gboolean
pt_sqlite_store_adopt_service_key (PtStore *store, const guint8 *key, GError **error)
{
  return pt_sqlite_store_write (store, adopt_service_key_job, (gpointer) key, error);
}

static gboolean
set_ahead_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  const PtAreaRow *row = data;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite, "update areas set ahead = ?2 where number = ?1", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, row->number);
  sqlite3_bind_int64 (statement, 2, (gint64) row->ahead);
  return pt_sqlite_run (sqlite, statement, error);
}

gboolean
pt_sqlite_store_set_ahead (PtStore *store, guint32 area, guint64 ahead, GError **error)
{
  PtAreaRow row = { .number = area, .ahead = ahead };

  return pt_sqlite_store_write (store, set_ahead_job, &row, error);
}

typedef struct
{
  const PtSubjectRow *rows;
  guint count;
} HistoriesJob;

static gboolean
save_histories_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  HistoriesJob *job = data;
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, "update subjects set folded_to = ?, history = ? where id = ?", error);

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < job->count; i++)
    {
      const PtSubjectRow *row = &job->rows[i];
      g_autoptr (GBytes) history = pt_history_save (&row->history);

      sqlite3_bind_int64 (statement, 1, (gint64) row->folded_to);
      pt_sqlite_bind_bytes (statement, 2, history);
      sqlite3_bind_int64 (statement, 3, pt_subject_key (row->subject));
      if (!pt_sqlite_run (sqlite, statement, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pt_sqlite_store_save_histories (PtStore *store, const PtSubjectRow *rows, guint count,
                                GError **error)
{
  HistoriesJob job = { rows, count };

  return pt_sqlite_store_write (store, save_histories_job, &job, error);
}

typedef struct
{
  guint32 area;
  guint64 up_to;
  guint limit, removed;
} PruneJob;

/* Up to where an area's batches are FINAL: before its first that is not, else to its head. */
#define FINAL_TO                                                                                   \
  "coalesce ((select min (first_entry) - 1 from batches where area = ?1 and state < 4),"           \
  " (select last_entry from areas where number = ?1), 0)"

/* Of batches that have no entry any more. */
static gboolean
prune_rosters (PtSqlite *sqlite, guint32 area, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite,
      "delete from rosters where area = ?1 and exists (select 1 from batches b where b.area = ?1"
      " and b.batch = rosters.batch"
      " and b.last_entry + ?2 < coalesce ((select min (id) from entries where id > ?2), ?3))",
      error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, area);
  sqlite3_bind_int64 (statement, 2, pt_sqlite_entry_key (area, 0));
  sqlite3_bind_int64 (statement, 3, pt_sqlite_entry_key (area + 1, 0));
  return pt_sqlite_run (sqlite, statement, error);
}

static gboolean
prune_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  PruneJob *job = data;
  gint64 first = pt_sqlite_entry_key (job->area, 0);
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite,
                           "delete from entries where id > ?2 and id <= ?2 + min (?3, " FINAL_TO
                           ") and id < (select min (id) from entries where id > ?2) + ?4",
                           error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, job->area);
  sqlite3_bind_int64 (statement, 2, first);
  sqlite3_bind_int64 (statement, 3, (gint64) MIN (job->up_to, PT_SQLITE_NUMBER_MAX));
  sqlite3_bind_int64 (statement, 4, job->limit);
  if (!pt_sqlite_run (sqlite, statement, error))
    return FALSE;
  job->removed = (guint) sqlite3_changes (sqlite->handle);
  return job->removed == 0 || prune_rosters (sqlite, job->area, error);
}

gboolean
pt_sqlite_store_prune (PtStore *store, guint32 area, guint64 up_to, guint limit, guint *removed,
                       GError **error)
{
  PruneJob job = { .area = area, .up_to = up_to, .limit = limit };

  *removed = 0;
  if (!pt_sqlite_store_write (store, prune_job, &job, error))
    return FALSE;
  *removed = job.removed;
  return TRUE;
}
