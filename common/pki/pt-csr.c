/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-csr.h"

#include <glib/gi18n.h>
#include <openssl/core_names.h>
#include <string.h>

#include "pt-error.h"
#include "pt-p256.h"
#include "pt-pki-private.h"

#define PEM "-----BEGIN "

static gboolean
refuse (GError **error, const char *sentence)
{
  ERR_clear_error ();
  g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, sentence);
  return FALSE;
}

static X509_REQ *
read_request (const char *text, gsize size)
{
  g_autoptr (BIO) memory = BIO_new_mem_buf (text, (int) size);

  if (g_strstr_len (text, (gssize) size, PEM) != NULL)
    return PEM_read_bio_X509_REQ (memory, NULL, NULL, NULL);
  return d2i_X509_REQ_bio (memory, NULL);
}

static gboolean
get_coordinate (EVP_PKEY *key, const char *name, guint8 out[32])
{
  BIGNUM *made = NULL;
  gboolean good
      = EVP_PKEY_get_bn_param (key, name, &made) == 1 && BN_bn2binpad (made, out, 32) == 32;

  BN_free (made);
  return good;
}

static gboolean
take_key (EVP_PKEY *key, guint8 out[PT_PUBLIC_KEY_SIZE])
{
  char group[32] = "";

  out[0] = 4; /* SEC 1: uncompressed */
  return EVP_PKEY_is_a (key, "EC")
         && EVP_PKEY_get_utf8_string_param (key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                            NULL)
                == 1
         && strcmp (group, SN_X9_62_prime256v1) == 0
         && get_coordinate (key, OSSL_PKEY_PARAM_EC_PUB_X, out + 1)
         && get_coordinate (key, OSSL_PKEY_PARAM_EC_PUB_Y, out + 33) && pt_p256_key_is_sound (out);
}

/* FALSE: it has such a URI that is no device's, or two of them. */
static gboolean
take_urn (X509_REQ *request, PtCsr *out)
{
  struct stack_st_X509_EXTENSION *extensions = X509_REQ_get_extensions (request);
  g_autoptr (GENERAL_NAMES) names = X509V3_get_d2i (extensions, NID_subject_alt_name, NULL, NULL);

  sk_X509_EXTENSION_pop_free (extensions, X509_EXTENSION_free);
  return pt_pki_urn_find (names, out->area, out->device);
}

static gboolean
take_common_name (X509_REQ *request, PtCsr *out)
{
  const X509_NAME *subject = X509_REQ_get_subject_name (request);
  int at = X509_NAME_get_index_by_NID (subject, NID_commonName, -1);
  const ASN1_STRING *text = NULL;
  gsize size = 0;

  if (at < 0 || X509_NAME_get_index_by_NID (subject, NID_commonName, at) >= 0)
    return FALSE;
  text = X509_NAME_ENTRY_get_data (X509_NAME_get_entry (subject, at));
  size = (gsize) ASN1_STRING_length (text);
  if (!pt_is_id (pt_span ((const char *) ASN1_STRING_get0_data (text), size)))
    return FALSE;
  memcpy (out->device, ASN1_STRING_get0_data (text), size);
  return TRUE;
}

gboolean
pt_csr_parse (const char *text, gsize size, PtCsr *out, GError **error)
{
  g_autoptr (X509_REQ) request = NULL;
  EVP_PKEY *key = NULL;

  g_return_val_if_fail (text != NULL && out != NULL, FALSE);
  *out = (PtCsr){ 0 };
  if (size == 0 || size > PT_CSR_SIZE_MAX)
    return refuse (error, _ ("it is empty, or larger than 16 KiB"));
  request = read_request (text, size);
  if (request == NULL)
    return refuse (error, _ ("it is no certificate signing request (PKCS#10, as PEM or DER)"));
  key = X509_REQ_get0_pubkey (request);
  if (key == NULL || !take_key (key, out->key))
    return refuse (error, _ ("its key is not on the curve P-256"));
  if (X509_REQ_verify (request, key) != 1)
    return refuse (error, _ ("it is not signed by its own key"));
  if (!take_urn (request, out) || (*out->device == '\0' && !take_common_name (request, out)))
    return refuse (error, _ ("it names no device: neither its CN nor its URI does"));
  return TRUE;
}
