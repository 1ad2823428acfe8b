/* SPDX-License-Identifier: Apache-2.0 */

/* What is to be enrolled: read whole and looked at, before anything is asked or done. */

#include <string.h>

#include "enroll.h"
#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-i18n.h"

static void
device_clear (gpointer data)
{
  g_free (((PtEnrollDevice *) data)->reason);
}

static void
area_free (gpointer data)
{
  PtEnrollArea *area = data;

  g_free (area->authority);
  g_free (area->service);
  g_free (area);
}

void
pt_enroll_init (PtEnroll *enroll)
{
  g_return_if_fail (enroll != NULL);
  enroll->devices = g_array_new (FALSE, FALSE, sizeof (PtEnrollDevice));
  g_array_set_clear_func (enroll->devices, device_clear);
  enroll->areas = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, area_free);
  enroll->refusals = json_array_new ();
}

void
pt_enroll_clear (PtEnroll *enroll)
{
  g_return_if_fail (enroll != NULL);
  g_clear_pointer (&enroll->devices, g_array_unref);
  g_clear_pointer (&enroll->areas, g_hash_table_unref);
  g_clear_pointer (&enroll->refusals, json_array_unref);
  g_clear_pointer (&enroll->csrs, pt_enroll_csrs_free);
  g_clear_pointer (&enroll->psk, pt_enroll_psk_free);
  g_clear_pointer (&enroll->oscore_secrets, pt_enroll_psk_free);
  g_clear_pointer (&enroll->ca, pt_ca_free);
}

static gboolean
take_csr (PtEnroll *enroll, PtEnrollDevice *device, GError **error)
{
  const PtCsr *csr = NULL;

  if (enroll->csrs == NULL)
    return TRUE;
  csr = pt_enroll_csrs_find (enroll->csrs, device->row.area, device->row.device);
  if (csr == NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("device '%s': no request names it; each device has to have one with --csr"),
                   device->row.device);
      return FALSE;
    }
  memcpy (device->row.key, csr->key, sizeof csr->key);
  device->has_key = TRUE;
  return TRUE;
}

static gboolean
take_row (const PtDeviceRow *row, guint64 line, gpointer user_data, GError **error)
{
  PtEnroll *enroll = user_data;
  PtEnrollDevice device = { .row = *row, .line = line, .ts = -1 };

  if (enroll->devices->len >= PT_ENROLL_MAX)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                   _ ("more than 200,000 devices; split the file"));
      return FALSE;
    }
  if (pt_authority_signer (enroll->authority, row->area, error) == NULL
      || !take_csr (enroll, &device, error))
    return FALSE;
  g_array_append_val (enroll->devices, device);
  return TRUE;
}

/* Each is there once. */
static gboolean
check_names (PtEnroll *enroll, GError **error)
{
  g_autoptr (GHashTable) lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < enroll->devices->len; i++)
    {
      const PtEnrollDevice *device = &g_array_index (enroll->devices, PtEnrollDevice, i);
      char *name = g_strconcat (device->row.area, "/", device->row.device, NULL);
      gpointer before = g_hash_table_lookup (lines, name);

      if (before != NULL)
        {
          g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                       _ ("%s line %" PRIu64
                          ", column device: '%s' stands in line %u already; keep "
                          "one of them"),
                       enroll->csv, device->line, device->row.device, GPOINTER_TO_UINT (before));
          g_free (name);
          return FALSE;
        }
      g_hash_table_insert (lines, name, GUINT_TO_POINTER ((guint) device->line));
    }
  return TRUE;
}

static gboolean
read_csv (PtEnroll *enroll, GError **error)
{
  g_autoptr (PtCsv) csv = pt_csv_open (enroll->csv, error);
  PtDeviceColumns wanted = enroll->rotates ? PT_DEVICE_COLUMNS_NAMES : PT_DEVICE_COLUMNS_PLACE;

  return csv != NULL && pt_device_csv_read (csv, enroll->csv, wanted, take_row, enroll, error)
         && check_names (enroll, error);
}

static gboolean
read_one (PtEnroll *enroll, const char *const *fields, GError **error)
{
  PtDeviceRow row;

  return (enroll->rotates ? pt_device_names_parse (fields, &row, error)
                          : pt_device_row_parse (fields, &row, error))
         && take_row (&row, 0, enroll, error);
}

gboolean
pt_enroll_read (PtEnroll *enroll, const char *const *fields, GError **error)
{
  const char *file = NULL;
  guint unused;

  g_return_val_if_fail (enroll != NULL && (enroll->csv != NULL || fields != NULL), FALSE);
  if (!(enroll->csv != NULL ? read_csv (enroll, error) : read_one (enroll, fields, error)))
    return FALSE;
  unused = enroll->csrs != NULL ? pt_enroll_csrs_unused (enroll->csrs, &file) : 0;
  if (unused == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("%s: nobody asked for the device that it names (%u such); add it to the CSV, or "
                  "take the file away"),
               file, unused);
  return FALSE;
}
