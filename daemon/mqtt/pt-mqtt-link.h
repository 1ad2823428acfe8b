/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>
#include <mosquitto.h>

#include "pt-health.h"

/* The connection to the broker, made again whenever it is lost: TLS by GIO, MQTT 3.1.1 by
 * libmosquitto, between them the valve. All of it on the thread whose default context it was made
 * in. */
typedef struct _PtMqttLink PtMqttLink;

/* What is pointed to outlives the link. */
typedef struct
{
  const char *broker;            /* host:port; 8883 where there is no port */
  const char *ca;                /* PEM file; NULL: whom the system trusts */
  const char *certificate, *key; /* PEM files, read at each connection; NULL: none */
  const char *user, *password;   /* or NULL */
  const char *client_id;         /* under which the broker keeps a session for us */
  const char *folder;            /* ours alone, for a socket */
} PtMqttLinkOptions;

/* Who is told, on the link's thread. Each may use the link, but not free it. */
typedef struct
{
  /* It is there; @has_session: and the broker remembers what was subscribed. */
  void (*up) (gboolean has_session, gpointer user_data);
  /* @sentence: why it is not, and what to do. */
  void (*down) (PtHealthSort sort, const char *sentence, gpointer user_data);
  void (*message) (const struct mosquitto_message *message, gpointer user_data);
  void (*subscribed) (int number, gboolean granted, gpointer user_data);
  /* QoS 0: it is written; QoS 1: the broker has it. */
  void (*published) (int number, gpointer user_data);
} PtMqttLinkFuncs;

/* Begins to connect. Files that can't be read are told by @down, as all that is in its way. */
PtMqttLink *pt_mqtt_link_new (const PtMqttLinkOptions *options, const PtMqttLinkFuncs *funcs,
                              gpointer user_data);
void pt_mqtt_link_free (PtMqttLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtMqttLink, pt_mqtt_link_free)

gboolean pt_mqtt_link_is_up (const PtMqttLink *link);
/* Ends this connection for what was heard through it; there will be another. */
void pt_mqtt_link_fail (PtMqttLink *link, PtHealthSort sort, const char *sentence);

/* The number that comes back with what became of it; 0: there is no connection. At QoS 1. */
int pt_mqtt_link_subscribe (PtMqttLink *link, const char *filter);
int pt_mqtt_link_publish (PtMqttLink *link, const char *topic, const char *text, gsize size,
                          int qos, gboolean retain);
/* The message with this packet identifier, of this connection, is kept. */
void pt_mqtt_link_acknowledge (PtMqttLink *link, guint16 packet);
/* No message is read meanwhile, from the next pt_mqtt_link_settle () on. */
void pt_mqtt_link_set_paused (PtMqttLink *link, gboolean paused);
/* What was published and acknowledged goes out now; after the last of a number of them. */
void pt_mqtt_link_settle (PtMqttLink *link);
