/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-api.h"

#include <sqlite3.h>
#include <string.h>

#include "common/pt-test.h"
#include "pt-server-fixture.h"

#define PNG "x'89504e470d0a1a0a00'"

/* A map whose light style has no names of its own, and a list of places. */
typedef struct
{
  PtServerFixture http;
  char *folder;
  PtPublic public;
} Fixture;

static char *
write_map (Fixture *fixture)
{
  char *path = g_build_filename (fixture->folder, "light.mbtiles", NULL);
  sqlite3 *handle;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_exec (handle,
                    "CREATE TABLE metadata (name TEXT, value TEXT);"
                    "CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER,"
                    "                    tile_row INTEGER, tile_data BLOB);"
                    "INSERT INTO metadata VALUES ('format','png'), ('names','apart'),"
                    " ('attribution','Who <b>\"drew\"</b>'), ('bounds','-1.5,0,85.05112878,2');"
                    "INSERT INTO tiles VALUES (0,0,0," PNG "), (2,1,3," PNG ")",
                    NULL, NULL, NULL),
      ==, SQLITE_OK);
  sqlite3_close (handle);
  return path;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *map = NULL, *places = NULL;

  fixture->folder = g_dir_make_tmp ("pt-api-map-XXXXXX", NULL);
  map = write_map (fixture);
  places = g_build_filename (fixture->folder, "places.tsv", NULL);
  g_assert_true (g_file_set_contents (
      places, "# attribution: Who names\nplace\t900000000\t25.6\t85.1\tA \"town\"\n", -1, NULL));
  fixture->public.tiles = pt_tiles_new (map, "https://t.example/{z}/{x}/{y}.png", "Them", NULL);
  fixture->public.gazetteer = pt_gazetteer_new (places, NULL);
  g_assert_nonnull (fixture->public.tiles);
  g_assert_nonnull (fixture->public.gazetteer);
  pt_server_fixture_begin (&fixture->http, NULL);
  pt_server_add_routes (fixture->http.server, pt_api_map_routes, &fixture->public);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_server_fixture_end (&fixture->http);
  g_clear_pointer (&fixture->public.tiles, pt_tiles_free);
  g_clear_pointer (&fixture->public.gazetteer, pt_gazetteer_free);
  pt_test_remove_tree (fixture->folder);
  g_free (fixture->folder);
}

static void
check (Fixture *fixture, const char *path, guint status, const char *text)
{
  g_auto (PtAnswered) answered = pt_server_fixture_ask (&fixture->http, "GET", path, NULL);

  g_test_message ("%s", path);
  g_assert_cmpuint (answered.status, ==, status);
  if (text != NULL)
    g_assert_cmpstr (answered.text, ==, text);
}

static void
test_styles (Fixture *fixture, gconstpointer data)
{
  check (fixture, "/tiles/light.json", 200,
         "{\"tilejson\":\"3.0.0\",\"name\":\"light\",\"format\":\"png\","
         "\"tiles\":[\"/tiles/light/{z}/{x}/{y}.png\"],\"minzoom\":0,\"maxzoom\":2,"
         "\"bounds\":[-1.5,0,85.0511,2],\"attribution\":\"Who \\\"drew\\\" \302\267 Who names\","
         "\"places\":\"/tiles/places/{z}/{x}/{y}.json\"}\n");
  check (fixture, "/tiles/dark.json", 200,
         "{\"tilejson\":\"3.0.0\",\"name\":\"dark\",\"format\":\"png\","
         "\"tiles\":[\"https://t.example/{z}/{x}/{y}.png\"],\"minzoom\":0,\"maxzoom\":19,"
         "\"bounds\":[-180,-85.0511,180,85.0511],\"attribution\":\"Them \302\267 Who names\"}\n");
  g_clear_pointer (&fixture->public.gazetteer, pt_gazetteer_free);
  check (fixture, "/tiles/dark.json", 200,
         "{\"tilejson\":\"3.0.0\",\"name\":\"dark\",\"format\":\"png\","
         "\"tiles\":[\"https://t.example/{z}/{x}/{y}.png\"],\"minzoom\":0,\"maxzoom\":19,"
         "\"bounds\":[-180,-85.0511,180,85.0511],\"attribution\":\"Them\"}\n");
  check (fixture, "/tiles/pink.json", 404, NULL);
}

static void
test_tiles (Fixture *fixture, gconstpointer data)
{
  static const char *const none[] = { "2/1/3", "3/0/0", "0/0/1", "-1/0/0", "x/0/0", "25/0/0" };
  g_auto (PtAnswered) tile
      = pt_server_fixture_ask (&fixture->http, "GET", "/tiles/light/2/1/0.png", NULL);
  const char *const known[] = { "If-None-Match", pt_answered_header (&tile, "ETag"), NULL };
  g_auto (PtAnswered) again
      = pt_server_fixture_ask (&fixture->http, "GET", "/tiles/light/2/1/0.png", known);

  g_assert_cmpuint (tile.status, ==, 200);
  g_assert_cmpstr (pt_answered_header (&tile, "Content-Type"), ==, "image/png");
  g_assert_cmpstr (pt_answered_header (&tile, "Cache-Control"), ==, "public, max-age=86400");
  g_assert_cmpuint (g_bytes_get_size (tile.body), ==, 9);
  g_assert_cmpuint (again.status, ==, 304);
  check (fixture, "/tiles/light/0/0/0.png", 200, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    {
      g_autofree char *path = g_strdup_printf ("/tiles/light/%s.png", none[i]);

      check (fixture, path, 404, NULL);
    }
}

static void
test_places (Fixture *fixture, gconstpointer data)
{
  check (fixture, "/tiles/places/0/0/0.json", 200,
         "{\"places\":[{\"kind\":\"place\",\"lat\":256000000,\"lon\":851000000,"
         "\"name\":\"A \\\"town\\\"\",\"population\":900000000,\"rank\":900000000,\"size\":2}]}\n");
  check (fixture, "/tiles/places/1/0/0.json", 200, "{\"places\":[]}\n");
  check (fixture, "/tiles/places/1/2/0.json", 404, NULL);
  check (fixture, "/tiles/places/19/0/0.json", 404, NULL);
  check (fixture, "/tiles/places/0/0/0.png", 404, NULL);
  g_clear_pointer (&fixture->public.gazetteer, pt_gazetteer_free);
  check (fixture, "/tiles/places/0/0/0.json", 404, NULL);
  g_clear_pointer (&fixture->public.tiles, pt_tiles_free);
  check (fixture, "/tiles/light.json", 404, NULL);
  check (fixture, "/tiles/light/0/0/0.png", 404, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/api-map/styles", Fixture, NULL, set_up, test_styles, tear_down);
  g_test_add ("/api-map/tiles", Fixture, NULL, set_up, test_tiles, tear_down);
  g_test_add ("/api-map/places", Fixture, NULL, set_up, test_places, tear_down);
  return g_test_run ();
}
