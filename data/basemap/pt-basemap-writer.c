/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <unistd.h>

/* "MPBX", what file(1) knows MBTiles by. */
#define SCHEMA                                                                                     \
  "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"                  \
  "PRAGMA application_id = 0x4d504258;"                                                            \
  "CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT);"                                     \
  "CREATE TABLE images (tile_id INTEGER PRIMARY KEY, tile_data BLOB NOT NULL);"                    \
  "CREATE TABLE map (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER,"                   \
  "  tile_id INTEGER NOT NULL, PRIMARY KEY (zoom_level, tile_column, tile_row)) WITHOUT ROWID;"    \
  "CREATE VIEW tiles AS SELECT zoom_level, tile_column, tile_row, tile_data"                       \
  "  FROM map JOIN images USING (tile_id);"                                                        \
  "BEGIN"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

struct _PtBasemapWriter
{
  char *path;
  char *partial; /* the name until it is whole, NULL when there is no such file */
  sqlite3 *database;
  sqlite3_stmt *add_image;
  sqlite3_stmt *add_tile;
  GHashTable *images; /* SHA-256 of the picture -> its number */
};

static gboolean
fail (PtBasemapWriter *writer, GError **error)
{
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_FAILED,
      _ ("%s cannot be written: %s. Nothing is left of it; see that there is room and that "
         "the folder may be written to"),
      writer->path, sqlite3_errmsg (writer->database));
  return FALSE;
}

/* A name beside the file's, that nobody else uses. */
static gboolean
make_partial (PtBasemapWriter *writer, GError **error)
{
  g_autofree char *partial = g_strdup_printf ("%s.XXXXXX.part", writer->path);
  int file = g_mkstemp_full (partial, O_RDWR | O_CLOEXEC, 0644);

  if (file < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("%s cannot be written: %s"),
                   writer->path, g_strerror (errno));
      return FALSE;
    }
  close (file);
  writer->partial = g_steal_pointer (&partial);
  return TRUE;
}

static gboolean
open_database (PtBasemapWriter *writer, GError **error)
{
  if (sqlite3_open_v2 (writer->partial, &writer->database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK
      || sqlite3_exec (writer->database, SCHEMA, NULL, NULL, NULL) != SQLITE_OK
      || sqlite3_prepare_v2 (writer->database, "INSERT INTO images VALUES (?1, ?2)", -1,
                             &writer->add_image, NULL)
             != SQLITE_OK
      || sqlite3_prepare_v2 (writer->database, "INSERT INTO map VALUES (?1, ?2, ?3, ?4)", -1,
                             &writer->add_tile, NULL)
             != SQLITE_OK)
    return fail (writer, error);
  return TRUE;
}

PtBasemapWriter *
pt_basemap_writer_new (const char *path, GError **error)
{
  g_autoptr (PtBasemapWriter) writer = g_new0 (PtBasemapWriter, 1);

  writer->path = g_strdup (path);
  writer->images = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!make_partial (writer, error) || !open_database (writer, error))
    return NULL;
  return g_steal_pointer (&writer);
}

gboolean
pt_basemap_writer_set (PtBasemapWriter *writer, const char *name, const char *value, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;

  if (sqlite3_prepare_v2 (writer->database, "INSERT INTO metadata VALUES (?1, ?2)", -1, &statement,
                          NULL)
      != SQLITE_OK)
    return fail (writer, error);
  sqlite3_bind_text (statement, 1, name, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 2, value, -1, SQLITE_TRANSIENT);
  return sqlite3_step (statement) == SQLITE_DONE || fail (writer, error);
}

/* The number of the picture, 0 with @error set. */
static guint
find_or_add_image (PtBasemapWriter *writer, const guint8 *png, gsize length, GError **error)
{
  g_autofree char *checksum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, png, length);
  guint image = GPOINTER_TO_UINT (g_hash_table_lookup (writer->images, checksum));

  if (image != 0)
    return image;
  image = g_hash_table_size (writer->images) + 1;
  sqlite3_reset (writer->add_image);
  sqlite3_bind_int64 (writer->add_image, 1, image);
  sqlite3_bind_blob64 (writer->add_image, 2, png, length, SQLITE_STATIC);
  if (sqlite3_step (writer->add_image) != SQLITE_DONE)
    {
      fail (writer, error);
      return 0;
    }
  g_hash_table_insert (writer->images, g_steal_pointer (&checksum), GUINT_TO_POINTER (image));
  return image;
}

gboolean
pt_basemap_writer_add (PtBasemapWriter *writer, int zoom, guint column, guint row,
                       const guint8 *png, gsize length, GError **error)
{
  guint image = find_or_add_image (writer, png, length, error);

  if (image == 0)
    return FALSE;
  sqlite3_reset (writer->add_tile);
  sqlite3_bind_int (writer->add_tile, 1, zoom);
  sqlite3_bind_int64 (writer->add_tile, 2, column);
  sqlite3_bind_int64 (writer->add_tile, 3, (1u << zoom) - 1 - row);
  sqlite3_bind_int64 (writer->add_tile, 4, image);
  return sqlite3_step (writer->add_tile) == SQLITE_DONE || fail (writer, error);
}

static void
close_database (PtBasemapWriter *writer)
{
  g_clear_pointer (&writer->add_image, sqlite3_finalize);
  g_clear_pointer (&writer->add_tile, sqlite3_finalize);
  g_clear_pointer (&writer->database, sqlite3_close);
}

static gboolean
sync_and_rename (PtBasemapWriter *writer)
{
  int file = g_open (writer->partial, O_RDONLY | O_CLOEXEC, 0);
  gboolean is_synced = file >= 0 && fsync (file) == 0;
  int problem = errno;

  if (file >= 0)
    close (file);
  errno = problem;
  return is_synced && g_rename (writer->partial, writer->path) == 0;
}

gboolean
pt_basemap_writer_finish (PtBasemapWriter *writer, GError **error)
{
  if (sqlite3_exec (writer->database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
    return fail (writer, error);
  close_database (writer);
  if (!sync_and_rename (writer))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   _ ("%s cannot be written: %s. Nothing is left of it"), writer->path,
                   g_strerror (errno));
      return FALSE;
    }
  g_clear_pointer (&writer->partial, g_free);
  return TRUE;
}

void
pt_basemap_writer_free (PtBasemapWriter *writer)
{
  close_database (writer);
  if (writer->partial != NULL)
    g_unlink (writer->partial);
  g_hash_table_unref (writer->images);
  g_free (writer->partial);
  g_free (writer->path);
  g_free (writer);
}
