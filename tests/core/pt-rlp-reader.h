/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A strict RLP reader, by the yellow paper's appendix B, for tests only: what the writer in core
 * makes is read back by something that was not made of it. */

#include <glib.h>
#include <string.h>

#include "pt-base.h"

typedef struct
{
  bool list;
  const uint8_t *data; /* the payload */
  size_t size;
} PtRlpItem;

/* A big-endian length of @count bytes: without leading zeros, and too long for the short form. */
static inline bool
pt_rlp_read_length (const uint8_t *data, size_t count, uint64_t *length)
{
  *length = 0;
  if (count > 8 || data[0] == 0)
    return false;
  for (size_t i = 0; i < count; i++)
    *length = *length << 8 | data[i];
  return *length > 55;
}

/* Takes the item that *@data begins with; false for anything but its one encoding. */
static inline bool
pt_rlp_read (const uint8_t **data, size_t *size, PtRlpItem *item)
{
  uint8_t first;
  size_t header = 1;
  uint64_t length;

  *item = (PtRlpItem){ 0 };
  if (*size == 0)
    return false;
  first = (*data)[0];
  item->list = first >= 0xc0;
  if (first < 0x80)
    {
      header = 0;
      length = 1;
    }
  else
    {
      uint8_t rest = (uint8_t) (first - (item->list ? 0xc0 : 0x80));

      length = rest;
      if (rest > 55)
        {
          size_t count = rest - 55u;

          if (count > *size - 1 || !pt_rlp_read_length (*data + 1, count, &length))
            return false;
          header += count;
        }
    }
  if (length > *size - header)
    return false;
  item->data = *data + header;
  item->size = (size_t) length;
  if (header == 1 && !item->list && length == 1 && item->data[0] < 0x80)
    return false; /* a byte like this stands for itself */
  *data += header + length;
  *size -= header + (size_t) length;
  return true;
}
