/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-seen.h"

#include "pt-complaint-fixture.h"

#define URL "http://one"

static PtSight
sight (PtSeen *seen)
{
  return pt_seen_get (seen, URL, "east", "1234567890");
}

/* What grows contradicts nothing; what is gone, shorter or other does. */
static void
test_contradicted (void)
{
  PtChainFixture fixture, other;
  g_autoptr (PtSeen) seen = pt_seen_new ();
  g_autoptr (PtComplaintDetail) one = NULL, two = NULL, three = NULL, rewritten = NULL;
  g_autofree char *gone = NULL, *shorter = NULL, *changed = NULL;
  PtSight now;

  pt_chain_start (&fixture);
  pt_chain_start (&other);
  pt_chain_step (&fixture, PT_ACTION_FILE, "citizen", "", "");
  one = pt_chain_detail (&fixture, "open");
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "officer-1", "", "");
  two = pt_chain_detail (&fixture, "open");
  pt_chain_step (&fixture, PT_ACTION_COMMENT, "officer-1", "", "");
  three = pt_chain_detail (&fixture, "open");
  pt_chain_step (&other, PT_ACTION_FILE, "citizen", "", "");
  pt_chain_step (&other, PT_ACTION_COMMENT, "officer-1", "", "");
  rewritten = pt_chain_detail (&other, "open");
  now = sight (seen);
  g_assert_null (pt_sight_contradicted (&now, NULL, 9000)); /* never seen */
  pt_seen_take (seen, URL, two, 9000, FALSE);
  pt_seen_take (seen, URL, one, 9500, FALSE); /* which does not make it forget */
  now = sight (seen);
  g_assert_cmpint (now.n, ==, 2);
  g_assert_null (pt_sight_contradicted (&now, two, 9000));
  g_assert_null (pt_sight_contradicted (&now, three, 9000));
  gone = pt_sight_contradicted (&now, NULL, 9000);
  shorter = pt_sight_contradicted (&now, one, 9000);
  changed = pt_sight_contradicted (&now, rewritten, 9000);
  g_assert_true (g_str_has_prefix (gone, "This complaint was dropped: at "));
  g_assert_nonnull (strstr (gone, "with 2 steps"));
  g_assert_null (strstr (gone, "from you"));
  g_assert_true (g_str_has_prefix (shorter, "This complaint was rewritten: at "));
  g_assert_cmpstr (shorter, ==, changed);
  now = pt_seen_get (seen, "http://another", "east", "1234567890");
  g_assert_cmpint (now.n, ==, 0);
  pt_chain_stop (&other);
  pt_chain_stop (&fixture);
}

/* What was signed here and taken is told too. */
static void
test_own (void)
{
  PtChainFixture fixture;
  g_autoptr (PtSeen) seen = pt_seen_new ();
  g_autoptr (PtComplaintDetail) detail = NULL;
  g_autofree char *gone = NULL;
  PtSight now;

  pt_chain_start (&fixture);
  pt_chain_step (&fixture, PT_ACTION_FILE, "citizen", "", "");
  detail = pt_chain_detail (&fixture, "open");
  pt_seen_take (seen, URL, detail, 9000, TRUE);
  pt_seen_take (seen, URL, detail, 9000, FALSE);
  now = sight (seen);
  gone = pt_sight_contradicted (&now, NULL, 9000);
  g_assert_nonnull (strstr (gone, " It had taken step 1 from you."));
  pt_chain_stop (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seen/contradicted", test_contradicted);
  g_test_add_func ("/seen/own", test_own);
  return g_test_run ();
}
