/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-writer.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

static char *directory;

static guint
count_files (void)
{
  g_autoptr (GDir) listing = g_dir_open (directory, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (listing) != NULL)
    count++;
  return count;
}

static int
read_number (sqlite3 *database, const char *query)
{
  sqlite3_stmt *statement = NULL;
  int number;

  g_assert_cmpint (sqlite3_prepare_v2 (database, query, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  number = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return number;
}

static void
test_written (void)
{
  g_autofree char *path = g_build_filename (directory, "a.mbtiles", NULL);
  g_autoptr (GError) error = NULL;
  PtBasemapWriter *writer = pt_basemap_writer_new (path, &error);
  sqlite3 *database = NULL;

  g_assert_no_error (error);
  g_assert_true (pt_basemap_writer_set (writer, "name", "A", &error));
  g_assert_true (pt_basemap_writer_add (writer, 1, 0, 0, (const guint8 *) "sea", 3, &error));
  g_assert_true (pt_basemap_writer_add (writer, 1, 0, 1, (const guint8 *) "sea", 3, &error));
  g_assert_true (pt_basemap_writer_add (writer, 1, 1, 0, (const guint8 *) "land", 4, &error));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (pt_basemap_writer_finish (writer, &error));
  pt_basemap_writer_free (writer);
  g_assert_cmpuint (count_files (), ==, 1);

  g_assert_cmpint (sqlite3_open_v2 (path, &database, SQLITE_OPEN_READONLY, NULL), ==, SQLITE_OK);
  g_assert_cmpint (read_number (database, "SELECT count(*) FROM tiles"), ==, 3);
  g_assert_cmpint (read_number (database, "SELECT count(*) FROM images"), ==, 2);
  g_assert_cmpint (read_number (database, "PRAGMA application_id"), ==, 0x4d504258);
  /* Rows of MBTiles count from the south. */
  g_assert_cmpint (
      read_number (database, "SELECT tile_row FROM tiles WHERE tile_data = CAST ('land' AS BLOB)"),
      ==, 1);
  sqlite3_close (database);
  g_unlink (path);
}

static void
test_not_finished (void)
{
  g_autofree char *path = g_build_filename (directory, "b.mbtiles", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
  {
    g_autoptr (PtBasemapWriter) writer = pt_basemap_writer_new (path, &error);

    g_assert_no_error (error);
    g_assert_true (pt_basemap_writer_add (writer, 0, 0, 0, (const guint8 *) "x", 1, &error));
    g_assert_cmpuint (count_files (), ==, 2);
  }
  {
    g_autofree char *content = NULL;

    g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
    g_assert_cmpstr (content, ==, "old");
  }
  g_unlink (path);
  g_assert_cmpuint (count_files (), ==, 0);
}

static void
test_twice (void)
{
  g_autofree char *path = g_build_filename (directory, "c.mbtiles", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PtBasemapWriter) writer = pt_basemap_writer_new (path, &error);

  g_assert_no_error (error);
  g_assert_true (pt_basemap_writer_add (writer, 0, 0, 0, (const guint8 *) "x", 1, &error));
  g_assert_false (pt_basemap_writer_add (writer, 0, 0, 0, (const guint8 *) "y", 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

static void
test_nowhere (void)
{
  g_autofree char *path = g_build_filename (directory, "no", "where.mbtiles", NULL);
  g_autofree char *folder = g_build_filename (directory, "folder", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) of_folder = NULL;
  g_autoptr (PtBasemapWriter) writer = NULL;

  g_assert_null (pt_basemap_writer_new (path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  writer = pt_basemap_writer_new (folder, &of_folder);
  g_assert_no_error (of_folder);
  g_assert_false (pt_basemap_writer_finish (writer, &of_folder));
  g_assert_error (of_folder, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_pointer (&writer, pt_basemap_writer_free);
  g_rmdir (folder);
  g_assert_cmpuint (count_files (), ==, 0);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  directory = g_dir_make_tmp ("pt-basemap-XXXXXX", NULL);
  g_assert_nonnull (directory);
  g_test_add_func ("/basemap/writer/written", test_written);
  g_test_add_func ("/basemap/writer/not-finished", test_not_finished);
  g_test_add_func ("/basemap/writer/twice", test_twice);
  g_test_add_func ("/basemap/writer/nowhere", test_nowhere);
  result = g_test_run ();
  g_rmdir (directory);
  g_free (directory);
  return result;
}
