/* SPDX-License-Identifier: Apache-2.0 */
/* History of the schema, kept in `pragma user_version`:
 *   1  first version
 * One function a step; a database of a newer version is refused, never touched. */
#include "pt-sqlite-store-private.h"

#define SCHEMA_VERSION 1
#define APPLICATION_ID 0x50547231 /* "PTr1" */

static gboolean
schema_to_1 (PtSqlite *sqlite, GError **error)
{
  return pt_sqlite_execute (
      sqlite,
      "create table areas (number integer primary key, id text not null unique,"
      " authority_key blob not null, registered integer not null, batch integer not null,"
      " until integer not null, size integer not null, frontier blob not null,"
      " last_entry integer not null);"
      "create table entries (id integer primary key, area integer not null,"
      " received integer not null, device integer, seq integer not null, body blob not null);"
      "create table devices (number integer primary key, area integer not null,"
      " body blob not null, entry integer not null, active integer not null,"
      " was_active integer not null, folded_to integer not null default 0,"
      " seq integer not null default 0, ts integer not null default 0,"
      " power integer not null default 0, gaps blob not null default x'');"
      "create table registrations (device integer not null, entry integer not null,"
      " body blob not null, primary key (device, entry)) without rowid;"
      "create table officials (area integer not null, id text not null, body blob not null,"
      " primary key (area, id)) without rowid;"
      "create table outages (device integer not null, start_seq integer not null,"
      " start integer not null, end_seq integer not null, ended integer not null,"
      " customers integer not null, primary key (device, start_seq)) without rowid;"
      "create index outages_by_start on outages (start, device, start_seq);"
      "create index outages_open on outages (start, device, start_seq) where ended = 0;"
      "create table batches (area integer not null, batch integer not null,"
      " state integer not null, since integer not null, until integer not null,"
      " prev_size integer not null, size integer not null, prev_root blob not null,"
      " root blob not null, cid blob not null, bytes integer not null,"
      " first_entry integer not null, last_entry integer not null, nonce integer,"
      " primary key (area, batch)) without rowid;"
      "create index batches_by_until on batches (until, area);"
      "create index batches_unfinished on batches (until, area, batch) where state < 4;"
      "create index batches_by_nonce on batches (nonce) where nonce is not null;"
      "create table transactions (nonce integer primary key, state integer not null,"
      " sent integer not null, max_fee integer not null, max_priority_fee integer not null,"
      " hash blob not null, raw blob not null, block integer not null,"
      " block_hash blob not null, gas_used integer not null, versions blob not null);"
      "create table evidence (id integer primary key, device integer not null,"
      " received integer not null, body blob not null);"
      "create table counters (name text primary key, value integer not null) without rowid;"
      "insert into counters values ('last_entry', 0), ('reports', 0);"
      "pragma application_id = 1347712561;",
      error);
}

static gboolean
schema_version (PtSqlite *sqlite, gint64 *version, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  int code = sqlite3_prepare_v2 (sqlite->handle, "pragma user_version", -1, &statement, NULL);

  if (code == SQLITE_OK)
    code = sqlite3_step (statement);
  if (code != SQLITE_ROW)
    {
      pt_sqlite_set_error (sqlite, code, error);
      return FALSE;
    }
  *version = sqlite3_column_int64 (statement, 0);
  return TRUE;
}

gboolean
pt_sqlite_store_migrate (PtSqlite *sqlite, const char *path, GError **error)
{
  g_autofree char *set_version = g_strdup_printf ("pragma user_version = %d", SCHEMA_VERSION);
  gint64 version;

  if (!schema_version (sqlite, &version, error))
    return FALSE;
  if (version == SCHEMA_VERSION)
    return TRUE;
  if (version > SCHEMA_VERSION)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "%s was made by a newer version (schema %" G_GINT64_FORMAT
                   ", this program knows %d). Run the newer program; the file was not touched.",
                   path, version, SCHEMA_VERSION);
      return FALSE;
    }
  if (!pt_sqlite_execute (sqlite, "begin immediate", error))
    return FALSE;
  if (schema_to_1 (sqlite, error) && pt_sqlite_execute (sqlite, set_version, error)
      && pt_sqlite_execute (sqlite, "commit", error))
    return TRUE;
  pt_sqlite_execute (sqlite, "rollback", NULL);
  return FALSE;
}
