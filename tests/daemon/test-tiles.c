/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-tiles.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "pt-error.h"

#define PNG "x'89504e470d0a1a0a"
#define TILE_BYTES 9
#define ZOOM 4
#define THREADS 4
#define ROUNDS 2000

static char *folder;
static gint said; /* warnings */

static GLogWriterOutput
count_warning (GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user_data)
{
  if ((level & G_LOG_LEVEL_WARNING) == 0)
    return g_log_writer_default (level, fields, count, user_data);
  g_atomic_int_inc (&said);
  return G_LOG_WRITER_HANDLED;
}

/* A file made by the statements; to be freed and removed. */
static char *
make_file (const char *name, const char *sql)
{
  char *path = g_build_filename (folder, name, NULL);
  sqlite3 *handle;

  g_remove (path);
  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (handle, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (handle);
  return path;
}

#define TABLES                                                                                     \
  "CREATE TABLE metadata (name TEXT, value TEXT);"                                                 \
  "CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, "                \
  "tile_data BLOB);INSERT INTO metadata VALUES ('format','png');"

/* Every tile's last byte is its column and row; rows from the south. */
static char *
make_map (const char *name)
{
  g_autoptr (GString) sql = g_string_new (TABLES "BEGIN;");

  for (guint x = 0; x < 1 << ZOOM; x++)
    for (guint y = 0; y < 1 << ZOOM; y++)
      g_string_append_printf (sql, "INSERT INTO tiles VALUES (%d,%u,%u," PNG "%x%x');", ZOOM, x, y,
                              x, y);
  g_string_append (sql, "COMMIT;");
  return make_file (name, sql->str);
}

static void
check_tile (PtTiles *tiles, gint64 x, gint64 y)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) tile = pt_tiles_get (tiles, "light", ZOOM, x, y, &error);
  const guint8 *data;
  gsize size;

  g_assert_no_error (error);
  data = g_bytes_get_data (tile, &size);
  g_assert_cmpuint (size, ==, TILE_BYTES);
  g_assert_cmpuint (data[8], ==, (guint) x << 4 | ((1u << ZOOM) - 1 - (guint) y));
}

static gpointer
read_many (gpointer tiles)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint i = 0; i < ROUNDS; i++)
    check_tile (tiles, g_rand_int_range (random, 0, 1 << ZOOM),
                g_rand_int_range (random, 0, 1 << ZOOM));
  return NULL;
}

static void
test_rows (void)
{
  g_autofree char *path = make_map ("rows.mbtiles");
  g_autoptr (PtTiles) tiles = pt_tiles_new (path, NULL, NULL, NULL);

  g_assert_nonnull (tiles);
  for (guint x = 0; x < 1 << ZOOM; x++)
    for (guint y = 0; y < 1 << ZOOM; y++)
      check_tile (tiles, x, y);
  g_assert_cmpstr (pt_tiles_origins (tiles), ==, "");
  g_remove (path);
}

/* A file that is read with a log beside it is read as it is: nothing is made beside it, which in a
 * folder where nobody may write can't be. */
static void
test_log_beside (void)
{
  g_autofree char *path = make_map ("log.mbtiles");
  g_autofree char *log = g_strconcat (path, "-wal", NULL),
                  *index = g_strconcat (path, "-shm", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PtTiles) tiles = NULL;
  sqlite3 *handle;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (handle, "PRAGMA journal_mode=WAL", NULL, NULL, NULL), ==, 0);
  sqlite3_close (handle);
  g_assert_cmpint (g_chmod (folder, 0555), ==, 0);
  tiles = pt_tiles_new (path, NULL, NULL, &error);
  g_assert_no_error (error);
  check_tile (tiles, 3, 5);
  g_clear_pointer (&tiles, pt_tiles_free);
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  g_assert_false (g_file_test (log, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (index, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_set_contents (log, "more", 4, NULL));
  g_assert_null (pt_tiles_new (path, NULL, NULL, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_nonnull (strstr (error->message, "journal_mode=DELETE"));
  g_remove (log);
  g_remove (path);
}

static void
test_threads (void)
{
  g_autofree char *path = make_map ("threads.mbtiles");
  g_autoptr (PtTiles) tiles = pt_tiles_new (NULL, path, NULL, NULL);
  GThread *threads[THREADS];

  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("reader", read_many, tiles);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  g_remove (path);
}

static void
test_bounds (void)
{
  static const gint64 places[][3] = { { -1, 0, 0 },
                                      { 25, 0, 0 },
                                      { ZOOM, -1, 0 },
                                      { ZOOM, 0, -1 },
                                      { ZOOM, 1 << ZOOM, 0 },
                                      { ZOOM, 0, 1 << ZOOM },
                                      { ZOOM + 1, 0, 0 },
                                      { 0, 0, 0 },
                                      { 64, 0, 0 },
                                      { G_MAXINT64, G_MAXINT64, G_MAXINT64 },
                                      { G_MININT64, G_MININT64, G_MININT64 } };
  g_autofree char *path = make_map ("bounds.mbtiles");
  g_autoptr (PtTiles) tiles = pt_tiles_new (path, path, NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (
          pt_tiles_get (tiles, "dark", places[i][0], places[i][1], places[i][2], &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_NOT_FOUND);
    }
  g_remove (path);
}

static void
expect_damaged (PtTiles *tiles, gint64 x)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_tiles_get (tiles, "light", 2, x, 3, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_FAILED);
}

static void
test_damaged (void)
{
  g_autofree char *path = make_file ("damaged.mbtiles", TABLES
                                     "INSERT INTO tiles VALUES (2,0,0,'a text'), (2,1,0,NULL), "
                                     "(2,2,0,zeroblob (50000000)), (2,3,0,zeroblob (1048577))");
  g_autoptr (PtTiles) tiles = pt_tiles_new (path, NULL, NULL, NULL);

  g_assert_nonnull (tiles);
  said = 0;
  for (gint64 x = 0; x < 4; x++)
    expect_damaged (tiles, x);
  g_assert_cmpint (said, ==, 1);
  g_remove (path);
}

/* Cut or overwritten anywhere, a file is refused or its tiles are; nothing else happens. */
static void
test_torn (void)
{
  g_autofree char *path = make_map ("torn.mbtiles"), *content = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  for (gsize cut = 0; cut < size; cut += 509)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PtTiles) tiles = NULL;
      gsize width = MIN (32, size - cut);
      g_autofree char *torn = g_memdup2 (content, size);

      if (cut % 2 == 0)
        memset (torn + cut, 0xee, width);
      g_assert_true (g_file_set_contents (path, torn, (gssize) (cut % 2 == 0 ? size : cut), NULL));
      tiles = pt_tiles_new (path, NULL, NULL, &error);
      g_assert_true ((tiles == NULL) == (error != NULL));
      for (guint x = 0; tiles != NULL && x < 1 << ZOOM; x++)
        g_bytes_unref (pt_tiles_get (tiles, "light", ZOOM, x, x, NULL));
    }
  g_remove (path);
}

static void
test_described (void)
{
  static const double world[4] = { -180, -85.0511, 180, 85.0511 };
  g_autofree char *path = make_file (
      "described.mbtiles", TABLES
      "INSERT INTO metadata VALUES ('attribution','<a href=\"x\">&copy; \"<b>\\</a> &amp;lt; <'), "
      "('minzoom','-3'), ('maxzoom','9'), "
      "('bounds','1,nan,]},999')");
  g_autoptr (PtTiles) tiles
      = pt_tiles_new (path, "https://[::1]:8443/t/{z}/{x}/{y}.png?a=\"", "Who \\ it \"is\"", NULL);
  g_autoptr (GError) error = NULL;
  PtTilesStyle style;

  g_assert_true (pt_tiles_describe (tiles, "light", &style, NULL));
  g_assert_cmpstr (style.attribution, ==, "\u00a9 \"\\ &lt; <");
  g_assert_cmpint (style.minzoom, ==, 0);
  g_assert_cmpint (style.maxzoom, ==, 9);
  g_assert_null (style.url);
  g_assert_false (style.has_no_names);
  g_assert_cmpmem (style.bounds, sizeof style.bounds, world, sizeof world);
  g_assert_true (pt_tiles_describe (tiles, "dark", &style, NULL));
  g_assert_cmpstr (style.attribution, ==, "Who \\ it \"is\"");
  g_assert_cmpstr (style.url, ==, "https://[::1]:8443/t/{z}/{x}/{y}.png?a=\"");
  g_assert_cmpstr (pt_tiles_origins (tiles), ==, "https://[::1]:8443");
  g_assert_false (pt_tiles_describe (tiles, "Light", &style, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_NOT_FOUND);
  g_remove (path);
}

static void
test_bounds_of_file (void)
{
  static const struct
  {
    const char *text;
    double west;
  } rows[] = { { "1,2,3,4", 1 },     { " 84.5, 25 ,86,26", 84.5 }, { "", -180 },
               { "1,2,3", -180 },    { "1,2,3,4,5", -180 },        { "1,2,3,x", -180 },
               { "1,2,3,", -180 },   { "1,2,3,181", -180 },        { "inf,2,3,4", -180 },
               { "1,2,3,4x", -180 }, { "-1,-2,-3,-4", -1 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *sql
          = g_strdup_printf (TABLES "INSERT INTO metadata VALUES ('bounds','%s')", rows[i].text);
      g_autofree char *path = make_file ("bounds-of-file.mbtiles", sql);
      g_autoptr (PtTiles) tiles = pt_tiles_new (path, NULL, NULL, NULL);
      PtTilesStyle style;

      g_assert_true (pt_tiles_describe (tiles, "light", &style, NULL));
      g_assert_cmpfloat (style.bounds[0], ==, rows[i].west);
      g_remove (path);
    }
}

static void
test_names_apart (void)
{
  g_autofree char *path
      = make_file ("apart.mbtiles", TABLES "INSERT INTO metadata VALUES ('names','apart')");
  g_autoptr (PtTiles) tiles
      = pt_tiles_new (path, "https://tiles.example/{z}/{x}/{y}.png", "Them", NULL);
  PtTilesStyle style;

  g_assert_true (pt_tiles_describe (tiles, "light", &style, NULL));
  g_assert_true (style.has_no_names);
  g_assert_null (style.attribution);
  g_assert_true (pt_tiles_describe (tiles, "dark", &style, NULL));
  g_assert_false (style.has_no_names);
  g_remove (path);
}

static void
test_no_map (void)
{
  static const char *const wrong[]
      = { "", "CREATE TABLE tiles (a)", TABLES "DROP TABLE tiles",
          TABLES "UPDATE metadata SET value='pbf'", TABLES "DROP TABLE metadata" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *path = make_file ("wrong.mbtiles", wrong[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (pt_tiles_new (path, NULL, NULL, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
      g_assert_nonnull (strstr (error->message, path));
      g_remove (path);
    }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (count_warning, NULL, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  folder = g_dir_make_tmp ("pt-tiles-XXXXXX", NULL);
  g_test_add_func ("/tiles/rows", test_rows);
  g_test_add_func ("/tiles/log-beside", test_log_beside);
  g_test_add_func ("/tiles/threads", test_threads);
  g_test_add_func ("/tiles/bounds", test_bounds);
  g_test_add_func ("/tiles/damaged", test_damaged);
  g_test_add_func ("/tiles/torn", test_torn);
  g_test_add_func ("/tiles/described", test_described);
  g_test_add_func ("/tiles/bounds-of-file", test_bounds_of_file);
  g_test_add_func ("/tiles/names-apart", test_names_apart);
  g_test_add_func ("/tiles/no-map", test_no_map);
  result = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return result;
}
