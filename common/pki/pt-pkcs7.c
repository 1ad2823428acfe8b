/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-pkcs7.h"

#include <openssl/pkcs7.h>
#include <string.h>

#include "pt-error.h"
#include "pt-pki-private.h"

#define LINE 64 /* characters */

/* RFC 2315 section 9.1, as degenerate as RFC 5652 section 5.1 lets it be. */
static PKCS7 *
make_empty (void)
{
  g_autoptr (PKCS7) made = PKCS7_new ();

  if (made == NULL || PKCS7_set_type (made, NID_pkcs7_signed) != 1)
    return NULL;
  made->d.sign->contents->type = OBJ_nid2obj (NID_pkcs7_data);
  return g_steal_pointer (&made);
}

static guint
add_certificates (PKCS7 *made, const char *pem)
{
  g_autoptr (BIO) memory = BIO_new_mem_buf (pem, -1);
  guint count = 0;

  for (;;)
    {
      g_autoptr (X509) certificate = PEM_read_bio_X509 (memory, NULL, NULL, NULL);

      if (certificate == NULL || PKCS7_add_certificate (made, certificate) != 1)
        return count;
      count++;
    }
}

static char *
in_lines (const guint8 *data, gsize size)
{
  g_autofree char *whole = g_base64_encode (data, size);
  GString *text = g_string_new (NULL);

  for (const char *at = whole; *at != '\0'; at += MIN (strlen (at), LINE))
    {
      g_string_append_len (text, at, (gssize) MIN (strlen (at), LINE));
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

char *
pt_pkcs7_from_certificates (const char *pem, GError **error)
{
  g_autoptr (PKCS7) made = NULL;
  guint8 *der = NULL;
  char *text = NULL;
  int size = -1;

  g_return_val_if_fail (pem != NULL, NULL);
  made = make_empty ();
  if (made != NULL && add_certificates (made, pem) > 0)
    size = i2d_PKCS7 (made, &der);
  ERR_clear_error ();
  if (size > 0)
    text = in_lines (der, (gsize) size);
  else
    g_set_error_literal (error, PT_ERROR, PT_ERROR_FAILED, "These are no certificates.");
  OPENSSL_free (der);
  return text;
}
