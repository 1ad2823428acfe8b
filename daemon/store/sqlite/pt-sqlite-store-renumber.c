/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-entry.h"
#include "pt-sqlite-store-private.h"

/* Schema 1 numbered entries over all areas, and let holes come where another area's stood. Here an
 * area's entries get the numbers that they would have had: of those that are sealed and still in
 * the store the last gets head.size - head.batch, since each batch has one roster, which is no
 * entry of the store, and those that wait follow. */

typedef struct
{
  guint64 number;        /* of the entry that was read last; before: of the newest that is pruned */
  guint64 head;          /* of the last that is sealed */
  guint64 head_found;    /* the same, as the entries have it */
  guint64 folded_before; /* the area's histories are as of this entry of schema 1 */
  guint64 folded_to;     /* the same in its new number */
} Area;

typedef struct
{
  PtSqlite *sqlite;
  GArray *areas;         /* Area, by number */
  gint64 sealed;         /* schema 1's number of the last entry that is sealed, of all areas */
  GHashTable *officials; /* "area id" -> number */
} Renumber;

static gboolean
damaged (const char *what, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "%s in the database is not what it should be. Keep its files and restore a copy.",
               what);
  return FALSE;
}

static gboolean
for_each (Renumber *work, const char *sql, PtSqliteRowFunc func, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (work->sqlite, sql, error);

  return statement != NULL && pt_sqlite_each (work->sqlite, statement, func, work, error);
}

static Area *
find_area (Renumber *work, sqlite3_stmt *row, int column)
{
  gint64 number = sqlite3_column_int64 (row, column);

  return number >= 0 && number < work->areas->len
             ? &g_array_index (work->areas, Area, (guint) number)
             : NULL;
}

/* Areas */

static gboolean
take_area (sqlite3_stmt *row, gpointer data, GError **error)
{
  Renumber *work = data;
  Area area = { .head = (guint64) sqlite3_column_int64 (row, 1) };

  if (sqlite3_column_int64 (row, 0) != work->areas->len)
    return damaged ("The list of areas", error);
  area.number = area.head;
  work->sealed = MAX (work->sealed, sqlite3_column_int64 (row, 2));
  g_array_append_val (work->areas, area);
  return TRUE;
}

static gboolean
take_sealed (sqlite3_stmt *row, gpointer data, GError **error)
{
  Area *area = find_area (data, row, 0);
  guint64 count = (guint64) sqlite3_column_int64 (row, 1);

  if (area == NULL || count > area->number)
    return damaged ("The head of an area's log", error);
  area->number = area->head_found = area->head - count;
  return TRUE;
}

/* Histories are saved all at once, so an area's are as of the newest of its devices'; what was
 * pruned had been folded. */
static gboolean
take_folded (sqlite3_stmt *row, gpointer data, GError **error)
{
  Area *area = find_area (data, row, 0);

  if (area == NULL)
    return damaged ("A device's area", error);
  area->folded_before = (guint64) sqlite3_column_int64 (row, 1);
  if (area->folded_before > 0)
    area->folded_to = area->number;
  return TRUE;
}

/* How many of each area's sealed entries are still in the store: those of whole batches, by their
 * sizes, and what pruning has left of the oldest. */
static const char sealed_in_store[]
    = "with oldest (last) as (select coalesce (max (last_entry), 0) from batches"
      " where first_entry <= (select min (id) from entries)),"
      " counts (area, count) as (select area, count (*) from entries, oldest"
      " where entries.id <= oldest.last group by area"
      " union all select area, size - prev_size - 1 from batches, oldest"
      " where first_entry > oldest.last and first_entry > (select coalesce (min (id), 1 << 62)"
      " from entries))"
      " select a.number, coalesce (sum (c.count), 0) from areas a"
      " left join counts c on c.area = a.number group by a.number";

static gboolean
read_areas (Renumber *work, GError **error)
{
  return for_each (work, "select number, size - batch, last_entry from areas order by number",
                   take_area, error)
         && for_each (work, sealed_in_store, take_sealed, error)
         && for_each (work, "select area, max (folded_to) from devices group by area", take_folded,
                      error);
}

/* Officials */

static char *
official_name (gint64 area, PtSpan id)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT " %.*s", area, (int) id.size, id.data);
}

static gboolean
parse_body (sqlite3_stmt *row, int column, PtEntry *entry)
{
  const char *body = sqlite3_column_blob (row, column);

  return pt_entry_parse (pt_span (body, (gsize) sqlite3_column_bytes (row, column)),
                         PT_ENTRY_STORED, entry)
         == PT_OK;
}

/* Its entry is set when all entries have been read. */
static gboolean
take_official (sqlite3_stmt *row, gpointer data, GError **error)
{
  Renumber *work = data;
  gint64 area = sqlite3_column_int64 (row, 0);
  guint32 number = g_hash_table_size (work->officials);
  sqlite3_stmt *insert = pt_sqlite_prepare (work->sqlite,
                                            "insert into subjects (id, area, body, entry, active, "
                                            "was_active) values (?, ?, ?, 0, ?4, ?4)",
                                            error);
  PtEntry entry;

  if (insert == NULL)
    return FALSE;
  if (!parse_body (row, 1, &entry) || entry.kind != PT_ENTRY_OFFICIAL)
    return damaged ("An official", error);
  g_hash_table_insert (work->officials, official_name (area, entry.official),
                       GUINT_TO_POINTER (number));
  sqlite3_bind_int64 (insert, 1, pt_subject_key (pt_subject_official (number)));
  sqlite3_bind_int64 (insert, 2, area);
  sqlite3_bind_value (insert, 3, sqlite3_column_value (row, 1));
  sqlite3_bind_int (insert, 4, entry.status == PT_STATUS_ACTIVE);
  return pt_sqlite_run (work->sqlite, insert, error);
}

/* Entries */

static gboolean
find_subject (Renumber *work, sqlite3_stmt *row, PtSubject *subject, gint64 *seq)
{
  g_autofree char *name = NULL;
  gpointer number;
  PtEntry entry;

  if (sqlite3_column_type (row, 3) != SQLITE_NULL)
    {
      *subject = pt_subject_device ((guint32) sqlite3_column_int64 (row, 3));
      *seq = sqlite3_column_int64 (row, 4);
      return TRUE;
    }
  if (!parse_body (row, 5, &entry) || entry.kind != PT_ENTRY_OFFICIAL)
    return FALSE;
  name = official_name (sqlite3_column_int64 (row, 1), entry.official);
  if (!g_hash_table_lookup_extended (work->officials, name, NULL, &number))
    return FALSE;
  *subject = pt_subject_official (GPOINTER_TO_UINT (number));
  *seq = entry.ts;
  return TRUE;
}

static gboolean
insert_registration (Renumber *work, PtSubject subject, guint64 number, sqlite3_stmt *row,
                     GError **error)
{
  sqlite3_stmt *insert
      = pt_sqlite_prepare (work->sqlite, "insert into registrations_2 values (?, ?, ?)", error);

  if (insert == NULL)
    return FALSE;
  sqlite3_bind_int64 (insert, 1, pt_subject_key (subject));
  sqlite3_bind_int64 (insert, 2, (gint64) number);
  sqlite3_bind_value (insert, 3, sqlite3_column_value (row, 5));
  return pt_sqlite_run (work->sqlite, insert, error);
}

/* Columns: id, area, received, device, seq, body. */
static gboolean
take_entry (sqlite3_stmt *row, gpointer data, GError **error)
{
  Renumber *work = data;
  Area *area = find_area (work, row, 1);
  sqlite3_stmt *insert
      = pt_sqlite_prepare (work->sqlite, "insert into entries_2 values (?, ?, ?, ?, ?)", error);
  PtSubject subject;
  gint64 seq;

  if (insert == NULL)
    return FALSE;
  if (area == NULL || !find_subject (work, row, &subject, &seq))
    return damaged ("An entry", error);
  area->number++;
  if ((guint64) sqlite3_column_int64 (row, 0) <= area->folded_before)
    area->folded_to = area->number;
  if (sqlite3_column_int64 (row, 0) <= work->sealed)
    area->head_found = area->number;
  sqlite3_bind_int64 (insert, 1,
                      pt_sqlite_entry_key ((guint32) sqlite3_column_int64 (row, 1), area->number));
  sqlite3_bind_int64 (insert, 2, sqlite3_column_int64 (row, 2));
  sqlite3_bind_int64 (insert, 3, pt_subject_key (subject));
  sqlite3_bind_int64 (insert, 4, seq);
  sqlite3_bind_blob64 (insert, 5, sqlite3_column_blob (row, 5),
                       (sqlite3_uint64) sqlite3_column_bytes (row, 5), SQLITE_STATIC);
  if (!pt_sqlite_run (work->sqlite, insert, error))
    return FALSE;
  return (subject.kind == PT_SUBJECT_DEVICE && seq > 0)
         || insert_registration (work, subject, area->number, row, error);
}

/* What had been pruned is known by its old number alone: its batch is, and there it gets a number
 * that keeps a device's registrations apart and in order. */
static const char pruned_registrations[]
    = "create index batches_by_last on batches (area, last_entry);"
      "create temp table pruned as select r.device, r.entry, r.body,"
      " (select b.batch from batches b where b.area = d.area and b.last_entry >= r.entry"
      " order by b.last_entry limit 1) as batch, d.area"
      " from registrations r join devices d on d.number = r.device"
      " where r.entry < (select coalesce (min (id), 1 << 62) from entries);"
      "insert into registrations_2 select 4294967296 + p.device,"
      " b.size - b.batch + 1 - row_number () over (partition by p.device, p.batch"
      " order by p.entry desc), p.body"
      " from pruned p join batches b on b.area = p.area and b.batch = p.batch;"
      "drop table pruned; drop index batches_by_last;"
      /* Of officials only the newest one was kept beside the entries. */
      "insert into registrations_2 select s.id, 0, s.body from subjects s"
      " where not exists (select 1 from registrations_2 r where r.subject = s.id);";

/* The rest */

static const char bring_over[]
    = "insert into subjects select 4294967296 + d.number, d.area, d.body,"
      " (select max (r.entry) from registrations_2 r where r.subject = 4294967296 + d.number),"
      " d.active, d.was_active, case when d.folded_to > 0 then n.folded_to else 0 end,"
      " d.seq, d.ts, d.power, d.gaps from devices d join numbering n on n.area = d.area;"
      "update subjects set entry = (select max (r.entry) from registrations_2 r"
      " where r.subject = subjects.id) where id >= 8589934592;"
      "insert into evidence_2 select id, 4294967296 + device, received, body from evidence;"
      "update batches set first_entry = prev_size - batch + 2, last_entry = size - batch;"
      "insert into areas_2 select a.number, a.id, a.authority_key, a.registered, n.tail, 0,"
      " a.batch, a.until, a.size, a.frontier, a.size - a.batch"
      " from areas a join numbering n on n.area = a.number;"
      /* Which area's they were is not known any more; what is asked for is the sum. */
      "update areas_2 set reports = (select value from counters where name = 'reports')"
      " where number = 0;"
      "drop table numbering;";

static gboolean
write_numbering (Renumber *work, GError **error)
{
  sqlite3_stmt *insert
      = pt_sqlite_prepare (work->sqlite, "insert into numbering values (?, ?, ?)", error);

  for (guint i = 0; insert != NULL && i < work->areas->len; i++)
    {
      const Area *area = &g_array_index (work->areas, Area, i);

      if (area->head_found != area->head)
        return damaged ("The head of an area's log", error);
      sqlite3_bind_int64 (insert, 1, i);
      sqlite3_bind_int64 (insert, 2, (gint64) area->number);
      sqlite3_bind_int64 (insert, 3, (gint64) area->folded_to);
      if (!pt_sqlite_run (work->sqlite, insert, error))
        return FALSE;
    }
  return insert != NULL;
}

/* Each row of a count that must be 0. */
static gboolean
check_nothing_lost (sqlite3_stmt *row, gpointer data, GError **error)
{
  return sqlite3_column_int64 (row, 0) == 0 || damaged ("What had to be brought over", error);
}

static const char lost[]
    = "select (select count (*) from devices) + (select count (*) from officials)"
      " - (select count (*) from subjects)"
      " union all select (select count (*) from registrations) - (select count (*) from"
      " registrations_2 where subject < 8589934592)"
      " union all select count (*) from batches where first_entry > last_entry";

static gboolean
renumber (Renumber *work, GError **error)
{
  return pt_sqlite_execute (work->sqlite,
                            "create temp table numbering (area integer primary key,"
                            " tail integer not null, folded_to integer not null);",
                            error)
         && read_areas (work, error)
         && for_each (work, "select area, body from officials order by area, id", take_official,
                      error)
         && for_each (work, "select id, area, received, device, seq, body from entries order by id",
                      take_entry, error)
         && write_numbering (work, error)
         && pt_sqlite_execute (work->sqlite, pruned_registrations, error)
         && pt_sqlite_execute (work->sqlite, bring_over, error)
         && for_each (work, lost, check_nothing_lost, error);
}

gboolean
pt_sqlite_store_renumber (PtSqlite *sqlite, GError **error)
{
  g_autoptr (GArray) areas = g_array_new (FALSE, TRUE, sizeof (Area));
  g_autoptr (GHashTable) officials = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Renumber work = { .sqlite = sqlite, .areas = areas, .officials = officials };
  gboolean done = renumber (&work, error);

  /* They name tables that are about to go. */
  g_hash_table_remove_all (sqlite->statements);
  return done;
}
