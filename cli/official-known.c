/* SPDX-License-Identifier: Apache-2.0 */
#include "official-known.h"

#include <string.h>

#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "register-post.h"

gboolean
pt_official_role_parse (const char *text, PtRole *out)
{
  g_return_val_if_fail (text != NULL && out != NULL, FALSE);

  for (int role = PT_ROLE_OPERATOR; role <= PT_ROLE_AUDITOR; role++)
    if (strcmp (text, pt_role_name ((PtRole) role)) == 0)
      {
        *out = (PtRole) role;
        return TRUE;
      }
  return FALSE;
}

static gboolean
parse_known (JsonObject *object, PtOfficialKnown *out)
{
  const char *key = pt_cli_string (object, "key", "");
  const char *status = pt_cli_string (object, "status", "");

  g_strlcpy (out->name, pt_cli_string (object, "name", ""), sizeof out->name);
  out->ts = pt_cli_integer (object, "ts", -1);
  out->status = strcmp (status, "active") == 0 ? PT_STATUS_ACTIVE : PT_STATUS_REVOKED;
  out->is_known = TRUE;
  return out->ts >= 0 && *out->name != '\0'
         && pt_official_role_parse (pt_cli_string (object, "role", ""), &out->role)
         && pt_base64url_decode (pt_span (key, strlen (key)), out->key, sizeof out->key);
}

static gboolean
take_page (JsonNode *page, PtOfficialKnown *out)
{
  JsonNode *list = json_object_get_member (json_node_get_object (page), "officials");
  JsonNode *first;

  if (list == NULL || !JSON_NODE_HOLDS_ARRAY (list))
    return FALSE;
  if (json_array_get_length (json_node_get_array (list)) == 0)
    return TRUE;
  first = json_array_get_element (json_node_get_array (list), 0);
  return JSON_NODE_HOLDS_OBJECT (first) && parse_known (json_node_get_object (first), out);
}

gboolean
pt_official_known_ask (PtHttpClient *client, const char *url, const char *area,
                       const char *official, PtOfficialKnown *out, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (JsonNode) page = NULL;

  g_return_val_if_fail (client != NULL && url != NULL && area != NULL, FALSE);
  g_return_val_if_fail (official != NULL && out != NULL, FALSE);

  *out = (PtOfficialKnown){ .is_known = FALSE };
  path = g_strdup_printf ("/api/v1/officials?official=%s&area=%s", official, area);
  page = pt_cli_get (client, url, path, error);
  if (page == NULL)
    return FALSE;
  if (take_page (page, out))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               _ ("%s does not say how its officials are registered; is it an older daemon?"), url);
  return FALSE;
}

char *
pt_official_known_differences (const PtEntry *wanted, const PtOfficialKnown *known)
{
  g_return_val_if_fail (wanted != NULL && known != NULL, NULL);

  {
    const PtRegisterColumn columns[] = {
      { "name", !pt_span_is (wanted->name, known->name) },
      { "role", wanted->role != known->role },
      { "key", memcmp (wanted->key, known->key, sizeof known->key) != 0 },
    };

    return pt_register_differences (columns, G_N_ELEMENTS (columns));
  }
}
