/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rpc-private.h"

#include <string.h>

#include "pt-error.h"

#define DATA_MAX (256 * 1024) /* bytes of one log, code or call's answer */

gboolean
pt_rpc_set_nonsense (PtRpc *rpc, GError **error, const char *method, const char *what)
{
  g_return_val_if_fail (rpc != NULL, FALSE);

  rpc->fault = PT_RPC_NONSENSE;
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
               "the chain's endpoint answered %s with nonsense: %s", method, what);
  return FALSE;
}

/* Values of JSON: quantities and data of EIP-1474. */

const char *
pt_rpc_node_text (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

const char *
pt_rpc_member_text (JsonObject *object, const char *name)
{
  return pt_rpc_node_text (json_object_get_member (object, name));
}

gboolean
pt_rpc_is_quantity (const char *text, gsize max_digits)
{
  gsize length;

  if (text == NULL || !g_str_has_prefix (text, "0x"))
    return FALSE;
  length = strlen (text + 2);
  if (length == 0 || length > max_digits || (text[2] == '0' && length > 1))
    return FALSE;
  return strspn (text + 2, "0123456789abcdefABCDEF") == length;
}

gboolean
pt_rpc_parse_quantity (const char *text, guint64 *out)
{
  *out = 0;
  if (!pt_rpc_is_quantity (text, 16))
    return FALSE;
  *out = g_ascii_strtoull (text + 2, NULL, 16);
  return TRUE;
}

gboolean
pt_rpc_parse_hex (const char *digits, gsize size, guint8 *out)
{
  for (gsize i = 0; i < size; i++)
    {
      int high = g_ascii_xdigit_value (digits[2 * i]);
      int low = high < 0 ? -1 : g_ascii_xdigit_value (digits[2 * i + 1]);

      if (low < 0)
        return FALSE;
      out[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

gboolean
pt_rpc_parse_fixed (const char *text, guint8 *out, gsize size)
{
  memset (out, 0, size);
  return text != NULL && g_str_has_prefix (text, "0x") && strlen (text) == 2 + 2 * size
         && pt_rpc_parse_hex (text + 2, size, out);
}

GBytes *
pt_rpc_parse_data (const char *text)
{
  g_autofree guint8 *bytes = NULL;
  gsize size;

  if (text == NULL || !g_str_has_prefix (text, "0x"))
    return NULL;
  size = strlen (text + 2);
  if (size % 2 != 0 || size / 2 > DATA_MAX)
    return NULL;
  size /= 2;
  bytes = g_malloc (size + 1);
  if (!pt_rpc_parse_hex (text + 2, size, bytes))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&bytes), size);
}

void
pt_rpc_append_hex (GString *string, const guint8 *data, gsize size)
{
  static const char digits[] = "0123456789abcdef";

  g_string_append (string, "0x");
  for (gsize i = 0; i < size; i++)
    {
      g_string_append_c (string, digits[data[i] >> 4]);
      g_string_append_c (string, digits[data[i] & 15]);
    }
}

void
pt_rpc_append_hex_member (GString *string, const char *name, const guint8 *data, gsize size)
{
  g_string_append_printf (string, "\"%s\":\"", name);
  pt_rpc_append_hex (string, data, size);
  g_string_append_c (string, '"');
}
