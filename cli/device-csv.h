/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-csv.h"
#include "pt-entry.h"

/* The CSV of devices: one row each, below the names of the columns, which may stand in any order,
 * beside others; that of the feeder may be missing. */

#define PT_DEVICE_CSV_HEADING "area,device,site,key,lat,lon,level,customers"
#define PT_DEVICE_CSV_PLACE_HEADING "area,device,site,lat,lon,level,customers"
#define PT_DEVICE_CSV_FEEDER "feeder"
#define PT_DEVICE_NEEDED_FIELDS 8 /* those of the heading */
#define PT_DEVICE_FIELDS 9
#define PT_DEVICE_NAME_FIELDS 2 /* area and device: all that a revocation needs */

typedef struct
{
  char area[PT_AREA_MAX + 1], device[PT_ID_MAX + 1], site[PT_ID_MAX + 1];
  guint8 key[PT_PUBLIC_KEY_SIZE];
  gint64 lat, lon; /* 1e-7 degree */
  PtLevel level;
  gint64 customers;
  gboolean says_feeder;       /* else as it is registered */
  char feeder[PT_ID_MAX + 1]; /* empty: none */
} PtDeviceRow;

/* Its registration, not dated yet; @out points into @row. */
void pt_device_row_entry (const PtDeviceRow *row, PtStatus status, PtEntry *out);

/* @fields in the order of the heading, then the feeder or NULL; the key may be NULL. The error says
 * which field and how to write it. */
gboolean pt_device_row_parse (const char *const *fields, PtDeviceRow *out, GError **error);

/* An integer of 1e-7 degrees, or degrees with a point and at most 7 decimals. */
gboolean pt_position_parse (const char *text, gint64 limit, gint64 *out);

/* The first PT_DEVICE_NAME_FIELDS only. */
gboolean pt_device_names_parse (const char *const *fields, PtDeviceRow *out, GError **error);

/* Which columns of the heading a file has to have. */
typedef enum
{
  PT_DEVICE_COLUMNS_ALL,
  PT_DEVICE_COLUMNS_PLACE, /* all but the key */
  PT_DEVICE_COLUMNS_NAMES  /* area and device */
} PtDeviceColumns;

/* @line: from 1, the heading's. FALSE stops. */
typedef gboolean (*PtDeviceRowFunc) (const PtDeviceRow *row, guint64 line, gpointer user_data,
                                     GError **error);

/* Reads the rows that are left of @csv, the file @path. An error names file, line and remedy. */
gboolean pt_device_csv_read (PtCsv *csv, const char *path, PtDeviceColumns wanted,
                             PtDeviceRowFunc func, gpointer user_data, GError **error);
