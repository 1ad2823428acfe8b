/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"
#include "pt-error.h"

#define NAMES_MAX 100 /* asked at once: no longer than the directory may be held */

/* Writes the registration of the area's one of that name, if there is one. */
typedef void (*WriteRegistration) (PtJsonText *json, PtArea *area, PtSpan id);

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

static void
write_official (PtJsonText *json, PtArea *area, PtSpan id)
{
  const PtOfficial *official = pt_registry_official (area, id);

  if (official == NULL)
    return;
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", area->id);
  pt_json_text_base64url (json, "key", official->public_key, PT_PUBLIC_KEY_SIZE);
  pt_json_text_string (json, "name", official->name);
  pt_json_text_string (json, "official", official->id);
  pt_json_text_string (json, "role", pt_role_name ((PtRole) official->role));
  pt_json_text_string (json, "status", pt_status_name ((PtStatus) official->status));
  pt_json_text_integer (json, "ts", official->registered);
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

/* Those named, in every area or in the one that is asked for. */
static gboolean
answer_named (PtRequest *request, PtDirectory *directory, const char *parameter, const char *list,
              WriteRegistration write, GError **error)
{
  g_auto (GStrv) ids = read_ids (request, parameter, error);
  PtRegistry *registry = directory->registry;
  PtJsonText *json;
  gint32 wanted;

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
  return answer_named (request, ((const PtReads *) context)->directory, "device", "devices",
                       write_device, error);
}

static gboolean
answer_officials (PtRequest *request, gpointer context, GError **error)
{
  return answer_named (request, ((const PtReads *) context)->directory, "official", "officials",
                       write_official, error);
}

/* GET /officials/{area}/{official}: all that the authority ever signed of one, for who checks what
 * it signed. */

static gboolean
find_official (PtDirectory *directory, const char *const *parts, PtSubject *out, GError **error)
{
  const PtOfficial *official = NULL;
  PtArea *area;

  pt_door_begin_read (&directory->door);
  area = pt_registry_area (directory->registry, pt_span (parts[0], strlen (parts[0])));
  if (area != NULL)
    official = pt_registry_official (area, pt_span (parts[1], strlen (parts[1])));
  if (official != NULL)
    *out = pt_subject_official (official->number);
  pt_door_end_read (&directory->door);
  if (official == NULL)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                         "The area has no official of this name.");
  return official != NULL;
}

static gboolean
answer_registrations (PtRequest *request, gpointer context, GError **error)
{
  const PtReads *reads = context;
  const char *const parts[] = { request->parts[0], request->parts[1] };
  g_autoptr (GPtrArray) bodies = NULL;
  PtJsonText *json = NULL;
  PtSubject subject;

  if (!find_official (reads->directory, parts, &subject, error))
    return FALSE;
  bodies = pt_store_subject_bodies (reads->store, subject, error);
  if (bodies == NULL)
    return FALSE;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", parts[0]);
  pt_json_text_string (json, "official", parts[1]);
  pt_json_text_begin_array (json, "registrations");
  for (guint i = 0; i < MIN (bodies->len, NAMES_MAX); i++)
    {
      GBytes *body = g_ptr_array_index (bodies, i);
      g_autofree char *text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));

      pt_json_text_string (json, NULL, text);
    }
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

const PtRoute pt_api_devices_routes[] = {
  { "GET", "/api/v1/devices", answer_devices, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/officials", answer_officials, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/officials/*/*", answer_registrations, PT_RUNS_ON_READER, .open = TRUE },
  { NULL },
};
