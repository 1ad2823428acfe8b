/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT over TLS: a connection a device to the broker, by its certificate. What the broker has
 * acknowledged is acknowledged; the daemon's answer is waited for a little besides, since it says
 * whether the report was refused, and a clock that is stepped does not run ahead of it. */
#include "pt-fleet-pool.h"
#include "pt-fleet-transport.h"

#include "pt-error.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <mosquitto.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEFAULT_PORT 8883
#define KEEPALIVE_S 600
#define PATIENCE_US (60 * G_USEC_PER_SEC) /* until the broker has everything */
#define ANSWER_MOST_US (10 * G_USEC_PER_SEC)
#define ANSWER_LEAST_US (G_USEC_PER_SEC / 10)
#define TURN_MS 50
#define TOPIC "powertrack/v1/%s/%s/%s"
#define SLUG_MOST 64

typedef struct
{
  PtFleetTransport base;
  char *host;
  guint16 port;
  PtFleetPool pool;    /* of Peer */
  GPtrArray *messages; /* of Message, of what is being sent */
  guint unsent;        /* of them the broker has not acknowledged, and may yet */
  guint unanswered;    /* of them the daemon has not answered for, and may yet */
  gint64 patience;     /* us, for answers: less where none come */
  char *trouble;       /* why something did not get there */
} Mqtt;

/* A device's connection. */
typedef struct
{
  Mqtt *mqtt;
  struct mosquitto *client;
  const PtFleetDevice *device;
  guint number;
  gboolean is_up, is_lost;
} Peer;

typedef struct
{
  guint number;
  gint64 seq;
  const char *what; /* the topic's end */
  GBytes *payload;
  int id; /* 0: not handed to the library */
  gboolean is_acknowledged, is_given_up, is_answered;
  const char *slug; /* interned: why the daemon refused it; NULL: it did not */
  GBytes *held;     /* what came for a `held` */
} Message;

static void
message_free (gpointer data)
{
  Message *message = data;

  g_bytes_unref (message->payload);
  g_clear_pointer (&message->held, g_bytes_unref);
  g_free (message);
}

static void
take_trouble (Mqtt *mqtt, const char *trouble)
{
  if (mqtt->trouble == NULL)
    mqtt->trouble = g_strdup (trouble);
}

static void
message_answered (Mqtt *mqtt, Message *message)
{
  if (message->is_answered)
    return;
  message->is_answered = TRUE;
  if (!message->is_given_up)
    mqtt->unanswered--;
}

static void
give_up (Mqtt *mqtt, Message *message)
{
  if (message->is_given_up)
    return;
  message->is_given_up = TRUE;
  if (!message->is_acknowledged)
    mqtt->unsent--;
  if (!message->is_answered)
    mqtt->unanswered--;
}

static void
peer_lost (Peer *peer, const char *trouble)
{
  if (peer->is_lost)
    return;
  peer->is_lost = TRUE;
  peer->is_up = FALSE;
  for (guint i = 0; i < peer->mqtt->messages->len; i++)
    {
      Message *message = peer->mqtt->messages->pdata[i];

      if (message->number != peer->number || (message->is_acknowledged && message->is_answered))
        continue;
      give_up (peer->mqtt, message);
      take_trouble (peer->mqtt, trouble);
    }
}

/* What the library tells */

static void
publish (Peer *peer, Message *message)
{
  g_autofree char *topic
      = g_strdup_printf (TOPIC, peer->device->area, peer->device->id, message->what);
  gsize size;
  gconstpointer data = g_bytes_get_data (message->payload, &size);
  int result = mosquitto_publish (peer->client, &message->id, topic, (int) size, data, 1, false);

  if (result != MOSQ_ERR_SUCCESS)
    peer_lost (peer, mosquitto_strerror (result));
}

static void
connected_cb (struct mosquitto *client, void *data, int result)
{
  Peer *peer = data;
  g_autofree char *topic = g_strdup_printf (TOPIC, peer->device->area, peer->device->id, "answer");

  if (result != 0)
    {
      peer_lost (peer, mosquitto_connack_string (result));
      return;
    }
  peer->is_up = TRUE;
  mosquitto_subscribe (client, NULL, topic, 0);
  for (guint i = 0; i < peer->mqtt->messages->len && !peer->is_lost; i++)
    {
      Message *message = peer->mqtt->messages->pdata[i];

      if (message->number == peer->number && message->id == 0)
        publish (peer, message);
    }
}

static void
published_cb (struct mosquitto *client, void *data, int id)
{
  Peer *peer = data;

  for (guint i = 0; i < peer->mqtt->messages->len; i++)
    {
      Message *message = peer->mqtt->messages->pdata[i];

      if (message->number != peer->number || message->id != id || message->is_acknowledged)
        continue;
      message->is_acknowledged = TRUE;
      if (!message->is_given_up)
        peer->mqtt->unsent--;
      return;
    }
}

/* The device's message with this counter; 0: its first that is not answered. */
static Message *
find_message (Peer *peer, gint64 seq)
{
  for (guint i = 0; i < peer->mqtt->messages->len; i++)
    {
      Message *message = peer->mqtt->messages->pdata[i];

      if (message->number == peer->number && !message->is_answered
          && (seq == 0 || message->seq == seq))
        return message;
    }
  return NULL;
}

static void
take_stored (Peer *peer, JsonObject *answer, const char *name)
{
  JsonNode *list = json_object_get_member (answer, name);
  JsonArray *array
      = list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      Message *message = find_message (peer, json_array_get_int_element (array, i));

      if (message != NULL)
        message_answered (peer->mqtt, message);
    }
}

static void
take_refused (Peer *peer, JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *slug
      = object != NULL ? json_object_get_string_member_with_default (object, "error", NULL) : NULL;
  Message *message;

  if (slug == NULL || strlen (slug) > SLUG_MOST)
    return;
  message = find_message (peer, json_object_get_int_member_with_default (object, "seq", 0));
  if (message == NULL)
    return;
  message->slug = g_intern_string (slug);
  message_answered (peer->mqtt, message);
}

static void
take_answer (Peer *peer, const char *text, gsize size)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root, *list;

  if (!json_parser_load_from_data (parser, text, (gssize) size, NULL))
    return;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return;
  take_stored (peer, json_node_get_object (root), "accepted");
  take_stored (peer, json_node_get_object (root), "duplicate");
  list = json_object_get_member (json_node_get_object (root), "rejected");
  if (list == NULL || !JSON_NODE_HOLDS_ARRAY (list))
    return;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (list)); i++)
    take_refused (peer, json_array_get_element (json_node_get_array (list), i));
}

static void
message_cb (struct mosquitto *client, void *data, const struct mosquitto_message *came)
{
  Peer *peer = data;
  const char *text = came->payload;
  Message *message;

  if (came->payloadlen <= 0)
    return;
  if (text[0] == '{')
    {
      take_answer (peer, text, (gsize) came->payloadlen);
      return;
    }
  message = find_message (peer, 0);
  if (message == NULL || strcmp (message->what, "held") != 0)
    return;
  message->held = g_bytes_new (text, (gsize) came->payloadlen);
  message_answered (peer->mqtt, message);
}

static void
disconnected_cb (struct mosquitto *client, void *data, int result)
{
  peer_lost (data, result != 0 ? mosquitto_strerror (result) : "");
}

/* Connections */

static void
peer_free (gpointer data)
{
  Peer *peer = data;

  peer->is_lost = TRUE; /* what is still told of it is of no use */
  mosquitto_disconnect_callback_set (peer->client, NULL);
  mosquitto_disconnect (peer->client);
  mosquitto_destroy (peer->client);
  g_free (peer);
}

/* A file of this text that has no name, for the library reads files alone; its descriptor, or -1.
 */
static int
hidden_file (const char *text, char path[32])
{
  int file = memfd_create ("powertrack-fleet", MFD_CLOEXEC);

  if (file >= 0 && write (file, text, strlen (text)) != (gssize) strlen (text))
    {
      close (file);
      return -1;
    }
  g_snprintf (path, 32, "/proc/self/fd/%d", file);
  return file;
}

/* The library reads the files as it connects. */
static gboolean
peer_dial (Peer *peer, const char *certificate, const char *key)
{
  Mqtt *mqtt = peer->mqtt;
  char certificate_path[32], key_path[32];
  int certificate_file = hidden_file (certificate, certificate_path);
  int key_file = hidden_file (key, key_path);
  int result = MOSQ_ERR_ERRNO;

  if (certificate_file >= 0 && key_file >= 0)
    result
        = mosquitto_tls_set (peer->client, pt_fleet_credentials_ca (mqtt->base.options.credentials),
                             NULL, certificate_path, key_path, NULL);
  if (result == MOSQ_ERR_SUCCESS)
    result = mosquitto_connect (peer->client, mqtt->host, mqtt->port, KEEPALIVE_S);
  if (certificate_file >= 0)
    close (certificate_file);
  if (key_file >= 0)
    close (key_file);
  if (result != MOSQ_ERR_SUCCESS)
    take_trouble (mqtt, mosquitto_strerror (result));
  return result == MOSQ_ERR_SUCCESS;
}

static Peer *
peer_new (Mqtt *mqtt, guint number, const PtFleetDevice *device)
{
  g_autofree char *name = g_strconcat (device->area, "/", device->id, NULL);
  Peer *peer = g_new0 (Peer, 1);

  peer->mqtt = mqtt;
  peer->number = number;
  peer->device = device;
  peer->client = mosquitto_new (name, true, peer);
  mosquitto_int_option (peer->client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V311);
  mosquitto_connect_callback_set (peer->client, connected_cb);
  mosquitto_disconnect_callback_set (peer->client, disconnected_cb);
  mosquitto_publish_callback_set (peer->client, published_cb);
  mosquitto_message_callback_set (peer->client, message_cb);
  return peer;
}

/* NULL and @error where the device has no certificate; NULL alone where nobody takes the call. */
static Peer *
peer_open (Mqtt *mqtt, guint number, GError **error)
{
  const PtFleetTransportOptions *options = &mqtt->base.options;
  const guint8 *scalar;
  const PtFleetDevice *device = options->device (options->owner, number, &scalar);
  g_autofree char *certificate = NULL;
  char *key = NULL;
  Peer *peer = pt_fleet_pool_find (&mqtt->pool, number);
  gboolean good;

  if (peer != NULL && !peer->is_lost)
    return peer;
  pt_fleet_pool_drop (&mqtt->pool, number);
  if (!pt_fleet_credentials_certificate (options->credentials, device->area, device->id, scalar,
                                         &certificate, &key, error))
    return NULL;
  peer = peer_new (mqtt, number, device);
  good = peer_dial (peer, certificate, key);
  pt_fleet_secret_free (key);
  if (!good)
    {
      peer_free (peer);
      return NULL;
    }
  pt_fleet_pool_add (&mqtt->pool, number, peer);
  return peer;
}

/* One turn of all connections */

typedef struct
{
  GArray *files; /* of GPollFD */
  GPtrArray *peers;
} Watched;

static void
watch (gpointer connection, gpointer data)
{
  Peer *peer = connection;
  Watched *watched = data;
  GPollFD file = { .fd = mosquitto_socket (peer->client), .events = G_IO_IN };

  if (peer->is_lost)
    return;
  if (file.fd < 0)
    {
      peer_lost (peer, mosquitto_strerror (MOSQ_ERR_CONN_LOST));
      return;
    }
  if (mosquitto_want_write (peer->client))
    file.events |= G_IO_OUT;
  g_array_append_val (watched->files, file);
  g_ptr_array_add (watched->peers, peer);
}

static void
serve (Peer *peer, gushort ready)
{
  int result = MOSQ_ERR_SUCCESS;

  if (ready & G_IO_OUT)
    result = mosquitto_loop_write (peer->client, 1);
  if (result == MOSQ_ERR_SUCCESS && (ready & (G_IO_IN | G_IO_HUP | G_IO_ERR)))
    result = mosquitto_loop_read (peer->client, 1);
  if (result == MOSQ_ERR_SUCCESS)
    result = mosquitto_loop_misc (peer->client);
  if (result != MOSQ_ERR_SUCCESS)
    peer_lost (peer, mosquitto_strerror (result));
}

static void
turn (Mqtt *mqtt, int timeout_ms)
{
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (GPollFD));
  g_autoptr (GPtrArray) peers = g_ptr_array_new ();
  Watched watched = { files, peers };

  pt_fleet_pool_each (&mqtt->pool, watch, &watched);
  if (files->len == 0 || g_poll ((GPollFD *) (gpointer) files->data, files->len, timeout_ms) <= 0)
    return;
  for (guint i = 0; i < files->len; i++)
    {
      const GPollFD *file = &g_array_index (files, GPollFD, i);

      if (file->revents != 0)
        serve (peers->pdata[i], file->revents);
    }
}

/* The broker has not taken these in time: their connections are as good as gone. */
static void
mqtt_despair (Mqtt *mqtt)
{
  for (guint i = 0; i < mqtt->messages->len; i++)
    {
      Message *message = mqtt->messages->pdata[i];
      Peer *peer = message->is_acknowledged || message->is_given_up
                       ? NULL
                       : pt_fleet_pool_find (&mqtt->pool, message->number);

      if (peer != NULL)
        peer_lost (peer, _ ("it does not answer"));
    }
}

/* Until the broker has everything, and then a little for what the daemon says of it. */
static void
mqtt_wait (Mqtt *mqtt)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;
  guint asked = mqtt->unanswered;

  while (mqtt->unsent > 0 && !*mqtt->base.options.stop && g_get_monotonic_time () < until)
    turn (mqtt, TURN_MS);
  if (mqtt->unsent > 0 && !*mqtt->base.options.stop)
    mqtt_despair (mqtt);
  until = g_get_monotonic_time () + mqtt->patience;
  while (mqtt->unanswered > 0 && !*mqtt->base.options.stop && g_get_monotonic_time () < until)
    turn (mqtt, TURN_MS);
  if (mqtt->unanswered < asked)
    mqtt->patience = ANSWER_MOST_US;
  else if (mqtt->unanswered > 0)
    mqtt->patience = MAX (ANSWER_LEAST_US, mqtt->patience / 2);
}

/* What goes out */

static Message *
message_new (Mqtt *mqtt, guint number, gint64 seq, const char *what, gconstpointer data, gsize size)
{
  Message *message = g_new0 (Message, 1);

  message->number = number;
  message->seq = seq;
  message->what = what;
  message->payload = g_bytes_new (data, size);
  g_ptr_array_add (mqtt->messages, message);
  mqtt->unsent++;
  mqtt->unanswered++;
  return message;
}

static gboolean
message_begin (Mqtt *mqtt, Message *message, GError **error)
{
  Peer *peer = peer_open (mqtt, message->number, error);

  if (peer == NULL)
    {
      give_up (mqtt, message);
      return FALSE;
    }
  if (peer->is_up)
    publish (peer, message);
  return TRUE;
}

static void
mqtt_clear (Mqtt *mqtt)
{
  g_ptr_array_set_size (mqtt->messages, 0);
  mqtt->unsent = mqtt->unanswered = 0;
}

/* Sends lines from @first on, of as many devices as may be connected at once, and notes in @slugs
 * what became of each; where it ended. */
static guint
post_some (Mqtt *mqtt, PtFleetOutbox *outbox, guint first, guint lines, gsize *at,
           const char **slugs, GError **error)
{
  g_autoptr (GHashTable) devices = g_hash_table_new (NULL, NULL);
  guint8 compact[PT_COMPACT_MAX];
  guint line;

  for (line = first; line < lines; line++)
    {
      const PtFleetItem *item = &g_array_index (outbox->items, PtFleetItem, line);
      gsize size;

      if (!g_hash_table_contains (devices, GUINT_TO_POINTER (item->device))
          && g_hash_table_size (devices) == mqtt->base.options.connections)
        break;
      g_hash_table_add (devices, GUINT_TO_POINTER (item->device));
      size = pt_fleet_compact (pt_span ((const char *) outbox->text->data + *at, item->size - 1),
                               compact);
      *at += item->size;
      if (!message_begin (
              mqtt, message_new (mqtt, item->device, item->seq, "report", compact, size), error))
        {
          line++;
          break;
        }
    }
  mqtt_wait (mqtt);
  for (guint i = first; i < line; i++)
    {
      const Message *message = mqtt->messages->pdata[i - first];

      if (message->is_acknowledged || message->is_answered)
        slugs[i] = message->slug;
    }
  mqtt_clear (mqtt);
  return line;
}

static PtFleetVerdict
fail (const Mqtt *mqtt, GError *local, GError **error)
{
  gboolean ours = g_error_matches (local, PT_ERROR, PT_ERROR_CONFIGURATION);

  if (local != NULL)
    g_propagate_error (error, local);
  else
    g_set_error (error, PT_ERROR, PT_ERROR_RETRY, _ ("The broker %s can't be reached: %s"),
                 mqtt->base.options.via,
                 mqtt->trouble != NULL ? mqtt->trouble : _ ("it does not answer"));
  return ours ? PT_FLEET_REFUSED : PT_FLEET_AGAIN;
}

static PtFleetVerdict
mqtt_post (PtFleetTransport *transport, PtFleetOutbox *outbox, guint lines, PtFleetAnswer *answer,
           GError **error)
{
  Mqtt *mqtt = (Mqtt *) transport;
  g_autofree const char **slugs = g_new (const char *, lines);
  GError *local = NULL;
  guint line = 0;
  gsize at = 0;

  g_clear_pointer (&mqtt->trouble, g_free);
  for (guint i = 0; i < lines; i++)
    slugs[i] = g_intern_static_string ("busy");
  turn (mqtt, 0); /* who was cut off in between is known then */
  while (line < lines && local == NULL && mqtt->trouble == NULL && !*transport->options.stop)
    line = post_some (mqtt, outbox, line, lines, &at, slugs, &local);
  answer->rejected = g_array_new (FALSE, FALSE, sizeof (PtFleetRejection));
  for (guint i = 0; i < lines; i++)
    if (slugs[i] != NULL)
      pt_fleet_answer_reject (answer, i + 1, slugs[i]);
  answer->accepted = lines - answer->rejected->len;
  if (answer->accepted > 0 || (local == NULL && mqtt->trouble == NULL))
    {
      g_clear_error (&local);
      return PT_FLEET_ANSWERED;
    }
  return fail (mqtt, local, error);
}

static GBytes *
mqtt_held (PtFleetTransport *transport, guint number, PtHeld *out, PtFleetVerdict *verdict,
           GError **error)
{
  Mqtt *mqtt = (Mqtt *) transport;
  const guint8 *scalar;
  const PtFleetDevice *device
      = transport->options.device (transport->options.owner, number, &scalar);
  Message *message;
  GError *local = NULL;
  GBytes *bytes;
  gboolean answered;

  g_clear_pointer (&mqtt->trouble, g_free);
  turn (mqtt, 0);
  message = message_new (mqtt, number, 0, "held", "", 0);
  message_begin (mqtt, message, &local);
  mqtt_wait (mqtt);
  bytes = g_steal_pointer (&message->held);
  answered = message->is_answered;
  mqtt_clear (mqtt);
  if (!answered)
    {
      *verdict = fail (mqtt, local, error);
      return NULL;
    }
  g_clear_error (&local);
  return pt_fleet_held_read (bytes, TRUE, device, out, verdict, error);
}

static void
mqtt_free (PtFleetTransport *transport)
{
  Mqtt *mqtt = (Mqtt *) transport;

  pt_fleet_pool_clear (&mqtt->pool);
  g_ptr_array_unref (mqtt->messages);
  g_free (mqtt->host);
  g_free (mqtt->trouble);
  g_free (mqtt);
}

static gpointer
start_library (gpointer data)
{
  mosquitto_lib_init ();
  return NULL;
}

PtFleetTransport *
pt_fleet_mqtt_new (const PtFleetTransportOptions *options)
{
  static const PtFleetTransportClass class = { mqtt_free, mqtt_post, mqtt_held };
  static GOnce once = G_ONCE_INIT;
  g_autoptr (GSocketConnectable) address = NULL;
  Mqtt *mqtt;

  g_return_val_if_fail (options != NULL && options->via != NULL, NULL);

  g_once (&once, start_library, NULL);
  address = g_network_address_parse (options->via, DEFAULT_PORT, NULL);
  mqtt = g_new0 (Mqtt, 1);
  mqtt->base = (PtFleetTransport){ &class, *options };
  mqtt->patience = ANSWER_MOST_US;
  mqtt->messages = g_ptr_array_new_with_free_func (message_free);
  if (address != NULL)
    {
      mqtt->host = g_strdup (g_network_address_get_hostname (G_NETWORK_ADDRESS (address)));
      mqtt->port = g_network_address_get_port (G_NETWORK_ADDRESS (address));
    }
  pt_fleet_pool_init (&mqtt->pool, options->connections, peer_free);
  return &mqtt->base;
}
