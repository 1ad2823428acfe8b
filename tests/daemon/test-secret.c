/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-secret.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pt-error.h"
#include "common/pt-test.h"

static void
test_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pt-secret-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "key", NULL);
  g_autoptr (GError) error = NULL;
  PtSecret first, second;
  GStatBuf info;

  g_assert_true (pt_secret_open (&first, path, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
  g_assert_true (pt_secret_open (&second, path, &error));
  g_assert_cmpmem (&first, sizeof first, &second, sizeof second);
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  g_assert_false (pt_secret_open (&second, path, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_clear_error (&error);
  g_assert_true (
      g_file_set_contents_full (path, "short", 5, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  g_assert_false (pt_secret_open (&second, path, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  pt_test_remove_tree (folder);
}

/* As another implementation of HMAC makes it. */
static void
test_mac (void)
{
  static const char message[] = "ticket\0some words";
  PtSecret secret, other;
  gsize size = PT_HASH_SIZE;
  guint8 wanted[PT_HASH_SIZE];
  GHmac *hmac;
  PtHash mac;

  g_assert_true (pt_secret_draw (&secret, NULL) && pt_secret_draw (&other, NULL));
  g_assert_true (memcmp (&secret, &other, sizeof secret) != 0);
  hmac = g_hmac_new (G_CHECKSUM_SHA256, secret.bytes, sizeof secret.bytes);
  g_hmac_update (hmac, (const guchar *) message, sizeof message - 1);
  g_hmac_get_digest (hmac, wanted, &size);
  g_hmac_unref (hmac);
  pt_secret_mac (&secret, "ticket", pt_span ("some words", 10), &mac);
  g_assert_cmpmem (&mac, sizeof mac, wanted, size);
  pt_secret_mac (&secret, "login", pt_span ("some words", 10), &mac);
  g_assert_true (memcmp (&mac, wanted, size) != 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secret/file", test_file);
  g_test_add_func ("/secret/mac", test_mac);
  return g_test_run ();
}
