/* SPDX-License-Identifier: Apache-2.0 */
/* The table: what the contract and the store say, and what follows. */
#include "pt-reconcile.h"

#include <string.h>

/* What is not said is 0; the area is registered with our keys unless it is said. The chain is at
 * block 100. Roots are equal where both are named by the same letter. */
typedef struct
{
  const char *what;
  PtReconcile expected;
  guint64 head, final, final_block; /* ours */
  guint64 latest;                   /* the chain's */
  char ours, theirs;                /* the roots at the lower of head and latest */
  gboolean other_keys, not_there;
} Case;

static const Case cases[] = {
  { "nothing anywhere", PT_RECONCILE_SAME },
  { "not registered yet", PT_RECONCILE_NOT_THERE, .not_there = TRUE },
  { "not registered yet, sealed", PT_RECONCILE_NOT_THERE, .head = 3, .not_there = TRUE },
  { "sealed, none anchored", PT_RECONCILE_SAME, .head = 3 },
  { "all anchored", PT_RECONCILE_SAME, .head = 3, .final = 3, .final_block = 90, .latest = 3,
    .ours = 'a', .theirs = 'a' },
  { "some anchored", PT_RECONCILE_SAME, .head = 5, .final = 3, .final_block = 90, .latest = 3,
    .ours = 'a', .theirs = 'a' },

  { "other keys", PT_RECONCILE_OTHER_KEYS, .other_keys = TRUE },
  { "other keys, and batches", PT_RECONCILE_OTHER_KEYS, .latest = 2, .other_keys = TRUE },
  { "other keys, and another log", PT_RECONCILE_OTHER_KEYS, .head = 2, .latest = 2, .ours = 'a',
    .theirs = 'b', .other_keys = TRUE },

  { "an older copy", PT_RECONCILE_BEHIND, .head = 1, .final = 1, .final_block = 50, .latest = 3,
    .ours = 'a', .theirs = 'a' },
  { "an older copy, before its first batch", PT_RECONCILE_BEHIND, .latest = 3 },
  { "an older copy that knows of nothing final", PT_RECONCILE_BEHIND, .head = 1, .latest = 2,
    .ours = 'a', .theirs = 'a' },
  { "an older copy that went on", PT_RECONCILE_FORKED, .head = 2, .final = 1, .final_block = 50,
    .latest = 3, .ours = 'a', .theirs = 'b' },
  { "an older copy that went on further", PT_RECONCILE_FORKED, .head = 5, .final = 1,
    .final_block = 50, .latest = 3, .ours = 'a', .theirs = 'b' },
  { "another log from its first batch on", PT_RECONCILE_FORKED, .head = 1, .latest = 1, .ours = 'a',
    .theirs = 'b' },
  { "what was final is another there", PT_RECONCILE_FORKED, .head = 3, .final = 3,
    .final_block = 90, .latest = 3, .ours = 'a', .theirs = 'b' },
  { "fewer there, and another log", PT_RECONCILE_FORKED, .head = 3, .final = 3, .final_block = 90,
    .latest = 2, .ours = 'a', .theirs = 'b' },

  { "anchored, and we never heard", PT_RECONCILE_ANCHORED, .head = 2, .latest = 2, .ours = 'a',
    .theirs = 'a' },
  { "one of two anchored, unheard", PT_RECONCILE_ANCHORED, .head = 5, .final = 2, .final_block = 50,
    .latest = 3, .ours = 'a', .theirs = 'a' },

  { "one that was final is gone", PT_RECONCILE_LOST, .head = 3, .final = 3, .final_block = 90,
    .latest = 2, .ours = 'a', .theirs = 'a' },
  { "all that was final is gone", PT_RECONCILE_LOST, .head = 3, .final = 3, .final_block = 90 },
  { "gone, the block just reached again", PT_RECONCILE_LOST, .head = 3, .final = 3,
    .final_block = 100 },
  { "gone with its registration", PT_RECONCILE_GONE, .head = 3, .final = 3, .final_block = 90,
    .not_there = TRUE },

  { "an endpoint that lags", PT_RECONCILE_TOO_EARLY, .head = 3, .final = 3, .final_block = 101,
    .latest = 2, .ours = 'a', .theirs = 'a' },
  { "one that lags behind the registration", PT_RECONCILE_TOO_EARLY, .head = 3, .final = 3,
    .final_block = 101, .not_there = TRUE },
};

static void
fill (const Case *c, PtAreaRow *area, PtLogFacts *log, PtContractFacts *contract)
{
  *area = (PtAreaRow){
    .id = "east", .head = { .batch = c->head }, .authority_key = { 4, 1 }, .service_key = { 4, 2 }
  };
  *log = (PtLogFacts){ .area = area,
                       .compared = MIN (c->head, c->latest),
                       .root = { { (guint8) c->ours } },
                       .final = c->final,
                       .final_block = c->final_block };
  *contract = (PtContractFacts){ .block = 100,
                                 .registered = !c->not_there,
                                 .same_keys = !c->other_keys && !c->not_there,
                                 .authority_key = { 4, 1 },
                                 .service_key = { 4, 3 },
                                 .latest = { .batch = c->latest },
                                 .root = { { (guint8) c->theirs } } };
}

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtAreaRow area;
      PtLogFacts log;
      PtContractFacts contract;

      g_test_message ("%s", cases[i].what);
      fill (&cases[i], &area, &log, &contract);
      g_assert_cmpstr (pt_reconcile_name (pt_reconcile (&log, &contract)), ==,
                       pt_reconcile_name (cases[i].expected));
    }
}

/* What can spoil another's log or ours stops all; what can spoil one area's stops that. */
static void
test_hold (void)
{
  static const PtHoldSort expected[] = { [PT_RECONCILE_GONE] = PT_HOLD_AREA,
                                         [PT_RECONCILE_OTHER_KEYS] = PT_HOLD_AREA,
                                         [PT_RECONCILE_BEHIND] = PT_HOLD_ALL,
                                         [PT_RECONCILE_FORKED] = PT_HOLD_ALL,
                                         [PT_RECONCILE_TOO_EARLY] = PT_HOLD_NOTHING };

  for (guint found = 0; found < G_N_ELEMENTS (expected); found++)
    g_assert_cmpint (pt_reconcile_hold ((PtReconcile) found), ==, expected[found]);
}

/* One where something is held, and it fits where it is shown. */
static void
test_sentences (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *sentence = NULL;
      PtAreaRow area;
      PtLogFacts log;
      PtContractFacts contract;

      fill (&cases[i], &area, &log, &contract);
      memset (area.id, 'x', PT_AREA_MAX);
      log.final = MAX (log.final, G_MAXUINT64 / 10);
      sentence = pt_reconcile_sentence (cases[i].expected, &log, &contract);
      g_assert_true ((sentence == NULL)
                     == (pt_reconcile_hold (cases[i].expected) == PT_HOLD_NOTHING));
      if (sentence == NULL)
        continue;
      g_assert_nonnull (strstr (sentence, area.id));
      g_assert_cmpuint (strlen (sentence), <, sizeof ((PtHealthStatus *) NULL)->sentence);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reconcile/table", test_table);
  g_test_add_func ("/reconcile/hold", test_hold);
  g_test_add_func ("/reconcile/sentences", test_sentences);
  return g_test_run ();
}
