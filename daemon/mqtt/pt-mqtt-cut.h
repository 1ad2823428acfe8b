/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Takes one kind of packet out of what one side of an MQTT connection sends, cuts the end off
 * messages that are too long, and lets all else pass as it comes: packets' bounds (MQTT 3.1.1
 * section 2.2) are all that it reads. */
typedef struct
{
  guint8 kind;  /* the first half of the first byte */
  guint32 most; /* bytes of a packet after its head */
  guint8 head[5];
  guint head_size;
  guint32 passes, left; /* bytes of the packet that is under way: that pass yet, and all */
  gboolean is_between;  /* none is under way */
} PtMqttCut;

#define PT_MQTT_NOTHING 0 /* no packet is of it */
#define PT_MQTT_PUBLISH 3
#define PT_MQTT_PUBACK 4
#define PT_MQTT_LENGTH_MAX 268435455 /* of any packet */

/* @kind: such as PT_MQTT_PUBACK. @most: what is longer is cut to it where it is a message, which
 * then ends too early, and is not MQTT where it is not. */
void pt_mqtt_cut_init (PtMqttCut *cut, guint8 kind, guint32 most);
/* Appends to @out what passes of @data, which may begin and end anywhere. FALSE: this is not MQTT,
 * and nothing that comes after it is. */
gboolean pt_mqtt_cut_pass (PtMqttCut *cut, const guint8 *data, gsize size, GByteArray *out);
