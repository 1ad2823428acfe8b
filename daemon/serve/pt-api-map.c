/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"

#define TILE_CACHE "public, max-age=86400"

static gboolean
map_json (PtRequest *request, PtTiles *tiles, GError **error)
{
  const PtGazetteer *gazetteer = request->services->gazetteer;
  g_autofree char *style = g_strndup (request->path[0], strlen (request->path[0]) - 5);
  const char *places = gazetteer != NULL ? pt_gazetteer_attribution (gazetteer) : NULL;
  GString *text = pt_tiles_json (tiles, style, places, error);

  if (text == NULL)
    return FALSE;
  pt_request_take_text (request, text);
  request->cache_control = "no-cache";
  return TRUE;
}

static gboolean
read_tile (PtRequest *request, const char *ending, gint64 tile[3], GError **error)
{
  char *const *path = request->path;
  g_autofree char *row = g_strndup (path[3], strlen (path[3]) - strlen (ending));

  if (g_ascii_string_to_signed (path[1], 10, 0, 24, &tile[0], NULL)
      && g_ascii_string_to_signed (path[2], 10, 0, G_MAXUINT32, &tile[1], NULL)
      && g_ascii_string_to_signed (row, 10, 0, G_MAXUINT32, &tile[2], NULL))
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND, "There is no such tile.");
  return FALSE;
}

static void
let_cache (PtRequest *request)
{
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, request->body);

  request->cache_control = TILE_CACHE;
  request->etag = g_strdup_printf ("\"%.32s\"", digest);
}

static gboolean
map_tile (PtRequest *request, PtTiles *tiles, GError **error)
{
  gint64 tile[3];

  if (!read_tile (request, ".png", tile, error))
    return FALSE;
  request->body = pt_tiles_get (tiles, request->path[0], tile[0], tile[1], tile[2], error);
  if (request->body == NULL)
    return FALSE;
  request->status = 200;
  request->content_type = "image/png";
  let_cache (request);
  return TRUE;
}

static gboolean
map_places (PtRequest *request, GError **error)
{
  const PtGazetteer *gazetteer = request->services->gazetteer;
  GString *text = NULL;
  gint64 tile[3];

  if (gazetteer == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                           "This daemon has no list of places. Name one in [map] places.");
      return FALSE;
    }
  if (!read_tile (request, ".json", tile, error))
    return FALSE;
  text = pt_gazetteer_tile (gazetteer, tile[0], tile[1], tile[2]);
  if (text == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND, "There is no such tile.");
      return FALSE;
    }
  pt_request_take_text (request, text);
  let_cache (request);
  return TRUE;
}

gboolean
pt_api_map (PtRequest *request, GError **error)
{
  PtTiles *tiles = request->services->tiles;
  char *const *path = request->path;
  guint parts = g_strv_length (request->path);

  if (parts == 4 && strcmp (path[0], "places") == 0 && g_str_has_suffix (path[3], ".json"))
    return map_places (request, error);
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
