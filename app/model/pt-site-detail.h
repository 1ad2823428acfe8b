/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-batch-state.h"

/* One site, looked at closely. */

typedef struct
{
  char *device;
  gint64 seq, ts, received; /* ms */
  gboolean power_on;
  gint64 batch; /* 0: in none yet */
  PtBatchState state;
  char *waits_for; /* or NULL */
} PtReportRow;

typedef struct
{
  char *device, *key; /* base64url */
  gboolean active;
  gboolean copied; /* its key, which signed two different reports with one counter */
  gint64 missing;  /* counters below the highest that never came */
} PtDeviceRow;

typedef struct
{
  char *area, *site;
  gint64 known_from;  /* ms: before it nothing is known; 0: it isn't said */
  GPtrArray *devices; /* PtDeviceRow */
  GPtrArray *reports; /* PtReportRow, newest first */
  GPtrArray *outages; /* PtOutage, newest first */
  /* ms: all outages that touch the time between are in @outages; outside of it nobody asked. */
  gint64 outages_from, outages_to;
} PtSiteDetail;

/* With empty lists; strings are copied. */
PtSiteDetail *pt_site_detail_new (const char *area, const char *site);
void pt_report_row_free (gpointer row);
void pt_device_row_free (gpointer row);
void pt_site_detail_free (PtSiteDetail *detail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSiteDetail, pt_site_detail_free)

/* Two PtFetchConvert without data, for any thread; NULL: PT_ERROR_UNSUPPORTED. The answer of
 * /sites/{id}, a PtSiteDetail: its devices and, as reports, the last one of each. */
gpointer pt_site_detail_read (JsonNode *root, gconstpointer data, GError **error);
/* The answer of /sites/{id}/reports, a GPtrArray of PtReportRow. */
gpointer pt_site_detail_read_reports (JsonNode *root, gconstpointer data, GError **error);
