/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fuzz.h"

#include "pt-dossier.h"

static char seed_text[PT_FUZZ_SIZE_MAX];

static const PtSpan words[] = {
  PT_FUZZ_WORD ("\"{\\\"a\\\":1}\""),
  PT_FUZZ_WORD ("\\\""),
  PT_FUZZ_WORD ("\\u0001"),
  PT_FUZZ_WORD ("[]"),
  PT_FUZZ_WORD ("{\"entry\":\"\",\"evidence\":\"\",\"proof\":\"\",\"receipt\":\"\"}"),
  PT_FUZZ_WORD ("null"),
  PT_FUZZ_WORD (","),
  PT_FUZZ_WORD ("9007199254740991"),
  PT_FUZZ_WORD ("-1"),
};

/* What is parsed is written back to the same bytes, and fits a buffer of its own size. */
static bool
target (PtSpan input)
{
  static char buffer[PT_FUZZ_SIZE_MAX], written[PT_FUZZ_SIZE_MAX];
  static PtDossier dossier;
  size_t size;

  if (pt_dossier_parse (input, buffer, input.size, &dossier) != PT_OK)
    return false;
  pt_fuzz_require (pt_dossier_write (&dossier, written, sizeof written, &size) == PT_OK);
  pt_fuzz_require (pt_span_equal (pt_span (written, size), input));
  return true;
}

int
main (int argc, char **argv)
{
  static PtDossier dossier = { .made = 5, .step_count = 2 };
  static const char entry[] = "{\"area\":\"demo\",\"note\":\"a\\nb\"}";
  PtSpan text = pt_span (entry, sizeof entry - 1);
  size_t size;
  PtSpan seed;

  dossier.area = pt_span ("demo", 4);
  dossier.complaint = pt_span ("1", 1);
  dossier.privates.items[dossier.privates.count++] = text;
  dossier.registrations.items[dossier.registrations.count++] = text;
  dossier.reports.items[dossier.reports.count++] = text;
  for (size_t i = 0; i < dossier.step_count; i++)
    dossier.steps[i] = (PtDossierStep){ text, pt_span ("supported", 9), text, pt_span ("", 0) };
  pt_fuzz_require (pt_dossier_write (&dossier, seed_text, sizeof seed_text, &size) == PT_OK);
  seed = pt_span (seed_text, size);
  return pt_fuzz_main (&(PtFuzz){ &seed, 1, words, sizeof words / sizeof *words, target }, argc,
                       argv);
}
