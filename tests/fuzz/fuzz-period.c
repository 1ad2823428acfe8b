/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fuzz.h"

#include "pt-period.h"

static char seed_text[PT_FUZZ_SIZE_MAX];
static size_t seed_size;

static const PtSpan words[] = {
  PT_FUZZ_WORD ("{\"checkpoints\":[\n"),
  PT_FUZZ_WORD ("],\"format\":\"powertrack-period-1\","),
  PT_FUZZ_WORD (",\n"),
  PT_FUZZ_WORD ("\n"),
  PT_FUZZ_WORD ("\"period\":1"),
  PT_FUZZ_WORD ("\"size\":"),
  PT_FUZZ_WORD ("{\"area\":\"demo\",\"batch\":1,"),
  PT_FUZZ_WORD ("9007199254740991"),
  PT_FUZZ_WORD ("18446744073709551616"),
  PT_FUZZ_WORD ("1099511627776"),
  PT_FUZZ_WORD ("0000000000000000"),
  PT_FUZZ_WORD ("\r\n"),
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
  static const char *const areas[] = { "a", "demo", "demo", "demo-2" };
  static PtPeriodWriter writer;
  PtPeriods none = { 0 };
  PtPeriodHeader finished;

  pt_fuzz_require (pt_period_writer_open (&writer, &none, keep, NULL) == PT_OK);
  for (unsigned i = 0; i < 4; i++)
    {
      PtCheckpoint checkpoint = { .batch = i == 2 ? 2 : 1, .size = i + 1, .from = i, .to = i + 1 };
      PtHash digest = { { (uint8_t) i } };

      memcpy (checkpoint.area, areas[i], strlen (areas[i]));
      pt_cid_make (PT_CODEC_RAW, &digest, &checkpoint.cid);
      pt_fuzz_require (pt_period_writer_append (&writer, &checkpoint, NULL) == PT_OK);
    }
  pt_fuzz_require (pt_period_writer_close (&writer, 9, &finished) == PT_OK);
}

/* Writes again what is read, and holds it against the input as it comes. */
typedef struct
{
  PtPeriodWriter writer;
  PtSpan input;
  size_t at;
} Echo;

static bool
compare (void *context, const void *data, size_t size)
{
  Echo *echo = context;

  pt_fuzz_require (size <= echo->input.size - echo->at);
  pt_fuzz_require (memcmp (echo->input.data + echo->at, data, size) == 0);
  echo->at += size;
  return true;
}

static PtResult
visit (void *context, uint32_t index, const PtCheckpoint *checkpoint, PtSpan line,
       const PtHash *leaf)
{
  Echo *echo = context;
  PtHash again;

  pt_fuzz_require (pt_period_writer_append (&echo->writer, checkpoint, &again) == PT_OK);
  pt_fuzz_require (memcmp (&again, leaf, sizeof again) == 0);
  pt_fuzz_require (!pt_checkpoint_conflicts (checkpoint, checkpoint));
  return PT_OK;
}

/* In pieces of @step bytes: the cutting changes nothing. */
static PtResult
read_period (PtSpan input, size_t step, bool alone, PtPeriodHeader *out)
{
  static PtPeriodReader reader;
  static Echo echo;
  PtPeriods none = { 0 };
  PtPeriodHeader written;
  PtResult result = PT_OK;

  echo.input = input;
  echo.at = 0;
  if (!alone && input.size >= 17 && memcmp (input.data, "{\"checkpoints\":[\n", 17) == 0)
    pt_fuzz_require (pt_period_writer_open (&echo.writer, &none, compare, &echo) == PT_OK);
  pt_period_reader_init (&reader, alone ? NULL : &none, NULL, alone ? NULL : visit, &echo);
  for (size_t at = 0; at < input.size && result == PT_OK; at += step)
    result = pt_period_reader_feed (&reader, input.data + at,
                                    input.size - at < step ? input.size - at : step);
  result = pt_period_reader_finish (&reader, out);
  if (result == PT_OK && !alone)
    {
      pt_fuzz_require (pt_period_writer_close (&echo.writer, out->to, &written) == PT_OK);
      pt_fuzz_require (echo.at == input.size && memcmp (&written, out, sizeof written) == 0);
    }
  return result;
}

static bool
target (PtSpan input)
{
  PtPeriodHeader whole, pieces, line;
  PtCheckpoint checkpoint;
  PtResult result = read_period (input, input.size ? input.size : 1, false, &whole);

  pt_fuzz_require (read_period (input, 7, false, &pieces) == result);
  pt_fuzz_require (result != PT_OK || read_period (input, 64, true, &pieces) == PT_OK);
  pt_period_parse_last_line (input, &line);
  pt_checkpoint_parse (input, &checkpoint);
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
