/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

#include "pt-batch.h"

/* First and last line of a batch file, which say what it is a file of; the tree before it stands in
 * the last one. */

typedef enum
{
  PT_ENDS_FOUND,
  PT_ENDS_NO_FIRST,  /* the first line is no batch file's */
  PT_ENDS_NO_LAST,   /* it does not end with a line */
  PT_ENDS_OTHER_LAST /* the last line is not the canonical one */
} PtBatchEnds;

/* @file is at its beginning, before and after. */
PtBatchEnds pt_batch_ends_read (FILE *file, uint64_t size, PtBatchHeader *out);
/* A sentence for a person. */
const char *pt_batch_ends_words (PtBatchEnds ends);
