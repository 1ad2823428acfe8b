/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-topic.h"

#include <string.h>

#include "pt-base.h"

#define PREFIX "powertrack/v1/"

static const char *
asked_name (PtMqttAsked asked)
{
  switch (asked)
    {
    case PT_MQTT_REPORT:
      return "report";
    case PT_MQTT_RECEIPT:
      return "report/receipt";
    case PT_MQTT_HELD:
      return "held";
    }
  g_return_val_if_reached ("");
}

/* The level of *@topic that ends with the next slash; FALSE: there is none, or it has no room. */
static gboolean
take_level (const char **topic, char *out, gsize out_size)
{
  const char *slash = strchr (*topic, '/');
  gsize size = slash != NULL ? (gsize) (slash - *topic) : 0;

  if (size == 0 || size >= out_size)
    return FALSE;
  memcpy (out, *topic, size);
  out[size] = '\0';
  *topic = slash + 1;
  return TRUE;
}

gboolean
pt_mqtt_topic_read (const char *topic, PtMqttTopic *out)
{
  g_return_val_if_fail (topic != NULL && out != NULL, FALSE);

  *out = (PtMqttTopic){ 0 };
  if (!g_str_has_prefix (topic, PREFIX))
    return FALSE;
  topic += strlen (PREFIX);
  if (!take_level (&topic, out->area, sizeof out->area)
      || !take_level (&topic, out->device, sizeof out->device)
      || !pt_is_area_id (pt_span (out->area, strlen (out->area)))
      || !pt_is_id (pt_span (out->device, strlen (out->device))))
    return FALSE;
  for (guint i = 0; i < PT_MQTT_ASKED_COUNT; i++)
    if (strcmp (topic, asked_name ((PtMqttAsked) i)) == 0)
      {
        out->asked = (PtMqttAsked) i;
        return TRUE;
      }
  return FALSE;
}

char *
pt_mqtt_topic_filter (PtMqttAsked asked, const char *group)
{
  if (group != NULL)
    return g_strdup_printf ("$share/%s/" PREFIX "+/+/%s", group, asked_name (asked));
  return g_strconcat (PREFIX "+/+/", asked_name (asked), NULL);
}

void
pt_mqtt_topic_answer (const PtMqttTopic *topic, char out[PT_MQTT_TOPIC_MAX])
{
  g_return_if_fail (topic != NULL && out != NULL);

  g_snprintf (out, PT_MQTT_TOPIC_MAX, PREFIX "%s/%s/answer", topic->area, topic->device);
}
