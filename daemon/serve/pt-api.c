/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-api.h"

#include "pt-events.h"
#include "pt-gateway.h"

struct _PtApi
{
  PtServices *services;
  PtEvents *events;
};

/* Events */

static void
tell_sites (PtApi *api, const PtNewsItems *items)
{
  g_autoptr (PtJsonText) json = pt_json_text_new ();

  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "sites");
  for (guint i = 0; i < items->site_count; i++)
    pt_api_write_site_row (json, api->services, &items->sites[i]);
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  pt_events_send (api->events, "sites", json->text->str);
}

static void
tell_outage (PtApi *api, const PtOutageEvent *event)
{
  g_autoptr (PtJsonText) json = pt_json_text_new ();

  pt_api_write_outage (json, api->services, event->device, event->start, event->end,
                       event->device->customers);
  pt_events_send (api->events, event->began ? "outage" : "outage-changed", json->text->str);
}

static void
tell_batch (PtApi *api, const PtBatchRow *row)
{
  g_autoptr (PtJsonText) json = pt_json_text_new ();

  pt_api_write_batch (json, row);
  pt_events_send (api->events, "batch", json->text->str);
}

/* A PtNewsFunc. */
static void
tell (const PtNewsItems *items, gpointer user_data)
{
  PtApi *api = user_data;

  if (!pt_events_is_heard (api->events))
    return;
  if (items->site_count > 0)
    tell_sites (api, items);
  for (guint i = 0; i < items->outage_count; i++)
    tell_outage (api, &items->outages[i]);
  for (guint i = 0; i < items->batch_count; i++)
    tell_batch (api, &items->batches[i]);
}

/* Where there is no page. */
static gboolean
answer_root (PtRequest *request, gpointer context, GError **error)
{
  static const char word[] = "This is powertrackd. Its interface begins at /api/v1/status; it has "
                             "no public page here ([page] dir names one).\n";

  request->status = SOUP_STATUS_OK;
  request->content_type = "text/plain";
  request->body = g_bytes_new_static (word, sizeof word - 1);
  return TRUE;
}

static const PtRoute root_routes[] = { { "GET", "/", answer_root, PT_RUNS_ON_LOOP }, { NULL } };

PtApi *
pt_api_new (PtServices *services, PtServer *server)
{
  PtApi *api = g_new0 (PtApi, 1);

  api->services = services;
  api->events = pt_events_new (services->clock);
  pt_server_add_routes (server, pt_api_status_routes, services);
  pt_server_add_routes (server, pt_api_sites_routes, services);
  pt_server_add_routes (server, pt_api_reports_routes, services);
  pt_server_add_routes (server, pt_api_log_routes, services);
  pt_server_add_routes (server, pt_api_map_routes, services);
  pt_server_add_routes (server, pt_api_clock_routes, services);
  pt_server_add_routes (server, pt_events_routes, api->events);
  pt_server_add_routes (server, pt_gateway_routes, services->blocks);
  if (services->page != NULL)
    pt_server_add_routes (server, pt_page_routes (services->page), services->page);
  else
    pt_server_add_routes (server, root_routes, NULL);
  pt_news_subscribe (services->news, tell, api);
  return api;
}

void
pt_api_end (PtApi *api)
{
  pt_news_unsubscribe (api->services->news, tell, api);
  pt_events_end (api->events);
}

void
pt_api_free (PtApi *api)
{
  if (api == NULL)
    return;
  pt_events_free (api->events);
  g_free (api);
}
