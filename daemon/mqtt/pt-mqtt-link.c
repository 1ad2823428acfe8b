/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-link.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pt-mqtt-valve.h"

#define PORT 8883
#define KEEPALIVE_S 30
#define UP_WITHIN_S 30 /* from dialling to the broker's word */
#define WAIT_LEAST_MS 250
#define WAIT_MOST_MS 60000
#define READS_MAX 64 /* messages that are read in one turn */
#define INFLIGHT_MAX 64

/* What libmosquitto's socket waits for. */
typedef struct
{
  GSource base;
  PtMqttLink *link;
  gpointer tag;
} Watch;

struct _PtMqttLink
{
  PtMqttLinkOptions options;
  PtMqttLinkFuncs funcs;
  gpointer user_data;
  GMainContext *context;
  guint wait_ms; /* before the next dialling */
  GSource *wait, *patience, *tick, *failing;
  PtHealthSort sort; /* why it fails */
  char *sentence;

  GCancellable *dialling;
  GIOStream *broker;
  struct mosquitto *client;
  PtMqttValve *valve;
  Watch *watch;
  gboolean is_up, is_paused;
  guint messages; /* that came */
};

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSource *
link_after (PtMqttLink *link, guint ms, GSourceFunc func)
{
  GSource *source = g_timeout_source_new (ms);

  g_source_set_callback (source, func, link, NULL);
  g_source_attach (source, link->context);
  return source;
}

/* Its end */

static void link_dial (PtMqttLink *link);

static gboolean
wait_is_over (gpointer data)
{
  PtMqttLink *link = data;

  clear_source (&link->wait);
  link_dial (link);
  return G_SOURCE_REMOVE;
}

static void
link_hang_up (PtMqttLink *link)
{
  link->is_up = FALSE;
  clear_source (&link->wait);
  clear_source (&link->patience);
  clear_source (&link->tick);
  clear_source (&link->failing);
  clear_source ((GSource **) &link->watch);
  if (link->dialling != NULL)
    g_cancellable_cancel (link->dialling);
  g_clear_object (&link->dialling);
  g_clear_pointer (&link->client, mosquitto_destroy);
  g_clear_pointer (&link->valve, pt_mqtt_valve_free);
  g_clear_object (&link->broker);
}

/* Not from within what libmosquitto or the valve calls: both are gone after it. */
static gboolean
link_down (gpointer data)
{
  PtMqttLink *link = data;
  g_autofree char *sentence = g_steal_pointer (&link->sentence);

  link_hang_up (link);
  link->wait = link_after (
      link, (guint) g_random_int_range ((gint32) link->wait_ms / 2, (gint32) link->wait_ms + 1),
      wait_is_over);
  link->wait_ms = MIN (link->wait_ms * 2, WAIT_MOST_MS);
  link->funcs.down (link->sort, sentence, link->user_data);
  return G_SOURCE_REMOVE;
}

void
pt_mqtt_link_fail (PtMqttLink *link, PtHealthSort sort, const char *sentence)
{
  g_return_if_fail (link != NULL && sentence != NULL);

  /* What follows from the first failure says less than it. */
  if (link->failing != NULL || link->wait != NULL)
    return;
  link->sort = sort;
  link->sentence = g_strdup (sentence);
  link->is_up = FALSE;
  link->failing = link_after (link, 0, link_down);
}

/* A certificate that one side does not take is nothing that time mends. */
static void
link_fail_by (PtMqttLink *link, const GError *error)
{
  gboolean asks = error->domain == G_TLS_ERROR && error->code != G_TLS_ERROR_EOF;
  g_autofree char *sentence = NULL;

  asks = asks || error->domain == G_FILE_ERROR;
  sentence = g_strdup_printf ("The MQTT broker %s can't be reached: %s%s What devices hand to it "
                              "waits there.",
                              link->options.broker, error->message,
                              g_str_has_suffix (error->message, ".") ? "" : ".");
  pt_mqtt_link_fail (link, asks ? PT_HEALTH_ASKS : PT_HEALTH_WAITS, sentence);
}

static gboolean
patience_is_over (gpointer data)
{
  PtMqttLink *link = data;
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                          "It said nothing for %d seconds.", UP_WITHIN_S);

  link_fail_by (link, error);
  return G_SOURCE_CONTINUE;
}

/* libmosquitto */

static void
link_fail_by_mosquitto (PtMqttLink *link, int result)
{
  g_autoptr (GError) error
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, mosquitto_strerror (result));

  link_fail_by (link, error);
}

static void
connected_cb (struct mosquitto *client, void *data, int result, int flags)
{
  PtMqttLink *link = data;

  if (result == 0)
    {
      clear_source (&link->patience);
      link->is_up = TRUE;
      link->funcs.up ((flags & 1) != 0, link->user_data);
    }
  else
    {
      g_autofree char *sentence = g_strdup_printf (
          "The MQTT broker %s refuses the daemon: %s Look at client_id, user and "
          "certificate in [mqtt], and at the broker's log.",
          link->options.broker, mosquitto_connack_string (result));

      pt_mqtt_link_fail (link, PT_HEALTH_ASKS, sentence);
    }
}

static void
message_cb (struct mosquitto *client, void *data, const struct mosquitto_message *message)
{
  PtMqttLink *link = data;

  link->messages++;
  if (link->is_up)
    link->funcs.message (message, link->user_data);
}

static void
subscribed_cb (struct mosquitto *client, void *data, int number, int count, const int *granted)
{
  PtMqttLink *link = data;
  gboolean is_granted = count == 1 && granted[0] >= 0 && granted[0] <= 2;

  if (!link->is_up)
    return;
  /* Not before: a broker may hang up for what is subscribed, each time anew. */
  if (is_granted)
    link->wait_ms = WAIT_LEAST_MS;
  link->funcs.subscribed (number, is_granted, link->user_data);
}

static void
published_cb (struct mosquitto *client, void *data, int number)
{
  PtMqttLink *link = data;

  if (link->is_up)
    link->funcs.published (number, link->user_data);
}

static gboolean
watch_dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  Watch *watch = (Watch *) source;
  PtMqttLink *link = watch->link;
  GIOCondition ready = g_source_query_unix_fd (source, watch->tag);
  int result = MOSQ_ERR_SUCCESS;

  if (ready & G_IO_OUT)
    result = mosquitto_loop_write (link->client, 1);
  if (ready & (G_IO_IN | G_IO_HUP | G_IO_ERR))
    for (guint i = 0; i < READS_MAX && result == MOSQ_ERR_SUCCESS && !link->is_paused; i++)
      {
        guint before = link->messages;

        result = mosquitto_loop_read (link->client, 1);
        if (link->messages == before)
          break;
      }
  if (result != MOSQ_ERR_SUCCESS)
    link_fail_by_mosquitto (link, result);
  pt_mqtt_link_settle (link);
  return G_SOURCE_CONTINUE;
}

static gboolean
tick (gpointer data)
{
  PtMqttLink *link = data;
  int result = mosquitto_loop_misc (link->client);

  if (result != MOSQ_ERR_SUCCESS)
    link_fail_by_mosquitto (link, result);
  pt_mqtt_link_settle (link);
  return G_SOURCE_CONTINUE;
}

static void
link_watch (PtMqttLink *link)
{
  static GSourceFuncs funcs = { .dispatch = watch_dispatch };
  Watch *watch = (Watch *) g_source_new (&funcs, sizeof (Watch));

  watch->link = link;
  watch->tag = g_source_add_unix_fd (&watch->base, mosquitto_socket (link->client), G_IO_IN);
  g_source_attach (&watch->base, link->context);
  link->watch = watch;
  link->tick = link_after (link, 1000, tick);
}

static void
valve_ended (const GError *error, gpointer data)
{
  g_autoptr (GError) closed
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "It closed the connection.");

  link_fail_by (data, error != NULL ? error : closed);
}

static struct mosquitto *
link_new_client (PtMqttLink *link)
{
  struct mosquitto *client = mosquitto_new (link->options.client_id, FALSE, link);

  mosquitto_int_option (client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V311);
  mosquitto_int_option (client, MOSQ_OPT_SEND_MAXIMUM, INFLIGHT_MAX);
  if (link->options.user != NULL)
    mosquitto_username_pw_set (client, link->options.user, link->options.password);
  mosquitto_connect_with_flags_callback_set (client, connected_cb);
  mosquitto_message_callback_set (client, message_cb);
  mosquitto_subscribe_callback_set (client, subscribed_cb);
  mosquitto_publish_callback_set (client, published_cb);
  return client;
}

static gboolean
fail_by_errno (GError **error, const char *what)
{
  int saved = errno;

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (saved), "%s: %s", what,
               g_strerror (saved));
  return FALSE;
}

/* libmosquitto connects to where we listen at @path; *@end: our end of that. */
static gboolean
link_join_at (PtMqttLink *link, const char *path, int *end, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int listening = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), result;

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_unlink (path);
  if (listening < 0 || bind (listening, (struct sockaddr *) &address, sizeof address) != 0
      || listen (listening, 1) != 0)
    {
      fail_by_errno (error, "no socket in the state directory");
      if (listening >= 0)
        close (listening);
      return FALSE;
    }
  /* It is in the queue of who listens before anybody has accepted it. */
  result = mosquitto_connect (link->client, path, 0, KEEPALIVE_S);
  *end = result == MOSQ_ERR_SUCCESS ? accept4 (listening, NULL, NULL, SOCK_CLOEXEC) : -1;
  close (listening);
  g_unlink (path);
  if (*end >= 0)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, mosquitto_strerror (result));
  return FALSE;
}

/* Both ends are in this process. The path that a Unix socket may have is short, a state
 * directory's may be long: hence by its descriptor. */
static GIOStream *
link_join (PtMqttLink *link, GError **error)
{
  int folder = open (link->options.folder, O_PATH | O_DIRECTORY | O_CLOEXEC), end = -1;
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d/mqtt.socket", folder);
  g_autoptr (GSocket) socket = NULL;
  gboolean is_joined;

  if (folder < 0)
    {
      fail_by_errno (error, link->options.folder);
      return NULL;
    }
  is_joined = link_join_at (link, path, &end, error);
  close (folder);
  if (!is_joined)
    return NULL;
  socket = g_socket_new_from_fd (end, error);
  if (socket == NULL)
    {
      close (end);
      return NULL;
    }
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

static void
link_begin (PtMqttLink *link)
{
  g_autoptr (GIOStream) end = NULL;
  g_autoptr (GError) error = NULL;

  link->client = link_new_client (link);
  end = link_join (link, &error);
  if (end == NULL)
    {
      link_fail_by (link, error);
      return;
    }
  link->valve = pt_mqtt_valve_new (end, link->broker, valve_ended, link);
  link_watch (link);
  pt_mqtt_link_settle (link);
}

/* TLS */

static void
dial_shake_hands_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PtMqttLink *link = user_data;
  g_autoptr (GError) error = NULL;
  gboolean shaken = g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the link may be gone */
  if (shaken)
    link_begin (link);
  else
    link_fail_by (link, error);
}

/* The files are read anew each time, so that a renewed certificate is shown. */
static GTlsConnection *
link_new_tls (PtMqttLink *link, GIOStream *base, GError **error)
{
  const PtMqttLinkOptions *options = &link->options;
  g_autoptr (GSocketConnectable) identity = g_network_address_parse (options->broker, PORT, error);
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GTlsDatabase) trusted = NULL;
  g_autoptr (GIOStream) tls = NULL;

  if (identity == NULL)
    return NULL;
  if (options->ca != NULL && (trusted = g_tls_file_database_new (options->ca, error)) == NULL)
    return NULL;
  if (options->certificate != NULL
      && (certificate
          = g_tls_certificate_new_from_files (options->certificate, options->key, error))
             == NULL)
    return NULL;
  tls = g_tls_client_connection_new (base, identity, error);
  if (tls == NULL)
    return NULL;
  if (trusted != NULL)
    g_tls_connection_set_database (G_TLS_CONNECTION (tls), trusted);
  if (certificate != NULL)
    g_tls_connection_set_certificate (G_TLS_CONNECTION (tls), certificate);
  return G_TLS_CONNECTION (g_steal_pointer (&tls));
}

static void
dial_reach_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PtMqttLink *link = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) reached
      = g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result, &error);
  g_autoptr (GTlsConnection) tls = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the link may be gone */
  if (reached != NULL)
    tls = link_new_tls (link, G_IO_STREAM (reached), &error);
  if (tls == NULL)
    {
      link_fail_by (link, error);
      return;
    }
  /* An answer of one packet would wait for the one before it to be confirmed. */
  g_socket_set_option (g_socket_connection_get_socket (reached), IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  link->broker = G_IO_STREAM (g_object_ref (tls));
  g_tls_connection_handshake_async (tls, G_PRIORITY_DEFAULT, link->dialling, dial_shake_hands_cb,
                                    link);
}

static void
link_dial (PtMqttLink *link)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  g_clear_pointer (&link->sentence, g_free);
  link->dialling = g_cancellable_new ();
  link->patience = link_after (link, UP_WITHIN_S * 1000, patience_is_over);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_to_host_async (client, link->options.broker, PORT, link->dialling,
                                         dial_reach_cb, link);
}

PtMqttLink *
pt_mqtt_link_new (const PtMqttLinkOptions *options, const PtMqttLinkFuncs *funcs,
                  gpointer user_data)
{
  PtMqttLink *link;

  g_return_val_if_fail (options != NULL && funcs != NULL, NULL);

  link = g_new0 (PtMqttLink, 1);
  link->options = *options;
  link->funcs = *funcs;
  link->user_data = user_data;
  link->context = g_main_context_ref_thread_default ();
  link->wait_ms = WAIT_LEAST_MS;
  link_dial (link);
  return link;
}

void
pt_mqtt_link_free (PtMqttLink *link)
{
  if (link == NULL)
    return;
  link_hang_up (link);
  g_main_context_unref (link->context);
  g_free (link->sentence);
  g_free (link);
}

/* Its use */

gboolean
pt_mqtt_link_is_up (const PtMqttLink *link)
{
  g_return_val_if_fail (link != NULL, FALSE);

  return link->is_up;
}

int
pt_mqtt_link_subscribe (PtMqttLink *link, const char *filter)
{
  int number = 0;

  g_return_val_if_fail (link != NULL && filter != NULL, 0);

  if (!link->is_up || mosquitto_subscribe (link->client, &number, filter, 1) != MOSQ_ERR_SUCCESS)
    return 0;
  return number;
}

int
pt_mqtt_link_publish (PtMqttLink *link, const char *topic, const char *text, gsize size, int qos,
                      gboolean retain)
{
  int number = 0;

  g_return_val_if_fail (link != NULL && topic != NULL && (text != NULL || size == 0), 0);
  g_return_val_if_fail (size <= G_MAXINT32, 0);

  if (!link->is_up
      || mosquitto_publish (link->client, &number, topic, (int) size, text, qos, retain)
             != MOSQ_ERR_SUCCESS)
    return 0;
  return number;
}

void
pt_mqtt_link_acknowledge (PtMqttLink *link, guint16 packet)
{
  g_return_if_fail (link != NULL);

  if (link->is_up)
    pt_mqtt_valve_acknowledge (link->valve, packet);
}

void
pt_mqtt_link_set_paused (PtMqttLink *link, gboolean paused)
{
  g_return_if_fail (link != NULL);

  link->is_paused = paused;
}

void
pt_mqtt_link_settle (PtMqttLink *link)
{
  GIOCondition wanted;

  g_return_if_fail (link != NULL);

  if (link->watch == NULL || link->failing != NULL)
    return;
  wanted = mosquitto_want_write (link->client) ? G_IO_OUT : 0;
  if (!link->is_paused)
    wanted |= G_IO_IN;
  g_source_modify_unix_fd (&link->watch->base, link->watch->tag, wanted);
  pt_mqtt_valve_flush (link->valve);
}
