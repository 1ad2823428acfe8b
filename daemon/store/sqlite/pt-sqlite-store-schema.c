/* SPDX-License-Identifier: Apache-2.0 */
/* History of the schema, kept in `pragma user_version`:
 *   1  first version: entries are numbered over all areas, devices and officials are tables
 *   2  entries are numbered in their area, devices and officials are subjects
 *   3  areas know their service key, and whether the chain is ahead of them
 *   4  a transaction has a number of its own: a nonce is an account's on a chain
 *   5  a transaction's signed bytes are kept for a while after it is final
 *   6  evidence knows its counter
 *   7  rosters are kept as long as the entries of their batches
 *   8  times are reckoned, outages say where they were and how they ended, a history is one blob
 *   9  areas know the block of the chain that their newest roster names
 *  10  devices know where they were, and which keys they had
 *  11  devices may have a feeder, now and where they were: versions before can't read that
 *  12  a history says where its latest report stands: versions before can't read that
 *  13  what officials and citizens say, and what of it is private; areas know up to which entry
 *      receipts were given
 *  14  of hidden words it is known who hid them, when and why
 *  15  refused reports are kept for a while
 * One function a step, each in one transaction with those before it; a database of a newer version
 * is refused, never touched. */
#include "pt-sqlite-store-private.h"

#define SCHEMA_VERSION 15
#define APPLICATION_ID 1347712561 /* "PTv1" */

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
      "pragma application_id = " G_STRINGIFY (APPLICATION_ID) ";",
      error);
}

/* An entry's key is its area and its number there, a subject's its kind and number
 * (pt-sqlite-store-private.h), so both lie in the order in which they are read. */
static const char tables_of_2[]
    = "create table areas_2 (number integer primary key, id text not null unique,"
      " authority_key blob not null, registered integer not null, tail integer not null default 0,"
      " reports integer not null default 0, batch integer not null default 0,"
      " until integer not null default 0, size integer not null default 0,"
      " frontier blob not null, last_entry integer not null default 0);"
      "create table entries_2 (id integer primary key, received integer not null,"
      " subject integer not null, seq integer not null, body blob not null);"
      "create table subjects (id integer primary key, area integer not null,"
      " body blob not null, entry integer not null, active integer not null,"
      " was_active integer not null, folded_to integer not null default 0,"
      " seq integer not null default 0, ts integer not null default 0,"
      " power integer not null default 0, gaps blob not null default x'');"
      "create table registrations_2 (subject integer not null, entry integer not null,"
      " body blob not null, primary key (subject, entry)) without rowid;"
      "create table evidence_2 (id integer primary key, subject integer not null,"
      " received integer not null, body blob not null);"
      "create index batches_not_final on batches (area, first_entry) where state < 4;";

static const char only_tables_of_2[]
    = "drop table areas; drop table entries; drop table devices; drop table registrations;"
      "drop table officials; drop table evidence; drop table counters;"
      "alter table areas_2 rename to areas; alter table entries_2 rename to entries;"
      "alter table registrations_2 rename to registrations;"
      "alter table evidence_2 rename to evidence;";

static gboolean
schema_to_2 (PtSqlite *sqlite, GError **error)
{
  return pt_sqlite_execute (sqlite, tables_of_2, error) && pt_sqlite_store_renumber (sqlite, error)
         && pt_sqlite_execute (sqlite, only_tables_of_2, error);
}

/* No key of 65 zeros exists: it is filled in by the first start that has one. */
static gboolean
schema_to_3 (PtSqlite *sqlite, GError **error)
{
  return pt_sqlite_execute (sqlite,
                            "alter table areas add column service_key blob not null default x'';"
                            "update areas set service_key = zeroblob(65);"
                            "alter table areas add column ahead integer not null default 0;",
                            error);
}

/* Whose the transactions were was not written down: chain 0 and no account. Of those in flight the
 * signed bytes say it (pt_anchor_owner ()), of the others nobody asks. */
static gboolean
schema_to_4 (PtSqlite *sqlite, GError **error)
{
  return pt_sqlite_execute (
      sqlite,
      "create table transactions_4 (id integer primary key, chain_id integer not null,"
      " account blob not null, nonce integer not null, state integer not null,"
      " sent integer not null, max_fee integer not null, max_priority_fee integer not null,"
      " hash blob not null, raw blob not null, block integer not null,"
      " block_hash blob not null, gas_used integer not null, versions blob not null,"
      " unique (chain_id, account, nonce));"
      "insert into transactions_4 (chain_id, account, nonce, state, sent, max_fee,"
      " max_priority_fee, hash, raw, block, block_hash, gas_used, versions)"
      " select 0, zeroblob(20), nonce, state, sent, max_fee, max_priority_fee, hash, raw, block,"
      " block_hash, gas_used, versions from transactions order by nonce;"
      "drop index batches_by_nonce;"
      "alter table batches rename column nonce to transaction_id;"
      "update batches set transaction_id ="
      " (select id from transactions_4 where nonce = batches.transaction_id)"
      " where transaction_id is not null;"
      "create index batches_by_transaction on batches (transaction_id)"
      " where transaction_id is not null;"
      "drop table transactions;"
      "alter table transactions_4 rename to transactions;"
      "create index transactions_not_final on transactions (id) where state < 4;",
      error);
}

static gboolean
schema_to_5 (PtSqlite *sqlite, GError **error)
{
  return pt_sqlite_execute (sqlite,
                            "create index transactions_kept on transactions (block)"
                            " where state = 4 and raw != x'';",
                            error);
}

/* Evidence by its counter, and of one no more than proves it. */
static gboolean
schema_to_6 (PtSqlite *sqlite, GError **error)
{
  return pt_sqlite_execute (
      sqlite,
      "alter table evidence add column seq integer not null default 0;"
      "update evidence set seq = coalesce (json_extract (cast (body as text), '$.seq'), 0)"
      " where json_valid (cast (body as text));"
      "delete from evidence where id in (select id from (select id, row_number () over"
      " (partition by subject, seq order by id) as nth from evidence) where nth > 2);"
      "create index evidence_by_subject on evidence (subject, seq);",
      error);
}

static gboolean
schema_to_7 (PtSqlite *sqlite, GError **error)
{
  return pt_sqlite_execute (sqlite,
                            "create table rosters (area integer not null, batch integer not null,"
                            " body blob not null, primary key (area, batch)) without rowid;",
                            error);
}

static gboolean
schema_to_9 (PtSqlite *sqlite, GError **error)
{
  return pt_sqlite_execute (sqlite,
                            "alter table areas add column named integer;"
                            "alter table areas add column named_hash blob;",
                            error);
}

/* The feeder stands in the entries and in what is kept of places, and nothing had one before. */
static gboolean
schema_to_11 (PtSqlite *sqlite, GError **error)
{
  return TRUE;
}

/* What was kept before loads as it is; what is written from now on says more. */
static gboolean
schema_to_12 (PtSqlite *sqlite, GError **error)
{
  return TRUE;
}

static gboolean
schema_to_13 (PtSqlite *sqlite, GError **error)
{
  return pt_sqlite_execute (
      sqlite,
      "create table said (id integer primary key, area integer not null, kind integer not null,"
      " name text not null, n integer not null, leaf blob not null, signer blob not null,"
      " evidence integer not null, later integer not null, receipt blob, body blob not null);"
      "create unique index said_by_name on said (area, kind, name, n);"
      "create table privates (id integer primary key, area integer not null,"
      " complaint text not null, n integer not null, text blob, hidden integer not null default 0,"
      " unique (area, complaint, n));"
      "create table photos (id integer primary key, private integer not null,"
      " sent blob not null, type text not null, bytes blob not null);"
      "create index photos_by_private on photos (private);"
      "alter table areas add column promised integer not null default 0;",
      error);
}

static gboolean
schema_to_14 (PtSqlite *sqlite, GError **error)
{
  return pt_sqlite_execute (sqlite,
                            "alter table privates add column moderator text;"
                            "alter table privates add column moderated integer;"
                            "alter table privates add column reason text;",
                            error);
}

/* Of a statement of one row: pragmas are not kept, for what they say changes. */
static gboolean
ask_number (PtSqlite *sqlite, const char *sql, gint64 *number, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  int code = sqlite3_prepare_v2 (sqlite->handle, sql, -1, &statement, NULL);

  if (code == SQLITE_OK)
    code = sqlite3_step (statement);
  if (code != SQLITE_ROW)
    {
      pt_sqlite_set_error (sqlite, code, error);
      return FALSE;
    }
  *number = sqlite3_column_int64 (statement, 0);
  return TRUE;
}

/* A database says in its head whose it is; one that has nothing in it yet may become ours. */
static gboolean
schema_is_ours (PtSqlite *sqlite, gint64 *version, GError **error)
{
  gint64 whose, tables;

  if (!ask_number (sqlite, "pragma user_version", version, error)
      || !ask_number (sqlite, "pragma application_id", &whose, error)
      || !ask_number (sqlite, "select count(*) from sqlite_schema", &tables, error))
    return FALSE;
  if (whose == APPLICATION_ID || (whose == 0 && *version == 0 && tables == 0))
    return TRUE;
  g_set_error (
      error, PT_ERROR, PT_ERROR_CONFIGURATION,
      "It is a database of another program (application id %08x). Name another folder; the "
      "file was not touched.",
      (guint) whose);
  return FALSE;
}

static gboolean
schema_is_known (gint64 version, GError **error)
{
  if (version >= 0 && version <= SCHEMA_VERSION)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "It was made by a newer version (schema %" G_GINT64_FORMAT
               ", this program knows %d). Run the newer program; the file was not touched.",
               version, SCHEMA_VERSION);
  return FALSE;
}

static gboolean
schema_take_steps (PtSqlite *sqlite, gint64 version, GError **error)
{
  static gboolean (*const steps[SCHEMA_VERSION]) (PtSqlite * sqlite, GError * *error)
      = { schema_to_1,
          schema_to_2,
          schema_to_3,
          schema_to_4,
          schema_to_5,
          schema_to_6,
          schema_to_7,
          pt_sqlite_store_reckon_times,
          schema_to_9,
          pt_sqlite_store_find_pasts,
          schema_to_11,
          schema_to_12,
          schema_to_13,
          schema_to_14,
          pt_sqlite_store_add_rejected };
  g_autofree char *set_version = g_strdup_printf ("pragma user_version = %d", SCHEMA_VERSION);

  for (gint64 step = version; step < SCHEMA_VERSION; step++)
    if (!steps[step](sqlite, error))
      return FALSE;
  return pt_sqlite_execute (sqlite, set_version, error)
         && pt_sqlite_execute (sqlite, "commit", error);
}

gboolean
pt_sqlite_store_migrate (PtSqlite *sqlite, const char *path, GError **error)
{
  gint64 version;

  if (!schema_is_ours (sqlite, &version, error) || !schema_is_known (version, error))
    return FALSE;
  if (version == SCHEMA_VERSION)
    return TRUE;
  /* With a log of its own a step would write all that it brings over twice: what is new needs no
   * way back. */
  if (!pt_sqlite_execute (sqlite, "pragma journal_mode = delete; begin immediate", error))
    return FALSE;
  if (version > 0)
    g_message ("Bringing %s from schema %" G_GINT64_FORMAT " to %d; this can take a minute.", path,
               version, SCHEMA_VERSION);
  if (schema_take_steps (sqlite, version, error))
    return TRUE;
  if (!sqlite3_get_autocommit (sqlite->handle))
    pt_sqlite_execute (sqlite, "rollback", NULL);
  if (version > 0)
    g_prefix_error (error,
                    "It can't be brought up to schema %d, and is as it was: the version before "
                    "goes on with it. Mind that as much space as it takes must be free beside it. ",
                    SCHEMA_VERSION);
  return FALSE;
}

gboolean
pt_sqlite_store_is_current (PtSqlite *sqlite, GError **error)
{
  gint64 version;

  if (!schema_is_ours (sqlite, &version, error) || !schema_is_known (version, error))
    return FALSE;
  if (version == SCHEMA_VERSION)
    return TRUE;
  g_set_error (
      error, PT_ERROR, PT_ERROR_CONFIGURATION,
      "It was made by an older version (schema %" G_GINT64_FORMAT
      ", this program reads %d). Start the daemon once, which brings it up to date, or run "
      "the older program.",
      version, SCHEMA_VERSION);
  return FALSE;
}
