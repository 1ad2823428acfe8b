/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api-office.h"
#include "pt-encoding.h"
#include "pt-form.h"
#include "pt-private.h"
#include "pt-store-complaints.h"

#define BODY_MAX 8192
#define REASON_MAX 2000

static gint32
area_number (const PtApiOffice *api, const char *id)
{
  PtDirectory *directory = api->reads->directory;
  const PtArea *area;
  gint32 number;

  pt_door_begin_read (&directory->door);
  area = pt_registry_area (directory->registry, pt_span (id, strlen (id)));
  number = area != NULL ? (gint32) area->number : -1;
  pt_door_end_read (&directory->door);
  return number;
}

/* PtPrivateView */

typedef struct
{
  PtJsonText *json;
  const char *area, *complaint;
  gint64 n;
} Wanted;

/* A text as it stands in the private part, still escaped. */
static void
write_escaped (PtJsonText *json, const char *name, PtSpan text)
{
  g_autofree char *quoted = g_strdup_printf ("\"%.*s\"", (int) text.size, text.data);

  pt_json_text_raw (json, name, quoted, text.size + 2);
}

static void
write_photo (const Wanted *wanted, const PtPhoto *photo)
{
  char hex[2 * PT_HASH_SIZE + 1] = "";
  g_autofree char *url = NULL;

  pt_hex_encode (photo->sent.bytes, PT_HASH_SIZE, hex, sizeof hex);
  url = g_strdup_printf ("/api/v1/complaints/%s/%s/photos/%s", wanted->area, wanted->complaint,
                         hex);
  pt_json_text_begin_object (wanted->json, NULL);
  pt_json_text_string (wanted->json, "sha256", hex);
  pt_json_text_string (wanted->json, "url", url);
  pt_json_text_end_object (wanted->json);
}

static void
write_words (const Wanted *wanted, const PtPrivateRow *row)
{
  PtPrivate part;
  gsize size;
  const char *bytes = g_bytes_get_data (row->text, &size);

  if (!pt_private_parse (pt_span (bytes, size), &part, NULL))
    return;
  write_escaped (wanted->json, "text", part.text);
  write_escaped (wanted->json, "contact", part.contact);
  pt_json_text_begin_array (wanted->json, "photos");
  for (guint i = 0; i < row->photo_count; i++)
    write_photo (wanted, &row->photos[i]);
  pt_json_text_end_array (wanted->json);
}

/* A PtPrivateRowFunc: one that is hidden, or forgotten, leaves a word in its place. */
static gboolean
write_row (const PtPrivateRow *row, gpointer data, GError **error)
{
  const Wanted *wanted = data;

  if (row->n != wanted->n)
    return row->n < wanted->n;
  pt_json_text_begin_object (wanted->json, "private");
  if (row->text == NULL)
    pt_json_text_boolean (wanted->json, "erased", TRUE);
  else if (!row->hidden)
    write_words (wanted, row);
  if (row->hidden)
    pt_json_text_boolean (wanted->json, "hidden", TRUE);
  pt_json_text_end_object (wanted->json);
  return FALSE;
}

static gboolean
private_write (PtJsonText *json, const char *area, const char *complaint, gint64 n,
               gpointer user_data, GError **error)
{
  const PtApiOffice *api = user_data;
  Wanted wanted = { json, area, complaint, n };
  gint32 number = area_number (api, area);

  return number < 0
         || pt_store_privates (api->reads->store, (guint32) number, complaint, write_row, &wanted,
                               error);
}

static gboolean
private_may_see (PtRequest *request, const char *area, gpointer user_data)
{
  const PtApiOffice *api = user_data;
  PtSession session;

  return pt_api_session (request, api->office, area, PT_ROLES_ALL, &session, NULL);
}

PtPrivateView
pt_api_private_view (PtApiOffice *api)
{
  g_return_val_if_fail (api != NULL, ((PtPrivateView){ 0 }));

  return (PtPrivateView){ private_may_see, private_write, api };
}

/* GET /complaints/{area}/{id}/photos/{sha256} */

typedef struct
{
  const PtHash *sent;
  gboolean is_hidden;
} Sought;

/* A PtPrivateRowFunc. */
static gboolean
find_hidden (const PtPrivateRow *row, gpointer data, GError **error)
{
  Sought *sought = data;

  for (guint i = 0; i < row->photo_count; i++)
    if (memcmp (&row->photos[i].sent, sought->sent, sizeof (PtHash)) == 0)
      sought->is_hidden |= row->hidden;
  return TRUE;
}

static gboolean
refuse (GError **error, PtErrorCode code, const char *sentence)
{
  g_set_error_literal (error, PT_ERROR, (int) code, sentence);
  return FALSE;
}

static gboolean
find_photo (const PtApiOffice *api, gint32 area, const char *complaint, const PtHash *sent,
            PtPhoto *photo, GError **error)
{
  Sought sought = { .sent = sent };

  if (area < 0)
    return refuse (error, PT_ERROR_UNKNOWN_AREA, "There is no area of this name.");
  if (!pt_store_privates (api->reads->store, (guint32) area, complaint, find_hidden, &sought, error)
      || (!sought.is_hidden
          && !pt_store_photo (api->reads->store, (guint32) area, complaint, sent, photo, error)))
    return FALSE;
  return photo->bytes != NULL
         || refuse (error, PT_ERROR_NOT_FOUND,
                    sought.is_hidden ? "This photo is hidden."
                                     : "The complaint has no such photo, or not any more.");
}

static gboolean
answer_photo (PtRequest *request, gpointer context, GError **error)
{
  const PtApiOffice *api = context;
  const char *area = request->parts[0], *complaint = request->parts[1], *name = request->parts[2];
  PtPhoto photo = { 0 };
  PtSession session;
  PtHash sent;

  if (!pt_api_session (request, api->office, area, PT_ROLES_ALL, &session, error))
    return FALSE;
  if (!pt_hex_decode (pt_span (name, strlen (name)), sent.bytes, PT_HASH_SIZE))
    return refuse (error, PT_ERROR_MALFORMED, "A photo's name is a SHA-256 in lower-case hex.");
  if (!find_photo (api, area_number (api, area), complaint, &sent, &photo, error))
    return FALSE;
  request->status = SOUP_STATUS_OK;
  request->content_type = "image/jpeg";
  request->body = g_steal_pointer (&photo.bytes);
  request->cache_control = "no-store";
  pt_request_add_header (request, "X-Content-Type-Options", "nosniff");
  return TRUE;
}

/* POST /complaints/{area}/{id}/hide */

static gboolean
take_hide (PtRequest *request, gpointer context, GError **error)
{
  static const char *const names[] = { "n", "hidden", "reason", NULL };
  const PtApiOffice *api = context;
  const char *area = request->parts[0], *complaint = request->parts[1], *reason;
  g_autoptr (PtForm) form = NULL;
  PtSession session;
  gboolean hidden;
  gint64 n;

  if (!pt_api_session (request, api->office, area, PT_ROLES_ACTING, &session, error))
    return FALSE;
  form = pt_form_read (request->content, names, error);
  if (form == NULL || !pt_form_integer (form, "n", 1, PT_INTEGER_MAX, &n, error)
      || !pt_form_boolean (form, "hidden", &hidden, error)
      || !pt_form_need_text (form, "reason", REASON_MAX, &reason, error)
      || !pt_store_hide (api->reads->store, (guint32) area_number (api, area), complaint, n, hidden,
                         error))
    return FALSE;
  g_message ("%s of %s has %s the words of complaint %s, step %" G_GINT64_FORMAT ": %s",
             session.official, area, hidden ? "hidden" : "shown", complaint, n, reason);
  pt_request_take_text (request, "application/json",
                        g_string_new (hidden ? "{\"hidden\":true}\n" : "{\"hidden\":false}\n"));
  return TRUE;
}

const PtRoute pt_api_private_routes[] = {
  { "GET", "/api/v1/complaints/*/*/photos/*", answer_photo, PT_RUNS_ON_READER, .open = TRUE },
  { "POST", "/api/v1/complaints/*/*/hide", take_hide, PT_RUNS_ON_READER, .body_max = BODY_MAX },
  { NULL },
};
