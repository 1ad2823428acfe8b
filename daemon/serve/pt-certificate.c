/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-certificate.h"

#include <glib/gstdio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "pt-error.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)

static gboolean
refuse (const char *path, const char *why, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "%s %s. Name a certificate and its key, PEM files, as certificate and key.", path,
               why);
  return FALSE;
}

static BIO *
open_pem (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  BIO *bio;
  gsize size;

  if (!g_file_get_contents (path, &text, &size, &local))
    {
      refuse (path, "can't be read", error);
      return NULL;
    }
  bio = BIO_new (BIO_s_mem ());
  BIO_write (bio, text, (int) MIN (size, G_MAXINT));
  explicit_bzero (text, size);
  return bio;
}

static gboolean
key_is_private (const char *path, GError **error)
{
  GStatBuf status;

  if (g_stat (path, &status) != 0 || (status.st_mode & 077) == 0)
    return TRUE; /* whether it is there is asked next */
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "Others can read %s. Run chmod 600 on it, and make a new key if they may have done "
               "so.",
               path);
  return FALSE;
}

static int
no_password (char *buffer, int size, int writing, void *user_data)
{
  return -1;
}

/* GnuTLS would find out at the first handshake only, and not say which file it is. */
static gboolean
files_fit (const char *path, const char *key_path, GError **error)
{
  g_autoptr (BIO) certificate_text = open_pem (path, error);
  g_autoptr (BIO) key_text = certificate_text != NULL ? open_pem (key_path, error) : NULL;
  g_autoptr (X509) certificate = NULL;
  g_autoptr (EVP_PKEY) key = NULL;

  if (certificate_text == NULL || key_text == NULL)
    return FALSE;
  certificate = PEM_read_bio_X509 (certificate_text, NULL, no_password, NULL);
  if (certificate == NULL)
    return refuse (path, "holds no certificate", error);
  key = PEM_read_bio_PrivateKey (key_text, NULL, no_password, NULL);
  if (key == NULL)
    return refuse (key_path, "holds no private key without a password", error);
  if (X509_check_private_key (certificate, key) != 1)
    return refuse (key_path, "is not the key of the certificate", error);
  if (X509_cmp_current_time (X509_get0_notAfter (certificate)) < 0)
    g_warning ("The certificate %s has expired: clients will not trust it. Renew it.", path);
  return TRUE;
}

GTlsCertificate *
pt_certificate_read (const char *path, const char *key_path, GError **error)
{
  g_autoptr (GError) local = NULL;
  GTlsCertificate *certificate;

  g_return_val_if_fail (path != NULL && key_path != NULL, NULL);

  if (!key_is_private (key_path, error) || !files_fit (path, key_path, error))
    return NULL;
  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ()))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                           "This system has no TLS for GIO. Install glib-networking.");
      return NULL;
    }
  certificate = g_tls_certificate_new_from_files (path, key_path, &local);
  if (certificate == NULL)
    refuse (path, local->message, error);
  return certificate;
}

GTlsDatabase *
pt_certificate_read_authorities (const char *path, GError **error)
{
  g_autoptr (BIO) text = NULL;
  g_autoptr (X509) first = NULL;
  g_autoptr (GError) local = NULL;
  GTlsDatabase *authorities = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  text = open_pem (path, error);
  if (text == NULL)
    return NULL;
  first = PEM_read_bio_X509 (text, NULL, no_password, NULL);
  if (first != NULL) /* an empty one would trust nobody, and say nothing */
    authorities = g_tls_file_database_new (path, &local);
  if (authorities == NULL)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                 "%s holds no certificates of authorities%s%s. Name such a PEM file as client_ca.",
                 path, local != NULL ? ": " : "", local != NULL ? local->message : "");
  return authorities;
}

/* A point's two numbers, however the certificate writes them. */
static gboolean
read_point (EVP_PKEY *key, guint8 *point)
{
  static const char *const names[] = { OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y };
  char group[32];

  if (EVP_PKEY_get_utf8_string_param (key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL)
          != 1
      || strcmp (group, "prime256v1") != 0)
    return FALSE;
  point[0] = 4;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      BIGNUM *number = NULL;
      gboolean is_read = EVP_PKEY_get_bn_param (key, names[i], &number) == 1
                         && BN_bn2binpad (number, point + 1 + 32 * i, 32) == 32;

      BN_free (number);
      if (!is_read)
        return FALSE;
    }
  return TRUE;
}

static X509 *
parse (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) bytes = NULL;
  const guint8 *cursor;

  g_object_get (certificate, "certificate", &bytes, NULL);
  cursor = bytes->data;
  return d2i_X509 (NULL, &cursor, (long) bytes->len);
}

gboolean
pt_certificate_key (GTlsCertificate *certificate, guint8 *point)
{
  g_autoptr (X509) parsed = NULL;
  EVP_PKEY *key;

  g_return_val_if_fail (G_IS_TLS_CERTIFICATE (certificate) && point != NULL, FALSE);

  parsed = parse (certificate);
  key = parsed != NULL ? X509_get0_pubkey (parsed) : NULL;
  if (key != NULL && EVP_PKEY_is_a (key, "EC") && read_point (key, point))
    return TRUE;
  memset (point, 0, PT_PUBLIC_KEY_SIZE);
  return FALSE;
}

gboolean
pt_certificate_is_of_client (GTlsCertificate *certificate)
{
  g_autoptr (X509) parsed = NULL;

  g_return_val_if_fail (G_IS_TLS_CERTIFICATE (certificate), FALSE);

  parsed = parse (certificate);
  return parsed != NULL && X509_check_purpose (parsed, X509_PURPOSE_SSL_CLIENT, 0) == 1;
}

static void
add_stamp (GString *stamp, const char *path)
{
  GStatBuf status;

  if (g_stat (path, &status) != 0)
    g_string_append (stamp, "none;");
  else
    g_string_append_printf (stamp,
                            "%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GINT64_FORMAT
                            ".%09ld,%" G_GINT64_FORMAT ";",
                            (guint64) status.st_dev, (guint64) status.st_ino,
                            (gint64) status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                            (gint64) status.st_size);
}

char *
pt_certificate_stamp (const char *path, const char *key_path)
{
  GString *stamp;

  g_return_val_if_fail (path != NULL && key_path != NULL, NULL);

  stamp = g_string_new (NULL);
  add_stamp (stamp, path);
  add_stamp (stamp, key_path);
  return g_string_free (stamp, FALSE);
}
