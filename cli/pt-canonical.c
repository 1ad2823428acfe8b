/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-canonical.h"

#include <string.h>

#include "pt-json.h"

static void
write_string (GString *out, const char *text)
{
  gsize room = 6 * strlen (text) + 2;
  g_autofree char *buffer = g_malloc (room);
  PtJsonWriter writer;

  pt_json_writer_init (&writer, buffer, room);
  pt_json_write_string (&writer, pt_span (text, strlen (text)));
  g_string_append_len (out, writer.data, (gssize) writer.size);
}

static void write_node (GString *out, JsonNode *node, guint depth);

static void
write_object (GString *out, JsonObject *object, guint depth)
{
  g_autoptr (GList) names = g_list_sort (json_object_get_members (object), (GCompareFunc) strcmp);

  g_string_append_c (out, '{');
  for (GList *l = names; l != NULL; l = l->next)
    {
      if (l != names)
        g_string_append_c (out, ',');
      write_string (out, l->data);
      g_string_append_c (out, ':');
      write_node (out, json_object_get_member (object, l->data), depth);
    }
  g_string_append_c (out, '}');
}

static void
write_array (GString *out, JsonArray *array, guint depth)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      write_node (out, json_array_get_element (array, i), depth);
    }
  g_string_append_c (out, ']');
}

static void
write_node (GString *out, JsonNode *node, guint depth)
{
  if (depth > PT_JSON_DEPTH_MAX)
    return;
  if (JSON_NODE_HOLDS_OBJECT (node))
    write_object (out, json_node_get_object (node), depth + 1);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    write_array (out, json_node_get_array (node), depth + 1);
  else if (json_node_get_value_type (node) == G_TYPE_STRING)
    write_string (out, json_node_get_string (node));
  else if (json_node_get_value_type (node) == G_TYPE_INT64)
    g_string_append_printf (out, "%" G_GINT64_FORMAT, json_node_get_int (node));
  else
    g_string_append (out, "null");
}

char *
pt_canonical_json (JsonNode *node)
{
  GString *out = NULL;

  g_return_val_if_fail (node != NULL, NULL);
  out = g_string_new (NULL);
  write_node (out, node, 0);
  return g_string_free (out, FALSE);
}
