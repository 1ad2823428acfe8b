/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"

#define TILE_CACHE "public, max-age=86400"
#define PLACES_TEMPLATE "/tiles/places/{z}/{x}/{y}.json"

static gboolean
refuse_tile (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND, "There is no such tile.");
  return FALSE;
}

static gboolean
has_map (const PtPublic *public, GError **error)
{
  if (public->tiles != NULL)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                       "This daemon has no map. Name an .mbtiles file in [map].");
  return FALSE;
}

/* The list of places is used for sites, whoever drew the map. */
static char *
join_makers (const char *map, const char *places)
{
  gboolean both = map != NULL && map[0] != '\0' && places != NULL && places[0] != '\0';

  return g_strconcat (map != NULL ? map : "", both ? " \u00b7 " : "", places, NULL);
}

/* TileJSON 3.0.0; @places: who made the list of places, NULL where there is none. */
static PtJsonText *
style_text (const char *name, const PtTilesStyle *style, const char *places)
{
  g_autofree char *own = g_strdup_printf ("/tiles/%s/{z}/{x}/{y}.png", name);
  g_autofree char *makers = join_makers (style->attribution, places);
  PtJsonText *json = pt_json_text_new ();

  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "tilejson", "3.0.0");
  pt_json_text_string (json, "name", name);
  pt_json_text_string (json, "format", "png");
  pt_json_text_begin_array (json, "tiles");
  pt_json_text_string (json, NULL, style->url != NULL ? style->url : own);
  pt_json_text_end_array (json);
  pt_json_text_integer (json, "minzoom", style->minzoom);
  pt_json_text_integer (json, "maxzoom", style->maxzoom);
  pt_json_text_begin_array (json, "bounds");
  for (guint i = 0; i < G_N_ELEMENTS (style->bounds); i++)
    pt_json_text_number (json, NULL, style->bounds[i]);
  pt_json_text_end_array (json);
  pt_json_text_foreign (json, "attribution", makers);
  if (places != NULL && style->has_no_names)
    pt_json_text_string (json, "places", PLACES_TEMPLATE);
  pt_json_text_end_object (json);
  return json;
}

static gboolean
answer_style (PtRequest *request, gpointer context, GError **error)
{
  const PtPublic *public = context;
  const PtGazetteer *gazetteer = public->gazetteer;
  const char *places = gazetteer != NULL ? pt_gazetteer_attribution (gazetteer) : NULL;
  PtTilesStyle style;

  if (!has_map (public, error)
      || !pt_tiles_describe (public->tiles, request->parts[0], &style, error))
    return FALSE;
  pt_request_take_json (request, style_text (request->parts[0], &style, places));
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
  const PtPublic *public = context;
  gint64 tile[3];

  if (!has_map (public, error) || !read_tile (request->parts + 1, tile, error))
    return FALSE;
  request->body = pt_tiles_get (public->tiles, request->parts[0], tile[0], tile[1], tile[2], error);
  if (request->body == NULL)
    return FALSE;
  request->status = SOUP_STATUS_OK;
  request->content_type = "image/png";
  let_cache (request);
  return TRUE;
}

static PtJsonText *
places_text (const GArray *places)
{
  PtJsonText *json = pt_json_text_new ();

  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "places");
  for (guint i = 0; i < places->len; i++)
    {
      const PtMapPlace *place = &g_array_index (places, PtMapPlace, i);

      pt_json_text_begin_object (json, NULL);
      pt_json_text_string (json, "kind", place->kind);
      pt_json_text_integer (json, "lat", place->lat);
      pt_json_text_integer (json, "lon", place->lon);
      pt_json_text_string (json, "name", place->name);
      pt_json_text_integer (json, "population", place->population);
      pt_json_text_integer (json, "rank", place->rank);
      pt_json_text_integer (json, "size", place->size);
      pt_json_text_end_object (json);
    }
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  return json;
}

static gboolean
answer_places (PtRequest *request, gpointer context, GError **error)
{
  const PtPublic *public = context;
  g_autoptr (GArray) places = NULL;
  gint64 tile[3];

  if (public->gazetteer == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                           "This daemon has no list of places. Name one in [map] places.");
      return FALSE;
    }
  if (!read_tile (request->parts, tile, error))
    return FALSE;
  places = pt_gazetteer_tile (public->gazetteer, tile[0], tile[1], tile[2]);
  if (places == NULL)
    return refuse_tile (error);
  pt_request_take_json (request, places_text (places));
  let_cache (request);
  return TRUE;
}

const PtRoute pt_api_map_routes[] = {
  { "GET", "/tiles/*.json", answer_style, PT_RUNS_ON_PAGER, .open = TRUE },
  { "GET", "/tiles/places/*/*/*.json", answer_places, PT_RUNS_ON_PAGER, .open = TRUE },
  { "GET", "/tiles/*/*/*/*.png", answer_tile, PT_RUNS_ON_PAGER, .open = TRUE },
  { NULL },
};
