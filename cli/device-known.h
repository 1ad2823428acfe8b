/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "device-csv.h"
#include "pt-http-client.h"

/* How the daemon has devices registered, and how that differs from what is wanted. */

#define PT_DEVICES_AT_ONCE 100 /* what GET /api/v1/devices takes */

typedef struct
{
  PtDeviceRow row;
  PtStatus status;
  gint64 ts;
  guint areas; /* that have one of the name, where none was named; 0: nobody registered it */
} PtDeviceKnown;

/* Asks for @count devices, at most PT_DEVICES_AT_ONCE: @rows[i]->area and ->device, the answer in
 * @out[i]. A row without an area is looked for in all of them. */
gboolean pt_device_known_ask (PtHttpClient *client, const char *url, const PtDeviceRow *rows,
                              guint count, PtDeviceKnown *out, GError **error);

/* The columns in which they differ, "key, site"; NULL: none. */
char *pt_device_known_differences (const PtDeviceRow *wanted, const PtDeviceRow *known);
