/* SPDX-License-Identifier: Apache-2.0 */
#include <json-glib/json-glib.h>

#include "pt-api.h"
#include "pt-json-bounds.h"

#define BODY_MAX 1024
#define DEPTH_MAX 2

/* {"now":ms} */
static gboolean
read_now (PtRequest *request, gint64 *now, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root = NULL, *member = NULL;
  gsize size;
  const char *data = g_bytes_get_data (request->content, &size);

  if (size > 0 && pt_json_is_shallow (data, size, DEPTH_MAX)
      && json_parser_load_from_data (parser, data, (gssize) size, NULL))
    root = json_parser_get_root (parser);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    member = json_object_get_member (json_node_get_object (root), "now");
  *now = -1;
  if (member != NULL && json_object_get_size (json_node_get_object (root)) == 1)
    pt_json_read_whole (member, now);
  if (*now >= 0)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                       "Send {\"now\":...}, milliseconds since 1970.");
  return FALSE;
}

static gboolean
step_clock (PtRequest *request, gpointer context, GError **error)
{
  const PtApiClock *api = context;
  PtJsonText *json;
  gint64 now;

  if (!read_now (request, &now, error))
    return FALSE;
  if (api->stepper == NULL)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
                   "The clock is %s and goes by itself. Write source=stepped in [clock] and start "
                   "the daemon again to step it.",
                   pt_clock_source_name (pt_clock_source (api->clock)));
      return FALSE;
    }
  if (pt_admission_is_closed (api->admission))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_BUSY, "The daemon is ending.");
      return FALSE;
    }
  if (!pt_stepper_move (api->stepper, now, error))
    return FALSE;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_integer (json, "now", pt_clock_now (api->clock));
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

const PtRoute pt_api_clock_routes[] = {
  { "POST", "/api/v1/clock", step_clock, PT_RUNS_ON_READER, .needs = PT_NEEDS_ADMIN,
    .body_max = BODY_MAX },
  { NULL },
};
