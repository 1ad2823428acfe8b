/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"

#define REPORTS_DEFAULT 10
#define REPORTS_MAX 50
#define LOOKUPS_MAX 400 /* of all devices together */
#define DEVICES_MAX 20  /* of one site */

/* One report, found in the log. */
typedef struct
{
  char device[PT_ID_MAX + 1];
  char site[PT_ID_MAX + 1];
  gint64 seq, ts, received, time;
  PtPower power;
  gboolean sealed;
  PtBatchRow batch;
} Found;

/* A device at the site: where to look next. */
typedef struct
{
  guint32 number, area;
  char id[PT_ID_MAX + 1];
  PtHistory history; /* a copy */
  gint64 seq, until; /* where to look next, and where it was elsewhere before */
} Source;

static void
source_clear (gpointer data)
{
  pt_history_clear (&((Source *) data)->history);
}

static int
compare_found (gconstpointer a, gconstpointer b)
{
  const Found *left = a, *right = b;

  if (left->time != right->time)
    return left->time > right->time ? -1 : 1;
  return left->seq > right->seq ? -1 : left->seq < right->seq;
}

static gboolean
found_parse (Found *found, GBytes *body)
{
  gsize size;
  const char *data = g_bytes_get_data (body, &size);
  PtEntry entry;

  if (pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, &entry) != PT_OK
      || entry.kind != PT_ENTRY_REPORT)
    return FALSE;
  found->seq = entry.seq;
  found->ts = entry.ts;
  found->received = entry.received;
  found->power = entry.power;
  memcpy (found->site, entry.site.data, MIN (entry.site.size, PT_ID_MAX));
  return TRUE;
}

/* A report that is in a batch; *@body NULL: it is in none. */
static gboolean
find_sealed (const PtApiReports *api, const Source *source, Found *found, GBytes **body,
             GError **error)
{
  PtSubject subject = pt_subject_device (source->number);
  PtEntryPlace place;

  found->sealed = pt_archive_find (api->reads->archive, source->area, subject, source->seq, &place);
  return !found->sealed
         || (pt_archive_batch (api->reads->archive, source->area, place.batch, &found->batch, error)
             && pt_archive_entry (api->reads->archive, source->area, subject, source->seq, body,
                                  error));
}

/* *@body NULL: the counter was never heard, or its commit is still on the way. The index comes
 * first: the tail forgets a sealed report only with the device's next one. */
static gboolean
find_report (const PtApiReports *api, const Source *source, Found *found, GBytes **body,
             GError **error)
{
  guint64 entry;

  *body = NULL;
  if (!find_sealed (api, source, found, body, error))
    return FALSE;
  if (found->sealed)
    return TRUE;
  entry = pt_committer_unsealed (api->committer, pt_subject_device (source->number), source->seq);
  if (entry != 0 && !pt_store_read_entry (api->reads->store, source->area, entry, body, error))
    return FALSE;
  /* Or it was sealed, and gone from the store, just now. */
  return *body != NULL || find_sealed (api, source, found, body, error);
}

/* As far as one looks at them: before the oldest one is only known since when it is as it is. */
static void
reckon_times (const Source *source, Found *found, guint count)
{
  const PtHistory *history = &source->history;
  gint64 time = PT_NO_TIME;

  for (guint i = count; i > 0; i--)
    {
      Found *report = &found[i - 1];

      if (history->since_seq != 0 && report->seq > history->since_seq)
        time = MAX (time, history->since);
      time = report->time = pt_report_time (report->ts, report->received, time);
    }
}

static gboolean
collect_device (const PtApiReports *api, Source *source, const char *site, guint limit,
                guint lookups, GArray *out, GError **error)
{
  guint taken = 0, tried = 0, before = out->len;

  for (; taken < limit && tried < lookups && source->seq > source->until; source->seq--)
    {
      g_autoptr (GBytes) body = NULL;
      Found found = { 0 };

      if (pt_history_check (&source->history, source->seq) == PT_SEQ_NEW)
        continue; /* it never came */
      tried++;
      if (!find_report (api, source, &found, &body, error))
        return FALSE;
      if (body != NULL && found_parse (&found, body) && strcmp (found.site, site) == 0)
        {
          g_strlcpy (found.device, source->id, sizeof found.device);
          g_array_append_val (out, found);
          taken++;
        }
    }
  reckon_times (source, &g_array_index (out, Found, before), taken);
  return TRUE;
}

/* The device while it was at @site, the last time first. */
static void
add_sources (const PtDevice *device, const char *site, GArray *sources)
{
  guint32 places = pt_past_place (&device->past);
  gint64 last = device->history.latest.seq;

  for (guint32 place = places + 1; place > 0 && sources->len < DEVICES_MAX; place--)
    {
      guint32 at = place - 1;
      gboolean is_there = pt_span_is (pt_device_place (device, at).site, site);
      gint64 before = at > 0 ? g_array_index (device->past.places, PtPlace, at - 1).last_seq : 0;
      Source source = { .number = device->number, .area = device->area->number, .seq = last };

      source.until = before;
      last = before;
      if (!is_there)
        continue;
      pt_history_copy (&device->history, &source.history);
      g_strlcpy (source.id, device->id, sizeof source.id);
      g_array_append_val (sources, source);
    }
}

static GArray *
find_sources (PtRequest *request, PtDirectory *directory, GError **error)
{
  const char *site = request->parts[0];
  GArray *sources = NULL;
  PtArea *found;
  gint32 area;
  guint count;

  if (!pt_request_area (request, directory, &area, error))
    return NULL;
  pt_door_begin_read (&directory->door);
  found = pt_api_find_site (directory->registry, site, area, &count);
  if (count == 1)
    {
      GPtrArray *at_site = g_hash_table_lookup (found->sites, site);
      GPtrArray *former = g_hash_table_lookup (found->former, site);

      sources = g_array_new (FALSE, TRUE, sizeof (Source));
      g_array_set_clear_func (sources, source_clear);
      for (guint i = 0; at_site != NULL && i < at_site->len; i++)
        add_sources (g_ptr_array_index (at_site, i), site, sources);
      for (guint i = 0; former != NULL && i < former->len; i++)
        if (at_site == NULL || !g_ptr_array_find (at_site, g_ptr_array_index (former, i), NULL))
          add_sources (g_ptr_array_index (former, i), site, sources);
    }
  pt_door_end_read (&directory->door);
  if (sources == NULL)
    pt_api_refuse_site (count, error);
  return sources;
}

static void
write_report (PtJsonText *json, const Found *found)
{
  const PtBatchRow *batch = &found->batch;

  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "device", found->device);
  pt_json_text_integer (json, "seq", found->seq);
  pt_json_text_integer (json, "ts", found->ts);
  pt_json_text_integer (json, "received", found->received);
  pt_json_text_integer (json, "time", found->time);
  pt_json_text_string (json, "power", pt_power_name (found->power));
  pt_json_text_time (json, "batch", found->sealed ? (gint64) batch->batch : 0);
  pt_json_text_string (json, "state",
                       pt_batch_state_name (found->sealed ? batch->state : PT_BATCH_OPEN));
  pt_json_text_string (json, "waits_for",
                       found->sealed ? pt_api_waits_for (batch) : "its window to end");
  pt_json_text_end_object (json);
}

static gboolean
answer_site_reports (PtRequest *request, gpointer context, GError **error)
{
  const PtApiReports *api = context;
  g_autoptr (GArray) found = g_array_new (FALSE, TRUE, sizeof (Found));
  g_autoptr (GArray) sources = NULL;
  PtJsonText *json;
  gint64 limit;

  if (!pt_request_integer (request, "limit", 1, REPORTS_MAX, REPORTS_DEFAULT, &limit, error))
    return FALSE;
  sources = find_sources (request, api->reads->directory, error);
  if (sources == NULL)
    return FALSE;
  for (guint i = 0; i < sources->len; i++)
    if (!collect_device (api, &g_array_index (sources, Source, i), request->parts[0], (guint) limit,
                         LOOKUPS_MAX / sources->len, found, error))
      return FALSE;
  g_array_sort (found, compare_found);
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "reports");
  for (guint i = 0; i < MIN (found->len, (guint) limit); i++)
    write_report (json, &g_array_index (found, Found, i));
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

const PtRoute pt_api_reports_routes[] = {
  { "GET", "/api/v1/sites/*/reports", answer_site_reports, PT_RUNS_ON_PROVER, .open = TRUE },
  { NULL },
};
