/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: counters, repetitions and clones, evidence. */
#include "pt-commit-fixture.h"

/* A repetition is told from a clone wherever the first one is: in the same group, in the store, in
 * a sealed batch, and after a restart. */
static void
check_repetitions (PtWorld *world, const char *first, gint64 seq, gint64 at)
{
  g_autofree char *again = pt_world_report (world, "east", "tx-1", seq, at, PT_POWER_OFF, NULL);
  g_autofree char *broken = pt_world_break_signature (first);
  g_autofree char *clone = pt_world_report (world, "east", "tx-1", seq, at + 1, PT_POWER_OFF, NULL);
  g_autofree char *bad_clone = pt_world_break_signature (clone);

  g_assert_cmpstr (again, !=, first); /* ECDSA draws a new nonce */
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_report, again, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_report, broken, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_report, clone, PT_REFUSED ("stale-seq"));
  pt_world_expect (world, &pt_kind_report, bad_clone, PT_REFUSED ("bad-signature"));
}

static void
test_repetitions (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *first = pt_world_report (world, "east", "tx-1", 5, at, PT_POWER_OFF, NULL);
  g_autofree char *again = pt_world_report (world, "east", "tx-1", 5, at, PT_POWER_OFF, NULL);
  g_autofree char *clone = pt_world_report (world, "east", "tx-1", 5, at, PT_POWER_ON, NULL);
  g_autofree char *together = g_strjoin ("\n", first, again, clone, first, NULL);

  pt_world_expect (world, &pt_kind_report, together,
                   "{\"accepted\":1,\"duplicate\":2,\"rejected\":[{\"line\":3,\"error\":\"stale-"
                   "seq\"}]}");
  check_repetitions (world, first, 5, at);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  check_repetitions (world, first, 5, at);
  pt_world_restart (world, FALSE);
  check_repetitions (world, first, 5, at);
  pt_world_restart (world, TRUE);
  check_repetitions (world, first, 5, at);
  g_assert_cmpint (pt_world_query_integer (world, "select count(*) from entries where seq = 5"), ==,
                   1);
  /* One clone in the group, one of each round; what is badly signed is no evidence. */
  g_assert_cmpint (pt_world_query_integer (world, "select count(*) from evidence"), ==, 5);
}

/* After a broken signature over a counter that was never used, the counter is still free. */
static void
test_forgery_takes_nothing (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *good = pt_world_sign_now (world, "tx-1", 1, PT_POWER_ON);
  g_autofree char *broken = pt_world_break_signature (good);
  g_autofree char *both = g_strjoin ("\n", broken, good, broken, NULL);

  pt_world_expect (world, &pt_kind_report, broken, PT_REFUSED ("bad-signature"));
  pt_world_expect (world, &pt_kind_report, both,
                   "{\"accepted\":1,\"duplicate\":0,\"rejected\":[{\"line\":1,\"error\":\"bad-"
                   "signature\"},{\"line\":3,\"error\":\"bad-signature\"}]}");
  pt_world_expect (world, &pt_kind_report, broken, PT_DUPLICATE);
}

static void
test_window (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;

  pt_world_report_now (world, "tx-1", 10000, PT_POWER_ON, PT_ACCEPTED);
  pt_world_report_now (world, "tx-1", 10000 - 4097, PT_POWER_ON, PT_REFUSED ("stale-seq"));
  pt_world_report_now (world, "tx-1", 10000 - 4096, PT_POWER_ON, PT_ACCEPTED);
  pt_world_restart (world, TRUE);
  pt_world_report_now (world, "tx-1", 10000 - 4097, PT_POWER_ON, PT_REFUSED ("stale-seq"));
  pt_world_report_now (world, "tx-1", 10000 - 4095, PT_POWER_ON, PT_ACCEPTED);
}

#define ADD(name, memory, func)                                                                    \
  g_test_add ("/kind-report/" name, Fixture, memory, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pt_catch_warnings ();
  ADD ("repetitions", NULL, test_repetitions);
  ADD ("forgery-takes-nothing", NULL, test_forgery_takes_nothing);
  ADD ("window", NULL, test_window);
  return g_test_run ();
}
