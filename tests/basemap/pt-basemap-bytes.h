/* SPDX-License-Identifier: Apache-2.0 */
/* Files as data/basemap/prepare.js packs them, by hand. */
#pragma once

#include <glib.h>
#include <string.h>

#define BASEMAP_MAGIC "PTBASE2\n"

static inline void
append_byte (GByteArray *bytes, guint8 byte)
{
  g_byte_array_append (bytes, &byte, 1);
}

static inline void
append_varint (GByteArray *bytes, guint64 value)
{
  for (; value > 127; value >>= 7)
    append_byte (bytes, (guint8) (value | 128));
  append_byte (bytes, (guint8) value);
}

static inline void
append_signed (GByteArray *bytes, gint64 value)
{
  append_varint (bytes, value < 0 ? (guint64) (-2 * value - 1) : (guint64) (2 * value));
}

static inline GByteArray *
new_file (void)
{
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) BASEMAP_MAGIC, 8);
  return bytes;
}

/* A ring ('R') or line ('L') through points in whole degrees. */
static inline void
append_path (GByteArray *bytes, char type, guint8 layer, const int (*degrees)[2], guint length)
{
  int last[2] = { 0, 0 };

  append_byte (bytes, (guint8) type);
  append_byte (bytes, layer);
  append_varint (bytes, length);
  for (guint i = 0; i < length; i++)
    for (guint axis = 0; axis < 2; axis++)
      {
        append_signed (bytes, (gint64) (degrees[i][axis] - last[axis]) * 100000);
        last[axis] = degrees[i][axis];
      }
}

static inline void
append_end (GByteArray *bytes, guint64 n_records)
{
  append_byte (bytes, 'Z');
  append_varint (bytes, n_records);
}
