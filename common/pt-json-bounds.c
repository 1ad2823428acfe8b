/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-json-bounds.h"

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
