/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fuzz.h"

#include "pt-cid.h"

static char node[PT_FUZZ_SIZE_MAX];
static size_t node_size;
static PtUnixfsBuilder builder;

static const PtSpan words[] = {
  PT_FUZZ_WORD ("\x01\x55\x12\x20"),
  PT_FUZZ_WORD ("\x01\x70\x12\x20"),
  PT_FUZZ_WORD ("\x0a"),
  PT_FUZZ_WORD ("\x12\x24"),
  PT_FUZZ_WORD ("\x08\x02"),
  PT_FUZZ_WORD ("\x18\x00"),
  PT_FUZZ_WORD ("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
  PT_FUZZ_WORD ("\x80\x00"),
  PT_FUZZ_WORD ("\x20\x80\x80\x40"),
  PT_FUZZ_WORD ("\x00"),
  PT_FUZZ_WORD ("\x7f"),
};

static bool
keep (void *context, const PtCid *cid, const void *data, size_t size)
{
  if (!data)
    return true;
  pt_fuzz_require (size <= sizeof node);
  memcpy (node, data, size);
  node_size = size;
  return true;
}

static PtResult
visit (void *context, const PtUnixfsLink *link)
{
  uint64_t *sum = context;

  *sum += link->file_size;
  return PT_OK;
}

static bool
target (PtSpan input)
{
  uint64_t size = 0, sum = 0;

  if (pt_unixfs_read_node (input.data, input.size, &size, visit, &sum) != PT_OK)
    return false;
  pt_fuzz_require (size == sum);
  return true;
}

int
main (int argc, char **argv)
{
  PtSpan seed;
  PtCid cid;

  pt_fuzz_require (pt_unixfs_init (&builder, 16, 4, keep, NULL) == PT_OK);
  pt_fuzz_require (pt_unixfs_feed (&builder, "0123456789abcdef0123456789abcdef0123", 36) == PT_OK);
  pt_fuzz_require (pt_unixfs_finish (&builder, &cid) == PT_OK);
  seed = pt_span (node, node_size);
  return pt_fuzz_main (&(PtFuzz){ &seed, 1, words, sizeof words / sizeof *words, target }, argc,
                       argv);
}
