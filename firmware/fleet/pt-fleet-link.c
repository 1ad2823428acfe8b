/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-link.h"

#include "pt-error.h"
#include "pt-http-client.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <string.h>

struct _PtFleetLink
{
  PtHttpClient *client;
  char *reports_url, *status_url, *clock_url, *devices_url;
};

PtFleetLink *
pt_fleet_link_new (const char *url)
{
  PtFleetLink *link = g_new0 (PtFleetLink, 1);
  g_autofree char *base = g_strdup (url);

  while (g_str_has_suffix (base, "/"))
    base[strlen (base) - 1] = '\0';
  link->client = pt_http_client_new ();
  link->reports_url = g_strconcat (base, "/api/v1/reports", NULL);
  link->status_url = g_strconcat (base, "/api/v1/status", NULL);
  link->clock_url = g_strconcat (base, "/api/v1/clock", NULL);
  link->devices_url = g_strconcat (base, "/api/v1/devices", NULL);
  return link;
}

void
pt_fleet_link_free (PtFleetLink *link)
{
  if (link == NULL)
    return;
  pt_http_client_free (link->client);
  g_free (link->reports_url);
  g_free (link->status_url);
  g_free (link->clock_url);
  g_free (link->devices_url);
  g_free (link);
}

void
pt_fleet_link_set_tls (PtFleetLink *link, const char *ca, const char *certificate, const char *key)
{
  g_return_if_fail (link != NULL);

  pt_http_client_set_tls (link->client, ca, certificate, key);
}

void
pt_fleet_answer_clear (PtFleetAnswer *answer)
{
  g_clear_pointer (&answer->rejected, g_array_unref);
  answer->accepted = answer->duplicate = 0;
}

static gboolean
nonsense (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY,
                       _ ("The daemon's answer is not what its interface says; is a Power Tracker "
                          "daemon at this address?"));
  return FALSE;
}

static JsonObject *
parse_object (JsonParser *parser, const char *text, gsize size)
{
  JsonNode *root;

  if (!json_parser_load_from_data (parser, text, (gssize) size, NULL))
    return NULL;
  root = json_parser_get_root (parser);
  return root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
}

static gboolean
read_number (JsonObject *object, const char *name, double *out)
{
  JsonNode *node = json_object_get_member (object, name);
  GType type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *out = json_node_get_double (node);
  return TRUE;
}

static gboolean
read_rejection (JsonNode *node, guint lines, GArray *rejected)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  guint after
      = rejected->len == 0 ? 0 : g_array_index (rejected, PtFleetRejection, rejected->len - 1).line;
  PtFleetRejection rejection;
  JsonNode *slug;
  double line;

  if (object == NULL || !read_number (object, "line", &line) || line <= after || line > lines)
    return FALSE;
  slug = json_object_get_member (object, "error");
  if (slug == NULL || json_node_get_value_type (slug) != G_TYPE_STRING
      || strlen (json_node_get_string (slug)) > 64)
    return FALSE;
  rejection.line = (guint) line;
  rejection.slug = g_intern_string (json_node_get_string (slug));
  g_array_append_val (rejected, rejection);
  return TRUE;
}

gboolean
pt_fleet_answer_parse (const char *text, gsize size, guint lines, PtFleetAnswer *out,
                       GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GArray) rejected = g_array_new (FALSE, FALSE, sizeof (PtFleetRejection));
  JsonObject *object = parse_object (parser, text, size);
  JsonNode *list;
  double accepted, duplicate;

  *out = (PtFleetAnswer){ 0 };
  if (object == NULL || !read_number (object, "accepted", &accepted)
      || !read_number (object, "duplicate", &duplicate))
    return nonsense (error);
  list = json_object_get_member (object, "rejected");
  if (list == NULL || !JSON_NODE_HOLDS_ARRAY (list))
    return nonsense (error);
  for (guint i = 0; i < json_array_get_length (json_node_get_array (list)); i++)
    if (!read_rejection (json_array_get_element (json_node_get_array (list), i), lines, rejected))
      return nonsense (error);
  if (accepted < 0 || duplicate < 0 || accepted + duplicate + rejected->len != lines)
    return nonsense (error);
  out->accepted = (guint64) accepted;
  out->duplicate = (guint64) duplicate;
  out->rejected = g_steal_pointer (&rejected);
  return TRUE;
}

/* What a problem (RFC 9457) says, or the bare status. */
static void
set_problem (GError **error, guint status, GBytes *body)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  gsize size = 0;
  const char *text = g_bytes_get_data (body, &size);
  JsonObject *object = size > 0 ? parse_object (parser, text, size) : NULL;
  JsonNode *detail = object != NULL ? json_object_get_member (object, "detail") : NULL;

  if (detail != NULL && json_node_get_value_type (detail) == G_TYPE_STRING)
    g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR, _ ("The daemon answered %u: %.300s"), status,
                 json_node_get_string (detail));
  else
    g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR, _ ("The daemon answered %u."), status);
}

static gboolean
is_passing (guint status)
{
  return status >= 500 || status == 408 || status == 425 || status == 429;
}

PtFleetVerdict
pt_fleet_link_post (PtFleetLink *link, GBytes *reports, guint lines, PtFleetAnswer *answer,
                    GError **error)
{
  g_autoptr (GBytes) body = NULL;
  guint status = 0;
  gsize size = 0;
  const char *text;

  *answer = (PtFleetAnswer){ 0 };
  body = pt_http_client_post (link->client, link->reports_url, "application/x-ndjson", reports,
                              &status, error);
  if (body == NULL)
    return PT_FLEET_AGAIN;
  text = g_bytes_get_data (body, &size);
  if (status == 200 || status == 202)
    return pt_fleet_answer_parse (text != NULL ? text : "", size, lines, answer, error)
               ? PT_FLEET_ANSWERED
               : PT_FLEET_AGAIN;
  set_problem (error, status, body);
  if (status == 413 && lines > 1)
    return PT_FLEET_TOO_LARGE;
  return is_passing (status) ? PT_FLEET_AGAIN : PT_FLEET_REFUSED;
}

GBytes *
pt_fleet_link_held (PtFleetLink *link, const char *area, const char *device,
                    PtFleetVerdict *verdict, GError **error)
{
  g_autofree char *name = NULL, *url = NULL;
  g_autoptr (GBytes) body = NULL;
  guint status = 0;

  g_return_val_if_fail (link != NULL && area != NULL && device != NULL && verdict != NULL, NULL);

  name = g_uri_escape_string (device, NULL, FALSE);
  url = g_strconcat (link->devices_url, "/", area, "/", name, "/held", NULL);
  *verdict = PT_FLEET_AGAIN;
  body = pt_http_client_get (link->client, url, "application/json", &status, error);
  if (body == NULL)
    return NULL;
  if (status == 200)
    {
      *verdict = PT_FLEET_ANSWERED;
      return g_steal_pointer (&body);
    }
  set_problem (error, status, body);
  if (!is_passing (status))
    *verdict = PT_FLEET_REFUSED;
  return NULL;
}

void
pt_fleet_link_set_token (PtFleetLink *link, const char *token)
{
  g_return_if_fail (link != NULL && token != NULL);

  pt_http_client_set_bearer (link->client, token);
}

PtFleetVerdict
pt_fleet_link_step (PtFleetLink *link, gint64 now, GError **error)
{
  g_autofree char *text = g_strdup_printf ("{\"now\":%" G_GINT64_FORMAT "}", now);
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) answer = NULL;
  guint status = 0;

  answer = pt_http_client_post (link->client, link->clock_url, "application/json", body, &status,
                                error);
  if (answer == NULL)
    return PT_FLEET_AGAIN;
  if (status == 200)
    return PT_FLEET_ANSWERED;
  set_problem (error, status, answer);
  return is_passing (status) ? PT_FLEET_AGAIN : PT_FLEET_REFUSED;
}

gboolean
pt_fleet_link_status (PtFleetLink *link, PtFleetStatus *out, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GBytes) body = pt_http_client_get_ok (link->client, link->status_url, error);
  JsonObject *object;
  JsonNode *key, *source;
  double now, period;

  *out = (PtFleetStatus){ 0 };
  if (body == NULL)
    return FALSE;
  object = parse_object (parser, g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  if (object == NULL || !read_number (object, "now", &now)
      || !read_number (object, "clock_speed", &out->speed) || !(out->speed >= 0)
      || out->speed > 1e12)
    return nonsense (error);
  out->now = (gint64) now;
  source = json_object_get_member (object, "clock_source");
  out->stepped = source != NULL && json_node_get_value_type (source) == G_TYPE_STRING
                 && strcmp (json_node_get_string (source), "stepped") == 0;
  if (read_number (object, "period", &period) && period >= 1 && period <= 1e12)
    out->period = (gint64) period;
  if (out->stepped ? out->period == 0 : out->speed == 0)
    return nonsense (error);
  key = json_object_get_member (object, "service_key");
  if (key != NULL && json_node_get_value_type (key) == G_TYPE_STRING)
    g_strlcpy (out->service_key, json_node_get_string (key), sizeof out->service_key);
  return TRUE;
}

gboolean
pt_fleet_clock_look (PtFleetClock *clock, PtFleetLink *link, PtFleetStatus *status, GError **error)
{
  PtFleetStatus seen;

  if (!pt_fleet_link_status (link, &seen, error))
    return FALSE;
  if (status != NULL)
    *status = seen;
  g_mutex_lock (&clock->mutex);
  clock->now = seen.now;
  clock->looked = g_get_monotonic_time ();
  clock->speed = seen.stepped ? 0 : seen.speed;
  g_mutex_unlock (&clock->mutex);
  return TRUE;
}

gint64
pt_fleet_clock_now (PtFleetClock *clock)
{
  gint64 now;

  g_mutex_lock (&clock->mutex);
  now = clock->now
        + (gint64) ((double) (g_get_monotonic_time () - clock->looked) / 1000.0 * clock->speed);
  g_mutex_unlock (&clock->mutex);
  return now;
}

void
pt_fleet_clock_set (PtFleetClock *clock, gint64 now)
{
  g_mutex_lock (&clock->mutex);
  clock->now = now;
  g_mutex_unlock (&clock->mutex);
}

gint64
pt_fleet_clock_wait (PtFleetClock *clock, gint64 ts)
{
  gint64 now = pt_fleet_clock_now (clock);
  double speed;

  if (ts <= now)
    return 0;
  g_mutex_lock (&clock->mutex);
  speed = clock->speed;
  g_mutex_unlock (&clock->mutex);
  return speed > 0 ? (gint64) ((double) (ts - now) * 1000.0 / speed) + 1 : G_MAXINT64;
}
