/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fuzz.h"

#include "pt-batch.h"

static char seed_text[PT_FUZZ_SIZE_MAX];
static size_t seed_size;

static const PtSpan words[] = {
  PT_FUZZ_WORD ("{\"area\":\"demo\",\"batch\":1,\"entries\":[\n"),
  PT_FUZZ_WORD ("],\"format\":\"powertrack-batch-1\","),
  PT_FUZZ_WORD (",\n"),
  PT_FUZZ_WORD ("\n"),
  PT_FUZZ_WORD ("{\"a\":1}"),
  PT_FUZZ_WORD ("[]"),
  PT_FUZZ_WORD ("\"size\":"),
  PT_FUZZ_WORD ("9007199254740991"),
  PT_FUZZ_WORD ("\"frontier\":[]"),
  PT_FUZZ_WORD ("0000000000000000"),
  PT_FUZZ_WORD ("\r\n"),
  PT_FUZZ_WORD ("\n\n"),
};

static bool
keep (void *context, const void *data, size_t size)
{
  pt_fuzz_require (seed_size + size <= sizeof seed_text);
  memcpy (seed_text + seed_size, data, size);
  seed_size += size;
  return true;
}

static void
make_seed (void)
{
  PtBatchHeader header = { .area = "demo", .batch = 1, .from = 5, .to = 9 }, finished;
  static PtBatchWriter writer;

  pt_frontier_init (&header.previous);
  pt_fuzz_require (pt_batch_writer_open (&writer, &header, keep, NULL) == PT_OK);
  for (int i = 0; i < 3; i++)
    pt_fuzz_require (pt_batch_writer_append (&writer, pt_span ("{\"a\":\"b\"}", 9), NULL) == PT_OK);
  pt_fuzz_require (pt_batch_writer_close (&writer, &finished) == PT_OK);
}

static PtResult
visit (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  uint64_t *count = context;

  pt_fuzz_require (index == (*count)++);
  return PT_OK;
}

/* In pieces of @step bytes: the cutting changes nothing. */
static PtResult
read_batch (PtSpan input, size_t step, PtBatchHeader *out)
{
  static char buffer[PT_ENTRY_MAX + 2];
  static PtBatchReader reader;
  PtFrontier empty;
  uint64_t count = 0;
  PtResult result;

  pt_frontier_init (&empty);
  result = pt_batch_reader_init (&reader, &empty, buffer, sizeof buffer, visit, &count);
  for (size_t at = 0; at < input.size && result == PT_OK; at += step)
    result = pt_batch_reader_feed (&reader, input.data + at,
                                   input.size - at < step ? input.size - at : step);
  return result == PT_OK ? pt_batch_reader_finish (&reader, out) : result;
}

static bool
target (PtSpan input)
{
  PtBatchHeader whole, pieces, line;
  PtResult result = read_batch (input, input.size ? input.size : 1, &whole);

  pt_fuzz_require (read_batch (input, 7, &pieces) == result);
  pt_batch_parse_first_line (input, &line);
  pt_batch_parse_last_line (input, &line);
  /* Entries are the visitor's to judge, and the root commits to them: nothing but the seed, or
   * what says the same with another window, is valid. */
  return result == PT_OK;
}

int
main (int argc, char **argv)
{
  PtSpan seed;

  make_seed ();
  seed = pt_span (seed_text, seed_size);
  return pt_fuzz_main (&(PtFuzz){ &seed, 1, words, sizeof words / sizeof *words, target }, argc,
                       argv);
}
