/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-topic.h"

static void
test_read (void)
{
  static const char *const wrong[]
      = { "",
          "powertrack/v1/east/tx-1",
          "powertrack/v1/east/tx-1/",
          "powertrack/v1/east/tx-1/answer",
          "powertrack/v1/east/tx-1/report/",
          "powertrack/v1/east/tx-1/report/receipt/x",
          "powertrack/v1/east//report",
          "powertrack/v1//tx-1/report",
          "powertrack/v1/East/tx-1/report",
          "powertrack/v1/east/tx 1/report",
          "powertrack/v1/east/-tx/report",
          "powertrack/v2/east/tx-1/report",
          "/powertrack/v1/east/tx-1/report",
          "powertrack/v1/abcdefghijklmnopqrstuvwxyzabcdef/tx-1/report" };
  char answer[PT_MQTT_TOPIC_MAX];
  PtMqttTopic topic;

  g_assert_true (pt_mqtt_topic_read ("powertrack/v1/east/TX:1.a/report", &topic));
  g_assert_cmpstr (topic.area, ==, "east");
  g_assert_cmpstr (topic.device, ==, "TX:1.a");
  g_assert_cmpint (topic.asked, ==, PT_MQTT_REPORT);
  pt_mqtt_topic_answer (&topic, answer);
  g_assert_cmpstr (answer, ==, "powertrack/v1/east/TX:1.a/answer");
  g_assert_true (pt_mqtt_topic_read ("powertrack/v1/east/t/report/receipt", &topic));
  g_assert_cmpint (topic.asked, ==, PT_MQTT_RECEIPT);
  g_assert_true (pt_mqtt_topic_read ("powertrack/v1/east/t/held", &topic));
  g_assert_cmpint (topic.asked, ==, PT_MQTT_HELD);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (pt_mqtt_topic_read (wrong[i], &topic));
}

/* The longest names there may be. */
static void
test_longest (void)
{
  g_autofree char *area = g_strnfill (31, 'a'), *device = g_strnfill (64, 'd');
  g_autofree char *text = g_strdup_printf ("powertrack/v1/%s/%s/report", area, device);
  g_autofree char *longer = g_strdup_printf ("powertrack/v1/%s/%sd/report", area, device);
  g_autofree char *wanted = g_strdup_printf ("powertrack/v1/%s/%s/answer", area, device);
  char answer[PT_MQTT_TOPIC_MAX];
  PtMqttTopic topic;

  g_assert_true (pt_mqtt_topic_read (text, &topic));
  pt_mqtt_topic_answer (&topic, answer);
  g_assert_cmpstr (answer, ==, wanted);
  g_assert_false (pt_mqtt_topic_read (longer, &topic));
}

static void
test_filter (void)
{
  g_autofree char *plain = pt_mqtt_topic_filter (PT_MQTT_REPORT, NULL);
  g_autofree char *shared = pt_mqtt_topic_filter (PT_MQTT_RECEIPT, "two");

  g_assert_cmpstr (plain, ==, "powertrack/v1/+/+/report");
  g_assert_cmpstr (shared, ==, "$share/two/powertrack/v1/+/+/report/receipt");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mqtt-topic/read", test_read);
  g_test_add_func ("/mqtt-topic/longest", test_longest);
  g_test_add_func ("/mqtt-topic/filter", test_filter);
  return g_test_run ();
}
