/* SPDX-License-Identifier: Apache-2.0 */

/* The store on SQLite by itself. Prints one JSON object.
 *
 * bench-store append FOLDER GROUPS ROWS: groups of so many entries, each durable, into the store
 * and into a plain table of another file, by turns; seconds of both. bench-store outages FOLDER
 * SITES EACH: a year in which each site was off so often, and how long a page of an area's outages
 * takes then, ms, the median. bench-store devices FILE COUNT: registers so many devices in the
 * first area of that store. */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pt-entry.h"
#include "pt-p256.h"
#include "pt-sqlite-store.h"
#include "pt-store-log.h"
#include "pt-store-views.h"

#define START_MS G_GINT64_CONSTANT (1764000000000)
#define YEAR_MS (G_GINT64_CONSTANT (365) * 24 * 3600 * 1000)
#define BODY 400 /* bytes of an entry */
#define PAGE 100
#define PAGES 101
#define GROUP 5000

static void
stop (const char *what, const GError *error)
{
  g_printerr ("bench-store: %s: %s\n", what, error != NULL ? error->message : "failed");
  exit (1);
}

static PtStore *
open_store (const char *path)
{
  g_autoptr (GError) error = NULL;
  PtStore *store = pt_sqlite_store_new (path, &error);

  if (store == NULL)
    stop (path, error);
  return store;
}

static void
add_area (PtStore *store)
{
  const PtAreaRow row = { .id = "bench", .registered = START_MS };
  g_autoptr (GError) error = NULL;

  if (!pt_store_add_area (store, &row, &error))
    stop ("the area", error);
}

static void
commit (PtStore *store, PtGroup *group, PtEntryRow *rows, guint count, guint64 *tail,
        gboolean reports)
{
  PtTailMove move = { .before = *tail, .after = *tail + count, .reports = reports ? count : 0 };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < count; i++)
    rows[i].number = ++*tail;
  group->entries = rows;
  group->entry_count = count;
  group->tails = &move;
  group->tail_count = 1;
  if (!pt_store_commit (store, group, &error))
    stop ("storing", error);
}

/* Append */

/* The same rows as most would keep them. */
static sqlite3 *
open_plain (const char *path)
{
  sqlite3 *plain;

  if (sqlite3_open (path, &plain) != SQLITE_OK
      || sqlite3_exec (plain,
                       "pragma journal_mode = wal; pragma synchronous = full;"
                       "create table entries (id integer primary key, received integer not null,"
                       " subject integer not null, seq integer not null, body blob not null)",
                       NULL, NULL, NULL)
             != SQLITE_OK)
    stop (path, NULL);
  return plain;
}

static void
insert_plain (sqlite3 *plain, sqlite3_stmt *insert, const PtEntryRow *rows, guint count)
{
  if (sqlite3_exec (plain, "begin immediate", NULL, NULL, NULL) != SQLITE_OK)
    stop ("begin", NULL);
  for (guint i = 0; i < count; i++)
    {
      sqlite3_bind_int64 (insert, 1, (gint64) rows[i].number);
      sqlite3_bind_int64 (insert, 2, rows[i].received);
      sqlite3_bind_int64 (insert, 3, rows[i].subject.number);
      sqlite3_bind_int64 (insert, 4, rows[i].seq);
      sqlite3_bind_blob64 (insert, 5, rows[i].body, rows[i].size, SQLITE_STATIC);
      if (sqlite3_step (insert) != SQLITE_DONE)
        stop ("insert", NULL);
      sqlite3_reset (insert);
    }
  if (sqlite3_exec (plain, "commit", NULL, NULL, NULL) != SQLITE_OK)
    stop ("commit", NULL);
}

static void
bench_append (const char *folder, guint groups, guint count)
{
  g_autofree char *own = g_build_filename (folder, "store.sqlite", NULL);
  g_autofree char *other = g_build_filename (folder, "plain.sqlite", NULL);
  g_autoptr (PtStore) store = open_store (own);
  sqlite3 *plain = open_plain (other);
  sqlite3_stmt *insert;
  g_autofree PtEntryRow *rows = g_new0 (PtEntryRow, count);
  g_autofree char *text = g_strnfill (BODY, 'x');
  gint64 ours = 0, theirs = 0;
  guint64 tail = 0;

  add_area (store);
  if (sqlite3_prepare_v2 (plain, "insert into entries values (?, ?, ?, ?, ?)", -1, &insert, NULL)
      != SQLITE_OK)
    stop ("insert", NULL);
  for (guint i = 0; i < groups; i++)
    {
      PtGroup group = { 0 };
      gint64 begin = g_get_monotonic_time ();

      for (guint j = 0; j < count; j++)
        rows[j] = (PtEntryRow){ .subject = pt_subject_device (j % 1000),
                                .seq = (gint64) tail + j + 1,
                                .received = START_MS + i,
                                .body = text,
                                .size = BODY };
      commit (store, &group, rows, count, &tail, TRUE);
      ours += g_get_monotonic_time () - begin;
      begin = g_get_monotonic_time ();
      insert_plain (plain, insert, rows, count);
      theirs += g_get_monotonic_time () - begin;
    }
  sqlite3_finalize (insert);
  sqlite3_close (plain);
  g_print ("{\"rows\":%u,\"seconds\":%.6f,\"plain_seconds\":%.6f}\n", groups * count,
           (double) ours / G_USEC_PER_SEC, (double) theirs / G_USEC_PER_SEC);
}

/* Outages */

static gboolean
count_outage (const PtOutageRow *row, gpointer user_data, GError **error)
{
  (*(guint *) user_data)++;
  return TRUE;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static void
add_outages (PtStore *store, guint sites, guint each)
{
  g_autofree PtOutageWrite *writes = g_new0 (PtOutageWrite, GROUP);
  guint count = 0;

  for (guint64 i = 0; i < (guint64) sites * each; i++)
    {
      gint64 start = START_MS + (gint64) (i * 2654435761 % (guint64) YEAR_MS);
      gint64 seq = 2 * (gint64) (i / sites) + 1;
      gboolean lasts = i / sites == each - 1 && i % 50 == 0;

      writes[count++]
          = (PtOutageWrite){ .device = (guint32) (i % sites),
                             .customers = 63,
                             .change = { .kind = PT_CHANGE_OPEN,
                                         .start_seq = seq,
                                         .start = start,
                                         .end_seq = lasts ? 0 : seq + 1,
                                         .end = lasts ? 0 : start + 60000 * (gint64) (1 + i % 600),
                                         .ended_by = lasts ? PT_END_NONE : PT_END_REPORT } };
      if (count == GROUP || i + 1 == (guint64) sites * each)
        {
          const PtGroup group = { .outages = writes, .outage_count = count };
          g_autoptr (GError) error = NULL;

          if (!pt_store_commit (store, &group, &error))
            stop ("storing", error);
          count = 0;
        }
    }
}

/* Pages all over the year: of a day that @lasting is not asked, else of what lasts. */
static void
time_pages (PtStore *store, gboolean lasting, gint64 times[PAGES])
{
  guint rows = 0;

  for (guint i = 0; i < PAGES; i++)
    {
      gint64 from = START_MS + YEAR_MS / PAGES * i, begin = g_get_monotonic_time ();
      const PtOutageQuery query = { .area = 0,
                                    .from = lasting ? 0 : from,
                                    .to = lasting ? 0 : from + 86400000,
                                    .only_open = lasting,
                                    .after_start = lasting ? from : 0,
                                    .limit = PAGE };
      g_autoptr (GError) error = NULL;

      if (!pt_store_outages (store, &query, count_outage, &rows, &error))
        stop ("a page", error);
      times[i] = g_get_monotonic_time () - begin;
    }
  if (rows == 0)
    stop ("no outages", NULL);
  qsort (times, PAGES, sizeof times[0], compare_times);
}

static void
bench_outages (const char *folder, guint sites, guint each)
{
  g_autofree char *path = g_build_filename (folder, "store.sqlite", NULL);
  g_autoptr (PtStore) store = open_store (path);
  gint64 day[PAGES], lasting[PAGES];

  add_area (store);
  add_outages (store, sites, each);
  time_pages (store, FALSE, day);
  time_pages (store, TRUE, lasting);
  g_print ("{\"outages\":%u,\"day_ms\":%.3f,\"day_ms_most\":%.3f,\"lasting_ms\":%.3f,"
           "\"lasting_ms_most\":%.3f}\n",
           sites * each, (double) day[PAGES / 2] / 1000, (double) day[PAGES - 1] / 1000,
           (double) lasting[PAGES / 2] / 1000, (double) lasting[PAGES - 1] / 1000);
}

/* Devices */

/* A stored registration with one number in it, which is written over. */
static gsize
make_registration (char *out, gsize out_size, const char *area)
{
  PtP256Key *key = pt_p256_key_generate ();
  char unsigned_bytes[1024], signed_bytes[1024];
  gsize size = 0;
  PtSigner signer;
  PtEntry entry = { .kind = PT_ENTRY_DEVICE,
                    .area = pt_span (area, strlen (area)),
                    .ts = START_MS,
                    .device = pt_span ("tx-0000000", 10),
                    .site = pt_span ("tx-0000000", 10),
                    .lat = 255942345,
                    .lon = 851374321,
                    .level = PT_LEVEL_TRANSFORMER,
                    .customers = 63 };

  if (key == NULL || !pt_p256_signer_init (&signer, key))
    stop ("a key", NULL);
  memcpy (entry.key, signer.public_key, sizeof entry.key);
  if (pt_entry_write (&entry, unsigned_bytes, sizeof unsigned_bytes, &size) != PT_OK
      || pt_entry_parse (pt_span (unsigned_bytes, size), PT_ENTRY_UNSIGNED, &entry) != PT_OK
      || pt_entry_sign (&entry, &signer, signed_bytes, sizeof signed_bytes, &size) != PT_OK
      || pt_entry_parse (pt_span (signed_bytes, size), PT_ENTRY_SIGNED, &entry) != PT_OK
      || pt_entry_store (&entry, START_MS, out, out_size, &size) != PT_OK)
    stop ("an entry", NULL);
  pt_p256_signer_clear (&signer);
  pt_p256_key_free (key);
  return size;
}

static void
write_number (char *text, gsize size, guint number)
{
  char digits[11];

  g_snprintf (digits, sizeof digits, "tx-%07u", number);
  for (char *at = text; (at = g_strstr_len (at, (gssize) (text + size - at), "\"tx-")) != NULL;
       at++)
    memcpy (at + 1, digits, 10);
}

static void
bench_devices (const char *path, guint count)
{
  g_autoptr (PtStore) store = open_store (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = pt_store_areas (store, &error);
  g_autofree PtEntryRow *rows = g_new0 (PtEntryRow, GROUP);
  g_autofree PtSubjectRow *devices = g_new0 (PtSubjectRow, GROUP);
  g_autofree char *bodies = g_malloc (GROUP * 1024);
  char one[1024];
  guint64 tail;
  gsize size;

  if (areas == NULL || areas->len == 0)
    stop ("the area", error);
  tail = g_array_index (areas, PtAreaRow, 0).tail;
  size = make_registration (one, sizeof one, g_array_index (areas, PtAreaRow, 0).id);
  for (guint at = 0; at < count;)
    {
      guint part = MIN (GROUP, count - at);
      PtGroup group = { .subjects = devices, .subject_count = part };

      for (guint i = 0; i < part; i++)
        {
          char *body = memcpy (bodies + i * 1024, one, size);

          write_number (body, size, at + i);
          rows[i] = (PtEntryRow){
            .subject = pt_subject_device (at + i), .received = START_MS, .body = body, .size = size
          };
          devices[i] = (PtSubjectRow){ .subject = rows[i].subject,
                                       .entry = tail + i + 1,
                                       .active = TRUE,
                                       .body = g_bytes_new_static (body, size) };
        }
      commit (store, &group, rows, part, &tail, FALSE);
      for (guint i = 0; i < part; i++)
        g_bytes_unref (devices[i].body);
      at += part;
    }
  g_print ("{\"devices\":%u}\n", count);
}

static guint
number_of (const char *text)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 1, 100000000, &number, NULL))
    stop (text, NULL);
  return (guint) number;
}

int
main (int argc, char **argv)
{
  if (argc == 5 && strcmp (argv[1], "append") == 0)
    bench_append (argv[2], number_of (argv[3]), number_of (argv[4]));
  else if (argc == 5 && strcmp (argv[1], "outages") == 0)
    bench_outages (argv[2], number_of (argv[3]), number_of (argv[4]));
  else if (argc == 4 && strcmp (argv[1], "devices") == 0)
    bench_devices (argv[2], number_of (argv[3]));
  else
    {
      g_printerr ("bench-store append FOLDER GROUPS ROWS | outages FOLDER SITES EACH | devices "
                  "FILE COUNT\n");
      return 2;
    }
  return 0;
}
