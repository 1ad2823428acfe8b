/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-gzip.h"

#include <string.h>
#include <zlib.h>

#define LEVEL                                                                                      \
  5 /* within 3 % of the best for lists of sites, in a quarter of its time; readers wait for it */
#define WINDOW_BITS 15
#define MEMORY 8
#define FLUSH_ROOM 16 /* the empty block that ends a part */

/* RFC 1952, section 2.3: no name, no time, a system that nobody asks for. */
static const guint8 head[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };
/* RFC 1951, section 3.2.6: the last block, with nothing in it. */
static const guint8 last_block[] = { 0x03, 0x00 };

static void
compress_part (z_stream *stream, const guint8 *data, gsize size, GByteArray *out)
{
  gsize room = deflateBound (stream, size) + FLUSH_ROOM;
  int result;

  g_byte_array_set_size (out, (guint) room);
  stream->next_in = (guint8 *) data;
  stream->avail_in = (uInt) size;
  stream->next_out = out->data;
  stream->avail_out = (uInt) room;
  result = deflate (stream, Z_FULL_FLUSH);
  g_assert (result == Z_OK && stream->avail_in == 0 && stream->avail_out > 0);
  g_byte_array_set_size (out, (guint) (room - stream->avail_out));
}

GBytes *
pt_gzip_part (GBytes *plain, guint32 *check)
{
  GByteArray *out;
  const guint8 *data;
  z_stream stream = { 0 };
  gsize size;

  g_return_val_if_fail (plain != NULL && check != NULL, NULL);
  g_return_val_if_fail (g_bytes_get_size (plain) < G_MAXINT32, NULL);

  data = g_bytes_get_data (plain, &size);
  *check = (guint32) crc32 (0, data, (uInt) size);
  out = g_byte_array_new ();
  if (size > 0)
    {
      int result
          = deflateInit2 (&stream, LEVEL, Z_DEFLATED, -WINDOW_BITS, MEMORY, Z_DEFAULT_STRATEGY);

      g_assert (result == Z_OK);
      compress_part (&stream, data, size, out);
      deflateEnd (&stream);
    }
  return g_byte_array_free_to_bytes (out);
}

GBytes *
pt_gzip_head (void)
{
  return g_bytes_new_static (head, sizeof head);
}

void
pt_gzip_sum_add (PtGzipSum *sum, guint32 check, gsize size)
{
  g_return_if_fail (sum != NULL);

  sum->check = (guint32) crc32_combine (sum->check, check, (z_off_t) size);
  sum->size += size;
}

GBytes *
pt_gzip_tail (const PtGzipSum *sum)
{
  guint32 words[2];
  GByteArray *tail;

  g_return_val_if_fail (sum != NULL, NULL);

  words[0] = GUINT32_TO_LE (sum->check);
  words[1] = GUINT32_TO_LE ((guint32) sum->size);
  tail = g_byte_array_new ();
  g_byte_array_append (tail, last_block, sizeof last_block);
  g_byte_array_append (tail, (const guint8 *) words, sizeof words);
  return g_byte_array_free_to_bytes (tail);
}

GBytes *
pt_gzip_whole (GBytes *plain)
{
  g_autoptr (GBytes) part = NULL;
  g_autoptr (GBytes) tail = NULL;
  PtGzipSum sum = { 0 };
  GByteArray *out;
  guint32 check;

  g_return_val_if_fail (plain != NULL, NULL);

  part = pt_gzip_part (plain, &check);
  pt_gzip_sum_add (&sum, check, g_bytes_get_size (plain));
  tail = pt_gzip_tail (&sum);
  out = g_byte_array_sized_new ((guint) (g_bytes_get_size (part) + 64));
  g_byte_array_append (out, head, sizeof head);
  g_byte_array_append (out, g_bytes_get_data (part, NULL), (guint) g_bytes_get_size (part));
  g_byte_array_append (out, g_bytes_get_data (tail, NULL), (guint) g_bytes_get_size (tail));
  return g_byte_array_free_to_bytes (out);
}
