/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"
#include "pt-encoding.h"

#define BATCHES_DEFAULT 100
#define BATCHES_MAX 1000

const char *
pt_api_waits_for (const PtBatchRow *row)
{
  g_return_val_if_fail (row != NULL, NULL);

  switch (row->state)
    {
    case PT_BATCH_SEALED:
      return "publication";
    case PT_BATCH_PUBLISHED:
      return "a transaction";
    case PT_BATCH_SUBMITTED:
      return row->block == 0 ? "its transaction to be mined" : "confirmations";
    case PT_BATCH_OPEN:
    case PT_BATCH_FINAL:
      return NULL;
    }
  g_return_val_if_reached (NULL);
}

void
pt_api_write_batch (PtJsonText *json, const PtBatchRow *row)
{
  char text[MAX (PT_CID_TEXT_SIZE, 2 + 2 * PT_HASH_SIZE) + 1];

  g_return_if_fail (json != NULL && row != NULL);

  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", row->area_id);
  pt_json_text_integer (json, "batch", (gint64) row->batch);
  pt_json_text_string (json, "state", pt_batch_state_name (row->state));
  pt_json_text_integer (json, "from", row->from);
  pt_json_text_integer (json, "to", row->to);
  pt_json_text_integer (json, "prev_size", (gint64) row->prev_size);
  pt_json_text_integer (json, "size", (gint64) row->size);
  pt_json_text_hex (json, "prev_root", &row->prev_root, PT_HASH_SIZE);
  pt_json_text_hex (json, "root", &row->root, PT_HASH_SIZE);
  pt_cid_to_text (&row->cid, text);
  pt_json_text_string (json, "cid", text);
  pt_json_text_integer (json, "bytes", (gint64) row->bytes);
  strcpy (text, "0x");
  text[2 + pt_hex_encode (&row->transaction, PT_HASH_SIZE, text + 2, 2 * PT_HASH_SIZE)] = '\0';
  pt_json_text_string (json, "transaction", row->block != 0 ? text : NULL);
  pt_json_text_time (json, "block", (gint64) row->block);
  pt_json_text_string (json, "waits_for", pt_api_waits_for (row));
  pt_json_text_end_object (json);
}

/* What answer_batches () wrote: the end of a window and an area's number. */
static const PtBounds cursor_bounds[] = { { 1, PT_CURSOR_TIME_MAX }, { 0, PT_CURSOR_NUMBER_MAX } };

static gboolean
read_batch_query (PtRequest *request, PtDirectory *directory, PtBatchQuery *query, GError **error)
{
  const char *state = pt_request_value (request, "state");
  gint64 cursor[2] = { 0 };
  PtBatchState wanted;
  gint64 limit;

  *query = (PtBatchQuery){ .state = -1 };
  if (!pt_request_area (request, directory, &query->area, error)
      || !pt_request_integer (request, "limit", 1, BATCHES_MAX, BATCHES_DEFAULT, &limit, error))
    return FALSE;
  query->limit = (guint) limit;
  if (state != NULL && (!pt_batch_state_parse (state, &wanted) || wanted == PT_BATCH_OPEN))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           "state is sealed, published, submitted or final.");
      return FALSE;
    }
  if (state != NULL)
    query->state = (gint32) wanted;
  if (!pt_request_cursor (request, cursor_bounds, G_N_ELEMENTS (cursor), cursor, error))
    return FALSE;
  query->before_to = cursor[0];
  query->before_area = (guint32) MIN (cursor[1], G_MAXUINT32);
  return TRUE;
}

static const char *const batch_filters[] = { "area", "state", NULL };

static gboolean
answer_batches (PtRequest *request, gpointer context, GError **error)
{
  const PtReads *reads = ((const PtApiLog *) context)->reads;
  g_autoptr (GArray) rows = NULL;
  g_autofree char *cursor = NULL;
  PtJsonText *json;
  PtBatchQuery query;

  if (!read_batch_query (request, reads->directory, &query, error))
    return FALSE;
  rows = pt_store_batches (reads->store, &query, error);
  if (rows == NULL)
    return FALSE;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "batches");
  for (guint i = 0; i < rows->len; i++)
    pt_api_write_batch (json, &g_array_index (rows, PtBatchRow, i));
  pt_json_text_end_array (json);
  if (rows->len == query.limit)
    {
      const PtBatchRow *last = &g_array_index (rows, PtBatchRow, rows->len - 1);

      cursor = g_strdup_printf ("%" G_GINT64_FORMAT ".%u", last->to, last->area);
    }
  pt_request_write_next (request, json, batch_filters, cursor, query.limit);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

static gboolean
find_area (PtDirectory *directory, const char *id, guint32 *number, GError **error)
{
  PtArea *area;

  pt_door_begin_read (&directory->door);
  area = pt_registry_area (directory->registry, pt_span (id, strlen (id)));
  pt_door_end_read (&directory->door);
  if (area == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_UNKNOWN_AREA,
                           "There is no area of this name. /api/v1/areas lists them.");
      return FALSE;
    }
  *number = area->number;
  return TRUE;
}

static gboolean
answer_batch (PtRequest *request, gpointer context, GError **error)
{
  const PtReads *reads = ((const PtApiLog *) context)->reads;
  guint64 batch;
  guint32 area;
  PtBatchRow row;
  PtJsonText *json;

  if (!find_area (reads->directory, request->parts[0], &area, error))
    return FALSE;
  if (!g_ascii_string_to_unsigned (request->parts[1], 10, 1, PT_INTEGER_MAX, &batch, NULL))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, "Batches are numbered from 1.");
      return FALSE;
    }
  if (!pt_archive_batch (reads->archive, area, batch, &row, error))
    return FALSE;
  json = pt_json_text_new ();
  pt_api_write_batch (json, &row);
  pt_request_take_json (request, json);
  return TRUE;
}

typedef struct
{
  guint32 area, number;
  gboolean said; /* the report was accepted, whether sealed by now or not */
} FoundDevice;

PtDevice *
pt_api_find_device (PtDirectory *directory, const char *id, gint32 area, GError **error)
{
  PtDevice *device = NULL;
  guint found = 0;

  g_return_val_if_fail (directory != NULL && id != NULL, NULL);

  pt_door_begin_read (&directory->door);
  for (guint i = 0; i < pt_registry_area_count (directory->registry); i++)
    {
      PtDevice *there = area >= 0 && (guint) area != i
                            ? NULL
                            : pt_registry_device (pt_registry_area_at (directory->registry, i),
                                                  pt_span (id, strlen (id)));

      if (there == NULL)
        continue;
      device = there;
      found++;
    }
  pt_door_end_read (&directory->door);
  if (found == 1)
    return device;
  g_set_error (error, PT_ERROR, found == 0 ? PT_ERROR_UNKNOWN_DEVICE : PT_ERROR_CONFLICT,
               found == 0 ? "There is no device of this name."
                          : "Several areas have a device of this name. Add &area=.");
  return NULL;
}

/* The device of a proof. */
static gboolean
find_device (PtRequest *request, PtDirectory *directory, gint64 seq, FoundDevice *out,
             GError **error)
{
  const char *id = pt_request_value (request, "device");
  PtDevice *device;
  gint32 area;

  if (id == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, "Say ?device= and &seq=.");
      return FALSE;
    }
  if (!pt_request_area (request, directory, &area, error))
    return FALSE;
  device = pt_api_find_device (directory, id, area, error);
  if (device == NULL)
    return FALSE;
  pt_door_begin_read (&directory->door);
  *out = (FoundDevice){ device->area->number, device->number,
                        pt_history_check (&device->history, seq) == PT_SEQ_USED };
  pt_door_end_read (&directory->door);
  return TRUE;
}

static gboolean
answer_proof (PtRequest *request, gpointer context, GError **error)
{
  const PtApiLog *api = context;
  g_autoptr (GError) local = NULL;
  FoundDevice device = { 0 };
  gint64 seq;

  if (!pt_request_integer (request, "seq", 1, PT_INTEGER_MAX, 0, &seq, error))
    return FALSE;
  if (seq == 0)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, "Say ?device= and &seq=.");
      return FALSE;
    }
  if (!find_device (request, api->reads->directory, seq, &device, error))
    return FALSE;
  request->body = pt_archive_proof (api->reads->archive, api->chain, device.area,
                                    pt_subject_device (device.number), seq, &local);
  request->status = 200;
  request->content_type = "application/json";
  if (device.said && g_error_matches (local, PT_ERROR, PT_ERROR_NOT_FOUND))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_ANCHORED,
                           "The report is in no batch yet. Try again after its window has ended.");
      return FALSE;
    }
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return request->body != NULL;
}

const PtRoute pt_api_log_routes[] = {
  { "GET", "/api/v1/batches", answer_batches, PT_RUNS_ON_PAGER, .open = TRUE },
  { "GET", "/api/v1/batches/*/*", answer_batch, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/proof", answer_proof, PT_RUNS_ON_PROVER, .open = TRUE },
  { NULL },
};
