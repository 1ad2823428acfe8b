/* SPDX-License-Identifier: Apache-2.0 */
#include "complaint-desk.h"

#include <string.h>

#include "complaint-post.h"
#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "official-login.h"

static PtSpan
span (const char *text)
{
  return text != NULL ? pt_span (text, strlen (text)) : (PtSpan){ 0 };
}

/* What is asked of the desk, and the entry that has to come of it. */
typedef struct
{
  const char *area, *path;
  JsonObject *body;
  PtEntry wanted;
  const char *receipt_file;
} Asking;

/* Whether the service signed what was asked for. */
static gboolean
is_ours (const PtEntry *wanted, const PtEntry *stored)
{
  return stored->kind == PT_ENTRY_ACTION && stored->action == wanted->action
         && pt_is_service (stored->by) && pt_span_equal (stored->area, wanted->area)
         && pt_span_equal (stored->category, wanted->category)
         && pt_span_equal (stored->site, wanted->site) && stored->lat == wanted->lat
         && stored->lon == wanted->lon && stored->n >= wanted->n
         && (wanted->complaint.size == 0 || pt_span_equal (stored->complaint, wanted->complaint));
}

static JsonNode *
send (PtHttpClient *client, const char *url, const Asking *asking, const char *official,
      const PtActor *actor, GError **error)
{
  g_autofree char *whole = g_strconcat (url, asking->path, NULL);
  g_autoptr (GBytes) body = pt_cli_body (asking->body);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GBytes) answer = NULL, receipt = NULL;
  JsonObject *object;
  PtEntry stored;

  if (!pt_official_log_in (client, url, asking->area, official, actor, error))
    return NULL;
  answer = pt_http_client_post_ok (client, whole, "application/json", body, error);
  if (answer == NULL)
    return NULL;
  object = pt_cli_object (parser, answer);
  if (pt_entry_parse (span (object != NULL ? pt_cli_string (object, "entry", "") : ""),
                      PT_ENTRY_STORED, &stored)
          != PT_OK
      || !is_ours (&asking->wanted, &stored))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   _ ("the daemon says it stored something else than was asked for"));
      return NULL;
    }
  receipt = pt_post_receipt (object, &stored, error);
  if (receipt == NULL || !pt_post_keep_receipt (receipt, asking->receipt_file, error))
    return NULL;
  return json_parser_steal_root (parser);
}

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

JsonNode *
pt_complaint_desk_file (PtHttpClient *client, const char *url, const PtDeskFiling *filing,
                        const char *official, const PtActor *actor, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();

  g_return_val_if_fail (filing != NULL && official != NULL && actor != NULL, NULL);
  set_text (object, "area", filing->area);
  set_text (object, "category", filing->category);
  set_text (object, "site", filing->site);
  if (filing->site == NULL)
    {
      json_object_set_int_member (object, "lat", filing->lat);
      json_object_set_int_member (object, "lon", filing->lon);
    }
  set_text (object, "text", filing->text);
  set_text (object, "contact", filing->contact);
  set_text (object, "by", filing->by);
  return send (client, url,
               &(Asking){ .area = filing->area,
                          .path = "/api/v1/complaints/desk",
                          .body = object,
                          .wanted = { .action = PT_ACTION_FILE,
                                      .area = span (filing->area),
                                      .category = span (filing->category),
                                      .site = span (filing->site),
                                      .lat = filing->site == NULL ? filing->lat : 0,
                                      .lon = filing->site == NULL ? filing->lon : 0,
                                      .n = 1 },
                          .receipt_file = filing->receipt_file },
               official, actor, error);
}

JsonNode *
pt_complaint_desk_act (PtHttpClient *client, const char *url, const PtComplaintKnown *known,
                       const PtDeskAction *action, const char *official, const PtActor *actor,
                       GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *path = NULL;

  g_return_val_if_fail (known != NULL && action != NULL && official != NULL && actor != NULL, NULL);
  path = g_strdup_printf ("/api/v1/complaints/%s/%s/desk", known->area, known->id);
  set_text (object, "action", pt_action_name (action->action));
  set_text (object, "text", action->text);
  set_text (object, "contact", action->contact);
  set_text (object, "by", action->by);
  return send (client, url,
               &(Asking){ .area = known->area,
                          .path = path,
                          .body = object,
                          .wanted = { .action = action->action,
                                      .area = span (known->area),
                                      .complaint = span (known->id),
                                      .site = span (known->site),
                                      .lat = known->lat,
                                      .lon = known->lon,
                                      .n = known->n + 1 },
                          .receipt_file = action->receipt_file },
               official, actor, error);
}

const char *
pt_complaint_desk_fault (const char *by)
{
  static const char *const ways[] = { "desk", "telephone", "sms", NULL };

  g_return_val_if_fail (by != NULL, NULL);
  return g_strv_contains (ways, by) ? NULL : _ ("--for is desk, telephone or sms");
}
