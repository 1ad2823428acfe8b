/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-vectors.h"

typedef size_t (*Encode) (const void *data, size_t size, char *out, size_t out_size);
typedef bool (*Decode) (PtSpan text, void *out, size_t size);

typedef struct
{
  const char *text, *decoded; /* NULL: refused as any number of bytes */
} Case;

static bool
is_zero (const uint8_t *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (bytes[i] != 0)
      return false;
  return true;
}

static void
check_refused (Decode decode, PtSpan text)
{
  for (size_t size = 0; size <= 24; size++)
    {
      uint8_t out[24];

      memset (out, 0xaa, sizeof out);
      if (decode (text, out, size))
        g_error ("%.*s was taken as %zu bytes", (int) text.size, text.data, size);
      g_assert_true (is_zero (out, size));
    }
}

static void
check_taken (Encode encode, Decode decode, const char *text, const char *decoded)
{
  size_t size = strlen (decoded);
  char out[64];

  g_assert_true (decode (pt_text (text), out, size));
  g_assert_cmpmem (out, size, decoded, size);
  g_assert_cmpuint (encode (decoded, size, out, sizeof out), ==, strlen (text));
  g_assert_cmpmem (out, strlen (text), text, strlen (text));
  /* As any other length it is nothing, and the room must suffice. */
  for (size_t other = 0; other < 32; other++)
    g_assert_true (decode (pt_text (text), out, other) == (other == size));
  for (size_t room = 0; room < strlen (text); room++)
    g_assert_cmpuint (encode (decoded, size, out, room), ==, 0);
}

static void
check_cases (Encode encode, Decode decode, const Case *cases, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (cases[i].decoded)
      check_taken (encode, decode, cases[i].text, cases[i].decoded);
    else
      check_refused (decode, pt_text (cases[i].text));
}

/* Every single-byte change of an encoding is refused or is another value's. */
static void
check_one_form (Encode encode, Decode decode, size_t size)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) size);
  uint8_t data[80], back[80];
  char text[200], again[200];
  size_t length;

  for (size_t i = 0; i < size; i++)
    data[i] = (uint8_t) g_rand_int (rand);
  length = encode (data, size, text, sizeof text);
  g_assert_true (decode (pt_span (text, length), back, size));
  g_assert_cmpmem (back, size, data, size);
  for (size_t at = 0; at < length; at++)
    for (int byte = 0; byte < 256; byte++)
      {
        char kept = text[at];

        text[at] = (char) byte;
        if (decode (pt_span (text, length), back, size))
          {
            g_assert_cmpuint (encode (back, size, again, sizeof again), ==, length);
            g_assert_cmpmem (again, length, text, length);
          }
        else
          g_assert_true (is_zero (back, size));
        text[at] = kept;
      }
}

static void
test_hex (void)
{
  static const Case cases[] = {
    { "", "" },     { "61", "a" },   { "0a", "\n" },   { "ff", "\xff" },  { "616263", "abc" },
    { "6", NULL },  { "616", NULL }, { "6g", NULL },   { "g6", NULL },    { "6A", NULL },
    { "A6", NULL }, { "FF", NULL },  { "0x61", NULL }, { " 61", NULL },   { "61 ", NULL },
    { "6 ", NULL }, { "6\n", NULL }, { "-1", NULL },   { "+1", NULL },    { "61:62", NULL },
    { "6/", NULL }, { "6:", NULL },  { "6`", NULL },   { "6\xff", NULL }, { "é0", NULL },
  };

  check_cases (pt_hex_encode, pt_hex_decode, cases, G_N_ELEMENTS (cases));
  check_refused (pt_hex_decode, pt_span ("6\0", 2));
  for (size_t size = 0; size <= 8; size++)
    check_one_form (pt_hex_encode, pt_hex_decode, size);
}

/* RFC 4648 section 10, and what it allows that we do not. */
static void
test_base64url (void)
{
  static const Case cases[] = {
    { "", "" },
    { "Zg", "f" },
    { "Zm8", "fo" },
    { "Zm9v", "foo" },
    { "Zm9vYg", "foob" },
    { "Zm9vYmE", "fooba" },
    { "Zm9vYmFy", "foobar" },
    { "-_-_", "\xfb\xff\xbf" },
    { "Zg==", NULL },
    { "Zg=", NULL },
    { "Zm8=", NULL },
    { "Zh", NULL },
    { "Zv", NULL },
    { "Zm9", NULL },
    { "Zm-", NULL },
    { "Z", NULL },
    { "Zm9vY", NULL },
    { "Zm9vYh", NULL },
    { "Zm9vYmF", NULL },
    { "+/+/", NULL },
    { "Zm 9v", NULL },
    { "Zm9v\n", NULL },
    { "\nZm9v", NULL },
    { "Zm.v", NULL },
    { "Zm9\xff", NULL },
    { "Zm9é", NULL },
    { "====", NULL },
    { "A", NULL },
    { "@AAA", NULL },
    { "[AAA", NULL },
    { "`AAA", NULL },
    { "{AAA", NULL },
    { "AA,A", NULL },
    { "AA~A", NULL },
  };

  check_cases (pt_base64url_encode, pt_base64url_decode, cases, G_N_ELEMENTS (cases));
  check_refused (pt_base64url_decode, pt_span ("Zm9\0", 4));
  for (size_t size = 0; size <= 10; size++)
    check_one_form (pt_base64url_encode, pt_base64url_decode, size);
  check_one_form (pt_base64url_encode, pt_base64url_decode, PT_SIGNATURE_SIZE);
  check_one_form (pt_base64url_encode, pt_base64url_decode, PT_PUBLIC_KEY_SIZE);
}

static void
test_base64url_against_glib (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);

  for (size_t size = 0; size < 80; size++)
    {
      uint8_t data[80];
      char text[120];
      g_autofree char *expected = NULL;
      size_t length;

      for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t) g_rand_int (rand);
      expected = g_base64_encode (data, size);
      g_strdelimit (expected, "+", '-');
      g_strdelimit (expected, "/", '_');
      if (strchr (expected, '='))
        *strchr (expected, '=') = '\0';
      length = pt_base64url_encode (data, size, text, sizeof text);
      g_assert_cmpmem (text, length, expected, strlen (expected));
      g_assert_cmpuint (length, ==, PT_BASE64URL_SIZE (size));
    }
}

static void
test_base32 (void)
{
  static const Case cases[] = {
    { "", "" },
    { "my", "f" },
    { "mzxq", "fo" },
    { "mzxw6", "foo" },
    { "mzxw6yq", "foob" },
    { "mzxw6ytb", "fooba" },
    { "mzxw6ytboi", "foobar" },
    { "MY", NULL },
    { "mY", NULL },
    { "my======", NULL },
    { "mz", NULL },
    { "m", NULL },
    { "mzx", NULL },
    { "mzxr", NULL },
    { "mzxw7", NULL },
    { "mzxw6y", NULL },
    { "mzxw6yr", NULL },
    { "m1", NULL },
    { "m0", NULL },
    { "m8", NULL },
    { "m9", NULL },
    { "m ", NULL },
    { " my", NULL },
    { "my\n", NULL },
    { "m-", NULL },
    { "m\xff", NULL },
    { "m`", NULL },
    { "m{", NULL },
    { "m[", NULL },
  };

  check_cases (pt_base32_encode, pt_base32_decode, cases, G_N_ELEMENTS (cases));
  check_refused (pt_base32_decode, pt_span ("m\0", 2));
  for (size_t size = 0; size <= 11; size++)
    check_one_form (pt_base32_encode, pt_base32_decode, size);
  check_one_form (pt_base32_encode, pt_base32_decode, 36);
}

static void
test_integer (void)
{
  static const int64_t values[] = { 0,
                                    1,
                                    9,
                                    10,
                                    -1,
                                    -10,
                                    255,
                                    1764000000,
                                    1000000000000000,
                                    PT_INTEGER_MAX,
                                    -PT_INTEGER_MAX,
                                    PT_INTEGER_MAX - 1 };

  for (size_t i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *expected = g_strdup_printf ("%" G_GINT64_FORMAT, values[i]);
      size_t length = strlen (expected);
      int64_t back = 7;
      char text[17];

      g_assert_cmpuint (pt_integer_encode (values[i], text, sizeof text), ==, length);
      g_assert_cmpmem (text, length, expected, length);
      g_assert_cmpuint (pt_integer_encode (values[i], text, length), ==, length);
      g_assert_cmpuint (pt_integer_encode (values[i], text, length - 1), ==, 0);
      g_assert_true (pt_integer_decode (pt_text (expected), &back));
      g_assert_cmpint (back, ==, values[i]);
    }
}

static void
test_integer_refused (void)
{
  static const char *const refused[] = {
    "",
    "-",
    "-0",
    "+1",
    "+0",
    "00",
    "01",
    "-01",
    "1.0",
    "1e0",
    "1E0",
    " 1",
    "1 ",
    "1\n",
    "0x1",
    "1_0",
    "1,0",
    "--1",
    "1-",
    "a",
    "1a",
    "٣",
    "9007199254740992",
    "-9007199254740992",
    "9999999999999999",
    "10000000000000000",
    "18446744073709551617",
    "-99999999999999999999",
    "00000000000000001",
    "/",
    ":",
    "-/",
    "1/",
    "1:",
  };
  char text[32];

  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      int64_t value = 7;

      if (pt_integer_decode (pt_text (refused[i]), &value))
        g_error ("%s was taken", refused[i]);
      g_assert_cmpint (value, ==, 0);
    }
  g_assert_cmpuint (pt_integer_encode (PT_INTEGER_MAX + 1, text, sizeof text), ==, 0);
  g_assert_cmpuint (pt_integer_encode (-PT_INTEGER_MAX - 1, text, sizeof text), ==, 0);
  g_assert_cmpuint (pt_integer_encode (INT64_MIN, text, sizeof text), ==, 0);
  g_assert_cmpuint (pt_integer_encode (INT64_MAX, text, sizeof text), ==, 0);
}

static void
test_utf8 (void)
{
  static const char *const good[] = { "",
                                      "a",
                                      "é",
                                      "बिजली",
                                      "\xf0\x9f\x98\x80",
                                      "\xf4\x8f\xbf\xbf",
                                      "\xed\x9f\xbf",
                                      "\xee\x80\x80",
                                      "\xef\xbf\xbf",
                                      "\x7f",
                                      "\xc2\x80",
                                      "\xe0\xa0\x80",
                                      "\xf0\x90\x80\x80" };
  static const char *const bad[] = { "\x80",
                                     "\xbf",
                                     "\xc0\x80",
                                     "\xc1\xbf",
                                     "\xc2",
                                     "\xc2\x7f",
                                     "\xc2\xc0",
                                     "\xe0\x80\x80",
                                     "\xe0\x9f\xbf",
                                     "\xed\xa0\x80",
                                     "\xed\xbf\xbf",
                                     "\xe1\x80",
                                     "\xe1\x80\xc0",
                                     "\xe1",
                                     "\xf0\x80\x80\x80",
                                     "\xf0\x8f\xbf\xbf",
                                     "\xf4\x90\x80\x80",
                                     "\xf5\x80\x80\x80",
                                     "\xf1\x80\x80",
                                     "\xf1\x80\x80\x7f",
                                     "\xf8\x88\x80\x80\x80",
                                     "\xfe",
                                     "\xff",
                                     "a\xff"
                                     "b",
                                     "é\xc3" };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (pt_is_utf8 (pt_text (good[i])));
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (pt_is_utf8 (pt_text (bad[i])));
  g_assert_true (pt_is_utf8 (pt_span (NULL, 0)));
  g_assert_true (pt_is_utf8 (pt_span ("a\0b", 3)));
}

/* All two-, and a sample of the longer sequences, against GLib's own reading. */
static void
test_utf8_against_glib (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);

  for (int round = 0; round < 400000; round++)
    {
      char text[5] = { 0 };
      guint32 lead = g_rand_int (rand);

      for (int i = 0; i < 4; i++)
        text[i] = (char) (g_rand_int_range (rand, 0, 4) ? 0x80 + g_rand_int_range (rand, 0, 64)
                                                        : g_rand_int_range (rand, 1, 256));
      text[0] = (char) (0xc0 + lead % 64);
      g_assert_true (pt_is_utf8 (pt_text (text)) == g_utf8_validate (text, -1, NULL));
      text[1 + lead % 3] = '\0';
      g_assert_true (pt_is_utf8 (pt_text (text)) == g_utf8_validate (text, -1, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/encoding/hex", test_hex);
  g_test_add_func ("/encoding/base64url", test_base64url);
  g_test_add_func ("/encoding/base64url-against-glib", test_base64url_against_glib);
  g_test_add_func ("/encoding/base32", test_base32);
  g_test_add_func ("/encoding/integer", test_integer);
  g_test_add_func ("/encoding/integer-refused", test_integer_refused);
  g_test_add_func ("/encoding/utf8", test_utf8);
  g_test_add_func ("/encoding/utf8-against-glib", test_utf8_against_glib);
  return g_test_run ();
}
