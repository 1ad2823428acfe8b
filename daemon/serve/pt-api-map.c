/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"

#define TILE_CACHE "public, max-age=86400"

static gboolean
map_json (PtRequest *request, PtTiles *tiles, GError **error)
{
  g_autofree char *style = g_strndup (request->path[0], strlen (request->path[0]) - 5);
  GString *text = pt_tiles_json (tiles, style, error);

  if (text == NULL)
    return FALSE;
  pt_request_take_text (request, text);
  request->cache_control = "no-cache";
  return TRUE;
}

static gboolean
map_tile (PtRequest *request, PtTiles *tiles, GError **error)
{
  char *const *path = request->path;
  g_autofree char *row = g_strndup (path[3], strlen (path[3]) - 4);
  g_autofree char *digest = NULL;
  gint64 z, x, y;

  if (!g_ascii_string_to_signed (path[1], 10, 0, 24, &z, NULL)
      || !g_ascii_string_to_signed (path[2], 10, 0, G_MAXUINT32, &x, NULL)
      || !g_ascii_string_to_signed (row, 10, 0, G_MAXUINT32, &y, NULL))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND, "There is no such tile.");
      return FALSE;
    }
  request->body = pt_tiles_get (tiles, path[0], z, x, y, error);
  if (request->body == NULL)
    return FALSE;
  request->status = 200;
  request->content_type = "image/png";
  request->cache_control = TILE_CACHE;
  digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, request->body);
  request->etag = g_strdup_printf ("\"%.32s\"", digest);
  return TRUE;
}

gboolean
pt_api_map (PtRequest *request, GError **error)
{
  PtTiles *tiles = request->services->tiles;
  char *const *path = request->path;
  guint parts = g_strv_length (request->path);

  if (tiles == NULL)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                         "This daemon has no map. Name an .mbtiles file in [map].");
  else if (parts == 1 && g_str_has_suffix (path[0], ".json"))
    return map_json (request, tiles, error);
  else if (parts == 4 && g_str_has_suffix (path[3], ".png"))
    return map_tile (request, tiles, error);
  else
    g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                         "Tiles are at /tiles/light/{z}/{x}/{y}.png.");
  return FALSE;
}
