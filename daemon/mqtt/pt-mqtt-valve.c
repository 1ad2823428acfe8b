/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-valve.h"

#include "pt-mqtt-cut.h"

#define CHUNK (64 * 1024) /* bytes that are read at once */
/* Bytes of a packet from the broker: libmosquitto makes room for all that its head promises. Of a
 * message that is cut to it more than a whole payload is left, however long its topic is. */
#define PACKET_MAX (2 + G_MAXUINT16 + 2 + PT_MQTT_PAYLOAD_MAX + 1)
#define OUTGOING_MAX (256 * 1024) /* bytes for the broker from which on none are read */

/* Lives until its last operation has ended. */
struct _PtMqttValve
{
  GIOStream *client, *broker;
  GCancellable *gone;
  PtMqttValveEnded ended; /* NULL: it was said, or nobody is there any more */
  gpointer user_data;
  PtMqttCut cut, bound; /* of what the client sends, and the broker */
  GByteArray *incoming; /* for the client, while it is written */
  GByteArray *outgoing; /* for the broker, whole packets but for the last */
  GByteArray *own;      /* for the broker, whole packets of ours */
  GByteArray *writing;  /* what is being written to the broker */
  gboolean is_writing, is_reading;
  guint8 from_client[CHUNK], from_broker[CHUNK];
};

static void
valve_clear (gpointer data)
{
  PtMqttValve *valve = data;

  g_io_stream_close (valve->client, NULL, NULL);
  g_object_unref (valve->client);
  /* Saying goodbye in TLS may take as long as the broker likes. */
  g_io_stream_close_async (valve->broker, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  g_object_unref (valve->broker);
  g_object_unref (valve->gone);
  g_byte_array_unref (valve->incoming);
  g_byte_array_unref (valve->outgoing);
  g_byte_array_unref (valve->own);
  g_byte_array_unref (valve->writing);
}

static void
valve_unref (PtMqttValve *valve)
{
  g_rc_box_release_full (valve, valve_clear);
}

static PtMqttValve *
valve_ref (PtMqttValve *valve)
{
  return g_rc_box_acquire (valve);
}

static void
valve_end (PtMqttValve *valve, const GError *error)
{
  PtMqttValveEnded ended = valve->ended;

  valve->ended = NULL;
  g_cancellable_cancel (valve->gone);
  if (ended != NULL)
    ended (error, valve->user_data);
}

static GError *
not_mqtt (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                              "What was sent is not MQTT, or too long for it.");
}

static void valve_read_client (PtMqttValve *valve);
static void valve_read_broker (PtMqttValve *valve);

/* To the broker */

static void
write_broker_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PtMqttValve *valve = user_data;
  g_autoptr (GError) error = NULL;

  valve->is_writing = FALSE;
  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    valve_end (valve, error);
  else if (valve->ended != NULL)
    {
      pt_mqtt_valve_flush (valve);
      valve_read_client (valve);
    }
  valve_unref (valve);
}

void
pt_mqtt_valve_flush (PtMqttValve *valve)
{
  GByteArray *written;

  g_return_if_fail (valve != NULL);

  if (valve->cut.is_between && valve->own->len > 0)
    {
      g_byte_array_append (valve->outgoing, valve->own->data, valve->own->len);
      g_byte_array_set_size (valve->own, 0);
    }
  if (valve->is_writing || valve->outgoing->len == 0 || valve->ended == NULL)
    return;
  written = valve->writing;
  valve->writing = valve->outgoing;
  valve->outgoing = written;
  g_byte_array_set_size (valve->outgoing, 0);
  valve->is_writing = TRUE;
  g_output_stream_write_all_async (g_io_stream_get_output_stream (valve->broker),
                                   valve->writing->data, valve->writing->len, G_PRIORITY_DEFAULT,
                                   valve->gone, write_broker_cb, valve_ref (valve));
}

void
pt_mqtt_valve_acknowledge (PtMqttValve *valve, guint16 packet)
{
  const guint8 bytes[] = { PT_MQTT_PUBACK << 4, 2, (guint8) (packet >> 8), (guint8) packet };

  g_return_if_fail (valve != NULL);

  g_byte_array_append (valve->own, bytes, sizeof bytes);
}

static void
read_client_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PtMqttValve *valve = user_data;
  g_autoptr (GError) error = NULL;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  valve->is_reading = FALSE;
  if (size > 0
      && !pt_mqtt_cut_pass (&valve->cut, valve->from_client, (gsize) size, valve->outgoing))
    error = not_mqtt ();
  if (size <= 0 || error != NULL)
    valve_end (valve, error);
  else if (valve->ended != NULL)
    {
      pt_mqtt_valve_flush (valve);
      valve_read_client (valve);
    }
  valve_unref (valve);
}

/* Unless too much waits for the broker: it goes on when that is written. */
static void
valve_read_client (PtMqttValve *valve)
{
  if (valve->is_reading || valve->outgoing->len >= OUTGOING_MAX)
    return;
  valve->is_reading = TRUE;
  g_input_stream_read_async (g_io_stream_get_input_stream (valve->client), valve->from_client,
                             CHUNK, G_PRIORITY_DEFAULT, valve->gone, read_client_cb,
                             valve_ref (valve));
}

/* From the broker */

static void
write_client_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PtMqttValve *valve = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    valve_end (valve, error);
  else if (valve->ended != NULL)
    valve_read_broker (valve);
  valve_unref (valve);
}

/* What passes of what was read; of a message that is cut, later parts do not. */
static void
valve_write_client (PtMqttValve *valve)
{
  if (valve->incoming->len > 0)
    g_output_stream_write_all_async (
        g_io_stream_get_output_stream (valve->client), valve->incoming->data, valve->incoming->len,
        G_PRIORITY_DEFAULT, valve->gone, write_client_cb, valve_ref (valve));
  else
    valve_read_broker (valve);
}

static void
read_broker_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PtMqttValve *valve = user_data;
  g_autoptr (GError) error = NULL;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  g_byte_array_set_size (valve->incoming, 0);
  if (size > 0
      && !pt_mqtt_cut_pass (&valve->bound, valve->from_broker, (gsize) size, valve->incoming))
    error = not_mqtt ();
  if (size <= 0 || error != NULL)
    valve_end (valve, error);
  else if (valve->ended != NULL)
    valve_write_client (valve);
  valve_unref (valve);
}

static void
valve_read_broker (PtMqttValve *valve)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (valve->broker), valve->from_broker,
                             CHUNK, G_PRIORITY_DEFAULT, valve->gone, read_broker_cb,
                             valve_ref (valve));
}

PtMqttValve *
pt_mqtt_valve_new (GIOStream *client, GIOStream *broker, PtMqttValveEnded ended, gpointer user_data)
{
  PtMqttValve *valve;

  g_return_val_if_fail (G_IS_IO_STREAM (client) && G_IS_IO_STREAM (broker), NULL);
  g_return_val_if_fail (ended != NULL, NULL);

  valve = g_rc_box_new0 (PtMqttValve);
  valve->client = g_object_ref (client);
  valve->broker = g_object_ref (broker);
  valve->gone = g_cancellable_new ();
  valve->ended = ended;
  valve->user_data = user_data;
  pt_mqtt_cut_init (&valve->cut, PT_MQTT_PUBACK, PT_MQTT_LENGTH_MAX);
  pt_mqtt_cut_init (&valve->bound, PT_MQTT_NOTHING, PACKET_MAX);
  valve->incoming = g_byte_array_new ();
  valve->outgoing = g_byte_array_new ();
  valve->own = g_byte_array_new ();
  valve->writing = g_byte_array_new ();
  valve_read_client (valve);
  valve_read_broker (valve);
  return valve;
}

void
pt_mqtt_valve_free (PtMqttValve *valve)
{
  if (valve == NULL)
    return;
  valve->ended = NULL;
  g_cancellable_cancel (valve->gone);
  valve_unref (valve);
}
