/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-car.h"

#include <string.h>

struct _PtCar
{
  PtBlockWalk *walk;
  PtCid root;
  gboolean header_done;
};

/* DAG-CBOR of {"roots": [CID], "version": 1}: keys by length, the CID as tag 42 over a byte string
 * of 0x00 (identity multibase) and its bytes. */
static const guint8 header_before[]
    = { 0xa2, 0x65, 'r', 'o', 'o', 't', 's', 0x81, 0xd8, 0x2a, 0x58, 1 + PT_CID_SIZE, 0x00 };
static const guint8 header_after[] = { 0x67, 'v', 'e', 'r', 's', 'i', 'o', 'n', 0x01 };

#define HEADER_SIZE (sizeof header_before + PT_CID_SIZE + sizeof header_after)

PtCar *
pt_car_new (PtBlockStore *store, const PtCid *root)
{
  PtCar *car;

  g_return_val_if_fail (store != NULL && root != NULL, NULL);
  car = g_new0 (PtCar, 1);
  car->walk = pt_block_store_walk (store, root);
  car->root = *root;
  return car;
}

void
pt_car_free (PtCar *car)
{
  if (car == NULL)
    return;
  pt_block_walk_free (car->walk);
  g_free (car);
}

/* Unsigned LEB128. */
static void
append_varint (GByteArray *bytes, guint64 value)
{
  do
    {
      guint8 byte = value & 0x7f;

      value >>= 7;
      if (value > 0)
        byte |= 0x80;
      g_byte_array_append (bytes, &byte, 1);
    }
  while (value > 0);
}

static GBytes *
make_header (const PtCid *root)
{
  GByteArray *bytes = g_byte_array_new ();

  append_varint (bytes, HEADER_SIZE);
  g_byte_array_append (bytes, header_before, sizeof header_before);
  g_byte_array_append (bytes, root->bytes, PT_CID_SIZE);
  g_byte_array_append (bytes, header_after, sizeof header_after);
  return g_byte_array_free_to_bytes (bytes);
}

gboolean
pt_car_next (PtCar *car, GBytes **piece, GError **error)
{
  PtCid cid;
  g_autoptr (GBytes) block = NULL;
  gsize size;
  const guint8 *data;
  GByteArray *bytes;

  g_return_val_if_fail (car != NULL && piece != NULL, FALSE);
  *piece = NULL;
  if (!car->header_done)
    {
      car->header_done = TRUE;
      *piece = make_header (&car->root);
      return TRUE;
    }
  if (!pt_block_walk_next (car->walk, &cid, &block, error))
    return FALSE;
  if (block == NULL)
    return TRUE;
  data = g_bytes_get_data (block, &size);
  bytes = g_byte_array_sized_new ((guint) size + PT_CID_SIZE + 4);
  append_varint (bytes, PT_CID_SIZE + size);
  g_byte_array_append (bytes, cid.bytes, PT_CID_SIZE);
  if (size > 0)
    g_byte_array_append (bytes, data, (guint) size);
  *piece = g_byte_array_free_to_bytes (bytes);
  return TRUE;
}
