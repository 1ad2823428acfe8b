/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-vectors.h"

#include "pt-sha256.h"

#define LEAVES 300

/* The tree by the definition of RFC 6962 2.1, recursive and slow: what the fast one must equal. */
static PtHash
naive_root (const PtHash *leaves, size_t count)
{
  PtHash left, right, root;
  size_t split = 1;

  if (count == 0)
    {
      pt_sha256 ("", 0, &root);
      return root;
    }
  if (count == 1)
    return leaves[0];
  while (split * 2 < count)
    split *= 2;
  left = naive_root (leaves, split);
  right = naive_root (leaves + split, count - split);
  pt_tree_node_hash (&left, &right, &root);
  return root;
}

/* PATH (m, D[n]) of RFC 6962 2.1.1. */
static size_t
naive_path (const PtHash *leaves, size_t count, size_t index, PtHash *path)
{
  size_t split = 1, length;

  if (count == 1)
    return 0;
  while (split * 2 < count)
    split *= 2;
  if (index < split)
    {
      length = naive_path (leaves, split, index, path);
      path[length] = naive_root (leaves + split, count - split);
    }
  else
    {
      length = naive_path (leaves + split, count - split, index - split, path);
      path[length] = naive_root (leaves, split);
    }
  return length + 1;
}

/* SUBPROOF (m, D[n], b) of RFC 6962 2.1.2. */
static size_t
naive_proof (const PtHash *leaves, size_t count, size_t old, bool whole, PtHash *proof)
{
  size_t split = 1, length;

  if (old == count)
    {
      proof[0] = naive_root (leaves, count);
      return whole ? 0 : 1;
    }
  while (split * 2 < count)
    split *= 2;
  if (old <= split)
    {
      length = naive_proof (leaves, split, old, whole, proof);
      proof[length] = naive_root (leaves + split, count - split);
    }
  else
    {
      length = naive_proof (leaves + split, count - split, old - split, false, proof);
      proof[length] = naive_root (leaves, split);
    }
  return length + 1;
}

static void
make_leaves (PtHash *leaves, size_t count)
{
  for (size_t i = 0; i < count; i++)
    leaves[i] = pt_numbered_leaf (i);
}

static void
grow (PtFrontier *frontier, const PtHash *leaves, size_t count)
{
  pt_frontier_init (frontier);
  for (size_t i = 0; i < count; i++)
    pt_frontier_append (frontier, &leaves[i]);
}

static void
test_roots (void)
{
  g_autoptr (JsonNode) node = pt_vectors_load ("merkle-roots.json");
  JsonArray *cases = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *object = json_array_get_object_element (cases, i);
      int64_t size = json_object_get_int_member (object, "size");
      PtHash expected = pt_hash_from_hex (json_object_get_string_member (object, "root"));
      PtHash nodes[PT_TREE_DEPTH_MAX], root;
      size_t count = pt_hashes_from_json (json_object_get_array_member (object, "frontier"), nodes,
                                          PT_TREE_DEPTH_MAX);
      PtFrontier frontier, loaded;

      pt_frontier_init (&frontier);
      for (int64_t j = 0; j < size; j++)
        {
          PtHash leaf = pt_numbered_leaf (j);

          pt_frontier_append (&frontier, &leaf);
        }
      g_assert_cmpuint (pt_frontier_count (&frontier), ==, count);
      g_assert_cmpmem (frontier.nodes, count * sizeof *nodes, nodes, count * sizeof *nodes);
      pt_frontier_root (&frontier, &root);
      pt_assert_hash (root, expected);

      g_assert_cmpint (pt_frontier_load (&loaded, size, nodes, count), ==, PT_OK);
      pt_frontier_root (&loaded, &root);
      pt_assert_hash (root, expected);
    }
}

static void
test_naive_roots (void)
{
  PtHash leaves[LEAVES], root, expected;
  PtFrontier frontier;

  make_leaves (leaves, LEAVES);
  pt_frontier_init (&frontier);
  for (size_t i = 0; i < LEAVES; i++)
    {
      pt_frontier_root (&frontier, &root);
      expected = naive_root (leaves, i);
      pt_assert_hash (root, expected);
      pt_frontier_append (&frontier, &leaves[i]);
    }
}

static void
test_frontier_load (void)
{
  PtHash nodes[PT_TREE_DEPTH_MAX] = { 0 };
  PtFrontier frontier;

  for (uint64_t size = 0; size < 300; size++)
    for (size_t count = 0; count < 10; count++)
      {
        bool right = (int) count == __builtin_popcountll (size);
        PtResult result = pt_frontier_load (&frontier, size, nodes, count);

        g_assert_cmpint (result, ==, right ? PT_OK : PT_BAD_PROOF);
        g_assert_cmpuint (frontier.size, ==, right ? size : 0);
      }
  g_assert_cmpint (pt_frontier_load (&frontier, UINT64_MAX, nodes, 64), ==, PT_OK);
  g_assert_cmpuint (pt_frontier_count (&frontier), ==, 64);
  g_assert_cmpint (pt_frontier_load (&frontier, UINT64_MAX, nodes, 63), ==, PT_BAD_PROOF);
  g_assert_cmpint (pt_frontier_load (&frontier, 1, NULL, 0), ==, PT_BAD_PROOF);
  g_assert_cmpint (pt_frontier_load (&frontier, 0, NULL, 0), ==, PT_OK);
}

/* Decodes a hash of the RFC 6962 vectors; false when it is none. One case calls two equal texts of
 * 12 bytes the roots of equal trees and wants them accepted, so what is short is padded. */
static bool
hash_from_base64 (const char *text, PtHash *out)
{
  size_t size = 0;
  g_autofree guchar *data = text != NULL ? g_base64_decode (text, &size) : NULL;

  memset (out, 0, sizeof *out);
  if (size > 0)
    memcpy (out->bytes, data, MIN (size, PT_HASH_SIZE));
  return size == PT_HASH_SIZE;
}

static const char *
string_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

/* The vectors' numbers reach 2^64 - 1, which json-glib cannot hold: they are found in the text. */
static const char *
next_number (const char *text, const char *name, uint64_t *value)
{
  g_autofree char *key = g_strdup_printf ("\"%s\": ", name);
  const char *found = strstr (text, key);
  char *end;

  g_assert_nonnull (found);
  *value = g_ascii_strtoull (found + strlen (key), &end, 10);
  return end;
}

static bool
load_proof (JsonObject *object, PtHash *proof, size_t max, size_t *count)
{
  JsonNode *node = json_object_get_member (object, "proof");
  bool whole = true;

  *count = 0;
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return true;
  *count = json_array_get_length (json_node_get_array (node));
  g_assert_cmpuint (*count, <=, max);
  for (size_t i = 0; i < *count; i++)
    whole &= hash_from_base64 (json_array_get_string_element (json_node_get_array (node), i),
                               &proof[i]);
  return whole;
}

static void
check_inclusion (JsonObject *object, uint64_t index, uint64_t size)
{
  PtHash proof[128], root, leaf;
  size_t count;
  bool wrong = json_object_get_boolean_member (object, "wantErr");
  bool formed = load_proof (object, proof, G_N_ELEMENTS (proof), &count);

  formed &= hash_from_base64 (string_member (object, "root"), &root);
  formed &= hash_from_base64 (string_member (object, "leafHash"), &leaf);
  g_test_message ("%s", json_object_get_string_member (object, "name"));
  if (formed)
    g_assert_cmpint (pt_tree_verify_inclusion (index, size, &leaf, proof, count, &root), ==,
                     wrong ? PT_BAD_PROOF : PT_OK);
  else
    g_assert_true (wrong);
}

static void
check_consistency (JsonObject *object, uint64_t old_size, uint64_t size)
{
  PtHash proof[128], old_root, root;
  size_t count;
  bool wrong = json_object_get_boolean_member (object, "wantErr");
  bool formed = load_proof (object, proof, G_N_ELEMENTS (proof), &count);

  formed &= hash_from_base64 (string_member (object, "root1"), &old_root);
  formed &= hash_from_base64 (string_member (object, "root2"), &root);
  g_test_message ("%s", json_object_get_string_member (object, "name"));
  if (formed || !wrong)
    g_assert_cmpint (pt_tree_verify_consistency (old_size, size, proof, count, &old_root, &root),
                     ==, wrong ? PT_BAD_PROOF : PT_OK);
}

static void
test_rfc6962 (void)
{
  g_autofree char *text = pt_vectors_read ("rfc6962-proofs.json", NULL);
  g_autoptr (JsonNode) node = pt_vectors_load ("rfc6962-proofs.json");
  JsonObject *object = json_node_get_object (node);
  JsonArray *inclusion = json_object_get_array_member (object, "inclusion");
  JsonArray *consistency = json_object_get_array_member (object, "consistency");
  const char *cursor = strstr (text, "\"inclusion\": [");

  for (guint i = 0; i < json_array_get_length (inclusion); i++)
    {
      uint64_t index, size;

      cursor = next_number (cursor, "leafIdx", &index);
      cursor = next_number (cursor, "treeSize", &size);
      check_inclusion (json_array_get_object_element (inclusion, i), index, size);
    }
  cursor = strstr (text, "\"consistency\": [");
  for (guint i = 0; i < json_array_get_length (consistency); i++)
    {
      uint64_t old_size, size;

      cursor = next_number (cursor, "size1", &old_size);
      cursor = next_number (cursor, "size2", &size);
      check_consistency (json_array_get_object_element (consistency, i), old_size, size);
    }
  g_assert_cmpuint (json_array_get_length (inclusion) + json_array_get_length (consistency), ==,
                    196);
}

static void
check_built_inclusion (const PtHash *leaves, size_t start, size_t index, size_t size)
{
  PtHash path[PT_TREE_DEPTH_MAX], expected[PT_TREE_DEPTH_MAX], root, naive;
  PtPathBuilder builder;
  PtFrontier frontier;
  size_t count, expected_count = naive_path (leaves, size, index, expected);

  grow (&frontier, leaves, start);
  g_assert_cmpint (pt_path_builder_inclusion (&builder, &frontier, index), ==, PT_OK);
  for (size_t i = start; i < size; i++)
    pt_path_builder_append (&builder, &leaves[i]);
  g_assert_cmpint (pt_path_builder_finish (&builder, path, &count, &root), ==, PT_OK);
  naive = naive_root (leaves, size);
  pt_assert_hash (root, naive);
  g_assert_cmpmem (path, count * sizeof *path, expected, expected_count * sizeof *path);
  g_assert_cmpint (pt_tree_verify_inclusion (index, size, &leaves[index], path, count, &root), ==,
                   PT_OK);
}

static void
test_inclusion_paths (void)
{
  PtHash leaves[70];

  make_leaves (leaves, G_N_ELEMENTS (leaves));
  for (size_t size = 1; size <= 40; size++)
    for (size_t index = 0; index < size; index++)
      for (size_t start = 0; start <= index; start += 1 + index / 5)
        check_built_inclusion (leaves, start, index, size);
  for (size_t index = 0; index < 70; index++)
    check_built_inclusion (leaves, index, index, 70);
}

static void
check_built_consistency (const PtHash *leaves, size_t old, size_t size)
{
  PtHash proof[PT_TREE_DEPTH_MAX], expected[PT_TREE_DEPTH_MAX], old_root, root;
  PtPathBuilder builder;
  PtFrontier frontier;
  size_t count, expected_count = naive_proof (leaves, size, old, true, expected);

  grow (&frontier, leaves, old);
  pt_frontier_root (&frontier, &old_root);
  g_assert_cmpint (pt_path_builder_consistency (&builder, &frontier), ==, PT_OK);
  for (size_t i = old; i < size; i++)
    pt_path_builder_append (&builder, &leaves[i]);
  g_assert_cmpint (pt_path_builder_finish (&builder, proof, &count, &root), ==, PT_OK);
  g_assert_cmpmem (proof, count * sizeof *proof, expected, expected_count * sizeof *proof);
  g_assert_cmpint (pt_tree_verify_consistency (old, size, proof, count, &old_root, &root), ==,
                   PT_OK);
}

static void
test_consistency_proofs (void)
{
  PtHash leaves[70];

  make_leaves (leaves, G_N_ELEMENTS (leaves));
  for (size_t size = 1; size <= 70; size++)
    for (size_t old = 1; old <= size; old++)
      check_built_consistency (leaves, old, size);
}

/* The builder is not used up by finishing: each size gets its own path. */
static void
test_finish_again (void)
{
  PtHash leaves[40], path[PT_TREE_DEPTH_MAX], root;
  PtPathBuilder builder;
  PtFrontier frontier;
  size_t count;

  make_leaves (leaves, G_N_ELEMENTS (leaves));
  grow (&frontier, leaves, 3);
  g_assert_cmpint (pt_path_builder_inclusion (&builder, &frontier, 5), ==, PT_OK);
  for (size_t size = 3; size < 40; size++)
    {
      PtResult result = pt_path_builder_finish (&builder, path, &count, &root);

      g_assert_cmpint (result, ==, size > 5 ? PT_OK : PT_BAD_PROOF);
      if (size > 5)
        g_assert_cmpint (pt_tree_verify_inclusion (5, size, &leaves[5], path, count, &root), ==,
                         PT_OK);
      pt_path_builder_append (&builder, &leaves[size]);
    }
}

static void
test_builder_refuses (void)
{
  PtHash leaves[8];
  PtPathBuilder builder;
  PtFrontier frontier;

  make_leaves (leaves, G_N_ELEMENTS (leaves));
  grow (&frontier, leaves, 5);
  for (uint64_t index = 0; index < 5; index++)
    g_assert_cmpint (pt_path_builder_inclusion (&builder, &frontier, index), ==, PT_BAD_PROOF);
  g_assert_cmpint (pt_path_builder_inclusion (&builder, &frontier, 5), ==, PT_OK);
  pt_frontier_init (&frontier);
  g_assert_cmpint (pt_path_builder_consistency (&builder, &frontier), ==, PT_BAD_PROOF);
}

/* Every change of an inclusion proof's parts is refused. */
static void
test_inclusion_mutations (void)
{
  PtHash leaves[21], path[PT_TREE_DEPTH_MAX + 1], root = { 0 };
  const size_t size = G_N_ELEMENTS (leaves);

  make_leaves (leaves, size);
  root = naive_root (leaves, size);
  for (size_t index = 0; index < size; index++)
    {
      size_t count = naive_path (leaves, size, index, path);

      for (size_t i = 0; i < count * PT_HASH_SIZE; i++)
        {
          uint8_t *byte = &path[i / PT_HASH_SIZE].bytes[i % PT_HASH_SIZE];

          *byte ^= (uint8_t) (1u << (i % 8));
          g_assert_cmpint (
              pt_tree_verify_inclusion (index, size, &leaves[index], path, count, &root), ==,
              PT_BAD_PROOF);
          *byte ^= (uint8_t) (1u << (i % 8));
        }
      for (size_t other = 0; other < size + 3; other++)
        if (other != index)
          g_assert_cmpint (
              pt_tree_verify_inclusion (other, size, &leaves[index], path, count, &root), ==,
              PT_BAD_PROOF);
      g_assert_cmpint (
          pt_tree_verify_inclusion (index, size, &leaves[index], path, count - 1, &root), ==,
          PT_BAD_PROOF);
      path[count] = leaves[0];
      g_assert_cmpint (
          pt_tree_verify_inclusion (index, size, &leaves[index], path, count + 1, &root), ==,
          PT_BAD_PROOF);
      g_assert_cmpint (pt_tree_verify_inclusion (index, 0, &leaves[index], path, count, &root), ==,
                       PT_BAD_PROOF);
    }
}

static void
test_consistency_mutations (void)
{
  PtHash leaves[21], proof[PT_TREE_DEPTH_MAX + 1], root;
  const size_t size = G_N_ELEMENTS (leaves);

  make_leaves (leaves, size);
  root = naive_root (leaves, size);
  for (size_t old = 1; old < size; old++)
    {
      PtHash old_root = naive_root (leaves, old);
      size_t count = naive_proof (leaves, size, old, true, proof);

      for (size_t i = 0; i < count; i++)
        {
          proof[i].bytes[i] ^= 1;
          g_assert_cmpint (pt_tree_verify_consistency (old, size, proof, count, &old_root, &root),
                           ==, PT_BAD_PROOF);
          proof[i].bytes[i] ^= 1;
        }
      g_assert_cmpint (pt_tree_verify_consistency (old, size, proof, count - 1, &old_root, &root),
                       ==, PT_BAD_PROOF);
      proof[count] = root;
      g_assert_cmpint (pt_tree_verify_consistency (old, size, proof, count + 1, &old_root, &root),
                       ==, PT_BAD_PROOF);
      g_assert_cmpint (pt_tree_verify_consistency (old, size, proof, count, &root, &old_root), ==,
                       PT_BAD_PROOF);
      g_assert_cmpint (pt_tree_verify_consistency (size, old, proof, count, &root, &old_root), ==,
                       PT_BAD_PROOF);
    }
}

static void
test_consistency_edges (void)
{
  PtHash empty, leaf = pt_numbered_leaf (0), other = pt_numbered_leaf (1);

  pt_sha256 ("", 0, &empty);
  g_assert_cmpint (pt_tree_verify_consistency (0, 0, NULL, 0, &empty, &empty), ==, PT_OK);
  g_assert_cmpint (pt_tree_verify_consistency (0, 1, NULL, 0, &empty, &leaf), ==, PT_OK);
  g_assert_cmpint (pt_tree_verify_consistency (0, 1, NULL, 0, &leaf, &leaf), ==, PT_BAD_PROOF);
  g_assert_cmpint (pt_tree_verify_consistency (0, 0, NULL, 0, &empty, &leaf), ==, PT_BAD_PROOF);
  g_assert_cmpint (pt_tree_verify_consistency (0, 1, &leaf, 1, &empty, &leaf), ==, PT_BAD_PROOF);
  g_assert_cmpint (pt_tree_verify_consistency (1, 1, NULL, 0, &leaf, &leaf), ==, PT_OK);
  g_assert_cmpint (pt_tree_verify_consistency (1, 1, NULL, 0, &leaf, &other), ==, PT_BAD_PROOF);
  g_assert_cmpint (pt_tree_verify_consistency (1, 1, &leaf, 1, &leaf, &leaf), ==, PT_BAD_PROOF);
  g_assert_cmpint (pt_tree_verify_consistency (2, 1, &leaf, 1, &leaf, &leaf), ==, PT_BAD_PROOF);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tree/roots", test_roots);
  g_test_add_func ("/tree/naive-roots", test_naive_roots);
  g_test_add_func ("/tree/frontier-load", test_frontier_load);
  g_test_add_func ("/tree/rfc6962", test_rfc6962);
  g_test_add_func ("/tree/inclusion-paths", test_inclusion_paths);
  g_test_add_func ("/tree/consistency-proofs", test_consistency_proofs);
  g_test_add_func ("/tree/finish-again", test_finish_again);
  g_test_add_func ("/tree/builder-refuses", test_builder_refuses);
  g_test_add_func ("/tree/inclusion-mutations", test_inclusion_mutations);
  g_test_add_func ("/tree/consistency-mutations", test_consistency_mutations);
  g_test_add_func ("/tree/consistency-edges", test_consistency_edges);
  return g_test_run ();
}
