/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"
#include "pt-error.h"

#define NAMES_MAX 100 /* asked at once: no longer than the directory may be held */

static void
write_device (PtJsonText *json, PtArea *area, PtSpan id)
{
  const PtDevice *device = pt_registry_device (area, id);

  if (device == NULL)
    return;
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", device->area->id);
  pt_json_text_integer (json, "customers", device->customers);
  pt_json_text_string (json, "device", device->id);
  if (device->feeder != NULL)
    pt_json_text_string (json, "feeder", device->feeder);
  pt_json_text_base64url (json, "key", device->public_key, PT_PUBLIC_KEY_SIZE);
  pt_json_text_integer (json, "lat", device->lat);
  pt_json_text_string (json, "level", pt_level_name (device->level));
  pt_json_text_integer (json, "lon", device->lon);
  pt_json_text_string (json, "site", device->site);
  pt_json_text_string (json, "status", pt_status_name (device->status));
  pt_json_text_integer (json, "ts", device->registered);
  pt_json_text_end_object (json);
}

/* NULL-terminated identifiers, each once or more. */
static char **
read_ids (PtRequest *request, const char *parameter, GError **error)
{
  const char *text = pt_request_value (request, parameter);
  g_auto (GStrv) ids = g_strsplit (text != NULL ? text : "", ",", NAMES_MAX + 1);
  gboolean sound = ids[0] != NULL && g_strv_length (ids) <= NAMES_MAX;

  for (guint i = 0; sound && ids[i] != NULL; i++)
    sound = pt_is_id (pt_span (ids[i], strlen (ids[i])));
  if (sound)
    return g_steal_pointer (&ids);
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               "Say ?%s= and up to %d identifiers with commas between.", parameter, NAMES_MAX);
  return NULL;
}

gboolean
pt_api_answer_named (PtRequest *request, PtDirectory *directory, const char *parameter,
                     const char *list, PtWriteNamed write, GError **error)
{
  g_auto (GStrv) ids = NULL;
  PtRegistry *registry;
  PtJsonText *json;
  gint32 wanted;

  g_return_val_if_fail (request != NULL && directory != NULL && write != NULL, FALSE);
  registry = directory->registry;
  ids = read_ids (request, parameter, error);
  if (ids == NULL || !pt_request_area (request, directory, &wanted, error))
    return FALSE;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, list);
  pt_door_begin_read (&directory->door);
  for (guint i = 0; ids[i] != NULL; i++)
    for (guint area = 0; area < pt_registry_area_count (registry); area++)
      if (wanted < 0 || (guint) wanted == area)
        write (json, pt_registry_area_at (registry, area), pt_span (ids[i], strlen (ids[i])));
  pt_door_end_read (&directory->door);
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

static gboolean
answer_devices (PtRequest *request, gpointer context, GError **error)
{
  return pt_api_answer_named (request, ((const PtReads *) context)->directory, "device", "devices",
                              write_device, error);
}

const PtRoute pt_api_devices_routes[] = {
  { "GET", "/api/v1/devices", answer_devices, PT_RUNS_ON_READER, .open = TRUE },
  { NULL },
};
