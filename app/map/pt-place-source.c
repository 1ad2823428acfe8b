/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-place-source.h"

#include <math.h>
#include <string.h>

#include "pt-base.h"
#include "pt-error.h"
#include "pt-fetch.h"
#include "pt-mercator.h"

#define TILES_MAX 128
#define PLACES_MAX 24 /* a tile */
#define FETCHES_MAX 4
#define AGAIN_S 30 /* until what could not be had is asked for again */

static const PtFetchLimits limits = { "application/json", 10, 65536 };

typedef struct
{
  double x, y;
  gint64 rank;
  guint size;
  char name[PT_PLACE_NAME_MAX + 1];
} KeptPlace;

typedef struct
{
  GArray *places; /* KeptPlace; NULL: on its way, or it could not be had */
  gboolean asked;
  gint64 failed; /* monotonic us; 0: not */
  guint used;    /* by which want */
} Tile;

struct _PtPlaceSource
{
  GObject parent_instance;
  char *pattern;
  SoupSession *session;
  GCancellable *cancellable;
  GHashTable *tiles; /* key -> Tile */
  PtPlaceRange wanted;
  guint fetches, wants, serial, again_source;
};

G_DEFINE_FINAL_TYPE (PtPlaceSource, pt_place_source, G_TYPE_OBJECT)

static guint changed_signal;

/* Reading */

static gboolean
read_integer (JsonObject *object, const char *name, gint64 least, gint64 most, gint64 *value)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  *value = json_node_get_int (node);
  return *value >= least && *value <= most;
}

static gboolean
read_place (JsonNode *node, KeptPlace *place)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *name = object != NULL ? json_object_get_member (object, "name") : NULL;
  gint64 lat, lon, size;
  const char *text;

  if (name == NULL || json_node_get_value_type (name) != G_TYPE_STRING
      || !read_integer (object, "lat", -900000000, 900000000, &lat)
      || !read_integer (object, "lon", -1800000000, 1800000000, &lon)
      || !read_integer (object, "rank", 1, PT_INTEGER_MAX, &place->rank)
      || !read_integer (object, "size", 0, PT_PLACE_SIZES - 1, &size))
    return FALSE;
  text = json_node_get_string (name);
  if (!pt_place_name_is_good (text, strlen (text)))
    return FALSE;
  g_strlcpy (place->name, text, sizeof place->name);
  place->size = (guint) size;
  pt_mercator ((gint32) lat, (gint32) lon, &place->x, &place->y);
  return TRUE;
}

/* A PtFetchConvert; another thread's. */
static gpointer
read_tile (JsonNode *root, gconstpointer data, GError **error)
{
  JsonNode *node = JSON_NODE_HOLDS_OBJECT (root)
                       ? json_object_get_member (json_node_get_object (root), "places")
                       : NULL;
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (KeptPlace));
  JsonArray *array
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint count = array != NULL ? MIN (json_array_get_length (array), PLACES_MAX) : 0;
  gboolean good = array != NULL;

  for (guint i = 0; good && i < count; i++)
    {
      KeptPlace place;

      good = read_place (json_array_get_element (array, i), &place);
      if (good)
        g_array_append_val (places, place);
    }
  if (good)
    return g_steal_pointer (&places);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_UNSUPPORTED, "These are no places.");
  return NULL;
}

/* Tiles */

static guint64
tile_key (guint zoom, guint x, guint y)
{
  return (guint64) zoom << 48 | (guint64) x << 24 | y;
}

static void
tile_free (gpointer data)
{
  Tile *tile = data;

  g_clear_pointer (&tile->places, g_array_unref);
  g_free (tile);
}

static Tile *
source_tile (PtPlaceSource *self, guint zoom, guint x, guint y)
{
  guint64 key = tile_key (zoom, x, y);

  return g_hash_table_lookup (self->tiles, &key);
}

/* Makes room where there is none: what was wanted longest ago goes. */
static void
source_make_room (PtPlaceSource *self)
{
  GHashTableIter iter;
  gpointer key, value, oldest = NULL;
  guint used = G_MAXUINT;

  if (g_hash_table_size (self->tiles) < TILES_MAX)
    return;
  g_hash_table_iter_init (&iter, self->tiles);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (((Tile *) value)->used < used)
      {
        used = ((Tile *) value)->used;
        oldest = key;
      }
  g_hash_table_remove (self->tiles, oldest);
}

static Tile *
source_add_tile (PtPlaceSource *self, guint zoom, guint x, guint y)
{
  guint64 *key = g_new (guint64, 1);
  Tile *tile = g_new0 (Tile, 1);

  source_make_room (self);
  *key = tile_key (zoom, x, y);
  tile->used = self->wants;
  g_hash_table_insert (self->tiles, key, tile);
  return tile;
}

/* Fetching */

typedef struct
{
  PtPlaceSource *source; /* owned */
  guint64 key;
} Asked;

static void source_go_on (PtPlaceSource *self);

static gboolean
source_ask_again (gpointer data)
{
  PtPlaceSource *self = data;

  self->again_source = 0;
  source_go_on (self);
  return G_SOURCE_REMOVE;
}

static void
source_fetched_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Asked *asked = user_data;
  g_autoptr (PtPlaceSource) self = asked->source;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) places = pt_fetch_json_finish (result, &error);
  Tile *tile = g_hash_table_lookup (self->tiles, &asked->key);

  self->fetches--;
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (places == NULL && g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND))
    places = g_array_new (FALSE, FALSE, sizeof (KeptPlace));
  if (tile != NULL)
    {
      tile->asked = FALSE;
      tile->failed = places == NULL ? g_get_monotonic_time () : 0;
      tile->places = g_steal_pointer (&places);
      if (tile->places == NULL && self->again_source == 0)
        self->again_source = g_timeout_add_seconds (AGAIN_S + 1, source_ask_again, self);
      self->serial++;
      g_signal_emit (self, changed_signal, 0);
    }
  source_go_on (self);
}

static char *
tile_address (PtPlaceSource *self, guint zoom, guint x, guint y)
{
  GString *address = g_string_new (self->pattern);
  const char *const names[] = { "{z}", "{x}", "{y}" };
  const guint values[] = { zoom, x, y };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      char number[16];

      g_snprintf (number, sizeof number, "%u", values[i]);
      g_string_replace (address, names[i], number, 1);
    }
  return g_string_free (address, FALSE);
}

static void
source_ask (PtPlaceSource *self, Tile *tile, guint zoom, guint x, guint y)
{
  g_autofree char *address = tile_address (self, zoom, x, y);
  Asked *asked = g_new (Asked, 1);

  *asked = (Asked){ g_object_ref (self), tile_key (zoom, x, y) };
  tile->asked = TRUE;
  self->fetches++;
  pt_fetch_json_async (self->session, address, &limits, read_tile, NULL,
                       (GDestroyNotify) g_array_unref, self->cancellable, source_fetched_cb, asked);
}

/* As many of those wanted as are fetched at a time. */
static void
source_go_on (PtPlaceSource *self)
{
  const PtPlaceRange *range = &self->wanted;
  gint64 now = g_get_monotonic_time ();

  if (self->wants == 0)
    return;
  for (guint y = range->north; y <= range->south; y++)
    for (guint x = range->west; x <= range->east; x++)
      {
        Tile *tile = source_tile (self, range->zoom, x, y);

        if (self->fetches >= FETCHES_MAX)
          return;
        if (tile == NULL)
          tile = source_add_tile (self, range->zoom, x, y);
        if (tile->places == NULL && !tile->asked
            && (tile->failed == 0 || now - tile->failed > AGAIN_S * G_TIME_SPAN_SECOND))
          source_ask (self, tile, range->zoom, x, y);
      }
}

static gboolean
range_is_good (const PtPlaceRange *range)
{
  guint most = range->zoom <= PT_PLACE_ZOOM_MAX ? (1u << range->zoom) - 1 : 0;

  return range->zoom <= PT_PLACE_ZOOM_MAX && range->west <= range->east
         && range->north <= range->south && range->east <= most && range->south <= most
         && (guint64) (range->east - range->west + 1) * (range->south - range->north + 1)
                <= PT_PLACE_TILES_MAX;
}

void
pt_place_source_want (PtPlaceSource *self, const PtPlaceRange *range)
{
  g_return_if_fail (PT_IS_PLACE_SOURCE (self));
  if (!range_is_good (range))
    return;
  self->wanted = *range;
  self->wants++;
  for (guint y = range->north; y <= range->south; y++)
    for (guint x = range->west; x <= range->east; x++)
      {
        Tile *tile = source_tile (self, range->zoom, x, y);

        if (tile != NULL)
          tile->used = self->wants;
      }
  source_go_on (self);
}

/* Places */

typedef struct
{
  double west, north, east, south;
} Box;

static void
take_places (GArray *out, const GArray *kept, const Box *box)
{
  for (guint i = 0; i < kept->len; i++)
    {
      const KeptPlace *place = &g_array_index (kept, KeptPlace, i);
      PtPlace taken = { place->x, place->y, place->rank, place->size, place->name };

      if (place->x >= box->west && place->x < box->east && place->y >= box->north
          && place->y < box->south)
        g_array_append_val (out, taken);
    }
}

/* Of the tile, or of the nearest above it that is there, what lies in it. */
static void
take_tile (PtPlaceSource *self, GArray *out, guint zoom, guint x, guint y)
{
  double side = exp2 (-(double) zoom);
  Box box = { x * side, y * side, (x + 1) * side, (y + 1) * side };

  for (guint levels = 0; levels <= zoom; levels++)
    {
      const Tile *tile = source_tile (self, zoom - levels, x >> levels, y >> levels);

      if (tile == NULL || tile->places == NULL)
        continue;
      take_places (out, tile->places, &box);
      return;
    }
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const PtPlace *left = a, *right = b;

  if (left->rank != right->rank)
    return left->rank > right->rank ? -1 : 1;
  return strcmp (left->name, right->name);
}

GArray *
pt_place_source_places (PtPlaceSource *self, const PtPlaceRange *range)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (PtPlace));

  g_return_val_if_fail (PT_IS_PLACE_SOURCE (self), places);
  if (!range_is_good (range))
    return places;
  for (guint y = range->north; y <= range->south; y++)
    for (guint x = range->west; x <= range->east; x++)
      take_tile (self, places, range->zoom, x, y);
  g_array_sort (places, compare_places);
  return places;
}

guint
pt_place_source_serial (PtPlaceSource *self)
{
  g_return_val_if_fail (PT_IS_PLACE_SOURCE (self), 0);
  return self->serial;
}

const char *
pt_place_source_pattern (PtPlaceSource *self)
{
  g_return_val_if_fail (PT_IS_PLACE_SOURCE (self), NULL);
  return self->pattern;
}

/* The object */

/* Nobody wants its places any more: what is on its way holds the object until it is stopped. */
void
pt_place_source_stop (PtPlaceSource *self)
{
  g_return_if_fail (PT_IS_PLACE_SOURCE (self));
  g_clear_handle_id (&self->again_source, g_source_remove);
  g_cancellable_cancel (self->cancellable);
}

static void
pt_place_source_finalize (GObject *object)
{
  PtPlaceSource *self = PT_PLACE_SOURCE (object);

  g_clear_handle_id (&self->again_source, g_source_remove);
  g_hash_table_unref (self->tiles);
  g_object_unref (self->session);
  g_object_unref (self->cancellable);
  g_free (self->pattern);
  G_OBJECT_CLASS (pt_place_source_parent_class)->finalize (object);
}

static void
pt_place_source_class_init (PtPlaceSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pt_place_source_finalize;
  changed_signal = g_signal_new ("changed", PT_TYPE_PLACE_SOURCE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
pt_place_source_init (PtPlaceSource *self)
{
  self->session = pt_fetch_session_new ();
  self->cancellable = g_cancellable_new ();
  self->tiles = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, tile_free);
}

PtPlaceSource *
pt_place_source_new (const char *pattern)
{
  PtPlaceSource *self;

  g_return_val_if_fail (pattern != NULL, NULL);
  self = g_object_new (PT_TYPE_PLACE_SOURCE, NULL);
  self->pattern = g_strdup (pattern);
  return self;
}
