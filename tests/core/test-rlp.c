/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-rlp.h"

/* The examples of the Ethereum wiki's page on RLP and of its test suite (rlptest.json). */

static uint8_t buffer[70000];

static void
assert_written (const PtRlpWriter *writer, const char *expected)
{
  char hex[600];
  size_t size;

  g_assert_cmpint (pt_rlp_finish (writer, &size), ==, PT_OK);
  hex[pt_hex_encode (buffer, size, hex, sizeof hex - 1)] = '\0';
  g_assert_cmpstr (hex, ==, expected);
}

static PtRlpWriter
begin (void)
{
  PtRlpWriter writer;

  pt_rlp_init (&writer, buffer, sizeof buffer);
  return writer;
}

static void
assert_text (const char *text, const char *expected)
{
  PtRlpWriter writer = begin ();

  pt_rlp_bytes (&writer, text, strlen (text));
  assert_written (&writer, expected);
}

static void
test_strings (void)
{
  PtRlpWriter writer = begin ();

  assert_text ("", "80");
  assert_text ("\x7f", "7f");
  assert_text ("\x80", "8180");
  assert_text ("dog", "83646f67");
  assert_text ("Lorem ipsum dolor sit amet, consectetur adipisicing eli",
               "b74c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572206"
               "1646970697369"
               "63696e6720656c69");
  assert_text ("Lorem ipsum dolor sit amet, consectetur adipisicing elit",
               "b8384c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e73656374657475722"
               "0616469706973"
               "6963696e6720656c6974");
  pt_rlp_bytes (&writer, "", 1); /* one zero byte is a string, not the number 0 */
  assert_written (&writer, "00");
}

static void
assert_uint (uint64_t value, const char *expected)
{
  PtRlpWriter writer = begin ();

  pt_rlp_uint (&writer, value);
  assert_written (&writer, expected);
}

static void
test_integers (void)
{
  const uint8_t padded[] = { 0, 0, 1, 0 }, zeros[32] = { 0 };
  PtRlpWriter writer = begin ();

  assert_uint (0, "80");
  assert_uint (1, "01");
  assert_uint (127, "7f");
  assert_uint (128, "8180");
  assert_uint (256, "820100");
  assert_uint (100000, "830186a0");
  assert_uint (UINT64_MAX, "88ffffffffffffffff");
  pt_rlp_integer (&writer, padded, sizeof padded);
  pt_rlp_integer (&writer, zeros, sizeof zeros);
  assert_written (&writer, "82010080");
}

static void
test_lists (void)
{
  PtRlpWriter writer = begin ();

  pt_rlp_list_begin (&writer);
  pt_rlp_list_end (&writer);
  assert_written (&writer, "c0");

  writer = begin (); /* [ [], [[]], [ [], [[]] ] ] */
  pt_rlp_list_begin (&writer);
  pt_rlp_list_begin (&writer);
  pt_rlp_list_end (&writer);
  pt_rlp_list_begin (&writer);
  pt_rlp_list_begin (&writer);
  pt_rlp_list_end (&writer);
  pt_rlp_list_end (&writer);
  pt_rlp_list_begin (&writer);
  pt_rlp_list_begin (&writer);
  pt_rlp_list_end (&writer);
  pt_rlp_list_begin (&writer);
  pt_rlp_list_begin (&writer);
  pt_rlp_list_end (&writer);
  pt_rlp_list_end (&writer);
  pt_rlp_list_end (&writer);
  pt_rlp_list_end (&writer);
  assert_written (&writer, "c7c0c1c0c3c0c1c0");

  writer = begin ();
  pt_rlp_list_begin (&writer);
  pt_rlp_bytes (&writer, "cat", 3);
  pt_rlp_bytes (&writer, "dog", 3);
  pt_rlp_list_end (&writer);
  assert_written (&writer, "c88363617483646f67");
}

/* Lengths where a header grows by a byte. */
static void
test_long_lists (void)
{
  static const struct
  {
    size_t payload;
    const char *header;
  } cases[] = { { 55, "f7" },      { 56, "f838" },      { 255, "f8ff" },
                { 256, "f90100" }, { 65535, "f9ffff" }, { 65536, "fa010000" } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtRlpWriter writer = begin ();
      uint8_t header[4];
      size_t size, length = strlen (cases[i].header) / 2;

      pt_rlp_list_begin (&writer);
      for (size_t j = 0; j < cases[i].payload; j++)
        pt_rlp_uint (&writer, 0x42);
      pt_rlp_list_end (&writer);
      g_assert_cmpint (pt_rlp_finish (&writer, &size), ==, PT_OK);
      g_assert_cmpuint (size, ==, length + cases[i].payload);
      g_assert_true (pt_hex_decode (pt_span (cases[i].header, 2 * length), header, length));
      g_assert_cmpmem (buffer, length, header, length);
      g_assert_cmpuint (buffer[length], ==, 0x42);
      g_assert_cmpuint (buffer[size - 1], ==, 0x42);
    }
}

/* With one byte too few it says so and never writes past the end. */
static void
test_no_space (void)
{
  for (size_t capacity = 0; capacity < 9; capacity++)
    {
      PtRlpWriter writer;
      uint8_t small[10];
      size_t size;

      memset (small, 0xee, sizeof small);
      pt_rlp_init (&writer, small, capacity);
      pt_rlp_list_begin (&writer);
      pt_rlp_bytes (&writer, "cat", 3);
      pt_rlp_bytes (&writer, "dog", 3);
      pt_rlp_list_end (&writer);
      g_assert_cmpint (pt_rlp_finish (&writer, &size), ==, PT_NO_SPACE);
      g_assert_cmpuint (size, ==, 0);
      for (size_t i = capacity; i < sizeof small; i++)
        g_assert_cmpuint (small[i], ==, 0xee);
    }
}

static void
test_nesting (void)
{
  PtRlpWriter writer = begin ();
  size_t size;

  pt_rlp_list_begin (&writer);
  g_assert_cmpint (pt_rlp_finish (&writer, &size), ==, PT_MALFORMED); /* open */

  writer = begin ();
  pt_rlp_list_end (&writer);
  g_assert_cmpint (pt_rlp_finish (&writer, &size), !=, PT_OK); /* never begun */

  writer = begin ();
  for (int i = 0; i <= PT_RLP_DEPTH_MAX; i++)
    pt_rlp_list_begin (&writer);
  for (int i = 0; i <= PT_RLP_DEPTH_MAX; i++)
    pt_rlp_list_end (&writer);
  g_assert_cmpint (pt_rlp_finish (&writer, &size), !=, PT_OK); /* too deep */
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rlp/strings", test_strings);
  g_test_add_func ("/rlp/integers", test_integers);
  g_test_add_func ("/rlp/lists", test_lists);
  g_test_add_func ("/rlp/long-lists", test_long_lists);
  g_test_add_func ("/rlp/no-space", test_no_space);
  g_test_add_func ("/rlp/nesting", test_nesting);
  return g_test_run ();
}
