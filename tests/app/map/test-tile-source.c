/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-tile-source.h"

#include <gtk/gtk.h>

#include "common/pt-test.h"
#include "pt-fake-daemon.h"

#define JSON                                                                                       \
  "{\"tilejson\":\"3.0.0\",\"tiles\":[\"/tiles/light/{z}/{x}/{y}.png\"],\"minzoom\":0,"            \
  "\"maxzoom\":4,\"attribution\":\"Natural Earth\"}"

typedef struct
{
  PtFakeDaemon daemon;
  PtTileSource *source;
  gboolean ready, filled;
} Fixture;

static void
ready_cb (PtTileSource *source, gpointer data)
{
  ((Fixture *) data)->ready = TRUE;
}

/* A picture whose left half is red and right half blue. */
static GBytes *
make_picture (int width, int height)
{
  gsize size = (gsize) width * (gsize) height * 3;
  guint8 *pixels = g_malloc0 (size);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  for (int i = 0; i < width * height; i++)
    pixels[i * 3 + (i % width < width / 2 ? 0 : 2)] = 255;
  bytes = g_bytes_new_take (pixels, size);
  texture = gdk_memory_texture_new (width, height, GDK_MEMORY_R8G8B8, bytes, (gsize) width * 3);
  return gdk_texture_save_to_png_bytes (texture);
}

static void
set_bytes (Fixture *fixture, const char *path, GBytes *bytes)
{
  PtFakeAnswer *answer = g_new0 (PtFakeAnswer, 1);

  answer->path = g_strdup (path);
  answer->status = 200;
  answer->type = g_strdup ("image/png");
  answer->size = g_bytes_get_size (bytes);
  answer->body = g_memdup2 (g_bytes_get_data (bytes, NULL), answer->size);
  g_mutex_lock (&fixture->daemon.lock);
  g_ptr_array_add (fixture->daemon.answers, answer);
  g_mutex_unlock (&fixture->daemon.lock);
}

static void
set_picture (Fixture *fixture, const char *path, int width, int height)
{
  g_autoptr (GBytes) bytes = make_picture (width, height);

  set_bytes (fixture, path, bytes);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *address = NULL;

  pt_fake_start (&fixture->daemon);
  address = g_strdup_printf ("%s/tiles/light.json", fixture->daemon.url);
  fixture->source = pt_tile_source_new (address);
  g_signal_connect (fixture->source, "ready", G_CALLBACK (ready_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->source);
  pt_fake_stop (&fixture->daemon);
}

static void
describe (Fixture *fixture, const char *json)
{
  pt_fake_set (&fixture->daemon, "/tiles/light.json", 200, "application/json", g_strdup (json));
  pt_tile_source_load (fixture->source);
  PT_TEST_WAIT_FOR (fixture->ready || pt_tile_source_is_failing (fixture->source), json);
}

static void
filled_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  shumate_map_source_fill_tile_finish (SHUMATE_MAP_SOURCE (source), result, &error);
  ((Fixture *) data)->filled = TRUE;
}

static ShumateTile *
fill (Fixture *fixture, guint x, guint y, guint zoom)
{
  ShumateTile *tile = g_object_ref_sink (shumate_tile_new_full (x, y, 256, zoom));

  fixture->filled = FALSE;
  shumate_map_source_fill_tile_async (SHUMATE_MAP_SOURCE (fixture->source), tile, NULL, filled_cb,
                                      fixture);
  PT_TEST_WAIT_FOR (fixture->filled, "the tile");
  return tile;
}

/* The picture's colour at a place, as 0xRRGGBB. */
static guint
colour_at (ShumateTile *tile, int x, int y)
{
  GdkPaintable *paintable = shumate_tile_get_paintable (tile);
  g_autofree guint32 *pixels = g_new0 (guint32, 256 * 256);

  g_assert_true (GDK_IS_TEXTURE (paintable));
  g_assert_cmpint (gdk_texture_get_width (GDK_TEXTURE (paintable)), ==, 256);
  gdk_texture_download (GDK_TEXTURE (paintable), (guchar *) pixels, 256 * 4);
  return pixels[y * 256 + x] & 0xffffff;
}

static void
test_native (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ShumateTile) tile = NULL;

  describe (fixture, JSON);
  g_assert_true (fixture->ready);
  g_assert_cmpstr (pt_tile_source_attribution (fixture->source), ==, "Natural Earth");
  set_picture (fixture, "/tiles/light/4/3/5.png", 256, 256);
  tile = fill (fixture, 3, 5, 4);
  g_assert_cmphex (colour_at (tile, 10, 10), ==, 0xff0000);
  g_assert_cmphex (colour_at (tile, 250, 10), ==, 0x0000ff);
  g_assert_false (pt_tile_source_is_failing (fixture->source));
}

/* Beyond the native zoom the parent is enlarged: quarter by quarter, down to zoom 18. */
static void
test_enlarged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ShumateTile) left = NULL, right = NULL, deep = NULL;
  guint asked;

  describe (fixture, JSON);
  set_picture (fixture, "/tiles/light/4/3/5.png", 256, 256);
  left = fill (fixture, 6, 10, 5);
  asked = fixture->daemon.asked;
  right = fill (fixture, 7, 11, 5);
  deep = fill (fixture, (3u << 14) + 16000, 5u << 14, 18);
  g_assert_cmphex (colour_at (left, 128, 128), ==, 0xff0000);
  g_assert_cmphex (colour_at (right, 128, 128), ==, 0x0000ff);
  g_assert_cmphex (colour_at (deep, 128, 128), ==, 0x0000ff);
  /* The parent was kept. */
  g_assert_cmpuint (fixture->daemon.asked, ==, asked);
}

/* Regions end at different zooms: where a tile is missing the nearest above it is enlarged. */
static void
test_missing_one (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ShumateTile) tile = NULL, deep = NULL;

  describe (fixture, JSON);
  set_picture (fixture, "/tiles/light/2/1/1.png", 256, 256);
  tile = fill (fixture, 7, 5, 4);
  g_assert_nonnull (shumate_tile_get_paintable (tile));
  g_assert_cmphex (colour_at (tile, 128, 128), ==, 0x0000ff);
  deep = fill (fixture, 4u << 3, 5u << 3, 7);
  g_assert_cmphex (colour_at (deep, 128, 128), ==, 0xff0000);
  g_assert_false (pt_tile_source_is_failing (fixture->source));
}

/* None at all, at any zoom: blank, done, and no endless asking. */
static void
test_missing_all (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ShumateTile) tile = NULL;

  describe (fixture, JSON);
  tile = fill (fixture, 7, 5, 4);
  g_assert_null (shumate_tile_get_paintable (tile));
  g_assert_cmpint (shumate_tile_get_state (tile), ==, SHUMATE_STATE_DONE);
  g_assert_cmpuint (fixture->daemon.asked, <=, 6);
}

static void
test_garbage (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ShumateTile) text = NULL, cut = NULL, good = NULL;
  g_autoptr (GBytes) picture = make_picture (256, 256);
  g_autoptr (GBytes) half = g_bytes_new_from_bytes (picture, 0, g_bytes_get_size (picture) / 2);

  describe (fixture, JSON);
  pt_fake_set (&fixture->daemon, "/tiles/light/4/0/0.png", 200, "image/png",
               g_strdup ("<html>A proxy says hello.</html>"));
  set_bytes (fixture, "/tiles/light/4/1/0.png", half);
  set_picture (fixture, "/tiles/light/4/2/0.png", 256, 256);
  text = fill (fixture, 0, 0, 4);
  g_assert_null (shumate_tile_get_paintable (text));
  g_assert_true (pt_tile_source_is_failing (fixture->source));
  cut = fill (fixture, 1, 0, 4);
  g_assert_true (pt_tile_source_is_failing (fixture->source));
  good = fill (fixture, 2, 0, 4);
  g_assert_nonnull (shumate_tile_get_paintable (good));
}

/* A few bytes that would become a gigabyte of pixels, and one of an odd size. */
static void
test_sizes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ShumateTile) huge = NULL, large = NULL;
  g_autoptr (GBytes) picture = make_picture (256, 256);
  g_autofree guint8 *bytes
      = g_memdup2 (g_bytes_get_data (picture, NULL), g_bytes_get_size (picture));
  g_autoptr (GBytes) lying = NULL;

  bytes[16] = bytes[20] = 0;
  bytes[17] = bytes[21] = 0;
  bytes[18] = bytes[22] = 0x7f; /* 32,512 by 32,512 */
  lying = g_bytes_new (bytes, g_bytes_get_size (picture));
  describe (fixture, JSON);
  set_bytes (fixture, "/tiles/light/4/0/0.png", lying);
  set_picture (fixture, "/tiles/light/4/1/0.png", 2048, 2048);
  huge = fill (fixture, 0, 0, 4);
  g_assert_null (shumate_tile_get_paintable (huge));
  large = fill (fixture, 1, 0, 4);
  g_assert_null (shumate_tile_get_paintable (large));
  g_assert_true (pt_tile_source_is_failing (fixture->source));
}

static void
test_server_errors (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ShumateTile) tile = NULL;

  describe (fixture, JSON);
  pt_fake_set (&fixture->daemon, "/tiles/light/*", 500, "text/plain", g_strdup ("no"));
  tile = fill (fixture, 0, 0, 4);
  g_assert_null (shumate_tile_get_paintable (tile));
  g_assert_true (pt_tile_source_is_failing (fixture->source));
}

static void
test_descriptions (void)
{
  static const char *const bad[] = {
    "",
    "[]",
    "{",
    "{}",
    "{\"tiles\":null}",
    "{\"tiles\":[]}",
    "{\"tiles\":[7]}",
    "{\"tiles\":[null]}",
    "{\"tiles\":[\"/tiles/x.png\"]}",
    "{\"tiles\":[\"file:///etc/{z}/{x}/{y}\"]}",
    "{\"tiles\":[\"/{z}/{x}/{y}\"],\"maxzoom\":\"many\"}",
    "{\"tiles\":[\"/{z}/{x}/{y}\"],\"maxzoom\":{}}",
    "{\"tiles\":[\"/{z}/{x}/{y}\"],\"maxzoom\":4,\"attribution\":[]}",
    "{\"tiles\":[\"/{z}/{x}/{y}\"],\"maxzoom\":-3}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      Fixture fixture = { 0 };

      g_test_message ("%s", bad[i]);
      set_up (&fixture, NULL);
      describe (&fixture, bad[i]);
      if (fixture.ready)
        g_object_unref (fill (&fixture, 0, 0, 3));
      else
        g_assert_true (pt_tile_source_is_failing (fixture.source));
      g_assert_true (i >= 10 || !fixture.ready);
      tear_down (&fixture, NULL);
    }
}

int
main (int argc, char **argv)
{
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP no display\n");
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/tile-source/native", test_native);
  ADD ("/tile-source/enlarged", test_enlarged);
  ADD ("/tile-source/missing-one", test_missing_one);
  ADD ("/tile-source/missing-all", test_missing_all);
  ADD ("/tile-source/garbage", test_garbage);
  ADD ("/tile-source/sizes", test_sizes);
  ADD ("/tile-source/server-errors", test_server_errors);
  g_test_add_func ("/tile-source/descriptions", test_descriptions);
  return g_test_run ();
}
