/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-intake-device.h"
#include "pt-live.h"

/* The mouth that is a client of an MQTT broker: docs/PROTOCOL.md section 13. Each message is
 * acknowledged to the broker when what it says is durable or refused for good; until then the
 * broker keeps it, and sends it again to the next connection. It has a thread of its own. */
typedef struct _PtMqtt PtMqtt;

/* What is pointed to is copied but for the parts of the daemon, which outlive it. */
typedef struct
{
  const char *broker;            /* host:port */
  const char *ca;                /* PEM file, or NULL */
  const char *certificate, *key; /* PEM files, or NULL */
  const char *user;              /* or NULL */
  const char *password_file;     /* or NULL */
  const char *client_id;
  const char *share;  /* the group of daemons that share the messages; NULL: there is none */
  guint inflight_max; /* messages that wait for their commit */
  const char *folder; /* the state directory */
  const PtIntakeDevices *devices;
  PtLive *live;
  PtNews *news;
  PtHealth *health;
} PtMqttConfig;

/* Main loop. PT_ERROR_CONFIGURATION: a file can't be read. That the broker can't be reached is
 * health's, and is tried again. */
PtMqtt *pt_mqtt_new (const PtMqttConfig *config, GError **error);
/* What is on its way is committed and not acknowledged: it comes again, and is a duplicate. */
void pt_mqtt_free (PtMqtt *mqtt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtMqtt, pt_mqtt_free)
