/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at a real chain: what is read is what is there, and who could not look has learnt nothing.
 */
#include "pt-chain-fixture.h"
#include "pt-looker.h"

typedef struct
{
  PtHold *hold;
  PtLooker *looker;
  PtRpc *rpc; /* by way of the proxy */
} Looking;

static Looking
begin (PtChainFixture *fixture)
{
  Looking looking
      = { .hold = pt_hold_new (fixture->health, TRUE), .rpc = pt_rpc_new (fixture->proxy.url) };

  pt_rpc_set_patience (looking.rpc, 0);
  looking.looker = pt_looker_new (fixture->store, looking.hold, fixture->contract, 0);
  return looking;
}

static void
end (Looking *looking)
{
  pt_looker_free (looking->looker);
  pt_hold_free (looking->hold);
  pt_rpc_free (looking->rpc);
}

/* Of the area, or -1 when it could not look. */
static int
look (PtChainFixture *fixture, Looking *looking, guint32 area)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = pt_store_areas (fixture->store, &error);
  g_autoptr (GPtrArray) looks = NULL;
  PtContract at;

  g_assert_no_error (error);
  looks = pt_looker_look (looking->looker, looking->rpc, areas, &at, &error);
  if (looks == NULL)
    {
      g_test_message ("%s", error->message);
      return -1;
    }
  g_assert_cmpuint (looks->len, ==, areas->len);
  return (int) ((PtLook *) g_ptr_array_index (looks, area))->found;
}

static guint64
ahead (PtChainFixture *fixture, guint32 area)
{
  g_autoptr (GArray) areas = pt_store_areas (fixture->store, NULL);

  return g_array_index (areas, PtAreaRow, area).ahead;
}

/* Anchors the area's oldest @count batches, of which the store is not told. */
static void
anchor (PtChainFixture *fixture, guint32 area, guint count)
{
  g_autoptr (GError) error = NULL;
  PtBatchQuery query = { .area = (gint32) area, .state = -1 };
  g_autoptr (GArray) rows = NULL;

  for (guint i = 1; i <= count; i++)
    {
      g_autoptr (GArray) row = NULL;
      g_autoptr (GBytes) call = NULL;
      PtHash hash;

      query.batch = pt_chain_latest (fixture, "east").batch + 1;
      row = pt_store_batches (fixture->store, &query, &error);
      g_assert_no_error (error);
      call = pt_anchor_call_data ((PtBatchRow *) (gpointer) row->data, 1, &error);
      g_assert_no_error (error);
      hash = pt_chain_send (fixture, fixture->contract, g_bytes_get_data (call, NULL),
                            g_bytes_get_size (call), NULL);
      pt_chain_wait (fixture, &hash);
    }
}

static void
test_registration (PtChainFixture *fixture, gconstpointer data)
{
  Looking looking = begin (fixture);

  pt_fixture_add_area (fixture, "east", FALSE);
  g_assert_cmpint (look (fixture, &looking, 0), ==, PT_RECONCILE_NOT_THERE);
  g_assert_true (pt_hold_may_seal (looking.hold, 0));
  pt_chain_register (fixture, "east");
  g_assert_cmpint (look (fixture, &looking, 0), ==, PT_RECONCILE_SAME);
  end (&looking);
}

static void
test_other_keys (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtAreaRow row = { .id = "east", .authority_key = { 4, 1 }, .service_key = { 4, 2 } };
  Looking looking = begin (fixture);

  pt_store_add_area (fixture->store, &row, &error);
  g_assert_no_error (error);
  pt_chain_register (fixture, "east");
  g_assert_cmpint (look (fixture, &looking, 0), ==, PT_RECONCILE_OTHER_KEYS);
  g_assert_false (pt_hold_may_seal (looking.hold, 0));
  g_assert_true (pt_hold_may_take (looking.hold, NULL));
  g_assert_false (pt_looker_start (looking.looker, looking.rpc, 60, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  end (&looking);
}

/* Batches that the store does not have: a second one on the same chain stands for the copy. */
static void
test_behind (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (PtStore) copy = NULL;
  Looking looking;

  pt_fixture_add_area (fixture, "east", TRUE);
  pt_fixture_seal (fixture, 0);
  pt_fixture_seal (fixture, 0);
  anchor (fixture, 0, 2);
  copy = fixture->store;
  fixture->store = pt_memory_store_new ();
  pt_fixture_add_area (fixture, "east", FALSE);
  looking = begin (fixture);
  g_assert_cmpint (look (fixture, &looking, 0), ==, PT_RECONCILE_BEHIND);
  pt_fixture_seal (fixture, 0);
  g_assert_cmpint (look (fixture, &looking, 0), ==, PT_RECONCILE_BEHIND);
  g_assert_cmpuint (ahead (fixture, 0), ==, 2);
  g_assert_false (pt_hold_may_take (looking.hold, NULL));
  g_assert_false (pt_hold_may_seal (looking.hold, 0));
  end (&looking);

  /* A start that can't look does not open what was closed. */
  looking = begin (fixture);
  pt_proxy_fail (&fixture->proxy, NULL, PT_PROXY_LOSE_REQUEST, G_MAXUINT);
  g_assert_true (pt_looker_start (looking.looker, looking.rpc, 60, NULL));
  g_assert_false (pt_hold_may_take (looking.hold, NULL));
  pt_proxy_fail (&fixture->proxy, NULL, PT_PROXY_PASS, 0);
  /* What is missing came: it opens by itself. */
  pt_fixture_seal (fixture, 0);
  g_assert_cmpint (look (fixture, &looking, 0), ==, PT_RECONCILE_ANCHORED);
  g_assert_true (pt_hold_may_take (looking.hold, NULL));
  g_assert_true (pt_hold_may_seal (looking.hold, 0));
  g_assert_cmpuint (ahead (fixture, 0), ==, 0);
  end (&looking);
  pt_store_free (fixture->store);
  fixture->store = g_steal_pointer (&copy);
}

static void
test_anchored (PtChainFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = NULL;
  g_autoptr (GArray) rows = NULL;
  g_autoptr (GPtrArray) looks = NULL;
  Looking looking = begin (fixture);
  PtAnchored event;
  PtContract at;
  gboolean found;

  pt_fixture_add_area (fixture, "east", TRUE);
  for (guint i = 0; i < 3; i++)
    pt_fixture_seal (fixture, 0);
  g_assert_cmpint (look (fixture, &looking, 0), ==, PT_RECONCILE_SAME);
  anchor (fixture, 0, 2);
  areas = pt_store_areas (fixture->store, &error);
  looks = pt_looker_look (looking.looker, looking.rpc, areas, &at, &error);
  g_assert_no_error (error);
  g_assert_cmpint (((PtLook *) g_ptr_array_index (looks, 0))->found, ==, PT_RECONCILE_ANCHORED);
  rows = pt_store_unfinished (fixture->store, 0, &error);
  pt_looker_anchored (looking.looker, &at, &g_array_index (rows, PtBatchRow, 1), &found, &event,
                      &error);
  g_assert_no_error (error);
  g_assert_true (found);
  g_assert_cmpuint (event.checkpoint.batch, ==, 2);
  g_assert_cmpuint (event.block, >, 0);
  pt_looker_anchored (looking.looker, &at, &g_array_index (rows, PtBatchRow, 2), &found, &event,
                      &error);
  g_assert_no_error (error);
  g_assert_false (found);
  /* The same number with another root is not ours. */
  g_array_index (rows, PtBatchRow, 1).root.bytes[0] ^= 1;
  pt_looker_anchored (looking.looker, &at, &g_array_index (rows, PtBatchRow, 1), &found, &event,
                      &error);
  g_assert_no_error (error);
  g_assert_false (found);
  end (&looking);
}

/* Whatever an endpoint does not answer, nothing is held back by it and nothing is let go. */
static void
test_not_answered (PtChainFixture *fixture, gconstpointer data)
{
  static const char *const methods[]
      = { "eth_getBlockByNumber", "eth_getCode", "eth_call", "eth_getLogs", "eth_blockNumber" };
  Looking looking = begin (fixture);

  pt_fixture_add_area (fixture, "east", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      pt_proxy_fail (&fixture->proxy, methods[i], PT_PROXY_LOSE_ANSWER, 1);
      g_assert_cmpint (look (fixture, &looking, 0), ==, -1);
      g_assert_false (pt_hold_was_looked_at (looking.hold, 0));
      g_assert_true (pt_hold_may_take (looking.hold, NULL));
    }
  g_assert_cmpint (look (fixture, &looking, 0), ==, PT_RECONCILE_SAME);
  end (&looking);
}

/* One that leaves out how an area was registered has not answered. */
static void
test_left_out (PtChainFixture *fixture, gconstpointer data)
{
  Looking looking = begin (fixture);

  pt_fixture_add_area (fixture, "east", TRUE);
  fixture->proxy.lies[0][0] = "eth_getLogs";
  fixture->proxy.lies[0][1] = "\"result\":[]";
  g_assert_cmpint (look (fixture, &looking, 0), ==, -1);
  fixture->proxy.lies[0][0] = NULL;
  g_assert_cmpint (look (fixture, &looking, 0), ==, PT_RECONCILE_SAME);
  end (&looking);
}

#define ADD(name, func)                                                                            \
  g_test_add ("/looker/" name, PtChainFixture, NULL, pt_fixture_set_up, func, pt_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("registration", test_registration);
  ADD ("other-keys", test_other_keys);
  ADD ("behind", test_behind);
  ADD ("anchored", test_anchored);
  ADD ("not-answered", test_not_answered);
  ADD ("left-out", test_left_out);
  return g_test_run ();
}
