/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"
#include "pt-cid.h"

/* What is said on the chain of one batch of one area: docs/PROTOCOL.md section 6; and as a line of
 * a period file: section 14. */

#define PT_CHECKPOINT_LINE_MAX 320 /* bytes, with room */
/* Leaves that one batch may add: more than any area fills. */
#define PT_CHECKPOINT_GROWTH_MAX ((uint64_t) 1 << 40)

typedef struct
{
  char area[PT_AREA_MAX + 1];     /* NUL-terminated */
  uint64_t batch, size, from, to; /* batch from 1; size: leaves after it; times in ms since 1970 */
  PtHash root;
  PtCid cid;
} PtCheckpoint;

/* Its line in a period file, which is canonical JSON, without comma and newline. The parser takes
 * nothing else: PT_MALFORMED, PT_NOT_CANONICAL, PT_TOO_LARGE, PT_BAD_CID. Batch and size are at
 * least 1. Whether its window is one is for pt_checkpoint_follows () to say. */
PtResult pt_checkpoint_parse (PtSpan line, PtCheckpoint *out);
/* PT_MALFORMED for what the line has no place for. */
PtResult pt_checkpoint_write (const PtCheckpoint *checkpoint, char *out, size_t out_size,
                              size_t *size);

/* The order of a period file, by area (bytewise), then batch: negative, 0 or positive. */
int pt_checkpoint_compare (const PtCheckpoint *a, const PtCheckpoint *b);
/* In everything. */
bool pt_checkpoint_equal (const PtCheckpoint *a, const PtCheckpoint *b);

/* Whether @next can come after @previous of the same area (NULL, or batch 0: it is the first).
 * PT_BAD_PROOF unless it is the next batch and its tree grew, by no more than
 * PT_CHECKPOINT_GROWTH_MAX; PT_BAD_WINDOW unless its window goes on where the last one ended and is
 * not empty. */
PtResult pt_checkpoint_follows (const PtCheckpoint *previous, const PtCheckpoint *next);

/* Whether not both can be true, whichever is given first. Two of different areas never conflict. */
bool pt_checkpoint_conflicts (const PtCheckpoint *a, const PtCheckpoint *b);
