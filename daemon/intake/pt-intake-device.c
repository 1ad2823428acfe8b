/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-intake-device.h"

#include <string.h>

#include "pt-kind.h"
#include "pt-traffic.h"

static PtSpan
span_of (const char *text)
{
  return pt_span (text, strlen (text));
}

/* With a lock of the directory. */
static const PtDevice *
find_device (PtDirectory *directory, const char *area_id, const char *device_id)
{
  PtArea *area = pt_registry_area (directory->registry, span_of (area_id));

  return area != NULL ? pt_registry_device (area, span_of (device_id)) : NULL;
}

static gboolean
refuse_unknown (const char *area, const char *device, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_UNKNOWN_DEVICE, "%s has no device %s.", area, device);
  return FALSE;
}

/* A copy of its site, with its place; NULL: there is no such device. */
static char *
place_of (PtDirectory *directory, PtCompactDevice *place, const char *area, const char *device)
{
  const PtDevice *found;
  char *site = NULL;

  pt_door_begin_read (&directory->door);
  found = find_device (directory, area, device);
  if (found != NULL)
    {
      site = g_strdup (found->site);
      place->lat = found->lat;
      place->lon = found->lon;
    }
  pt_door_end_read (&directory->door);
  return site;
}

GBytes *
pt_intake_device_expand (const PtIntakeDevices *devices, const char *area, const char *device,
                         PtSpan bytes, GError **error)
{
  char report[PT_ENTRY_MAX];
  PtCompactDevice place = { 0 };
  g_autofree char *site = NULL;
  PtCompactReport compact;
  PtResult result;
  gsize size;

  g_return_val_if_fail (devices != NULL && area != NULL && device != NULL, NULL);

  result = pt_compact_parse (bytes, &compact);
  if (result != PT_OK)
    {
      g_set_error_literal (error, PT_ERROR, (gint) pt_error_from_result (result),
                           "This is no compact report in its one form.");
      return NULL;
    }
  site = place_of (devices->directory, &place, area, device);
  if (site == NULL)
    {
      refuse_unknown (area, device, error);
      return NULL;
    }
  place.area = span_of (area);
  place.device = span_of (device);
  place.site = span_of (site);
  result = pt_compact_expand (&compact, &place, report, sizeof report, &size);
  if (result == PT_OK)
    return g_bytes_new (report, size);
  g_set_error_literal (error, PT_ERROR, (gint) pt_error_from_result (result),
                       "This report can't be an entry.");
  return NULL;
}

static GBytes *
text_of (PtSpan bytes)
{
  gsize size = MIN (bytes.size, PT_REJECTED_TEXT_MAX / 2);
  GString *text;

  if (bytes.size > 0 && bytes.data[0] == '{')
    return g_bytes_new (bytes.data, MIN (bytes.size, PT_REJECTED_TEXT_MAX));
  text = g_string_sized_new (2 * size);
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", (guint8) bytes.data[i]);
  return g_string_free_to_bytes (text);
}

void
pt_intake_device_refused (const PtIntakeDevices *devices, const PtPeer *peer, PtSpan bytes,
                          PtErrorCode code)
{
  g_autoptr (GBytes) text = text_of (bytes);
  g_autoptr (PtSubmission) submission = NULL;
  PtAdmission *admission;
  PtTraffic *traffic;

  g_return_if_fail (devices != NULL && peer != NULL);

  admission = pt_intake_admission (devices->intake);
  traffic = pt_admission_traffic (admission);
  submission = pt_submission_new (&pt_kind_report, text, FALSE, NULL, NULL, NULL);
  pt_submission_set_peer (submission, peer);
  pt_line_refuse (&submission->lines[0], code);
  pt_admission_count (admission, 0, 0, 1);
  if (traffic != NULL)
    pt_traffic_count (traffic, submission);
}

static void
note_gap (gint64 first, gint64 last, gpointer data)
{
  PtHeld *held = data;

  for (gint64 counter = MAX (first, held->highest - PT_HELD_WINDOW); counter <= last; counter++)
    pt_held_set_missing (held, counter);
}

/* A device's history is what is durable: the committer moves it on after the commit only. */
static gboolean
fill_held (PtDirectory *directory, PtHeld *held, const char *area, const char *device)
{
  const PtDevice *found;

  pt_door_begin_read (&directory->door);
  found = find_device (directory, area, device);
  if (found != NULL)
    {
      held->highest = found->history.latest.seq;
      pt_history_each_gap (&found->history, note_gap, held);
    }
  pt_door_end_read (&directory->door);
  return found != NULL;
}

gboolean
pt_intake_device_held (const PtIntakeDevices *devices, const char *area, const char *device,
                       PtHeld *out, GError **error)
{
  PtHash digest;

  g_return_val_if_fail (devices != NULL && area != NULL && device != NULL && out != NULL, FALSE);

  memset (out, 0, sizeof *out);
  if (!fill_held (devices->directory, out, area, device))
    return refuse_unknown (area, device, error);
  out->area = span_of (area);
  out->device = span_of (device);
  out->ts = pt_clock_now (devices->clock);
  pt_held_digest (out, &digest);
  if (devices->signer->sign (devices->signer->context, &digest, out->signature))
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR, "The service key does not sign.");
  return FALSE;
}
