/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Takes one kind of packet out of what one side of an MQTT connection sends, and lets all others
 * pass as they come: packets' bounds (MQTT 3.1.1 section 2.2) are all that it reads. */
typedef struct
{
  guint8 kind; /* the first half of the first byte */
  guint8 head[5];
  guint head_size;
  guint32 left;        /* bytes of the packet that is under way */
  gboolean is_taken;   /* which is one of those that are taken out */
  gboolean is_between; /* none is under way */
} PtMqttCut;

#define PT_MQTT_PUBACK 4

/* @kind: such as PT_MQTT_PUBACK. */
void pt_mqtt_cut_init (PtMqttCut *cut, guint8 kind);
/* Appends to @out what passes of @data, which may begin and end anywhere. FALSE: this is not MQTT,
 * and nothing that comes after it is. */
gboolean pt_mqtt_cut_pass (PtMqttCut *cut, const guint8 *data, gsize size, GByteArray *out);
