/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Topics: docs/PROTOCOL.md section 13. */

#define PT_MQTT_TOPIC_MAX 192 /* bytes, with the NUL */

typedef enum
{
  PT_MQTT_REPORT,  /* reports, answered by what became of each */
  PT_MQTT_RECEIPT, /* likewise, and with receipts */
  PT_MQTT_HELD     /* which counters are durable? */
} PtMqttAsked;

#define PT_MQTT_ASKED_COUNT (PT_MQTT_HELD + 1)

typedef struct
{
  char area[32], device[65];
  PtMqttAsked asked;
} PtMqttTopic;

/* FALSE: no device's. */
gboolean pt_mqtt_topic_read (const char *topic, PtMqttTopic *out);
/* What all devices' topics of this kind are like, for a subscription; shared by all that name the
 * same @group, where that is not NULL. */
char *pt_mqtt_topic_filter (PtMqttAsked asked, const char *group);
/* Where the device is answered. */
void pt_mqtt_topic_answer (const PtMqttTopic *topic, char out[PT_MQTT_TOPIC_MAX]);
