/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-request.h"

#include <string.h>

#include "pt-base.h"
#include "pt-body.h"
#include "pt-error.h"

PtRequest *
pt_request_new (SoupServerMessage *message, const char *path, GHashTable *query,
                PtRouteMatch *match)
{
  PtRequest *request;

  g_return_val_if_fail (SOUP_IS_SERVER_MESSAGE (message) && match->route != NULL, NULL);

  request = g_atomic_rc_box_new0 (PtRequest);
  request->message = g_object_ref (message);
  request->asked = g_get_monotonic_time ();
  request->is_head = soup_server_message_get_method (message) == SOUP_METHOD_HEAD;
  request->path = g_strdup (path);
  request->query = query != NULL ? g_hash_table_ref (query) : NULL;
  request->content = pt_body_take (message);
  request->route = match->route;
  request->context = match->context;
  request->parts = g_steal_pointer (&match->parts);
  return request;
}

PtRequest *
pt_request_ref (PtRequest *request)
{
  g_return_val_if_fail (request != NULL, NULL);

  return g_atomic_rc_box_acquire (request);
}

static void
request_clear (gpointer data)
{
  PtRequest *request = data;

  if (request->source_free != NULL)
    request->source_free (request->source);
  g_clear_pointer (&request->piece, g_bytes_unref);
  g_clear_error (&request->error);
  g_clear_pointer (&request->headers, soup_message_headers_unref);
  g_clear_pointer (&request->body, g_bytes_unref);
  g_clear_pointer (&request->pieces, g_ptr_array_unref);
  g_free (request->location);
  g_free (request->etag);
  g_bytes_unref (request->content);
  g_clear_pointer (&request->query, g_hash_table_unref);
  g_strfreev (request->parts);
  g_free (request->path);
  g_object_unref (request->message);
}

void
pt_request_unref (PtRequest *request)
{
  g_return_if_fail (request != NULL);

  g_atomic_rc_box_release_full (request, request_clear);
}

/* What was asked */

const char *
pt_request_header (PtRequest *request, const char *name)
{
  g_return_val_if_fail (request != NULL && name != NULL, NULL);

  return soup_message_headers_get_list (soup_server_message_get_request_headers (request->message),
                                        name);
}

const char *
pt_request_value (PtRequest *request, const char *name)
{
  g_return_val_if_fail (request != NULL && name != NULL, NULL);

  return request->query != NULL ? g_hash_table_lookup (request->query, name) : NULL;
}

gboolean
pt_request_integer (PtRequest *request, const char *name, gint64 least, gint64 most,
                    gint64 fallback, gint64 *out, GError **error)
{
  const char *text;

  g_return_val_if_fail (request != NULL && name != NULL && out != NULL, FALSE);

  text = pt_request_value (request, name);
  *out = fallback;
  if (text == NULL || g_ascii_string_to_signed (text, 10, least, most, out, NULL))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               "%s must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ".", name,
               least, most);
  return FALSE;
}

gboolean
pt_request_id (PtRequest *request, const char *name, const char **id, GError **error)
{
  g_return_val_if_fail (request != NULL && name != NULL && id != NULL, FALSE);

  *id = pt_request_value (request, name);
  if (*id == NULL || pt_is_id (pt_span (*id, strlen (*id))))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               "%s is at most 64 of A-Z, a-z, 0-9 and ._:-, the first a letter or a digit.", name);
  return FALSE;
}

gboolean
pt_request_cursor (PtRequest *request, const PtBounds *bounds, guint count, gint64 *out,
                   GError **error)
{
  g_auto (GStrv) parts = NULL;
  const char *text;
  gboolean sound;

  g_return_val_if_fail (request != NULL && bounds != NULL && out != NULL, FALSE);

  text = pt_request_value (request, "cursor");
  if (text == NULL)
    return TRUE;
  parts = g_strsplit (text, ".", (gint) count + 1);
  sound = g_strv_length (parts) == count;
  for (guint i = 0; sound && i < count; i++)
    sound = g_ascii_string_to_signed (parts[i], 10, bounds[i].least, bounds[i].most, &out[i], NULL);
  if (sound)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                       "cursor must be taken from the answer before.");
  return FALSE;
}

gboolean
pt_request_area (PtRequest *request, PtDirectory *directory, gint32 *area, GError **error)
{
  const char *id;
  PtArea *found;

  g_return_val_if_fail (request != NULL && directory != NULL && area != NULL, FALSE);

  id = pt_request_value (request, "area");
  *area = -1;
  if (id == NULL)
    return TRUE;
  pt_door_begin_read (&directory->door);
  found = pt_registry_area (directory->registry, pt_span (id, strlen (id)));
  pt_door_end_read (&directory->door);
  if (found == NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_UNKNOWN_AREA,
                   "There is no area of this name. /api/v1/areas lists them.");
      return FALSE;
    }
  *area = (gint32) found->number;
  return TRUE;
}

gboolean
pt_request_has (PtRequest *request, const char *etag)
{
  g_auto (GStrv) tags = NULL;
  const char *known;

  g_return_val_if_fail (request != NULL && etag != NULL, FALSE);

  known = pt_request_header (request, "If-None-Match");
  if (known == NULL)
    return FALSE;
  tags = g_strsplit (known, ",", -1); /* ours have no comma in them */
  for (guint i = 0; tags[i] != NULL; i++)
    {
      const char *tag = g_strstrip (tags[i]);

      if (g_str_equal (g_str_has_prefix (tag, "W/") ? tag + 2 : tag, etag))
        return TRUE;
    }
  return FALSE;
}

gboolean
pt_request_takes_gzip (PtRequest *request)
{
  const char *accepted;
  GSList *codings, *found;

  g_return_val_if_fail (request != NULL, FALSE);

  accepted = pt_request_header (request, "Accept-Encoding");
  if (accepted == NULL)
    return FALSE;
  codings = soup_header_parse_quality_list (accepted, NULL); /* without those of q=0 */
  found = g_slist_find_custom (codings, "gzip", (GCompareFunc) g_ascii_strcasecmp);
  soup_header_free_list (codings);
  return found != NULL;
}

/* What is answered */

void
pt_request_take_json (PtRequest *request, PtJsonText *json)
{
  GString *text;

  g_return_if_fail (request != NULL && json != NULL);

  text = pt_json_text_free_to_string (json);
  g_string_append_c (text, '\n');
  pt_request_take_text (request, "application/json", text);
}

void
pt_request_take_text (PtRequest *request, const char *type, GString *text)
{
  g_return_if_fail (request != NULL && type != NULL && text != NULL);

  request->status = SOUP_STATUS_OK;
  request->content_type = type;
  request->body = g_string_free_to_bytes (text);
}

void
pt_request_take_pieces (PtRequest *request, const char *type, GPtrArray *pieces)
{
  g_return_if_fail (request != NULL && type != NULL && pieces != NULL && request->pieces == NULL);

  request->status = SOUP_STATUS_OK;
  request->content_type = type;
  request->pieces = pieces;
  request->length = 0;
  for (guint i = 0; i < pieces->len; i++)
    request->length += (goffset) g_bytes_get_size (g_ptr_array_index (pieces, i));
}

void
pt_request_add_header (PtRequest *request, const char *name, const char *value)
{
  g_return_if_fail (request != NULL && name != NULL && value != NULL);

  if (request->headers == NULL)
    request->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  soup_message_headers_replace (request->headers, name, value);
}

void
pt_request_retry_after (PtRequest *request, guint seconds)
{
  char text[16];

  g_return_if_fail (request != NULL);

  g_snprintf (text, sizeof text, "%u", seconds);
  pt_request_add_header (request, "Retry-After", text);
}

void
pt_request_take_stream (PtRequest *request, goffset length, PtPieceFunc next, gpointer source,
                        GDestroyNotify source_free)
{
  g_return_if_fail (next != NULL && request->next == NULL);

  request->length = length;
  request->next = next;
  request->source = source;
  request->source_free = source_free;
}

void
pt_request_keep (PtRequest *request, const char *const *filters, GString *address)
{
  g_return_if_fail (request != NULL && filters != NULL && address != NULL);

  for (guint i = 0; filters[i] != NULL; i++)
    {
      const char *value = pt_request_value (request, filters[i]);
      g_autofree char *escaped = value != NULL ? g_uri_escape_string (value, NULL, FALSE) : NULL;

      if (escaped != NULL)
        g_string_append_printf (address, "&%s=%s", filters[i], escaped);
    }
}

static char *
next_page (PtRequest *request, const char *const *filters, const char *cursor, guint limit)
{
  GString *next = g_string_new (request->path);

  g_string_append_printf (next, "?limit=%u&cursor=%s", limit, cursor);
  pt_request_keep (request, filters, next);
  return g_string_free (next, FALSE);
}

void
pt_request_write_next (PtRequest *request, PtJsonText *json, const char *const *filters,
                       const char *cursor, guint limit)
{
  g_return_if_fail (request != NULL && filters != NULL && request->location == NULL);

  if (cursor != NULL)
    request->location = next_page (request, filters, cursor, limit);
  pt_json_text_string (json, "next", request->location);
}
