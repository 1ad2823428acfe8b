/* SPDX-License-Identifier: Apache-2.0 */
/* What an area promises and announces: its profile, and the notices that stand. */
#include <string.h>

#include "pt-api.h"
#include "pt-json.h"
#include "pt-store-complaints.h"

#define PROFILES_MAX 100 /* on a page */

/* The profile in force */

/* A PtSaidRowFunc. */
static gboolean
take_body (const PtSaidRow *row, gpointer body, GError **error)
{
  *(GBytes **) body = g_bytes_ref (row->body);
  return FALSE;
}

static gboolean
no_profile (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND, "The area has no profile.");
  return FALSE;
}

/* When the newest was signed, in *@ts; -1: there is none. */
static gboolean
find_profile (const PtReads *reads, const char *id, guint32 *number, gint64 *ts, GError **error)
{
  PtDirectory *directory = reads->directory;
  PtArea *area;

  pt_door_begin_read (&directory->door);
  area = pt_registry_area (directory->registry, pt_span (id, strlen (id)));
  *number = area != NULL ? area->number : 0;
  *ts = area != NULL ? pt_promises_profile_time (area->promises) : -1;
  pt_door_end_read (&directory->door);
  if (area != NULL)
    return *ts >= 0 || no_profile (error);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_UNKNOWN_AREA,
                       "There is no area of this name. /api/v1/areas lists them.");
  return FALSE;
}

static gboolean
write_profile (PtJsonText *json, const char *area, GBytes *stored, GError **error)
{
  g_autofree char *document = g_malloc (PT_PROFILE_MAX + 1);
  g_autofree char *body = NULL;
  gsize size, written = 0;
  PtEntry entry;

  body = g_strndup (g_bytes_get_data (stored, &size), g_bytes_get_size (stored));
  if (pt_entry_parse (pt_span (body, size), PT_ENTRY_STORED, &entry) != PT_OK
      || pt_json_unescape (entry.document, document, PT_PROFILE_MAX, &written) != PT_OK)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_STOP, "What is stored of %s's profile can't be read.",
                   area);
      return FALSE;
    }
  document[written] = '\0';
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", area);
  pt_json_text_string (json, "document", document);
  pt_json_text_raw (json, "profile", document, written);
  pt_json_text_string (json, "entry", body);
  pt_json_text_integer (json, "ts", entry.ts);
  pt_json_text_end_object (json);
  return TRUE;
}

static gboolean
answer_profile (PtRequest *request, gpointer context, GError **error)
{
  const PtReads *reads = context;
  const char *area = request->parts[0];
  g_autoptr (PtJsonText) json = pt_json_text_new ();
  g_autoptr (GBytes) body = NULL;
  guint32 number;
  gint64 ts;

  if (!find_profile (reads, area, &number, &ts, error)
      || !pt_store_scan_chain (reads->store, number, PT_SAID_PROFILE, "", ts, 1, take_body, &body,
                               error))
    return FALSE;
  if (body == NULL)
    return no_profile (error);
  if (!write_profile (json, area, body, error))
    return FALSE;
  pt_request_take_json (request, g_steal_pointer (&json));
  return TRUE;
}

/* GET /profiles/{area}/entries: all that were ever in force, for who checks what held when. */

typedef struct
{
  PtJsonText *json;
  guint count;
  gint64 next; /* -1: none */
} ProfilePage;

/* A PtSaidRowFunc. */
static gboolean
write_profile_entry (const PtSaidRow *row, gpointer user_data, GError **error)
{
  ProfilePage *page = user_data;
  g_autofree char *body = NULL;
  gsize size;
  const char *data = g_bytes_get_data (row->body, &size);

  if (page->count++ == PROFILES_MAX)
    {
      page->next = row->n;
      return FALSE;
    }
  body = g_strndup (data, size);
  pt_json_text_string (page->json, NULL, body);
  return TRUE;
}

static gboolean
answer_profile_entries (PtRequest *request, gpointer context, GError **error)
{
  const PtReads *reads = context;
  const char *area = request->parts[0];
  g_autoptr (PtJsonText) json = pt_json_text_new ();
  ProfilePage page = { .json = json, .next = -1 };
  gint64 from, ts;
  guint32 number;

  if (!find_profile (reads, area, &number, &ts, error)
      || !pt_request_integer (request, "from", 0, PT_CURSOR_TIME_MAX, 0, &from, error))
    return FALSE;
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", area);
  pt_json_text_begin_array (json, "entries");
  if (!pt_store_scan_chain (reads->store, number, PT_SAID_PROFILE, "", from, PROFILES_MAX + 1,
                            write_profile_entry, &page, error))
    return FALSE;
  pt_json_text_end_array (json);
  if (page.next >= 0)
    pt_json_text_integer (json, "next_from", page.next);
  pt_json_text_end_object (json);
  pt_request_take_json (request, g_steal_pointer (&json));
  return TRUE;
}

/* Notices */

void
pt_api_write_notice (PtJsonText *json, const PtNotice *notice)
{
  g_return_if_fail (json != NULL && notice != NULL);

  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", notice->area);
  pt_json_text_string (json, "notice", notice->notice);
  pt_json_text_integer (json, "n", notice->n);
  pt_json_text_hex (json, "leaf", &notice->leaf, sizeof notice->leaf);
  pt_json_text_string (json, "about", pt_about_name (notice->about));
  pt_json_text_string (json, "scope", pt_scope_name (notice->scope));
  if (notice->target != NULL)
    pt_json_text_string (json, "target", notice->target);
  pt_json_text_integer (json, "start", notice->start);
  pt_json_text_integer (json, "end", notice->end);
  pt_json_text_string (json, "by", notice->by);
  pt_json_text_string (json, "note", notice->note);
  pt_json_text_integer (json, "received", notice->received);
  pt_json_text_integer (json, "first_received", notice->first_received);
  pt_json_text_boolean (json, "announced", notice->announced);
  pt_json_text_string (json, "status", pt_status_name (notice->status));
  pt_json_text_end_object (json);
}

/* A PtNoticeFunc. */
static void
write_notice (const PtNotice *notice, gpointer json)
{
  pt_api_write_notice (json, notice);
}

/* Where the site is fed from, in *@feeder, which may be NULL; the caller frees it. */
static gboolean
find_feeder (const PtReads *reads, const char *site, gint32 *area, char **feeder, GError **error)
{
  PtDirectory *directory = reads->directory;
  GPtrArray *devices;
  const PtDevice *device;
  PtArea *found;
  guint count;

  pt_door_begin_read (&directory->door);
  found = pt_api_find_site (directory->registry, site, *area, &count);
  if (count == 1)
    {
      *area = (gint32) found->number;
      devices = g_hash_table_lookup (found->sites, site);
      device = devices != NULL && devices->len > 0 ? g_ptr_array_index (devices, 0) : NULL;
      *feeder = device != NULL ? g_strdup (device->feeder) : NULL;
    }
  pt_door_end_read (&directory->door);
  if (count == 1)
    return TRUE;
  pt_api_refuse_site (count, error);
  return FALSE;
}

static gboolean
answer_notices (PtRequest *request, gpointer context, GError **error)
{
  const PtReads *reads = context;
  g_autofree char *feeder = NULL;
  PtNoticeQuery query = { .now = pt_clock_now (reads->clock) };
  PtJsonText *json;

  if (!pt_request_area (request, reads->directory, &query.area, error)
      || !pt_request_id (request, "site", &query.site, error))
    return FALSE;
  if (query.site != NULL && !find_feeder (reads, query.site, &query.area, &feeder, error))
    return FALSE;
  query.feeder = feeder;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "notices");
  pt_notice_board_each (reads->notices, &query, write_notice, json);
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

const PtRoute pt_api_promises_routes[] = {
  { "GET", "/api/v1/profiles/*", answer_profile, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/profiles/*/entries", answer_profile_entries, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/notices", answer_notices, PT_RUNS_ON_READER, .open = TRUE },
  { NULL },
};
