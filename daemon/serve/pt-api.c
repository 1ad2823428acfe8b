/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-api.h"

#include "pt-events.h"
#include "pt-gateway.h"

/* Bytes: a row more, and the event is below 64 KiB. */
#define EVENT_FULL (60 * 1024)

struct _PtApi
{
  PtNews *news;
  PtEvents *events;
  PtApiStatus status;
  PtApiSites sites;
  PtApiReports reports;
  PtApiLog log;
  PtApiClock clock;
  PtApiComplaints complaints;
};

/* Events */

/* From @first on, as many as make one event; returns the next. */
static guint
tell_some_sites (PtApi *api, const PtNewsItems *items, guint first)
{
  g_autoptr (PtJsonText) json = pt_json_text_new ();
  guint i = first;

  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "sites");
  while (i < items->site_count && json->text->len < EVENT_FULL)
    pt_api_write_site_row (json, &api->sites, &items->sites[i++]);
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  pt_events_send (api->events, "sites", json->text->str);
  return i;
}

static void
tell_sites (PtApi *api, const PtNewsItems *items)
{
  for (guint i = 0; i < items->site_count;)
    i = tell_some_sites (api, items, i);
}

/* Who comes while it stands still is told too. */
static void
tell_intake (PtApi *api, const PtIntakeNews *intake)
{
  g_autoptr (PtJsonText) json = pt_json_text_new ();

  pt_json_text_begin_object (json, NULL);
  pt_json_text_integer (json, "last", intake->last);
  pt_json_text_integer (json, "of", intake->of);
  pt_json_text_integer (json, "silent", intake->silent);
  pt_json_text_string (json, "state", intake->is_still ? "silent" : "heard");
  pt_json_text_end_object (json);
  pt_events_send (api->events, "intake", json->text->str);
  pt_events_greet (api->events, "intake", intake->is_still ? json->text->str : NULL);
}

static void
tell_outage (PtApi *api, const PtOutageEvent *event)
{
  g_autoptr (PtJsonText) json = pt_json_text_new ();

  pt_api_write_outage (json, NULL, &api->sites, event);
  pt_events_send (api->events, event->began ? "outage" : "outage-changed", json->text->str);
}

static void
tell_batch (PtApi *api, const PtBatchRow *row)
{
  g_autoptr (PtJsonText) json = pt_json_text_new ();

  pt_api_write_batch (json, row);
  pt_events_send (api->events, "batch", json->text->str);
}

static void
tell_complaint (PtApi *api, const PtComplaintRow *row)
{
  g_autoptr (PtJsonText) json = pt_json_text_new ();

  pt_api_write_complaint_row (json, row);
  pt_events_send (api->events, "complaint", json->text->str);
}

static void
tell_notice (PtApi *api, const PtNotice *notice)
{
  g_autoptr (PtJsonText) json = pt_json_text_new ();

  pt_api_write_notice (json, notice);
  pt_events_send (api->events, "notice", json->text->str);
}

static void
tell_key (PtApi *api, const PtKeyNews *key)
{
  g_autoptr (PtJsonText) json = pt_json_text_new ();

  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", key->area);
  pt_json_text_boolean (json, "copied", key->is_copied);
  pt_json_text_string (json, "device", key->device);
  pt_json_text_end_object (json);
  pt_events_send (api->events, "key", json->text->str);
}

/* A PtNewsFunc. */
static void
tell (const PtNewsItems *items, gpointer user_data)
{
  PtApi *api = user_data;

  if (items->intake != NULL)
    tell_intake (api, items->intake);
  if (!pt_events_is_heard (api->events))
    return;
  if (items->site_count > 0)
    tell_sites (api, items);
  for (guint i = 0; i < items->outage_count; i++)
    tell_outage (api, &items->outages[i]);
  for (guint i = 0; i < items->batch_count; i++)
    tell_batch (api, &items->batches[i]);
  for (guint i = 0; i < items->complaint_count; i++)
    tell_complaint (api, &items->complaints[i]);
  for (guint i = 0; i < items->notice_count; i++)
    tell_notice (api, &items->notices[i]);
  for (guint i = 0; i < items->key_count; i++)
    tell_key (api, &items->keys[i]);
}

/* A PtNewsBehindFunc. */
static gboolean
is_behind (gpointer user_data)
{
  return pt_events_is_behind (user_data);
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

/* A PtPlaceFunc. */
static gboolean
name_place (gconstpointer gazetteer, gint32 lat, gint32 lon, char name[PT_PLACE_NAME_MAX + 1])
{
  return pt_gazetteer_nearest (gazetteer, lat, lon, name);
}

static void
api_fill (PtApi *api, const PtApiParts *parts, PtServer *server)
{
  const PtReads *reads = parts->reads;

  api->news = parts->news;
  api->events = pt_events_new (reads->clock, pt_server_streams (server));
  api->status = (PtApiStatus){ parts->status, parts->about, pt_server_refusals (server) };
  api->sites = (PtApiSites){ reads, parts->public->gazetteer,
                             pt_known_from_new (reads, parts->committer) };
  api->reports = (PtApiReports){ reads, parts->committer };
  api->log = (PtApiLog){ reads, &parts->about->chain };
  api->complaints = (PtApiComplaints){ reads, &api->sites, &parts->about->chain, parts->privates };
  if (parts->public->gazetteer != NULL)
    pt_complaint_book_set_places (reads->book, name_place, parts->public->gazetteer);
  api->clock = (PtApiClock){ reads->clock, parts->stepper, parts->status->admission };
}

const PtApiComplaints *
pt_api_complaints (PtApi *api)
{
  g_return_val_if_fail (api != NULL, NULL);

  return &api->complaints;
}

PtApi *
pt_api_new (const PtApiParts *parts, PtServer *server)
{
  PtApi *api;

  g_return_val_if_fail (parts != NULL && server != NULL, NULL);

  api = g_new0 (PtApi, 1);
  api_fill (api, parts, server);
  pt_server_add_routes (server, pt_api_status_routes, &api->status);
  pt_server_add_routes (server, pt_api_sites_routes, &api->sites);
  pt_server_add_routes (server, pt_api_devices_routes, (gpointer) parts->reads);
  pt_server_add_routes (server, pt_api_officials_routes, (gpointer) parts->reads);
  pt_server_add_routes (server, pt_api_reports_routes, &api->reports);
  pt_server_add_routes (server, pt_api_rejected_routes, &api->reports);
  pt_server_add_routes (server, pt_api_conflicts_routes, &api->reports);
  pt_server_add_routes (server, pt_api_evidence_routes, (gpointer) parts->reads);
  pt_server_add_routes (server, pt_api_log_routes, &api->log);
  pt_server_add_routes (server, pt_api_complaints_routes, &api->complaints);
  pt_server_add_routes (server, pt_api_complaint_routes, &api->complaints);
  pt_server_add_routes (server, pt_api_promises_routes, (gpointer) parts->reads);
  pt_server_add_routes (server, pt_api_clock_routes, &api->clock);
  pt_server_add_routes (server, pt_api_map_routes, parts->public);
  pt_server_add_routes (server, pt_gateway_routes, parts->blocks);
  pt_server_add_routes (server, pt_events_routes, api->events);
  if (parts->public->page != NULL)
    pt_server_add_routes (server, pt_page_routes (parts->public->page), parts->public->page);
  else
    pt_server_add_routes (server, root_routes, NULL);
  pt_news_subscribe (api->news, tell, api);
  pt_news_set_behind (api->news, is_behind, api->events);
  return api;
}

void
pt_api_end (PtApi *api)
{
  g_return_if_fail (api != NULL);

  pt_news_set_behind (api->news, NULL, NULL);
  pt_news_unsubscribe (api->news, tell, api);
  pt_events_end (api->events);
}

void
pt_api_free (PtApi *api)
{
  if (api == NULL)
    return;
  pt_events_free (api->events);
  pt_known_from_free (api->sites.known_from);
  g_free (api);
}
