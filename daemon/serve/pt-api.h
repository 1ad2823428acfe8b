/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-request.h"

/* The addresses under /api/v1/ and what they answer; data/openapi.yaml describes them. */
gboolean pt_api_status (PtRequest *request, GError **error);
gboolean pt_api_metrics (PtRequest *request, GError **error);
gboolean pt_api_areas (PtRequest *request, GError **error);
gboolean pt_api_sites (PtRequest *request, GError **error);
gboolean pt_api_site (PtRequest *request, GError **error);
gboolean pt_api_site_reports (PtRequest *request, GError **error);
gboolean pt_api_outages (PtRequest *request, GError **error);
gboolean pt_api_batches (PtRequest *request, GError **error);
gboolean pt_api_batch (PtRequest *request, GError **error);
gboolean pt_api_proof (PtRequest *request, GError **error);
/* Below /tiles/. */
gboolean pt_api_map (PtRequest *request, GError **error);
gboolean pt_api_add_area (PtRequest *request, GError **error);
gboolean pt_api_step_clock (PtRequest *request, GError **error);

/* pt-api-intake.c: whether the request carries the token of admin.token; @what needs it, for the
 * sentence. */
gboolean pt_api_is_admin (PtRequest *request, const char *what, GError **error);

/* pt-api-intake.c: POST of reports or registrations; answers after the commit. */
void pt_api_take (PtServices *services, SoupServerMessage *message, const PtKind *kind);

/* pt-api-log.c: a batch as JSON; what it waits for, NULL when final. */
void pt_api_append_batch (GString *text, const PtBatchRow *row);
const char *pt_api_waits_for (const PtBatchRow *row);
/* pt-api-sites.c: a site as a canonical row, an outage. */
void pt_api_append_site_row (GString *text, const PtServices *services, const PtSite *site);
/* The devices at the site; *@count: how many areas have one of the name. With the reader lock held.
 */
GPtrArray *pt_api_find_site (PtRegistry *registry, const char *site, gint32 area, guint *count);
void pt_api_refuse_site (guint count, GError **error);
void pt_api_append_outage (GString *text, const PtServices *services, const PtDevice *device,
                           gint64 start, gint64 end, gint64 customers);
