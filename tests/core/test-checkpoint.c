/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-checkpoint.h"
#include "pt-vectors.h"

#define LINE                                                                                       \
  "{\"area\":\"demo\",\"batch\":2,\"cid\":"                                                        \
  "\"bafkreib55xy6ih5y2rbv5a5vh2j6rgcgau72fj4e6tnqgwjmw2bhfj5prm\",\"from\":5,\"root\":"           \
  "\"db77fd01af957221a4989b64b3770a83a3c56068405b9f0e9408feae57fd17e4\",\"size\":6,\"to\":9}"

static PtCheckpoint
parse (const char *line)
{
  PtCheckpoint checkpoint;

  g_assert_cmpint (pt_checkpoint_parse (pt_text (line), &checkpoint), ==, PT_OK);
  return checkpoint;
}

static void
test_line (void)
{
  PtCheckpoint checkpoint = parse (LINE);
  char line[PT_CHECKPOINT_LINE_MAX];
  size_t size;

  g_assert_cmpstr (checkpoint.area, ==, "demo");
  g_assert_cmpuint (checkpoint.batch, ==, 2);
  g_assert_cmpuint (checkpoint.from, ==, 5);
  g_assert_cmpuint (checkpoint.size, ==, 6);
  g_assert_cmpuint (checkpoint.to, ==, 9);
  g_assert_cmpint (pt_checkpoint_write (&checkpoint, line, sizeof line, &size), ==, PT_OK);
  g_assert_cmpmem (line, size, LINE, strlen (LINE));
  g_assert_cmpint (pt_checkpoint_write (&checkpoint, line, size, &size), ==, PT_OK);
  g_assert_cmpint (pt_checkpoint_write (&checkpoint, line, size - 1, &size), ==, PT_NO_SPACE);
  g_assert_cmpuint (size, ==, 0);
}

/* The longest there can be fits. */
static void
test_longest (void)
{
  PtCheckpoint checkpoint = parse (LINE), again;
  char line[PT_CHECKPOINT_LINE_MAX];
  size_t size;

  memset (checkpoint.area, 'a', PT_AREA_MAX);
  checkpoint.batch = checkpoint.size = checkpoint.from = checkpoint.to = (uint64_t) PT_INTEGER_MAX;
  g_assert_cmpint (pt_checkpoint_write (&checkpoint, line, sizeof line, &size), ==, PT_OK);
  g_assert_cmpint (pt_checkpoint_parse (pt_span (line, size), &again), ==, PT_OK);
  g_assert_true (pt_checkpoint_equal (&checkpoint, &again));
}

typedef struct
{
  const char *old, *new;
  PtResult result;
} Change;

static void
test_refused (void)
{
  static const Change changes[] = {
    { "\"demo\"", "\"Demo\"", PT_MALFORMED },
    { "\"demo\"", "\"\"", PT_MALFORMED },
    { "\"demo\"", "7", PT_MALFORMED },
    { "\"batch\":2", "\"batch\":0", PT_MALFORMED },
    { "\"batch\":2", "\"batch\":-2", PT_MALFORMED },
    { "\"batch\":2", "\"batch\":02", PT_MALFORMED },
    { "\"batch\":2", "\"batch\":2.0", PT_NOT_CANONICAL },
    { "\"batch\":2", "\"batch\":9007199254740992", PT_NOT_CANONICAL },
    { "\"batch\":2", "\"batch\":\"2\"", PT_MALFORMED },
    { "\"bafk", "\"afk", PT_BAD_CID },
    { "\"bafk", "\"Bafk", PT_BAD_CID },
    { "\"from\":5", "\"from\":-5", PT_MALFORMED },
    { "\"size\":6", "\"size\":0", PT_MALFORMED },
    { "\"db77", "\"DB77", PT_MALFORMED },
    { "\"db77", "\"77", PT_MALFORMED },
    { ",\"size\":6", "", PT_MALFORMED },
    { ",\"size\":6", ",\"size\":6,\"size\":6", PT_NOT_CANONICAL },
    { ",\"size\":6,\"to\":9", ",\"to\":9,\"size\":6", PT_NOT_CANONICAL },
    { "\"to\":9", "\"to\":9,\"tx\":1", PT_MALFORMED },
    { "}", "} ", PT_NOT_CANONICAL },
    { "}", "}{}", PT_MALFORMED },
    { "}", "", PT_MALFORMED },
    { "{", "[", PT_MALFORMED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GString) line = g_string_new (LINE);
      PtCheckpoint checkpoint;
      static const PtCheckpoint zeros;

      g_assert_cmpuint (g_string_replace (line, changes[i].old, changes[i].new, 1), ==, 1);
      g_test_message ("%s", line->str);
      memset (&checkpoint, 7, sizeof checkpoint);
      g_assert_cmpint (pt_checkpoint_parse (pt_text (line->str), &checkpoint), ==,
                       changes[i].result);
      g_assert_cmpmem (&checkpoint, sizeof checkpoint, &zeros, sizeof zeros);
    }
}

static void
test_cut (void)
{
  PtCheckpoint checkpoint;
  g_autofree char *longer = g_strnfill (PT_CHECKPOINT_LINE_MAX + 1, ' ');

  for (size_t size = 0; size < strlen (LINE); size++)
    {
      g_autofree char *copy = g_memdup2 (LINE, MAX (size, 1));

      g_assert_cmpint (pt_checkpoint_parse (pt_span (copy, size), &checkpoint), ==, PT_MALFORMED);
    }
  g_assert_cmpint (pt_checkpoint_parse (pt_text (longer), &checkpoint), ==, PT_TOO_LARGE);
}

static void
test_unwritable (void)
{
  PtCheckpoint good = parse (LINE), bad;
  char line[PT_CHECKPOINT_LINE_MAX];
  size_t size;

#define REFUSE(change)                                                                             \
  bad = good;                                                                                      \
  change;                                                                                          \
  g_assert_cmpint (pt_checkpoint_write (&bad, line, sizeof line, &size), ==, PT_MALFORMED);        \
  g_assert_cmpuint (size, ==, 0)
  REFUSE (bad.area[0] = '-');
  REFUSE (bad.area[0] = '\0');
  REFUSE (memset (bad.area, 'a', sizeof bad.area));
  REFUSE (bad.batch = 0);
  REFUSE (bad.size = 0);
  REFUSE (bad.batch = (uint64_t) PT_INTEGER_MAX + 1);
  REFUSE (bad.from = UINT64_MAX);
  REFUSE (bad.to = UINT64_MAX);
  REFUSE (bad.cid.bytes[0] = 0);
#undef REFUSE
}

static void
test_order (void)
{
  static const char *const areas[] = { "0", "a", "demo-east", "demo-east-2", "demo-eastern", "zz" };

  for (size_t i = 0; i < G_N_ELEMENTS (areas); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (areas); k++)
      {
        PtCheckpoint a = parse (LINE), b = a;

        g_strlcpy (a.area, areas[i], sizeof a.area);
        g_strlcpy (b.area, areas[k], sizeof b.area);
        b.batch = 1; /* matters only within an area */
        g_assert_cmpint (pt_checkpoint_compare (&a, &b) > 0, ==, i >= k);
        g_assert_cmpint (pt_checkpoint_compare (&b, &a) < 0, ==, i >= k);
        g_assert_cmpint (pt_checkpoint_compare (&a, &a), ==, 0);
      }
}

static PtResult
follows (uint64_t batch, uint64_t size, uint64_t from, uint64_t to)
{
  PtCheckpoint last = parse (LINE), next = last; /* batch 2, size 6, 5 to 9 */

  next.batch = batch;
  next.size = size;
  next.from = from;
  next.to = to;
  return pt_checkpoint_follows (&last, &next);
}

static void
test_follows (void)
{
  PtCheckpoint first = parse (LINE), none = { 0 };

  g_assert_cmpint (follows (3, 7, 9, 10), ==, PT_OK);
  g_assert_cmpint (follows (3, 6 + PT_CHECKPOINT_GROWTH_MAX, 9, 10), ==, PT_OK);
  g_assert_cmpint (follows (3, 7 + PT_CHECKPOINT_GROWTH_MAX, 9, 10), ==, PT_BAD_PROOF);
  g_assert_cmpint (follows (3, UINT64_MAX, 9, 10), ==, PT_BAD_PROOF);
  g_assert_cmpint (follows (3, 6, 9, 10), ==, PT_BAD_PROOF);
  g_assert_cmpint (follows (3, 0, 9, 10), ==, PT_BAD_PROOF);
  g_assert_cmpint (follows (2, 7, 9, 10), ==, PT_BAD_PROOF);
  g_assert_cmpint (follows (4, 7, 9, 10), ==, PT_BAD_PROOF);
  g_assert_cmpint (follows (0, 7, 9, 10), ==, PT_BAD_PROOF);
  g_assert_cmpint (follows (3, 7, 8, 10), ==, PT_BAD_WINDOW);
  g_assert_cmpint (follows (3, 7, 10, 11), ==, PT_BAD_WINDOW);
  g_assert_cmpint (follows (3, 7, 9, 9), ==, PT_BAD_WINDOW);
  g_assert_cmpint (follows (3, 7, 9, 8), ==, PT_BAD_WINDOW);

  g_assert_cmpint (pt_checkpoint_follows (NULL, &first), ==, PT_BAD_PROOF);
  first.batch = 1;
  g_assert_cmpint (pt_checkpoint_follows (NULL, &first), ==, PT_OK);
  g_assert_cmpint (pt_checkpoint_follows (&none, &first), ==, PT_OK);
  first.size = PT_CHECKPOINT_GROWTH_MAX + 1;
  g_assert_cmpint (pt_checkpoint_follows (NULL, &first), ==, PT_BAD_PROOF);
  first.size = 1;
  first.from = first.to;
  g_assert_cmpint (pt_checkpoint_follows (NULL, &first), ==, PT_BAD_WINDOW);
}

/* period.json's pairs, either first. */
static void
test_conflicts (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("v2/period.json");
  JsonArray *pairs = json_object_get_array_member (json_node_get_object (root), "pairs");

  g_assert_cmpuint (json_array_get_length (pairs), >, 10);
  for (guint i = 0; i < json_array_get_length (pairs); i++)
    {
      JsonObject *pair = json_array_get_object_element (pairs, i);
      PtCheckpoint a = parse (json_object_get_string_member (pair, "a"));
      PtCheckpoint b = parse (json_object_get_string_member (pair, "b"));
      bool expected = json_object_get_boolean_member (pair, "conflict");

      g_test_message ("%s", json_object_get_string_member (pair, "why"));
      g_assert_cmpint (pt_checkpoint_conflicts (&a, &b), ==, expected);
      g_assert_cmpint (pt_checkpoint_conflicts (&b, &a), ==, expected);
    }
}

/* What follows conflicts with nothing it follows; what conflicts doesn't follow. */
static void
test_follows_or_conflicts (void)
{
  PtCheckpoint last = parse (LINE);

  for (uint64_t size = 5; size <= 7; size++)
    for (uint64_t from = 8; from <= 10; from++)
      {
        PtCheckpoint next = last;

        next.batch++;
        next.size = size;
        next.from = from;
        next.to = 20;
        g_assert_cmpint (pt_checkpoint_conflicts (&last, &next), !=,
                         pt_checkpoint_follows (&last, &next) == PT_OK);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checkpoint/line", test_line);
  g_test_add_func ("/checkpoint/longest", test_longest);
  g_test_add_func ("/checkpoint/refused", test_refused);
  g_test_add_func ("/checkpoint/cut", test_cut);
  g_test_add_func ("/checkpoint/unwritable", test_unwritable);
  g_test_add_func ("/checkpoint/order", test_order);
  g_test_add_func ("/checkpoint/follows", test_follows);
  g_test_add_func ("/checkpoint/conflicts", test_conflicts);
  g_test_add_func ("/checkpoint/follows-or-conflicts", test_follows_or_conflicts);
  return g_test_run ();
}
