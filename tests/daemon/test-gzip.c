/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-gzip.h"

#include <gio/gio.h>
#include <string.h>

static GString *
join (GBytes *const *parts, guint count)
{
  GString *all = g_string_new (NULL);

  for (guint i = 0; i < count; i++)
    g_string_append_len (all, g_bytes_get_data (parts[i], NULL),
                         (gssize) g_bytes_get_size (parts[i]));
  return all;
}

/* GIO reads it, to its last byte. */
static char *
unpack (const char *data, gsize size)
{
  g_autoptr (GConverter) converter
      = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GInputStream) memory = g_memory_input_stream_new_from_data (data, (gssize) size, NULL);
  g_autoptr (GInputStream) in = g_converter_input_stream_new (memory, converter);
  GString *out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  char buffer[1000];
  gssize count;

  while ((count = g_input_stream_read (in, buffer, sizeof buffer, NULL, &error)) > 0)
    g_string_append_len (out, buffer, count);
  g_assert_no_error (error);
  g_assert_cmpint (g_seekable_tell (G_SEEKABLE (memory)), ==, size);
  return g_string_free (out, FALSE);
}

static void
test_parts (void)
{
  static const char *const texts[] = { "[", "{\"a\":1},", "", "{\"a\":1},{\"a\":1}", "]\n" };
  GBytes *parts[G_N_ELEMENTS (texts) + 2];
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autoptr (GString) packed = NULL;
  g_autofree char *out = NULL;
  PtGzipSum sum = { 0 };

  parts[0] = pt_gzip_head ();
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) text = g_bytes_new_static (texts[i], strlen (texts[i]));
      guint32 check;

      g_string_append (plain, texts[i]);
      parts[1 + i] = pt_gzip_part (text, &check);
      pt_gzip_sum_add (&sum, check, g_bytes_get_size (text));
    }
  parts[G_N_ELEMENTS (parts) - 1] = pt_gzip_tail (&sum);
  packed = join (parts, G_N_ELEMENTS (parts));
  out = unpack (packed->str, packed->len);
  g_assert_cmpstr (out, ==, plain->str);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_bytes_unref (parts[i]);
}

static void
test_whole (void)
{
  static const gsize sizes[] = { 0, 1, 1000, 3000000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *text = g_malloc (sizes[i] + 1);
      g_autoptr (GBytes) plain = NULL;
      g_autoptr (GBytes) packed = NULL;
      g_autofree char *out = NULL;

      for (gsize j = 0; j < sizes[i]; j++)
        text[j] = (char) g_test_rand_int_range ('a', 'z');
      text[sizes[i]] = '\0';
      plain = g_bytes_new (text, sizes[i]);
      packed = pt_gzip_whole (plain);
      out = unpack (g_bytes_get_data (packed, NULL), g_bytes_get_size (packed));
      g_assert_cmpstr (out, ==, text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gzip/parts", test_parts);
  g_test_add_func ("/gzip/whole", test_whole);
  return g_test_run ();
}
