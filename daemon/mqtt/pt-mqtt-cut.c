/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-cut.h"

void
pt_mqtt_cut_init (PtMqttCut *cut, guint8 kind, guint32 most)
{
  g_return_if_fail (cut != NULL && most <= PT_MQTT_LENGTH_MAX);

  *cut = (PtMqttCut){ .kind = kind, .most = most, .is_between = TRUE };
}

/* The head says less than it did. */
static void
cut_write_head (PtMqttCut *cut)
{
  guint32 length = cut->passes;

  cut->head_size = 1;
  do
    {
      cut->head[cut->head_size++] = (guint8) (length & 0x7f) | (length > 0x7f ? 0x80 : 0);
      length >>= 7;
    }
  while (length > 0);
}

/* The head is whole: how long the packet is, and how much of that passes. */
static gboolean
cut_read_head (PtMqttCut *cut, GByteArray *out)
{
  guint8 kind = cut->head[0] >> 4;
  guint32 length = 0;

  for (guint i = cut->head_size - 1; i > 0; i--)
    length = length << 7 | (cut->head[i] & 0x7f);
  if (kind == PT_MQTT_NOTHING || (length > cut->most && kind != PT_MQTT_PUBLISH))
    return FALSE;
  cut->left = length;
  cut->passes = kind == cut->kind ? 0 : MIN (length, cut->most);
  if (cut->passes < length)
    cut_write_head (cut);
  if (kind != cut->kind)
    g_byte_array_append (out, cut->head, cut->head_size);
  return TRUE;
}

/* A byte of the head. */
static gboolean
cut_add_head (PtMqttCut *cut, guint8 byte, GByteArray *out)
{
  cut->is_between = FALSE;
  cut->head[cut->head_size++] = byte;
  if (cut->head_size == 1 || byte & 0x80)
    return cut->head_size < sizeof cut->head;
  if (!cut_read_head (cut, out))
    return FALSE;
  cut->head_size = 0;
  cut->is_between = cut->left == 0;
  return TRUE;
}

/* As much of the packet that is under way as is here; how much that is. */
static gsize
cut_add_body (PtMqttCut *cut, const guint8 *data, gsize size, GByteArray *out)
{
  guint32 part = (guint32) MIN (size, cut->left), passes = MIN (part, cut->passes);

  g_byte_array_append (out, data, passes);
  cut->passes -= passes;
  cut->left -= part;
  cut->is_between = cut->left == 0;
  return part;
}

gboolean
pt_mqtt_cut_pass (PtMqttCut *cut, const guint8 *data, gsize size, GByteArray *out)
{
  const guint8 *end = data + size;

  g_return_val_if_fail (cut != NULL && out != NULL && (data != NULL || size == 0), FALSE);

  while (data < end)
    if (cut->left > 0)
      data += cut_add_body (cut, data, (gsize) (end - data), out);
    else if (!cut_add_head (cut, *data++, out))
      return FALSE;
  return TRUE;
}
