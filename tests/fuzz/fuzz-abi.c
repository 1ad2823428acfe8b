/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fuzz.h"

#include "pt-abi-period.h"

#define WORD 32

/* Two topics, then data. */
static uint8_t anchored[(2 + 8) * WORD], registered[(2 + 11) * WORD], period[(2 + 6) * WORD];

static const PtSpan words[] = {
  PT_FUZZ_WORD ("\x00\x00\x00\x00\x00\x00\x00\x00"),
  PT_FUZZ_WORD ("\xff\xff\xff\xff\xff\xff\xff\xff"),
  PT_FUZZ_WORD ("\x00\x00\x00\xa0"),
  PT_FUZZ_WORD ("\x00\x00\x00\x24"),
  PT_FUZZ_WORD ("\x00\x00\x00\x41"),
  PT_FUZZ_WORD ("\x00\x00\x00\x60"),
  PT_FUZZ_WORD ("\x04"),
  PT_FUZZ_WORD ("demo"),
  PT_FUZZ_WORD ("\x01\x55\x12\x20"),
};

static void
put (uint8_t *bytes, size_t word, uint8_t value)
{
  bytes[(word + 1) * WORD - 1] = value;
}

static void
make_seeds (void)
{
  memcpy (anchored, "demo", 4);
  put (anchored, 1, 1);
  put (anchored, 2, 3);   /* size */
  put (anchored, 3, 5);   /* from */
  put (anchored, 4, 9);   /* to */
  put (anchored, 5, 7);   /* root */
  put (anchored, 6, 160); /* where the CID is */
  put (anchored, 7, PT_CID_SIZE);
  memcpy (anchored + 8 * WORD, "\x01\x55\x12\x20", 4);

  memcpy (registered, "demo", 4);
  put (registered, 2, 96);  /* where the authority's key is */
  put (registered, 3, 224); /* and the service's */
  put (registered, 4, 1);
  put (registered, 5, PT_PUBLIC_KEY_SIZE);
  registered[6 * WORD] = 4;
  put (registered, 9, PT_PUBLIC_KEY_SIZE);
  registered[10 * WORD] = 4;

  put (period, 0, 1);  /* its number */
  put (period, 2, 7);  /* root */
  put (period, 3, 5);  /* count */
  put (period, 4, 96); /* where the CID is */
  put (period, 5, PT_CID_SIZE);
  memcpy (period + 6 * WORD, "\x01\x55\x12\x20", 4);
}

static bool
target (PtSpan input)
{
  PtAreaRegistered area;
  PtCheckpoint checkpoint;
  PtPeriodAnchored told;
  PtHash topics[2];
  const uint8_t *data = (const uint8_t *) input.data + sizeof topics;
  bool valid = false;
  size_t size;

  if (input.size < sizeof topics)
    return false;
  memcpy (topics, input.data, sizeof topics);
  size = input.size - sizeof topics;
  valid |= pt_abi_anchored_parse (topics, 2, data, size, &checkpoint) == PT_OK;
  if (valid)
    pt_fuzz_require (pt_is_area_id (pt_span (checkpoint.area, strlen (checkpoint.area))));
  valid |= pt_abi_area_registered_parse (topics, 1, data, size, &area) == PT_OK;
  valid |= pt_abi_period_anchored_parse (topics, 1, data, size, &told) == PT_OK;
  valid |= pt_abi_latest_parse (data, size, &checkpoint) == PT_OK;
  return valid;
}

int
main (int argc, char **argv)
{
  PtSpan seeds[3];

  make_seeds ();
  seeds[0] = pt_span (anchored, sizeof anchored);
  seeds[1] = pt_span (registered, sizeof registered);
  seeds[2] = pt_span (period, sizeof period);
  return pt_fuzz_main (&(PtFuzz){ seeds, 3, words, sizeof words / sizeof *words, target }, argc,
                       argv);
}
