/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-tile-source.h"

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include <math.h>
#include <string.h>

#include "pt-error.h"

#define TILE 256
#define NATIVE_MAX 24
#define ZOOM_MAX 18
#define TIMEOUT_S 10
#define BYTES_MAX (1024 * 1024)
#define PARENTS_MAX 64 /* decoded ones that are kept for enlarging: 16 MiB */
#define MISSING_MAX 4096
#define PLACES_MAX 1024 /* bytes of where places are */

struct _PtTileSource
{
  ShumateMapSource parent_instance;
  char *address, *pattern, *places, *attribution;
  guint least_zoom, native_zoom;
  gboolean failing;
  SoupSession *session;
  GHashTable *parents; /* address -> GdkTexture */
  GQueue parent_order; /* addresses, oldest first; belong to ->parents */
  GHashTable *missing; /* addresses where there is no tile: regions end at different zooms */
};

G_DEFINE_TYPE (PtTileSource, pt_tile_source, SHUMATE_TYPE_MAP_SOURCE)

enum
{
  PROP_FAILING = 1
};

static guint ready_signal;

static void
source_set_failing (PtTileSource *self, gboolean failing)
{
  if (self->failing == failing)
    return;
  self->failing = failing;
  g_object_notify (G_OBJECT (self), "failing");
}

gboolean
pt_tile_source_is_failing (PtTileSource *self)
{
  g_return_val_if_fail (PT_IS_TILE_SOURCE (self), FALSE);
  return self->failing;
}

const char *
pt_tile_source_attribution (PtTileSource *self)
{
  g_return_val_if_fail (PT_IS_TILE_SOURCE (self), "");
  return self->attribution != NULL ? self->attribution : "";
}

const char *
pt_tile_source_places (PtTileSource *self)
{
  g_return_val_if_fail (PT_IS_TILE_SOURCE (self), NULL);
  return self->places;
}

/* The description */

static char *
absolute_pattern (PtTileSource *self, const char *pattern)
{
  g_autoptr (GUri) base = NULL;

  if (pattern[0] != '/')
    return g_strdup (pattern);
  /* The braces are no part of an address, so it is put together by hand. */
  base = g_uri_parse (self->address, G_URI_FLAGS_NONE, NULL);
  if (base == NULL || g_uri_get_host (base) == NULL)
    return NULL;
  return g_strdup_printf ("%s://%s%s%s:%d%s", g_uri_get_scheme (base),
                          strchr (g_uri_get_host (base), ':') != NULL ? "[" : "",
                          g_uri_get_host (base),
                          strchr (g_uri_get_host (base), ':') != NULL ? "]" : "",
                          g_uri_get_port (base) > 0                        ? g_uri_get_port (base)
                          : strcmp (g_uri_get_scheme (base), "https") == 0 ? 443
                                                                           : 80,
                          pattern);
}

/* What a stranger wrote: members of another type are as if they were not there. */
static guint
read_zoom (JsonObject *object, const char *name, guint least, guint most)
{
  JsonNode *node = json_object_get_member (object, name);
  gint64 value = node != NULL && json_node_get_value_type (node) == G_TYPE_INT64
                     ? json_node_get_int (node)
                     : (gint64) least;

  return (guint) CLAMP (value, (gint64) least, (gint64) most);
}

static const char *
read_text (JsonNode *node)
{
  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static gboolean
is_pattern (const char *pattern)
{
  return pattern != NULL
         && (g_str_has_prefix (pattern, "http://") || g_str_has_prefix (pattern, "https://"))
         && strstr (pattern, "{z}") != NULL && strstr (pattern, "{x}") != NULL
         && strstr (pattern, "{y}") != NULL;
}

/* Names of places come from where the description comes from, or not at all. */
static char *
read_places (PtTileSource *self, JsonObject *object)
{
  const char *text = read_text (json_object_get_member (object, "places"));
  g_autofree char *pattern = NULL;

  if (text == NULL || text[0] != '/' || text[1] == '/' || strlen (text) > PLACES_MAX)
    return NULL;
  pattern = absolute_pattern (self, text);
  return is_pattern (pattern) ? g_steal_pointer (&pattern) : NULL;
}

static gboolean
source_take_description (PtTileSource *self, GBytes *bytes)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *pattern = NULL;
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size), *text;
  JsonNode *root, *tiles;
  JsonObject *object;

  if (data == NULL || !json_parser_load_from_data (parser, data, (gssize) size, NULL))
    return FALSE;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return FALSE;
  object = json_node_get_object (root);
  tiles = json_object_get_member (object, "tiles");
  if (tiles == NULL || !JSON_NODE_HOLDS_ARRAY (tiles)
      || json_array_get_length (json_node_get_array (tiles)) == 0)
    return FALSE;
  text = read_text (json_array_get_element (json_node_get_array (tiles), 0));
  pattern = text != NULL ? absolute_pattern (self, text) : NULL;
  if (!is_pattern (pattern))
    return FALSE;
  text = read_text (json_object_get_member (object, "attribution"));
  g_free (self->pattern);
  g_free (self->attribution);
  g_free (self->places);
  self->places = read_places (self, object);
  self->pattern = g_steal_pointer (&pattern);
  self->attribution = g_strdup (text != NULL ? text : "");
  self->native_zoom = read_zoom (object, "maxzoom", 0, NATIVE_MAX);
  self->least_zoom = read_zoom (object, "minzoom", 0, self->native_zoom);
  return TRUE;
}

/* Downloading, bounded */

static void
fetch_read_cb (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GByteArray *body = g_task_get_task_data (task);
  g_autoptr (GBytes) piece
      = g_input_stream_read_bytes_finish (G_INPUT_STREAM (stream), result, &error);

  if (piece == NULL)
    g_task_return_error (task, error);
  else if (g_bytes_get_size (piece) == 0)
    g_task_return_pointer (task, g_bytes_new (body->data, body->len),
                           (GDestroyNotify) g_bytes_unref);
  else if (body->len + g_bytes_get_size (piece) > BYTES_MAX)
    g_task_return_new_error (task, PT_ERROR, PT_ERROR_TOO_LARGE, "The picture is too large.");
  else
    {
      GCancellable *cancellable = g_task_get_cancellable (task);

      g_byte_array_append (body, g_bytes_get_data (piece, NULL), (guint) g_bytes_get_size (piece));
      g_input_stream_read_bytes_async (G_INPUT_STREAM (stream), 65536, G_PRIORITY_DEFAULT,
                                       cancellable, fetch_read_cb, g_steal_pointer (&task));
    }
}

static void
fetch_sent_cb (GObject *session, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  SoupMessage *message = soup_session_get_async_result_message (SOUP_SESSION (session), result);
  g_autoptr (GInputStream) stream
      = soup_session_send_finish (SOUP_SESSION (session), result, &error);
  guint status = message != NULL ? soup_message_get_status (message) : 0;

  if (stream == NULL)
    g_task_return_error (task, error);
  else if (status == SOUP_STATUS_NOT_FOUND)
    g_task_return_new_error (task, PT_ERROR, PT_ERROR_NOT_FOUND, "There is no such tile.");
  else if (status != SOUP_STATUS_OK)
    g_task_return_new_error (task, PT_ERROR, PT_ERROR_RETRY, "The map's server answered %u.",
                             status);
  else
    {
      GCancellable *cancellable = g_task_get_cancellable (task);

      g_input_stream_read_bytes_async (stream, 65536, G_PRIORITY_DEFAULT, cancellable,
                                       fetch_read_cb, g_steal_pointer (&task));
    }
}

static void
source_fetch (PtTileSource *self, const char *address, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  /* libsoup takes it for a mistake of ours to be given another scheme. */
  gboolean is_http
      = g_str_has_prefix (address, "http://") || g_str_has_prefix (address, "https://");
  g_autoptr (SoupMessage) message = is_http ? soup_message_new ("GET", address) : NULL;

  if (message == NULL)
    {
      g_task_return_new_error (task, PT_ERROR, PT_ERROR_MALFORMED, "%s is no address.", address);
      return;
    }
  g_task_set_task_data (task, g_byte_array_new (), (GDestroyNotify) g_byte_array_unref);
  soup_session_send_async (self->session, message, G_PRIORITY_DEFAULT, cancellable, fetch_sent_cb,
                           g_steal_pointer (&task));
}

static void
source_described_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PtTileSource *self = PT_TILE_SOURCE (source);
  g_autoptr (GBytes) bytes = g_task_propagate_pointer (G_TASK (result), NULL);

  if (bytes == NULL || !source_take_description (self, bytes))
    {
      source_set_failing (self, TRUE);
      return;
    }
  source_set_failing (self, FALSE);
  g_signal_emit (self, ready_signal, 0);
}

void
pt_tile_source_load (PtTileSource *self)
{
  g_return_if_fail (PT_IS_TILE_SOURCE (self));
  source_fetch (self, self->address, NULL, source_described_cb, NULL);
}

/* Tiles */

GdkTexture *
pt_tile_source_enlarge (GdkTexture *parent, guint x, guint y, guint levels)
{
  double factor = exp2 (levels), part = TILE / factor;
  guint mask = levels < 31 ? (1u << levels) - 1 : G_MAXUINT;
  cairo_surface_t *from, *to;
  g_autoptr (GBytes) bytes = NULL;
  gsize stride;
  cairo_t *cr;

  g_return_val_if_fail (GDK_IS_TEXTURE (parent), NULL);
  if (gdk_texture_get_width (parent) != TILE || gdk_texture_get_height (parent) != TILE)
    return NULL;
  from = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, TILE, TILE);
  to = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, TILE, TILE);
  stride = (gsize) cairo_image_surface_get_stride (to);
  gdk_texture_download (parent, cairo_image_surface_get_data (from),
                        (gsize) cairo_image_surface_get_stride (from));
  cairo_surface_mark_dirty (from);
  cr = cairo_create (to);
  cairo_scale (cr, factor, factor);
  cairo_set_source_surface (cr, from, -(double) (x & mask) * part, -(double) (y & mask) * part);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_GOOD);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_flush (to);
  bytes = g_bytes_new (cairo_image_surface_get_data (to), stride * TILE);
  cairo_surface_destroy (from);
  cairo_surface_destroy (to);
  return gdk_memory_texture_new (TILE, TILE, GDK_MEMORY_DEFAULT, bytes, stride);
}

static char *
tile_address (PtTileSource *self, guint z, guint x, guint y)
{
  g_autoptr (GString) address = g_string_new (self->pattern);
  const struct
  {
    const char *name;
    guint value;
  } parts[] = { { "{z}", z }, { "{x}", x }, { "{y}", y } };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", parts[i].value);

      g_string_replace (address, parts[i].name, number, 0);
    }
  return g_string_free (g_steal_pointer (&address), FALSE);
}

/* One tile on its way. */
typedef struct
{
  ShumateTile *tile;
  guint x, y, levels; /* below the one that is downloaded */
  char *address;
  GBytes *bytes;      /* of a picture to be decoded, or NULL */
  GdkTexture *parent; /* decoded */
} Filling;

static void
filling_free (gpointer data)
{
  Filling *filling = data;

  g_clear_object (&filling->tile);
  g_clear_object (&filling->parent);
  g_clear_pointer (&filling->bytes, g_bytes_unref);
  g_free (filling->address);
  g_free (filling);
}

static void
source_keep_parent (PtTileSource *self, const Filling *filling)
{
  char *address;

  if (filling->levels == 0 || g_hash_table_contains (self->parents, filling->address))
    return;
  address = g_strdup (filling->address);
  g_hash_table_insert (self->parents, address, g_object_ref (filling->parent));
  g_queue_push_tail (&self->parent_order, address);
  if (g_queue_get_length (&self->parent_order) > PARENTS_MAX)
    g_hash_table_remove (self->parents, g_queue_pop_head (&self->parent_order));
}

/* PNG (ISO 15948) tells its size in its first chunk: what would fill the memory is not decoded. */
static gboolean
is_tile_picture (GBytes *bytes)
{
  static const guint8 head[]
      = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R' };
  static const guint8 side[] = { 0, 0, TILE >> 8, TILE & 0xff };
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return size > sizeof head + 2 * sizeof side && memcmp (data, head, sizeof head) == 0
         && memcmp (data + sizeof head, side, sizeof side) == 0
         && memcmp (data + sizeof head + sizeof side, side, sizeof side) == 0;
}

static void
fill_decode_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Filling *filling = data;
  GError *error = NULL;
  GdkTexture *texture;

  if (filling->parent == NULL && !is_tile_picture (filling->bytes))
    g_set_error (&error, PT_ERROR, PT_ERROR_MALFORMED, "A tile is no PNG of %d pixels.", TILE);
  else if (filling->parent == NULL)
    filling->parent = gdk_texture_new_from_bytes (filling->bytes, &error);
  if (filling->parent == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  texture = filling->levels == 0
                ? g_object_ref (filling->parent)
                : pt_tile_source_enlarge (filling->parent, filling->x, filling->y, filling->levels);
  if (texture != NULL)
    g_task_return_pointer (task, texture, g_object_unref);
  else
    g_task_return_new_error (task, PT_ERROR, PT_ERROR_MALFORMED, "A tile has another size.");
}

/* The outer task is the map's, the inner one the thread's. */
static void
fill_decoded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PtTileSource *self = PT_TILE_SOURCE (source);
  Filling *filling = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;
  g_autoptr (GdkTexture) texture = g_task_propagate_pointer (G_TASK (result), &error);

  if (texture == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        source_set_failing (self, TRUE);
      shumate_tile_set_state (filling->tile, SHUMATE_STATE_DONE);
      g_clear_error (&error);
      g_task_return_boolean (task, TRUE);
      return;
    }
  source_keep_parent (self, filling);
  source_set_failing (self, FALSE);
  shumate_tile_set_paintable (filling->tile, GDK_PAINTABLE (texture));
  shumate_tile_set_state (filling->tile, SHUMATE_STATE_DONE);
  g_task_return_boolean (task, TRUE);
}

static void
fill_decode (PtTileSource *self, Filling *filling, GTask *task)
{
  g_autoptr (GTask) inner
      = g_task_new (self, g_task_get_cancellable (task), fill_decoded_cb, g_object_ref (task));

  g_task_set_task_data (inner, filling, filling_free);
  g_task_run_in_thread (inner, fill_decode_thread);
}

static void fill_fetched_cb (GObject *source, GAsyncResult *result, gpointer user_data);

/* There is no tile here: the one above it shows the same place. FALSE: there is none above. */
static gboolean
filling_climb (PtTileSource *self, Filling *filling)
{
  guint zoom = shumate_tile_get_zoom_level (filling->tile);

  if (filling->levels >= zoom - self->least_zoom || zoom < self->least_zoom)
    return FALSE;
  filling->levels++;
  g_free (filling->address);
  filling->address = tile_address (self, zoom - filling->levels, filling->x >> filling->levels,
                                   filling->y >> filling->levels);
  return TRUE;
}

static void
fill_blank (Filling *filling, GTask *task)
{
  shumate_tile_set_state (filling->tile, SHUMATE_STATE_DONE);
  filling_free (filling);
  g_task_return_boolean (task, TRUE);
}

/* Takes @filling. */
static void
fill_begin (PtTileSource *self, Filling *filling, GTask *task)
{
  GdkTexture *parent;

  while (g_hash_table_contains (self->missing, filling->address))
    if (!filling_climb (self, filling))
      {
        fill_blank (filling, task);
        return;
      }
  parent = g_hash_table_lookup (self->parents, filling->address);
  if (parent != NULL)
    {
      filling->parent = g_object_ref (parent);
      fill_decode (self, filling, task);
      return;
    }
  g_object_set_data_full (G_OBJECT (task), "filling", filling, filling_free);
  source_fetch (self, filling->address, g_task_get_cancellable (task), fill_fetched_cb,
                g_object_ref (task));
}

static void
fill_fetched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  PtTileSource *self = PT_TILE_SOURCE (source);
  Filling *filling = g_object_steal_data (G_OBJECT (task), "filling");

  filling->bytes = g_task_propagate_pointer (G_TASK (result), &error);
  if (filling->bytes != NULL)
    fill_decode (self, filling, task);
  else if (g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND))
    {
      /* No failure: the sea has no tiles, and regions end at different zooms. */
      if (g_hash_table_size (self->missing) >= MISSING_MAX)
        g_hash_table_remove_all (self->missing);
      g_hash_table_add (self->missing, g_strdup (filling->address));
      fill_begin (self, filling, task);
    }
  else
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        source_set_failing (self, TRUE);
      fill_blank (filling, task);
    }
}

static void
pt_tile_source_fill_tile_async (ShumateMapSource *source, ShumateTile *tile,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  PtTileSource *self = PT_TILE_SOURCE (source);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  guint zoom = shumate_tile_get_zoom_level (tile);
  Filling *filling;

  if (self->pattern == NULL)
    {
      g_task_return_new_error (task, PT_ERROR, PT_ERROR_RETRY, "The map is not described yet.");
      return;
    }
  filling = g_new0 (Filling, 1);
  filling->tile = g_object_ref (tile);
  filling->x = shumate_tile_get_x (tile);
  filling->y = shumate_tile_get_y (tile);
  filling->levels = zoom > self->native_zoom ? zoom - self->native_zoom : 0;
  filling->address = tile_address (self, zoom - filling->levels, filling->x >> filling->levels,
                                   filling->y >> filling->levels);
  fill_begin (self, filling, task);
}

static gboolean
pt_tile_source_fill_tile_finish (ShumateMapSource *source, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* The object */

static void
pt_tile_source_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FAILING)
    g_value_set_boolean (value, PT_TILE_SOURCE (object)->failing);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pt_tile_source_dispose (GObject *object)
{
  PtTileSource *self = PT_TILE_SOURCE (object);

  if (self->session != NULL)
    soup_session_abort (self->session);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (pt_tile_source_parent_class)->dispose (object);
}

static void
pt_tile_source_finalize (GObject *object)
{
  PtTileSource *self = PT_TILE_SOURCE (object);

  g_queue_clear (&self->parent_order);
  g_hash_table_unref (self->parents);
  g_hash_table_unref (self->missing);
  g_free (self->address);
  g_free (self->pattern);
  g_free (self->places);
  g_free (self->attribution);
  G_OBJECT_CLASS (pt_tile_source_parent_class)->finalize (object);
}

static void
pt_tile_source_class_init (PtTileSourceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = pt_tile_source_get_property;
  object_class->dispose = pt_tile_source_dispose;
  object_class->finalize = pt_tile_source_finalize;
  SHUMATE_MAP_SOURCE_CLASS (klass)->fill_tile_async = pt_tile_source_fill_tile_async;
  SHUMATE_MAP_SOURCE_CLASS (klass)->fill_tile_finish = pt_tile_source_fill_tile_finish;
  g_object_class_install_property (
      object_class, PROP_FAILING,
      g_param_spec_boolean ("failing", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  ready_signal = g_signal_new ("ready", PT_TYPE_TILE_SOURCE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
}

static void
pt_tile_source_init (PtTileSource *self)
{
  self->session = soup_session_new_with_options ("timeout", TIMEOUT_S, "max-conns-per-host", 6,
                                                 "user-agent", "powertrack-console", NULL);
  self->parents = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->missing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&self->parent_order);
  shumate_map_source_set_projection (SHUMATE_MAP_SOURCE (self), SHUMATE_MAP_PROJECTION_MERCATOR);
  shumate_map_source_set_tile_size (SHUMATE_MAP_SOURCE (self), TILE);
  shumate_map_source_set_min_zoom_level (SHUMATE_MAP_SOURCE (self), 0);
  shumate_map_source_set_max_zoom_level (SHUMATE_MAP_SOURCE (self), ZOOM_MAX);
}

PtTileSource *
pt_tile_source_new (const char *address)
{
  PtTileSource *self;

  g_return_val_if_fail (address != NULL, NULL);
  self = g_object_new (PT_TYPE_TILE_SOURCE, "id", address, NULL);
  self->address = g_strdup (address);
  return self;
}
