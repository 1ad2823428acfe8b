/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sqlite-store-private.h"

typedef struct
{
  const PtGroup *group;
  guint64 first_id;
} CommitJob;

static gboolean
read_counter (PtSqlite *sqlite, const char *name, guint64 *out, GError **error)
{
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite, "select value from counters where name = ?", error);
  gboolean row;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  if (!pt_sqlite_step (sqlite, statement, &row, error))
    return FALSE;
  *out = row ? (guint64) sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_reset (statement);
  return TRUE;
}

static gboolean
write_counter (PtSqlite *sqlite, const char *name, guint64 value, GError **error)
{
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite, "update counters set value = ? where name = ?", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) value);
  sqlite3_bind_text (statement, 2, name, -1, SQLITE_STATIC);
  return pt_sqlite_run (sqlite, statement, error);
}

static gboolean
write_entries (PtSqlite *sqlite, const PtGroup *group, guint64 first_id, GError **error)
{
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite, "insert into entries values (?, ?, ?, ?, ?, ?)", error);

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < group->entry_count; i++)
    {
      const PtEntryRow *entry = &group->entries[i];

      sqlite3_bind_null (statement, 4);
      sqlite3_bind_int64 (statement, 1, (gint64) (first_id + i));
      sqlite3_bind_int64 (statement, 2, entry->area);
      sqlite3_bind_int64 (statement, 3, entry->received);
      if (entry->device != PT_NO_DEVICE)
        sqlite3_bind_int64 (statement, 4, entry->device);
      sqlite3_bind_int64 (statement, 5, entry->seq);
      sqlite3_bind_blob64 (statement, 6, entry->body, entry->size, SQLITE_STATIC);
      if (!pt_sqlite_run (sqlite, statement, error))
        return FALSE;
    }
  return TRUE;
}

/* @was_active keeps what held at the area's head while registrations come that are not sealed yet.
 */
static const char upsert_device[]
    = "insert into devices (number, area, body, entry, active, was_active)"
      " values (?1, ?2, ?3, ?4, ?5, 0) on conflict (number) do update set"
      " was_active = case when devices.entry <= (select last_entry from areas where number = ?2)"
      " then devices.active else devices.was_active end,"
      " body = excluded.body, entry = excluded.entry, active = excluded.active";

static gboolean
write_devices (PtSqlite *sqlite, const PtGroup *group, guint64 first_id, GError **error)
{
  sqlite3_stmt *device = pt_sqlite_prepare (sqlite, upsert_device, error);
  sqlite3_stmt *registration = pt_sqlite_prepare (
      sqlite, "insert into registrations (device, entry, body) values (?, ?, ?)", error);

  if (device == NULL || registration == NULL)
    return FALSE;
  for (guint i = 0; i < group->device_count; i++)
    {
      const PtDeviceRow *row = &group->devices[i];
      gint64 entry = (gint64) (first_id + row->entry);

      sqlite3_bind_int64 (device, 1, row->number);
      sqlite3_bind_int64 (device, 2, row->area);
      pt_sqlite_bind_bytes (device, 3, row->body);
      sqlite3_bind_int64 (device, 4, entry);
      sqlite3_bind_int (device, 5, row->active);
      sqlite3_bind_int64 (registration, 1, row->number);
      sqlite3_bind_int64 (registration, 2, entry);
      pt_sqlite_bind_bytes (registration, 3, row->body);
      if (!pt_sqlite_run (sqlite, device, error) || !pt_sqlite_run (sqlite, registration, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_officials (PtSqlite *sqlite, const PtGroup *group, GError **error)
{
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite, "insert or replace into officials values (?, ?, ?)", error);

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < group->official_count; i++)
    {
      const PtOfficialRow *row = &group->officials[i];

      sqlite3_bind_int64 (statement, 1, row->area);
      sqlite3_bind_text (statement, 2, row->id, -1, SQLITE_TRANSIENT);
      pt_sqlite_bind_bytes (statement, 3, row->body);
      if (!pt_sqlite_run (sqlite, statement, error))
        return FALSE;
    }
  return TRUE;
}

static const char open_outage[] = "insert into outages values (?1, ?2, ?3, ?4, ?5, ?6)";

/* The outage of device ?1 that holds counter ?2. */
#define HOLDING                                                                                    \
  " where device = ?1 and start_seq = (select max(start_seq) from outages"                         \
  " where device = ?1 and start_seq <= ?2)"

static gboolean
insert_outage (PtSqlite *sqlite, guint32 device, const PtOutageRow *row, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, open_outage, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, device);
  sqlite3_bind_int64 (statement, 2, row->start_seq);
  sqlite3_bind_int64 (statement, 3, row->start);
  sqlite3_bind_int64 (statement, 4, row->end_seq);
  sqlite3_bind_int64 (statement, 5, row->end);
  sqlite3_bind_int64 (statement, 6, row->customers);
  return pt_sqlite_run (sqlite, statement, error);
}

/* Sets the two values of the outage that holds @seq: its end, or its start. */
static gboolean
update_outage (PtSqlite *sqlite, const char *sql, guint32 device, gint64 seq, gint64 value_seq,
               gint64 value, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, sql, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, device);
  sqlite3_bind_int64 (statement, 2, seq);
  sqlite3_bind_int64 (statement, 3, value_seq);
  sqlite3_bind_int64 (statement, 4, value);
  return pt_sqlite_run (sqlite, statement, error);
}

static const char close_outage[] = "update outages set end_seq = ?3, ended = ?4" HOLDING;
static const char move_outage[] = "update outages set start_seq = ?3, start = ?4" HOLDING;
static const char read_outage[] = "select end_seq, ended, customers from outages" HOLDING;

static gboolean
split_outage (PtSqlite *sqlite, const PtOutageWrite *write, GError **error)
{
  const PtOutageChange *change = &write->change;
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite, read_outage, error);
  PtOutageRow second = { .start_seq = change->start_seq, .start = change->start };
  gboolean row;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, write->device);
  sqlite3_bind_int64 (statement, 2, change->old_start_seq);
  if (!pt_sqlite_step (sqlite, statement, &row, error))
    return FALSE;
  second.end_seq = row ? sqlite3_column_int64 (statement, 0) : 0;
  second.end = row ? sqlite3_column_int64 (statement, 1) : 0;
  second.customers = row ? sqlite3_column_int64 (statement, 2) : write->customers;
  sqlite3_reset (statement);
  return update_outage (sqlite, close_outage, write->device, change->old_start_seq, change->end_seq,
                        change->end, error)
         && insert_outage (sqlite, write->device, &second, error);
}

static gboolean
write_outage (PtSqlite *sqlite, const PtOutageWrite *write, GError **error)
{
  const PtOutageChange *change = &write->change;

  switch (change->kind)
    {
    case PT_CHANGE_OPEN:
      {
        PtOutageRow row = { .start_seq = change->start_seq,
                            .start = change->start,
                            .end_seq = change->end_seq,
                            .end = change->end,
                            .customers = write->customers };

        return insert_outage (sqlite, write->device, &row, error);
      }
    case PT_CHANGE_CLOSE:
    case PT_CHANGE_MOVE_END:
      return update_outage (sqlite, close_outage, write->device, change->start_seq, change->end_seq,
                            change->end, error);
    case PT_CHANGE_MOVE_START:
      return update_outage (sqlite, move_outage, write->device, change->old_start_seq,
                            change->start_seq, change->start, error);
    case PT_CHANGE_SPLIT:
    default:
      return split_outage (sqlite, write, error);
    }
}

static gboolean
write_evidence (PtSqlite *sqlite, const PtGroup *group, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, "insert into evidence (device, received, body) values (?, ?, ?)", error);

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < group->evidence_count; i++)
    {
      const PtEntryRow *row = &group->evidence[i];

      sqlite3_bind_int64 (statement, 1, (gint64) row->id);
      sqlite3_bind_int64 (statement, 2, row->received);
      sqlite3_bind_blob64 (statement, 3, row->body, row->size, SQLITE_STATIC);
      if (!pt_sqlite_run (sqlite, statement, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
count_reports (PtSqlite *sqlite, const PtGroup *group, GError **error)
{
  guint64 reports, more = 0;

  for (guint i = 0; i < group->entry_count; i++)
    more += group->entries[i].seq > 0;
  return read_counter (sqlite, "reports", &reports, error)
         && write_counter (sqlite, "reports", reports + more, error);
}

static gboolean
commit_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  CommitJob *job = data;
  const PtGroup *group = job->group;
  guint64 last;

  if (!read_counter (sqlite, "last_entry", &last, error))
    return FALSE;
  job->first_id = last + 1;
  if (!write_entries (sqlite, group, job->first_id, error)
      || !write_devices (sqlite, group, job->first_id, error)
      || !write_officials (sqlite, group, error) || !write_evidence (sqlite, group, error))
    return FALSE;
  for (guint i = 0; i < group->outage_count; i++)
    if (!write_outage (sqlite, &group->outages[i], error))
      return FALSE;
  return group->entry_count == 0
         || (write_counter (sqlite, "last_entry", last + group->entry_count, error)
             && count_reports (sqlite, group, error));
}

gboolean
pt_sqlite_store_commit (PtStore *store, const PtGroup *group, guint64 *first_id, GError **error)
{
  CommitJob job = { .group = group };

  if (!pt_sqlite_store_write (store, commit_job, &job, error))
    return FALSE;
  *first_id = job.first_id;
  return TRUE;
}

static gboolean
add_area_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  const PtAreaRow *row = data;
  sqlite3_stmt *statement
      = pt_sqlite_prepare (sqlite, "insert into areas values (?, ?, ?, ?, 0, 0, 0, x'', 0)", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, row->number);
  sqlite3_bind_text (statement, 2, row->id, -1, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 3, row->authority_key, PT_PUBLIC_KEY_SIZE, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 4, row->registered);
  return pt_sqlite_run (sqlite, statement, error);
}

gboolean
pt_sqlite_store_add_area (PtStore *store, const PtAreaRow *row, GError **error)
{
  return pt_sqlite_store_write (store, add_area_job, (gpointer) row, error);
}

typedef struct
{
  const PtDeviceRow *rows;
  guint count;
} DevicesJob;

static gboolean
save_devices_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  DevicesJob *job = data;
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite,
                                               "update devices set folded_to = ?, seq = ?, ts = ?,"
                                               " power = ?, gaps = ? where number = ?",
                                               error);

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < job->count; i++)
    {
      const PtDeviceRow *row = &job->rows[i];
      g_autoptr (GBytes) gaps = pt_history_save_gaps (&row->history);

      sqlite3_bind_int64 (statement, 1, (gint64) row->folded_to);
      sqlite3_bind_int64 (statement, 2, row->history.latest.seq);
      sqlite3_bind_int64 (statement, 3, row->history.latest.ts);
      sqlite3_bind_int (statement, 4, row->history.latest.power);
      pt_sqlite_bind_bytes (statement, 5, gaps);
      sqlite3_bind_int64 (statement, 6, row->number);
      if (!pt_sqlite_run (sqlite, statement, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pt_sqlite_store_save_devices (PtStore *store, const PtDeviceRow *rows, guint count, GError **error)
{
  DevicesJob job = { rows, count };

  return pt_sqlite_store_write (store, save_devices_job, &job, error);
}

typedef struct
{
  guint64 up_to;
  guint limit, removed;
} PruneJob;

static gboolean
prune_job (PtSqlite *sqlite, gpointer data, GError **error)
{
  PruneJob *job = data;
  sqlite3_stmt *statement = pt_sqlite_prepare (sqlite,
                                               "delete from entries where id <= ?1 and id <"
                                               " (select min(id) from entries) + ?2",
                                               error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) job->up_to);
  sqlite3_bind_int64 (statement, 2, job->limit);
  if (!pt_sqlite_run (sqlite, statement, error))
    return FALSE;
  job->removed = (guint) sqlite3_changes (sqlite->handle);
  return TRUE;
}

gboolean
pt_sqlite_store_prune (PtStore *store, guint64 up_to, guint limit, guint *removed, GError **error)
{
  PruneJob job = { .up_to = up_to, .limit = limit };

  *removed = 0;
  if (!pt_sqlite_store_write (store, prune_job, &job, error))
    return FALSE;
  *removed = job.removed;
  return TRUE;
}
