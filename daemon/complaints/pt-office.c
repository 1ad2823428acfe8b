/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-office.h"

#include <glib/gstdio.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>

#include "pt-error.h"
#include "pt-photo.h"

#define TOKEN_LEAST 16 /* characters */

static gboolean
office_read_token (PtOffice *office, const char *path, GError **error)
{
  GStatBuf info;

  if (path == NULL)
    return TRUE;
  if (g_stat (path, &info) == 0 && (info.st_mode & 077) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "Others can read %s. Run chmod 600 on it.", path);
      return FALSE;
    }
  if (!g_file_get_contents (path, &office->gateway, NULL, error))
    {
      g_prefix_error (error, "[complaints] gateway_token_file: ");
      return FALSE;
    }
  g_strstrip (office->gateway);
  if (strlen (office->gateway) >= TOKEN_LEAST)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "%s is too short to be a token. Write 16 characters or more into it.", path);
  return FALSE;
}

PtOffice *
pt_office_new (const PtOfficeConfig *config, PtClock *clock, GError **error)
{
  g_autoptr (PtOffice) office = NULL;

  g_return_val_if_fail (config != NULL && clock != NULL, NULL);

  office = g_new0 (PtOffice, 1);
  office->clock = pt_clock_ref (clock);
  g_mutex_init (&office->signing);
  office->tickets = pt_tickets_new (config->tickets_key, clock, error);
  if (office->tickets == NULL || !office_read_token (office, config->gateway_token_file, error))
    return NULL;
  office->sessions = pt_sessions_new (config->directory, clock, error);
  if (office->sessions == NULL)
    return NULL;
  if (!pt_p256_signer_init (&office->signer, config->service_key))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION, "The service key can't sign.");
      return NULL;
    }
  office->work = pt_work_new (config->work_bits, config->work_per_minute);
  office->limits = pt_limits_new (config->rates, PT_LIMIT_COUNT);
  office->host = g_strdup (config->host);
  office->catalogs = pt_catalogs_new (config->texts);
  office->photos = pt_photo_program ();
  if (office->photos == NULL)
    g_message ("powertrack-photo is not installed: complaints are taken without photos.");
  return g_steal_pointer (&office);
}

void
pt_office_free (PtOffice *office)
{
  if (office == NULL)
    return;
  g_clear_pointer (&office->tickets, pt_tickets_free);
  g_clear_pointer (&office->work, pt_work_free);
  g_clear_pointer (&office->limits, pt_limits_free);
  g_clear_pointer (&office->catalogs, pt_catalogs_free);
  g_clear_pointer (&office->sessions, pt_sessions_free);
  pt_p256_signer_clear (&office->signer);
  g_mutex_clear (&office->signing);
  g_clear_pointer (&office->clock, pt_clock_unref);
  g_free (office->photos);
  g_free (office->host);
  g_free (office->gateway);
  g_free (office);
}

gboolean
pt_office_is_gateway (PtOffice *office, const char *token)
{
  gsize size;

  g_return_val_if_fail (office != NULL && token != NULL, FALSE);

  size = office->gateway != NULL ? strlen (office->gateway) : 0;
  return size > 0 && strlen (token) == size && CRYPTO_memcmp (token, office->gateway, size) == 0;
}

GBytes *
pt_office_sign (PtOffice *office, const PtEntry *fields, GError **error)
{
  g_autofree char *unsigned_bytes = NULL;
  g_autofree char *out = NULL;
  PtResult result;
  PtEntry entry;
  gsize size;

  g_return_val_if_fail (office != NULL && fields != NULL, NULL);

  unsigned_bytes = g_malloc (PT_ENTRY_MAX);
  out = g_malloc (PT_ENTRY_MAX);
  result = pt_entry_write (fields, unsigned_bytes, PT_ENTRY_MAX, &size);
  if (result == PT_OK)
    result = pt_entry_parse (pt_span (unsigned_bytes, size), PT_ENTRY_UNSIGNED, &entry);
  if (result == PT_OK)
    {
      g_mutex_lock (&office->signing);
      result = pt_entry_sign (&entry, &office->signer, out, PT_ENTRY_MAX, &size);
      g_mutex_unlock (&office->signing);
    }
  if (result == PT_OK)
    return g_bytes_new (out, size);
  g_set_error (error, PT_ERROR, pt_error_from_result (result), "No entry can be made of this: %s.",
               pt_result_slug (result));
  return NULL;
}

gboolean
pt_office_admit (PtOffice *office, const char *const names[PT_LIMIT_COUNT], guint *wait,
                 GError **error)
{
  static const char *const whose[PT_LIMIT_COUNT] = {
    [PT_LIMIT_ADDRESS] = "from your address",
    [PT_LIMIT_KEY] = "with your key",
    [PT_LIMIT_SITE] = "of this place",
    [PT_LIMIT_AREA] = "in this area",
  };
  gint64 now = g_get_monotonic_time ();

  g_return_val_if_fail (office != NULL && names != NULL && wait != NULL, FALSE);

  *wait = 0;
  for (guint i = 0; i < PT_LIMIT_COUNT; i++)
    if (names[i] != NULL && !pt_limits_take (office->limits, i, names[i], now, wait))
      {
        g_set_error (error, PT_ERROR, PT_ERROR_TOO_MANY,
                     "Too much was asked for %s. Try again in %u seconds.", whose[i], *wait);
        return FALSE;
      }
  return TRUE;
}

gboolean
pt_office_read_ticket (PtOffice *office, const char *text, const char *nonce, PtTicketWords *out,
                       GError **error)
{
  PtSpan ticket;

  g_return_val_if_fail (office != NULL && out != NULL, FALSE);

  if (text == NULL || nonce == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_BAD_WORK,
                           "ticket, nonce: this needs both. Ask /complaints/tickets for a ticket.");
      return FALSE;
    }
  ticket = pt_span (text, strlen (text));
  if (!pt_tickets_read (office->tickets, ticket, out, error))
    return FALSE;
  if (pt_work_holds (ticket, pt_span (nonce, strlen (nonce)), out->bits))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_BAD_WORK,
               "nonce: the hash that it makes does not begin with %u zero bits.", out->bits);
  return FALSE;
}
