/* SPDX-License-Identifier: Apache-2.0 */

/* The text of a bundle: one text for one bundle, and nothing left behind by a refusal. */

#include "pt-bundle.h"
#include "pt-members.h"
#include "pt-vectors.h"

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ADDRESS "0xcccccccccccccccccccccccccccccccccccccccc"
#define CID "\"bafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvtm\""
#define CHAIN                                                                                      \
  "{\"block\":17,\"chain_id\":31337,\"contract\":\"" ADDRESS "\",\"tx\":\"0x" HASH_A "\"}"

static const PtMember members[] = {
  { "area", "\"demo-east\"" },
  { "batch", "2" },
  { "chain", CHAIN },
  { "cid", CID },
  { "entry", "\"{\\\"n\\\":1}\"" },
  { "format", "\"powertrack-proof-1\"" },
  { "index", "4" },
  { "path", "[\"" HASH_A "\",\"" HASH_B "\"]" },
  { "root", "\"" HASH_B "\"" },
  { "signer", "\"{}\"" },
  { "size", "20" },
};

static const PtMember chain_members[] = {
  { "block", "17" },
  { "chain_id", "31337" },
  { "contract", "\"" ADDRESS "\"" },
  { "tx", "\"0x" HASH_A "\"" },
};

enum
{
  AREA,
  BATCH,
  CHAIN_OF,
  CID_OF,
  ENTRY,
  FORMAT,
  INDEX,
  PATH,
  ROOT,
  SIGNER,
  SIZE,
  COUNT
};

static const size_t in_order[COUNT] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
static char buffer[2 * PT_ENTRY_MAX];

static GString *
good_text (void)
{
  return pt_members_join ("{", members, in_order, COUNT, "}");
}

/* Parses text that ends where its memory ends. What is accepted is written back the same, what is
 * refused leaves an empty bundle. */
static PtResult
parse (const char *data, size_t size)
{
  static const PtBundle empty;
  static char again[4096];
  g_autofree char *copy = pt_tight_copy (data, size);
  PtBundle bundle;
  size_t written;
  PtResult result;

  memset (&bundle, 0xee, sizeof bundle);
  result = pt_bundle_parse (pt_span (copy, size), buffer, sizeof buffer, &bundle);
  if (result != PT_OK)
    {
      g_assert_cmpmem (&bundle, sizeof bundle, &empty, sizeof empty);
      return result;
    }
  g_assert_cmpint (pt_bundle_write (&bundle, again, sizeof again, &written), ==, PT_OK);
  g_assert_cmpmem (again, written, data, size);
  return PT_OK;
}

static void
check_refused (const GString *text, const char *what, void *context)
{
  g_test_message ("%s", what);
  g_assert_cmpint (parse (text->str, text->len), !=, PT_OK);
}

/* Texts of any kind are entries here: to judge them is for the verification. */
static bool
is_text (const char *key, const char *value)
{
  if (strcmp (key, "area") == 0)
    return strcmp (value, "\"1\"") == 0;
  return (strcmp (key, "entry") == 0 || strcmp (key, "signer") == 0)
         && (strcmp (value, "\"\"") == 0 || strcmp (value, "\"1\"") == 0
             || strcmp (value, "\"a\\n\"") == 0);
}

static void
test_members (void)
{
  g_autoptr (GString) text = good_text ();

  g_assert_cmpint (parse (text->str, text->len), ==, PT_OK);
  g_assert_cmpuint (pt_members_disorder ("{", members, COUNT, "}", check_refused, NULL), ==,
                    COUNT * (COUNT + 3) / 2);
  g_assert_cmpuint (pt_members_odd ("{", members, COUNT, "}", is_text, check_refused, NULL), >,
                    COUNT * 20);
}

static void
check_chain (const GString *chain, const char *what, void *context)
{
  PtMember changed[COUNT];
  g_autoptr (GString) text = NULL;

  memcpy (changed, members, sizeof changed);
  changed[CHAIN_OF].value = chain->str;
  text = pt_members_join ("{", changed, in_order, COUNT, "}");
  check_refused (text, what, context);
}

static void
test_chain_members (void)
{
  const size_t count = G_N_ELEMENTS (chain_members);

  g_assert_cmpuint (pt_members_disorder ("{", chain_members, count, "}", check_chain, NULL), ==,
                    count * (count + 3) / 2);
  g_assert_cmpuint (pt_members_odd ("{", chain_members, count, "}", NULL, check_chain, NULL), >,
                    count * 20);
}

typedef struct
{
  size_t member;
  const char *value;
  PtResult expected;
} Value;

static const Value values[] = {
  { AREA, "\"a\"", PT_OK },
  { AREA, "\"0123456789012345678901234567890\"", PT_OK },
  { AREA, "\"01234567890123456789012345678901\"", PT_MALFORMED },
  { AREA, "\"demo\\u002deast\"", PT_NOT_CANONICAL },
  { BATCH, "1", PT_OK },
  { BATCH, "9007199254740991", PT_OK },
  { BATCH, "0", PT_MALFORMED },
  { CID_OF, "\"bafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvt\"", PT_BAD_CID },
  { CID_OF, "\"bafkreiha6nmkdz4dv7zrv3e7ikful7fmiow5dplsguwuxpwgy34o53jvtn\"", PT_BAD_CID },
  { ENTRY, "\"\"", PT_OK },
  { ENTRY, "\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\/\"", PT_OK },
  { ENTRY, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", PT_OK },
  { ENTRY, "\"\\u00e9\"", PT_NOT_CANONICAL },
  { ENTRY, "\"\\/\"", PT_NOT_CANONICAL },
  { ENTRY, "\"\\u000a\"", PT_NOT_CANONICAL },
  { ENTRY, "\"\\u001F\"", PT_NOT_CANONICAL },
  { ENTRY, "\"\\ud83d\\ude00\"", PT_NOT_CANONICAL },
  { ENTRY, "\"\\x41\"", PT_MALFORMED },
  { ENTRY, "\"\t\"", PT_MALFORMED },
  { ENTRY, "\"\xc3\"", PT_MALFORMED },
  { ENTRY, "\"\xed\xa0\x80\"", PT_MALFORMED },
  { ENTRY, "\"\xf5\x80\x80\x80\"", PT_MALFORMED },
  { FORMAT, "\"powertrack-proof-0\"", PT_MALFORMED },
  { FORMAT, "\"powertrack-batch-1\"", PT_MALFORMED },
  { FORMAT, "\"powertrack-proof-1 \"", PT_MALFORMED },
  { INDEX, "0", PT_OK },
  { INDEX, "19", PT_OK },
  { INDEX, "20", PT_MALFORMED },
  { PATH, "[]", PT_OK },
  { PATH, "[\"" HASH_A "a\"]", PT_MALFORMED },
  { PATH, "[\"0x" HASH_A "\"]", PT_MALFORMED },
  { PATH, "[\"" HASH_A "\",]", PT_MALFORMED },
  { PATH, "[\"" HASH_A "\" ]", PT_NOT_CANONICAL },
  { PATH, "[\"" HASH_A "\",1]", PT_MALFORMED },
  { PATH, "[\"" HASH_A "\",{}]", PT_MALFORMED },
  { ROOT, "\"0x" HASH_A "\"", PT_MALFORMED },
  { ROOT, "\"" HASH_A "aa\"", PT_MALFORMED },
  { ROOT, "\"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", PT_MALFORMED },
  { SIGNER, "\"\"", PT_OK },
  { SIZE, "5", PT_OK },
  { SIZE, "4", PT_MALFORMED },
  { SIZE, "0", PT_MALFORMED },
  { SIZE, "9007199254740991", PT_OK },
};

static GString *
text_with (size_t member, const char *value)
{
  PtMember changed[COUNT];

  memcpy (changed, members, sizeof changed);
  changed[member].value = value;
  return pt_members_join ("{", changed, in_order, COUNT, "}");
}

static void
test_values (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GString) text = text_with (values[i].member, values[i].value);
      PtResult result = parse (text->str, text->len);

      g_test_message ("%s: %s: %s", members[values[i].member].key, values[i].value,
                      pt_result_slug (result));
      /* Which of the two refusals it is, the tests of the JSON reader say. */
      g_assert_cmpint (result == PT_OK, ==, values[i].expected == PT_OK);
      g_assert_cmpint (result == PT_BAD_CID, ==, values[i].expected == PT_BAD_CID);
    }
}

/* White space between any two bytes, and the text cut at each. */
static void
test_space_and_cuts (void)
{
  static const char spaces[] = " \t\r\n";
  g_autoptr (GString) text = good_text ();

  for (size_t at = 0; at <= text->len; at++)
    {
      for (size_t i = 0; i + 1 < sizeof spaces; i++)
        {
          g_autoptr (GString) longer = g_string_new_len (text->str, (gssize) text->len);
          PtResult result;

          g_string_insert_c (longer, (gssize) at, spaces[i]);
          result = parse (longer->str, longer->len);
          /* A space inside the entries' own strings is theirs. */
          g_assert_true (result != PT_OK || spaces[i] == ' ');
        }
      g_assert_cmpint (parse (text->str, at), ==, at == text->len ? PT_OK : PT_MALFORMED);
      if (at > 0)
        g_assert_cmpint (parse (text->str + at, text->len - at), !=, PT_OK);
    }
}

/* The buffer of the two entries: enough, or PT_NO_SPACE, whichever of the two does not fit. */
static void
test_entry_buffers (void)
{
  g_autoptr (GString) text = good_text ();
  const size_t needed = strlen ("{\"n\":1}") + strlen ("{}");

  for (size_t room = 0; room <= needed + 1; room++)
    {
      g_autofree char *tight = g_malloc (MAX (room, 1));
      PtBundle bundle;
      PtResult result = pt_bundle_parse (pt_span (text->str, text->len), tight, room, &bundle);

      g_assert_cmpint (result, ==, room < needed ? PT_NO_SPACE : PT_OK);
      g_assert_cmpuint (bundle.size, ==, room < needed ? 0 : 20);
    }
}

static void
test_no_space (void)
{
  g_autoptr (GString) text = good_text ();
  PtBundle bundle;

  g_assert_cmpint (pt_bundle_parse (pt_span (text->str, text->len), buffer, sizeof buffer, &bundle),
                   ==, PT_OK);
  for (size_t room = 0; room <= text->len; room++)
    {
      g_autofree char *out = g_malloc (MAX (room, 1));
      size_t size = 99;

      g_assert_cmpint (pt_bundle_write (&bundle, out, room, &size), ==,
                       room < text->len ? PT_NO_SPACE : PT_OK);
      g_assert_cmpuint (size, ==, room < text->len ? 0 : text->len);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle-text/members", test_members);
  g_test_add_func ("/bundle-text/chain-members", test_chain_members);
  g_test_add_func ("/bundle-text/values", test_values);
  g_test_add_func ("/bundle-text/space-and-cuts", test_space_and_cuts);
  g_test_add_func ("/bundle-text/entry-buffers", test_entry_buffers);
  g_test_add_func ("/bundle-text/no-space", test_no_space);
  return g_test_run ();
}
