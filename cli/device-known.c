/* SPDX-License-Identifier: Apache-2.0 */
#include "device-known.h"

#include <string.h>

#include "pt-cli.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "register-post.h"
#include "pt-i18n.h"

static gboolean
parse_key (JsonObject *object, PtDeviceRow *row)
{
  const char *key = pt_cli_string (object, "key", "");

  return pt_base64url_decode (pt_span (key, strlen (key)), row->key, sizeof row->key);
}

static gboolean
parse_known (JsonObject *object, PtDeviceKnown *out)
{
  const char *level = pt_cli_string (object, "level", "");

  g_strlcpy (out->row.area, pt_cli_string (object, "area", ""), sizeof out->row.area);
  g_strlcpy (out->row.device, pt_cli_string (object, "device", ""), sizeof out->row.device);
  g_strlcpy (out->row.site, pt_cli_string (object, "site", ""), sizeof out->row.site);
  g_strlcpy (out->row.feeder, pt_cli_string (object, "feeder", ""), sizeof out->row.feeder);
  out->row.lat = pt_cli_integer (object, "lat", G_MAXINT64);
  out->row.lon = pt_cli_integer (object, "lon", G_MAXINT64);
  out->row.customers = pt_cli_integer (object, "customers", -1);
  out->ts = pt_cli_integer (object, "ts", -1);
  out->status = strcmp (pt_cli_string (object, "status", ""), "active") == 0 ? PT_STATUS_ACTIVE
                                                                             : PT_STATUS_REVOKED;
  return out->ts >= 0 && out->row.customers >= 0 && out->row.lat != G_MAXINT64
         && out->row.lon != G_MAXINT64 && *out->row.area != '\0' && *out->row.site != '\0'
         && pt_level_parse (pt_span (level, strlen (level)), &out->row.level)
         && parse_key (object, &out->row);
}

static void
take_known (const PtDeviceRow *rows, guint count, const PtDeviceKnown *known, PtDeviceKnown *out)
{
  for (guint i = 0; i < count; i++)
    if (strcmp (rows[i].device, known->row.device) == 0
        && (rows[i].area[0] == '\0' || strcmp (rows[i].area, known->row.area) == 0))
      {
        guint areas = out[i].areas;

        out[i] = *known;
        out[i].areas = areas + 1;
      }
}

/* The devices of one area, from @first on, and those after it of the same. */
static char *
make_path (const PtDeviceRow *rows, guint first, guint count, gboolean *asked)
{
  GString *path = g_string_new ("/api/v1/devices?device=");
  const char *between = "";

  for (guint i = first; i < count; i++)
    if (!asked[i] && strcmp (rows[i].area, rows[first].area) == 0)
      {
        g_string_append_printf (path, "%s%s", between, rows[i].device);
        between = ",";
        asked[i] = TRUE;
      }
  if (rows[first].area[0] != '\0')
    g_string_append_printf (path, "&area=%s", rows[first].area);
  return g_string_free (path, FALSE);
}

static gboolean
take_page (JsonNode *page, const PtDeviceRow *rows, guint count, PtDeviceKnown *out)
{
  JsonNode *list = json_object_get_member (json_node_get_object (page), "devices");
  JsonArray *array
      = list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      PtDeviceKnown known = { 0 };

      if (!JSON_NODE_HOLDS_OBJECT (node) || !parse_known (json_node_get_object (node), &known))
        return FALSE;
      take_known (rows, count, &known, out);
    }
  return array != NULL;
}

gboolean
pt_device_known_ask (PtHttpClient *client, const char *url, const PtDeviceRow *rows, guint count,
                     PtDeviceKnown *out, GError **error)
{
  gboolean asked[PT_DEVICES_AT_ONCE] = { FALSE };

  g_return_val_if_fail (client != NULL && url != NULL && rows != NULL && out != NULL, FALSE);
  g_return_val_if_fail (count <= PT_DEVICES_AT_ONCE, FALSE);
  memset (out, 0, count * sizeof *out);
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *path = NULL;
      g_autoptr (JsonNode) page = NULL;

      if (asked[i])
        continue;
      path = make_path (rows, i, count, asked);
      page = pt_cli_get (client, url, path, error);
      if (page == NULL)
        return FALSE;
      if (!take_page (page, rows, count, out))
        {
          g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                       _ ("%s does not say how its devices are registered; is it an older daemon?"),
                       url);
          return FALSE;
        }
    }
  return TRUE;
}

char *
pt_device_known_differences (const PtDeviceRow *wanted, const PtDeviceRow *known)
{
  g_return_val_if_fail (wanted != NULL && known != NULL, NULL);

  {
    const PtRegisterColumn columns[] = {
      { "site", strcmp (wanted->site, known->site) != 0 },
      { "key", memcmp (wanted->key, known->key, sizeof known->key) != 0 },
      { "lat", wanted->lat != known->lat },
      { "lon", wanted->lon != known->lon },
      { "level", wanted->level != known->level },
      { "customers", wanted->customers != known->customers },
      { "feeder", strcmp (wanted->feeder, known->feeder) != 0 },
    };

    return pt_register_differences (columns, G_N_ELEMENTS (columns));
  }
}
