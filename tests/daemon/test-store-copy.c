/* SPDX-License-Identifier: Apache-2.0 */
/* All of a store in another, whichever it is; cut off anywhere, it goes on. */
#include "pt-store-copy.h"

#include "pt-busy-fixture.h"
#ifdef PT_HAS_MONGODB
#include "pt-mongodb-fixture.h"
#endif
#include "pt-store-digest.h"
#include "pt-store-open.h"

/* A store full of everything, with a private part that was erased, and the directory for copies. */
typedef struct
{
  PtWorld *world;
  char *directory;
} Full;

static void
erase_one (PtWorld *world)
{
  PtTestChain chain = { .world = world, .id = "2345678903", .site = "tx-2" };
  const PtErasure erasure = { 0, "2345678903", 1 };
  const PtGroup group = { .erasures = &erasure, .erasure_count = 1 };
  g_autoptr (GError) error = NULL;

  pt_busy_file (&chain);
  pt_store_commit (world->store, &group, &error);
  g_assert_no_error (error);
}

static void
reject_some (PtWorld *world)
{
  PtRejectedRow rows[3];
  const PtGroup group = { .rejected = rows, .rejected_count = G_N_ELEMENTS (rows) };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    rows[i] = (PtRejectedRow){ 0,      10 + i,      "192.0.2.1", "http", "192.0.2.1", "", "east",
                               "tx-1", "malformed", "a\0b",      3 };
  pt_store_commit (world->store, &group, &error);
  g_assert_no_error (error);
}

static void
fill (Full *full, gconstpointer in_memory)
{
  full->world = pt_busy_world_new (in_memory != NULL ? pt_memory_store_new () : NULL);
  full->directory = g_dir_make_tmp ("pt-copy-XXXXXX", NULL);
  erase_one (full->world);
  reject_some (full->world);
}

static void
let_go (Full *full, gconstpointer in_memory)
{
  pt_world_free (full->world);
  pt_remove_tree (full->directory);
  g_free (full->directory);
}

static PtStore *
open_copy (Full *full, const char *scheme)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (full->directory, "copy.sqlite", NULL);
  g_autofree char *address
      = g_strconcat (scheme, g_str_equal (scheme, "memory:") ? "" : path, NULL);
  PtStore *store = pt_store_open (address, NULL, &error);

  g_assert_no_error (error);
  return store;
}

static gboolean
count_rejected (const PtRejectedRow *row, gpointer user_data, GError **error)
{
  g_string_append_printf (user_data, "%" G_GINT64_FORMAT " %" G_GSIZE_FORMAT " %s;", row->at,
                          row->size, row->reason);
  return TRUE;
}

static char *
rejected_of (PtStore *store)
{
  const PtRejectedQuery query = { .limit = 100 };
  GString *text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  pt_store_rejected (store, &query, count_rejected, text, &error);
  g_assert_no_error (error);
  return g_string_free (text, FALSE);
}

static void
assert_same (Full *full, PtStore *copy)
{
  g_autoptr (PtStoreFindings) findings = pt_store_findings_new ();
  g_autofree char *there = rejected_of (full->world->store), *here = rejected_of (copy);
  const PtStoreCheckConfig check = { .store = copy, .blocks = full->world->pipeline->blocks };

  pt_store_compare (full->world->store, copy, findings, "same");
  pt_store_compare_contents (full->world->store, copy, findings, "contents");
  pt_store_check (&check, findings);
  for (guint i = 0; i < pt_store_findings_count (findings); i++)
    g_assert_cmpstr (pt_store_findings_at (findings, i)->why, ==, NULL);
  g_assert_cmpstr (here, ==, there);
}

static void
copy_to (Full *full, PtStore *copy)
{
  const PtStoreCopyConfig config = { .from = full->world->store, .to = copy };
  g_autoptr (GError) error = NULL;

  pt_store_copy (&config, &error);
  g_assert_no_error (error);
}

static void
test_into (Full *full, const char *scheme)
{
  g_autoptr (PtStore) copy = open_copy (full, scheme);

  copy_to (full, copy);
  assert_same (full, copy);
  copy_to (full, copy); /* there is nothing left to do */
  assert_same (full, copy);
}

static void
test_into_sqlite (Full *full, gconstpointer in_memory)
{
  test_into (full, "sqlite:");
}

static void
test_into_memory (Full *full, gconstpointer in_memory)
{
  test_into (full, "memory:");
}

/* A store that fails its nth write, with or without having done it. */
static struct
{
  PtStoreClass klass;
  const PtStoreClass *real;
  guint left; /* writes until then */
  gboolean writes;
} cut;

static gboolean
fail_now (gboolean *written, GError **error)
{
  *written = TRUE;
  if (cut.left == 0 || --cut.left > 0)
    return FALSE;
  *written = cut.writes;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "The machine was switched off.");
  return TRUE;
}

#define CUT(call)                                                                                  \
  gboolean written, fails = fail_now (&written, error);                                            \
  if (!fails)                                                                                      \
    return call;                                                                                   \
  if (written)                                                                                     \
    {                                                                                              \
      g_autoptr (GError) none = NULL;                                                              \
      GError **error_kept = error;                                                                 \
      error = &none;                                                                               \
      g_assert_true (call);                                                                        \
      error = error_kept;                                                                          \
    }                                                                                              \
  return FALSE

static gboolean
cut_commit (PtStore *store, const PtGroup *group, GError **error)
{
  CUT (cut.real->commit (store, group, error));
}

static gboolean
cut_add_area (PtStore *store, const PtAreaRow *row, GError **error)
{
  CUT (cut.real->add_area (store, row, error));
}

static gboolean
cut_set_ahead (PtStore *store, guint32 area, guint64 ahead, GError **error)
{
  CUT (cut.real->set_ahead (store, area, ahead, error));
}

static gboolean
cut_save_histories (PtStore *store, const PtSubjectRow *rows, guint count, GError **error)
{
  CUT (cut.real->save_histories (store, rows, count, error));
}

static gboolean
cut_seal (PtStore *store, const PtSeal *seals, guint count, GError **error)
{
  CUT (cut.real->seal (store, seals, count, error));
}

static gboolean
cut_published (PtStore *store, const PtBatchRow *rows, guint count, GError **error)
{
  CUT (cut.real->published (store, rows, count, error));
}

static gboolean
cut_submit (PtStore *store, PtTransactionRow *row, const PtBatchRow *rows, guint count,
            GError **error)
{
  CUT (cut.real->submit (store, row, rows, count, error));
}

static gboolean
cut_bump (PtStore *store, const PtTransactionRow *row, GError **error)
{
  CUT (cut.real->bump (store, row, error));
}

static gboolean
cut_mined (PtStore *store, const PtTransactionRow *row, GError **error)
{
  CUT (cut.real->mined (store, row, error));
}

static gboolean
cut_adopt (PtStore *store, const PtTransactionRow *row, const PtBatchRow *rows, guint count,
           GError **error)
{
  CUT (cut.real->adopt (store, row, rows, count, error));
}

static void
cut_store (PtStore *store, guint after, gboolean writes)
{
  cut.real = store->klass;
  cut.klass = *store->klass;
  cut.klass.commit = cut_commit;
  cut.klass.add_area = cut_add_area;
  cut.klass.set_ahead = cut_set_ahead;
  cut.klass.save_histories = cut_save_histories;
  cut.klass.seal = cut_seal;
  cut.klass.published = cut_published;
  cut.klass.submit = cut_submit;
  cut.klass.bump = cut_bump;
  cut.klass.mined = cut_mined;
  cut.klass.adopt = cut_adopt;
  cut.left = after;
  cut.writes = writes;
  store->klass = &cut.klass;
}

/* Until it is complete no daemon takes anything in: the chain is said to be far ahead. */
static void
assert_closed (PtStore *store)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = pt_store_areas (store, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < areas->len; i++)
    {
      const PtAreaRow *row = &g_array_index (areas, PtAreaRow, i);

      g_assert_true (row->ahead > row->head.batch || row->tail == 0);
    }
}

/* Each of its writes in turn fails, done or not; the next run goes on from what is there. */
static void
test_cut_off (Full *full, gconstpointer in_memory)
{
  guint cuts = 0;
  gboolean complete = FALSE;

  for (guint at = 1; !complete; at++)
    for (guint writes = 0; writes < 2; writes++)
      {
        g_autoptr (PtStore) copy = open_copy (full, "memory:");
        const PtStoreCopyConfig config = { .from = full->world->store, .to = copy };
        g_autoptr (GError) error = NULL;

        cut_store (copy, at, writes == 1);
        complete = pt_store_copy (&config, &error);
        copy->klass = cut.real;
        if (!complete)
          {
            g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
            cuts++;
            g_clear_error (&error);
            pt_store_copy (&config, &error);
            g_assert_no_error (error);
          }
        assert_same (full, copy);
      }
  g_assert_cmpuint (cuts, >, 40);
}

/* One that stopped in the middle is closed. */
static void
test_closed (Full *full, gconstpointer in_memory)
{
  g_autoptr (PtStore) copy = open_copy (full, "sqlite:");
  const PtStoreCopyConfig config = { .from = full->world->store, .to = copy };

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GError) error = NULL;

      cut_store (copy, 8, TRUE);
      g_assert_false (pt_store_copy (&config, &error));
      copy->klass = cut.real;
      assert_closed (copy);
    }
  copy_to (full, copy);
  assert_same (full, copy);
}

/* What goes on meanwhile is brought over by the next run. */
static void
test_goes_on (Full *full, gconstpointer in_memory)
{
  g_autoptr (PtStore) copy = open_copy (full, "sqlite:");
  PtWorld *world = full->world;
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;

  copy_to (full, copy);
  pt_busy_say (world, "east", "tx-6", 1, PT_POWER_OFF);
  pt_world_advance (world, 1000);
  again = pt_world_device (world, "east", "tx-4", PT_STATUS_ACTIVE, pt_world_now (world));
  pt_world_expect (world, &pt_kind_registration, again, PT_ACCEPTED);
  pt_world_seal (world);
  pt_busy_anchor (world, 3, PT_BATCH_SUBMITTED);
  pt_busy_say (world, "west", "tx-1", 6, PT_POWER_ON);
  g_assert_true (pt_batcher_snapshot (world->pipeline->batcher, &error));
  pt_store_finalize (world->store, 2, &error); /* that of the second window */
  g_assert_no_error (error);
  copy_to (full, copy);
  assert_same (full, copy);
}

static void
test_refused (Full *full, gconstpointer in_memory)
{
  g_autoptr (PtStore) other = pt_memory_store_new ();
  const PtStoreCopyConfig config = { .from = full->world->store, .to = other };
  const PtAreaRow row = { .id = "north" };
  g_autoptr (GError) error = NULL;

  g_assert_true (pt_store_add_area (other, &row, &error));
  g_assert_false (pt_store_copy (&config, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
}

/* A daemon goes on with the copy as with what it was made of. */
static void
test_serves (Full *full, gconstpointer in_memory)
{
  PtStore *copy = pt_memory_store_new ();
  g_autofree char *before = NULL, *after = NULL;
  PtWorld *world = full->world;
  PtStore *real = world->store;

  before = pt_world_dump (world);
  copy_to (full, copy);
  g_clear_pointer (&world->pipeline, pt_pipeline_free);
  world->store = copy;
  world->own_store = FALSE;
  g_clear_pointer (&world->news, pt_news_free);
  g_clear_pointer (&world->hold, pt_hold_free);
  g_clear_pointer (&world->health, pt_health_free);
  pt_world_start (world);
  after = pt_world_dump (world);
  g_assert_cmpstr (before, ==, after);
  pt_busy_say (world, "east", "tx-6", 1, PT_POWER_OFF);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  pt_store_free (real);
}

#ifdef PT_HAS_MONGODB
static PtStore *
open_mongodb (Full *full)
{
  g_autofree char *name = g_path_get_basename (full->directory);
  g_autofree char *address = g_strdup_printf ("%s/%s", g_getenv ("PT_MONGODB_URI"), name);
  g_autoptr (GError) error = NULL;
  PtStore *store = pt_store_open (address, NULL, &error);

  g_assert_no_error (error);
  return store;
}

/* Out of SQLite or memory to a server, there in two halves, and back. */
static void
test_mongodb (Full *full, gconstpointer in_memory)
{
  PtStore *there = open_mongodb (full);
  g_autoptr (PtStore) back = open_copy (full, "sqlite:");
  const PtStoreCopyConfig out = { .from = full->world->store, .to = there };
  const PtStoreCopyConfig home = { .from = there, .to = back };
  g_autoptr (GError) cut_off = NULL, error = NULL;

  cut_store (there, 14, TRUE);
  g_assert_false (pt_store_copy (&out, &cut_off));
  there->klass = cut.real;
  assert_closed (there);
  copy_to (full, there);
  assert_same (full, there);
  pt_store_copy (&home, &error);
  g_assert_no_error (error);
  assert_same (full, back);
  pt_store_free (there);
  pt_mongodb_test_drop (full->directory);
}
#endif

#define ADD(name, func)                                                                            \
  g_test_add ("/store-copy/sqlite/" name, Full, NULL, fill, func, let_go);                         \
  g_test_add ("/store-copy/memory/" name, Full, "memory", fill, func, let_go)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#ifdef PT_HAS_MONGODB
  if (g_getenv ("PT_MONGODB_URI") != NULL)
    {
      ADD ("mongodb", test_mongodb);
      return g_test_run ();
    }
#endif
  ADD ("into-sqlite", test_into_sqlite);
  ADD ("into-memory", test_into_memory);
  ADD ("cut-off", test_cut_off);
  ADD ("closed", test_closed);
  ADD ("goes-on", test_goes_on);
  ADD ("refused", test_refused);
  g_test_add ("/store-copy/serves", Full, NULL, fill, test_serves, let_go);
  return g_test_run ();
}
