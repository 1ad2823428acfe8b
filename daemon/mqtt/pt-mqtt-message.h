/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-intake-device.h"
#include "pt-mqtt-topic.h"

/* A message on its way, and where it comes back to when it is committed. */

/* Of one mouth; lives until the mouth and all its messages have gone. */
typedef struct _PtMqttInbox PtMqttInbox;

typedef struct
{
  PtMqttInbox *inbox;
  PtMqttTopic topic;
  GBytes *payload;
  gboolean is_kept; /* by the broker, until it is acknowledged */
  guint16 packet;
  guint32 serial;           /* of the delivery */
  PtSubmission *submission; /* when it has come back */
} PtMqttMessage;

PtMqttMessage *pt_mqtt_message_new (PtMqttInbox *inbox, const PtMqttTopic *topic,
                                    gconstpointer payload, gsize size);
void pt_mqtt_message_free (PtMqttMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtMqttMessage, pt_mqtt_message_free)

/* TRUE: it is handed in and comes back through the inbox. FALSE with @error: it is no report.
 * FALSE without: there is no room. */
gboolean pt_mqtt_message_take (PtMqttMessage *message, const PtIntakeDevices *devices,
                               GError **error);

/* @came: on @context's thread, when there are some to be taken out. */
PtMqttInbox *pt_mqtt_inbox_new (GMainContext *context, GSourceFunc came, gpointer user_data);
/* What comes back later is freed. */
void pt_mqtt_inbox_close (PtMqttInbox *inbox);
/* Has @came called, whatever there is. Any thread, until it is closed. */
void pt_mqtt_inbox_wake (PtMqttInbox *inbox);
/* NULL: there is none. Takes it out. */
PtMqttMessage *pt_mqtt_inbox_pop (PtMqttInbox *inbox);
/* Counts and keeps what was refused before it was handed in. */
void pt_mqtt_message_refused (PtMqttMessage *message, const PtIntakeDevices *devices,
                              const GError *error);
