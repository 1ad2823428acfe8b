/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-certificate.h"

#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "pt-error.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)

static gboolean
refuse (const char *path, const char *why, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "%s %s. Name a certificate and its key, PEM files, in [http] certificate and key.",
               path, why);
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
