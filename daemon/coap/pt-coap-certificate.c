/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-certificate.h"

#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "pt-error.h"

#define CHAIN_MAX 8
#define FILE_MAX (1024 * 1024) /* bytes */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)

static void
general_names_free (GENERAL_NAMES *names)
{
  sk_GENERAL_NAME_pop_free (names, GENERAL_NAME_free);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GENERAL_NAMES, general_names_free)

static gboolean
refuse (const char *path, const char *why, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "%s %s. Name PEM files in [coap] certificate, key and client_ca.", path, why);
  return FALSE;
}

static void
clear_secret (gpointer data)
{
  char *text = data;

  explicit_bzero (text, strlen (text));
  g_free (text);
}

static GBytes *
read_pem (const char *path, gboolean is_secret, GError **error)
{
  g_autoptr (GError) local = NULL;
  GStatBuf status;
  char *text;
  gsize size;

  if (is_secret && g_stat (path, &status) == 0 && (status.st_mode & 077) != 0)
    {
      refuse (path, "can be read by others: run chmod 600 on it, and make a new key", error);
      return NULL;
    }
  if (!g_file_get_contents (path, &text, &size, &local))
    {
      refuse (path, "can't be read", error);
      return NULL;
    }
  if (size == 0 || size > FILE_MAX || strlen (text) != size)
    {
      g_free (text);
      refuse (path, "is no PEM file", error);
      return NULL;
    }
  return g_bytes_new_with_free_func (text, size, clear_secret, text);
}

static BIO *
bio_of (GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  return BIO_new_mem_buf (data, (int) size);
}

static int
no_password (char *buffer, int size, int writing, void *user_data)
{
  return -1;
}

/* The certificate is the first, those above it follow. */
static gboolean
files_check_pair (PtCoapFiles *files, const char *path, const char *key_path, GError **error)
{
  g_autoptr (BIO) bio = bio_of (files->certificate);
  g_autoptr (BIO) key_bio = bio_of (files->key);
  g_autoptr (X509) certificate = PEM_read_bio_X509 (bio, NULL, no_password, NULL);
  g_autoptr (EVP_PKEY) key = PEM_read_bio_PrivateKey (key_bio, NULL, no_password, NULL);
  X509 *above;

  if (certificate == NULL)
    return refuse (path, "holds no certificate", error);
  if (key == NULL)
    return refuse (key_path, "holds no private key without a password", error);
  if (X509_check_private_key (certificate, key) != 1)
    return refuse (key_path, "is not the key of the certificate", error);
  files->chain = sk_X509_new_null ();
  while (sk_X509_num (files->chain) < CHAIN_MAX
         && (above = PEM_read_bio_X509 (bio, NULL, no_password, NULL)) != NULL)
    sk_X509_push (files->chain, above);
  if (X509_cmp_current_time (X509_get0_notAfter (certificate)) < 0)
    g_warning ("The certificate %s has expired: devices will not trust it. Renew it.", path);
  return TRUE;
}

static gboolean
files_check_ca (PtCoapFiles *files, const char *path, GError **error)
{
  g_autoptr (BIO) bio = bio_of (files->client_ca);
  g_autoptr (X509) certificate = PEM_read_bio_X509 (bio, NULL, no_password, NULL);

  return certificate != NULL || refuse (path, "holds no certificate", error);
}

PtCoapFiles *
pt_coap_files_read (const char *certificate, const char *key, const char *client_ca, GError **error)
{
  g_autoptr (PtCoapFiles) files = NULL;

  g_return_val_if_fail (certificate != NULL && key != NULL && client_ca != NULL, NULL);

  files = g_new0 (PtCoapFiles, 1);
  files->certificate = read_pem (certificate, FALSE, error);
  if (files->certificate == NULL)
    return NULL;
  files->key = read_pem (key, TRUE, error);
  if (files->key == NULL)
    return NULL;
  files->client_ca = read_pem (client_ca, FALSE, error);
  if (files->client_ca == NULL || !files_check_pair (files, certificate, key, error)
      || !files_check_ca (files, client_ca, error))
    return NULL;
  return g_steal_pointer (&files);
}

gboolean
pt_coap_files_equal (const PtCoapFiles *a, const PtCoapFiles *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_bytes_equal (a->certificate, b->certificate) && g_bytes_equal (a->key, b->key)
         && g_bytes_equal (a->client_ca, b->client_ca);
}

void
pt_coap_files_free (PtCoapFiles *files)
{
  if (files == NULL)
    return;
  g_clear_pointer (&files->certificate, g_bytes_unref);
  g_clear_pointer (&files->key, g_bytes_unref);
  g_clear_pointer (&files->client_ca, g_bytes_unref);
  sk_X509_pop_free (files->chain, X509_free);
  g_free (files);
}

static PtSpan
span_of (const ASN1_STRING *string)
{
  return pt_span (ASN1_STRING_get0_data (string), (gsize) ASN1_STRING_length (string));
}

static gboolean
names_find (const GENERAL_NAMES *names, int type, PtCoapName *out)
{
  for (int i = 0; i < sk_GENERAL_NAME_num (names); i++)
    {
      const GENERAL_NAME *name = sk_GENERAL_NAME_value (names, i);

      if (name->type != type)
        continue;
      if (type == GEN_URI ? pt_coap_name_from_urn (span_of (name->d.uniformResourceIdentifier), out)
                          : pt_coap_name_from_dns (span_of (name->d.dNSName), out))
        return TRUE;
    }
  return FALSE;
}

static gboolean
subject_find (X509 *certificate, PtCoapName *out)
{
  const X509_NAME *subject = X509_get_subject_name (certificate);
  int at = X509_NAME_get_index_by_NID (subject, NID_commonName, -1);

  return at >= 0
         && pt_coap_name_from_identity (
             span_of (X509_NAME_ENTRY_get_data (X509_NAME_get_entry (subject, at))), out);
}

static gboolean
certificate_key (X509 *certificate, guint8 *key)
{
  EVP_PKEY *public = X509_get0_pubkey (certificate);
  guint8 *point = NULL;
  char group[32];
  gsize size;
  gboolean is_ours;

  if (public == NULL || EVP_PKEY_get_base_id (public) != EVP_PKEY_EC
      || EVP_PKEY_get_group_name (public, group, sizeof group, NULL) != 1
      || strcmp (group, "prime256v1") != 0)
    return FALSE;
  size = EVP_PKEY_get1_encoded_public_key (public, &point);
  is_ours = size == PT_PUBLIC_KEY_SIZE && point[0] == 4;
  if (is_ours)
    memcpy (key, point, PT_PUBLIC_KEY_SIZE);
  OPENSSL_free (point);
  return is_ours;
}

gboolean
pt_coap_certificate_device (X509 *certificate, PtCoapName *name, guint8 key[PT_PUBLIC_KEY_SIZE])
{
  g_autoptr (GENERAL_NAMES) names = NULL;

  g_return_val_if_fail (certificate != NULL && name != NULL && key != NULL, FALSE);

  names = X509_get_ext_d2i (certificate, NID_subject_alt_name, NULL, NULL);
  return (names_find (names, GEN_URI, name) || names_find (names, GEN_DNS, name)
          || subject_find (certificate, name))
         && certificate_key (certificate, key);
}

char *
pt_coap_certificate_digest (X509 *certificate)
{
  guint8 digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  GString *hex;

  g_return_val_if_fail (certificate != NULL, NULL);

  hex = g_string_new (NULL);
  if (X509_digest (certificate, EVP_sha256 (), digest, &size) == 1)
    for (unsigned int i = 0; i < size; i++)
      g_string_append_printf (hex, "%02x", digest[i]);
  return g_string_free (hex, FALSE);
}
