/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-reader.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>

#include "pt-basemap-bytes.h"

static char *directory;

static const int square[][2] = { { -10, -10 }, { 10, -10 }, { 10, 10 }, { -10, 10 }, { -10, -10 } };

static PtBasemapData *
read_bytes (const GByteArray *bytes, GError **error)
{
  g_autofree char *path = g_build_filename (directory, "basemap.geo", NULL);
  g_autoptr (GError) problem = NULL;

  g_file_set_contents (path, (const char *) bytes->data, bytes->len, &problem);
  g_assert_no_error (problem);
  return pt_basemap_data_read (path, error);
}

static void
assert_refused (const GByteArray *bytes)
{
  g_autoptr (GError) error = NULL;
  PtBasemapData *data = read_bytes (bytes, &error);

  g_assert_null (data);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, "basemap.geo"));
}

static GByteArray *
make_whole (void)
{
  GByteArray *bytes = new_file ();

  append_path (bytes, 'R', PT_BASEMAP_LAND, square, 5);
  append_path (bytes, 'L', PT_BASEMAP_COAST, square, 4);
  append_end (bytes, 2);
  return bytes;
}

static void
test_whole (void)
{
  g_autoptr (GByteArray) bytes = make_whole ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PtBasemapData) data = read_bytes (bytes, &error);
  const PtBasemapPart *part;

  g_assert_no_error (error);
  g_assert_cmpuint (data->geometry->parts->len, ==, 2);
  part = &g_array_index (data->geometry->parts, PtBasemapPart, 0);
  g_assert_true (part->is_ring);
  g_assert_cmpuint (part->length, ==, 5);
  g_assert_cmpfloat_with_epsilon (part->box.west, 0.5 - 10 / 360.0, 1e-12);
  g_assert_true (isinf (g_array_index (data->geometry->points, PtBasemapPoint, 0).weight));
}

static void
test_every_length (void)
{
  g_autoptr (GByteArray) bytes = make_whole ();

  for (guint length = bytes->len - 1; length > 0; length--)
    {
      g_byte_array_set_size (bytes, length);
      assert_refused (bytes);
    }
}

/* Every single byte changed in every bit: read or refused, never worse. */
static void
test_every_bit (void)
{
  g_autoptr (GByteArray) bytes = make_whole ();

  for (guint i = 0; i < bytes->len; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (PtBasemapData) data = NULL;

        bytes->data[i] ^= 1u << bit;
        data = read_bytes (bytes, &error);
        g_assert_true ((data == NULL) == (error != NULL));
        bytes->data[i] ^= 1u << bit;
      }
}

static void
test_trailing (void)
{
  g_autoptr (GByteArray) bytes = make_whole ();

  append_byte (bytes, 0);
  assert_refused (bytes);
}

static void
test_paths (void)
{
  static const int far[][2] = { { 0, 0 }, { 200, 0 } };
  static const struct
  {
    char type;
    guint8 layer;
    guint length;
  } wrong[] = {
    { 'R', PT_BASEMAP_N_LAYERS, 5 }, { 'R', 0, 3 }, { 'L', 0, 1 }, { 'L', 0, 0 }, { 'X', 0, 4 }
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GByteArray) bytes = new_file ();

      append_path (bytes, wrong[i].type, wrong[i].layer, square, wrong[i].length);
      append_end (bytes, 1);
      assert_refused (bytes);
    }
  {
    g_autoptr (GByteArray) bytes = new_file ();

    append_path (bytes, 'L', 0, far, 2);
    append_end (bytes, 1);
    assert_refused (bytes);
  }
}

/* A length that no file of this size has is refused before anything is reserved for it. */
static void
test_lengths (void)
{
  static const guint64 lengths[] = { 4000001, G_MAXUINT32, G_MAXINT64, G_MAXUINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (GByteArray) path = new_file ();

      append_byte (path, 'L');
      append_byte (path, 0);
      append_varint (path, lengths[i]);
      assert_refused (path);
    }
}

static void
test_no_file (void)
{
  g_autofree char *path = g_build_filename (directory, "missing", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) of_directory = NULL;

  g_assert_null (pt_basemap_data_read (path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_null (pt_basemap_data_read (directory, &of_directory));
  g_assert_nonnull (of_directory);
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  directory = g_dir_make_tmp ("pt-basemap-XXXXXX", NULL);
  g_assert_nonnull (directory);
  g_test_add_func ("/basemap/reader/whole", test_whole);
  g_test_add_func ("/basemap/reader/every-length", test_every_length);
  g_test_add_func ("/basemap/reader/every-bit", test_every_bit);
  g_test_add_func ("/basemap/reader/trailing", test_trailing);
  g_test_add_func ("/basemap/reader/paths", test_paths);
  g_test_add_func ("/basemap/reader/lengths", test_lengths);
  g_test_add_func ("/basemap/reader/no-file", test_no_file);
  result = g_test_run ();
  path = g_build_filename (directory, "basemap.geo", NULL);
  g_unlink (path);
  g_rmdir (directory);
  g_free (directory);
  return result;
}
