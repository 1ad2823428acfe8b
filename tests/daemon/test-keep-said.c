/* SPDX-License-Identifier: Apache-2.0 */
/* A database is made again from the batches: receipts and private parts come over from the one
 * before, of what is the same in both. */
#include "pt-anchor-call.h"
#include "pt-complaint-fixture.h"
#include "pt-keep-said.h"
#include "pt-replay-batch.h"

static gboolean
describe_private (const PtPrivateRow *row, gpointer user_data, GError **error)
{
  g_string_append_printf (user_data, "private %" G_GINT64_FORMAT " %s %u %s\n", row->n,
                          row->text != NULL ? "text" : "erased", row->photo_count,
                          row->moderation.hidden ? row->moderation.reason : "shown");
  return TRUE;
}

static gboolean
describe_said (const PtSaidRow *row, gpointer user_data, GError **error)
{
  g_autofree char *digest = row->receipt != NULL
                                ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, row->receipt)
                                : NULL;

  g_string_append_printf (user_data, "%d %s %" G_GINT64_FORMAT " %02x %s\n", row->kind, row->name,
                          row->n, row->leaf.bytes[0], digest != NULL ? digest : "none");
  return TRUE;
}

static char *
describe (PtStore *store, const char *complaint)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  pt_store_scan_said (store, 0, 0, describe_said, text, &error);
  g_assert_no_error (error);
  pt_store_privates (store, 0, complaint, 1, describe_private, text, &error);
  g_assert_no_error (error);
  return g_string_free (text, FALSE);
}

/* The log of the one, entry by entry as it stands, in a store of its own: @store, or SQLite. */
static PtWorld *
make_again (PtWorld *world, PtStore *store)
{
  char *path = g_dir_make_tmp ("pt-again-XXXXXX", NULL);
  PtWorld *again = pt_world_alloc (path, pt_world_now (world), store);
  g_autoptr (GArray) rows = NULL;
  g_autoptr (GError) error = NULL;
  PtBatchQuery query = { .area = 0, .state = -1, .limit = 10 };
  g_autoptr (GArray) areas = NULL;
  PtReplayLog log;
  PtCheckpoint checkpoint;

  pt_test_key_init (&again->authority);
  pt_test_key_init (&again->service);
  pt_world_start (again);
  areas = pt_store_areas (world->store, &error);
  rows = pt_store_batches (world->store, &query, &error);
  g_assert_cmpuint (rows->len, ==, 1);
  pt_committer_add_area (again->pipeline->committer, "east", world->authority.signer.public_key,
                         world->service.signer.public_key, NULL, &error);
  g_assert_no_error (error);
  log = (PtReplayLog){ again->store, world->pipeline->blocks, again->pipeline->directory,
                       again->pipeline->committer };
  checkpoint = pt_anchor_checkpoint (&g_array_index (rows, PtBatchRow, 0));
  g_array_unref (g_steal_pointer (&areas));
  areas = pt_store_areas (again->store, &error);
  g_assert_cmpint (
      pt_replay_batch (&log, &g_array_index (areas, PtAreaRow, 0), &checkpoint, &error), ==,
      PT_REPLAY_SEALED);
  g_assert_no_error (error);
  return again;
}

static void
test_kept (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = { .world = world, .id = "1234567890", .site = "tx-1" };
  g_autofree char *line = NULL, *wanted = NULL, *without = NULL, *got = NULL;
  PtAttachment *attachment = pt_attachment_new ();
  g_autoptr (PtWorld) again = NULL;
  g_autoptr (GError) error = NULL;
  PtTestReply reply;
  const PtModeration moderation = { TRUE, "officer-1", 5, "names a neighbour" };
  guint count;

  pt_test_add_profile (world);
  pt_test_add_official (world, "officer-1");
  line = pt_chain_sign_by (&chain, PT_ACTION_FILE, "citizen-1", "words", NULL);
  attachment->text = g_bytes_new ("words", 5);
  attachment->photos[attachment->photo_count++]
      = (PtPhoto){ { { 7 } }, "image/png", g_bytes_new ("PNG", 3) };
  pt_reply_push (&reply, world, &pt_kind_action, line, attachment);
  pt_reply_wait (&reply, PT_ACCEPTED);
  chain.n = 1;
  chain.leaf = reply.outcome.leaf;
  pt_reply_clear (&reply);
  pt_chain_act (&chain, PT_ACTION_ACKNOWLEDGE, "officer-1", "", NULL);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  g_assert_true (pt_store_moderate (world->store, 0, chain.id, 1, &moderation, &error));
  wanted = describe (world->store, chain.id);
  g_assert_nonnull (strstr (wanted, "names a neighbour"));
  again = make_again (world, pt_memory_store_new ());
  without = describe (again->store, chain.id);
  g_assert_null (strstr (without, "private"));
  g_assert_nonnull (strstr (without, "none"));
  /* What came after is not in the other. */
  pt_chain_act (&chain, PT_ACTION_WITHDRAW, "citizen-1", NULL, NULL);
  g_assert_true (pt_keep_said (world->store, again->store, 0, &count, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count, ==, 1);
  got = describe (again->store, chain.id);
  g_assert_cmpstr (got, ==, wanted);
}

/* What was erased before stays so, and nothing of it comes back. */
static void
test_erased (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTestChain chain = { .world = world, .id = "1234567890", .site = "tx-1" };
  const PtErasure erasure = { 0, chain.id, 1 };
  const PtGroup group = { .erasures = &erasure, .erasure_count = 1 };
  g_autofree char *line = NULL, *wanted = NULL, *got = NULL;
  PtAttachment *attachment = pt_attachment_new ();
  g_autoptr (PtWorld) again = NULL;
  g_autoptr (GError) error = NULL;
  PtTestReply reply;
  guint count;

  pt_test_add_profile (world);
  line = pt_chain_sign_by (&chain, PT_ACTION_FILE, "citizen-1", "words", NULL);
  attachment->text = g_bytes_new ("words", 5);
  pt_reply_push (&reply, world, &pt_kind_action, line, attachment);
  pt_reply_wait (&reply, PT_ACCEPTED);
  pt_reply_clear (&reply);
  g_assert_true (pt_store_commit (world->store, &group, &error));
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  wanted = describe (world->store, chain.id);
  g_assert_nonnull (strstr (wanted, "erased"));
  again = make_again (world, NULL);
  g_assert_true (pt_keep_said (world->store, again->store, 0, &count, &error));
  got = describe (again->store, chain.id);
  g_assert_cmpstr (got, ==, wanted);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/keep-said/kept", Fixture, NULL, set_up, test_kept, tear_down);
  g_test_add ("/keep-said/kept-in-memory", Fixture, "memory", set_up, test_kept, tear_down);
  g_test_add ("/keep-said/erased", Fixture, NULL, set_up, test_erased, tear_down);
  return g_test_run ();
}
