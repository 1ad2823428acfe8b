/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* A gzip file (RFC 1952) of one member out of parts that are compressed each by itself, so that a
 * part that did not change is compressed once for all files that have it: the head, the parts one
 * after another, the tail. */

/* One part: what it is compressed (RFC 1951), to end at a byte and without a last block. *@check:
 * its CRC 32. */
GBytes *pt_gzip_part (GBytes *plain, guint32 *check);
GBytes *pt_gzip_head (void);

/* What the tail says of all parts. */
typedef struct
{
  guint32 check;
  guint64 size;
} PtGzipSum;

/* A part of @size bytes follows those before. */
void pt_gzip_sum_add (PtGzipSum *sum, guint32 check, gsize size);
GBytes *pt_gzip_tail (const PtGzipSum *sum);

/* All of it from one text. */
GBytes *pt_gzip_whole (GBytes *plain);
