/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-tree.h"

#include <string.h>

#include "pt-sha256.h"

static bool
hash_equal (const PtHash *a, const PtHash *b)
{
  return memcmp (a->bytes, b->bytes, PT_HASH_SIZE) == 0;
}

void
pt_tree_leaf_hash (PtSpan data, PtHash *out)
{
  static const uint8_t prefix = 0x00;
  PtSha256 sha;

  pt_sha256_init (&sha);
  pt_sha256_update (&sha, &prefix, 1);
  pt_sha256_update (&sha, data.data, data.size);
  pt_sha256_finish (&sha, out);
}

void
pt_tree_node_hash (const PtHash *left, const PtHash *right, PtHash *out)
{
  uint8_t text[1 + 2 * PT_HASH_SIZE]; /* two blocks once padded; @out may be @left or @right */

  text[0] = 0x01;
  memcpy (text + 1, left->bytes, PT_HASH_SIZE);
  memcpy (text + 1 + PT_HASH_SIZE, right->bytes, PT_HASH_SIZE);
  pt_sha256 (text, sizeof text, out);
}

/* The number of 1 bits. Written out because the compiler's builtin may call its runtime library. */
static size_t
count_bits (uint64_t value)
{
  value -= (value >> 1) & 0x5555555555555555u;
  value = (value & 0x3333333333333333u) + ((value >> 2) & 0x3333333333333333u);
  value = (value + (value >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return (size_t) ((value * 0x0101010101010101u) >> 56);
}

static bool
is_power_of_two (uint64_t value)
{
  return value != 0 && (value & (value - 1)) == 0;
}

void
pt_frontier_init (PtFrontier *frontier)
{
  memset (frontier, 0, sizeof *frontier);
}

size_t
pt_frontier_count (const PtFrontier *frontier)
{
  return count_bits (frontier->size);
}

PtResult
pt_frontier_load (PtFrontier *frontier, uint64_t size, const PtHash *nodes, size_t count)
{
  pt_frontier_init (frontier);
  if (count != count_bits (size))
    return PT_BAD_PROOF;
  frontier->size = size;
  if (count > 0)
    memcpy (frontier->nodes, nodes, count * sizeof *nodes);
  return PT_OK;
}

void
pt_frontier_append (PtFrontier *frontier, const PtHash *leaf)
{
  size_t count = count_bits (frontier->size);
  PtHash hash = *leaf;

  /* Each trailing 1 bit of the size is a complete subtree as large as what is being appended. */
  for (uint64_t bits = frontier->size; (bits & 1) != 0; bits >>= 1)
    pt_tree_node_hash (&frontier->nodes[--count], &hash, &hash);
  frontier->nodes[count] = hash;
  frontier->size++;
}

void
pt_frontier_root (const PtFrontier *frontier, PtHash *out)
{
  size_t count = count_bits (frontier->size);

  if (count == 0)
    {
      pt_sha256 ("", 0, out);
      return;
    }
  *out = frontier->nodes[--count];
  while (count > 0)
    pt_tree_node_hash (&frontier->nodes[--count], out, out);
}

/* Where a verification stands: the node that is proved and the last node of its level. */
typedef struct
{
  uint64_t node, last;
} Place;

/* Goes up one level; when the node was a right border without a sibling, to where it has one. */
static void
place_up (Place *place, bool left_sibling)
{
  while (left_sibling && (place->node & 1) == 0 && place->node != 0)
    {
      place->node >>= 1;
      place->last >>= 1;
    }
  place->node >>= 1;
  place->last >>= 1;
}

/* Whether the next element of the path stands left of the node. */
static bool
place_has_left_sibling (const Place *place)
{
  return (place->node & 1) != 0 || place->node == place->last;
}

PtResult
pt_tree_verify_inclusion (uint64_t index, uint64_t size, const PtHash *leaf, const PtHash *path,
                          size_t count, const PtHash *root)
{
  Place place = { index, size - 1 };
  PtHash hash = *leaf;

  if (index >= size)
    return PT_BAD_PROOF;
  for (size_t i = 0; i < count; i++)
    {
      bool left_sibling = place_has_left_sibling (&place);

      if (place.last == 0)
        return PT_BAD_PROOF;
      if (left_sibling)
        pt_tree_node_hash (&path[i], &hash, &hash);
      else
        pt_tree_node_hash (&hash, &path[i], &hash);
      place_up (&place, left_sibling);
    }
  return place.last == 0 && hash_equal (&hash, root) ? PT_OK : PT_BAD_PROOF;
}

/* RFC 9162 2.1.4.2 steps 4 to 7 for 0 < old_size < size; @start is the first element of the proof
 * once the old root, if it was left out, is put back. */
static PtResult
verify_grown (uint64_t old_size, uint64_t size, const PtHash *start, const PtHash *proof,
              size_t count, const PtHash *old_root, const PtHash *root)
{
  Place place = { old_size - 1, size - 1 };
  PtHash old_hash = *start, hash = *start;

  while ((place.node & 1) != 0)
    {
      place.node >>= 1;
      place.last >>= 1;
    }
  for (size_t i = 0; i < count; i++)
    {
      bool left_sibling = place_has_left_sibling (&place);

      if (place.last == 0)
        return PT_BAD_PROOF;
      if (left_sibling)
        {
          pt_tree_node_hash (&proof[i], &old_hash, &old_hash);
          pt_tree_node_hash (&proof[i], &hash, &hash);
        }
      else
        pt_tree_node_hash (&hash, &proof[i], &hash);
      place_up (&place, left_sibling);
    }
  return place.last == 0 && hash_equal (&old_hash, old_root) && hash_equal (&hash, root)
             ? PT_OK
             : PT_BAD_PROOF;
}

PtResult
pt_tree_verify_consistency (uint64_t old_size, uint64_t size, const PtHash *proof, size_t count,
                            const PtHash *old_root, const PtHash *root)
{
  PtHash empty;

  if (old_size > size)
    return PT_BAD_PROOF;
  if (old_size == 0)
    {
      pt_sha256 ("", 0, &empty);
      if (count != 0 || !hash_equal (old_root, &empty))
        return PT_BAD_PROOF;
      return size != 0 || hash_equal (root, &empty) ? PT_OK : PT_BAD_PROOF;
    }
  if (old_size == size)
    return count == 0 && hash_equal (old_root, root) ? PT_OK : PT_BAD_PROOF;
  if (count == 0)
    return PT_BAD_PROOF;
  if (is_power_of_two (old_size))
    return verify_grown (old_size, size, old_root, proof, count, old_root, root);
  return verify_grown (old_size, size, proof, proof + 1, count - 1, old_root, root);
}

PtResult
pt_path_builder_inclusion (PtPathBuilder *builder, const PtFrontier *frontier, uint64_t index)
{
  memset (builder, 0, sizeof *builder);
  builder->target = -1;
  if (index < frontier->size)
    return PT_BAD_PROOF;
  builder->frontier = *frontier;
  builder->index = index;
  return PT_OK;
}

PtResult
pt_path_builder_consistency (PtPathBuilder *builder, const PtFrontier *frontier)
{
  memset (builder, 0, sizeof *builder);
  builder->target = -1;
  if (frontier->size == 0)
    return PT_BAD_PROOF;
  builder->consistency = true;
  builder->frontier = *frontier;
  builder->index = frontier->size - 1;
  builder->target = (int) pt_frontier_count (frontier) - 1;
  /* RFC 6962 2.1.2: a complete subtree is the old root itself, which the verifier has. */
  if (!is_power_of_two (frontier->size))
    builder->path[builder->count++] = frontier->nodes[builder->target];
  return PT_OK;
}

/* When two nodes merge and one of them holds the target, the other is the path's next element. */
void
pt_path_builder_append (PtPathBuilder *builder, const PtHash *leaf)
{
  PtFrontier *frontier = &builder->frontier;
  size_t count = count_bits (frontier->size);
  bool held = frontier->size == builder->index;
  PtHash hash = *leaf;

  for (uint64_t bits = frontier->size; (bits & 1) != 0; bits >>= 1)
    {
      const PtHash *left = &frontier->nodes[--count];
      bool left_held = builder->target == (int) count;

      if ((held || left_held) && builder->count < PT_TREE_DEPTH_MAX)
        builder->path[builder->count++] = held ? *left : hash;
      held = held || left_held;
      pt_tree_node_hash (left, &hash, &hash);
    }
  frontier->nodes[count] = hash;
  frontier->size++;
  if (held)
    builder->target = (int) count;
}

PtResult
pt_path_builder_finish (PtPathBuilder *builder, PtHash *path, size_t *count, PtHash *root)
{
  const PtFrontier *frontier = &builder->frontier;
  size_t i = count_bits (frontier->size);
  bool held;

  *count = 0;
  memset (root, 0, sizeof *root);
  if (builder->target < 0)
    return PT_BAD_PROOF;

  memcpy (path, builder->path, builder->count * sizeof *path);
  *count = builder->count;
  *root = frontier->nodes[--i];
  held = builder->target == (int) i;
  while (i-- > 0)
    {
      bool left_held = builder->target == (int) i;

      if ((held || left_held) && *count < PT_TREE_DEPTH_MAX)
        path[(*count)++] = held ? frontier->nodes[i] : *root;
      held = held || left_held;
      pt_tree_node_hash (&frontier->nodes[i], root, root);
    }
  if (builder->consistency && frontier->size == builder->index + 1)
    *count = 0; /* nothing was appended: the empty proof */
  return PT_OK;
}

/* From nodes */

/* The largest power of two that is not larger than @value, as an exponent. */
static unsigned
floor_log2 (uint64_t value)
{
  unsigned bits = 0;

  while (value >>= 1)
    bits++;
  return bits;
}

PtResult
pt_tree_path_ranges (uint64_t index, uint64_t size, PtTreeRange *ranges, size_t *count)
{
  PtTreeRange own = { 0, size }, down[PT_TREE_DEPTH_MAX];
  size_t depth = 0;

  *count = 0;
  if (index >= size)
    return PT_BAD_PROOF;
  while (own.count > 1)
    {
      uint64_t left = (uint64_t) 1 << floor_log2 (own.count - 1);

      if (index - own.first < left)
        {
          down[depth++] = (PtTreeRange){ own.first + left, own.count - left };
          own.count = left;
        }
      else
        {
          down[depth++] = (PtTreeRange){ own.first, left };
          own.first += left;
          own.count -= left;
        }
    }
  *count = depth;
  for (size_t i = 0; i < depth; i++)
    ranges[i] = down[depth - 1 - i];
  return PT_OK;
}

/* Its maximal complete subtrees, left to right, are the frontier of a tree of so many leaves. */
PtResult
pt_tree_range_root (const PtTreeRange *range, PtTreeNodeFunc node, void *context, PtHash *out)
{
  PtTreeRange left = *range;
  PtFrontier frontier;
  size_t nodes = 0;

  memset (out, 0, sizeof *out);
  if (range->count == 0 || range->first % ((uint64_t) 1 << floor_log2 (range->count)) != 0
      || range->count > UINT64_MAX - range->first)
    return PT_BAD_PROOF;
  pt_frontier_init (&frontier);
  frontier.size = range->count;
  while (left.count > 0)
    {
      unsigned height = floor_log2 (left.count);
      PtResult result = node (context, height, left.first >> height, &frontier.nodes[nodes++]);

      if (result != PT_OK)
        return result;
      left.first += (uint64_t) 1 << height;
      left.count -= (uint64_t) 1 << height;
    }
  pt_frontier_root (&frontier, out);
  return PT_OK;
}
