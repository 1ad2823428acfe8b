/* SPDX-License-Identifier: Apache-2.0 */
#include "notice-known.h"

#include <string.h>

#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-i18n.h"

void
pt_notice_known_clear (PtNoticeKnown *known)
{
  g_return_if_fail (known != NULL);
  g_clear_pointer (&known->target, g_free);
  g_clear_pointer (&known->note, g_free);
}

gboolean
pt_notice_about_parse (const char *text, PtNoticeAbout *out)
{
  g_return_val_if_fail (text != NULL && out != NULL, FALSE);

  for (int about = PT_ABOUT_SHUTDOWN; about <= PT_ABOUT_ESTIMATE; about++)
    if (g_str_equal (text, pt_about_name ((PtNoticeAbout) about)))
      {
        *out = (PtNoticeAbout) about;
        return TRUE;
      }
  return FALSE;
}

static gboolean
read_scope (const char *text, PtScope *out)
{
  for (int scope = PT_SCOPE_AREA; scope <= PT_SCOPE_SITE; scope++)
    if (g_str_equal (text, pt_scope_name ((PtScope) scope)))
      {
        *out = (PtScope) scope;
        return TRUE;
      }
  return FALSE;
}

static gboolean
read_row (JsonObject *row, PtNoticeKnown *out)
{
  const char *leaf = pt_cli_string (row, "leaf", "");

  out->n = pt_cli_integer (row, "n", 0);
  out->target = g_strdup (pt_cli_string (row, "target", NULL));
  out->start = pt_cli_integer (row, "start", -1);
  out->end = pt_cli_integer (row, "end", -1);
  out->note = g_strdup (pt_cli_string (row, "note", ""));
  return out->n >= 1 && out->start >= 0 && out->end > out->start
         && pt_notice_about_parse (pt_cli_string (row, "about", ""), &out->about)
         && read_scope (pt_cli_string (row, "scope", ""), &out->scope)
         && pt_hex_decode (pt_span (leaf, strlen (leaf)), &out->last, sizeof out->last);
}

gboolean
pt_notice_known_ask (PtHttpClient *client, const char *url, const char *area, const char *notice,
                     PtNoticeKnown *out, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (JsonNode) answer = NULL;
  JsonNode *rows = NULL;

  g_return_val_if_fail (client != NULL && url != NULL && area != NULL, FALSE);
  g_return_val_if_fail (notice != NULL && out != NULL, FALSE);
  path = g_strconcat ("/api/v1/notices?area=", area, NULL);
  answer = pt_cli_get (client, url, path, error);
  if (answer == NULL)
    return FALSE;
  rows = json_object_get_member (json_node_get_object (answer), "notices");
  for (guint i = 0; rows != NULL && JSON_NODE_HOLDS_ARRAY (rows)
                    && i < json_array_get_length (json_node_get_array (rows));
       i++)
    {
      JsonNode *row = json_array_get_element (json_node_get_array (rows), i);

      if (!JSON_NODE_HOLDS_OBJECT (row)
          || !g_str_equal (pt_cli_string (json_node_get_object (row), "notice", ""), notice))
        continue;
      if (read_row (json_node_get_object (row), out))
        return TRUE;
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   _ ("%s does not say on what notice %s stands; is it an older daemon?"), url,
                   notice);
      return FALSE;
    }
  g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND, _ ("no notice %s stands in area %s"), notice,
               area);
  return FALSE;
}
