/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds over all batch files: what is found, and where a round goes on. */
#include "pt-scrub.h"

#include <sqlite3.h>

#include "common/pt-test.h"
#include "pt-pipeline-fixture.h"

#define BATCHES 3

typedef struct
{
  PtWorld *world;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world = pt_world_new (NULL);

  pt_world_add_area (world, "west");
  pt_world_add_device (world, "east", "tx-1");
  pt_world_add_device (world, "west", "tx-2");
  for (guint i = 1; i <= BATCHES; i++)
    {
      g_autofree char *west = pt_world_report (world, "west", "tx-2", i,
                                               pt_clock_now (world->clock), PT_POWER_ON, NULL);

      pt_world_report_now (world, "tx-1", i, PT_POWER_ON, PT_ACCEPTED);
      pt_world_expect (world, &pt_kind_report, west, PT_ACCEPTED);
      g_assert_cmpuint (pt_world_seal (world), ==, 2);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_world_free (fixture->world);
}

static PtScrub *
make_scrub_fetching (PtWorld *world, guint64 bytes_per_s, PtScrubFetch fetch, gpointer fetch_data)
{
  const PtScrubConfig config = { .store = world->store,
                                 .archive = world->pipeline->archive,
                                 .folder = world->path,
                                 .bytes_per_s = bytes_per_s,
                                 .rest_s = 3600,
                                 .fetch = fetch,
                                 .fetch_data = fetch_data };

  return pt_scrub_new (&config);
}

static PtScrub *
make_scrub (PtWorld *world, guint64 bytes_per_s)
{
  return make_scrub_fetching (world, bytes_per_s, NULL, NULL);
}

static char *
block_path (PtWorld *world, guint32 area, guint64 batch)
{
  g_autoptr (GError) error = NULL;
  char cid[PT_CID_TEXT_SIZE + 1], name[3];
  PtBatchRow row;

  g_assert_true (pt_archive_batch (world->pipeline->archive, area, batch, &row, &error));
  pt_cid_to_text (&row.cid, cid);
  g_snprintf (name, sizeof name, "%02x", row.cid.bytes[PT_CID_SIZE - 1]);
  return g_build_filename (world->path, "blocks", name, cid, NULL);
}

static void
spoil (const char *path)
{
  g_assert_true (g_file_set_contents (path, "spoilt", -1, NULL));
}

static gboolean
is_whole (const char *path)
{
  g_autofree char *content = NULL;

  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  return g_str_has_prefix (content, "{\"area\"");
}

/* What stands for gateways: what each block's file gets. */
typedef struct
{
  PtWorld *world;
  GHashTable *bytes; /* path -> char * */
  guint asked;
} Elsewhere;

static gboolean
fetch (const PtBatchRow *row, gint *stopped, gpointer user_data, GError **error)
{
  Elsewhere *elsewhere = user_data;
  g_autofree char *path = block_path (elsewhere->world, row->area, row->batch);
  const char *bytes = g_hash_table_lookup (elsewhere->bytes, path);

  elsewhere->asked++;
  if (bytes != NULL)
    return g_file_set_contents (path, bytes, -1, error);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "nobody has it");
  return FALSE;
}

/* The file's bytes, which nothing can give back then. */
static char *
lose (PtWorld *world, const char *path)
{
  g_autofree char *database = g_build_filename (world->path, "store.sqlite", NULL);
  char *bytes;
  sqlite3 *connection;

  g_assert_cmpint (sqlite3_open (database, &connection), ==, SQLITE_OK);
  sqlite3_busy_timeout (connection, 60000);
  g_assert_cmpint (sqlite3_exec (connection, "delete from rosters", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  sqlite3_close (connection);
  g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
  spoil (path);
  return bytes;
}

/* Lost, and nobody has it, or something else; then somebody does. Nobody is asked again at once,
 * nor for what can be made again or is whole. */
static void
test_fetched (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtArchive *archive = world->pipeline->archive;
  g_autofree char *path = block_path (world, 1, 2);
  g_autoptr (GHashTable) bytes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  Elsewhere elsewhere = { .world = world, .bytes = bytes };
  char *whole = lose (world, path);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (PtScrub) scrub = make_scrub_fetching (world, 1 << 30, fetch, &elsewhere);

      g_assert_true (pt_scrub_round (scrub));
      g_assert_cmpuint (elsewhere.asked, ==, i + 1);
      g_assert_cmpuint (pt_archive_damaged (archive), ==, i == 2 ? 0 : 1);
      g_hash_table_replace (bytes, path, i == 0 ? g_strdup ("false") : g_strdup (whole));
      g_assert_true (pt_scrub_round (scrub));
      g_assert_cmpuint (elsewhere.asked, ==, i + 1);
    }
  g_assert_true (is_whole (path));
  g_free (whole);
}

static void
set_place (PtWorld *world, const char *place)
{
  g_autofree char *path = g_build_filename (world->path, "scrub", NULL);

  g_assert_true (g_file_set_contents (path, place, -1, NULL));
}

static void
assert_place (PtWorld *world, const char *wanted)
{
  g_autofree char *path = g_build_filename (world->path, "scrub", NULL);
  g_autofree char *place = NULL;

  g_assert_true (g_file_get_contents (path, &place, NULL, NULL));
  g_assert_cmpstr (place, ==, wanted);
}

static void
test_round (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *east = block_path (world, 0, 1);
  g_autofree char *west = block_path (world, 1, 3);
  g_autoptr (PtScrub) scrub = make_scrub (world, 1 << 30);

  spoil (east);
  spoil (west);
  g_assert_true (pt_scrub_round (scrub));
  g_assert_true (is_whole (east));
  g_assert_true (is_whole (west));
  assert_place (world, "0 0\n");
}

/* What lies before where it stood is the next round's. */
static void
test_place (Fixture *fixture, gconstpointer data)
{
  static const char *const nonsense[] = { "", "x", "-1 5", "99 0\n" };
  PtWorld *world = fixture->world;
  g_autofree char *before = block_path (world, 1, 1);
  g_autofree char *behind = block_path (world, 1, 2);

  spoil (before);
  spoil (behind);
  set_place (world, "1 1\n");
  {
    g_autoptr (PtScrub) scrub = make_scrub (world, 1 << 30);

    g_assert_true (pt_scrub_round (scrub));
    g_assert_false (is_whole (before));
    g_assert_true (is_whole (behind));
    g_assert_true (pt_scrub_round (scrub));
    g_assert_true (is_whole (before));
  }
  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++)
    {
      g_autoptr (PtScrub) scrub = NULL;

      spoil (before);
      set_place (world, nonsense[i]);
      scrub = make_scrub (world, 1 << 30);
      g_assert_true (pt_scrub_round (scrub));
      g_assert_true (is_whole (before) || pt_scrub_round (scrub));
      g_assert_true (is_whole (before));
    }
}

/* However slow it is, it ends at once. */
static void
test_thread (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *path = block_path (world, 0, 1);
  g_autoptr (PtScrub) scrub = make_scrub (world, 1 << 30);

  spoil (path);
  pt_scrub_start (scrub);
  PT_TEST_POLL (is_whole (path));
}

#define ADD(name, func) g_test_add ("/scrub/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("round", test_round);
  ADD ("place", test_place);
  ADD ("thread", test_thread);
  ADD ("fetched", test_fetched);
  return g_test_run ();
}
