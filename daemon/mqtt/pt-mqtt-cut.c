/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-cut.h"

void
pt_mqtt_cut_init (PtMqttCut *cut, guint8 kind)
{
  g_return_if_fail (cut != NULL);

  *cut = (PtMqttCut){ .kind = kind, .is_between = TRUE };
}

/* The head is whole: how long the packet is. FALSE: its length has no end. */
static gboolean
cut_read_head (PtMqttCut *cut)
{
  guint32 length = 0;

  for (guint i = cut->head_size - 1; i > 0; i--)
    length = length << 7 | (cut->head[i] & 0x7f);
  cut->left = length;
  cut->is_taken = cut->head[0] >> 4 == cut->kind;
  return cut->head[0] >> 4 != 0;
}

/* A byte of the head. */
static gboolean
cut_add_head (PtMqttCut *cut, guint8 byte, GByteArray *out)
{
  cut->is_between = FALSE;
  cut->head[cut->head_size++] = byte;
  if (cut->head_size == 1 || byte & 0x80)
    return cut->head_size < sizeof cut->head;
  if (!cut_read_head (cut))
    return FALSE;
  if (!cut->is_taken)
    g_byte_array_append (out, cut->head, cut->head_size);
  cut->head_size = 0;
  cut->is_between = cut->left == 0;
  return TRUE;
}

gboolean
pt_mqtt_cut_pass (PtMqttCut *cut, const guint8 *data, gsize size, GByteArray *out)
{
  const guint8 *end = data + size;

  g_return_val_if_fail (cut != NULL && out != NULL && (data != NULL || size == 0), FALSE);

  while (data < end)
    if (cut->left > 0)
      {
        guint32 part = (guint32) MIN ((gsize) (end - data), cut->left);

        if (!cut->is_taken)
          g_byte_array_append (out, data, part);
        cut->left -= part;
        cut->is_between = cut->left == 0;
        data += part;
      }
    else if (!cut_add_head (cut, *data++, out))
      return FALSE;
  return TRUE;
}
