/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-valve.h"

#include <gio/gunixinputstream.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/pt-test.h"

typedef struct
{
  PtMqttValve *valve;
  int client, broker; /* the far ends */
  GByteArray *got;    /* by the broker */
  guint ended;
} Pair;

static GIOStream *
stream_pair (int *far)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), ==, 0);
  *far = ends[1];
  socket = g_socket_new_from_fd (ends[0], &error);
  g_assert_no_error (error);
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

static void
ended (const GError *error, gpointer user_data)
{
  ((Pair *) user_data)->ended++;
}

static void
set_up (Pair *pair, gconstpointer data)
{
  g_autoptr (GIOStream) client = stream_pair (&pair->client);
  g_autoptr (GIOStream) broker = stream_pair (&pair->broker);

  pair->got = g_byte_array_new ();
  pair->valve = pt_mqtt_valve_new (client, broker, ended, pair);
}

static void
tear_down (Pair *pair, gconstpointer data)
{
  pt_mqtt_valve_free (pair->valve);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  close (pair->client);
  close (pair->broker);
  g_byte_array_unref (pair->got);
}

static gboolean
take (int end, GByteArray *into)
{
  guint8 bytes[4096];
  gssize size = read (end, bytes, sizeof bytes);

  if (size > 0)
    g_byte_array_append (into, bytes, (guint) size);
  return size > 0;
}

static void
wait_got (Pair *pair, guint size)
{
  PT_TEST_WAIT_FOR (take (pair->broker, pair->got) || pair->got->len >= size, "bytes");
  while (pair->got->len < size)
    PT_TEST_WAIT_FOR (take (pair->broker, pair->got), "more bytes");
}

static void
say (int end, const void *data, gsize size)
{
  g_assert_cmpint (write (end, data, size), ==, (gssize) size);
}

/* What libmosquitto acknowledges does not come through; what is kept does. */
static void
test_acknowledges (Pair *pair, gconstpointer data)
{
  static const guint8 wanted[] = { 0xc0, 0, 0x40, 2, 0x12, 0x34, 0x40, 2, 0, 7, 0xe0, 0 };

  say (pair->client, "\x40\2\x12\x34\x40\2\0\7\xc0\0", 10);
  wait_got (pair, 2);
  pt_mqtt_valve_acknowledge (pair->valve, 0x1234);
  pt_mqtt_valve_acknowledge (pair->valve, 7);
  pt_mqtt_valve_flush (pair->valve);
  wait_got (pair, 10);
  say (pair->client, "\xe0\0", 2);
  wait_got (pair, sizeof wanted);
  g_assert_cmpmem (pair->got->data, pair->got->len, wanted, sizeof wanted);
}

/* One that is to go out while a packet is under way waits for the packet's end. */
static void
test_between (Pair *pair, gconstpointer data)
{
  static const guint8 wanted[] = { 0x30, 4, 'a', 'b', 'c', 'd', 0x40, 2, 0, 7 };

  say (pair->client, "\x30\4ab", 4);
  wait_got (pair, 4);
  pt_mqtt_valve_acknowledge (pair->valve, 7);
  pt_mqtt_valve_flush (pair->valve);
  say (pair->client, "cd", 2);
  wait_got (pair, sizeof wanted);
  g_assert_cmpmem (pair->got->data, pair->got->len, wanted, sizeof wanted);
}

/* From the broker all comes as it is; and much of it, in order. */
static void
test_from_broker (Pair *pair, gconstpointer data)
{
  g_autoptr (GByteArray) got = g_byte_array_new ();
  guint8 bytes[1000] = { 0x30, 0xe5, 0x07 };
  guint sent = 0;

  while (sent < 1000 || got->len < sent * sizeof bytes)
    {
      memset (bytes + 3, (int) sent, sizeof bytes - 3);
      if (sent < 1000 && write (pair->broker, bytes, sizeof bytes) == sizeof bytes)
        sent++;
      g_main_context_iteration (NULL, FALSE);
      take (pair->client, got);
    }
  for (guint i = 0; i < got->len; i++)
    g_assert_cmpuint (got->data[i], ==,
                      i % sizeof bytes < 3 ? bytes[i % sizeof bytes] : (guint8) (i / sizeof bytes));
}

/* Of a message of 16 MiB enough comes through to tell that it is too large; what follows too. */
static void
test_too_long (Pair *pair, gconstpointer data)
{
  static const guint8 head[] = { 0x32, 0x80, 0x80, 0x80, 0x08 };
  static const guint8 after[] = { 0xd0, 0 };
  g_autoptr (GByteArray) all = g_byte_array_new (), got = g_byte_array_new ();
  gsize sent = 0;

  g_byte_array_append (all, head, sizeof head);
  g_byte_array_set_size (all, sizeof head + (16u << 20));
  memset (all->data + sizeof head, 'x', 16u << 20);
  g_byte_array_append (all, after, sizeof after);
  while (got->len < 2 || memcmp (got->data + got->len - 2, after, 2) != 0)
    {
      gssize wrote = sent < all->len ? write (pair->broker, all->data + sent, all->len - sent) : 0;

      sent += (gsize) MAX (wrote, 0);
      g_main_context_iteration (NULL, FALSE);
      take (pair->client, got);
    }
  g_assert_cmpuint (got->len, >, PT_MQTT_PAYLOAD_MAX);
  g_assert_cmpuint (got->len, <, PT_MQTT_PAYLOAD_MAX + 128 * 1024);
  g_assert_cmpuint (got->data[0], ==, head[0]);
}

/* No broker has so much to say of a subscription. */
static void
test_broker_not_mqtt (Pair *pair, gconstpointer data)
{
  say (pair->broker, "\x90\xff\xff\xff\x7f", 5);
  PT_TEST_WAIT_FOR (pair->ended > 0, "the end");
}

static void
test_ends (Pair *pair, gconstpointer data)
{
  g_assert_cmpint (shutdown (pair->broker, SHUT_WR), ==, 0);
  PT_TEST_WAIT_FOR (pair->ended > 0, "the end");
  pt_mqtt_valve_acknowledge (pair->valve, 7); /* nobody hears it */
  pt_mqtt_valve_flush (pair->valve);
  g_assert_cmpuint (pair->ended, ==, 1);
}

static void
test_not_mqtt (Pair *pair, gconstpointer data)
{
  say (pair->client, "\0\0", 2);
  PT_TEST_WAIT_FOR (pair->ended > 0, "the end");
}

#define ADD(name, func) g_test_add ("/mqtt-valve/" name, Pair, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("acknowledges", test_acknowledges);
  ADD ("between", test_between);
  ADD ("from-broker", test_from_broker);
  ADD ("ends", test_ends);
  ADD ("not-mqtt", test_not_mqtt);
  ADD ("too-long", test_too_long);
  ADD ("broker-not-mqtt", test_broker_not_mqtt);
  return g_test_run ();
}
