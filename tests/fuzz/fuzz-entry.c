/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fuzz.h"

#include "pt-entry.h"
#include "pt-json.h"

#define KEY                                                                                        \
  "\"key\":\"BMQueuJuxNuGpR4pdniklOCdhALeCZ0VfJkzChHtlf90ZpFijluKK9Dom7OsZRppQww9AgBy2sRuD63z7C"   \
  "3KZQc\","
#define SIG                                                                                        \
  "\"sig\":\"lLjA2sOe0IxsCQ1RPIJvK01mPO2XHP8Fhwa4MwG83vRXD5SbA0llHXbE4yygXYgLZYkv5InAxH-"          \
  "gTBc4CGet_w\","
#define HASH "1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static const PtSpan seeds[] = {
  PT_FUZZ_WORD (
      "{\"area\":\"demo\",\"device\":\"tx-1\",\"kind\":\"report\",\"lat\":-5,\"lon\":85,\"power\":"
      "\"ON\",\"received\":9,\"seq\":7," SIG "\"site\":\"T-1\",\"ts\":8}"),
  PT_FUZZ_WORD ("{\"action\":\"file\",\"area\":\"demo\",\"by\":\"citizen\","
                "\"category\":\"c\",\"complaint\":\"C\"," KEY
                "\"kind\":\"action\",\"n\":1,\"note_hash\":\"" HASH "\",\"prev\":\"" ZEROS
                "\",\"received\":5," SIG "\"site\":\"T\",\"ts\":4}"),
  PT_FUZZ_WORD ("{\"action\":\"comment\",\"area\":\"demo\",\"by\":\"o\",\"complaint\":\"C\","
                "\"kind\":\"action\",\"n\":2,\"note\":\"a\\n\\u0001é\",\"prev\":\"" HASH
                "\",\"received\":5," SIG "\"site\":\"T\",\"ts\":4}"),
  PT_FUZZ_WORD ("{\"area\":\"demo\",\"batch\":1,\"expected\":3,\"heard\":2,\"kind\":\"roster\","
                "\"received\":5," SIG "\"silent_root\":\"" HASH "\",\"ts\":5}"),
  PT_FUZZ_WORD ("{\"action\":\"join\",\"area\":\"demo\",\"by\":\"service\",\"complaint\":\"C\","
                "\"kind\":\"action\",\"lat\":100000,\"lon\":-100000,\"n\":2,\"prev\":\"" HASH
                "\",\"received\":5," SIG "\"ts\":4}"),
  PT_FUZZ_WORD ("{\"area\":\"demo\",\"device\":\"tx\",\"first\":3,\"kind\":\"lost\",\"last\":5,"
                "\"reason\":\"reset\",\"received\":5," SIG "\"ts\":4}"),
  PT_FUZZ_WORD (
      "{\"about\":\"estimate\",\"area\":\"demo\",\"by\":\"o\",\"end\":9,\"kind\":\"notice\","
      "\"n\":1,\"note\":\"\",\"notice\":\"N\",\"prev\":\"" ZEROS
      "\",\"received\":5,\"scope\":\"feeder\"," SIG
      "\"start\":8,\"status\":\"active\",\"target\":\"T\",\"ts\":4}"),
  PT_FUZZ_WORD (
      "{\"area\":\"demo\",\"document\":\"{\\\"a\\\":1}\",\"kind\":\"profile\",\"received\":5," SIG
      "\"ts\":4}"),
};

static const PtSpan words[] = {
  PT_FUZZ_WORD ("\"received\":5,"),
  PT_FUZZ_WORD (SIG),
  PT_FUZZ_WORD ("\"kind\":"),
  PT_FUZZ_WORD ("\"device\""),
  PT_FUZZ_WORD ("\"feeder\":\"F-1\","),
  PT_FUZZ_WORD ("\"official\""),
  PT_FUZZ_WORD ("\"house\""),
  PT_FUZZ_WORD ("null"),
  PT_FUZZ_WORD ("-0"),
  PT_FUZZ_WORD ("1e0"),
  PT_FUZZ_WORD ("9007199254740991"),
  PT_FUZZ_WORD ("\\u0000"),
  PT_FUZZ_WORD ("\\n"),
  PT_FUZZ_WORD ("{\"a\":"),
  PT_FUZZ_WORD ("[["),
  PT_FUZZ_WORD (","),
  PT_FUZZ_WORD ("\""),
  PT_FUZZ_WORD ("\xf0\x9f\x98\x80"),
  PT_FUZZ_WORD (" "),
};

/* A valid entry is one form: what its parts are put together to is the entry itself. */
static void
check_valid (const PtEntry *entry, PtSpan input)
{
  static char written[2 * PT_FUZZ_SIZE_MAX], bare[2 * PT_FUZZ_SIZE_MAX];
  static char name[PT_FUZZ_SIZE_MAX], note[PT_FUZZ_SIZE_MAX], document[PT_FUZZ_SIZE_MAX];
  PtEntry fields = *entry;
  size_t size, bare_size, name_size, note_size, document_size;
  char prefix[32];
  int prefix_size
      = snprintf (prefix, sizeof prefix, "powertrack %s v1\n", pt_entry_kind_name (entry->kind));

  pt_fuzz_require (pt_json_unescape (entry->name, name, sizeof name, &name_size) == PT_OK);
  pt_fuzz_require (pt_json_unescape (entry->note, note, sizeof note, &note_size) == PT_OK);
  pt_fuzz_require (pt_json_unescape (entry->document, document, sizeof document, &document_size)
                   == PT_OK);
  fields.document = pt_span (document, document_size);
  fields.name = pt_span (name, name_size);
  fields.note = pt_span (note, note_size);
  pt_fuzz_require (pt_entry_write (&fields, bare, sizeof bare, &bare_size) == PT_OK);
  pt_fuzz_require (pt_entry_signed_bytes (entry, written, sizeof written, &size) == PT_OK);
  pt_fuzz_require (size == (size_t) prefix_size + bare_size);
  pt_fuzz_require (memcmp (written, prefix, (size_t) prefix_size) == 0);
  pt_fuzz_require (memcmp (written + prefix_size, bare, bare_size) == 0);
  pt_fuzz_require (entry->received_at + entry->received_size <= entry->sig_at);
  pt_fuzz_require (entry->sig_at + entry->sig_size <= input.size);
  pt_fuzz_require (pt_entry_same_signed (entry, entry));
}

static bool
target (PtSpan input)
{
  bool valid = false;
  PtEntry entry;

  for (int form = PT_ENTRY_STORED; form <= PT_ENTRY_UNSIGNED; form++)
    {
      PtResult result = pt_entry_parse (input, (PtEntryForm) form, &entry);

      pt_fuzz_require (result == PT_OK || result == PT_MALFORMED || result == PT_NOT_CANONICAL
                       || result == PT_TOO_PRECISE);
      pt_fuzz_require (!valid || result != PT_OK);
      if (result == PT_OK)
        check_valid (&entry, input);
      valid = valid || result == PT_OK;
    }
  return valid;
}

int
main (int argc, char **argv)
{
  const PtFuzz fuzz
      = { seeds, sizeof seeds / sizeof *seeds, words, sizeof words / sizeof *words, target };

  return pt_fuzz_main (&fuzz, argc, argv);
}
