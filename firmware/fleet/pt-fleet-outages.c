/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-outages.h"

#include "pt-fleet-text.h"

#include <glib/gi18n.h>
#include <string.h>

#define CIRCUIT_DIGITS 9
#define CUSTOMERS_MAX 100000000

typedef enum
{
  COLUMN_DEVICE,
  COLUMN_CIRCUIT,
  COLUMN_EXTENT,
  COLUMN_LATITUDE,
  COLUMN_LONGITUDE,
  COLUMN_START,
  COLUMN_END,
  COLUMN_CUSTOMERS,
  COLUMN_COUNT
} Column;

static const char *const column_names[COLUMN_COUNT]
    = { "device_id", "circuit_id", "extent", "latitude",
        "longitude", "start_ms",   "end_ms", "customers" };

typedef struct
{
  PtCsv *csv;
  int columns[COLUMN_COUNT];
  PtFleetPlan *plan;
  GHashTable *devices;     /* device_id as written -> PtFleetDevice */
  GHashTable *identifiers; /* of char *, in use */
} Reading;

typedef struct
{
  char area[PT_AREA_MAX + 1];
  char feeder[CIRCUIT_DIGITS + 1];
  gboolean customer; /* extent CUSTOMER */
  gint64 lat, lon, start, end, customers;
} Row;

static const char *
field (Reading *reading, Column column)
{
  return pt_csv_field (reading->csv, reading->columns[column]);
}

static gboolean
refuse (Reading *reading, GError **error, Column column, const char *problem)
{
  pt_csv_refuse (reading->csv, error, reading->columns[column], problem);
  return FALSE;
}

static gboolean
read_area (Reading *reading, Row *row, GError **error)
{
  const char *circuit = field (reading, COLUMN_CIRCUIT);
  gsize size = strlen (circuit);
  char digits[CIRCUIT_DIGITS + 1] = "000000000";

  if (size == 0 || size > CIRCUIT_DIGITS || strspn (circuit, "0123456789") != size)
    return refuse (reading, error, COLUMN_CIRCUIT,
                   _ ("a circuit is a number of at most nine digits; correct it"));
  memcpy (digits + CIRCUIT_DIGITS - size, circuit, size);
  g_snprintf (row->area, sizeof row->area, "pge-%.2s", digits);
  g_strlcpy (row->feeder, circuit, sizeof row->feeder);
  return TRUE;
}

static gboolean
read_place (Reading *reading, Row *row, GError **error)
{
  if (!pt_fleet_parse_degrees (field (reading, COLUMN_LATITUDE), 90, &row->lat))
    return refuse (reading, error, COLUMN_LATITUDE,
                   _ ("a latitude is a decimal number from -90 to 90; correct it"));
  if (!pt_fleet_parse_degrees (field (reading, COLUMN_LONGITUDE), 180, &row->lon))
    return refuse (reading, error, COLUMN_LONGITUDE,
                   _ ("a longitude is a decimal number from -180 to 180; correct it"));
  return TRUE;
}

static gboolean
read_times (Reading *reading, Row *row, GError **error)
{
  const char *end = field (reading, COLUMN_END);

  row->end = PT_FLEET_OPEN;
  if (!pt_fleet_parse_integer (field (reading, COLUMN_START), &row->start))
    return refuse (reading, error, COLUMN_START,
                   _ ("a time is a whole number of milliseconds since 1970; correct it"));
  if (*end != '\0' && !pt_fleet_parse_integer (end, &row->end))
    return refuse (reading, error, COLUMN_END,
                   _ ("a time is a whole number of milliseconds since 1970, or empty while the "
                      "outage lasts; correct it"));
  if (row->end < row->start)
    return refuse (reading, error, COLUMN_END,
                   _ ("the outage ends before its start_ms; exchange or correct the two"));
  return TRUE;
}

static gboolean
read_fields (Reading *reading, Row *row, GError **error)
{
  if (*field (reading, COLUMN_DEVICE) == '\0')
    return refuse (reading, error, COLUMN_DEVICE, _ ("a row needs a device; name it"));
  if (!read_area (reading, row, error) || !read_place (reading, row, error)
      || !read_times (reading, row, error))
    return FALSE;
  if (!pt_fleet_parse_integer (field (reading, COLUMN_CUSTOMERS), &row->customers)
      || row->customers > CUSTOMERS_MAX)
    return refuse (reading, error, COLUMN_CUSTOMERS,
                   _ ("customers are a whole number, 0 or more; correct it"));
  row->customer = strcmp (field (reading, COLUMN_EXTENT), "CUSTOMER") == 0;
  return TRUE;
}

static void
free_identifier (Reading *reading, const char *device_id, char out[PT_ID_MAX + 1])
{
  char plain[PT_ID_MAX + 1];

  pt_fleet_make_id (device_id, plain);
  memcpy (out, plain, sizeof plain);
  for (guint number = 2; g_hash_table_contains (reading->identifiers, out); number++)
    pt_fleet_number_id (plain, number, out);
}

static PtFleetDevice *
add_device (Reading *reading, const char *device_id, const Row *row)
{
  char id[PT_ID_MAX + 1];
  PtFleetDevice *device;

  free_identifier (reading, device_id, id);
  device = pt_fleet_plan_add (reading->plan, row->area, id);
  g_strlcpy (device->feeder, row->feeder, sizeof device->feeder);
  device->lat = row->lat;
  device->lon = row->lon;
  /* Until the largest number of customers is known: cluster is "CUSTOMER". */
  device->level = row->customer ? PT_LEVEL_CLUSTER : PT_LEVEL_TRANSFORMER;
  g_hash_table_insert (reading->devices, g_strdup (device_id), device);
  g_hash_table_add (reading->identifiers, g_strdup (id));
  return device;
}

static void
warn_other_area (Reading *reading, const PtFleetDevice *device, const Row *row)
{
  g_ptr_array_add (reading->plan->warnings,
                   g_strdup_printf (_ ("Device %s is in the areas %s and %s; it stays in the "
                                       "first."),
                                    device->id, device->area, row->area));
}

static void
take_row (Reading *reading, const Row *row)
{
  const char *device_id = field (reading, COLUMN_DEVICE);
  PtFleetDevice *device = g_hash_table_lookup (reading->devices, device_id);

  if (device == NULL)
    device = add_device (reading, device_id, row);
  else if (strcmp (device->area, row->area) != 0)
    warn_other_area (reading, device, row);
  device->customers = MAX (device->customers, row->customers);
  if (row->end == row->start)
    reading->plan->empty_rows++;
  else
    pt_fleet_device_add_outage (device, row->start, row->end);
}

static void
settle_levels (PtFleetPlan *plan)
{
  for (guint i = 0; i < plan->devices->len; i++)
    {
      PtFleetDevice *device = plan->devices->pdata[i];

      if (device->level != PT_LEVEL_CLUSTER || device->customers > 1)
        continue;
      device->level = PT_LEVEL_HOUSE;
      device->lat = pt_fleet_round_to_cell (device->lat);
      device->lon = pt_fleet_round_to_cell (device->lon);
    }
}

static gboolean
read_rows (Reading *reading, GError **error)
{
  g_autoptr (GError) local = NULL;
  Row row;

  for (Column column = 0; column < COLUMN_COUNT; column++)
    {
      reading->columns[column] = pt_csv_column (reading->csv, column_names[column], error);
      if (reading->columns[column] < 0)
        return FALSE;
    }
  while (pt_csv_next (reading->csv, &local))
    {
      if (!read_fields (reading, &row, error))
        return FALSE;
      take_row (reading, &row);
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

PtFleetPlan *
pt_fleet_outages_from_csv (PtCsv *csv, GError **error)
{
  g_autoptr (PtFleetPlan) plan = pt_fleet_plan_new ();
  g_autoptr (GHashTable) devices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) identifiers
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Reading reading = { .csv = csv, .plan = plan, .devices = devices, .identifiers = identifiers };

  if (!read_rows (&reading, error))
    return NULL;
  settle_levels (plan);
  pt_fleet_plan_finish (plan);
  return g_steal_pointer (&plan);
}

PtFleetPlan *
pt_fleet_outages_read (const char *path, GError **error)
{
  g_autoptr (PtCsv) csv = pt_csv_open (path, error);

  return csv == NULL ? NULL : pt_fleet_outages_from_csv (csv, error);
}
