/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-abi.h"

/* Calls to and events of PowerAnchor's period mode (docs/PROTOCOL.md sections 6 and 14) in the
 * contract ABI. */

/* What the chain says of a period. */
typedef struct
{
  uint64_t period; /* from 1 */
  PtHash root;     /* over the lines of its checkpoints */
  uint32_t count;  /* of them, at least 1 */
  PtCid cid;       /* of its file */
} PtPeriodAnchored;

/* Where a checkpoint stands: which line of which period. Borrows the paths, of at most
 * PT_TREE_DEPTH_MAX hashes. */
typedef struct
{
  uint64_t period; /* 0: none; the checkpoint is one that the contract knows by root and size */
  PtHash root;
  uint32_t count, index;
  const PtHash *path; /* from the line to root */
  size_t path_count;
  const PtHash *period_path; /* from the period's leaf on in the tree of periods */
  size_t period_path_count;
} PtPlace;

#define PT_ABI_ANCHOR_PERIOD_SIZE 228 /* bytes of the call */

/* PT_MALFORMED for a period that the contract would refuse whatever its newest is. */
PtResult pt_abi_anchor_period (PtKeccakPermutation permute, const PtPeriodAnchored *period,
                               uint8_t *out, size_t out_size, size_t *size);

/* Bytes that the calls take, and the calls. PT_MALFORMED for an area that is none, and for a path
 * that is too long. */
size_t pt_abi_lift_size (const PtPlace *place);
PtResult pt_abi_lift (PtKeccakPermutation permute, const PtCheckpoint *checkpoint,
                      const PtPlace *place, uint8_t *out, size_t out_size, size_t *size);
size_t pt_abi_conflict_size (const PtPlace *place, const PtPlace *other_place);
PtResult pt_abi_conflict (PtKeccakPermutation permute, const PtCheckpoint *checkpoint,
                          const PtPlace *place, const PtCheckpoint *other,
                          const PtPlace *other_place, uint8_t *out, size_t out_size, size_t *size);

/* First topic of the event, and its strict decoder; @topics after the first. PT_MALFORMED for any
 * other length, offset or padding, and for what the contract never says; PT_BAD_CID. */
void pt_abi_period_anchored_topic (PtKeccakPermutation permute, PtHash *out);
PtResult pt_abi_period_anchored_parse (const PtHash *topics, size_t topic_count,
                                       const uint8_t *data, size_t size, PtPeriodAnchored *out);
