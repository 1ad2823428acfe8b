/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-json-bounds.h"

#include "pt-base.h"

gboolean
pt_json_is_shallow (const char *data, gsize size, guint depth_max)
{
  gboolean in_string = FALSE;
  guint depth = 0;

  for (gsize i = 0; i < size; i++)
    {
      if (in_string && data[i] == '\\')
        i++;
      else if (data[i] == '"')
        in_string = !in_string;
      else if (!in_string && (data[i] == '{' || data[i] == '[') && ++depth > depth_max)
        return FALSE;
      else if (!in_string && (data[i] == '}' || data[i] == ']') && depth > 0)
        depth--;
    }
  return TRUE;
}

gboolean
pt_json_read_whole (JsonNode *node, gint64 *out)
{
  GType type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;
  double value;

  g_return_val_if_fail (out != NULL, FALSE);

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  value = json_node_get_double (node);
  if (!(value >= -(double) PT_INTEGER_MAX && value <= (double) PT_INTEGER_MAX)
      || value != (double) (gint64) value)
    return FALSE;
  *out = type == G_TYPE_INT64 ? json_node_get_int (node) : (gint64) value;
  return TRUE;
}
