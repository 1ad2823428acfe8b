/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that were refused because their counter had been used with other words. They are public:
 * with the one in the log they prove to anybody that the device's key is in two hands. */
#include "pt-api.h"

#define EVIDENCE_DEFAULT 100
#define EVIDENCE_MAX 1000

typedef struct
{
  PtDirectory *directory;
  PtJsonText *json;
  guint count;
  guint64 last;
} Writing;

static gboolean
write_evidence (const PtEvidenceRow *row, gpointer user_data, GError **error)
{
  Writing *writing = user_data;
  PtRegistry *registry = writing->directory->registry;
  g_autofree char *entry = g_strndup (row->body, row->size);
  const PtDevice *device;

  writing->count++;
  writing->last = row->number;
  pt_door_begin_read (&writing->directory->door);
  device = pt_registry_device_numbered (registry, row->subject.number);
  pt_door_end_read (&writing->directory->door);
  if (device == NULL)
    return TRUE;
  pt_json_text_begin_object (writing->json, NULL);
  pt_json_text_string (writing->json, "area", device->area->id);
  pt_json_text_string (writing->json, "device", device->id);
  pt_json_text_integer (writing->json, "seq", row->seq);
  pt_json_text_integer (writing->json, "received", row->received);
  pt_json_text_string (writing->json, "entry", entry);
  pt_json_text_end_object (writing->json);
  return TRUE;
}

static const char *const evidence_filters[] = { "area", NULL };

static gboolean
answer_evidence (PtRequest *request, gpointer context, GError **error)
{
  static const PtBounds bounds[] = { { 1, PT_CURSOR_TIME_MAX } };
  const PtReads *reads = context;
  Writing writing = { .directory = reads->directory };
  g_autoptr (PtJsonText) json = NULL;
  g_autofree char *cursor = NULL;
  PtEvidenceQuery query = { 0 };
  gint64 limit, after = 0;

  if (!pt_request_area (request, reads->directory, &query.area, error)
      || !pt_request_integer (request, "limit", 1, EVIDENCE_MAX, EVIDENCE_DEFAULT, &limit, error)
      || !pt_request_cursor (request, bounds, G_N_ELEMENTS (bounds), &after, error))
    return FALSE;
  query.after = (guint64) after;
  query.limit = (guint) limit;
  json = writing.json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "evidence");
  if (!pt_store_evidence (reads->store, &query, write_evidence, &writing, error))
    return FALSE;
  pt_json_text_end_array (json);
  if (writing.count == query.limit)
    cursor = g_strdup_printf ("%" G_GUINT64_FORMAT, writing.last);
  pt_request_write_next (request, json, evidence_filters, cursor, query.limit);
  pt_json_text_end_object (json);
  pt_request_take_json (request, g_steal_pointer (&json));
  return TRUE;
}

const PtRoute pt_api_evidence_routes[] = {
  { "GET", "/api/v1/evidence", answer_evidence, PT_RUNS_ON_READER, .open = TRUE },
  { NULL },
};
