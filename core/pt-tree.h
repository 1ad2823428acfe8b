/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* The Merkle tree of RFC 6962 section 2.1 / RFC 9162 section 2.1 with SHA-256. */

#define PT_TREE_DEPTH_MAX 64

/* leaf = SHA-256 (0x00 || data); node = SHA-256 (0x01 || left || right). */
void pt_tree_leaf_hash (PtSpan data, PtHash *out);
void pt_tree_node_hash (const PtHash *left, const PtHash *right, PtHash *out);

/* A growing tree: the roots of its maximal complete subtrees, left (largest) to right. */
typedef struct
{
  uint64_t size;                   /* leaves */
  PtHash nodes[PT_TREE_DEPTH_MAX]; /* pt_frontier_count () of them */
} PtFrontier;

void pt_frontier_init (PtFrontier *frontier);
size_t pt_frontier_count (const PtFrontier *frontier);
/* PT_BAD_PROOF unless @count is the number of 1 bits of @size. */
PtResult pt_frontier_load (PtFrontier *frontier, uint64_t size, const PtHash *nodes, size_t count);
void pt_frontier_append (PtFrontier *frontier, const PtHash *leaf);
/* Root of the whole tree; SHA-256 ("") when it is empty. */
void pt_frontier_root (const PtFrontier *frontier, PtHash *out);

/* RFC 9162 2.1.3.2: PT_OK or PT_BAD_PROOF. */
PtResult pt_tree_verify_inclusion (uint64_t index, uint64_t size, const PtHash *leaf,
                                   const PtHash *path, size_t count, const PtHash *root);

/* RFC 9162 2.1.4.2, and the equal and empty cases: old_size 0 needs an empty proof and the root of
 * the empty tree. */
PtResult pt_tree_verify_consistency (uint64_t old_size, uint64_t size, const PtHash *proof,
                                     size_t count, const PtHash *old_root, const PtHash *root);

/* Builds a path while leaves stream by, in memory of O(log n): start from the frontier of the tree
 * before the target, append every later leaf in order, finish. */
typedef struct
{
  bool consistency; /* else inclusion */
  PtFrontier frontier;
  uint64_t index; /* of the target leaf, or the last leaf of the target subtree */
  int target;     /* which frontier node holds the target; -1 before it came */
  PtHash path[PT_TREE_DEPTH_MAX];
  size_t count;
} PtPathBuilder;

/* The inclusion path of leaf @index, which must not lie before @frontier->size (PT_BAD_PROOF). */
PtResult pt_path_builder_inclusion (PtPathBuilder *builder, const PtFrontier *frontier,
                                    uint64_t index);
/* The consistency proof from the tree of @frontier (of at least one leaf) to the finished one. */
PtResult pt_path_builder_consistency (PtPathBuilder *builder, const PtFrontier *frontier);
void pt_path_builder_append (PtPathBuilder *builder, const PtHash *leaf);
/* PT_BAD_PROOF when the target never came. @path has room for PT_TREE_DEPTH_MAX. Leaves the builder
 * as it is: more leaves may follow, and a longer path be taken. */
PtResult pt_path_builder_finish (PtPathBuilder *builder, PtHash *path, size_t *count, PtHash *root);

/* The same path when the roots of complete subtrees are at hand (tiles), in O(log n). */

typedef struct
{
  uint64_t first, count; /* leaves */
} PtTreeRange;

/* Which leaves each hash of the inclusion path of leaf @index in a tree of @size stands for, in the
 * path's order (RFC 9162 2.1.3.1). @ranges has room for PT_TREE_DEPTH_MAX. PT_BAD_PROOF: there is
 * no such leaf. */
PtResult pt_tree_path_ranges (uint64_t index, uint64_t size, PtTreeRange *ranges, size_t *count);

/* Says the root of the complete subtree over the 2^@height leaves from @index * 2^@height on; what
 * is not PT_OK ends the asking with it. */
typedef PtResult (*PtTreeNodeFunc) (void *context, unsigned height, uint64_t index, PtHash *out);

/* The root over the leaves of @range, of which @range->first is a multiple of the largest power of
 * two in @range->count: all that pt_tree_path_ranges () gives. PT_BAD_PROOF for another range. */
PtResult pt_tree_range_root (const PtTreeRange *range, PtTreeNodeFunc node, void *context,
                             PtHash *out);
