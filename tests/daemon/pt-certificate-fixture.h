/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* A certificate for 127.0.0.1 that its own key signed, good for @days (less than 0: it was), in two
 * PEM files. */
static inline void
pt_certificate_fixture_write (const char *path, const char *key_path, int days)
{
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  X509 *certificate = X509_new ();
  X509_NAME *name = X509_get_subject_name (certificate);
  FILE *file;

  ASN1_INTEGER_set (X509_get_serialNumber (certificate), 1);
  X509_gmtime_adj (X509_getm_notBefore (certificate), -100 * 86400);
  X509_gmtime_adj (X509_getm_notAfter (certificate), days * 86400L);
  X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC, (const guint8 *) "127.0.0.1", -1, -1, 0);
  X509_set_issuer_name (certificate, name);
  X509_set_pubkey (certificate, key);
  g_assert_cmpint (X509_sign (certificate, key, EVP_sha256 ()), >, 0);
  file = g_fopen (path, "w");
  g_assert_cmpint (PEM_write_X509 (file, certificate), ==, 1);
  fclose (file);
  file = g_fopen (key_path, "w");
  g_assert_cmpint (g_chmod (key_path, 0600), ==, 0);
  g_assert_cmpint (PEM_write_PrivateKey (file, key, NULL, NULL, 0, NULL, NULL), ==, 1);
  fclose (file);
  X509_free (certificate);
  EVP_PKEY_free (key);
}
