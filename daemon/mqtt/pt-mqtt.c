/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-mqtt-answer.h"
#include "pt-mqtt-link.h"
#include "pt-mqtt-message.h"
#include "pt-mqtt-status.h"
#include "pt-mqtt-valve.h"

#define AGAIN_MS 500      /* until those that found no room are handed in again */
#define SHARE_TRIES 2     /* connections that may be lost over sharing */
#define ANSWERS_MAX 10000 /* that are not written yet; what comes on top is not answered */
#define PACKETS (G_MAXUINT16 + 1)
#define HELD_MAX (64 * 1024 * 1024) /* bytes of messages that are not answered */

struct _PtMqtt
{
  PtMqttConfig config;
  char *broker, *ca, *certificate, *key, *user, *password, *client_id, *share, *folder;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  PtMqttInbox *inbox;
  PtMqttStatus *status;

  /* Of the thread. */
  PtMqttLink *link;
  GQueue waiting; /* PtMqttMessage that found no room */
  GSource *again;
  guint held;       /* messages that are not answered */
  gsize held_bytes; /* of them */
  guint answers;    /* that are not written */
  guint32 serial;
  guint32 newest[PACKETS]; /* delivery under each packet identifier; 0: none to acknowledge */
  int asked[PT_MQTT_ASKED_COUNT]; /* numbers of the subscriptions */
  gboolean is_plain;              /* this broker shares nothing */
  gboolean is_share_asked;        /* and has not said whether it does */
  guint share_losses;             /* connections that ended before it had */
  gboolean has_told;              /* all sites, once */
};

/* Room */

static void
mqtt_look_at_room (PtMqtt *mqtt)
{
  pt_mqtt_link_set_paused (mqtt->link, mqtt->held >= mqtt->config.inflight_max
                                           || mqtt->held_bytes >= HELD_MAX
                                           || mqtt->waiting.length > 0);
}

/* Its end: the broker may forget it, unless it has delivered it once more, which comes after this
 * one and is acknowledged itself: by then the identifier may be another message's. */
static void
mqtt_finish (PtMqtt *mqtt, PtMqttMessage *message)
{
  if (message->is_kept && mqtt->newest[message->packet] == message->serial)
    {
      mqtt->newest[message->packet] = 0;
      pt_mqtt_link_acknowledge (mqtt->link, message->packet);
    }
  mqtt->held--;
  mqtt->held_bytes -= g_bytes_get_size (message->payload);
  pt_mqtt_message_free (message);
}

/* Answers: at most once. A device that hears none sends again, and hears that it is a duplicate. */
static void
mqtt_answer (PtMqtt *mqtt, const PtMqttMessage *message, gconstpointer text, gsize size)
{
  char topic[PT_MQTT_TOPIC_MAX];

  if (mqtt->answers >= ANSWERS_MAX)
    return;
  pt_mqtt_topic_answer (&message->topic, topic);
  mqtt->answers++;
  if (pt_mqtt_link_publish (mqtt->link, topic, text, size, 0, FALSE) == 0)
    mqtt->answers--;
}

static void
mqtt_refuse (PtMqtt *mqtt, PtMqttMessage *message, const GError *error)
{
  g_autofree char *text = pt_mqtt_answer_refusal (error);

  mqtt_answer (mqtt, message, text, strlen (text));
  mqtt_finish (mqtt, message);
}

/* Reports */

static void
mqtt_refuse_report (PtMqtt *mqtt, PtMqttMessage *message, const GError *error)
{
  pt_mqtt_message_refused (message, mqtt->config.devices, error);
  mqtt_refuse (mqtt, message, error);
}

static gboolean hand_in_again (gpointer data);

/* Until another one has made room, or some time has passed. */
static void
mqtt_wait (PtMqtt *mqtt, PtMqttMessage *message)
{
  g_queue_push_tail (&mqtt->waiting, message);
  if (mqtt->again != NULL)
    return;
  mqtt->again = g_timeout_source_new (AGAIN_MS);
  g_source_set_callback (mqtt->again, hand_in_again, mqtt, NULL);
  g_source_attach (mqtt->again, mqtt->context);
}

/* FALSE: there is no room, and it is still the caller's. */
static gboolean
mqtt_take (PtMqtt *mqtt, PtMqttMessage *message)
{
  g_autoptr (GError) error = NULL;

  if (pt_mqtt_message_take (message, mqtt->config.devices, &error))
    return TRUE;
  if (error == NULL)
    return FALSE;
  mqtt_refuse_report (mqtt, message, error);
  return TRUE;
}

/* As many of those that wait as there is room for. */
static void
mqtt_take_waiting (PtMqtt *mqtt)
{
  while (mqtt->waiting.length > 0 && mqtt_take (mqtt, g_queue_peek_head (&mqtt->waiting)))
    g_queue_pop_head (&mqtt->waiting);
}

static gboolean
hand_in_again (gpointer data)
{
  PtMqtt *mqtt = data;

  mqtt_take_waiting (mqtt);
  mqtt_look_at_room (mqtt);
  pt_mqtt_link_settle (mqtt->link);
  if (mqtt->waiting.length > 0)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&mqtt->again, g_source_unref);
  return G_SOURCE_REMOVE;
}

/* Counters */

static void
mqtt_tell_held (PtMqtt *mqtt, PtMqttMessage *message)
{
  const PtMqttTopic *topic = &message->topic;
  g_autofree PtHeld *held = g_new (PtHeld, 1);
  g_autofree char *text = g_malloc (PT_HELD_JSON_MAX);
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  const char *asked = g_bytes_get_data (message->payload, &size);
  gboolean is_json = size > 0 && asked[0] == '{';
  PtResult result;

  if (!pt_intake_device_held (mqtt->config.devices, topic->area, topic->device, held, &error))
    {
      mqtt_refuse (mqtt, message, error);
      return;
    }
  result = is_json ? pt_held_write (held, text, PT_HELD_JSON_MAX, &size)
                   : pt_held_write_cbor (held, text, PT_HELD_JSON_MAX, &size);
  if (result == PT_OK)
    mqtt_answer (mqtt, message, text, size);
  mqtt_finish (mqtt, message);
}

/* The link */

static PtMqttMessage *
mqtt_new_message (PtMqtt *mqtt, const struct mosquitto_message *message, const PtMqttTopic *topic)
{
  gsize size = message->payloadlen <= PT_MQTT_PAYLOAD_MAX ? (gsize) message->payloadlen : 0;
  PtMqttMessage *taken = pt_mqtt_message_new (mqtt->inbox, topic, message->payload, size);

  taken->is_kept = message->qos > 0;
  taken->packet = (guint16) message->mid;
  taken->serial = MAX (mqtt->serial + 1, 1);
  mqtt->serial = taken->serial;
  if (taken->is_kept)
    mqtt->newest[taken->packet] = taken->serial;
  mqtt->held++;
  mqtt->held_bytes += size;
  return taken;
}

static void
link_message (const struct mosquitto_message *message, gpointer user_data)
{
  PtMqtt *mqtt = user_data;
  PtMqttTopic topic;
  PtMqttMessage *taken;

  if (!pt_mqtt_topic_read (message->topic, &topic))
    {
      g_message ("MQTT: what came under %s is no device's; it is let go.", message->topic);
      if (message->qos > 0)
        pt_mqtt_link_acknowledge (mqtt->link, (guint16) message->mid);
      return;
    }
  taken = mqtt_new_message (mqtt, message, &topic);
  if (message->payloadlen > PT_MQTT_PAYLOAD_MAX)
    {
      g_autoptr (GError) error = g_error_new_literal (PT_ERROR, PT_ERROR_TOO_LARGE, "");

      mqtt_refuse_report (mqtt, taken, error);
    }
  else if (topic.asked == PT_MQTT_HELD)
    mqtt_tell_held (mqtt, taken);
  else if (mqtt->waiting.length > 0 || !mqtt_take (mqtt, taken))
    mqtt_wait (mqtt, taken);
  mqtt_look_at_room (mqtt);
}

static void
mqtt_subscribe (PtMqtt *mqtt)
{
  const char *share = mqtt->is_plain ? NULL : mqtt->config.share;

  mqtt->is_share_asked = share != NULL;
  for (guint i = 0; i < PT_MQTT_ASKED_COUNT; i++)
    {
      g_autofree char *filter = pt_mqtt_topic_filter ((PtMqttAsked) i, share);

      mqtt->asked[i] = pt_mqtt_link_subscribe (mqtt->link, filter);
    }
}

/* Sharing is no part of MQTT 3.1.1: of brokers without it some refuse to subscribe, some hang up.
 */
static void
mqtt_share_nothing (PtMqtt *mqtt)
{
  g_message ("MQTT: the broker shares no subscriptions: each daemon gets every message.");
  mqtt->is_plain = TRUE;
  mqtt_subscribe (mqtt);
}

static void
link_up (gboolean has_session, gpointer user_data)
{
  PtMqtt *mqtt = user_data;

  mqtt_subscribe (mqtt);
  if (!has_session || !mqtt->has_told)
    pt_mqtt_status_tell_all (mqtt->status);
  mqtt->has_told = TRUE;
}

static void
link_down (PtHealthSort sort, const char *sentence, gpointer user_data)
{
  PtMqtt *mqtt = user_data;

  memset (mqtt->newest, 0, sizeof mqtt->newest);
  mqtt->answers = 0;
  if (mqtt->is_share_asked && ++mqtt->share_losses == SHARE_TRIES)
    mqtt_share_nothing (mqtt);
  mqtt->is_share_asked = FALSE;
  pt_mqtt_status_lost (mqtt->status);
  pt_health_say (mqtt->config.health, PT_HEALTH_MQTT, sort, sentence);
}

static void
mqtt_tell_sites (PtMqtt *mqtt)
{
  char *topic, *text;

  while (pt_mqtt_link_is_up (mqtt->link) && pt_mqtt_status_next (mqtt->status, &topic, &text))
    {
      int number = pt_mqtt_link_publish (mqtt->link, topic, text, strlen (text), 1, TRUE);

      pt_mqtt_status_sent (mqtt->status, number, topic, text);
      if (number == 0)
        return;
    }
}

static void
link_subscribed (int number, gboolean granted, gpointer user_data)
{
  PtMqtt *mqtt = user_data;
  guint asked = 0;

  while (asked < PT_MQTT_ASKED_COUNT && mqtt->asked[asked] != number)
    asked++;
  if (asked == PT_MQTT_ASKED_COUNT)
    return;
  if (!granted && mqtt->config.share != NULL && !mqtt->is_plain)
    mqtt_share_nothing (mqtt);
  else if (!granted)
    pt_mqtt_link_fail (mqtt->link, PT_HEALTH_ASKS,
                       "The MQTT broker lets the daemon subscribe to no reports. Let it read "
                       "powertrack/v1/+/+/report, .../report/receipt and .../held.");
  else if (asked == PT_MQTT_ASKED_COUNT - 1)
    {
      g_message ("MQTT: reports come through %s.", mqtt->broker);
      pt_health_say (mqtt->config.health, PT_HEALTH_MQTT, PT_HEALTH_WELL, NULL);
      mqtt->is_share_asked = FALSE;
      mqtt->share_losses = 0;
      mqtt_tell_sites (mqtt);
    }
}

static void
link_published (int number, gpointer user_data)
{
  PtMqtt *mqtt = user_data;

  if (pt_mqtt_status_confirmed (mqtt->status, number))
    mqtt_tell_sites (mqtt);
  else if (mqtt->answers > 0)
    mqtt->answers--;
}

/* The thread */

/* Messages are back from their commit, or sites have changed. */
static gboolean
inbox_came (gpointer data)
{
  PtMqtt *mqtt = data;
  gboolean has_room = FALSE;
  PtMqttMessage *message;

  while ((message = pt_mqtt_inbox_pop (mqtt->inbox)) != NULL)
    {
      g_autoptr (PtSubmission) submission = g_steal_pointer (&message->submission);

      if (pt_mqtt_answer_waits (submission))
        mqtt_wait (mqtt, message);
      else
        {
          g_autofree char *text = pt_mqtt_answer_text (submission);

          mqtt_answer (mqtt, message, text, strlen (text));
          mqtt_finish (mqtt, message);
          has_room = TRUE;
        }
    }
  if (has_room)
    mqtt_take_waiting (mqtt);
  mqtt_tell_sites (mqtt);
  mqtt_look_at_room (mqtt);
  pt_mqtt_link_settle (mqtt->link);
  return G_SOURCE_CONTINUE;
}

static gpointer
mqtt_run (gpointer data)
{
  static const PtMqttLinkFuncs funcs = { .up = link_up,
                                         .down = link_down,
                                         .message = link_message,
                                         .subscribed = link_subscribed,
                                         .published = link_published };
  PtMqtt *mqtt = data;
  const PtMqttLinkOptions options = { .broker = mqtt->broker,
                                      .ca = mqtt->ca,
                                      .certificate = mqtt->certificate,
                                      .key = mqtt->key,
                                      .user = mqtt->user,
                                      .password = mqtt->password,
                                      .client_id = mqtt->client_id,
                                      .folder = mqtt->folder };

  g_main_context_push_thread_default (mqtt->context);
  mqtt->link = pt_mqtt_link_new (&options, &funcs, mqtt);
  g_main_loop_run (mqtt->loop);
  g_clear_pointer (&mqtt->link, pt_mqtt_link_free);
  if (mqtt->again != NULL)
    g_source_destroy (mqtt->again);
  g_clear_pointer (&mqtt->again, g_source_unref);
  g_clear_pointer (&mqtt->inbox, pt_mqtt_inbox_close);
  /* What was cancelled says so. */
  while (g_main_context_iteration (mqtt->context, FALSE))
    ;
  g_main_context_pop_thread_default (mqtt->context);
  return NULL;
}

/* Main loop. */
static void
sites_wait (gpointer data)
{
  pt_mqtt_inbox_wake (((PtMqtt *) data)->inbox);
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static gboolean
refuse_file (const char *option, const char *sentence, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "[mqtt] %s: %s", option, sentence);
  return FALSE;
}

/* Whether nobody else can read it; NULL: there is none. */
static gboolean
is_private (const char *option, const char *path, GError **error)
{
  GStatBuf info;

  if (path == NULL || g_stat (path, &info) != 0 || (info.st_mode & 077) == 0)
    return TRUE;
  return refuse_file (option, "Others can read this file. Run chmod 600 on it.", error);
}

static gboolean
mqtt_read_password (PtMqtt *mqtt, GError **error)
{
  const char *path = mqtt->config.password_file;
  g_autoptr (GError) local = NULL;

  if (!is_private ("key", mqtt->key, error) || !is_private ("password_file", path, error))
    return FALSE;
  if (path == NULL)
    return TRUE;
  if (!g_file_get_contents (path, &mqtt->password, NULL, &local))
    return refuse_file ("password_file", local->message, error);
  g_strchomp (mqtt->password);
  return TRUE;
}

PtMqtt *
pt_mqtt_new (const PtMqttConfig *config, GError **error)
{
  g_autoptr (PtMqtt) mqtt = NULL;

  g_return_val_if_fail (config != NULL && config->broker != NULL, NULL);
  g_return_val_if_fail (config->client_id != NULL && config->inflight_max > 0, NULL);

  mosquitto_lib_init ();
  mqtt = g_new0 (PtMqtt, 1);
  mqtt->config = *config;
  mqtt->broker = g_strdup (config->broker);
  mqtt->ca = g_strdup (config->ca);
  mqtt->certificate = g_strdup (config->certificate);
  mqtt->key = g_strdup (config->key);
  mqtt->user = g_strdup (config->user);
  mqtt->client_id = g_strdup (config->client_id);
  mqtt->share = g_strdup (config->share);
  mqtt->config.share = mqtt->share;
  mqtt->folder = g_strdup (config->folder);
  g_queue_init (&mqtt->waiting);
  if (!mqtt_read_password (mqtt, error))
    return NULL;
  mqtt->context = g_main_context_new ();
  mqtt->loop = g_main_loop_new (mqtt->context, FALSE);
  mqtt->inbox = pt_mqtt_inbox_new (mqtt->context, inbox_came, mqtt);
  mqtt->status = pt_mqtt_status_new (config->live, config->news, sites_wait, mqtt);
  mqtt->thread = g_thread_new ("mqtt", mqtt_run, mqtt);
  return g_steal_pointer (&mqtt);
}

void
pt_mqtt_free (PtMqtt *mqtt)
{
  if (mqtt == NULL)
    return;
  if (mqtt->thread != NULL)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      g_source_set_callback (source, quit, mqtt->loop, NULL);
      g_source_attach (source, mqtt->context);
      g_thread_join (mqtt->thread);
    }
  g_clear_pointer (&mqtt->status, pt_mqtt_status_free);
  g_queue_clear_full (&mqtt->waiting, (GDestroyNotify) pt_mqtt_message_free);
  g_clear_pointer (&mqtt->inbox, pt_mqtt_inbox_close);
  g_clear_pointer (&mqtt->loop, g_main_loop_unref);
  g_clear_pointer (&mqtt->context, g_main_context_unref);
  g_free (mqtt->broker);
  g_free (mqtt->ca);
  g_free (mqtt->certificate);
  g_free (mqtt->key);
  g_free (mqtt->user);
  g_free (mqtt->password);
  g_free (mqtt->client_id);
  g_free (mqtt->share);
  g_free (mqtt->folder);
  g_free (mqtt);
}
