/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-request.h"
#include "pt-server.h"
#include "pt-services.h"

/* All that the daemon answers over HTTP, joined to a server; data/openapi.yaml describes it. Main
 * loop. */
typedef struct _PtApi PtApi;

/* The parts of @services have to stay until the server has stopped. */
PtApi *pt_api_new (PtServices *services, PtServer *server);
/* Before the server is freed: brings the event streams to their end. */
void pt_api_end (PtApi *api);
/* After the server. */
void pt_api_free (PtApi *api);

/* The tables, to be added with a PtServices. */
extern const PtRoute pt_api_status_routes[], pt_api_sites_routes[], pt_api_reports_routes[],
    pt_api_log_routes[], pt_api_map_routes[], pt_api_clock_routes[];

/* pt-api-log.c: a batch; what it waits for, NULL when final. */
void pt_api_write_batch (PtJsonText *json, const PtBatchRow *row);
const char *pt_api_waits_for (const PtBatchRow *row);
/* pt-api-sites.c: a site as a canonical row, an outage. */
void pt_api_write_site_row (PtJsonText *json, const PtServices *services, const PtSite *site);
/* The devices at the site; *@count: how many areas have one of the name. With the reader lock held.
 */
GPtrArray *pt_api_find_site (PtRegistry *registry, const char *site, gint32 area, guint *count);
void pt_api_refuse_site (guint count, GError **error);
void pt_api_write_outage (PtJsonText *json, const PtServices *services, const PtDevice *device,
                          gint64 start, gint64 end, gint64 customers);
