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
  gint64 seq;
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
collect_device (const PtApiReports *api, Source *source, guint limit, guint lookups, GArray *out,
                GError **error)
{
  guint taken = 0, tried = 0, before = out->len;

  for (; taken < limit && tried < lookups && source->seq > 0; source->seq--)
    {
      g_autoptr (GBytes) body = NULL;
      Found found = { 0 };

      if (pt_history_check (&source->history, source->seq) == PT_SEQ_NEW)
        continue; /* it never came */
      tried++;
      if (!find_report (api, source, &found, &body, error))
        return FALSE;
      if (body != NULL && found_parse (&found, body))
        {
          g_strlcpy (found.device, source->id, sizeof found.device);
          g_array_append_val (out, found);
          taken++;
        }
    }
  reckon_times (source, &g_array_index (out, Found, before), taken);
  return TRUE;
}

static GArray *
find_sources (PtRequest *request, PtDirectory *directory, GError **error)
{
  GArray *sources = NULL;
  GPtrArray *devices;
  gint32 area;
  guint count;

  if (!pt_request_area (request, directory, &area, error))
    return NULL;
  pt_door_begin_read (&directory->door);
  devices = pt_api_find_site (directory->registry, request->parts[0], area, &count);
  if (count == 1)
    {
      sources = g_array_new (FALSE, TRUE, sizeof (Source));
      g_array_set_clear_func (sources, source_clear);
    }
  for (guint i = 0; count == 1 && i < MIN (devices->len, DEVICES_MAX); i++)
    {
      const PtDevice *device = g_ptr_array_index (devices, i);
      Source source = { .number = device->number,
                        .area = device->area->number,
                        .seq = device->history.latest.seq };

      pt_history_copy (&device->history, &source.history);
      g_strlcpy (source.id, device->id, sizeof source.id);
      g_array_append_val (sources, source);
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
    if (!collect_device (api, &g_array_index (sources, Source, i), (guint) limit,
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
