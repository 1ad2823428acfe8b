/* SPDX-License-Identifier: Apache-2.0 */

/* What the RLP writer makes, read back by another reader; that reader against the examples of the
 * yellow paper; and buffers of every size that is too small. */

#include "pt-encoding.h"
#include "pt-members.h"
#include "pt-rlp-reader.h"
#include "pt-rlp.h"
#include "pt-vectors.h"

static bool
reads (const uint8_t *data, size_t size, int depth)
{
  PtRlpItem item;

  while (size > 0)
    if (!pt_rlp_read (&data, &size, &item)
        || (item.list && (depth == 0 || !reads (item.data, item.size, depth - 1))))
      return false;
  return true;
}

/* Without this the tests below would prove little. */
static void
test_reader (void)
{
  static const struct
  {
    const char *hex;
    bool good;
  } cases[] = {
    { "80", true },
    { "00", true },
    { "7f", true },
    { "8180", true },
    { "83646f67", true },
    { "c0", true },
    { "c88363617483646f67", true },
    { "c7c0c1c0c3c0c1c0", true },
    { "820400", true },
    { "8100", false },               /* stands for itself */
    { "817f", false },               /* */
    { "81", false },                 /* cut */
    { "83646f", false },             /* */
    { "c883636174", false },         /* */
    { "c3c0c1", false },             /* the list inside is longer than the one around it */
    { "b800", false },               /* a long form for nothing */
    { "b80161", false },             /* */
    { "b90001", false },             /* leading zero */
    { "f800", false },               /* */
    { "f90000", false },             /* */
    { "b8", false },                 /* no length */
    { "f9ff", false },               /* */
    { "bfffffffffffffffff", false }, /* a length of 2^64 - 1 */
    { "ffffffffffffffffff", false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      size_t size = strlen (cases[i].hex) / 2;
      g_autofree uint8_t *bytes = g_malloc (size);

      g_assert_true (pt_hex_decode (pt_text (cases[i].hex), bytes, size));
      g_test_message ("%s", cases[i].hex);
      g_assert_cmpint (reads (bytes, size, 8), ==, cases[i].good);
    }
}

/* Strings of every length around those where the header grows, of bytes that stand for themselves
 * and of ones that do not. */
static void
test_strings (void)
{
  const uint8_t fills[] = { 0x00, 0x7f, 0x80, 0xc0, 0xff };
  const size_t sizes[] = { 0, 1, 2, 54, 55, 56, 57, 254, 255, 256, 257, 65535, 65536, 65537 };
  g_autofree uint8_t *out = g_malloc (65537 + 9);
  g_autofree uint8_t *content = g_malloc (65537);

  for (size_t i = 0; i < G_N_ELEMENTS (fills) * G_N_ELEMENTS (sizes); i++)
    {
      size_t length = sizes[i / G_N_ELEMENTS (fills)], size, rest;
      const uint8_t *cursor = out;
      PtRlpWriter writer;
      PtRlpItem item;

      memset (content, fills[i % G_N_ELEMENTS (fills)], length);
      pt_rlp_init (&writer, out, 65537 + 9);
      pt_rlp_bytes (&writer, content, length);
      g_assert_cmpint (pt_rlp_finish (&writer, &size), ==, PT_OK);
      rest = size;
      g_assert_true (pt_rlp_read (&cursor, &rest, &item));
      g_assert_false (item.list);
      g_assert_cmpuint (rest, ==, 0);
      g_assert_cmpmem (item.data, item.size, content, length);
    }
}

/* An integer has no leading zeros, whatever width it came in. */
static void
test_integers (void)
{
  for (size_t bits = 0; bits <= 64; bits++)
    for (int step = -1; step <= 1; step++)
      {
        uint64_t value = (bits == 64 ? 0 : UINT64_C (1) << bits) + (uint64_t) (int64_t) step;
        uint8_t wide[32] = { 0 }, one[10], other[10];
        uint64_t back = 0;
        const uint8_t *cursor = one;
        size_t size, other_size, rest;
        PtRlpWriter writer;
        PtRlpItem item;

        for (size_t i = 0; i < 8; i++)
          wide[31 - i] = (uint8_t) (value >> (8 * i));
        pt_rlp_init (&writer, one, sizeof one);
        pt_rlp_uint (&writer, value);
        g_assert_cmpint (pt_rlp_finish (&writer, &size), ==, PT_OK);
        pt_rlp_init (&writer, other, sizeof other);
        pt_rlp_integer (&writer, wide, sizeof wide);
        g_assert_cmpint (pt_rlp_finish (&writer, &other_size), ==, PT_OK);
        g_assert_cmpmem (one, size, other, other_size);

        rest = size;
        g_assert_true (pt_rlp_read (&cursor, &rest, &item));
        g_assert_true (item.size == 0 || item.data[0] != 0);
        for (size_t i = 0; i < item.size; i++)
          back = back << 8 | item.data[i];
        g_assert_cmpuint (back, ==, value);
      }
}

/* A list of lists as deep as may be, with @payload bytes at each depth, before and after. */
static PtResult
write_nested (uint8_t *out, size_t room, size_t payload, size_t *size)
{
  g_autofree uint8_t *content = g_malloc0 (payload + 1);
  PtRlpWriter writer;

  memset (content, 0x99, payload);
  pt_rlp_init (&writer, out, room);
  for (int depth = 0; depth < PT_RLP_DEPTH_MAX; depth++)
    {
      pt_rlp_list_begin (&writer);
      pt_rlp_bytes (&writer, content, payload);
    }
  for (int depth = 0; depth < PT_RLP_DEPTH_MAX; depth++)
    {
      pt_rlp_uint (&writer, payload);
      pt_rlp_list_end (&writer);
    }
  return pt_rlp_finish (&writer, size);
}

static void
test_nested (void)
{
  const size_t payloads[] = { 0, 1, 10, 24, 25, 26, 50, 55, 56, 63, 64, 255, 256, 16384, 21845 };
  g_autofree uint8_t *out = g_malloc (200000);

  for (size_t i = 0; i < G_N_ELEMENTS (payloads); i++)
    {
      const uint8_t *cursor = out;
      size_t size, rest;

      g_assert_cmpint (write_nested (out, 200000, payloads[i], &size), ==, PT_OK);
      g_assert_true (reads (out, size, PT_RLP_DEPTH_MAX));
      g_assert_false (reads (out, size, PT_RLP_DEPTH_MAX - 1));
      rest = size;
      for (int depth = 0; depth < PT_RLP_DEPTH_MAX; depth++)
        {
          PtRlpItem list, text;

          g_assert_true (pt_rlp_read (&cursor, &rest, &list));
          g_assert_true (list.list);
          g_assert_cmpuint (depth == 0 ? rest : 0, ==, 0);
          cursor = list.data;
          rest = list.size;
          g_assert_true (pt_rlp_read (&cursor, &rest, &text));
          g_assert_cmpuint (text.size, ==, payloads[i]);
        }
    }
}

/* Every capacity that is too small, in memory that ends there. */
static void
test_no_space (void)
{
  uint8_t whole[1024];
  size_t needed, size;

  g_assert_cmpint (write_nested (whole, sizeof whole, 60, &needed), ==, PT_OK);
  for (size_t room = 0; room <= needed; room++)
    {
      g_autofree uint8_t *tight = g_malloc (MAX (room, 1));

      g_assert_cmpint (write_nested (tight, room, 60, &size), ==,
                       room < needed ? PT_NO_SPACE : PT_OK);
      g_assert_cmpuint (size, ==, room < needed ? 0 : needed);
    }
}

/* An overflow stays: what would fit after it is not written, and no list's end mends it. */
static void
test_overflow_stays (void)
{
  uint8_t out[8];
  PtRlpWriter writer;
  size_t size;

  memset (out, 0xee, sizeof out);
  pt_rlp_init (&writer, out, 4);
  pt_rlp_list_begin (&writer);
  pt_rlp_bytes (&writer, "too long", 8);
  pt_rlp_uint (&writer, 1);
  pt_rlp_list_end (&writer);
  pt_rlp_list_end (&writer);
  g_assert_cmpint (pt_rlp_finish (&writer, &size), ==, PT_NO_SPACE);
  g_assert_cmpuint (size, ==, 0);
  for (size_t i = 4; i < sizeof out; i++)
    g_assert_cmpuint (out[i], ==, 0xee);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rlp-by-hand/reader", test_reader);
  g_test_add_func ("/rlp-by-hand/strings", test_strings);
  g_test_add_func ("/rlp-by-hand/integers", test_integers);
  g_test_add_func ("/rlp-by-hand/nested", test_nested);
  g_test_add_func ("/rlp-by-hand/no-space", test_no_space);
  g_test_add_func ("/rlp-by-hand/overflow-stays", test_overflow_stays);
  return g_test_run ();
}
