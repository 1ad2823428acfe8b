/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"

#define TILE_CACHE "public, max-age=86400"

static gboolean
refuse_tile (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND, "There is no such tile.");
  return FALSE;
}

static gboolean
has_map (const PtServices *services, GError **error)
{
  if (services->tiles != NULL)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                       "This daemon has no map. Name an .mbtiles file in [map].");
  return FALSE;
}

static gboolean
answer_style (PtRequest *request, gpointer context, GError **error)
{
  PtServices *services = context;
  const PtGazetteer *gazetteer = services->gazetteer;
  const char *places = gazetteer != NULL ? pt_gazetteer_attribution (gazetteer) : NULL;
  GString *text;

  if (!has_map (services, error))
    return FALSE;
  text = pt_tiles_json (services->tiles, request->parts[0], places, error);
  if (text == NULL)
    return FALSE;
  pt_request_take_text (request, "application/json", text);
  request->cache_control = "no-cache";
  return TRUE;
}

/* Zoom, column and row in three parts of the address. */
static gboolean
read_tile (char *const *parts, gint64 tile[3], GError **error)
{
  return (g_ascii_string_to_signed (parts[0], 10, 0, 24, &tile[0], NULL)
          && g_ascii_string_to_signed (parts[1], 10, 0, G_MAXUINT32, &tile[1], NULL)
          && g_ascii_string_to_signed (parts[2], 10, 0, G_MAXUINT32, &tile[2], NULL))
         || refuse_tile (error);
}

static void
let_cache (PtRequest *request)
{
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, request->body);

  request->cache_control = TILE_CACHE;
  request->etag = g_strdup_printf ("\"%.32s\"", digest);
}

static gboolean
answer_tile (PtRequest *request, gpointer context, GError **error)
{
  PtServices *services = context;
  gint64 tile[3];

  if (!has_map (services, error) || !read_tile (request->parts + 1, tile, error))
    return FALSE;
  request->body
      = pt_tiles_get (services->tiles, request->parts[0], tile[0], tile[1], tile[2], error);
  if (request->body == NULL)
    return FALSE;
  request->status = SOUP_STATUS_OK;
  request->content_type = "image/png";
  let_cache (request);
  return TRUE;
}

static gboolean
answer_places (PtRequest *request, gpointer context, GError **error)
{
  PtServices *services = context;
  GString *text;
  gint64 tile[3];

  if (services->gazetteer == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                           "This daemon has no list of places. Name one in [map] places.");
      return FALSE;
    }
  if (!read_tile (request->parts, tile, error))
    return FALSE;
  text = pt_gazetteer_tile (services->gazetteer, tile[0], tile[1], tile[2]);
  if (text == NULL)
    return refuse_tile (error);
  pt_request_take_text (request, "application/json", text);
  let_cache (request);
  return TRUE;
}

const PtRoute pt_api_map_routes[] = {
  { "GET", "/tiles/*.json", answer_style, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/tiles/places/*/*/*.json", answer_places, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/tiles/*/*/*/*.png", answer_tile, PT_RUNS_ON_READER, .open = TRUE },
  { NULL },
};
