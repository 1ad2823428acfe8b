/* SPDX-License-Identifier: Apache-2.0 */

/* GET /officials: how officials are registered, all of them or those named. */

#include <string.h>

#include "pt-api.h"
#include "pt-error.h"

#define PAGE_MAX 1000
#define PAGE_DEFAULT 100
#define BODIES_MAX 100 /* registrations of one */

static void
write_row (PtJsonText *json, const PtArea *area, const PtOfficial *official)
{
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", area->id);
  pt_json_text_base64url (json, "key", official->public_key, PT_PUBLIC_KEY_SIZE);
  pt_json_text_string (json, "name", official->name);
  pt_json_text_string (json, "official", official->id);
  pt_json_text_string (json, "role", pt_role_name ((PtRole) official->role));
  pt_json_text_string (json, "status", pt_status_name ((PtStatus) official->status));
  pt_json_text_integer (json, "ts", official->registered);
  pt_json_text_end_object (json);
}

static void
write_named (PtJsonText *json, PtArea *area, PtSpan id)
{
  const PtOfficial *official = pt_registry_official (area, id);

  if (official != NULL)
    write_row (json, area, official);
}

/* One of a page, by the number that it got when it was first registered. */
typedef struct
{
  const PtArea *area;
  const PtOfficial *official;
} Row;

static int
by_number (gconstpointer a, gconstpointer b)
{
  const guint32 one = ((const Row *) a)->official->number;
  const guint32 other = ((const Row *) b)->official->number;

  return (one > other) - (one < other);
}

/* All of the area (-1: of every area) from number @from on, in order. */
static GArray *
find_rows (PtRegistry *registry, gint32 wanted, gint64 from)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (Row));

  for (guint number = 0; number < pt_registry_area_count (registry); number++)
    {
      const PtArea *area = pt_registry_area_at (registry, number);
      GHashTableIter iter;
      gpointer official;

      if (wanted >= 0 && (guint) wanted != number)
        continue;
      g_hash_table_iter_init (&iter, area->officials);
      while (g_hash_table_iter_next (&iter, NULL, &official))
        if (((const PtOfficial *) official)->number >= from)
          g_array_append_val (rows, ((Row){ area, official }));
    }
  g_array_sort (rows, by_number);
  return rows;
}

static gboolean
answer_page (PtRequest *request, PtDirectory *directory, gint64 from, guint limit, GError **error)
{
  static const char *const filters[] = { "area", NULL };
  g_autoptr (GArray) rows = NULL;
  g_autofree char *cursor = NULL;
  PtJsonText *json;
  gint32 wanted;

  if (!pt_request_area (request, directory, &wanted, error))
    return FALSE;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "officials");
  pt_door_begin_read (&directory->door);
  rows = find_rows (directory->registry, wanted, from);
  for (guint i = 0; i < MIN (rows->len, limit); i++)
    write_row (json, g_array_index (rows, Row, i).area, g_array_index (rows, Row, i).official);
  if (rows->len > limit)
    cursor = g_strdup_printf ("%u", g_array_index (rows, Row, limit).official->number);
  pt_door_end_read (&directory->door);
  pt_json_text_end_array (json);
  pt_request_write_next (request, json, filters, cursor, limit);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

static gboolean
answer_officials (PtRequest *request, gpointer context, GError **error)
{
  static const PtBounds bounds[] = { { 0, PT_CURSOR_NUMBER_MAX } };
  PtDirectory *directory = ((const PtReads *) context)->directory;
  gint64 limit, from = 0;

  /* Those named have no pages, but nonsense is told all the same. */
  if (!pt_request_integer (request, "limit", 1, PAGE_MAX, PAGE_DEFAULT, &limit, error)
      || !pt_request_cursor (request, bounds, 1, &from, error))
    return FALSE;
  return pt_request_value (request, "official") != NULL
             ? pt_api_answer_named (request, directory, "official", "officials", write_named, error)
             : answer_page (request, directory, from, (guint) limit, error);
}

/* GET /officials/{area}/{official}: all that the authority ever signed of one, for who checks what
 * it signed. */

static gboolean
find_official (PtDirectory *directory, const char *const *parts, PtSubject *out, GError **error)
{
  const PtOfficial *official = NULL;
  PtArea *area;

  pt_door_begin_read (&directory->door);
  area = pt_registry_area (directory->registry, pt_span (parts[0], strlen (parts[0])));
  if (area != NULL)
    official = pt_registry_official (area, pt_span (parts[1], strlen (parts[1])));
  if (official != NULL)
    *out = pt_subject_official (official->number);
  pt_door_end_read (&directory->door);
  if (official == NULL)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                         "The area has no official of this name.");
  return official != NULL;
}

static gboolean
answer_registrations (PtRequest *request, gpointer context, GError **error)
{
  const PtReads *reads = context;
  const char *const parts[] = { request->parts[0], request->parts[1] };
  g_autoptr (GPtrArray) bodies = NULL;
  PtJsonText *json = NULL;
  PtSubject subject;

  if (!find_official (reads->directory, parts, &subject, error))
    return FALSE;
  bodies = pt_store_subject_bodies (reads->store, subject, error);
  if (bodies == NULL)
    return FALSE;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", parts[0]);
  pt_json_text_string (json, "official", parts[1]);
  pt_json_text_begin_array (json, "registrations");
  for (guint i = 0; i < MIN (bodies->len, BODIES_MAX); i++)
    {
      GBytes *body = g_ptr_array_index (bodies, i);
      g_autofree char *text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));

      pt_json_text_string (json, NULL, text);
    }
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

const PtRoute pt_api_officials_routes[] = {
  { "GET", "/api/v1/officials", answer_officials, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/officials/*/*", answer_registrations, PT_RUNS_ON_READER, .open = TRUE },
  { NULL },
};
