/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-link.h"
#include "pt-records.h"

/* What a daemon's JSON says, made into records; whatever is missing or of another type is
 * PT_ERROR_UNSUPPORTED with a sentence that names it. No state: for any thread. Those for
 * pt_fetch_json_async () have its PtFetchConvert's form. */

/* The answer of /status; the whole of it in @now and @speed besides. */
typedef struct
{
  PtDaemonStatus status;
  gint64 now;   /* ms, the daemon's clock */
  double speed; /* its milliseconds in one of ours */
  gint64 areas;
} PtStatusAnswer;

gpointer pt_read_status (JsonNode *root, GError **error); /* PtStatusAnswer */
void pt_status_answer_free (gpointer answer);
void pt_daemon_status_free (PtDaemonStatus *status);

typedef struct
{
  GPtrArray *records; /* PtOutage, PtBatch or PtAreaHead */
  char *next;         /* or NULL */
} PtPage;

gpointer pt_read_outages (JsonNode *root, GError **error); /* PtPage */
gpointer pt_read_batches (JsonNode *root, GError **error); /* PtPage */
gpointer pt_read_areas (JsonNode *root, GError **error);   /* PtPage */
void pt_page_free (gpointer page);

PtOutage *pt_read_outage (JsonNode *node, GError **error);
PtBatch *pt_read_batch (JsonNode *node, GError **error);
/* The `now` of a clock event. */
gboolean pt_read_clock (JsonNode *node, gint64 *now, GError **error);

/* The answers of /sites/{id} and /sites/{id}/reports. */
gpointer pt_read_site (JsonNode *root, GError **error); /* PtSiteDetail: devices; and, as reports,
                                                            the last one of each */
gpointer pt_read_reports (JsonNode *root, GError **error); /* GPtrArray of PtReportRow */
