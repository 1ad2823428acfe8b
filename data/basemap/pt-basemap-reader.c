/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-reader.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#define MAGIC "PTBASE2\n"
#define MAGIC_LENGTH 8
#define FILE_MAX (64u << 20)
#define POINTS_MAX 4000000u
#define DEGREE 100000.0

typedef struct
{
  const guint8 *bytes;
  gsize length;
  gsize at;
  gboolean is_broken;
  guint64 n_records;
  GArray *line;
  PtBasemapData *data;
} Reader;

static guint8
read_byte (Reader *reader)
{
  if (reader->at >= reader->length)
    {
      reader->is_broken = TRUE;
      return 0;
    }
  return reader->bytes[reader->at++];
}

/* LEB128, at most 63 bits. */
static guint64
read_varint (Reader *reader)
{
  guint64 value = 0;

  for (guint shift = 0; shift < 63; shift += 7)
    {
      guint8 byte = read_byte (reader);

      value |= (guint64) (byte & 127) << shift;
      if (byte < 128)
        return value;
    }
  reader->is_broken = TRUE;
  return 0;
}

static gint64
read_signed (Reader *reader)
{
  guint64 value = read_varint (reader);

  return (value & 1) ? -(gint64) (value >> 1) - 1 : (gint64) (value >> 1);
}

/* Adds what is read to the point before it, in 1e-5 degree; the Earth bounds the sum. */
static void
read_point (Reader *reader, gint64 *longitude, gint64 *latitude)
{
  gint64 dx = read_signed (reader), dy = read_signed (reader);

  if (ABS (dx) > 40000000 || ABS (dy) > 40000000)
    reader->is_broken = TRUE;
  else
    {
      *longitude += dx;
      *latitude += dy;
    }
  if (ABS (*longitude) > 18001000 || ABS (*latitude) > 9001000)
    {
      reader->is_broken = TRUE;
      *longitude = *latitude = 0;
    }
}

static void
read_path (Reader *reader, gboolean is_ring)
{
  guint8 layer = read_byte (reader);
  guint64 length = read_varint (reader);
  gint64 longitude = 0, latitude = 0;

  if (reader->is_broken || layer >= PT_BASEMAP_N_LAYERS || length < (is_ring ? 4 : 2)
      || length > POINTS_MAX - reader->data->geometry->points->len)
    {
      reader->is_broken = TRUE;
      return;
    }
  g_array_set_size (reader->line, 0);
  for (guint64 i = 0; i < length && !reader->is_broken; i++)
    {
      PtBasemapPoint point = { 0 };

      read_point (reader, &longitude, &latitude);
      pt_basemap_project (longitude / DEGREE, latitude / DEGREE, &point.x, &point.y);
      g_array_append_val (reader->line, point);
    }
  if (!reader->is_broken)
    pt_basemap_geometry_add (reader->data->geometry, layer, is_ring,
                             (const PtBasemapPoint *) (void *) reader->line->data,
                             reader->line->len);
}

/* FALSE at the end, or where the file is broken. */
static gboolean
read_record (Reader *reader)
{
  switch (read_byte (reader))
    {
    case 'R':
      read_path (reader, TRUE);
      break;
    case 'L':
      read_path (reader, FALSE);
      break;
    case 'Z':
      if (read_varint (reader) != reader->n_records || reader->at != reader->length)
        reader->is_broken = TRUE;
      return FALSE;
    default:
      reader->is_broken = TRUE;
    }
  reader->n_records++;
  return !reader->is_broken;
}

static GMappedFile *
map_file (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);

  if (file == NULL)
    return NULL;
  if (g_mapped_file_get_length (file) > FILE_MAX)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _ ("%s is larger than 64 MiB; give the file that data/basemap/prepare.js made"),
                   path);
      return NULL;
    }
  if (g_mapped_file_get_length (file) < MAGIC_LENGTH
      || memcmp (g_mapped_file_get_contents (file), MAGIC, MAGIC_LENGTH) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _ ("%s has no geodata in it; give the file that data/basemap/prepare.js made"),
                   path);
      return NULL;
    }
  return g_steal_pointer (&file);
}

PtBasemapData *
pt_basemap_data_read (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = map_file (path, error);
  g_autoptr (PtBasemapData) data = NULL;
  g_autoptr (GArray) line = g_array_new (FALSE, FALSE, sizeof (PtBasemapPoint));
  Reader reader = { .at = MAGIC_LENGTH, .line = line };

  if (file == NULL)
    return NULL;
  data = g_new0 (PtBasemapData, 1);
  data->geometry = pt_basemap_geometry_new ();
  reader.bytes = (const guint8 *) g_mapped_file_get_contents (file);
  reader.length = g_mapped_file_get_length (file);
  reader.data = data;
  while (read_record (&reader))
    ;
  if (reader.is_broken)
    {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
          _ ("%s is damaged after %" PRIu64 " bytes; make it again with data/basemap/prepare.js"),
          path, (guint64) reader.at);
      return NULL;
    }
  pt_basemap_geometry_weigh (data->geometry);
  return g_steal_pointer (&data);
}

void
pt_basemap_data_free (PtBasemapData *data)
{
  pt_basemap_geometry_free (data->geometry);
  g_free (data);
}
