/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-entry.h"

/* The CSV of devices: a heading and one line a device, no quotes (no field needs them). */

#define PT_DEVICE_CSV_HEADING "area,device,site,key,lat,lon,level,customers"
#define PT_DEVICE_FIELDS 8

typedef struct
{
  char area[PT_AREA_MAX + 1], device[PT_ID_MAX + 1], site[PT_ID_MAX + 1];
  guint8 key[PT_PUBLIC_KEY_SIZE];
  gint64 lat, lon; /* 1e-7 degree */
  PtLevel level;
  gint64 customers;
} PtDeviceRow;

/* @fields in the order of the heading. The error says which field and how to write it. */
gboolean pt_device_row_parse (const char *const *fields, PtDeviceRow *out, GError **error);

/* An integer of 1e-7 degrees, or degrees with a point and at most 7 decimals. */
gboolean pt_position_parse (const char *text, gint64 limit, gint64 *out);

/* @line: from 1, the heading's. FALSE stops. */
typedef gboolean (*PtDeviceRowFunc) (const PtDeviceRow *row, guint64 line, gpointer user_data,
                                     GError **error);

/* Reads a file; an error names file, line and remedy. */
gboolean pt_device_csv_read (const char *path, PtDeviceRowFunc func, gpointer user_data,
                             GError **error);
