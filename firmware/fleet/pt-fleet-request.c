/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-request.h"

#include "pt-error.h"
#include "pt-p256-pem.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

typedef STACK_OF (X509_EXTENSION) Extensions;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtP256Key, pt_p256_key_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_REQ, X509_REQ_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)

static EVP_PKEY *
open_key (const guint8 scalar[32])
{
  g_autoptr (PtP256Key) key = pt_p256_key_from_scalar (scalar);
  char pem[PT_P256_PEM_MAX];
  size_t size = key != NULL ? pt_p256_key_to_pem (key, NULL, pem, sizeof pem) : 0;
  g_autoptr (BIO) bio = size > 0 ? BIO_new_mem_buf (pem, (int) size) : NULL;
  EVP_PKEY *pkey = bio != NULL ? PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL) : NULL;

  explicit_bzero (pem, sizeof pem);
  return pkey;
}

/* Its name is a URI, which says the area too. */
static gboolean
add_name (X509_REQ *request, const PtFleetDevice *device)
{
  g_autofree char *names = g_strdup_printf ("URI:urn:powertrack:%s:%s", device->area, device->id);
  X509_NAME *subject = X509_REQ_get_subject_name (request);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, NULL, NID_subject_alt_name, names);
  Extensions *extensions = sk_X509_EXTENSION_new_null ();
  gboolean good = extension != NULL && extensions != NULL
                  && X509_NAME_add_entry_by_NID (subject, NID_commonName, MBSTRING_UTF8,
                                                 (guint8 *) device->id, -1, -1, 0)
                         == 1
                  && sk_X509_EXTENSION_push (extensions, extension) > 0;

  if (!good)
    X509_EXTENSION_free (extension);
  good = good && X509_REQ_add_extensions (request, extensions) == 1;
  sk_X509_EXTENSION_pop_free (extensions, X509_EXTENSION_free);
  return good;
}

char *
pt_fleet_request_new (const PtFleetDevice *device, const guint8 scalar[32])
{
  g_autoptr (EVP_PKEY) key = NULL;
  g_autoptr (X509_REQ) request = X509_REQ_new ();
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  char *text = NULL;
  long size;

  g_return_val_if_fail (device != NULL && scalar != NULL, NULL);

  key = open_key (scalar);
  if (key == NULL || request == NULL || bio == NULL || !add_name (request, device)
      || X509_REQ_set_pubkey (request, key) != 1 || X509_REQ_sign (request, key, EVP_sha256 ()) == 0
      || PEM_write_bio_X509_REQ (bio, request) != 1)
    return NULL;
  size = BIO_get_mem_data (bio, &text);
  return g_strndup (text, (gsize) size);
}

gboolean
pt_fleet_request_write_all (PtFleetState *state, const PtFleetPlan *plan, const char *folder,
                            GError **error)
{
  g_return_val_if_fail (state != NULL && plan != NULL && folder != NULL, FALSE);

  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("Cannot make the folder %s: %s."),
                   folder, g_strerror (errno));
      return FALSE;
    }
  for (guint i = 0; i < plan->devices->len; i++)
    {
      g_autofree char *name = g_strdup_printf ("%06u.csr", i);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *text = pt_fleet_request_new (plan->devices->pdata[i],
                                                    pt_fleet_state_record (state, i)->scalar);

      if (text == NULL)
        {
          g_set_error_literal (error, PT_ERROR, PT_ERROR_FAILED,
                               _ ("The state is damaged, or signing failed; name another file "
                                  "with --state."));
          return FALSE;
        }
      if (!g_file_set_contents (path, text, -1, error))
        return FALSE;
    }
  return TRUE;
}
