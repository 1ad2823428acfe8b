/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-certificate.h"

#include <string.h>

#include "common/pt-test.h"
#include "pt-certificate-fixture.h"
#include "pt-error.h"

typedef struct
{
  char *folder, *certificate, *key;
} Fixture;

static char *
file_of (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->folder, name, NULL);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("pt-certificate-XXXXXX", NULL);
  fixture->certificate = file_of (fixture, "certificate.pem");
  fixture->key = file_of (fixture, "key.pem");
  pt_certificate_fixture_write (fixture->certificate, fixture->key, 10);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_test_remove_tree (fixture->folder);
  g_free (fixture->certificate);
  g_free (fixture->key);
  g_free (fixture->folder);
}

static void
test_good (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate
      = pt_certificate_read (fixture->certificate, fixture->key, &error);

  g_assert_no_error (error);
  g_assert_nonnull (certificate);
}

static guint said; /* warnings */

static GLogWriterOutput
count_warning (GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user_data)
{
  if ((level & G_LOG_LEVEL_WARNING) == 0)
    return g_log_writer_default (level, fields, count, user_data);
  said++;
  return G_LOG_WRITER_HANDLED;
}

static void
test_expired (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GTlsCertificate) certificate = NULL;

  pt_certificate_fixture_write (fixture->certificate, fixture->key, -1);
  said = 0;
  certificate = pt_certificate_read (fixture->certificate, fixture->key, NULL);
  g_assert_nonnull (certificate);
  g_assert_cmpuint (said, ==, 1);
}

/* The sentence names the file that is wrong. */
static void
check_refusal (const char *certificate, const char *key, const char *file, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_certificate_read (certificate, key, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  if (strstr (error->message, file) == NULL || strstr (error->message, words) == NULL)
    g_error ("\"%s\" and \"%s\" are not in: %s", file, words, error->message);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *missing = file_of (fixture, "missing.pem"), *text = file_of (fixture, "text");
  g_autofree char *other = file_of (fixture, "other.pem"), *other_key = file_of (fixture, "o.key");

  g_assert_true (g_file_set_contents (text, "a word", -1, NULL));
  g_assert_cmpint (g_chmod (text, 0600), ==, 0);
  pt_certificate_fixture_write (other, other_key, 10);
  check_refusal (missing, fixture->key, missing, "can't be read");
  check_refusal (fixture->certificate, missing, missing, "can't be read");
  check_refusal (fixture->folder, fixture->key, fixture->folder, "can't be read");
  check_refusal (text, fixture->key, text, "no certificate");
  check_refusal (fixture->key, fixture->key, fixture->key, "no certificate");
  check_refusal (fixture->certificate, text, text, "no private key");
  check_refusal (fixture->certificate, other_key, other_key, "not the key of");
  for (int mode = 0640; mode <= 0644; mode += 4)
    {
      g_assert_cmpint (g_chmod (fixture->key, (guint) mode), ==, 0);
      check_refusal (fixture->certificate, fixture->key, fixture->key, "chmod 600");
    }
}

/* A key, whatever the certificate is for. */
static void
test_key (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pt-certificate-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "c.pem", NULL);
  g_autofree char *key_path = g_build_filename (folder, "k.pem", NULL);
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;
  guint8 point[PT_PUBLIC_KEY_SIZE], wanted[PT_PUBLIC_KEY_SIZE];
  EVP_PKEY *key;
  gsize size;
  FILE *file;

  pt_certificate_fixture_write (path, key_path, 10);
  certificate = pt_certificate_read (path, key_path, &error);
  g_assert_no_error (error);
  file = g_fopen (key_path, "r");
  key = PEM_read_PrivateKey (file, NULL, NULL, NULL);
  fclose (file);
  g_assert_cmpint (EVP_PKEY_get_octet_string_param (key, "pub", wanted, sizeof wanted, &size), ==,
                   1);
  g_assert_true (pt_certificate_key (certificate, point));
  g_assert_cmpmem (point, sizeof point, wanted, size);
  g_assert_true (pt_certificate_is_of_client (certificate)); /* for anything */
  EVP_PKEY_free (key);
  pt_test_remove_tree (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL); /* a warning is wanted */
  g_log_set_writer_func (count_warning, NULL, NULL);
  g_test_add ("/certificate/good", Fixture, NULL, set_up, test_good, tear_down);
  g_test_add ("/certificate/expired", Fixture, NULL, set_up, test_expired, tear_down);
  g_test_add ("/certificate/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add_func ("/certificate/key", test_key);
  return g_test_run ();
}
