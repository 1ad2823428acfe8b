/* SPDX-License-Identifier: Apache-2.0 */
/* What only the store on MongoDB can get wrong: who writes, what a break leaves, and addresses.
 * What every store does is in test-store-log.c and beside it. */
#include "pt-mongodb-proxy.h"
#include "pt-mongodb-store.h"
#include "pt-store-leases.h"
#include "pt-store-suite.h"

#include "common/pt-test.h"

/* A test's database, its store through a proxy, and a look past both. */
typedef struct
{
  Fixture fixture;
  PtProxy *proxy;
  char *address; /* through the proxy */
  mongoc_client_t *client;
} World;

static mongoc_collection_t *
collection (World *world, const char *name)
{
  g_autofree char *database = g_path_get_basename (world->fixture.directory);

  return mongoc_client_get_collection (world->client, database, name);
}

static void
world_open (World *world)
{
  g_autoptr (GError) error = NULL;
  gint64 late = pt_test_late ();

  do
    {
      g_clear_error (&error);
      world->fixture.store = pt_mongodb_store_new (world->address, NULL, &error);
    }
  while (g_error_matches (error, PT_ERROR, PT_ERROR_RETRY) && g_get_monotonic_time () < late);
  g_assert_no_error (error);
}

static void
world_set_up (World *world, gconstpointer data)
{
  mongoc_uri_t *uri;
  g_autofree char *database = NULL;

  world->fixture.directory = g_dir_make_tmp ("pt-store-XXXXXX", NULL);
  database = g_path_get_basename (world->fixture.directory);
  mongoc_init ();
  uri = mongoc_uri_new (g_getenv ("PT_MONGODB_URI"));
  world->proxy = pt_proxy_new (mongoc_uri_get_hosts (uri)->host_and_port);
  mongoc_uri_destroy (uri);
  world->client = mongoc_client_new (g_getenv ("PT_MONGODB_URI"));
  world->address = g_strdup_printf (
      "mongodb://127.0.0.1:%u/%s?directConnection=true&serverSelectionTimeoutMS=2000",
      world->proxy->port, database);
  world_open (world);
  add_area (&world->fixture, 0, "east");
  add_area (&world->fixture, 1, "west");
}

static void
world_tear_down (World *world, gconstpointer data)
{
  pt_store_free (world->fixture.store);
  pt_proxy_free (world->proxy);
  mongoc_client_destroy (world->client);
  pt_mongodb_test_drop (world->fixture.directory);
  g_assert_cmpint (g_rmdir (world->fixture.directory), ==, 0);
  g_free (world->fixture.directory);
  g_free (world->address);
}

/* Frees the store and opens it again, as a new start would. */
static void
world_reopen (World *world)
{
  pt_store_free (world->fixture.store);
  world_open (world);
}

static guint64
tail_of (World *world, guint32 area)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = NULL;
  gint64 late = pt_test_late ();

  do
    {
      g_clear_error (&error);
      areas = pt_store_areas (world->fixture.store, &error);
    }
  while (areas == NULL && g_get_monotonic_time () < late);
  g_assert_no_error (error);
  return g_array_index (areas, PtAreaRow, area).tail;
}

/* One entry into area 0, and one into area 1 where @both says so, as number @number; and an outage
 * of device @number in area 0. */
typedef struct
{
  PtEntryRow rows[2];
  PtTailMove tails[2];
  PtOutageWrite outage;
  PtGroup group;
} OneEach;

static PtGroup *
one_each (OneEach *each, guint64 number, gboolean both)
{
  *each = (OneEach){ .tails = { { 0, number - 1, number, 0 }, { 1, number - 1, number, 0 } } };
  for (guint i = 0; i < 2; i++)
    each->rows[i] = (PtEntryRow){ .area = i,
                                  .number = number,
                                  .subject = pt_subject_device (0),
                                  .received = 100,
                                  .body = "{\"a\":1}",
                                  .size = 7 };
  each->outage = (PtOutageWrite){
    (guint32) number, 0, { PT_CHANGE_OPEN, .start_seq = 1, .start = (gint64) number }, 10
  };
  each->group = (PtGroup){ .entries = each->rows,
                           .entry_count = both ? 2 : 1,
                           .tails = each->tails,
                           .tail_count = both ? 2 : 1,
                           .outages = &each->outage,
                           .outage_count = 1 };
  return &each->group;
}

static PtErrorCode
commit (World *world, PtGroup *group)
{
  g_autoptr (GError) error = NULL;

  if (pt_store_commit (world->fixture.store, group, &error))
    return PT_ERROR_COUNT;
  g_assert_true (error->domain == PT_ERROR);
  return (PtErrorCode) error->code;
}

#define GOES_WELL PT_ERROR_COUNT

/* As who sends again what was not taken in. */
static PtErrorCode
commit_again (World *world, PtGroup *group)
{
  gint64 late = pt_test_late ();
  PtErrorCode code;

  do
    code = commit (world, group);
  while (code == PT_ERROR_RETRY && g_get_monotonic_time () < late);
  return code;
}

static gboolean
count_row (const PtOutageRow *row, gpointer user_data, GError **error)
{
  (*(guint *) user_data)++;
  return TRUE;
}

static guint
count_outages (World *world)
{
  const PtOutageQuery all = { .area = -1, .limit = 1000 };
  g_autoptr (GError) error = NULL;
  gint64 late = pt_test_late ();
  guint count;

  do
    {
      g_clear_error (&error);
      count = 0;
      pt_store_outages (world->fixture.store, &all, count_row, &count, &error);
    }
  while (g_error_matches (error, PT_ERROR, PT_ERROR_RETRY) && g_get_monotonic_time () < late);
  g_assert_no_error (error);
  return count;
}

/* Writers */

/* Who opens the store takes it over: the one before writes nothing any more, and says so. */
static void
test_taken_over (World *world, gconstpointer data)
{
  PtStore *before = world->fixture.store;
  g_autoptr (GError) error = NULL;
  OneEach each;
  PtSeal seal;

  g_assert_cmpint (commit (world, one_each (&each, 1, TRUE)), ==, GOES_WELL);
  world_open (world);
  g_assert_cmpint (commit (world, one_each (&each, 2, TRUE)), ==, GOES_WELL);
  seal = make_seal (&world->fixture, 0, 1000, 1);
  g_assert_false (pt_store_commit (before, one_each (&each, 2, TRUE), &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
  g_assert_nonnull (strstr (error->message, "Another process"));
  g_clear_error (&error);
  g_assert_false (pt_store_seal (before, &seal, 1, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
  g_clear_error (&error);
  g_assert_cmpint (commit (world, one_each (&each, 3, TRUE)), ==, GOES_WELL);
  g_assert_true (pt_store_seal (world->fixture.store, &seal, 1, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_outages (world), ==, 3);
  pt_store_free (before);
}

static void
put_entry (World *world, guint64 number, gint64 token)
{
  mongoc_collection_t *entries = collection (world, "entries");
  g_autofree char *key = g_strdup_printf ("000000.%010" G_GINT64_MODIFIER "x", number);
  bson_t *document = BCON_NEW ("_id", BCON_UTF8 (key), "t", BCON_INT64 (token), "r", BCON_INT64 (1),
                               "b", BCON_BIN (BSON_SUBTYPE_BINARY, (const guint8 *) "old", 3));

  g_assert_true (mongoc_collection_insert_one (entries, document, NULL, NULL, NULL));
  bson_destroy (document);
  mongoc_collection_destroy (entries);
}

/* What lies beyond a tail was never committed: nobody reads it, the next writer writes over it. One
 * of whoever came later is none of that. */
static void
test_beyond_the_tail (World *world, gconstpointer data)
{
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  OneEach each;

  put_entry (world, 1, 0);
  put_entry (world, 2, 1);
  g_assert_true (pt_store_read_entry (world->fixture.store, 0, 1, &body, &error));
  g_assert_null (body);
  g_assert_cmpint (commit (world, one_each (&each, 1, TRUE)), ==, GOES_WELL);
  g_assert_true (pt_store_read_entry (world->fixture.store, 0, 1, &body, &error));
  g_assert_cmpuint (g_bytes_get_size (body), ==, 7);
  put_entry (world, 3, 1);
  g_assert_cmpint (commit (world, one_each (&each, 2, TRUE)), ==, GOES_WELL);
  g_assert_cmpint (commit (world, one_each (&each, 3, FALSE)), ==, GOES_WELL);
  put_entry (world, 4, 1000);
  g_assert_cmpint (commit (world, one_each (&each, 4, FALSE)), ==, PT_ERROR_STOP);
  g_assert_cmpuint (tail_of (world, 0), ==, 3);
}

static void
set_token (World *world, const char *key, gint64 token)
{
  mongoc_collection_t *areas = collection (world, "areas");
  bson_t *filter = BCON_NEW ("_id", BCON_UTF8 (key));
  bson_t *update = BCON_NEW ("$set", "{", "token", BCON_INT64 (token), "}");

  g_assert_true (mongoc_collection_update_one (areas, filter, update, NULL, NULL, NULL));
  bson_destroy (filter);
  bson_destroy (update);
  mongoc_collection_destroy (areas);
}

/* Each area is all or none, and the answer tells which. */
static void
test_each_area (World *world, gconstpointer data)
{
  OneEach each;

  g_assert_cmpint (commit (world, one_each (&each, 1, TRUE)), ==, GOES_WELL);
  g_assert_true (each.tails[0].moved && each.tails[1].moved);
  set_token (world, "000001", 1000); /* another one's */
  g_assert_cmpint (commit (world, one_each (&each, 2, TRUE)), ==, PT_ERROR_STOP);
  g_assert_true (each.tails[0].moved);
  g_assert_false (each.tails[1].moved);
  g_assert_cmpuint (tail_of (world, 0), ==, 2);
  g_assert_cmpuint (tail_of (world, 1), ==, 1);
  g_assert_cmpuint (count_outages (world), ==, 2);
}

/* Several processes */

/* NULL: the server is none for several. */
static PtStore *
open_member (World *world, const char *name)
{
  PtMemberRow row = { 0 };
  g_autoptr (GError) error = NULL;
  PtStore *store = pt_mongodb_store_new_shared (world->address, NULL, &error);

  if (store == NULL)
    {
      g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
      return NULL;
    }
  g_assert_true (pt_store_is_shared (store));
  g_strlcpy (row.name, name, sizeof row.name);
  g_strlcpy (row.clients, "https://a.example", sizeof row.clients);
  g_assert_true (pt_store_beat (store, &row, &error));
  g_assert_no_error (error);
  return store;
}

static guint64
beat_of (PtStore *store, guint index, const char *name, guint count)
{
  g_autoptr (GArray) members = pt_store_members (store, NULL);
  const PtMemberRow *row;

  g_assert_cmpuint (members->len, ==, count);
  row = &g_array_index (members, PtMemberRow, index);
  g_assert_cmpstr (row->name, ==, name);
  g_assert_cmpstr (row->clients, ==, "https://a.example");
  g_assert_cmpstr (row->members, ==, "");
  return row->beat;
}

static void
test_members (World *world, gconstpointer data)
{
  g_autoptr (PtStore) a = open_member (world, "a"), b = NULL, again = NULL;
  PtMemberRow row = { .name = "a", .clients = "https://a.example" };
  g_autoptr (GError) error = NULL;
  guint64 beat;

  g_assert_false (pt_store_is_shared (world->fixture.store));
  if (a == NULL)
    return;
  beat = beat_of (a, 0, "a", 1);
  g_assert_true (pt_store_beat (a, &row, &error));
  g_assert_cmpuint (beat_of (a, 0, "a", 1), >, beat);
  b = open_member (world, "b");
  beat = beat_of (b, 0, "a", 2);
  again = open_member (world, "a");
  g_assert_cmpuint (beat_of (b, 0, "a", 2), >, beat);
  g_assert_false (pt_store_beat (a, &row, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
  g_clear_error (&error);
  g_assert_true (pt_store_leave (a, &error)); /* it is no member any more, and the other stays */
  beat_of (b, 0, "a", 2);
  g_assert_true (pt_store_beat (again, &row, &error));
  g_assert_true (pt_store_leave (again, &error));
  g_assert_no_error (error);
  beat_of (b, 0, "b", 1);
}

static guint64
token_of (PtStore *store, guint32 area, const char *holder)
{
  g_autoptr (GArray) leases = pt_store_leases (store, NULL);
  const PtLeaseRow *row = &g_array_index (leases, PtLeaseRow, area);

  g_assert_cmpuint (leases->len, ==, 2);
  g_assert_cmpstr (row->holder, ==, holder);
  return row->token;
}

static void
take (PtStore *store, guint32 area, const char *holder)
{
  g_autoptr (GError) error = NULL;
  guint64 token = token_of (store, area, holder), taken = 0;

  g_assert_true (pt_store_lease_take (store, area, token, &taken, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (taken, >, token);
}

static void
assert_not_taken (PtStore *store, guint32 area, guint64 token)
{
  g_autoptr (GError) error = NULL;
  guint64 taken;

  g_assert_false (pt_store_lease_take (store, area, token, &taken, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
}

static PtErrorCode
commit_by (World *world, PtStore *store, PtGroup *group)
{
  world->fixture.store = store;
  return commit (world, group);
}

/* Of two that saw the same one is faster. What the other wrote before is there, what it writes from
 * then on is not, and it goes on with what else it has. */
static void
test_leases (World *world, gconstpointer data)
{
  PtStore *alone = world->fixture.store;
  g_autoptr (PtStore) a = open_member (world, "a"), b = a != NULL ? open_member (world, "b") : NULL;
  guint64 seen;
  OneEach each;

  if (a == NULL)
    return;
  take (a, 0, "");
  take (a, 1, "");
  g_assert_cmpint (commit (world, one_each (&each, 1, TRUE)), ==, PT_ERROR_STOP);
  g_assert_cmpint (commit_by (world, a, one_each (&each, 1, TRUE)), ==, GOES_WELL);
  seen = token_of (b, 0, "a");
  g_assert_cmpint (commit_by (world, b, one_each (&each, 2, FALSE)), ==, PT_ERROR_CONFLICT);
  take (b, 0, "a");
  assert_not_taken (a, 0, seen);
  g_assert_cmpint (commit_by (world, a, one_each (&each, 2, TRUE)), ==, PT_ERROR_CONFLICT);
  g_assert_false (each.tails[0].moved);
  g_assert_true (each.tails[1].moved);
  g_assert_cmpint (commit_by (world, a, one_each (&each, 2, FALSE)), ==, PT_ERROR_CONFLICT);
  g_assert_cmpuint (tail_of (world, 0), ==, 1);
  g_assert_cmpint (commit_by (world, b, one_each (&each, 2, FALSE)), ==, GOES_WELL);
  g_assert_cmpuint (count_outages (world), ==, 2);
  /* Given: nobody's, and its holder's before no more. */
  g_assert_true (pt_store_lease_give (b, 0, NULL));
  g_assert_cmpint (commit_by (world, b, one_each (&each, 3, FALSE)), ==, PT_ERROR_CONFLICT);
  g_assert_false (pt_store_lease_give (b, 0, NULL));
  take (a, 0, "");
  g_assert_cmpint (commit_by (world, a, one_each (&each, 3, TRUE)), ==, GOES_WELL);
  world->fixture.store = alone;
}

static void
save_history (PtStore *store, gint64 seq)
{
  PtSubjectRow row = { .subject = pt_subject_device (0), .area = 0, .folded_to = 2 };
  PtOutageChange change;

  pt_history_init (&row.history);
  pt_history_apply (&row.history, &(PtReport){ seq, 100, 110, PT_POWER_ON, 0, 1 }, &change);
  pt_store_save_histories (store, &row, 1, NULL);
  pt_history_clear (&row.history);
}

static gboolean
take_seq (PtSubjectRow *row, gpointer user_data, GError **error)
{
  *(gint64 *) user_data = row->history.latest.seq;
  return TRUE;
}

/* What is written of an area bears the token that it was taken with: one who took another area
 * since does not get at it. */
static void
test_lease_tokens (World *world, gconstpointer data)
{
  PtStore *alone = world->fixture.store;
  g_autoptr (PtStore) a = open_member (world, "a"), b = a != NULL ? open_member (world, "b") : NULL;
  g_autoptr (GError) error = NULL;
  gint64 seq = 0;

  if (a == NULL)
    return;
  take (a, 0, "");
  world->fixture.store = a;
  commit_device (&world->fixture, 0, 0, "first", TRUE);
  save_history (a, 8);
  take (b, 0, "a");
  save_history (b, 9);
  take (a, 1, "");
  save_history (a, 10);
  g_assert_true (pt_store_scan_subjects (b, PT_SUBJECT_DEVICE, take_seq, &seq, &error));
  g_assert_no_error (error);
  g_assert_cmpint (seq, ==, 9);
  world->fixture.store = alone;
}

/* Each area has one number, whoever adds it. */
static void
test_areas_of_several (World *world, gconstpointer data)
{
  g_autoptr (PtStore) a = open_member (world, "a"), b = a != NULL ? open_member (world, "b") : NULL;
  PtAreaRow row = { .number = 2, .id = "hill" };
  g_autoptr (GArray) leases = NULL;
  g_autoptr (GError) error = NULL;

  if (a == NULL)
    return;
  g_assert_true (pt_store_add_area (b, &row, &error));
  g_strlcpy (row.id, "shore", sizeof row.id);
  g_assert_false (pt_store_add_area (a, &row, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (&error);
  row.number = 3;
  g_assert_true (pt_store_add_area (a, &row, &error));
  g_assert_no_error (error);
  leases = pt_store_leases (a, NULL);
  g_assert_cmpuint (leases->len, ==, 4);
  g_assert_cmpstr (g_array_index (leases, PtLeaseRow, 2).holder, ==, "b");
  g_assert_cmpstr (g_array_index (leases, PtLeaseRow, 3).holder, ==, "a");
}

/* Seals, and what comes after them. */
static void
test_leases_of_batches (World *world, gconstpointer data)
{
  PtStore *alone = world->fixture.store;
  g_autoptr (PtStore) a = open_member (world, "a"), b = a != NULL ? open_member (world, "b") : NULL;
  PtTransactionRow *transaction;
  g_autoptr (GError) error = NULL;
  PtBatchRow row;
  OneEach each;
  PtSeal seal;

  if (a == NULL)
    return;
  take (a, 0, "");
  g_assert_cmpint (commit_by (world, a, one_each (&each, 1, FALSE)), ==, GOES_WELL);
  seal = make_seal (&world->fixture, 0, 1000, 1);
  take (b, 0, "a");
  g_assert_false (pt_store_seal (a, &seal, 1, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_true (pt_store_seal (b, &seal, 1, &error));
  take (a, 0, "b");
  row = batch_row (&world->fixture, 0, 1);
  g_assert_false (pt_store_published (b, &row, 1, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_true (pt_store_published (a, &row, 1, &error));
  transaction = make_transaction (1, 1);
  g_assert_false (pt_store_submit (b, transaction, &row, 1, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_true (pt_store_submit (a, transaction, &row, 1, &error));
  g_assert_no_error (error);
  g_assert_cmpint (batch_row (&world->fixture, 0, 1).state, ==, PT_BATCH_SUBMITTED);
  pt_transaction_row_free (transaction);
  world->fixture.store = alone;
}

/* What a commit holds and its holder could not write any more, who takes the area writes. */
static void
test_lease_of_the_dead (World *world, gconstpointer data)
{
  PtStore *alone = world->fixture.store;
  g_autoptr (PtStore) a = open_member (world, "a"), b = NULL;
  OneEach each;

  if (a == NULL)
    return;
  take (a, 0, "");
  pt_proxy_cut_at (world->proxy, "update", "outages", PT_PROXY_NOT_PERSISTED, FALSE);
  g_assert_cmpint (commit_by (world, a, one_each (&each, 1, FALSE)), ==, GOES_WELL);
  g_assert_cmpuint (pt_proxy_cuts (world->proxy), ==, 1);
  b = open_member (world, "b");
  take (b, 0, "a");
  world->fixture.store = b;
  g_assert_cmpuint (count_outages (world), ==, 1);
  world->fixture.store = a;
  g_assert_cmpuint (count_outages (world), ==, 1);
  g_assert_cmpint (commit_by (world, a, one_each (&each, 2, FALSE)), ==, PT_ERROR_CONFLICT);
  g_assert_cmpint (commit_by (world, b, one_each (&each, 2, FALSE)), ==, GOES_WELL);
  world->fixture.store = alone;
}

/* Breaks */

/* Whether it holds is learnt: what was not written is written when it comes again, what was written
 * is known to be. Where that can't be learnt at once, the next commit does. */
static void
test_broken_commit (World *world, gconstpointer data)
{
  static const struct
  {
    const char *command, *collection;
    PtProxyCut cut;
    gboolean then_down, holds;
  } breaks[] = {
    { "insert", "entries", PT_PROXY_NOT_PERSISTED, FALSE, FALSE },
    { "insert", "entries", PT_PROXY_PERSISTED, FALSE, FALSE },
    { "insert", "redo", PT_PROXY_NOT_PERSISTED, FALSE, FALSE },
    { "insert", "redo", PT_PROXY_PERSISTED, FALSE, FALSE },
    { "update", "areas", PT_PROXY_NOT_PERSISTED, FALSE, FALSE },
    { "update", "areas", PT_PROXY_PERSISTED, FALSE, TRUE },
    { "update", "areas", PT_PROXY_NOT_PERSISTED, TRUE, FALSE },
    { "update", "areas", PT_PROXY_PERSISTED, TRUE, TRUE },
    { "update", "outages", PT_PROXY_NOT_PERSISTED, FALSE, TRUE },
    { "update", "outages", PT_PROXY_PERSISTED, FALSE, TRUE },
    { "update", "outages", PT_PROXY_NOT_PERSISTED, TRUE, TRUE },
    { "delete", "redo", PT_PROXY_NOT_PERSISTED, TRUE, TRUE },
  };
  OneEach each;

  for (guint64 i = 0; i < G_N_ELEMENTS (breaks); i++)
    {
      PtErrorCode code;

      g_test_message ("%s %s, %s%s", breaks[i].command, breaks[i].collection,
                      breaks[i].cut == PT_PROXY_PERSISTED ? "persisted" : "not persisted",
                      breaks[i].then_down ? ", then down" : "");
      pt_proxy_cut_at (world->proxy, breaks[i].command, breaks[i].collection, breaks[i].cut,
                       breaks[i].then_down);
      code = commit (world, one_each (&each, i + 1, TRUE));
      g_assert_cmpuint (pt_proxy_cuts (world->proxy), ==, i + 1);
      g_assert_true (code == PT_ERROR_RETRY || (code == GOES_WELL && breaks[i].holds));
      if (code == GOES_WELL)
        g_assert_true (each.tails[0].moved && each.tails[1].moved);
      pt_proxy_up (world->proxy);
      if (code == PT_ERROR_RETRY)
        {
          code = commit_again (world, one_each (&each, i + 1, TRUE));
          g_assert_cmpint (code, ==, breaks[i].holds ? PT_ERROR_STOP : GOES_WELL);
          g_assert_true (each.tails[0].came_late == breaks[i].holds);
          world_reopen (world);
        }
      g_assert_cmpuint (tail_of (world, 0), ==, i + 1);
      g_assert_cmpuint (tail_of (world, 1), ==, i + 1);
      g_assert_cmpuint (count_outages (world), ==, i + 1);
    }
}

/* What follows from a commit is written by the next start, where this one could not any more. */
static void
test_redone_at_start (World *world, gconstpointer data)
{
  mongoc_collection_t *redo = collection (world, "redo");
  bson_t every = BSON_INITIALIZER;
  OneEach each;

  pt_proxy_cut_at (world->proxy, "update", "outages", PT_PROXY_NOT_PERSISTED, TRUE);
  g_assert_cmpint (commit (world, one_each (&each, 1, TRUE)), ==, GOES_WELL);
  pt_store_free (world->fixture.store);
  pt_proxy_up (world->proxy);
  g_assert_cmpint (mongoc_collection_count_documents (redo, &every, NULL, NULL, NULL, NULL), ==, 1);
  world_open (world);
  g_assert_cmpuint (count_outages (world), ==, 1);
  g_assert_cmpint (mongoc_collection_count_documents (redo, &every, NULL, NULL, NULL, NULL), ==, 0);
  /* And what never held is not. */
  pt_proxy_cut_at (world->proxy, "update", "areas", PT_PROXY_NOT_PERSISTED, TRUE);
  g_assert_cmpint (commit (world, one_each (&each, 2, TRUE)), ==, PT_ERROR_RETRY);
  pt_store_free (world->fixture.store);
  pt_proxy_up (world->proxy);
  world_open (world);
  g_assert_cmpuint (tail_of (world, 0), ==, 1);
  g_assert_cmpuint (count_outages (world), ==, 1);
  g_assert_cmpint (mongoc_collection_count_documents (redo, &every, NULL, NULL, NULL, NULL), ==, 0);
  mongoc_collection_destroy (redo);
}

/* The steps of batches: each is there or not, its batches follow it, and said again it is a
 * conflict or done. */
static PtErrorCode
submit (World *world, PtTransactionRow *transaction, const PtBatchRow *rows)
{
  g_autoptr (GError) error = NULL;

  return pt_store_submit (world->fixture.store, transaction, rows, 2, &error)
             ? GOES_WELL
             : (PtErrorCode) error->code;
}

static void
test_broken_submit (World *world, gconstpointer data)
{
  PtTransactionRow *transaction = make_transaction (7, 1);
  g_autoptr (GPtrArray) pending = NULL;
  g_autoptr (GError) error = NULL;
  PtBatchRow rows[2];
  OneEach each;

  g_assert_cmpint (commit (world, one_each (&each, 1, TRUE)), ==, GOES_WELL);
  for (guint32 area = 0; area < 2; area++)
    {
      seal_one (&world->fixture, area, 1000, 1);
      rows[area] = batch_row (&world->fixture, (gint32) area, 1);
    }
  pt_store_published (world->fixture.store, rows, 2, &error);
  g_assert_no_error (error);
  pt_proxy_cut_at (world->proxy, "insert", "transactions", PT_PROXY_NOT_PERSISTED, FALSE);
  g_assert_cmpint (submit (world, transaction, rows), ==, PT_ERROR_RETRY);
  g_assert_cmpint (batch_row (&world->fixture, 0, 1).state, ==, PT_BATCH_PUBLISHED);
  pt_proxy_cut_at (world->proxy, "insert", "transactions", PT_PROXY_PERSISTED, FALSE);
  g_assert_cmpint (submit (world, transaction, rows), ==, PT_ERROR_RETRY);
  pending = pt_store_transactions (world->fixture.store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (pending->len, ==, 1);
  transaction->id = ((PtTransactionRow *) g_ptr_array_index (pending, 0))->id;
  g_assert_cmpint (submit (world, transaction, rows), ==, PT_ERROR_CONFLICT);
  /* The batches of one that is mined follow at the next start. */
  transaction->block = 9;
  pt_proxy_cut_at (world->proxy, "update", "batches", PT_PROXY_NOT_PERSISTED, TRUE);
  g_assert_true (pt_store_mined (world->fixture.store, transaction, &error));
  g_assert_no_error (error);
  pt_store_free (world->fixture.store);
  pt_proxy_up (world->proxy);
  world_open (world);
  for (gint32 area = 0; area < 2; area++)
    {
      PtBatchRow row = batch_row (&world->fixture, area, 1);

      g_assert_cmpint (row.state, ==, PT_BATCH_SUBMITTED);
      g_assert_cmpuint (row.transaction_id, ==, transaction->id);
      g_assert_cmpuint (row.block, ==, 9);
    }
  pt_transaction_row_free (transaction);
}

/* A seal that broke: heads and batches tell the same. */
static void
test_broken_seal (World *world, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  OneEach each;
  PtSeal seals[2];

  g_assert_cmpint (commit (world, one_each (&each, 1, TRUE)), ==, GOES_WELL);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GArray) areas = NULL, batches = NULL;
      const PtBatchQuery all = { .area = -1, .state = -1, .limit = 100 };
      guint64 heads;

      for (guint32 area = 0; area < 2; area++)
        seals[area] = make_seal (&world->fixture, area, 1000 * (i + 1), 1);
      pt_proxy_cut_at (world->proxy, "update", i < 2 ? "areas" : "batches", (PtProxyCut) (i % 2),
                       FALSE);
      if (!pt_store_seal (world->fixture.store, seals, 2, &error))
        g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
      g_clear_error (&error);
      batches = pt_store_batches (world->fixture.store, &all, &error);
      g_assert_no_error (error);
      areas = pt_store_areas (world->fixture.store, &error);
      g_assert_no_error (error);
      heads = g_array_index (areas, PtAreaRow, 0).head.batch
              + g_array_index (areas, PtAreaRow, 1).head.batch;
      g_assert_cmpuint (batches->len, ==, heads);
      g_assert_cmpuint (heads, ==, 2 * i);
    }
}

/* Addresses */

static void
assert_not_opened (const char *address, const char *password, PtErrorCode code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_mongodb_store_new (address, password, &error));
  g_assert_error (error, PT_ERROR, (int) code);
  g_assert_null (strstr (error->message, "s3cret"));
  g_test_message ("%s", error->message);
}

static void
test_addresses (World *world, gconstpointer data)
{
  g_autofree char *nobody = g_strdup_printf (
      "mongodb://127.0.0.1:%u/x?serverSelectionTimeoutMS=100", pt_test_free_port ());
  g_autofree char *refused = g_strdup_printf (
      "mongodb://powertrack:s3cret@127.0.0.1:%u/x?directConnection=true", world->proxy->port);

  assert_not_opened ("mongodb://", NULL, PT_ERROR_CONFIGURATION);
  assert_not_opened ("mongodb://user:s3cret@", NULL, PT_ERROR_CONFIGURATION);
  assert_not_opened ("mongodb://user:s3cret@/@here", NULL, PT_ERROR_CONFIGURATION);
  assert_not_opened ("mongodb://user@127.0.0.1/x", "s3cret\xff", PT_ERROR_CONFIGURATION);
  assert_not_opened (nobody, NULL, PT_ERROR_RETRY);
  assert_not_opened (refused, NULL, PT_ERROR_OPERATOR);
}

static void
test_newer_schema (World *world, gconstpointer data)
{
  mongoc_collection_t *meta = collection (world, "meta");
  bson_t *filter = BCON_NEW ("_id", BCON_UTF8 ("schema"));
  bson_t *update = BCON_NEW ("$set", "{", "version", BCON_INT64 (1000), "}");
  OneEach each;

  g_assert_true (mongoc_collection_update_one (meta, filter, update, NULL, NULL, NULL));
  assert_not_opened (world->address, NULL, PT_ERROR_CONFIGURATION);
  /* It was not touched: whoever has it goes on. */
  g_assert_cmpint (commit (world, one_each (&each, 1, TRUE)), ==, GOES_WELL);
  bson_destroy (filter);
  bson_destroy (update);
  mongoc_collection_destroy (meta);
}

static const struct
{
  const char *name;
  void (*func) (World *world, gconstpointer data);
} tests[] = {
  { "taken-over", test_taken_over },
  { "beyond-the-tail", test_beyond_the_tail },
  { "each-area", test_each_area },
  { "members", test_members },
  { "leases", test_leases },
  { "lease-tokens", test_lease_tokens },
  { "areas-of-several", test_areas_of_several },
  { "leases-of-batches", test_leases_of_batches },
  { "lease-of-the-dead", test_lease_of_the_dead },
  { "broken-commit", test_broken_commit },
  { "redone-at-start", test_redone_at_start },
  { "broken-submit", test_broken_submit },
  { "broken-seal", test_broken_seal },
  { "addresses", test_addresses },
  { "newer-schema", test_newer_schema },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/mongodb-store/", tests[i].name, NULL);

      g_test_add (path, World, NULL, world_set_up, tests[i].func, world_tear_down);
    }
  return g_test_run ();
}
