/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"
#include "pt-error.h"

#define DEVICES_MAX 100 /* asked at once: no longer than the directory may be held */

static void
write_registration (PtJsonText *json, const PtDevice *device)
{
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

/* In every area, or in the one. With the directory read. */
static void
write_named (PtJsonText *json, PtRegistry *registry, gint32 wanted, const char *id)
{
  for (guint i = 0; i < pt_registry_area_count (registry); i++)
    {
      PtDevice *device;

      if (wanted >= 0 && (guint) wanted != i)
        continue;
      device = pt_registry_device (pt_registry_area_at (registry, i), pt_span (id, strlen (id)));
      if (device != NULL)
        write_registration (json, device);
    }
}

/* NULL-terminated identifiers, each once or more. */
static char **
read_ids (PtRequest *request, GError **error)
{
  const char *text = pt_request_value (request, "device");
  g_auto (GStrv) ids = g_strsplit (text != NULL ? text : "", ",", DEVICES_MAX + 1);
  gboolean sound = ids[0] != NULL && g_strv_length (ids) <= DEVICES_MAX;

  for (guint i = 0; sound && ids[i] != NULL; i++)
    sound = pt_is_id (pt_span (ids[i], strlen (ids[i])));
  if (sound)
    return g_steal_pointer (&ids);
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               "Say ?device= and up to %d identifiers with commas between.", DEVICES_MAX);
  return NULL;
}

static gboolean
answer_devices (PtRequest *request, gpointer context, GError **error)
{
  PtDirectory *directory = ((const PtReads *) context)->directory;
  g_auto (GStrv) ids = read_ids (request, error);
  PtJsonText *json;
  gint32 area;

  if (ids == NULL || !pt_request_area (request, directory, &area, error))
    return FALSE;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "devices");
  pt_door_begin_read (&directory->door);
  for (guint i = 0; ids[i] != NULL; i++)
    write_named (json, directory->registry, area, ids[i]);
  pt_door_end_read (&directory->door);
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

const PtRoute pt_api_devices_routes[] = {
  { "GET", "/api/v1/devices", answer_devices, PT_RUNS_ON_READER, .open = TRUE },
  { NULL },
};
