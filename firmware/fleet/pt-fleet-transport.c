/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-transport.h"

#include <glib/gi18n.h>
#include <string.h>

#include "pt-error.h"

static const char *const names[PT_FLEET_WAYS] = { "https", "mqtt", "coap" };

const char *
pt_fleet_way_name (PtFleetWay way)
{
  g_return_val_if_fail ((guint) way < PT_FLEET_WAYS, NULL);
  return names[way];
}

gboolean
pt_fleet_way_from_name (const char *name, PtFleetWay *out)
{
  g_return_val_if_fail (name != NULL && out != NULL, FALSE);

  for (guint i = 0; i < PT_FLEET_WAYS; i++)
    if (strcmp (names[i], name) == 0)
      {
        *out = (PtFleetWay) i;
        return TRUE;
      }
  return FALSE;
}

gboolean
pt_fleet_way_is_built (PtFleetWay way)
{
  switch (way)
    {
    case PT_FLEET_HTTPS:
      return TRUE;
    case PT_FLEET_MQTT:
#ifdef PT_HAS_MQTT
      return TRUE;
#else
      return FALSE;
#endif
    case PT_FLEET_COAP:
#ifdef PT_HAS_COAP
      return TRUE;
#else
      return FALSE;
#endif
    }
  g_return_val_if_reached (FALSE);
}

PtFleetTransport *
pt_fleet_transport_new (const PtFleetTransportOptions *options)
{
  g_return_val_if_fail (options != NULL, NULL);
  g_return_val_if_fail (pt_fleet_way_is_built (options->way), NULL);

  switch (options->way)
    {
    case PT_FLEET_HTTPS:
      return pt_fleet_http_new (options);
    case PT_FLEET_MQTT:
#ifdef PT_HAS_MQTT
      return pt_fleet_mqtt_new (options);
#else
      break;
#endif
    case PT_FLEET_COAP:
#ifdef PT_HAS_COAP
      return pt_fleet_coap_new (options);
#else
      break;
#endif
    }
  return NULL;
}

void
pt_fleet_transport_free (PtFleetTransport *transport)
{
  if (transport != NULL)
    transport->class->free (transport);
}

PtFleetVerdict
pt_fleet_transport_post (PtFleetTransport *transport, PtFleetOutbox *outbox, guint lines,
                         PtFleetAnswer *answer, GError **error)
{
  g_return_val_if_fail (transport != NULL && outbox != NULL && answer != NULL, PT_FLEET_REFUSED);
  g_return_val_if_fail (lines <= outbox->items->len, PT_FLEET_REFUSED);

  *answer = (PtFleetAnswer){ 0 };
  return transport->class->post (transport, outbox, lines, answer, error);
}

GBytes *
pt_fleet_transport_held (PtFleetTransport *transport, guint number, PtHeld *out,
                         PtFleetVerdict *verdict, GError **error)
{
  g_return_val_if_fail (transport != NULL && out != NULL && verdict != NULL, NULL);

  return transport->class->held (transport, number, out, verdict, error);
}

GBytes *
pt_fleet_held_read (GBytes *bytes, gboolean is_cbor, const PtFleetDevice *device, PtHeld *out,
                    PtFleetVerdict *verdict, GError **error)
{
  g_autoptr (GBytes) taken = bytes;
  PtResult result = PT_MALFORMED;

  g_return_val_if_fail (device != NULL && out != NULL && verdict != NULL, NULL);

  if (taken != NULL)
    {
      gsize size;
      const char *data = g_bytes_get_data (taken, &size);
      PtSpan said = pt_span (data, size);

      result = is_cbor ? pt_held_parse_cbor (said, pt_span (device->area, strlen (device->area)),
                                             pt_span (device->id, strlen (device->id)), out)
                       : pt_held_parse (said, out);
    }
  *verdict = result == PT_OK ? PT_FLEET_ANSWERED : PT_FLEET_REFUSED;
  if (result == PT_OK)
    return g_steal_pointer (&taken);
  g_set_error (error, PT_ERROR, PT_ERROR_FAILED,
               _ ("What the daemon says it holds of device %s cannot be read."), device->id);
  return NULL;
}

gsize
pt_fleet_compact (PtSpan report, guint8 out[PT_COMPACT_MAX])
{
  PtCompactReport compact;
  PtEntry entry;
  gsize size = 0;

  if (pt_entry_parse (report, PT_ENTRY_SIGNED, &entry) != PT_OK)
    return 0;
  pt_compact_from_entry (&entry, &compact);
  return pt_compact_write (&compact, out, PT_COMPACT_MAX, &size) == PT_OK ? size : 0;
}

void
pt_fleet_answer_reject (PtFleetAnswer *answer, guint line, const char *slug)
{
  PtFleetRejection rejection = { line, g_intern_string (slug) };

  g_return_if_fail (answer != NULL && answer->rejected != NULL);
  g_array_append_val (answer->rejected, rejection);
}
