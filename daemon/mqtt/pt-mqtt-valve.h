/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* Stands between libmosquitto and the broker. libmosquitto 2.0 acknowledges a message before it
 * hands it on, and what is acknowledged the broker forgets; so its acknowledgements (PUBACK) are
 * taken out on their way, and ours put in when what the message said is durable. All other bytes
 * pass as they are, but for the end of a message that is too long. On the thread whose default
 * context it was made in. */
typedef struct _PtMqttValve PtMqttValve;

#define PT_MQTT_PAYLOAD_MAX (1024 * 1024) /* bytes; of one with more at least one more passes */

/* @error: why; NULL: a side has closed. Once; not from within one of its functions. */
typedef void (*PtMqttValveEnded) (const GError *error, gpointer user_data);

/* @client: the end of libmosquitto's socket that is ours; @broker: what leads to the broker. Both
 * are closed when it is freed. */
PtMqttValve *pt_mqtt_valve_new (GIOStream *client, GIOStream *broker, PtMqttValveEnded ended,
                                gpointer user_data);
void pt_mqtt_valve_free (PtMqttValve *valve);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtMqttValve, pt_mqtt_valve_free)

/* Tells the broker that the message with this packet identifier is kept. It is written with what
 * else is to be when pt_mqtt_valve_flush () is called. */
void pt_mqtt_valve_acknowledge (PtMqttValve *valve, guint16 packet);
void pt_mqtt_valve_flush (PtMqttValve *valve);
