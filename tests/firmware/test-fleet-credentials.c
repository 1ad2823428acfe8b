/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-credentials.h"

#include "pt-p256-pem.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char *folder, *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("fleet-credentials-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "tx-1.pem", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
write_file (Fixture *fixture, const char *text, int mode)
{
  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
  g_assert_cmpint (g_chmod (fixture->path, mode), ==, 0);
}

static void
test_keys (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtFleetCredentials) credentials = NULL;
  g_autoptr (GError) error = NULL;
  GBytes *key;

  write_file (fixture,
              "# a device a line\n\neast/tx-1:000102030405060708090a0b0c0d0e0F\r\n"
              "east/a:b:ffffffffffffffffffffffffffffffff",
              0600);
  credentials = pt_fleet_credentials_new (NULL, NULL, fixture->path, &error);
  g_assert_no_error (error);
  g_assert_true (pt_fleet_credentials_have_keys (credentials));
  g_assert_false (pt_fleet_credentials_have_certificates (credentials));
  key = pt_fleet_credentials_key (credentials, "east", "tx-1", &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (key, NULL), g_bytes_get_size (key),
                   "\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf", 16);
  g_assert_nonnull (pt_fleet_credentials_key (credentials, "east", "a:b", NULL));
  g_assert_null (pt_fleet_credentials_key (credentials, "east", "tx-2", &error));
  g_assert_nonnull (strstr (error->message, "east/tx-2"));
}

static void
test_bad_keys (Fixture *fixture, gconstpointer data)
{
  static const char *const bad[] = {
    "east/tx-1",
    "tx-1:000102030405060708090a0b0c0d0e0f",
    "east/tx-1:",
    "east/tx-1:000102030405060708090a0b0c0d0e",
    "east/tx-1:000102030405060708090a0b0c0d0e0",
    "east/tx-1:000102030405060708090a0b0c0d0e0g",
    "east/tx-1:000102030405060708090a0b0c0d0e0f0",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = g_strconcat ("# first\n", bad[i], "\n", NULL);

      g_test_message ("%s", bad[i]);
      write_file (fixture, text, 0600);
      g_assert_null (pt_fleet_credentials_new (NULL, NULL, fixture->path, &error));
      g_assert_nonnull (strstr (error->message, "line 2"));
      g_assert_null (strstr (error->message, "0001"));
    }
}

static void
test_refuses (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  write_file (fixture, "east/tx-1:000102030405060708090a0b0c0d0e0f\n", 0640);
  g_assert_null (pt_fleet_credentials_new (NULL, NULL, fixture->path, &error));
  g_assert_nonnull (strstr (error->message, "0600"));
  g_clear_error (&error);
  g_assert_null (pt_fleet_credentials_new (NULL, fixture->path, NULL, &error));
  g_assert_nonnull (strstr (error->message, fixture->path));
  g_clear_error (&error);
  g_assert_null (pt_fleet_credentials_new ("/nowhere/ca.pem", NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "/nowhere/ca.pem"));
}

/* The certificate is the file's, its key the device's own. */
static void
test_certificate (Fixture *fixture, gconstpointer data)
{
  g_autofree char *above = g_path_get_dirname (fixture->folder);
  g_autofree char *area = g_path_get_basename (fixture->folder);
  g_autofree char *certificate = NULL;
  g_autoptr (PtFleetCredentials) credentials = NULL;
  g_autoptr (GError) error = NULL;
  guint8 scalar[32] = { 0 }, again[32];
  char *key = NULL;
  PtP256Key *read;

  scalar[31] = 9;
  write_file (fixture, "a certificate\n", 0644);
  credentials = pt_fleet_credentials_new (fixture->path, above, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (pt_fleet_credentials_ca (credentials), ==, fixture->path);
  g_assert_cmpstr (pt_fleet_credentials_ca_text (credentials), ==, "a certificate\n");
  g_assert_true (pt_fleet_credentials_certificate (credentials, area, "tx-1", scalar, &certificate,
                                                   &key, &error));
  g_assert_cmpstr (certificate, ==, "a certificate\n");
  read = pt_p256_key_from_pem (key, strlen (key), NULL, NULL);
  g_assert_nonnull (read);
  pt_p256_key_to_scalar (read, again);
  g_assert_cmpmem (scalar, 32, again, 32);
  pt_p256_key_free (read);
  pt_fleet_secret_free (key);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_free (fixture->path);
  fixture->path = g_build_filename (fixture->folder, "tx-1.json", NULL);
  write_file (fixture, "{\"format\":\"powertrack-provisioning-1\",\"certificate\":\"another\"}",
              0600);
  g_clear_pointer (&certificate, g_free);
  g_assert_true (pt_fleet_credentials_certificate (credentials, area, "tx-1", scalar, &certificate,
                                                   &key, &error));
  g_assert_cmpstr (certificate, ==, "another");
  pt_fleet_secret_free (key);
  g_assert_false (pt_fleet_credentials_certificate (credentials, area, "tx-2", scalar, &certificate,
                                                    &key, &error));
  g_assert_nonnull (strstr (error->message, "tx-2"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)
  ADD ("/fleet-credentials/keys", test_keys);
  ADD ("/fleet-credentials/bad-keys", test_bad_keys);
  ADD ("/fleet-credentials/refuses", test_refuses);
  ADD ("/fleet-credentials/certificate", test_certificate);
  return g_test_run ();
}
