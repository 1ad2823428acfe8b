/* SPDX-License-Identifier: Apache-2.0 */
#include "complaint-ticket.h"

#include <string.h>

#include "complaint-known.h"
#include "complaint-words.h"
#include "pt-cli.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-table.h"
#include "pt-text.h"

void
pt_complaint_ticket_clear (PtComplaintTicket *ticket)
{
  g_return_if_fail (ticket != NULL);
  g_clear_pointer (&ticket->node, json_node_unref);
}

static gboolean
ask (PtHttpClient *client, const char *url, JsonObject *asked, PtComplaintTicket *out,
     GError **error)
{
  g_autofree char *whole = g_strconcat (url, "/api/v1/complaints/tickets", NULL);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GBytes) body = NULL, answer = NULL;
  JsonObject *object = NULL;
  JsonNode *known = NULL;

  body = pt_cli_body (asked);
  answer = pt_http_client_post_ok (client, whole, "application/json", body, error);
  if (answer == NULL)
    return FALSE;
  object = pt_cli_object (parser, answer);
  if (object == NULL || pt_cli_string (object, "ticket", NULL) == NULL
      || pt_cli_string (object, "complaint", NULL) == NULL
      || pt_cli_integer (object, "bits", -1) < 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED, _ ("%s gave no ticket"), whole);
      return FALSE;
    }
  out->complaint = pt_cli_string (object, "complaint", NULL);
  out->ticket = pt_cli_string (object, "ticket", NULL);
  out->bits = (guint) MIN (pt_cli_integer (object, "bits", 0), G_MAXINT);
  known = json_object_get_member (object, "known");
  out->known
      = known != NULL && JSON_NODE_HOLDS_OBJECT (known) ? json_node_get_object (known) : NULL;
  out->node = json_parser_steal_root (parser);
  return TRUE;
}

gboolean
pt_complaint_ticket_join (PtHttpClient *client, const char *url, const char *area,
                          const char *complaint, PtComplaintTicket *out, GError **error)
{
  g_autoptr (JsonObject) asked = json_object_new ();

  g_return_val_if_fail (client != NULL && url != NULL && area != NULL, FALSE);
  g_return_val_if_fail (complaint != NULL && out != NULL, FALSE);
  json_object_set_string_member (asked, "area", area);
  json_object_set_string_member (asked, "complaint", complaint);
  return ask (client, url, asked, out, error);
}

gboolean
pt_complaint_ticket_file (PtHttpClient *client, const char *url, const char *area,
                          const char *category, const char *site, gint64 lat, gint64 lon,
                          PtComplaintTicket *out, GError **error)
{
  g_autoptr (JsonObject) asked = json_object_new ();

  g_return_val_if_fail (client != NULL && url != NULL && area != NULL, FALSE);
  g_return_val_if_fail (category != NULL && out != NULL, FALSE);
  json_object_set_string_member (asked, "area", area);
  json_object_set_string_member (asked, "category", category);
  if (site != NULL)
    json_object_set_string_member (asked, "site", site);
  else
    {
      json_object_set_int_member (asked, "lat", lat);
      json_object_set_int_member (asked, "lon", lon);
    }
  return ask (client, url, asked, out, error);
}

static JsonArray *
rows_of (JsonObject *known, const char *name)
{
  JsonNode *node = json_object_get_member (known, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static void
append_complaints (GString *out, JsonArray *rows)
{
  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      JsonNode *node = json_array_get_element (rows, i);
      JsonObject *row = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      g_autofree char *shown
          = row != NULL ? pt_complaint_shown (pt_cli_string (row, "complaint", "?")) : NULL;
      g_autofree char *state = row != NULL ? pt_complaint_state_words (row) : NULL;
      g_autofree char *filed
          = row != NULL ? pt_format_time (pt_cli_integer (row, "filed_at", -1)) : NULL;

      if (row != NULL)
        g_string_append_printf (
            out,
            _ ("  Somebody complained already: %s, %s, filed %s. To say \"me too\": powertrack "
               "complaint join %s\n"),
            shown, state, filed, pt_cli_string (row, "complaint", "?"));
    }
}

static void
append_notices (GString *out, JsonArray *rows)
{
  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      JsonNode *node = json_array_get_element (rows, i);
      JsonObject *row = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      g_autofree char *start
          = row != NULL ? pt_format_time (pt_cli_integer (row, "start", -1)) : NULL;
      g_autofree char *end = row != NULL ? pt_format_time (pt_cli_integer (row, "end", -1)) : NULL;

      if (row == NULL)
        continue;
      if (g_str_equal (pt_cli_string (row, "about", ""), "shutdown"))
        g_string_append_printf (out, _ ("  A shutdown was announced, %s to %s: %s\n"), start, end,
                                pt_cli_string (row, "note", ""));
      else
        g_string_append_printf (out, _ ("  Supply is expected back between %s and %s: %s\n"), start,
                                end, pt_cli_string (row, "note", ""));
    }
}

gboolean
pt_complaint_ticket_print_known (const PtComplaintTicket *ticket)
{
  g_autoptr (GString) out = g_string_new (NULL);
  JsonNode *outage = NULL;

  g_return_val_if_fail (ticket != NULL, FALSE);
  if (ticket->known == NULL)
    return FALSE;
  outage = json_object_get_member (ticket->known, "outage");
  if (outage != NULL && JSON_NODE_HOLDS_OBJECT (outage))
    {
      g_autofree char *since
          = pt_format_time (pt_cli_integer (json_node_get_object (outage), "since", -1));

      g_string_append_printf (out, _ ("  The outage is known since %s.\n"), since);
    }
  append_complaints (out, rows_of (ticket->known, "complaints"));
  append_notices (out, rows_of (ticket->known, "notices"));
  if (out->len == 0)
    return FALSE;
  pt_text_make_safe (out->str, out->len, TRUE);
  g_printerr (_ ("What is known of this place:\n%s\n"), out->str);
  return TRUE;
}
