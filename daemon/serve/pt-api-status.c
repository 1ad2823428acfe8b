/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"
#include "pt-ethereum-key.h"
#include "pt-p256-lanes.h"
#include "pt-status.h"

static void
write_address (PtJsonText *json, const char *name, const guint8 *address)
{
  char text[43];

  pt_address_to_text (pt_keccak_permutation_nettle, address, text);
  pt_json_text_string (json, name, text);
}

static void
write_chain (PtJsonText *json, const PtAbout *about, const PtSubmitterStatus *status)
{
  if (about->account == NULL)
    {
      pt_json_text_null (json, "operator");
      pt_json_text_null (json, "chain");
      return;
    }
  write_address (json, "operator", about->account);
  pt_json_text_begin_object (json, "chain");
  pt_json_text_integer (json, "chain_id", (gint64) about->chain.chain_id);
  write_address (json, "contract", about->chain.contract);
  pt_json_text_integer (json, "from_block", about->from_block);
  pt_json_text_string (json, "state", status->state);
  pt_json_text_integer (json, "block", (gint64) status->block);
  pt_json_text_integer (json, "transactions", (gint64) status->transactions);
  pt_json_text_integer (json, "gas_used", (gint64) status->gas_used);
  pt_json_text_begin_array (json, "public_rpc");
  for (guint i = 0; about->public_rpc[i] != NULL; i++)
    pt_json_text_string (json, NULL, about->public_rpc[i]);
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
}

static void
write_clock (PtJsonText *json, PtClock *clock, const PtAbout *about)
{
  pt_json_text_integer (json, "now", pt_clock_now (clock));
  pt_json_text_number (json, "clock_speed", pt_clock_speed (clock));
  pt_json_text_string (json, "clock_source", pt_clock_source_name (pt_clock_source (clock)));
  pt_json_text_integer (json, "period", about->period);
  pt_json_text_integer (json, "started", about->started);
}

static void
write_batches (PtJsonText *json, const PtCounts *counts)
{
  pt_json_text_begin_object (json, "batches");
  for (int state = PT_BATCH_SEALED; state <= PT_BATCH_FINAL; state++)
    pt_json_text_integer (json, pt_batch_state_name ((PtBatchState) state),
                          (gint64) counts->batches[state]);
  pt_json_text_end_object (json);
}

static void
write_numbers (PtJsonText *json, const PtStatusNumbers *numbers)
{
  const PtCounts *counts = &numbers->counts;
  const PtSiteCounts *sites = &numbers->sites;
  const struct
  {
    const char *name;
    guint64 value;
  } rows[] = { { "areas", numbers->areas },
               { "devices", numbers->devices },
               { "sites", sites->sites },
               { "sites_on", sites->on },
               { "sites_off", sites->off },
               { "sites_silent", sites->silent },
               { "sites_unknown", sites->unknown },
               { "reports", counts->reports },
               { "duplicates", numbers->lines.duplicate },
               { "refused", numbers->lines.rejected },
               { "entries", counts->entries },
               { "outages_open", counts->open_outages },
               { "pending", counts->unsealed },
               { "queue", numbers->lines.waiting },
               { "damaged", numbers->damaged },
               { "evidence", counts->evidence },
               { "keys_copied", numbers->copied } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    pt_json_text_integer (json, rows[i].name, (gint64) rows[i].value);
  write_batches (json, counts);
  pt_api_write_complaint_counts (json, "complaints", &numbers->complaints);
}

static void
write_ways (PtJsonText *json, const PtTrafficOfWay ways[PT_TRANSPORT_COUNT])
{
  pt_json_text_begin_object (json, "transports");
  for (guint i = 0; i < PT_TRANSPORT_COUNT; i++)
    {
      const PtTrafficOfWay *way = &ways[i];

      pt_json_text_begin_object (json, pt_transport_name ((PtTransport) i));
      pt_json_text_integer (json, "accepted", (gint64) way->accepted);
      pt_json_text_integer (json, "duplicates", (gint64) way->duplicate);
      pt_json_text_integer (json, "refused", (gint64) way->refused);
      pt_json_text_integer (json, "queue", way->waiting);
      pt_json_text_begin_object (json, "lag");
      pt_json_text_integer (json, "lines", (gint64) way->lag.lines);
      pt_json_text_integer (json, "mean", pt_status_lag_mean (&way->lag));
      pt_json_text_integer (json, "longest", pt_status_lag_longest (&way->lag));
      pt_json_text_end_object (json);
      pt_json_text_end_object (json);
    }
  pt_json_text_end_object (json);
}

/* Where a map of all sites begins. */
static void
write_box (PtJsonText *json, PtLive *live)
{
  PtExtentBox box;

  if (!pt_live_extent (live, &box))
    {
      pt_json_text_null (json, "bbox");
      return;
    }
  pt_json_text_begin_array (json, "bbox");
  pt_json_text_degrees (json, NULL, box.west);
  pt_json_text_degrees (json, NULL, box.south);
  pt_json_text_degrees (json, NULL, box.east);
  pt_json_text_degrees (json, NULL, box.north);
  pt_json_text_end_array (json);
}

/* Only while it goes on. */
static void
write_replay (PtJsonText *json, const PtStatusNumbers *numbers)
{
  if (!numbers->replays)
    return;
  pt_json_text_begin_object (json, "replay");
  pt_json_text_integer (json, "areas", numbers->replay.areas);
  pt_json_text_integer (json, "batches", (gint64) numbers->replay.batches);
  pt_json_text_end_object (json);
}

static gboolean
answer_status (PtRequest *request, gpointer context, GError **error)
{
  const PtApiStatus *api = context;
  const PtAbout *about = api->about;
  PtStatusNumbers numbers;
  PtJsonText *json;

  if (!pt_status_collect (api->sources, &numbers, error))
    return FALSE;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "version", PT_VERSION);
  write_clock (json, api->sources->reads->clock, about);
  pt_json_text_base64url (json, "service_key", about->service_key, PT_PUBLIC_KEY_SIZE);
  write_chain (json, about, &numbers.chain);
  write_numbers (json, &numbers);
  write_ways (json, numbers.ways);
  write_box (json, api->sources->reads->live);
  write_replay (json, &numbers);
  pt_json_text_string (json, "state", pt_status_state (&numbers));
  pt_json_text_string (json, "cause", pt_status_cause (&numbers));
  pt_json_text_foreign (json, "detail", pt_status_detail (&numbers));
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

static void
append_metric (GString *text, const char *name, const char *type, const char *help, guint64 value)
{
  g_string_append_printf (text, "# HELP %s %s\n# TYPE %s %s\n%s %" G_GUINT64_FORMAT "\n", name,
                          help, name, type, name, value);
}

static void
append_complaints (GString *text, const PtComplaintCounts *counts)
{
  g_string_append (text, "# HELP powertrack_complaints Complaints by state.\n"
                         "# TYPE powertrack_complaints gauge\n");
  for (int state = PT_COMPLAINT_OPEN; state < PT_COMPLAINT_STATE_COUNT; state++)
    g_string_append_printf (text, "powertrack_complaints{state=\"%s\"} %u\n",
                            pt_complaint_state_name ((PtComplaintState) state),
                            counts->states[state]);
  append_metric (text, "powertrack_complaints_overdue", "gauge",
                 "Complaints that wait for an official beyond a limit.", counts->overdue);
  g_string_append (text, "# HELP powertrack_complaints_closed Complaints by how they were closed; "
                         "against: the devices say otherwise.\n"
                         "# TYPE powertrack_complaints_closed gauge\n");
  for (int closed = PT_CLOSED_CITIZEN; closed < PT_CLOSED_COUNT; closed++)
    g_string_append_printf (text, "powertrack_complaints_closed{how=\"%s\"} %u\n",
                            pt_closed_name ((PtClosed) closed), counts->closed[closed]);
}

static gboolean
answer_metrics (PtRequest *request, gpointer context, GError **error)
{
  const PtApiStatus *api = context;
  GString *text;
  PtStatusNumbers numbers;

  if (!pt_status_collect (api->sources, &numbers, error))
    return FALSE;
  text = g_string_new (NULL);
  g_string_append_printf (text,
                          "# HELP powertrack_build_info What runs, and what checks signatures.\n"
                          "# TYPE powertrack_build_info gauge\n"
                          "powertrack_build_info{version=\"%s\",verifier=\"%s\"} 1\n",
                          PT_VERSION, pt_p256_lanes_name ());
  append_metric (text, "powertrack_accepted_total", "counter", "Lines accepted since the start.",
                 numbers.lines.accepted);
  append_metric (text, "powertrack_duplicates_total", "counter",
                 "Lines received again since the start.", numbers.lines.duplicate);
  append_metric (text, "powertrack_refused_total", "counter", "Lines refused since the start.",
                 numbers.lines.rejected);
  append_metric (text, "powertrack_entries", "gauge", "Entries in all logs.",
                 numbers.counts.entries);
  append_metric (text, "powertrack_pending_entries", "gauge",
                 "Entries that are not in a sealed batch.", numbers.counts.unsealed);
  append_metric (text, "powertrack_damaged_batches", "gauge",
                 "Batches whose file is damaged here and can't be made again.", numbers.damaged);
  append_metric (text, "powertrack_queue_lines", "gauge", "Lines between intake and commit.",
                 numbers.lines.waiting);
  append_metric (text, "powertrack_areas", "gauge", "Registered areas.", numbers.areas);
  append_metric (text, "powertrack_devices", "gauge", "Registered devices.", numbers.devices);
  append_metric (text, "powertrack_sites_off", "gauge", "Sites without supply.", numbers.sites.off);
  append_metric (text, "powertrack_sites_silent", "gauge", "Sites not heard of.",
                 numbers.sites.silent);
  append_metric (text, "powertrack_outages_open", "gauge", "Outages that last.",
                 numbers.counts.open_outages);
  pt_traffic_append (api->sources->traffic, text);
  append_complaints (text, &numbers.complaints);
  g_string_append (text,
                   "# HELP powertrack_filings_refused_total Filings and actions of complaints "
                   "that were refused since the start, by the type of the problem.\n"
                   "# TYPE powertrack_filings_refused_total counter\n");
  pt_refusals_append (api->refusals, "powertrack_filings_refused_total", "", text);
  g_string_append (text, "# HELP powertrack_batches Batches by state.\n"
                         "# TYPE powertrack_batches gauge\n");
  for (int state = PT_BATCH_SEALED; state <= PT_BATCH_FINAL; state++)
    g_string_append_printf (text, "powertrack_batches{state=\"%s\"} %" G_GUINT64_FORMAT "\n",
                            pt_batch_state_name ((PtBatchState) state),
                            numbers.counts.batches[state]);
  append_metric (text, "powertrack_attention", "gauge",
                 "1 while something waits for a person or the chain, else 0.",
                 numbers.health.sort != PT_HEALTH_WELL);
  append_metric (text, "powertrack_oldest_batch_age_seconds", "gauge",
                 "Since the window of the oldest batch that is not final ended; 0: all are.",
                 (guint64) numbers.oldest_age / 1000);
  append_metric (text, "powertrack_evidence", "gauge",
                 "Refused reports that are kept because their counter was used with other words.",
                 numbers.counts.evidence);
  append_metric (text, "powertrack_keys_copied", "gauge",
                 "Devices whose key signed two different reports with one counter and is still in "
                 "force.",
                 numbers.copied);
  append_metric (text, "powertrack_chain_block", "gauge", "Newest block seen.",
                 numbers.chain.block);
  append_metric (text, "powertrack_gas_used_total", "counter",
                 "Gas of transactions that became final since the start.", numbers.chain.gas_used);
  append_metric (text, "powertrack_transactions_total", "counter",
                 "Transactions that became final since the start.", numbers.chain.transactions);
  pt_request_take_text (request, "text/plain; version=0.0.4", text);
  return TRUE;
}

static guint
count_active (PtDirectory *directory, PtArea *area)
{
  guint count;

  pt_door_begin_read (&directory->door);
  count = area->active_devices;
  pt_door_end_read (&directory->door);
  return count;
}

static PtArea *
find_area (PtDirectory *directory, guint number)
{
  PtArea *area;

  pt_door_begin_read (&directory->door);
  area = pt_registry_area_at (directory->registry, number);
  pt_door_end_read (&directory->door);
  return area;
}

static void
write_area (PtJsonText *json, const PtApiStatus *api, const PtAreaRow *row)
{
  const PtReads *reads = api->sources->reads;
  PtArea *area = find_area (reads->directory, row->number);
  PtSiteCounts sites;
  PtHash root;

  pt_live_count_area (reads->live, row->number, &sites);
  pt_frontier_root (&row->head.frontier, &root);
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", row->id);
  pt_json_text_base64url (json, "authority_key", row->authority_key, PT_PUBLIC_KEY_SIZE);
  pt_json_text_base64url (json, "service_key", api->about->service_key, PT_PUBLIC_KEY_SIZE);
  pt_json_text_integer (json, "devices", count_active (reads->directory, area));
  pt_json_text_integer (json, "sites", sites.sites);
  pt_json_text_integer (json, "on", sites.on);
  pt_json_text_integer (json, "off", sites.off);
  pt_json_text_integer (json, "silent", sites.silent);
  pt_json_text_integer (json, "unknown", sites.unknown);
  pt_json_text_integer (json, "batch", (gint64) row->head.batch);
  pt_json_text_integer (json, "size", (gint64) row->head.frontier.size);
  pt_json_text_time (json, "to", row->head.to);
  pt_json_text_hex (json, "root", &root, PT_HASH_SIZE);
  pt_json_text_end_object (json);
}

static gboolean
answer_areas (PtRequest *request, gpointer context, GError **error)
{
  const PtApiStatus *api = context;
  g_autoptr (GArray) rows = pt_store_areas (api->sources->reads->store, error);
  PtJsonText *json;

  if (rows == NULL)
    return FALSE;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "areas");
  for (guint i = 0; i < rows->len; i++)
    write_area (json, api, &g_array_index (rows, PtAreaRow, i));
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

static gboolean
answer_health (PtRequest *request, gpointer context, GError **error)
{
  pt_request_take_text (request, "text/plain", g_string_new ("ok\n"));
  return TRUE;
}

const PtRoute pt_api_status_routes[] = {
  { "GET", "/api/v1/status", answer_status, PT_RUNS_ON_READER, .open = TRUE,
    .serves = PT_SERVES_PUBLIC | PT_SERVES_ADMINISTRATION },
  { "GET", "/api/v1/areas", answer_areas, PT_RUNS_ON_READER, .open = TRUE,
    .serves = PT_SERVES_PUBLIC | PT_SERVES_ADMINISTRATION },
  { "GET", "/api/v1/metrics", answer_metrics, PT_RUNS_ON_READER, .open = TRUE,
    .serves = PT_SERVES_PUBLIC | PT_SERVES_ADMINISTRATION },
  { "GET", "/metrics", answer_metrics, PT_RUNS_ON_READER,
    .serves = PT_SERVES_PUBLIC | PT_SERVES_ADMINISTRATION },
  { "GET", "/healthz", answer_health, PT_RUNS_ON_LOOP, .serves = PT_SERVES_ALL },
  { NULL },
};
