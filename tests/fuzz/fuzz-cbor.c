/* SPDX-License-Identifier: Apache-2.0 */
/* Compact reports and what devices are told, as CBOR: what is taken has one form. */
#include "pt-fuzz.h"

#include "pt-compact.h"
#include "pt-held.h"

#define SIG                                                                                        \
  "\x58\x40"                                                                                       \
  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const PtSpan seeds[] = {
  PT_FUZZ_WORD ("\x84\x17\x1b\x00\x00\x01\x9a\xb6\x97\xe8\x05\xf4" SIG),
  PT_FUZZ_WORD ("\x84\x18\x18\x1b\x00\x00\x01\x9a\xb6\x97\xe8\x05\xf5" SIG),
  PT_FUZZ_WORD ("\x86\x08\x07\xf5" SIG "\x19\x09\x00\xf6"),
  PT_FUZZ_WORD ("\x86\x1a\x00\x01\x00\x00\x07\xf4" SIG "\xf6\x01"),
  PT_FUZZ_WORD ("\x84\x07\x41\x0a\x1b\x00\x00\x01\x9a\xb6\x97\xeb\x09" SIG),
  PT_FUZZ_WORD ("\x84\x19\x11\x88\x44\x01\x02\x03\x80\x00" SIG),
};

static const PtSpan words[] = {
  PT_FUZZ_WORD (SIG),        PT_FUZZ_WORD ("\x84"),     PT_FUZZ_WORD ("\x86"),
  PT_FUZZ_WORD ("\xf6"),     PT_FUZZ_WORD ("\xf5"),     PT_FUZZ_WORD ("\x18\x18"),
  PT_FUZZ_WORD ("\x19\x01"), PT_FUZZ_WORD ("\x1a"),     PT_FUZZ_WORD ("\x1b\x00\x1f\xff"),
  PT_FUZZ_WORD ("\x9f"),     PT_FUZZ_WORD ("\xc1"),     PT_FUZZ_WORD ("\x59\x02\x00"),
  PT_FUZZ_WORD ("\x40"),     PT_FUZZ_WORD ("\xfb\x40"), PT_FUZZ_WORD ("\xff"),
};

static bool
take_report (PtSpan input)
{
  const PtCompactDevice device
      = { pt_span ("area", 4), pt_span ("tx-1", 4), pt_span ("T-1", 3), 5, -5 };
  char text[1024];
  uint8_t written[PT_COMPACT_MAX];
  PtCompactReport report, again;
  PtEntry entry;
  size_t size;

  if (pt_compact_parse (input, &report) != PT_OK)
    return false;
  pt_fuzz_require (pt_compact_write (&report, written, sizeof written, &size) == PT_OK);
  pt_fuzz_require (size == input.size && memcmp (written, input.data, size) == 0);
  pt_fuzz_require (pt_compact_expand (&report, &device, text, sizeof text, &size) == PT_OK);
  pt_fuzz_require (pt_entry_parse (pt_span (text, size), PT_ENTRY_SIGNED, &entry) == PT_OK);
  pt_compact_from_entry (&entry, &again);
  pt_fuzz_require (again.seq == report.seq && again.ts == report.ts && again.power == report.power);
  return true;
}

static bool
take_held (PtSpan input)
{
  static char text[PT_HELD_JSON_MAX];
  static PtHeld held, again;
  uint8_t written[PT_HELD_CBOR_MAX];
  size_t size;

  if (pt_held_parse_cbor (input, pt_span ("area", 4), pt_span ("tx-1", 4), &held) != PT_OK)
    return false;
  pt_fuzz_require (pt_held_write_cbor (&held, written, sizeof written, &size) == PT_OK);
  pt_fuzz_require (size == input.size && memcmp (written, input.data, size) == 0);
  pt_fuzz_require (pt_held_write (&held, text, sizeof text, &size) == PT_OK);
  pt_fuzz_require (pt_held_parse (pt_span (text, size), &again) == PT_OK);
  pt_fuzz_require (again.highest == held.highest && again.ts == held.ts);
  pt_fuzz_require (memcmp (again.missing, held.missing, sizeof held.missing) == 0);
  return true;
}

static bool
target (PtSpan input)
{
  bool is_report = take_report (input);

  return take_held (input) || is_report;
}

int
main (int argc, char **argv)
{
  const PtFuzz fuzz
      = { seeds, sizeof seeds / sizeof *seeds, words, sizeof words / sizeof *words, target };

  return pt_fuzz_main (&fuzz, argc, argv);
}
