/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-oscore-keys.h"

#include <string.h>

#include "pt-error.h"

#define SECRET "000102030405060708090a0b0c0d0e0f"

static PtOscoreKeys *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  PtOscoreKeys *keys = pt_oscore_keys_parse (text, strlen (text), "an.oscore", &error);

  g_assert_no_error (error);
  return keys;
}

static void
test_lines (void)
{
  g_autoptr (PtOscoreKeys) keys = parse ("# of the east\n\neast/tx-1:00:" SECRET "\r\n"
                                         "east/a:b:0000:" SECRET SECRET SECRET SECRET "\n"
                                         "west/tx-1:ffffffffffffff:FF" SECRET);
  const PtOscoreKey *key = pt_oscore_keys_find (keys, pt_span ("\0", 1));

  g_assert_cmpuint (pt_oscore_keys_count (keys), ==, 3);
  g_assert_nonnull (key);
  g_assert_true (key == pt_oscore_keys_at (keys, 0));
  g_assert_cmpstr (key->identity, ==, "east/tx-1");
  g_assert_cmpmem (key->id, key->id_size, "\0", 1);
  g_assert_cmpuint (key->secret_size, ==, 16);
  g_assert_cmpuint (key->secret[15], ==, 15);
  key = pt_oscore_keys_find (keys, pt_span ("\0\0", 2));
  g_assert_nonnull (key);
  g_assert_cmpstr (key->identity, ==, "east/a:b");
  g_assert_cmpuint (key->secret_size, ==, 64);
  key = pt_oscore_keys_find (keys, pt_span ("\xff\xff\xff\xff\xff\xff\xff", 7));
  g_assert_nonnull (key);
  g_assert_cmpuint (key->secret[0], ==, 255);
  g_assert_null (pt_oscore_keys_find (keys, pt_span ("", 0)));
  g_assert_null (pt_oscore_keys_find (keys, pt_span ("\0\0\0", 3)));
  g_assert_null (pt_oscore_keys_find (keys, pt_span ("\xff\xff\xff\xff\xff\xff\xff\xff", 8)));
}

static void
assert_refused (const char *text, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_oscore_keys_parse (text, strlen (text), "an.oscore", &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strstr (error->message, "00010203")); /* no secret */
}

static void
test_refused (void)
{
  assert_refused ("hello", "line 1 is not area/device:id:secret");
  assert_refused ("east/tx-1:" SECRET, "line 1 is not");
  assert_refused ("\ntx-1:00:" SECRET, "line 2 is not");
  assert_refused ("EAST/tx-1:00:" SECRET, "line 1 is not");
  assert_refused ("east/tx-1::" SECRET, "has no ID");
  assert_refused ("east/tx-1:0:" SECRET, "has no ID");
  assert_refused ("east/tx-1:0g:" SECRET, "has no ID");
  assert_refused ("east/tx-1:1122334455667788:" SECRET, "has no ID");
  assert_refused ("east/tx-1:00:", "has no secret");
  assert_refused ("east/tx-1:00:000102030405060708090a0b0c0d0e", "has no secret");
  assert_refused ("east/tx-1:00:" SECRET SECRET SECRET SECRET "00", "has no secret");
  assert_refused ("east/tx-1:00:" SECRET " ", "has no secret");
  assert_refused ("east/tx-1:00:" SECRET "\neast/tx-1:01:" SECRET, "line 2 names a device");
  assert_refused ("east/tx-1:00:" SECRET "\neast/tx-2:00:" SECRET, "line 2 has the ID of another");
}

static void
test_most (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PtOscoreKeys) keys = NULL;

  for (guint i = 0; i < PT_OSCORE_KEYS_MAX; i++)
    g_string_append_printf (text, "east/tx-%u:%04x:" SECRET "\n", i, i);
  keys = parse (text->str);
  g_assert_cmpuint (pt_oscore_keys_count (keys), ==, PT_OSCORE_KEYS_MAX);
  g_string_append (text, "east/last:ffff:" SECRET "\n");
  assert_refused (text->str, "line 20001 is more than the 20000 devices");
}

static void
test_extend (void)
{
  g_autoptr (PtOscoreKeys) one = parse ("east/tx-1:00:" SECRET "\n");
  g_autoptr (PtOscoreKeys) same = parse ("# the same\neast/tx-1:00:" SECRET "\n");
  g_autoptr (PtOscoreKeys) two = parse ("east/tx-1:00:" SECRET "\neast/tx-2:01:" SECRET "\n");
  g_autoptr (PtOscoreKeys) turned = parse ("east/tx-2:01:" SECRET "\neast/tx-1:00:" SECRET "\n");
  g_autoptr (PtOscoreKeys) other = parse ("east/tx-1:00:ff" SECRET "\neast/tx-2:01:" SECRET "\n");
  g_autoptr (PtOscoreKeys) moved = parse ("east/tx-1:02:" SECRET "\neast/tx-2:01:" SECRET "\n");

  g_assert_true (pt_oscore_keys_extend (same, one));
  g_assert_true (pt_oscore_keys_extend (two, one));
  g_assert_false (pt_oscore_keys_extend (one, two));
  g_assert_false (pt_oscore_keys_extend (turned, one));
  g_assert_false (pt_oscore_keys_extend (other, one));
  g_assert_false (pt_oscore_keys_extend (moved, one));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/coap-oscore-keys/lines", test_lines);
  g_test_add_func ("/coap-oscore-keys/refused", test_refused);
  g_test_add_func ("/coap-oscore-keys/most", test_most);
  g_test_add_func ("/coap-oscore-keys/extend", test_extend);
  return g_test_run ();
}
