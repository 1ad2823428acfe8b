/* SPDX-License-Identifier: Apache-2.0 */
/* Two reports that one key signed with the same counter and other words, side by side: the one in
 * the log and the one that was refused. Whoever has the device's key checks both signatures, and
 * knows that it is in two hands. */
#include <string.h>

#include "pt-api.h"

#define CONFLICTS_DEFAULT 20
#define CONFLICTS_MOST 100 /* each may read a batch file */

typedef struct
{
  guint64 number;
  PtSubject subject;
  guint32 area;
  gint64 seq, received;
  char *refused;
} Conflict;

static void
conflict_clear (gpointer data)
{
  g_free (((Conflict *) data)->refused);
}

static gboolean
take_conflict (const PtEvidenceRow *row, gpointer user_data, GError **error)
{
  Conflict conflict = { .number = row->number,
                        .subject = row->subject,
                        .area = row->area,
                        .seq = row->seq,
                        .received = row->received,
                        .refused = g_strndup (row->body, row->size) };

  g_array_append_val ((GArray *) user_data, conflict);
  return TRUE;
}

/* The log's own; *@body NULL: it is not found any more. The index comes before the tail, and after
 * it: a report may be sealed just now. */
static gboolean
read_logged (const PtApiReports *api, const Conflict *conflict, GBytes **body, GError **error)
{
  PtArchive *archive = api->reads->archive;
  guint64 entry;

  if (!pt_archive_entry (archive, conflict->area, conflict->subject, conflict->seq, body, error))
    return FALSE;
  if (*body != NULL)
    return TRUE;
  entry = pt_committer_unsealed (api->committer, conflict->subject, conflict->seq);
  if (entry != 0 && !pt_store_read_entry (api->reads->store, conflict->area, entry, body, error))
    return FALSE;
  return *body != NULL
         || pt_archive_entry (archive, conflict->area, conflict->subject, conflict->seq, body,
                              error);
}

static gboolean
write_conflict (const PtApiReports *api, const Conflict *conflict, PtJsonText *json, GError **error)
{
  PtDirectory *directory = api->reads->directory;
  const PtDevice *device;
  g_autoptr (GBytes) body = NULL;

  pt_door_begin_read (&directory->door);
  device = pt_registry_device_numbered (directory->registry, conflict->subject.number);
  pt_door_end_read (&directory->door);
  if (device == NULL)
    return TRUE;
  if (!read_logged (api, conflict, &body, error))
    return FALSE;
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", device->area->id);
  pt_json_text_string (json, "device", device->id);
  pt_json_text_integer (json, "seq", conflict->seq);
  pt_json_text_integer (json, "received", conflict->received);
  if (body != NULL)
    {
      gsize size;
      const char *data = g_bytes_get_data (body, &size);
      g_autofree char *text = g_strndup (data, size);

      pt_json_text_string (json, "logged", text);
    }
  else
    pt_json_text_null (json, "logged");
  pt_json_text_string (json, "refused", conflict->refused);
  pt_json_text_end_object (json);
  return TRUE;
}

static const char *const conflicts_filters[] = { "area", "device", NULL };

/* FALSE without an error: of all devices. */
static gboolean
read_device (PtRequest *request, PtDirectory *directory, gint32 area, PtSubject *subject,
             GError **error)
{
  const PtDevice *device;
  const char *id;

  if (!pt_request_id (request, "device", &id, error) || id == NULL)
    return FALSE;
  device = pt_api_find_device (directory, id, area, error);
  if (device == NULL)
    return FALSE;
  *subject = pt_subject_device (device->number);
  return TRUE;
}

/* @subject: where the query keeps its device's. */
static gboolean
read_query (PtRequest *request, const PtApiReports *api, PtEvidenceQuery *query, PtSubject *subject,
            GError **error)
{
  g_autoptr (GError) local = NULL;
  static const PtBounds bounds[] = { { 1, PT_CURSOR_TIME_MAX } };
  gint64 limit, after = 0;

  if (!pt_request_area (request, api->reads->directory, &query->area, error)
      || !pt_request_integer (request, "limit", 1, CONFLICTS_MOST, CONFLICTS_DEFAULT, &limit, error)
      || !pt_request_cursor (request, bounds, G_N_ELEMENTS (bounds), &after, error))
    return FALSE;
  if (read_device (request, api->reads->directory, query->area, subject, &local))
    query->subject = subject;
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  query->after = (guint64) after;
  query->limit = (guint) limit;
  return TRUE;
}

static gboolean
answer_conflicts (PtRequest *request, gpointer context, GError **error)
{
  const PtApiReports *api = context;
  g_autoptr (GArray) conflicts = g_array_new (FALSE, FALSE, sizeof (Conflict));
  g_autoptr (PtJsonText) json = NULL;
  g_autofree char *cursor = NULL;
  PtEvidenceQuery query = { 0 };
  PtSubject subject;

  g_array_set_clear_func (conflicts, conflict_clear);
  if (!read_query (request, api, &query, &subject, error)
      || !pt_store_evidence (api->reads->store, &query, take_conflict, conflicts, error))
    return FALSE;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "conflicts");
  for (guint i = 0; i < conflicts->len; i++)
    if (!write_conflict (api, &g_array_index (conflicts, Conflict, i), json, error))
      return FALSE;
  pt_json_text_end_array (json);
  if (conflicts->len == query.limit)
    cursor = g_strdup_printf ("%" G_GUINT64_FORMAT,
                              g_array_index (conflicts, Conflict, conflicts->len - 1).number);
  pt_request_write_next (request, json, conflicts_filters, cursor, query.limit);
  pt_json_text_end_object (json);
  pt_request_take_json (request, g_steal_pointer (&json));
  return TRUE;
}

const PtRoute pt_api_conflicts_routes[] = {
  { "GET", "/api/v1/conflicts", answer_conflicts, PT_RUNS_ON_PROVER, .open = TRUE },
  { NULL },
};
