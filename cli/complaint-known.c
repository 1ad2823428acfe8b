/* SPDX-License-Identifier: Apache-2.0 */
#include "complaint-known.h"

#include <string.h>

#include "pt-cli.h"
#include "pt-complaint-number.h"
#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-tree.h"

static gboolean
looks_like_number (const char *text)
{
  guint digits = 0;

  for (const char *at = text; *at != '\0'; at++)
    if (g_ascii_isdigit (*at))
      digits++;
    else if (*at != ' ' && *at != '-')
      return FALSE;
  return digits == PT_COMPLAINT_NUMBER_SIZE;
}

char *
pt_complaint_typed (const char *text, GError **error)
{
  char number[PT_COMPLAINT_NUMBER_SIZE + 1];

  g_return_val_if_fail (text != NULL, NULL);
  if (looks_like_number (text))
    {
      if (pt_complaint_number_parse (pt_span (text, strlen (text)), number))
        return g_strdup (number);
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("%s is no complaint's number: a digit was mistyped"), text);
      return NULL;
    }
  if (pt_is_id (pt_span (text, strlen (text))))
    return g_strdup (text);
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("'%s' is no complaint's number"), text);
  return NULL;
}

char *
pt_complaint_shown (const char *id)
{
  char shown[PT_COMPLAINT_NUMBER_GROUPED_SIZE + 1];

  g_return_val_if_fail (id != NULL, NULL);
  if (!pt_complaint_number_is (pt_span (id, strlen (id))))
    return g_strdup (id);
  pt_complaint_number_group (id, shown);
  return g_strdup (shown);
}

void
pt_complaint_known_free (PtComplaintKnown *known)
{
  if (known == NULL)
    return;
  g_clear_pointer (&known->node, json_node_unref);
  g_free (known->area);
  g_free (known->id);
  g_free (known->site);
  g_free (known);
}

JsonArray *
pt_complaint_known_chain (const PtComplaintKnown *known)
{
  g_return_val_if_fail (known != NULL, NULL);
  return json_object_get_array_member (known->object, "chain");
}

/* The newest entry's own bytes, which are what the next one links to. */
static gboolean
read_last (PtComplaintKnown *known)
{
  JsonArray *chain = pt_complaint_known_chain (known);
  guint count = json_array_get_length (chain);
  JsonNode *last = count > 0 ? json_array_get_element (chain, count - 1) : NULL;
  const char *text = last != NULL && JSON_NODE_HOLDS_OBJECT (last)
                         ? pt_cli_string (json_node_get_object (last), "entry", "")
                         : "";
  PtEntry entry;

  if (pt_entry_parse (pt_span (text, strlen (text)), PT_ENTRY_STORED, &entry) != PT_OK
      || entry.kind != PT_ENTRY_ACTION || !pt_span_is (entry.area, known->area)
      || !pt_span_is (entry.complaint, known->id))
    return FALSE;
  known->n = entry.n;
  pt_tree_leaf_hash (entry.bytes, &known->last);
  known->site = entry.site.size > 0 ? g_strndup (entry.site.data, entry.site.size) : NULL;
  known->lat = entry.lat;
  known->lon = entry.lon;
  return TRUE;
}

PtComplaintKnown *
pt_complaint_known_read (JsonNode *node, GError **error)
{
  g_autoptr (PtComplaintKnown) known = g_new0 (PtComplaintKnown, 1);
  JsonNode *chain = NULL;

  g_return_val_if_fail (node != NULL && JSON_NODE_HOLDS_OBJECT (node), NULL);
  known->node = node;
  known->object = json_node_get_object (node);
  known->area = g_strdup (pt_cli_string (known->object, "area", ""));
  known->id = g_strdup (pt_cli_string (known->object, "complaint", ""));
  chain = json_object_get_member (known->object, "chain");
  if (chain != NULL && JSON_NODE_HOLDS_ARRAY (chain) && read_last (known))
    return g_steal_pointer (&known);
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               _ ("what the daemon says of this complaint is no chain of its entries"));
  return NULL;
}

/* A page has so many steps; those of the next pages come behind. */
static gboolean
read_pages (PtHttpClient *client, const char *url, JsonNode *first, gboolean hidden, GError **error)
{
  JsonObject *object = json_node_get_object (first);
  JsonNode *chain = json_object_get_member (object, "chain");
  g_autofree char *next = g_strdup (pt_cli_string (object, "next", NULL));

  while (next != NULL && *next == '/' && chain != NULL && JSON_NODE_HOLDS_ARRAY (chain))
    {
      g_autofree char *whole = g_strconcat (next, hidden ? "&hidden=show" : NULL, NULL);
      g_autoptr (JsonNode) page = pt_cli_get (client, url, whole, error);
      JsonNode *more
          = page != NULL ? json_object_get_member (json_node_get_object (page), "chain") : NULL;

      if (page == NULL)
        return FALSE;
      if (more == NULL || !JSON_NODE_HOLDS_ARRAY (more)
          || json_array_get_length (json_node_get_array (more)) == 0)
        break;
      for (guint i = 0; i < json_array_get_length (json_node_get_array (more)); i++)
        json_array_add_element (
            json_node_get_array (chain),
            json_node_copy (json_array_get_element (json_node_get_array (more), i)));
      g_free (next);
      next = g_strdup (pt_cli_string (json_node_get_object (page), "next", NULL));
    }
  return TRUE;
}

static PtComplaintKnown *
ask (PtHttpClient *client, const char *url, const char *area, const char *id, gboolean hidden,
     GError **error)
{
  const char *query = hidden ? "?hidden=show" : "";
  g_autofree char *path = NULL;
  g_autoptr (PtComplaintKnown) known = NULL;
  JsonNode *node = NULL;

  path = area != NULL ? g_strdup_printf ("/api/v1/complaints/%s/%s%s", area, id, query)
                      : g_strdup_printf ("/api/v1/complaints/%s%s", id, query);
  node = pt_cli_get_mutable (client, url, path, error);
  if (node != NULL && !read_pages (client, url, node, hidden, error))
    {
      json_node_unref (node);
      return NULL;
    }
  known = node != NULL ? pt_complaint_known_read (node, error) : NULL;
  if (known == NULL
      || (g_str_equal (known->id, id) && (area == NULL || g_str_equal (known->area, area))))
    return g_steal_pointer (&known);
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED, _ ("the daemon answered of another complaint"));
  return NULL;
}

PtComplaintKnown *
pt_complaint_known_ask (PtHttpClient *client, const char *url, const char *area, const char *id,
                        GError **error)
{
  g_return_val_if_fail (client != NULL && url != NULL && id != NULL, NULL);
  return ask (client, url, area, id, FALSE, error);
}

PtComplaintKnown *
pt_complaint_known_ask_hidden (PtHttpClient *client, const char *url, const char *area,
                               const char *id, GError **error)
{
  g_return_val_if_fail (client != NULL && url != NULL && id != NULL, NULL);
  return ask (client, url, area, id, TRUE, error);
}
