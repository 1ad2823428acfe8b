/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-cut.h"

#include <string.h>

/* CONNECT without a body, a PUBLISH of 200 bytes, two PUBACKs, a SUBSCRIBE, a PINGREQ, a PUBACK. */
static GByteArray *
packets (GByteArray *passing)
{
  static const guint8 puback[] = { 0x40, 2, 0x12, 0x34 };
  static const guint8 subscribe[] = { 0x82, 4, 0x40, 2, 0x40, 2 }; /* looks like one inside */
  GByteArray *all = g_byte_array_new (), *parts[] = { all, passing };
  guint8 publish[203] = { 0x32, 0xc8, 0x01 };

  memset (publish + 3, 0x40, 200);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_byte_array_append (parts[i], (const guint8 *) "\x10\0", 2);
      g_byte_array_append (parts[i], publish, sizeof publish);
      if (parts[i] == all)
        {
          g_byte_array_append (all, puback, sizeof puback);
          g_byte_array_append (all, puback, sizeof puback);
        }
      g_byte_array_append (parts[i], subscribe, sizeof subscribe);
      g_byte_array_append (parts[i], (const guint8 *) "\xc0\0", 2);
    }
  g_byte_array_append (all, puback, sizeof puback);
  return all;
}

/* The same passes, wherever it is cut into two or into single bytes. */
static void
test_every_cut (void)
{
  g_autoptr (GByteArray) passing = g_byte_array_new (), all = packets (passing);

  for (guint first = 0; first <= all->len; first++)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();
      PtMqttCut cut;

      pt_mqtt_cut_init (&cut, PT_MQTT_PUBACK, PT_MQTT_LENGTH_MAX);
      g_assert_true (cut.is_between);
      g_assert_true (pt_mqtt_cut_pass (&cut, all->data, first, out));
      for (guint i = first; i < all->len; i++)
        g_assert_true (pt_mqtt_cut_pass (&cut, all->data + i, 1, out));
      g_assert_true (cut.is_between);
      g_assert_cmpmem (out->data, out->len, passing->data, passing->len);
    }
}

/* Ours may stand only where a packet has ended. */
static void
test_between (void)
{
  static const guint8 packet[] = { 0x30, 3, 'a', 'b', 'c' };
  g_autoptr (GByteArray) out = g_byte_array_new ();
  PtMqttCut cut;

  pt_mqtt_cut_init (&cut, PT_MQTT_PUBACK, PT_MQTT_LENGTH_MAX);
  for (guint i = 0; i < sizeof packet; i++)
    {
      g_assert_true (pt_mqtt_cut_pass (&cut, packet + i, 1, out));
      g_assert_cmpint (cut.is_between, ==, i == sizeof packet - 1);
    }
  g_assert_cmpmem (out->data, out->len, packet, sizeof packet);
}

static void
test_not_mqtt (void)
{
  static const guint8 endless[] = { 0x30, 0x80, 0x80, 0x80, 0x80, 0x01 };
  static const guint8 reserved[] = { 0x00, 0x00 };
  static const guint8 longest[] = { 0x30, 0xff, 0xff, 0xff, 0x7f };
  g_autoptr (GByteArray) out = g_byte_array_new ();
  PtMqttCut cut;

  pt_mqtt_cut_init (&cut, PT_MQTT_PUBACK, PT_MQTT_LENGTH_MAX);
  g_assert_false (pt_mqtt_cut_pass (&cut, endless, sizeof endless, out));
  pt_mqtt_cut_init (&cut, PT_MQTT_PUBACK, PT_MQTT_LENGTH_MAX);
  g_assert_false (pt_mqtt_cut_pass (&cut, reserved, sizeof reserved, out));
  g_assert_cmpuint (out->len, ==, 0);
  pt_mqtt_cut_init (&cut, PT_MQTT_PUBACK, PT_MQTT_LENGTH_MAX);
  g_assert_true (pt_mqtt_cut_pass (&cut, longest, sizeof longest, out));
  g_assert_cmpuint (cut.left, ==, 268435455);
}

/* Of a message that is too long the end is cut off, wherever it comes apart, and its head says so;
 * what follows passes. */
static void
test_too_long (void)
{
  static const guint8 after[] = { 0xd0, 0, 0x32, 3, 'a', 'b', 'c' };
  static const guint8 long_head[] = { 0x3a, 0xac, 0x02 }, short_head[] = { 0x3a, 0xc8, 0x01 };
  guint8 body[300];
  g_autoptr (GByteArray) all = g_byte_array_new (), passing = g_byte_array_new ();

  for (guint i = 0; i < sizeof body; i++)
    body[i] = (guint8) i;
  g_byte_array_append (all, long_head, sizeof long_head);
  g_byte_array_append (all, body, sizeof body);
  g_byte_array_append (all, after, sizeof after);
  g_byte_array_append (passing, short_head, sizeof short_head);
  g_byte_array_append (passing, body, 200);
  g_byte_array_append (passing, after, sizeof after);
  for (guint first = 0; first <= all->len; first++)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();
      PtMqttCut cut;

      pt_mqtt_cut_init (&cut, PT_MQTT_NOTHING, 200);
      g_assert_true (pt_mqtt_cut_pass (&cut, all->data, first, out));
      g_assert_true (pt_mqtt_cut_pass (&cut, all->data + first, all->len - first, out));
      g_assert_true (cut.is_between);
      g_assert_cmpmem (out->data, out->len, passing->data, passing->len);
    }
}

/* One that is not a message has nothing that could be cut off. */
static void
test_long_answer (void)
{
  static const guint8 suback[] = { 0x90, 0xc9, 0x01 };
  g_autoptr (GByteArray) out = g_byte_array_new ();
  PtMqttCut cut;

  pt_mqtt_cut_init (&cut, PT_MQTT_NOTHING, 200);
  g_assert_false (pt_mqtt_cut_pass (&cut, suback, sizeof suback, out));
  g_assert_cmpuint (out->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mqtt-cut/every-cut", test_every_cut);
  g_test_add_func ("/mqtt-cut/between", test_between);
  g_test_add_func ("/mqtt-cut/not-mqtt", test_not_mqtt);
  g_test_add_func ("/mqtt-cut/too-long", test_too_long);
  g_test_add_func ("/mqtt-cut/long-answer", test_long_answer);
  return g_test_run ();
}
