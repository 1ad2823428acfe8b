/* SPDX-License-Identifier: Apache-2.0 */

/* All trees of up to LEAVES leaves against the definitions of RFC 6962 section 2.1, written here as
 * they stand there: what is built is what they give, and the verifiers accept what they accept. */

#include "pt-sha256.h"
#include "pt-vectors.h"

#define LEAVES 130
#define PAIR_LEAVES 34 /* where every pair of sizes meets every other */

static PtHash leaves[LEAVES];
static PtHash roots[LEAVES][LEAVES + 1];
static bool known[LEAVES][LEAVES + 1];

/* The largest power of two smaller than @count. */
static size_t
split_of (size_t count)
{
  size_t split = 1;

  while (split * 2 < count)
    split *= 2;
  return split;
}

/* MTH (D[first : first + count]), remembered. */
static const PtHash *
range_root (size_t first, size_t count)
{
  size_t split = split_of (count);

  if (count == 1)
    return &leaves[first];
  if (!known[first][count])
    pt_tree_node_hash (range_root (first, split), range_root (first + split, count - split),
                       &roots[first][count]);
  known[first][count] = true;
  return &roots[first][count];
}

typedef struct
{
  PtHash nodes[PT_TREE_DEPTH_MAX + 2];
  size_t count;
} Proof;

static void
proof_prepend (Proof *proof, const PtHash *hash)
{
  memmove (proof->nodes + 1, proof->nodes, proof->count * sizeof *proof->nodes);
  proof->nodes[0] = *hash;
  proof->count++;
}

/* PATH (index, D[size]), walked from the root down. */
static Proof
inclusion_proof (size_t index, size_t size)
{
  Proof proof = { .count = 0 };
  size_t first = 0;

  while (size > 1)
    {
      size_t split = split_of (size);
      bool left = index - first < split;

      proof_prepend (&proof,
                     left ? range_root (first + split, size - split) : range_root (first, split));
      first += left ? 0 : split;
      size = left ? split : size - split;
    }
  return proof;
}

/* PROOF (old, D[size]), walked from the root down. */
static Proof
consistency_proof (size_t old, size_t size)
{
  Proof proof = { .count = 0 };
  size_t first = 0;

  while (old != size)
    {
      size_t split = split_of (size);
      bool left = old <= split;

      proof_prepend (&proof,
                     left ? range_root (first + split, size - split) : range_root (first, split));
      first += left ? 0 : split;
      old -= left ? 0 : split;
      size = left ? split : size - split;
    }
  if (first != 0)
    proof_prepend (&proof, range_root (first, size));
  return proof;
}

/* The root that a path leads to; false when it is too short or too long. */
static bool
fold_path (size_t index, size_t size, const PtHash *leaf, const PtHash *path, size_t count,
           PtHash *root)
{
  size_t split = split_of (size);
  bool left = index < split;

  if (size == 1)
    {
      *root = *leaf;
      return count == 0;
    }
  if (count == 0
      || !fold_path (left ? index : index - split, left ? split : size - split, leaf, path,
                     count - 1, root))
    return false;
  if (left)
    pt_tree_node_hash (root, &path[count - 1], root);
  else
    pt_tree_node_hash (&path[count - 1], root, root);
  return true;
}

/* Both roots that a consistency proof leads to, the old one taken over where the RFC leaves it out.
 */
static bool
fold_proof (size_t old, size_t size, bool whole, const PtHash *proof, size_t count,
            PtHash *old_root, PtHash *root)
{
  size_t split = split_of (size);
  bool left = old <= split;

  if (old == size)
    {
      if (!whole && count == 1)
        *old_root = proof[0];
      *root = *old_root;
      return count == (whole ? 0 : 1);
    }
  if (count == 0
      || !fold_proof (left ? old : old - split, left ? split : size - split, whole && left, proof,
                      count - 1, old_root, root))
    return false;
  if (left)
    pt_tree_node_hash (root, &proof[count - 1], root);
  else
    {
      pt_tree_node_hash (&proof[count - 1], old_root, old_root);
      pt_tree_node_hash (&proof[count - 1], root, root);
    }
  return true;
}

static void
assert_proof (const Proof *expected, const PtHash *nodes, size_t count)
{
  g_assert_cmpmem (nodes, count * sizeof *nodes, expected->nodes,
                   expected->count * sizeof *expected->nodes);
}

static PtResult
check_inclusion (size_t index, size_t size, const PtHash *leaf, const Proof *proof,
                 const PtHash *root)
{
  /* Its own memory, so that reading past the path is seen. */
  g_autofree PtHash *path = g_memdup2 (proof->nodes, MAX (proof->count, 1) * sizeof *path);

  return pt_tree_verify_inclusion (index, size, leaf, path, proof->count, root);
}

static PtResult
check_consistency (size_t old, size_t size, const Proof *proof, const PtHash *old_root,
                   const PtHash *root)
{
  g_autofree PtHash *nodes = g_memdup2 (proof->nodes, MAX (proof->count, 1) * sizeof *nodes);

  return pt_tree_verify_consistency (old, size, nodes, proof->count, old_root, root);
}

static void
test_frontiers (void)
{
  PtFrontier frontier;

  pt_frontier_init (&frontier);
  for (size_t size = 1; size <= LEAVES; size++)
    {
      PtHash root;
      size_t first = 0, node = 0;

      pt_frontier_append (&frontier, &leaves[size - 1]);
      pt_frontier_root (&frontier, &root);
      pt_assert_hash (root, *range_root (0, size));
      for (size_t part = 128; part > 0; part /= 2)
        if ((size & part) != 0)
          {
            pt_assert_hash (frontier.nodes[node], *range_root (first, part));
            first += part;
            node++;
          }
      g_assert_cmpuint (pt_frontier_count (&frontier), ==, node);
    }
}

/* Every path of every tree, from one builder for each leaf. */
static void
test_build_inclusion (void)
{
  PtFrontier frontier;

  pt_frontier_init (&frontier);
  for (size_t index = 0; index < LEAVES; index++)
    {
      PtPathBuilder builder;
      PtHash path[PT_TREE_DEPTH_MAX], root;
      size_t count;

      g_assert_cmpint (pt_path_builder_inclusion (&builder, &frontier, index), ==, PT_OK);
      g_assert_cmpint (pt_path_builder_finish (&builder, path, &count, &root), ==, PT_BAD_PROOF);
      g_assert_cmpuint (count, ==, 0);
      for (size_t size = index + 1; size <= LEAVES; size++)
        {
          Proof expected = inclusion_proof (index, size);

          pt_path_builder_append (&builder, &leaves[size - 1]);
          g_assert_cmpint (pt_path_builder_finish (&builder, path, &count, &root), ==, PT_OK);
          assert_proof (&expected, path, count);
          pt_assert_hash (root, *range_root (0, size));
          g_assert_cmpint (check_inclusion (index, size, &leaves[index], &expected, &root), ==,
                           PT_OK);
        }
      pt_frontier_append (&frontier, &leaves[index]);
    }
}

/* A builder may begin at any tree before its leaf: the path is the same. */
static void
test_build_from_anywhere (void)
{
  PtFrontier frontier;

  pt_frontier_init (&frontier);
  for (size_t start = 0; start < LEAVES; start++)
    {
      for (size_t index = 0; index < LEAVES; index += 3)
        {
          Proof expected = inclusion_proof (index, LEAVES);
          PtPathBuilder builder;
          PtHash path[PT_TREE_DEPTH_MAX], root;
          size_t count;

          g_assert_cmpint (pt_path_builder_inclusion (&builder, &frontier, index), ==,
                           index < start ? PT_BAD_PROOF : PT_OK);
          for (size_t i = start; index >= start && i < LEAVES; i++)
            pt_path_builder_append (&builder, &leaves[i]);
          g_assert_cmpint (pt_path_builder_finish (&builder, path, &count, &root), ==,
                           index < start ? PT_BAD_PROOF : PT_OK);
          if (index >= start)
            assert_proof (&expected, path, count);
        }
      pt_frontier_append (&frontier, &leaves[start]);
    }
}

static void
test_build_consistency (void)
{
  PtFrontier frontier;

  pt_frontier_init (&frontier);
  for (size_t old = 1; old <= LEAVES; old++)
    {
      PtPathBuilder builder;
      PtHash proof[PT_TREE_DEPTH_MAX], root;
      size_t count;

      pt_frontier_append (&frontier, &leaves[old - 1]);
      g_assert_cmpint (pt_path_builder_consistency (&builder, &frontier), ==, PT_OK);
      for (size_t size = old; size <= LEAVES; size++)
        {
          Proof expected = consistency_proof (old, size);

          if (size > old)
            pt_path_builder_append (&builder, &leaves[size - 1]);
          g_assert_cmpint (pt_path_builder_finish (&builder, proof, &count, &root), ==, PT_OK);
          assert_proof (&expected, proof, count);
          g_assert_cmpint (check_consistency (old, size, &expected, range_root (0, old), &root), ==,
                           PT_OK);
        }
    }
}

/* A path under any other index or size: accepted only where the definition gives the same root
 * (the path of leaf 0 of 3 is also one of 4 whose last two are hidden: the size is not proved). */
static void
test_inclusion_elsewhere (void)
{
  for (size_t size = 1; size <= PAIR_LEAVES; size++)
    for (size_t index = 0; index < size; index++)
      {
        Proof proof = inclusion_proof (index, size);
        const PtHash *leaf = &leaves[index], *root = range_root (0, size);

        for (size_t other_size = 0; other_size <= PAIR_LEAVES; other_size++)
          for (size_t other = 0; other <= PAIR_LEAVES; other++)
            {
              PtHash folded = { 0 };
              bool good = other < other_size
                          && fold_path (other, other_size, leaf, proof.nodes, proof.count, &folded)
                          && memcmp (&folded, root, sizeof folded) == 0;

              g_assert_cmpint (check_inclusion (other, other_size, leaf, &proof, root), ==,
                               good ? PT_OK : PT_BAD_PROOF);
              /* Under the right size there is one index. */
              g_assert_true (!good || other_size != size || other == index);
            }
      }
}

static void
test_consistency_elsewhere (void)
{
  for (size_t size = 1; size <= PAIR_LEAVES; size += 3)
    for (size_t old = 1; old <= size; old++)
      {
        Proof proof = consistency_proof (old, size);
        const PtHash *old_root = range_root (0, old), *root = range_root (0, size);

        for (size_t other_size = 1; other_size <= PAIR_LEAVES; other_size++)
          for (size_t other = 1; other <= PAIR_LEAVES; other++)
            {
              PtHash folded_old = *old_root, folded;
              bool good = other <= other_size
                          && fold_proof (other, other_size, true, proof.nodes, proof.count,
                                         &folded_old, &folded)
                          && memcmp (&folded, root, sizeof folded) == 0
                          && memcmp (&folded_old, old_root, sizeof folded_old) == 0;

              g_assert_cmpint (check_consistency (other, other_size, &proof, old_root, root), ==,
                               good ? PT_OK : PT_BAD_PROOF);
            }
      }
}

/* Each way to spoil a proof at place @at; false when there is no such way. */
typedef bool (*Spoil) (Proof *proof, size_t at);

static bool
spoil_flip (Proof *proof, size_t at)
{
  proof->nodes[at].bytes[at % PT_HASH_SIZE] ^= (uint8_t) (1 << at % 8);
  return true;
}

static bool
spoil_zero (Proof *proof, size_t at)
{
  memset (&proof->nodes[at], 0, sizeof *proof->nodes);
  return true;
}

static bool
spoil_drop (Proof *proof, size_t at)
{
  memmove (&proof->nodes[at], &proof->nodes[at + 1],
           (proof->count - at - 1) * sizeof *proof->nodes);
  proof->count--;
  return true;
}

static bool
spoil_double (Proof *proof, size_t at)
{
  memmove (&proof->nodes[at + 1], &proof->nodes[at], (proof->count - at) * sizeof *proof->nodes);
  proof->count++;
  return true;
}

static bool
spoil_swap (Proof *proof, size_t at)
{
  PtHash kept = proof->nodes[at];

  if (at + 1 == proof->count)
    return false;
  proof->nodes[at] = proof->nodes[at + 1];
  proof->nodes[at + 1] = kept;
  return true;
}

static bool
spoil_cut (Proof *proof, size_t at)
{
  proof->count = at;
  return true;
}

static const Spoil spoils[]
    = { spoil_flip, spoil_zero, spoil_drop, spoil_double, spoil_swap, spoil_cut };

static PtHash
flipped (const PtHash *hash, size_t at)
{
  PtHash copy = *hash;

  copy.bytes[at % PT_HASH_SIZE] ^= 0x80;
  return copy;
}

static void
test_inclusion_spoiled (void)
{
  for (size_t size = 1; size <= LEAVES; size++)
    for (size_t index = 0; index < size; index++)
      {
        Proof good = inclusion_proof (index, size);
        const PtHash *leaf = &leaves[index], *root = range_root (0, size);
        PtHash wrong_leaf = flipped (leaf, index), wrong_root = flipped (root, size);

        g_assert_cmpint (check_inclusion (index, size, &wrong_leaf, &good, root), ==, PT_BAD_PROOF);
        g_assert_cmpint (check_inclusion (index, size, leaf, &good, &wrong_root), ==, PT_BAD_PROOF);
        for (size_t i = 0; i < G_N_ELEMENTS (spoils) * good.count; i++)
          {
            Proof proof = good;

            if (spoils[i / good.count](&proof, i % good.count))
              g_assert_cmpint (check_inclusion (index, size, leaf, &proof, root), ==, PT_BAD_PROOF);
          }
      }
}

static void
test_consistency_spoiled (void)
{
  for (size_t size = 2; size <= LEAVES; size++)
    for (size_t old = 1; old < size; old++)
      {
        Proof good = consistency_proof (old, size);
        const PtHash *old_root = range_root (0, old), *root = range_root (0, size);
        PtHash wrong_old = flipped (old_root, old), wrong_root = flipped (root, size);

        g_assert_cmpint (check_consistency (old, size, &good, &wrong_old, root), ==, PT_BAD_PROOF);
        g_assert_cmpint (check_consistency (old, size, &good, old_root, &wrong_root), ==,
                         PT_BAD_PROOF);
        g_assert_cmpint (check_consistency (old, size, &good, root, old_root), ==, PT_BAD_PROOF);
        for (size_t i = 0; i < G_N_ELEMENTS (spoils) * good.count; i++)
          {
            Proof proof = good;

            if (spoils[i / good.count](&proof, i % good.count))
              g_assert_cmpint (check_consistency (old, size, &proof, old_root, root), ==,
                               PT_BAD_PROOF);
          }
      }
}

/* Trees near each power of two, far beyond the 2^53 of the format: a frontier stands for the leaves
 * before. */
static void
test_huge_trees (void)
{
  for (int bits = 1; bits < 63; bits++)
    {
      uint64_t size = (UINT64_C (1) << bits) - 1;
      PtFrontier frontier;
      PtPathBuilder inclusion, consistency;
      Proof path = { .count = 0 }, proof = { .count = 0 };
      PtHash root, old_root;

      g_assert_cmpint (pt_frontier_load (&frontier, size, leaves, (size_t) bits), ==, PT_OK);
      g_assert_cmpint (pt_frontier_load (&frontier, size + 1, leaves, (size_t) bits + 1), ==,
                       PT_BAD_PROOF);
      g_assert_cmpint (pt_frontier_load (&frontier, size, leaves, (size_t) bits), ==, PT_OK);
      pt_frontier_root (&frontier, &old_root);
      g_assert_cmpint (pt_path_builder_inclusion (&inclusion, &frontier, size), ==, PT_OK);
      g_assert_cmpint (pt_path_builder_consistency (&consistency, &frontier), ==, PT_OK);
      for (uint64_t more = 1; more <= 5; more++)
        {
          pt_path_builder_append (&inclusion, &leaves[100 + more]);
          pt_path_builder_append (&consistency, &leaves[100 + more]);
          g_assert_cmpint (pt_path_builder_finish (&inclusion, path.nodes, &path.count, &root), ==,
                           PT_OK);
          g_assert_cmpint (check_inclusion (size, size + more, &leaves[101], &path, &root), ==,
                           PT_OK);
          g_assert_cmpint (check_inclusion (size - 1, size + more, &leaves[101], &path, &root), ==,
                           PT_BAD_PROOF);
          g_assert_cmpint (pt_path_builder_finish (&consistency, proof.nodes, &proof.count, &root),
                           ==, PT_OK);
          g_assert_cmpint (check_consistency (size, size + more, &proof, &old_root, &root), ==,
                           PT_OK);
          g_assert_cmpint (check_consistency (size + more, size, &proof, &old_root, &root), ==,
                           PT_BAD_PROOF);
        }
    }
}

static PtResult
node_of_leaves (void *context, unsigned height, uint64_t index, PtHash *out)
{
  size_t *asked = context;

  (*asked)++;
  *out = *range_root ((size_t) index << height, (size_t) 1 << height);
  return PT_OK;
}

/* The same paths out of complete subtrees, of which logarithmically many are asked for. */
static void
test_from_nodes (void)
{
  for (size_t size = 1; size <= LEAVES; size++)
    for (size_t index = 0; index < size; index++)
      {
        Proof wanted = inclusion_proof (index, size), path = { .count = 0 };
        PtTreeRange ranges[PT_TREE_DEPTH_MAX];
        size_t asked = 0;

        g_assert_cmpint (pt_tree_path_ranges (index, size, ranges, &path.count), ==, PT_OK);
        for (size_t i = 0; i < path.count; i++)
          g_assert_cmpint (pt_tree_range_root (&ranges[i], node_of_leaves, &asked, &path.nodes[i]),
                           ==, PT_OK);
        g_assert_cmpmem (path.nodes, path.count * PT_HASH_SIZE, wanted.nodes,
                         wanted.count * PT_HASH_SIZE);
        g_assert_cmpuint (asked, <=, 16);
      }
}

static PtResult
no_node (void *context, unsigned height, uint64_t index, PtHash *out)
{
  return PT_STOPPED;
}

static void
test_no_nodes (void)
{
  static const PtTreeRange wrong[] = { { 0, 0 }, { 1, 2 }, { 6, 4 }, { 4, 12 }, { UINT64_MAX, 2 } };
  PtTreeRange ranges[PT_TREE_DEPTH_MAX], right = { 4, 3 };
  size_t count, asked = 0;
  PtHash root;

  g_assert_cmpint (pt_tree_path_ranges (0, 0, ranges, &count), ==, PT_BAD_PROOF);
  g_assert_cmpint (pt_tree_path_ranges (7, 7, ranges, &count), ==, PT_BAD_PROOF);
  g_assert_cmpuint (count, ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_cmpint (pt_tree_range_root (&wrong[i], node_of_leaves, &asked, &root), ==,
                     PT_BAD_PROOF);
  g_assert_cmpint (pt_tree_range_root (&right, no_node, NULL, &root), ==, PT_STOPPED);
  g_assert_cmpint (pt_tree_path_ranges (UINT64_MAX - 1, UINT64_MAX, ranges, &count), ==, PT_OK);
  g_assert_cmpuint (count, ==, 63);
  g_assert_cmpint (pt_tree_path_ranges (0, UINT64_MAX, ranges, &count), ==, PT_OK);
  g_assert_cmpuint (count, ==, 64);
  g_assert_cmpuint (ranges[63].first, ==, (uint64_t) 1 << 63);
}

int
main (int argc, char **argv)
{
  for (size_t i = 0; i < LEAVES; i++)
    leaves[i] = pt_numbered_leaf (i);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tree-properties/frontiers", test_frontiers);
  g_test_add_func ("/tree-properties/build-inclusion", test_build_inclusion);
  g_test_add_func ("/tree-properties/build-from-anywhere", test_build_from_anywhere);
  g_test_add_func ("/tree-properties/build-consistency", test_build_consistency);
  g_test_add_func ("/tree-properties/inclusion-elsewhere", test_inclusion_elsewhere);
  g_test_add_func ("/tree-properties/consistency-elsewhere", test_consistency_elsewhere);
  g_test_add_func ("/tree-properties/inclusion-spoiled", test_inclusion_spoiled);
  g_test_add_func ("/tree-properties/consistency-spoiled", test_consistency_spoiled);
  g_test_add_func ("/tree-properties/from-nodes", test_from_nodes);
  g_test_add_func ("/tree-properties/no-nodes", test_no_nodes);
  g_test_add_func ("/tree-properties/huge-trees", test_huge_trees);
  return g_test_run ();
}
