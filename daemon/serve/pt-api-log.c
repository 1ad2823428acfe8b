/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"
#include "pt-text.h"

#define BATCHES_DEFAULT 100
#define BATCHES_MAX 1000

const char *
pt_api_waits_for (const PtBatchRow *row)
{
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
    default:
      return NULL;
    }
}

void
pt_api_append_batch (GString *text, const PtBatchRow *row)
{
  const char *waits = pt_api_waits_for (row);
  char cid[PT_CID_TEXT_SIZE + 1];

  pt_cid_to_text (&row->cid, cid);
  g_string_append (text, "{\"area\":");
  pt_text_append_string (text, row->area_id);
  g_string_append_printf (
      text,
      ",\"batch\":%" G_GUINT64_FORMAT ",\"state\":\"%s\",\"from\":%" G_GINT64_FORMAT
      ",\"to\":%" G_GINT64_FORMAT ",\"prev_size\":%" G_GUINT64_FORMAT ",\"size\":%" G_GUINT64_FORMAT
      ",\"prev_root\":",
      row->batch, pt_batch_state_name (row->state), row->from, row->to, row->prev_size, row->size);
  pt_text_append_hex (text, &row->prev_root, PT_HASH_SIZE);
  g_string_append (text, ",\"root\":");
  pt_text_append_hex (text, &row->root, PT_HASH_SIZE);
  g_string_append_printf (
      text, ",\"cid\":\"%s\",\"bytes\":%" G_GUINT64_FORMAT ",\"transaction\":", cid, row->bytes);
  if (row->block != 0)
    {
      g_autoptr (GString) hash = g_string_new (NULL);

      pt_text_append_hex (hash, &row->transaction, PT_HASH_SIZE);
      g_string_append_printf (text, "\"0x%s,\"block\":%" G_GUINT64_FORMAT, hash->str + 1,
                              row->block);
    }
  else
    g_string_append (text, "null,\"block\":null");
  if (waits != NULL)
    g_string_append_printf (text, ",\"waits_for\":\"%s\"}", waits);
  else
    g_string_append (text, ",\"waits_for\":null}");
}

/* What pt_api_batches () wrote: the end of a window and an area's number. */
static gboolean
parse_cursor (const char *text, PtBatchQuery *query)
{
  g_auto (GStrv) parts = g_strsplit (text, ".", 3);
  guint64 area;

  if (g_strv_length (parts) != 2
      || !g_ascii_string_to_signed (parts[0], 10, 1, PT_INTEGER_MAX, &query->before_to, NULL)
      || !g_ascii_string_to_unsigned (parts[1], 10, 0, G_MAXUINT32, &area, NULL))
    return FALSE;
  query->before_area = (guint32) area;
  return TRUE;
}

static gboolean
read_batch_query (PtRequest *request, PtServices *services, PtBatchQuery *query, GError **error)
{
  const char *state = pt_request_value (request, "state");
  const char *cursor = pt_request_value (request, "cursor");
  PtBatchState wanted;
  gint64 limit;

  *query = (PtBatchQuery){ .state = -1 };
  if (!pt_request_area (request, services->directory, &query->area, error)
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
  if (cursor != NULL && !parse_cursor (cursor, query))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           "cursor must be taken from the answer before.");
      return FALSE;
    }
  return TRUE;
}

static const char *const batch_filters[] = { "area", "state", NULL };

static gboolean
answer_batches (PtRequest *request, gpointer context, GError **error)
{
  PtServices *services = context;
  g_autoptr (GArray) rows = NULL;
  GString *text;
  PtBatchQuery query;

  if (!read_batch_query (request, services, &query, error))
    return FALSE;
  rows = pt_store_batches (services->store, &query, error);
  if (rows == NULL)
    return FALSE;
  text = g_string_new ("{\"batches\":[");
  for (guint i = 0; i < rows->len; i++)
    {
      if (i > 0)
        g_string_append_c (text, ',');
      pt_api_append_batch (text, &g_array_index (rows, PtBatchRow, i));
    }
  g_string_append (text, "],\"next\":");
  if (rows->len == query.limit)
    {
      const PtBatchRow *last = &g_array_index (rows, PtBatchRow, rows->len - 1);
      g_autofree char *cursor = g_strdup_printf ("%" G_GINT64_FORMAT ".%u", last->to, last->area);

      request->location = pt_request_next_page (request, batch_filters, cursor, query.limit);
      pt_text_append_string (text, request->location);
    }
  else
    g_string_append (text, "null");
  g_string_append (text, "}\n");
  pt_request_take_text (request, text);
  return TRUE;
}

static gboolean
find_area (PtDirectory *directory, const char *id, guint32 *number, GError **error)
{
  PtArea *area;

  g_rw_lock_reader_lock (&directory->lock);
  area = pt_registry_area (directory->registry, pt_span (id, strlen (id)));
  g_rw_lock_reader_unlock (&directory->lock);
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
  PtServices *services = context;
  guint64 batch;
  guint32 area;
  PtBatchRow row;
  GString *text;

  if (!find_area (services->directory, request->parts[0], &area, error))
    return FALSE;
  if (!g_ascii_string_to_unsigned (request->parts[1], 10, 1, PT_INTEGER_MAX, &batch, NULL))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, "Batches are numbered from 1.");
      return FALSE;
    }
  if (!pt_archive_batch (services->archive, area, batch, &row, error))
    return FALSE;
  text = g_string_new (NULL);
  pt_api_append_batch (text, &row);
  g_string_append_c (text, '\n');
  pt_request_take_text (request, text);
  return TRUE;
}

typedef struct
{
  guint32 area, number;
  gboolean said; /* the report was accepted, whether sealed by now or not */
} FoundDevice;

/* The device of a proof; ids are an area's own, so the area has to be said where it is not clear.
 */
static gboolean
find_device (PtRequest *request, PtDirectory *directory, gint64 seq, FoundDevice *out,
             GError **error)
{
  PtRegistry *registry = directory->registry;
  const char *id = pt_request_value (request, "device");
  gint32 wanted;
  guint found = 0;

  if (id == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, "Say ?device= and &seq=.");
      return FALSE;
    }
  if (!pt_request_area (request, directory, &wanted, error))
    return FALSE;
  g_rw_lock_reader_lock (&directory->lock);
  for (guint i = 0; i < pt_registry_area_count (registry); i++)
    {
      PtArea *record = pt_registry_area_at (registry, i);
      PtDevice *there = pt_registry_device (record, pt_span (id, strlen (id)));

      if (there == NULL || (wanted >= 0 && (guint) wanted != i))
        continue;
      *out = (FoundDevice){ record->number, there->number,
                            pt_history_check (&there->history, seq) == PT_SEQ_USED };
      found++;
    }
  g_rw_lock_reader_unlock (&directory->lock);
  if (found == 1)
    return TRUE;
  g_set_error (error, PT_ERROR, found == 0 ? PT_ERROR_UNKNOWN_DEVICE : PT_ERROR_CONFLICT,
               found == 0 ? "There is no device of this name."
                          : "Several areas have a device of this name. Add &area=.");
  return FALSE;
}

static gboolean
answer_proof (PtRequest *request, gpointer context, GError **error)
{
  PtServices *services = context;
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
  if (!find_device (request, services->directory, seq, &device, error))
    return FALSE;
  request->body = pt_archive_proof (services->archive, &services->chain, device.area, device.number,
                                    seq, &local);
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
  { "GET", "/api/v1/batches", answer_batches, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/batches/*/*", answer_batch, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/proof", answer_proof, PT_RUNS_ON_READER, .open = TRUE },
  { NULL },
};
