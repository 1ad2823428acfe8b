/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-png.h"

#include <string.h>

#define COMPRESSION_LEVEL 6
#define SLOTS 4096u /* of the table of colours, a power of two */
#define COLOURS_SEEN_MAX (SLOTS / 2)
#define RGB 0xffffffu

typedef struct
{
  guint32 colour;
  guint count; /* 0 where the slot is free */
  guint8 index;
} Slot;

typedef struct
{
  Slot slots[SLOTS];
  guint n_seen;
  guint32 palette[PT_BASEMAP_COLOURS_MAX];
  guint n_colours;
} Palette;

/* The colour's slot, or the free one where it belongs. */
static Slot *
find_slot (Palette *palette, guint32 colour)
{
  guint at = (colour * 2654435761u) >> 20;

  while (palette->slots[at].count > 0 && palette->slots[at].colour != colour)
    at = (at + 1) & (SLOTS - 1);
  return &palette->slots[at];
}

static int
compare_slots (gconstpointer a, gconstpointer b)
{
  const Slot *first = *(Slot *const *) a, *second = *(Slot *const *) b;

  if (first->count != second->count)
    return first->count > second->count ? -1 : 1;
  return first->colour < second->colour ? -1 : first->colour > second->colour;
}

static guint8
nearest_of (const Palette *palette, guint32 colour)
{
  int least = G_MAXINT;
  guint8 nearest = 0;

  for (guint i = 0; i < palette->n_colours; i++)
    {
      int red = (int) (colour >> 16 & 255) - (int) (palette->palette[i] >> 16 & 255);
      int green = (int) (colour >> 8 & 255) - (int) (palette->palette[i] >> 8 & 255);
      int blue = (int) (colour & 255) - (int) (palette->palette[i] & 255);
      int distance = red * red + green * green + blue * blue;

      if (distance < least)
        {
          least = distance;
          nearest = (guint8) i;
        }
    }
  return nearest;
}

/* Counts the colours; what comes after the table is half full is left to the nearest. */
static void
count_colours (Palette *palette, const guint32 *pixels, gsize n_pixels)
{
  Slot *slot = NULL;

  for (gsize i = 0; i < n_pixels; i++)
    {
      if (slot == NULL || slot->colour != (pixels[i] & RGB))
        slot = find_slot (palette, pixels[i] & RGB);
      if (slot->count == 0)
        {
          if (palette->n_seen == COLOURS_SEEN_MAX)
            {
              slot = NULL;
              continue;
            }
          slot->colour = pixels[i] & RGB;
          palette->n_seen++;
        }
      slot->count++;
    }
}

static void
choose_colours (Palette *palette)
{
  g_autoptr (GPtrArray) used = g_ptr_array_new ();

  for (guint i = 0; i < SLOTS; i++)
    if (palette->slots[i].count > 0)
      g_ptr_array_add (used, &palette->slots[i]);
  g_ptr_array_sort (used, compare_slots);
  for (guint i = 0; i < used->len; i++)
    {
      Slot *slot = g_ptr_array_index (used, i);

      if (i < PT_BASEMAP_COLOURS_MAX)
        {
          palette->palette[palette->n_colours++] = slot->colour;
          slot->index = (guint8) i;
        }
      else
        slot->index = nearest_of (palette, slot->colour);
    }
}

/* Bits of a pixel: as few as the palette allows. */
static guint
bits_for (guint n_colours)
{
  return n_colours <= 2 ? 1 : n_colours <= 4 ? 2 : n_colours <= 16 ? 4 : 8;
}

static guint
index_of (Palette *palette, guint32 colour)
{
  const Slot *slot = find_slot (palette, colour);

  return slot->count > 0 ? slot->index : nearest_of (palette, colour);
}

/* Rows of packed indices, each after filter type 0. */
static GByteArray *
make_rows (Palette *palette, const guint32 *pixels, guint width, guint height)
{
  guint bits = bits_for (palette->n_colours);
  guint row_length = 1 + (width * bits + 7) / 8;
  GByteArray *rows = g_byte_array_sized_new (row_length * height);
  guint32 last = ~0u; /* no colour */
  guint index = 0;

  g_byte_array_set_size (rows, row_length * height);
  memset (rows->data, 0, rows->len);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        guint32 colour = pixels[(gsize) y * width + x] & RGB;

        if (colour != last)
          index = index_of (palette, colour);
        last = colour;
        rows->data[y * row_length + 1 + x * bits / 8] |= index << (8 - bits - x * bits % 8);
      }
  return rows;
}

static GByteArray *
compress (const GByteArray *rows, GError **error)
{
  g_autoptr (GZlibCompressor) compressor
      = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, COMPRESSION_LEVEL);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GConverterResult result = G_CONVERTER_CONVERTED;
  gsize read_total = 0, written_total = 0;

  g_byte_array_set_size (out, rows->len + rows->len / 100 + 64); /* more than deflate can need */
  while (result != G_CONVERTER_FINISHED)
    {
      gsize n_read, n_written;

      result = g_converter_convert (G_CONVERTER (compressor), rows->data + read_total,
                                    rows->len - read_total, out->data + written_total,
                                    out->len - written_total, G_CONVERTER_INPUT_AT_END, &n_read,
                                    &n_written, error);
      if (result == G_CONVERTER_ERROR)
        return NULL;
      read_total += n_read;
      written_total += n_written;
    }
  g_byte_array_set_size (out, (guint) written_total);
  return g_steal_pointer (&out);
}

/* The CRC of ISO 3309, as PNG has it. */
static guint32
crc_of (const guint8 *bytes, gsize length)
{
  static guint32 table[256];
  static gsize is_made;
  guint32 crc = 0xffffffff;

  if (g_once_init_enter (&is_made))
    {
      for (guint32 i = 0; i < 256; i++)
        {
          guint32 value = i;

          for (guint bit = 0; bit < 8; bit++)
            value = (value & 1) ? 0xedb88320 ^ (value >> 1) : value >> 1;
          table[i] = value;
        }
      g_once_init_leave (&is_made, 1);
    }
  for (gsize i = 0; i < length; i++)
    crc = table[(crc ^ bytes[i]) & 255] ^ (crc >> 8);
  return crc ^ 0xffffffff;
}

static void
append_number (GByteArray *out, guint32 number)
{
  guint32 big_endian = GUINT32_TO_BE (number);

  g_byte_array_append (out, (const guint8 *) &big_endian, 4);
}

static void
append_chunk (GByteArray *out, const char *type, const guint8 *bytes, guint length)
{
  guint start;

  append_number (out, length);
  start = out->len;
  g_byte_array_append (out, (const guint8 *) type, 4);
  if (length > 0)
    g_byte_array_append (out, bytes, length);
  append_number (out, crc_of (out->data + start, out->len - start));
}

static void
append_header (GByteArray *out, guint width, guint height, guint bits)
{
  g_autoptr (GByteArray) header = g_byte_array_new ();
  const guint8 rest[] = { (guint8) bits, 3 /* palette */, 0, 0, 0 };

  append_number (header, width);
  append_number (header, height);
  g_byte_array_append (header, rest, sizeof rest);
  append_chunk (out, "IHDR", header->data, header->len);
}

static void
append_palette (GByteArray *out, const Palette *palette)
{
  guint8 bytes[3 * PT_BASEMAP_COLOURS_MAX];

  for (guint i = 0; i < palette->n_colours; i++)
    {
      bytes[3 * i] = palette->palette[i] >> 16 & 255;
      bytes[3 * i + 1] = palette->palette[i] >> 8 & 255;
      bytes[3 * i + 2] = palette->palette[i] & 255;
    }
  append_chunk (out, "PLTE", bytes, 3 * palette->n_colours);
}

gboolean
pt_basemap_png_encode (GByteArray *out, const guint32 *pixels, guint width, guint height,
                       GError **error)
{
  static const guint8 signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  g_autofree Palette *palette = g_new0 (Palette, 1);
  g_autoptr (GByteArray) rows = NULL;
  g_autoptr (GByteArray) compressed = NULL;

  count_colours (palette, pixels, (gsize) width * height);
  choose_colours (palette);
  rows = make_rows (palette, pixels, width, height);
  compressed = compress (rows, error);
  if (compressed == NULL)
    return FALSE;
  g_byte_array_set_size (out, 0);
  g_byte_array_append (out, signature, sizeof signature);
  append_header (out, width, height, bits_for (palette->n_colours));
  append_palette (out, palette);
  append_chunk (out, "IDAT", compressed->data, compressed->len);
  append_chunk (out, "IEND", NULL, 0);
  return TRUE;
}
