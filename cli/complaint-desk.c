/* SPDX-License-Identifier: Apache-2.0 */
#include "complaint-desk.h"

#include <string.h>

#include "complaint-post.h"
#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-session.h"

static PtSpan
span (const char *text)
{
  return text != NULL ? pt_span (text, strlen (text)) : (PtSpan){ 0 };
}

static GBytes *
make_body (const PtDeskFiling *filing)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  char *text = NULL;

  json_object_set_string_member (object, "area", filing->area);
  json_object_set_string_member (object, "category", filing->category);
  if (filing->site != NULL)
    json_object_set_string_member (object, "site", filing->site);
  else
    {
      json_object_set_int_member (object, "lat", filing->lat);
      json_object_set_int_member (object, "lon", filing->lon);
    }
  json_object_set_string_member (object, "text", filing->text);
  if (filing->contact != NULL)
    json_object_set_string_member (object, "contact", filing->contact);
  json_object_set_string_member (object, "by", filing->by);
  text = json_to_string (node, FALSE);
  return g_bytes_new_take (text, strlen (text));
}

/* Whether the service signed what was asked for. */
static gboolean
is_ours (const PtDeskFiling *filing, const PtEntry *stored)
{
  return stored->kind == PT_ENTRY_ACTION && stored->action == PT_ACTION_FILE
         && pt_span_is (stored->by, "service") && pt_span_is (stored->area, filing->area)
         && pt_span_is (stored->category, filing->category)
         && pt_span_equal (stored->site, span (filing->site))
         && (filing->site != NULL || (stored->lat == filing->lat && stored->lon == filing->lon));
}

JsonNode *
pt_complaint_desk_file (PtHttpClient *client, const char *url, const PtDeskFiling *filing,
                        const char *official, const PtActor *actor, GError **error)
{
  g_autofree char *whole = g_strconcat (url, "/api/v1/complaints/desk", NULL);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GBytes) body = NULL, answer = NULL, receipt = NULL;
  const char *entry = "";
  JsonObject *object = NULL;
  PtEntry stored;

  g_return_val_if_fail (filing != NULL && official != NULL && actor != NULL, NULL);
  if (!pt_session_open (client, url, filing->area, official, actor, error))
    return NULL;
  body = make_body (filing);
  answer = pt_http_client_post_ok (client, whole, "application/json", body, error);
  if (answer == NULL)
    return NULL;
  object = pt_cli_object (parser, answer);
  entry = object != NULL ? pt_cli_string (object, "entry", "") : "";
  if (pt_entry_parse (span (entry), PT_ENTRY_STORED, &stored) != PT_OK
      || !is_ours (filing, &stored))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   _ ("the daemon says it stored something else than was asked for"));
      return NULL;
    }
  receipt = pt_post_receipt (object, &stored, error);
  if (receipt == NULL || !pt_post_keep_receipt (receipt, filing->receipt_file, error))
    return NULL;
  return json_parser_steal_root (parser);
}
