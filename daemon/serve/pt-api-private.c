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

/* Whether `?hidden=show` asks for what is hidden. */
static gboolean
asks_hidden (PtRequest *request, gboolean *asks, GError **error)
{
  const char *value = pt_request_value (request, "hidden");

  *asks = value != NULL;
  if (value == NULL || strcmp (value, "show") == 0)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, "hidden: it is show, or left out.");
  return FALSE;
}

/* An officer, and whoever hid it; only when they ask for it. */
static gboolean
is_shown (const PtModeration *moderation, const PtSession *session, gboolean asks)
{
  return !moderation->hidden
         || (asks
             && (session->role == PT_ROLE_OFFICER
                 || strcmp (session->official, moderation->by) == 0));
}

/* PtPrivateView */

typedef struct
{
  const PtReads *reads;
  gint32 area;
  const char *area_id, *complaint; /* the complaint's row's */
  PtSession session;
  gboolean asks;
  gint64 to;
  GArray *rows; /* PtPrivateRow, by n */
  guint next;
} Shown;

static void
row_clear (gpointer row)
{
  pt_private_row_clear (row);
}

static void
shown_free (gpointer data)
{
  Shown *shown = data;

  g_array_unref (shown->rows);
  g_free (shown);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Shown, shown_free)

/* A PtPrivateRowFunc. */
static gboolean
keep_row (const PtPrivateRow *row, gpointer data, GError **error)
{
  Shown *shown = data;
  PtPrivateRow copy;

  if (row->n > shown->to)
    return FALSE;
  pt_private_row_copy (row, &copy);
  g_array_append_val (shown->rows, copy);
  return TRUE;
}

static gboolean
private_read (PtRequest *request, const PtComplaintRow *row, gint64 from, gint64 to,
              gpointer user_data, gpointer *out, GError **error)
{
  const PtApiOffice *api = user_data;
  g_autoptr (Shown) shown = g_new0 (Shown, 1);

  shown->rows = g_array_new (FALSE, FALSE, sizeof (PtPrivateRow));
  g_array_set_clear_func (shown->rows, row_clear);
  if (!asks_hidden (request, &shown->asks, error))
    return FALSE;
  if (!pt_api_session (request, api->office, row->area, PT_ROLES_ALL, &shown->session, NULL))
    return TRUE;
  shown->reads = api->reads;
  shown->area = (gint32) row->area_number;
  shown->area_id = row->area;
  shown->complaint = row->complaint;
  shown->to = to;
  if (!pt_store_privates (api->reads->store, row->area_number, row->complaint, from, keep_row,
                          shown, error))
    return FALSE;
  *out = g_steal_pointer (&shown);
  return TRUE;
}

/* A text as it stands in the private part, still escaped. */
static void
write_escaped (PtJsonText *json, const char *name, PtSpan text)
{
  g_autofree char *quoted = g_strdup_printf ("\"%.*s\"", (int) text.size, text.data);

  pt_json_text_raw (json, name, quoted, text.size + 2);
}

static void
write_photo (PtJsonText *json, const Shown *shown, const PtPhoto *photo, gboolean is_hidden)
{
  char hex[2 * PT_HASH_SIZE + 1] = "";
  g_autofree char *url = NULL;

  pt_hex_encode (photo->sent.bytes, PT_HASH_SIZE, hex, sizeof hex);
  url = g_strdup_printf ("/api/v1/complaints/%s/%s/photos/%s%s", shown->area_id, shown->complaint,
                         hex, is_hidden ? "?hidden=show" : "");
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "sha256", hex);
  pt_json_text_string (json, "url", url);
  pt_json_text_end_object (json);
}

static void
write_words (PtJsonText *json, const Shown *shown, const PtPrivateRow *row)
{
  PtPrivate part;
  gsize size;
  const char *bytes = g_bytes_get_data (row->text, &size);

  if (!pt_private_parse (pt_span (bytes, size), &part, NULL))
    return;
  write_escaped (json, "text", part.text);
  write_escaped (json, "contact", part.contact);
  pt_json_text_begin_array (json, "photos");
  for (guint i = 0; i < row->photo_count; i++)
    write_photo (json, shown, &row->photos[i], row->moderation.hidden);
  pt_json_text_end_array (json);
}

/* Who did it, with the office as it is registered now. */
static void
write_moderation (PtJsonText *json, const PtReads *reads, gint32 area,
                  const PtModeration *moderation)
{
  PtDirectory *directory = reads->directory;
  const PtOfficial *official;

  if (moderation->reason == NULL)
    return;
  pt_json_text_begin_object (json, "moderation");
  pt_json_text_boolean (json, "hidden", moderation->hidden);
  pt_json_text_string (json, "by", moderation->by);
  pt_door_begin_read (&directory->door);
  official = pt_registry_official (pt_registry_area_at (directory->registry, (guint32) area),
                                   pt_span (moderation->by, strlen (moderation->by)));
  if (official != NULL)
    write_escaped (json, "name", pt_span (official->name, strlen (official->name)));
  pt_door_end_read (&directory->door);
  pt_json_text_integer (json, "at", moderation->at);
  pt_json_text_string (json, "reason", moderation->reason);
  pt_json_text_end_object (json);
}

/* One that is hidden, or forgotten, leaves a word in its place. */
static void
write_row (PtJsonText *json, const Shown *shown, const PtPrivateRow *row)
{
  pt_json_text_begin_object (json, "private");
  if (row->text == NULL)
    pt_json_text_boolean (json, "erased", TRUE);
  else if (is_shown (&row->moderation, &shown->session, shown->asks))
    write_words (json, shown, row);
  if (row->moderation.hidden)
    pt_json_text_boolean (json, "hidden", TRUE);
  write_moderation (json, shown->reads, shown->area, &row->moderation);
  pt_json_text_end_object (json);
}

static void
private_write (PtJsonText *json, gint64 n, gpointer data)
{
  Shown *shown = data;
  const PtPrivateRow *rows = (PtPrivateRow *) (gpointer) shown->rows->data;

  while (shown->next < shown->rows->len && rows[shown->next].n < n)
    shown->next++;
  if (shown->next < shown->rows->len && rows[shown->next].n == n)
    write_row (json, shown, &rows[shown->next]);
}

PtPrivateView
pt_api_private_view (PtApiOffice *api)
{
  g_return_val_if_fail (api != NULL, ((PtPrivateView){ 0 }));

  return (PtPrivateView){ private_read, private_write, shown_free, api };
}

/* GET /complaints/{area}/{id}/photos/{sha256} */

static gboolean
refuse (GError **error, PtErrorCode code, const char *sentence)
{
  g_set_error_literal (error, PT_ERROR, (int) code, sentence);
  return FALSE;
}

static gboolean
answer_photo (PtRequest *request, gpointer context, GError **error)
{
  const PtApiOffice *api = context;
  const char *area = request->parts[0], *complaint = request->parts[1], *name = request->parts[2];
  g_auto (PtPhoto) photo = { 0 };
  PtModeration moderation;
  PtSession session;
  gboolean asks;
  PtHash sent;

  if (!pt_api_session (request, api->office, area, PT_ROLES_ALL, &session, error)
      || !asks_hidden (request, &asks, error))
    return FALSE;
  if (!pt_hex_decode (pt_span (name, strlen (name)), sent.bytes, PT_HASH_SIZE))
    return refuse (error, PT_ERROR_MALFORMED, "A photo's name is a SHA-256 in lower-case hex.");
  if (!pt_store_photo (api->reads->store, (guint32) area_number (api, area), complaint, &sent,
                       &photo, &moderation, error))
    return FALSE;
  if (photo.bytes == NULL)
    return refuse (error, PT_ERROR_NOT_FOUND, "The complaint has no such photo, or not any more.");
  if (!is_shown (&moderation, &session, asks))
    return refuse (error, PT_ERROR_NOT_FOUND, "This photo is hidden.");
  request->status = SOUP_STATUS_OK;
  request->content_type = "image/jpeg";
  request->body = g_steal_pointer (&photo.bytes);
  request->cache_control = "no-store";
  return TRUE;
}

/* POST /complaints/{area}/{id}/hide */

static gboolean
read_moderation (PtForm *form, PtModeration *moderation, gint64 *n, GError **error)
{
  return pt_form_integer (form, "n", 1, PT_INTEGER_MAX, n, error)
         && pt_form_boolean (form, "hidden", &moderation->hidden, error)
         && pt_form_need_text (form, "reason", REASON_MAX, &moderation->reason, error);
}

typedef struct
{
  const PtReads *reads;
  PtJsonText *json;
  gint32 area;
} Answer;

/* A PtPrivateRowFunc: of the first. */
static gboolean
write_answer (const PtPrivateRow *row, gpointer data, GError **error)
{
  const Answer *answer = data;

  pt_json_text_begin_object (answer->json, NULL);
  pt_json_text_boolean (answer->json, "hidden", row->moderation.hidden);
  write_moderation (answer->json, answer->reads, answer->area, &row->moderation);
  pt_json_text_end_object (answer->json);
  return FALSE;
}

static gboolean
take_hide (PtRequest *request, gpointer context, GError **error)
{
  static const char *const names[] = { "n", "hidden", "reason", NULL };
  const PtApiOffice *api = context;
  const char *area = request->parts[0], *complaint = request->parts[1];
  g_autoptr (PtJsonText) json = pt_json_text_new ();
  PtStore *store = api->reads->store;
  g_autoptr (PtForm) form = NULL;
  PtModeration moderation = { 0 };
  Answer answer = { api->reads, json, area_number (api, area) };
  guint32 number = (guint32) answer.area;
  PtSession session;
  gint64 n;

  if (!pt_api_session (request, api->office, area, PT_ROLES_ACTING, &session, error))
    return FALSE;
  form = pt_form_read (request->content, names, error);
  if (form == NULL || !read_moderation (form, &moderation, &n, error))
    return FALSE;
  g_strlcpy (moderation.by, session.official, sizeof moderation.by);
  moderation.at = pt_clock_now (api->office->clock);
  if (!pt_store_moderate (store, number, complaint, n, &moderation, error)
      || !pt_store_privates (store, number, complaint, n, write_answer, &answer, error))
    return FALSE;
  g_message ("%s of %s has %s the words of complaint %s, step %" G_GINT64_FORMAT ": %s",
             session.official, area, moderation.hidden ? "hidden" : "shown", complaint, n,
             moderation.reason);
  pt_request_take_json (request, g_steal_pointer (&json));
  return TRUE;
}

const PtRoute pt_api_private_routes[] = {
  { "GET", "/api/v1/complaints/*/*/photos/*", answer_photo, PT_RUNS_ON_READER, .open = TRUE },
  { "POST", "/api/v1/complaints/*/*/hide", take_hide, PT_RUNS_ON_READER, .body_max = BODY_MAX },
  { NULL },
};
