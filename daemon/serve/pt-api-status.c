/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"
#include "pt-status.h"
#include "pt-text.h"

static void
append_chain (GString *text, PtServices *services, const PtStatusNumbers *numbers)
{
  char address[43];

  if (!services->has_chain)
    {
      g_string_append (text, ",\"operator\":null,\"chain\":null");
      return;
    }
  pt_address_to_text (pt_keccak_permutation_nettle, services->operator_address, address);
  g_string_append_printf (text, ",\"operator\":\"%s\"", address);
  pt_address_to_text (pt_keccak_permutation_nettle, services->chain.contract, address);
  g_string_append_printf (
      text,
      ",\"chain\":{\"chain_id\":%" G_GUINT64_FORMAT
      ",\"contract\":\"%s\",\"from_block\":%" G_GINT64_FORMAT
      ",\"state\":\"%s\",\"block\":%" G_GUINT64_FORMAT ",\"transactions\":%" G_GUINT64_FORMAT
      ",\"gas_used\":%" G_GUINT64_FORMAT ",\"public_rpc\":[",
      services->chain.chain_id, address, services->from_block, numbers->chain.state,
      numbers->chain.block, numbers->chain.transactions, numbers->chain.gas_used);
  for (guint i = 0; services->public_rpc[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (text, ',');
      pt_text_append_string (text, services->public_rpc[i]);
    }
  g_string_append (text, "]}");
}

static gboolean
answer_status (PtRequest *request, gpointer context, GError **error)
{
  PtServices *services = context;
  PtStatusNumbers numbers;
  GString *text;

  if (!pt_status_collect (services, &numbers, error))
    return FALSE;
  text = g_string_new ("{\"version\":\"" PT_VERSION "\"");
  g_string_append_printf (
      text, ",\"now\":%" G_GINT64_FORMAT ",\"clock_speed\":", pt_clock_now (services->clock));
  {
    char speed[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append (text,
                     g_ascii_formatd (speed, sizeof speed, "%g", pt_clock_speed (services->clock)));
  }
  g_string_append_printf (text,
                          ",\"clock_source\":\"%s\",\"period\":%" G_GINT64_FORMAT
                          ",\"started\":%" G_GINT64_FORMAT ",\"service_key\":",
                          pt_clock_source_name (pt_clock_source (services->clock)),
                          services->period, services->started);
  pt_text_append_base64url (text, services->service_key, PT_PUBLIC_KEY_SIZE);
  append_chain (text, services, &numbers);
  g_string_append_printf (
      text,
      ",\"areas\":%u,\"devices\":%u,\"sites\":%u,\"sites_on\":%u,\"sites_off\":%u"
      ",\"sites_silent\":%u,\"sites_unknown\":%u,\"reports\":%" G_GUINT64_FORMAT
      ",\"duplicates\":%" G_GUINT64_FORMAT ",\"refused\":%" G_GUINT64_FORMAT
      ",\"entries\":%" G_GUINT64_FORMAT ",\"outages_open\":%" G_GUINT64_FORMAT
      ",\"pending\":%" G_GUINT64_FORMAT ",\"queue\":%u",
      numbers.areas, numbers.devices, numbers.sites.sites, numbers.sites.on, numbers.sites.off,
      numbers.sites.silent, numbers.sites.unknown, numbers.counts.reports, numbers.lines.duplicate,
      numbers.lines.rejected, numbers.counts.last_entry, numbers.counts.open_outages,
      numbers.unsealed, numbers.lines.waiting);
  g_string_append_printf (
      text,
      ",\"batches\":{\"sealed\":%" G_GUINT64_FORMAT ",\"published\":%" G_GUINT64_FORMAT
      ",\"submitted\":%" G_GUINT64_FORMAT ",\"final\":%" G_GUINT64_FORMAT "}",
      numbers.counts.batches[PT_BATCH_SEALED], numbers.counts.batches[PT_BATCH_PUBLISHED],
      numbers.counts.batches[PT_BATCH_SUBMITTED], numbers.counts.batches[PT_BATCH_FINAL]);
  g_string_append_printf (text, ",\"state\":\"%s\",\"detail\":", pt_status_state (&numbers));
  pt_text_append_string (text, numbers.health.sentence);
  g_string_append (text, "}\n");
  pt_request_take_text (request, text);
  return TRUE;
}

static void
append_metric (GString *text, const char *name, const char *type, const char *help, guint64 value)
{
  g_string_append_printf (text, "# HELP %s %s\n# TYPE %s %s\n%s %" G_GUINT64_FORMAT "\n", name,
                          help, name, type, name, value);
}

static gboolean
answer_metrics (PtRequest *request, gpointer context, GError **error)
{
  PtServices *services = context;
  GString *text;
  PtStatusNumbers numbers;

  if (!pt_status_collect (services, &numbers, error))
    return FALSE;
  text = g_string_new (NULL);
  append_metric (text, "powertrack_accepted_total", "counter", "Lines accepted since the start.",
                 numbers.lines.accepted);
  append_metric (text, "powertrack_duplicates_total", "counter",
                 "Lines received again since the start.", numbers.lines.duplicate);
  append_metric (text, "powertrack_refused_total", "counter", "Lines refused since the start.",
                 numbers.lines.rejected);
  append_metric (text, "powertrack_entries", "gauge", "Entries in all logs.",
                 numbers.counts.last_entry);
  append_metric (text, "powertrack_pending_entries", "gauge",
                 "Entries that are not in a sealed batch.", numbers.unsealed);
  append_metric (text, "powertrack_queue_lines", "gauge", "Lines between intake and commit.",
                 numbers.lines.waiting);
  append_metric (text, "powertrack_areas", "gauge", "Registered areas.", numbers.areas);
  append_metric (text, "powertrack_devices", "gauge", "Registered devices.", numbers.devices);
  append_metric (text, "powertrack_sites_off", "gauge", "Sites without supply.", numbers.sites.off);
  append_metric (text, "powertrack_sites_silent", "gauge", "Sites not heard of.",
                 numbers.sites.silent);
  append_metric (text, "powertrack_outages_open", "gauge", "Outages that last.",
                 numbers.counts.open_outages);
  g_string_append (text, "# HELP powertrack_batches Batches by state.\n"
                         "# TYPE powertrack_batches gauge\n");
  for (int state = PT_BATCH_SEALED; state <= PT_BATCH_FINAL; state++)
    g_string_append_printf (text, "powertrack_batches{state=\"%s\"} %" G_GUINT64_FORMAT "\n",
                            pt_batch_state_name ((PtBatchState) state),
                            numbers.counts.batches[state]);
  append_metric (text, "powertrack_chain_block", "gauge", "Newest block seen.",
                 numbers.chain.block);
  append_metric (text, "powertrack_gas_used_total", "counter",
                 "Gas of transactions that became final since the start.", numbers.chain.gas_used);
  append_metric (text, "powertrack_transactions_total", "counter",
                 "Transactions that became final since the start.", numbers.chain.transactions);
  pt_request_take_text (request, text);
  request->content_type = "text/plain; version=0.0.4";
  return TRUE;
}

static void
append_area (GString *text, PtServices *services, const PtAreaRow *row)
{
  PtSiteCounts sites;
  PtHash root;
  PtArea *area;
  guint devices;

  g_rw_lock_reader_lock (&services->directory->lock);
  area = pt_registry_area_at (services->directory->registry, row->number);
  devices = area->active_devices;
  g_rw_lock_reader_unlock (&services->directory->lock);
  pt_live_count (services->live, area, &sites);
  pt_frontier_root (&row->head.frontier, &root);
  g_string_append (text, "{\"area\":");
  pt_text_append_string (text, row->id);
  g_string_append (text, ",\"authority_key\":");
  pt_text_append_base64url (text, row->authority_key, PT_PUBLIC_KEY_SIZE);
  g_string_append (text, ",\"service_key\":");
  pt_text_append_base64url (text, services->service_key, PT_PUBLIC_KEY_SIZE);
  g_string_append_printf (text,
                          ",\"devices\":%u,\"sites\":%u,\"on\":%u,\"off\":%u,\"silent\":%u,"
                          "\"unknown\":%u,\"batch\":%" G_GUINT64_FORMAT
                          ",\"size\":%" G_GUINT64_FORMAT ",\"to\":",
                          devices, sites.sites, sites.on, sites.off, sites.silent, sites.unknown,
                          row->head.batch, row->head.frontier.size);
  pt_text_append_time (text, row->head.to);
  g_string_append (text, ",\"root\":");
  pt_text_append_hex (text, &root, PT_HASH_SIZE);
  g_string_append_c (text, '}');
}

static gboolean
answer_areas (PtRequest *request, gpointer context, GError **error)
{
  PtServices *services = context;
  g_autoptr (GArray) rows = pt_store_areas (services->store, error);
  GString *text;

  if (rows == NULL)
    return FALSE;
  text = g_string_new ("{\"areas\":[");
  for (guint i = 0; i < rows->len; i++)
    {
      if (i > 0)
        g_string_append_c (text, ',');
      append_area (text, services, &g_array_index (rows, PtAreaRow, i));
    }
  g_string_append (text, "]}\n");
  pt_request_take_text (request, text);
  return TRUE;
}

static gboolean
answer_health (PtRequest *request, gpointer context, GError **error)
{
  pt_request_take_text (request, g_string_new ("ok\n"));
  request->content_type = "text/plain";
  return TRUE;
}

const PtRoute pt_api_status_routes[] = {
  { "GET", "/api/v1/status", answer_status, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/areas", answer_areas, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/metrics", answer_metrics, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/metrics", answer_metrics, PT_RUNS_ON_READER },
  { "GET", "/healthz", answer_health, PT_RUNS_ON_LOOP },
  { NULL },
};
