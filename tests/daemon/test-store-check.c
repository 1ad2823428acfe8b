/* SPDX-License-Identifier: Apache-2.0 */
/* A store that fits together holds; whatever is changed in it is found, and named for what it is.
 */
#include "pt-store-check.h"

#include "pt-busy-fixture.h"

/* What the pipeline filled, and then ended; its files stay. */
typedef struct
{
  PtWorld *world;
  char *database;
} Stopped;

static void
stop_busy (Stopped *stopped, gconstpointer data)
{
  stopped->world = pt_busy_world_new (NULL);
  stopped->database = g_build_filename (stopped->world->path, "store.sqlite", NULL);
  pt_world_stop (stopped->world, TRUE);
}

static void
let_go (Stopped *stopped, gconstpointer data)
{
  pt_world_free (stopped->world);
  g_free (stopped->database);
}

static PtStoreFindings *
check (PtStore *store, PtBlockStore *blocks, gboolean quick)
{
  PtStoreFindings *findings = pt_store_findings_new ();
  const PtStoreCheckConfig config = { .store = store, .blocks = blocks, .quick = quick };

  pt_store_check (&config, findings);
  return findings;
}

static PtStoreFindings *
check_file (Stopped *stopped, gboolean quick)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtStore) store = pt_sqlite_store_new_frozen (stopped->database, &error);
  g_autoptr (PtBlockStore) blocks = pt_block_store_open (stopped->world->path);

  g_assert_no_error (error);
  return check (store, blocks, quick);
}

/* Those of one state, by name. */
static char *
names_of (const PtStoreFindings *findings, PtStoreState state)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < pt_store_findings_count (findings); i++)
    {
      const PtStoreFinding *finding = pt_store_findings_at (findings, i);

      if (finding->state == state)
        g_string_append_printf (names, "%s%s", names->len > 0 ? " " : "", finding->name);
      if (finding->why != NULL)
        g_test_message ("%s: %s (+%u)", finding->name, finding->why, finding->more);
    }
  return g_string_free (names, FALSE);
}

static void
expect (const PtStoreFindings *findings, PtStoreState state, const char *wanted)
{
  g_autofree char *names = names_of (findings, state);

  g_assert_cmpstr (names, ==, wanted);
}

static void
test_holds (Stopped *stopped, gconstpointer data)
{
  g_autoptr (PtStoreFindings) findings = check_file (stopped, FALSE);
  g_autoptr (PtStoreFindings) quick = check_file (stopped, TRUE);

  expect (findings, PT_STORE_FAILS, "");
  expect (findings, PT_STORE_NOT_CHECKED, "");
  g_assert_cmpint (pt_store_findings_verdict (findings), ==, PT_STORE_HOLDS);
  expect (quick, PT_STORE_FAILS, "");
  expect (quick, PT_STORE_NOT_CHECKED, "blocks entries roots");
}

/* Also while it is written to, and in memory; without the files not all can be said. */
static void
test_alive (void)
{
  g_autoptr (PtWorld) world = pt_busy_world_new (pt_memory_store_new ());
  g_autoptr (PtStoreFindings) findings = check (world->store, world->pipeline->blocks, FALSE);
  g_autoptr (PtStoreFindings) blind = check (world->store, NULL, FALSE);

  expect (findings, PT_STORE_FAILS, "");
  expect (findings, PT_STORE_NOT_CHECKED, "");
  expect (blind, PT_STORE_FAILS, "");
  expect (blind, PT_STORE_NOT_CHECKED, "blocks roots");
}

/* What was done to it, and what is found. */
static const struct
{
  const char *sql, *fails, *not_checked;
} damages[] = {
  /* One in the middle is gone, the last one is, and one of a batch that is not final is with those
   * before it. */
  { "delete from entries where id = (select max (id) - 1 from entries where id < 1 << 40)",
    "numbers", "" },
  { "delete from entries where id = (select max (id) from entries where id < 1 << 40)", "numbers",
    "" },
  { "delete from entries where id <= (select last_entry from batches where area = 0 and batch = 2)",
    "numbers", "" },
  { "update areas set tail = tail + 1 where number = 1", "numbers", "" },
  /* Other bytes, other facts beside them. */
  { "update entries set body = cast (replace (cast (body as text), 'OFF', 'ON') as blob)"
    " where id = (select first_entry from batches where area = 0 and batch = 2) + 1",
    "roots", "" },
  { "update entries set received = received + 1 where id = (select max (id) from entries where id <"
    " 1 << 40)",
    "entries", "" },
  { "update entries set seq = 77 where id = (select max (id) from entries where id >= 1 << 40)",
    "entries", "" },
  { "update entries set body = x'7b7d' where id = (select max (id) from entries where id < 1 << "
    "40)",
    "entries", "" },
  /* Batches and heads. */
  { "delete from batches where area = 0 and batch = 1", "batches numbers", "" },
  { "update batches set size = size + 1 where area = 0 and batch = 2", "batches roots", "" },
  { "update batches set root = zeroblob (32) where area = 1 and batch = 2", "batches roots", "" },
  { "update areas set batch = batch - 1 where number = 1", "batches", "" },
  { "update areas set last_entry = last_entry - 1 where number = 1", "batches", "" },
  { "delete from rosters where area = 0 and batch = 2", "", "roots" },
  { "delete from transactions where state = 3", "transactions", "" },
  { "update batches set bytes = bytes + 1 where area = 0 and batch = 2", "blocks", "roots" },
  /* Devices and officials. */
  { "update subjects set active = 1 - active where id = (1 << 32) + 1", "subjects", "" },
  { "update subjects set entry = 1000 where id = (1 << 32) + 1", "subjects", "" },
  { "update subjects set body = (select body from subjects where id = (1 << 32)) where id = (1 <<"
    " 32) + 1",
    "subjects", "" },
  { "update subjects set body = x'7b7d' where id >> 32 = 2", "subjects", "" },
  /* What is reckoned. */
  { "update subjects set history = (select history from subjects where id = (1 << 32) + 5) where id"
    " = (1 << 32) + 1",
    "histories", "" },
  { "delete from outages where ended_by = 0 and device = 2", "outages", "" },
  { "update outages set ended_by = 0, ended = 0 where device = 0", "outages", "" },
  { "update said set body = x'7b7d' where id = (select min (id) from said)", "said", "" },
  { "update said set leaf = zeroblob (32) where id = (select max (id) from said)", "said", "" },
};

static void
test_damage (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      Stopped stopped;
      g_autoptr (PtStoreFindings) findings = NULL;

      g_test_message ("%s", damages[i].sql);
      stop_busy (&stopped, NULL);
      pt_busy_execute (stopped.database, damages[i].sql);
      findings = check_file (&stopped, FALSE);
      expect (findings, PT_STORE_FAILS, damages[i].fails);
      expect (findings, PT_STORE_NOT_CHECKED, damages[i].not_checked);
      let_go (&stopped, NULL);
    }
}

static void
test_no_file (Stopped *stopped, gconstpointer data)
{
  g_autofree char *blocks = g_build_filename (stopped->world->path, "blocks", NULL);
  g_autoptr (PtStoreFindings) findings = NULL;

  pt_remove_tree (blocks);
  findings = check_file (stopped, FALSE);
  expect (findings, PT_STORE_FAILS, "blocks");
  expect (findings, PT_STORE_NOT_CHECKED, "roots"); /* after those that went from the store */
}

static void
test_compare (Stopped *stopped, gconstpointer data)
{
  static const char *const changes[] = {
    "update areas set promised = promised + 1 where number = 0",
    "update areas set registered = 1 where number = 2",
    "update areas set ahead = 9 where number = 1",
    "update batches set state = 2 where area = 0 and batch = 2",
    "update batches set root = zeroblob (32) where area = 1 and batch = 1",
    "delete from evidence",
    "update areas set reports = reports + 1 where number = 1",
  };
  g_autofree char *copy = g_build_filename (stopped->world->path, "copy.sqlite", NULL);

  for (guint i = 0; i <= G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (PtStoreFindings) findings = pt_store_findings_new ();
      g_autofree char *into = g_strdup_printf ("vacuum into '%s'", copy);
      g_autoptr (GError) error = NULL;
      g_autoptr (PtStore) one = pt_sqlite_store_new_frozen (stopped->database, &error);
      g_autoptr (PtStore) two = NULL;

      g_assert_no_error (error);
      pt_busy_execute (stopped->database, into);
      if (i < G_N_ELEMENTS (changes))
        pt_busy_execute (copy, changes[i]);
      two = pt_sqlite_store_new_frozen (copy, &error);
      g_assert_no_error (error);
      pt_store_compare (one, two, findings, "same");
      expect (findings, PT_STORE_FAILS, i < G_N_ELEMENTS (changes) ? "same" : "");
      g_assert_cmpint (g_remove (copy), ==, 0);
    }
}

#define ADD(name, func) g_test_add ("/store-check/" name, Stopped, NULL, stop_busy, func, let_go)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("holds", test_holds);
  g_test_add_func ("/store-check/alive", test_alive);
  g_test_add_func ("/store-check/damage", test_damage);
  ADD ("no-file", test_no_file);
  ADD ("compare", test_compare);
  return g_test_run ();
}
