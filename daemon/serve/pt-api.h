/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-request.h"

/* The addresses under /api/v1/ and what they answer; data/openapi.yaml describes them. */
gboolean pt_api_status (PtRequest *request, GError **error);
gboolean pt_api_metrics (PtRequest *request, GError **error);
gboolean pt_api_areas (PtRequest *request, GError **error);
gboolean pt_api_sites (PtRequest *request, GError **error);
gboolean pt_api_site (PtRequest *request, GError **error);
gboolean pt_api_outages (PtRequest *request, GError **error);
gboolean pt_api_batches (PtRequest *request, GError **error);
gboolean pt_api_batch (PtRequest *request, GError **error);
gboolean pt_api_proof (PtRequest *request, GError **error);
gboolean pt_api_add_area (PtRequest *request, GError **error);

/* pt-api-intake.c: POST of reports or registrations; answers after the commit. */
void pt_api_take (PtServices *services, SoupServerMessage *message, PtSubmissionKind kind);

/* pt-api-log.c: a batch as JSON. */
void pt_api_append_batch (GString *text, const PtBatchRow *row);
/* pt-api-sites.c: a site's properties, an outage. */
void pt_api_append_site (GString *text, const PtSite *site);
void pt_api_append_outage (GString *text, const PtDevice *device, gint64 start, gint64 end,
                           gint64 customers);
