/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-request.h"

#include <string.h>

void
pt_request_take_text (PtRequest *request, GString *text)
{
  request->status = 200;
  request->content_type = "application/json";
  request->body = g_string_free_to_bytes (text);
}

const char *
pt_request_value (PtRequest *request, const char *name)
{
  return request->query != NULL ? g_hash_table_lookup (request->query, name) : NULL;
}

gboolean
pt_request_integer (PtRequest *request, const char *name, gint64 least, gint64 most,
                    gint64 fallback, gint64 *out, GError **error)
{
  const char *text = pt_request_value (request, name);

  *out = fallback;
  if (text == NULL || g_ascii_string_to_signed (text, 10, least, most, out, NULL))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               "%s must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ".", name,
               least, most);
  return FALSE;
}

gboolean
pt_request_area (PtRequest *request, gint32 *area, GError **error)
{
  PtDirectory *directory = request->services->directory;
  const char *id = pt_request_value (request, "area");
  PtArea *found;

  *area = -1;
  if (id == NULL)
    return TRUE;
  g_rw_lock_reader_lock (&directory->lock);
  found = pt_registry_area (directory->registry, pt_span (id, strlen (id)));
  g_rw_lock_reader_unlock (&directory->lock);
  if (found == NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_UNKNOWN_AREA,
                   "There is no area of this name. /api/v1/areas lists them.");
      return FALSE;
    }
  *area = (gint32) found->number;
  return TRUE;
}

char *
pt_request_next_page (PtRequest *request, const char *path, const char *const *filters,
                      const char *cursor, guint limit)
{
  GString *next = g_string_new (path);

  g_string_append_printf (next, "?limit=%u&cursor=%s", limit, cursor);
  for (guint i = 0; filters[i] != NULL; i++)
    {
      const char *value = pt_request_value (request, filters[i]);

      if (value != NULL)
        {
          g_autofree char *escaped = g_uri_escape_string (value, NULL, FALSE);

          g_string_append_printf (next, "&%s=%s", filters[i], escaped);
        }
    }
  return g_string_free (next, FALSE);
}
