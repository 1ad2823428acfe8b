/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-entry-shape.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "pt-base.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-json-bounds.h"
#include "pt-signature.h"

#define BODY_MAX 131072 /* a longer one is no entry anyhow, and is told so as a line */

static const char *
text_of (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static gboolean
all_are_plain (JsonObject *object)
{
  JsonObjectIter iter;
  JsonNode *node;
  gint64 number;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, NULL, &node))
    if (json_node_get_value_type (node) != G_TYPE_STRING && !pt_json_read_whole (node, &number))
      return FALSE;
  return TRUE;
}

static gboolean
has_entry_members (JsonObject *object)
{
  static const char *const kinds[]
      = { "report", "device", "official", "action", "profile", "notice", "lost", NULL };
  const char *area, *kind, *sig;
  guint8 signature[PT_SIGNATURE_SIZE];
  gint64 ts;

  if (!all_are_plain (object) || !pt_json_read_whole (json_object_get_member (object, "ts"), &ts)
      || ts < 0)
    return FALSE;
  area = text_of (object, "area");
  kind = text_of (object, "kind");
  sig = text_of (object, "sig");
  return area != NULL && kind != NULL && sig != NULL
         && pt_is_area_id (pt_span (area, strlen (area))) && g_strv_contains (kinds, kind)
         && pt_base64url_decode (pt_span (sig, strlen (sig)), signature, sizeof signature);
}

gboolean
pt_entry_shape_check (GBytes *body, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  const char *data;
  gsize size;

  g_return_val_if_fail (body != NULL, FALSE);

  data = g_bytes_get_data (body, &size);
  if (size > BODY_MAX)
    return TRUE;
  if (size > 0 && pt_json_is_shallow (data, size, 1)
      && json_parser_load_from_data (parser, data, (gssize) size, NULL)
      && json_parser_get_root (parser) != NULL
      && JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser))
      && has_entry_members (json_node_get_object (json_parser_get_root (parser))))
    return TRUE;
  g_set_error_literal (
      error, PT_ERROR, PT_ERROR_MALFORMED,
      "The body is no entry: an object with area, kind, sig and ts. Send the bytes "
      "as they were signed.");
  return FALSE;
}
