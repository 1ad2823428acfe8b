/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fuzz.h"

#include "pt-bundle.h"

static char seed_text[PT_FUZZ_SIZE_MAX];

static const PtSpan words[] = {
  PT_FUZZ_WORD ("\"entry\":\"{\\\"a\\\":1}\""),
  PT_FUZZ_WORD ("\\\""),
  PT_FUZZ_WORD ("\\u0001"),
  PT_FUZZ_WORD ("\"path\":[]"),
  PT_FUZZ_WORD ("0x"),
  PT_FUZZ_WORD ("null"),
  PT_FUZZ_WORD (","),
  PT_FUZZ_WORD ("9007199254740991"),
  PT_FUZZ_WORD ("\"signer\":\"\""),
  PT_FUZZ_WORD ("-1"),
  PT_FUZZ_WORD ("0000000000000000000000000000000000000000000000000000000000000000"),
};

static bool
never (void *context, const uint8_t public_key[PT_PUBLIC_KEY_SIZE], const PtHash *digest,
       const uint8_t signature[PT_SIGNATURE_SIZE])
{
  return false;
}

/* What is parsed is written back to the same bytes, and its checks stand any content. */
static bool
target (PtSpan input)
{
  static char buffer[2 * PT_ENTRY_MAX], written[PT_FUZZ_SIZE_MAX];
  static PtBundle bundle;
  const PtVerifier verifier = { .verify = never };
  PtBundleFindings findings;
  size_t size;

  if (pt_bundle_parse (input, buffer, sizeof buffer, &bundle) != PT_OK)
    return false;
  pt_fuzz_require (pt_bundle_write (&bundle, written, sizeof written, &size) == PT_OK);
  pt_fuzz_require (pt_span_equal (pt_span (written, size), input));
  pt_fuzz_require (pt_bundle_verify (&bundle, &verifier, NULL, &findings) != PT_OK);
  return true;
}

int
main (int argc, char **argv)
{
  static PtBundle bundle
      = { .batch = 2, .block = 17, .chain_id = 31337, .index = 1, .size = 3, .path_count = 2 };
  static const char entry[] = "{\"area\":\"demo\",\"note\":\"a\\nb\"}";
  size_t size;
  PtSpan seed;

  bundle.area = pt_span ("demo", 4);
  bundle.entry = bundle.signer = pt_span (entry, sizeof entry - 1);
  pt_cid_make (PT_CODEC_RAW, &bundle.root, &bundle.cid);
  pt_fuzz_require (pt_bundle_write (&bundle, seed_text, sizeof seed_text, &size) == PT_OK);
  seed = pt_span (seed_text, size);
  return pt_fuzz_main (&(PtFuzz){ &seed, 1, words, sizeof words / sizeof *words, target }, argc,
                       argv);
}
