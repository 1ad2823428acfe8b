/* SPDX-License-Identifier: Apache-2.0 */
/* Refused reports that are kept for a while, for operators: who sends what, and why it is not
 * taken. They are nobody's word, so nobody else sees them. */
#include "pt-api.h"

#define REJECTED_DEFAULT 100
#define REJECTED_MOST 1000

typedef struct
{
  PtJsonText *json;
  guint count;
  guint64 last;
} Writing;

/* What is not known is null. */
static void
write_known (PtJsonText *json, const char *name, const char *value)
{
  if (value[0] != '\0')
    pt_json_text_foreign (json, name, value);
  else
    pt_json_text_null (json, name);
}

static gboolean
write_rejected (const PtRejectedRow *row, gpointer user_data, GError **error)
{
  Writing *writing = user_data;
  PtJsonText *json = writing->json;
  g_autofree char *text = g_strndup (row->text, row->size);

  writing->count++;
  writing->last = row->number;
  pt_json_text_begin_object (json, NULL);
  pt_json_text_integer (json, "at", row->at);
  pt_json_text_string (json, "transport", row->transport);
  write_known (json, "address", row->address);
  write_known (json, "certificate", row->certificate);
  write_known (json, "area", row->area);
  write_known (json, "device", row->device);
  pt_json_text_string (json, "reason", row->reason);
  pt_json_text_foreign (json, "text", text);
  pt_json_text_end_object (json);
  return TRUE;
}

static const char *const rejected_filters[] = { "area", "device", "reason", "since", NULL };

static gboolean
read_query (PtRequest *request, PtRejectedQuery *query, GError **error)
{
  static const PtBounds bounds[] = { { 1, PT_CURSOR_TIME_MAX } };
  gint64 limit, before = 0;

  if (!pt_request_id (request, "area", &query->area, error)
      || !pt_request_id (request, "device", &query->device, error)
      || !pt_request_id (request, "reason", &query->reason, error)
      || !pt_request_integer (request, "since", 0, PT_CURSOR_TIME_MAX, 0, &query->since, error)
      || !pt_request_integer (request, "limit", 1, REJECTED_MOST, REJECTED_DEFAULT, &limit, error)
      || !pt_request_cursor (request, bounds, G_N_ELEMENTS (bounds), &before, error))
    return FALSE;
  query->before = (guint64) before;
  query->limit = (guint) limit;
  return TRUE;
}

static gboolean
answer_rejected (PtRequest *request, gpointer context, GError **error)
{
  const PtApiReports *api = context;
  Writing writing = { 0 };
  g_autoptr (PtJsonText) json = NULL;
  g_autofree char *cursor = NULL;
  PtRejectedQuery query = { 0 };

  if (!read_query (request, &query, error))
    return FALSE;
  pt_committer_keep_rejected (api->committer);
  json = writing.json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "rejected");
  if (!pt_store_rejected (api->reads->store, &query, write_rejected, &writing, error))
    return FALSE;
  pt_json_text_end_array (json);
  if (writing.count == query.limit)
    cursor = g_strdup_printf ("%" G_GUINT64_FORMAT, writing.last);
  pt_request_write_next (request, json, rejected_filters, cursor, query.limit);
  pt_json_text_end_object (json);
  pt_request_take_json (request, g_steal_pointer (&json));
  request->cache_control = "no-store";
  return TRUE;
}

const PtRoute pt_api_rejected_routes[] = {
  { "GET", "/api/v1/rejected", answer_rejected, PT_RUNS_ON_READER, .needs = PT_NEEDS_ADMIN },
  { NULL },
};
