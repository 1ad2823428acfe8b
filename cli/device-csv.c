/* SPDX-License-Identifier: Apache-2.0 */
#include "device-csv.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-i18n.h"

#define LATITUDE_MAX (G_GINT64_CONSTANT (90) * 10000000)
#define LONGITUDE_MAX (G_GINT64_CONSTANT (180) * 10000000)
#define DECIMALS 7

gboolean
pt_position_parse (const char *text, gint64 limit, gint64 *out)
{
  const char *point = NULL;
  g_autofree char *digits = NULL;

  g_return_val_if_fail (text != NULL && limit >= 0 && out != NULL, FALSE);
  *out = 0;
  point = strchr (text, '.');
  if (point == NULL)
    return pt_integer_decode (pt_span (text, strlen (text)), out) && ABS (*out) <= limit;
  if (strlen (point + 1) > DECIMALS || point[1] == '\0' || point == text
      || !g_ascii_isdigit (point[-1]) || strspn (point + 1, "0123456789") != strlen (point + 1))
    return FALSE;
  digits = g_strdup_printf ("%.*s%s%.*s", (int) (point - text), text, point + 1,
                            (int) (DECIMALS - strlen (point + 1)), "0000000");
  return g_ascii_string_to_signed (digits, 10, -limit, limit, out, NULL);
}

static gboolean
refuse (GError **error, const char *field, const char *text, const char *remedy)
{
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED, "%s '%.80s' %s", field, text, remedy);
  return FALSE;
}

gboolean
pt_device_names_parse (const char *const *fields, PtDeviceRow *out, GError **error)
{
  g_return_val_if_fail (fields != NULL && out != NULL, FALSE);
  *out = (PtDeviceRow){ 0 };
  if (!pt_is_area_id (pt_span (fields[0], strlen (fields[0]))))
    return refuse (error, "area", fields[0], _ ("is not an id of a-z, 0-9 and -, at most 31 long"));
  if (!pt_is_id (pt_span (fields[1], strlen (fields[1]))))
    return refuse (error, "device", fields[1],
                   _ ("is not an id of letters, digits and . _ : -, at most 64 long"));
  g_strlcpy (out->area, fields[0], sizeof out->area);
  g_strlcpy (out->device, fields[1], sizeof out->device);
  return TRUE;
}

static gboolean
parse_feeder (const char *feeder, PtDeviceRow *out, GError **error)
{
  out->says_feeder = feeder != NULL;
  if (feeder == NULL || *feeder == '\0')
    return TRUE;
  if (!pt_is_id (pt_span (feeder, strlen (feeder))))
    return refuse (error, PT_DEVICE_CSV_FEEDER, feeder,
                   _ ("is not an id of letters, digits and . _ : -, at most 64 long"));
  g_strlcpy (out->feeder, feeder, sizeof out->feeder);
  return TRUE;
}

gboolean
pt_device_row_parse (const char *const *fields, PtDeviceRow *out, GError **error)
{
  g_return_val_if_fail (fields != NULL && out != NULL, FALSE);
  if (!pt_device_names_parse (fields, out, error))
    return FALSE;
  if (!pt_is_id (pt_span (fields[2], strlen (fields[2]))))
    return refuse (error, "site", fields[2],
                   _ ("is not an id of letters, digits and . _ : -, at most 64 long"));
  if (fields[3] != NULL
      && !pt_base64url_decode (pt_span (fields[3], strlen (fields[3])), out->key, sizeof out->key))
    return refuse (error, "key", fields[3], _ ("is not 65 bytes in base64url, as keygen prints"));
  if (!pt_position_parse (fields[4], LATITUDE_MAX, &out->lat))
    return refuse (error, "lat", fields[4], _ ("is neither 1e-7 degrees nor degrees with a point"));
  if (!pt_position_parse (fields[5], LONGITUDE_MAX, &out->lon))
    return refuse (error, "lon", fields[5], _ ("is neither 1e-7 degrees nor degrees with a point"));
  if (!pt_level_parse (pt_span (fields[6], strlen (fields[6])), &out->level))
    return refuse (error, "level", fields[6], _ ("is not transformer, cluster or house"));
  if (!pt_integer_decode (pt_span (fields[7], strlen (fields[7])), &out->customers)
      || out->customers < 0)
    return refuse (error, "customers", fields[7], _ ("is not a whole number from 0 up"));
  if (out->level == PT_LEVEL_HOUSE
      && (out->lat % PT_HOUSE_CELL != 0 || out->lon % PT_HOUSE_CELL != 0))
    return refuse (error, "position", fields[4],
                   _ ("is too precise for a house: round lat and lon to 0.01 degree"));
  g_strlcpy (out->site, fields[2], sizeof out->site);
  return parse_feeder (fields[PT_DEVICE_NEEDED_FIELDS], out, error);
}

#define KEY 3 /* of the heading */

static gboolean
is_needed (PtDeviceColumns wanted, guint column)
{
  switch (wanted)
    {
    case PT_DEVICE_COLUMNS_ALL:
      return TRUE;
    case PT_DEVICE_COLUMNS_PLACE:
      return column != KEY;
    case PT_DEVICE_COLUMNS_NAMES:
      return column < PT_DEVICE_NAME_FIELDS;
    }
  return FALSE;
}

static const char *
heading_of (PtDeviceColumns wanted)
{
  switch (wanted)
    {
    case PT_DEVICE_COLUMNS_ALL:
      return PT_DEVICE_CSV_HEADING;
    case PT_DEVICE_COLUMNS_PLACE:
      return PT_DEVICE_CSV_PLACE_HEADING;
    case PT_DEVICE_COLUMNS_NAMES:
      return "area,device";
    }
  return "";
}

/* Of those that are not needed, and of a feeder that is not there: -1. */
static gboolean
find_columns (PtCsv *csv, PtDeviceColumns wanted, int *columns, GError **error)
{
  g_auto (GStrv) names = g_strsplit (PT_DEVICE_CSV_HEADING, ",", -1);

  for (guint i = 0; i < PT_DEVICE_NEEDED_FIELDS; i++)
    {
      columns[i] = is_needed (wanted, i) ? pt_csv_column (csv, names[i], error) : -1;
      if (columns[i] < 0 && is_needed (wanted, i))
        {
          g_prefix_error (error, _ ("The columns are %s. "), heading_of (wanted));
          return FALSE;
        }
    }
  columns[PT_DEVICE_NEEDED_FIELDS]
      = wanted != PT_DEVICE_COLUMNS_NAMES ? pt_csv_column (csv, PT_DEVICE_CSV_FEEDER, NULL) : -1;
  return TRUE;
}

void
pt_device_row_entry (const PtDeviceRow *row, PtStatus status, PtEntry *out)
{
  g_return_if_fail (row != NULL && out != NULL);

  *out = (PtEntry){ .kind = PT_ENTRY_DEVICE,
                    .area = pt_span (row->area, strlen (row->area)),
                    .device = pt_span (row->device, strlen (row->device)),
                    .site = pt_span (row->site, strlen (row->site)),
                    .feeder = pt_span (row->feeder, strlen (row->feeder)),
                    .lat = row->lat,
                    .lon = row->lon,
                    .level = row->level,
                    .customers = row->customers,
                    .status = status };
  memcpy (out->key, row->key, sizeof out->key);
}

gboolean
pt_device_csv_read (PtCsv *csv, const char *path, PtDeviceColumns wanted, PtDeviceRowFunc func,
                    gpointer user_data, GError **error)
{
  int columns[PT_DEVICE_FIELDS];
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (csv != NULL && path != NULL && func != NULL, FALSE);
  if (!find_columns (csv, wanted, columns, error))
    return FALSE;
  while (pt_csv_next (csv, &local))
    {
      const char *fields[PT_DEVICE_FIELDS] = { NULL };
      PtDeviceRow row;
      gboolean good;

      for (guint i = 0; i < PT_DEVICE_FIELDS; i++)
        if (columns[i] >= 0)
          fields[i] = pt_csv_field (csv, columns[i]);
      good = wanted == PT_DEVICE_COLUMNS_NAMES ? pt_device_names_parse (fields, &row, error)
                                               : pt_device_row_parse (fields, &row, error);
      if (!good || !func (&row, pt_csv_line (csv), user_data, error))
        {
          g_prefix_error (error, _ ("%s line %" PRIu64 ": "), path, pt_csv_line (csv));
          return FALSE;
        }
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
