/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-keys.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-error.h"

#define KEY "000102030405060708090a0b0c0d0e0f"

static PtCoapKeys *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  PtCoapKeys *keys = pt_coap_keys_parse (text, strlen (text), "a.psk", &error);

  g_assert_no_error (error);
  return keys;
}

static void
test_lines (void)
{
  g_autoptr (PtCoapKeys) keys = parse ("# of the east\n\neast/tx-1:" KEY "\r\n"
                                       "east/a:b:" KEY KEY KEY KEY "\nwest/tx-1:FF" KEY);
  const PtCoapKey *key = pt_coap_keys_find (keys, "east/tx-1");

  g_assert_nonnull (key);
  g_assert_cmpuint (key->size, ==, 16);
  g_assert_cmpuint (key->bytes[15], ==, 15);
  key = pt_coap_keys_find (keys, "east/a:b");
  g_assert_nonnull (key);
  g_assert_cmpuint (key->size, ==, 64);
  key = pt_coap_keys_find (keys, "west/tx-1");
  g_assert_nonnull (key);
  g_assert_cmpuint (key->bytes[0], ==, 255);
  g_assert_null (pt_coap_keys_find (keys, "east"));
  g_assert_null (pt_coap_keys_find (keys, ""));
  g_assert_null (pt_coap_keys_find (NULL, "east/tx-1"));
}

static void
assert_refused (const char *text, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_coap_keys_parse (text, strlen (text), "a.psk", &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strstr (error->message, "0001")); /* no secret */
}

static void
test_refused (void)
{
  assert_refused ("hello", "line 1 is not area/device:hex");
  assert_refused ("\n:", "line 2 is not");
  assert_refused ("tx-1:" KEY, "line 1 is not");
  assert_refused ("EAST/tx-1:" KEY, "line 1 is not");
  assert_refused ("east/tx-1:", "has no key");
  assert_refused ("east/tx-1:000102030405060708090a0b0c0d0e", "has no key");
  assert_refused ("east/tx-1:" KEY "0", "has no key");
  assert_refused ("east/tx-1:" KEY KEY KEY KEY "00", "has no key");
  assert_refused ("east/tx-1:000102030405060708090a0b0c0d0e0g", "has no key");
  assert_refused ("east/tx-1:" KEY " ", "has no key");
  assert_refused ("east/tx-1:" KEY "\neast/tx-1:" KEY, "line 2 names a device for the second");
}

static void
test_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("powertrack-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "coap.psk", NULL);
  g_autoptr (PtCoapKeys) keys = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_coap_keys_read (path, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents_full (path, "east/tx-1:" KEY "\n", -1,
                                           G_FILE_SET_CONTENTS_NONE, 0644, NULL));
  g_assert_null (pt_coap_keys_read (path, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_clear_error (&error);
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  keys = pt_coap_keys_read (path, &error);
  g_assert_no_error (error);
  g_assert_nonnull (pt_coap_keys_find (keys, "east/tx-1"));
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/coap-keys/lines", test_lines);
  g_test_add_func ("/coap-keys/refused", test_refused);
  g_test_add_func ("/coap-keys/file", test_file);
  return g_test_run ();
}
