/* SPDX-License-Identifier: Apache-2.0 */
/* One encoding per value: every last group of digits, every byte, every room, every edge. */
#include "pt-vectors.h"

typedef struct
{
  const char *name;
  size_t (*encode) (const void *data, size_t size, char *out, size_t out_size);
  bool (*decode) (PtSpan text, void *out, size_t size);
  size_t bits; /* of one digit */
  const char *digits;
} Codec;

static const Codec codecs[] = {
  { "hex", pt_hex_encode, pt_hex_decode, 4, "0123456789abcdef" },
  { "base64url", pt_base64url_encode, pt_base64url_decode, 6,
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" },
  { "base32", pt_base32_encode, pt_base32_decode, 5, "abcdefghijklmnopqrstuvwxyz234567" },
};

/* Characters of @size bytes, without padding. */
static size_t
length_of (const Codec *codec, size_t size)
{
  return (size * 8 + codec->bits - 1) / codec->bits;
}

static bool
all_zero (const uint8_t *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (bytes[i])
      return false;
  return true;
}

/* Decodes a copy that ends where its block ends; a refusal leaves zeros. */
static bool
decodes (const Codec *codec, const char *text, size_t length, uint8_t *out, size_t size)
{
  g_autofree char *copy = g_memdup2 (text, length);
  bool good;

  memset (out, 0xee, size);
  good = codec->decode (pt_span (copy, length), out, size);
  if (!good && !all_zero (out, size))
    g_error ("%s: a refused text left bytes: %.*s", codec->name, (int) length, text);
  return good;
}

/* Of the texts that differ in their last digit, one in 2^(spare bits) is accepted. */
static void
check_last_digit (const Codec *codec, size_t size)
{
  size_t length = length_of (codec, size), spare = length * codec->bits - size * 8;
  uint8_t bytes[16], back[16];
  char text[40], again[40];

  for (size_t i = 0; i < size; i++)
    bytes[i] = (uint8_t) (37 * i + 11);
  g_assert_cmpuint (codec->encode (bytes, size, text, sizeof text), ==, length);
  for (size_t digit = 0; digit < (size_t) 1 << codec->bits; digit++)
    {
      bool good = digit % ((size_t) 1 << spare) == 0;

      text[length - 1] = codec->digits[digit];
      g_assert_true (decodes (codec, text, length, back, size) == good);
      if (!good)
        continue;
      g_assert_cmpuint (codec->encode (back, size, again, sizeof again), ==, length);
      g_assert_cmpmem (again, length, text, length);
    }
}

static void
test_trailing_bits (void)
{
  for (size_t c = 0; c < G_N_ELEMENTS (codecs); c++)
    for (size_t size = 1; size <= 16; size++)
      check_last_digit (&codecs[c], size);
}

/* Every pair of bytes goes there and back, and no two share a text. */
static void
test_every_pair (void)
{
  for (size_t c = 0; c < G_N_ELEMENTS (codecs); c++)
    for (unsigned pair = 0; pair < 65536; pair++)
      {
        const uint8_t bytes[] = { (uint8_t) (pair >> 8), (uint8_t) pair };
        uint8_t back[2] = { 0 };
        char text[8];
        size_t length = codecs[c].encode (bytes, 2, text, sizeof text);

        g_assert_cmpuint (length, ==, length_of (&codecs[c], 2));
        g_assert_true (codecs[c].decode (pt_span (text, length), back, 2));
        g_assert_cmpmem (back, 2, bytes, 2);
      }
}

/* A byte that is no digit is refused wherever it stands, and every digit is taken. */
static void
test_every_byte_everywhere (void)
{
  static const uint8_t zeros[15];

  for (size_t c = 0; c < G_N_ELEMENTS (codecs); c++)
    for (size_t at = 0; at < length_of (&codecs[c], sizeof zeros); at++)
      for (int byte = 0; byte < 256; byte++)
        {
          char text[40];
          uint8_t back[sizeof zeros];
          size_t length = codecs[c].encode (zeros, sizeof zeros, text, sizeof text);
          bool digit = byte != 0 && strchr (codecs[c].digits, byte) != NULL;

          text[at] = (char) byte;
          /* 15 bytes are whole groups of each: no spare bits. */
          g_assert_true (decodes (&codecs[c], text, length, back, sizeof back) == digit);
        }
}

/* A text of any other length is refused, one digit more or less too, and padding. */
static void
test_lengths (void)
{
  static const char *const padding[] = { "=", "==", "A", "a", "0", "\n", " ", "" };

  for (size_t c = 0; c < G_N_ELEMENTS (codecs); c++)
    for (size_t size = 0; size <= 12; size++)
      {
        size_t length = length_of (&codecs[c], size);
        uint8_t back[12];
        char text[40];

        memset (text, codecs[c].digits[0], sizeof text);
        for (size_t other = 0; other < sizeof text; other++)
          g_assert_true (decodes (&codecs[c], text, other, back, size) == (other == length));
        for (size_t i = 0; i < G_N_ELEMENTS (padding); i++)
          {
            size_t extra = strlen (padding[i]);

            memcpy (text + length, padding[i], extra);
            g_assert_true (decodes (&codecs[c], text, length + extra, back, size) == (extra == 0));
          }
      }
}

/* Too little room writes nothing at all. */
static void
test_room (void)
{
  static const uint8_t bytes[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

  for (size_t c = 0; c < G_N_ELEMENTS (codecs); c++)
    for (size_t size = 0; size <= sizeof bytes; size++)
      for (size_t room = 0; room < 24; room++)
        {
          size_t length = length_of (&codecs[c], size);
          g_autofree char *out = g_malloc (room + 1);

          memset (out, '#', room + 1);
          g_assert_cmpuint (codecs[c].encode (bytes, size, out, room), ==,
                            room < length ? 0 : length);
          for (size_t i = room < length ? 0 : length; i <= room; i++)
            g_assert_cmpint (out[i], ==, '#');
        }
}

/* Sizes whose text could not be counted are refused without a look at the bytes. */
static void
test_absurd_sizes (void)
{
  static const size_t sizes[]
      = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1, SIZE_MAX / 2, SIZE_MAX / 4 + 1 };
  char out[8];

  for (size_t c = 0; c < G_N_ELEMENTS (codecs); c++)
    for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
      g_assert_cmpuint (codecs[c].encode ("", sizes[i], out, sizeof out), ==, 0);
}

static const struct
{
  const char *text, *why;
  bool good;
  int64_t value;
} integers[] = {
  { "9007199254740990", "below the edge", true, PT_INTEGER_MAX - 1 },
  { "9007199254740991", "the edge", true, PT_INTEGER_MAX },
  { "9007199254740992", "2^53", false, 0 },
  { "9007199254740993", "not a double", false, 0 },
  { "-9007199254740990", "below the edge", true, -PT_INTEGER_MAX + 1 },
  { "-9007199254740991", "the edge", true, -PT_INTEGER_MAX },
  { "-9007199254740992", "-2^53", false, 0 },
  { "9999999999999999", "16 digits", false, 0 },
  { "10000000000000000", "17 digits", false, 0 },
  { "9223372036854775807", "INT64_MAX", false, 0 },
  { "9223372036854775808", "overflows", false, 0 },
  { "-9223372036854775808", "INT64_MIN", false, 0 },
  { "18446744073709551616", "2^64 is 0 in 64 bits", false, 0 },
  { "18446744073709551617", "2^64 + 1 is 1 in 64 bits", false, 0 },
  { "4294967296", "2^32", true, INT64_C (4294967296) },
  { "-4294967297", "-2^32 - 1", true, -INT64_C (4294967297) },
  { "0", "zero", true, 0 },
  { "-0", "the other zero", false, 0 },
  { "00", "two digits of zero", false, 0 },
  { "0000000000000001", "16 digits with zeros", false, 0 },
  { "-01", "a zero before", false, 0 },
  { "-", "a sign alone", false, 0 },
  { "--1", "two signs", false, 0 },
  { "1-", "a sign after", false, 0 },
  { "1.0", "a fraction", false, 0 },
  { "1e1", "an exponent", false, 0 },
  { " 1", "a space before", false, 0 },
  { "1 ", "a space after", false, 0 },
  { "1\n", "a line's end", false, 0 },
  { "0x10", "hex", false, 0 },
  { "1_000", "a separator", false, 0 },
  { "\xd9\xa1", "a digit of another script", false, 0 },
  { "/", "the byte before 0", false, 0 },
  { ":", "the byte after 9", false, 0 },
  { "", "nothing", false, 0 },
};

static void
test_integer_edges (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (integers); i++)
    {
      size_t size = strlen (integers[i].text);
      g_autofree char *copy = g_memdup2 (integers[i].text, size);
      int64_t value = 77;
      char back[17];

      if (pt_integer_decode (pt_span (copy, size), &value) != integers[i].good)
        g_error ("\"%s\": %s", integers[i].text, integers[i].why);
      g_assert_cmpint (value, ==, integers[i].value);
      if (!integers[i].good)
        continue;
      g_assert_cmpuint (pt_integer_encode (value, back, sizeof back), ==, size);
      g_assert_cmpmem (back, size, integers[i].text, size);
      for (size_t room = 0; room < size; room++)
        g_assert_cmpuint (pt_integer_encode (value, back, room), ==, 0);
    }
}

static void
test_integer_too_large (void)
{
  static const int64_t values[]
      = { PT_INTEGER_MAX + 1, -PT_INTEGER_MAX - 1, INT64_MAX, INT64_MIN, INT64_MIN + 1 };
  char out[32];

  for (size_t i = 0; i < G_N_ELEMENTS (values); i++)
    g_assert_cmpuint (pt_integer_encode (values[i], out, sizeof out), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/encoding-exhaustive/trailing-bits", test_trailing_bits);
  g_test_add_func ("/encoding-exhaustive/every-pair", test_every_pair);
  g_test_add_func ("/encoding-exhaustive/every-byte-everywhere", test_every_byte_everywhere);
  g_test_add_func ("/encoding-exhaustive/lengths", test_lengths);
  g_test_add_func ("/encoding-exhaustive/room", test_room);
  g_test_add_func ("/encoding-exhaustive/absurd-sizes", test_absurd_sizes);
  g_test_add_func ("/encoding-exhaustive/integer-edges", test_integer_edges);
  g_test_add_func ("/encoding-exhaustive/integer-too-large", test_integer_too_large);
  return g_test_run ();
}
