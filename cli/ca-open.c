/* SPDX-License-Identifier: Apache-2.0 */
#include "ca-open.h"

#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-passphrase.h"

PtCa *
pt_ca_open_to_sign (const char *folder, const char *passphrase_file, GError **error)
{
  g_autoptr (PtCa) looked = NULL;
  g_autofree char *prompt = NULL;
  char *passphrase = NULL;
  PtCa *ca = NULL;

  g_return_val_if_fail (folder != NULL, NULL);
  /* Nobody is asked for the passphrase of nothing. */
  looked = pt_ca_open (folder, NULL, error);
  if (looked == NULL)
    return NULL;
  prompt = g_strdup_printf (_ ("Passphrase of the certificate authority %s"), folder);
  passphrase = pt_passphrase_get (passphrase_file, prompt, FALSE, "--passphrase-file", error);
  if (passphrase != NULL)
    ca = pt_ca_open (folder, passphrase, error);
  pt_passphrase_free (passphrase);
  return ca;
}

gboolean
pt_ca_check_days (int days, GError **error)
{
  if (days >= 1 && days <= PT_CA_DAYS_MAX)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("--days are 1 to %d"), PT_CA_DAYS_MAX);
  return FALSE;
}
