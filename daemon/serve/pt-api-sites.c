/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-api.h"
#include "pt-box.h"
#include "pt-site-list.h"

#define STATES_MAX 4
#define OUTAGES_DEFAULT 1000
#define OUTAGES_MAX 10000

static void
write_device (PtJsonText *json, const PtDevice *device)
{
  const PtSighting *latest = &device->history.latest;

  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "device", device->id);
  pt_json_text_base64url (json, "key", device->public_key, PT_PUBLIC_KEY_SIZE);
  pt_json_text_string (json, "status", pt_status_name (device->status));
  pt_json_text_string (json, "level", pt_level_name (device->level));
  pt_json_text_integer (json, "customers", device->customers);
  if (device->feeder != NULL)
    pt_json_text_string (json, "feeder", device->feeder);
  pt_json_text_integer (json, "missing", (gint64) pt_history_missing (&device->history));
  pt_json_text_boolean (json, "missing_at_least", device->history.is_part);
  pt_json_text_integer (json, "first_seq", device->after + 1);
  pt_json_text_boolean (json, "key_copied", pt_device_key_is_copied (device));
  pt_json_text_time (json, "time", latest->seq != 0 ? latest->time : 0);
  pt_json_text_time (json, "heard", device->history.heard);
  if (latest->seq == 0)
    pt_json_text_null (json, "last");
  else
    {
      pt_json_text_begin_object (json, "last");
      pt_json_text_integer (json, "seq", latest->seq);
      pt_json_text_integer (json, "ts", latest->ts);
      pt_json_text_string (json, "power", pt_power_name (latest->power));
      pt_json_text_end_object (json);
    }
  pt_json_text_end_object (json);
}

/* Filters */

typedef struct
{
  gboolean has_box;
  PtBox box;
  guint states; /* bit set of PtSiteState; 0: all */
  gint32 area;
} SiteFilter;

static gboolean
parse_states (const char *text, SiteFilter *filter)
{
  g_auto (GStrv) names = g_strsplit (text, ",", STATES_MAX + 1);

  if (g_strv_length (names) > STATES_MAX)
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      PtSiteState state;

      if (!pt_site_state_parse (names[i], &state))
        return FALSE;
      filter->states |= 1u << state;
    }
  return filter->states != 0;
}

static gboolean
read_filter (PtRequest *request, PtDirectory *directory, SiteFilter *filter, GError **error)
{
  const char *box = pt_request_value (request, "bbox");
  const char *states = pt_request_value (request, "state");

  *filter = (SiteFilter){ 0 };
  filter->has_box = box != NULL;
  if (box != NULL && !pt_box_parse (box, &filter->box))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           "bbox is west,south,east,north in degrees.");
      return FALSE;
    }
  if (states != NULL && !parse_states (states, filter))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                           "state is a list of on, off, silent and unknown.");
      return FALSE;
    }
  return pt_request_area (request, directory, &filter->area, error);
}

static gboolean
filter_is_empty (const SiteFilter *filter)
{
  return !filter->has_box && filter->states == 0 && filter->area < 0;
}

/* A PtSiteFilterFunc. */
static gboolean
filter_holds (const PtSite *site, gconstpointer data)
{
  const SiteFilter *filter = data;

  if (filter->states != 0 && (filter->states & (1u << site->state)) == 0)
    return FALSE;
  if (filter->area >= 0 && site->area_number != (guint32) filter->area)
    return FALSE;
  return !filter->has_box || pt_box_holds (&filter->box, site->lat, site->lon);
}

static const struct
{
  const char *name, *type;
} forms[] = { [PT_SITE_LIST_ROWS] = { "ndjson", "application/x-ndjson" },
              [PT_SITE_LIST_FEATURES] = { "geojson", "application/geo+json" },
              [PT_SITE_LIST_COLUMNS] = { "columns", "application/x-ndjson" } };

static gboolean
read_form (PtRequest *request, PtSiteListForm *form, GError **error)
{
  const char *format = pt_request_value (request, "format");
  const char *accept = pt_request_header (request, "Accept");

  *form = accept != NULL && strstr (accept, "application/x-ndjson") != NULL ? PT_SITE_LIST_ROWS
                                                                            : PT_SITE_LIST_FEATURES;
  if (format == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (strcmp (format, forms[i].name) == 0)
      {
        *form = (PtSiteListForm) i;
        return TRUE;
      }
  g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED,
                       "format is geojson, ndjson or columns.");
  return FALSE;
}

/* The same sites in the same form; other parameters make another address. */
static char *
sites_etag (const PtSiteSnapshot *sites, gboolean is_packed)
{
  return g_strdup_printf ("\"%" G_GINT64_MODIFIER "x%s\"", sites->generation,
                          is_packed ? "-gzip" : "");
}

static gboolean
answer_sites (PtRequest *request, gpointer context, GError **error)
{
  const PtApiSites *api = context;
  gboolean is_packed = pt_request_takes_gzip (request);
  PtSiteListForm form;
  g_autoptr (PtSiteSnapshot) sites = NULL;
  SiteFilter filter;

  if (!read_filter (request, api->reads->directory, &filter, error)
      || !read_form (request, &form, error))
    return FALSE;
  sites = pt_live_sites (api->reads->live, request->asked, G_MAXUINT);
  request->etag = sites_etag (sites, is_packed);
  request->cache_control = "no-cache";
  pt_request_add_header (request, "Vary", "Accept, Accept-Encoding");
  if (is_packed)
    pt_request_add_header (request, "Content-Encoding", "gzip");
  pt_request_take_pieces (request, forms[form].type,
                          pt_request_has (request, request->etag)
                              ? g_ptr_array_new ()
                              : pt_site_list_make (api, sites, form,
                                                   filter_is_empty (&filter) ? NULL : filter_holds,
                                                   &filter, is_packed));
  return TRUE;
}

/* One site */

/* With the lock held; sites of one name in several areas need the area said. */
PtArea *
pt_api_find_site (PtRegistry *registry, const char *id, gint32 wanted, guint *count)
{
  PtArea *found = NULL;

  g_return_val_if_fail (registry != NULL && id != NULL && count != NULL, NULL);

  *count = 0;
  for (guint i = 0; i < pt_registry_area_count (registry); i++)
    {
      PtArea *area = pt_registry_area_at (registry, i);

      if ((wanted >= 0 && (guint) wanted != i)
          || (g_hash_table_lookup (area->sites, id) == NULL
              && g_hash_table_lookup (area->former, id) == NULL))
        continue;
      found = area;
      (*count)++;
    }
  return found;
}

void
pt_api_refuse_site (guint count, GError **error)
{
  g_set_error_literal (error, PT_ERROR, count == 0 ? PT_ERROR_NOT_FOUND : PT_ERROR_CONFLICT,
                       count == 0 ? "There is no site of this name."
                                  : "Several areas have a site of this name. Add ?area=.");
}

/* All that the directory says of it. */
static PtJsonText *
begin_site (const PtApiSites *api, PtArea *area, const char *name)
{
  GPtrArray *devices = g_hash_table_lookup (area->sites, name);
  PtJsonText *json = pt_json_text_new ();
  PtSite site;

  pt_live_named_site (api->reads->live, area, name, pt_clock_now (api->reads->clock), &site);
  pt_api_begin_site_feature (json, api, &site);
  pt_json_text_begin_array (json, "devices");
  for (guint i = 0; devices != NULL && i < devices->len; i++)
    write_device (json, g_ptr_array_index (devices, i));
  pt_json_text_end_array (json);
  return json;
}

static gboolean
answer_site (PtRequest *request, gpointer context, GError **error)
{
  const PtApiSites *api = context;
  PtDirectory *directory = api->reads->directory;
  g_autoptr (GArray) stays = NULL;
  PtJsonText *json = NULL;
  PtArea *found;
  gint32 area;
  guint count;

  if (!pt_request_area (request, directory, &area, error))
    return FALSE;
  pt_door_begin_read (&directory->door);
  found = pt_api_find_site (directory->registry, request->parts[0], area, &count);
  if (count == 1)
    {
      json = begin_site (api, found, request->parts[0]);
      stays = pt_known_from_stays (found, request->parts[0]);
    }
  pt_door_end_read (&directory->door);
  if (json == NULL)
    {
      pt_api_refuse_site (count, error);
      return FALSE;
    }
  pt_json_text_time (json, "known_from", pt_known_from_read (api->known_from, stays));
  pt_api_end_site_feature (json);
  pt_request_take_json (request, json);
  request->content_type = "application/geo+json";
  return TRUE;
}

/* Outages */

void
pt_api_write_outage (PtJsonText *json, const char *name, const PtApiSites *api,
                     const PtOutageEvent *outage)
{
  char place[PT_PLACE_NAME_MAX + 1];
  gboolean has_place;

  g_return_if_fail (json != NULL && api != NULL && outage != NULL);

  has_place = pt_api_find_place (api, outage->lat, outage->lon, place);
  pt_json_text_begin_object (json, name);
  pt_json_text_string (json, "area", outage->area);
  pt_json_text_string (json, "device", outage->device);
  pt_json_text_string (json, "site", outage->site);
  pt_json_text_integer (json, "start_seq", outage->start_seq);
  pt_json_text_integer (json, "start", outage->start);
  pt_json_text_time (json, "end_seq", outage->end_seq);
  if (outage->ended_by == PT_END_NONE)
    pt_json_text_null (json, "end");
  else
    pt_json_text_integer (json, "end", outage->end);
  pt_json_text_string (json, "ended_by", pt_outage_end_name (outage->ended_by));
  pt_json_text_integer (json, "customers", outage->customers);
  if (outage->feeder != NULL)
    pt_json_text_string (json, "feeder", outage->feeder);
  pt_json_text_string (json, "place", has_place ? place : NULL);
  pt_json_text_end_object (json);
}

typedef struct
{
  const PtApiSites *api;
  PtJsonText *json;
  const char *name; /* of what is written; NULL: elements of an array */
  guint count;
  PtOutageRow last;
} OutageList;

static gboolean
write_outage_row (const PtOutageRow *row, gpointer user_data, GError **error)
{
  OutageList *list = user_data;
  PtDirectory *directory = list->api->reads->directory;
  const PtDevice *device;
  g_autofree char *site = NULL, *feeder = NULL;
  PtStanding place;
  PtOutageEvent outage;

  pt_door_begin_read (&directory->door);
  device = pt_registry_device_numbered (directory->registry, row->device);
  place = pt_device_place (device, row->place);
  site = g_strndup (place.site.data, place.site.size);
  if (place.feeder.size > 0)
    feeder = g_strndup (place.feeder.data, place.feeder.size);
  outage = (PtOutageEvent){ .area = device->area->id,
                            .device = device->id,
                            .site = site,
                            .feeder = feeder,
                            .lat = (gint32) place.lat,
                            .lon = (gint32) place.lon,
                            .customers = row->customers,
                            .start_seq = row->start_seq,
                            .end_seq = row->end_seq,
                            .start = row->start,
                            .end = row->end,
                            .ended_by = row->ended_by };
  pt_api_write_outage (list->json, list->name, list->api, &outage);
  pt_door_end_read (&directory->door);
  list->count++;
  list->last = *row;
  return TRUE;
}

/* The device while it was at @site. */
static void
add_places (const PtDevice *device, const char *site, GArray *out)
{
  PtOutagesOf of = { .device = device->number };
  guint32 places = pt_past_place (&device->past);
  gboolean goes_on = FALSE;

  for (guint32 place = 0; place <= places; place++)
    {
      gboolean is_there = pt_span_is (pt_device_place (device, place).site, site);

      if (is_there && !goes_on)
        of.first_place = place;
      if (!is_there && goes_on)
        {
          of.last_place = place - 1;
          g_array_append_val (out, of);
        }
      goes_on = is_there;
    }
  of.last_place = G_MAXUINT32;
  if (goes_on)
    g_array_append_val (out, of);
}

static void
add_devices_at (GPtrArray *devices, const char *site, const PtDevice *only, GPtrArray *but,
                GArray *out)
{
  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      const PtDevice *there = g_ptr_array_index (devices, i);

      if ((only == NULL || there == only) && (but == NULL || !g_ptr_array_find (but, there, NULL)))
        add_places (there, site, out);
    }
}

static void
find_devices_of (PtArea *area, const char *site, const char *device, GArray *out)
{
  GPtrArray *at_site = site != NULL ? g_hash_table_lookup (area->sites, site) : NULL;
  GPtrArray *former = site != NULL ? g_hash_table_lookup (area->former, site) : NULL;
  PtDevice *named = device != NULL ? g_hash_table_lookup (area->devices, device) : NULL;
  PtOutagesOf of = { named != NULL ? named->number : 0, 0, G_MAXUINT32 };

  if (site == NULL && named != NULL)
    g_array_append_val (out, of);
  if (site == NULL || (device != NULL && named == NULL))
    return;
  add_devices_at (at_site, site, named, NULL, out);
  add_devices_at (former, site, named, at_site, out);
}

/* Devices at the site, or of the name; an empty array finds nothing. */
static GArray *
find_devices (PtDirectory *directory, const char *site, const char *device, gint32 wanted)
{
  GArray *devices;

  if (site == NULL && device == NULL)
    return NULL;
  devices = g_array_new (FALSE, FALSE, sizeof (PtOutagesOf));
  pt_door_begin_read (&directory->door);
  for (guint i = 0; i < pt_registry_area_count (directory->registry); i++)
    if (wanted < 0 || (guint) wanted == i)
      find_devices_of (pt_registry_area_at (directory->registry, i), site, device, devices);
  pt_door_end_read (&directory->door);
  return devices;
}

/* What answer_outages () wrote: a start, its device and its counter. */
static const PtBounds cursor_bounds[]
    = { { 0, PT_CURSOR_TIME_MAX }, { 0, PT_CURSOR_NUMBER_MAX }, { 0, PT_CURSOR_TIME_MAX } };

static gboolean
read_outage_query (PtRequest *request, PtDirectory *directory, PtOutageQuery *query, GError **error)
{
  const char *open = pt_request_value (request, "open");
  gint64 cursor[3] = { 0 };
  gint64 limit;

  *query = (PtOutageQuery){ 0 };
  if (!pt_request_integer (request, "from", 0, PT_INTEGER_MAX, 0, &query->from, error)
      || !pt_request_integer (request, "to", 0, PT_INTEGER_MAX, 0, &query->to, error)
      || !pt_request_integer (request, "limit", 1, OUTAGES_MAX, OUTAGES_DEFAULT, &limit, error)
      || !pt_request_area (request, directory, &query->area, error))
    return FALSE;
  query->limit = (guint) limit;
  if (open != NULL && strcmp (open, "true") != 0 && strcmp (open, "false") != 0)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, "open is true or false.");
      return FALSE;
    }
  query->only_open = g_strcmp0 (open, "true") == 0;
  query->only_ended = g_strcmp0 (open, "false") == 0;
  if (!pt_request_cursor (request, cursor_bounds, G_N_ELEMENTS (cursor), cursor, error))
    return FALSE;
  query->after_start = cursor[0];
  query->after_device = (guint32) MIN (cursor[1], G_MAXUINT32);
  query->after_seq = cursor[2];
  return TRUE;
}

static const char *const outage_filters[]
    = { "from", "to", "area", "site", "device", "open", NULL };

static gboolean
answer_outages (PtRequest *request, gpointer context, GError **error)
{
  const PtApiSites *api = context;
  const PtReads *reads = api->reads;
  OutageList list = { .api = api };
  g_autoptr (GArray) devices = NULL;
  g_autoptr (PtJsonText) json = NULL;
  g_autofree char *cursor = NULL;
  const char *site, *device;
  PtOutageQuery query;

  if (!read_outage_query (request, reads->directory, &query, error)
      || !pt_request_id (request, "site", &site, error)
      || !pt_request_id (request, "device", &device, error))
    return FALSE;
  devices = find_devices (reads->directory, site, device, query.area);
  if (devices != NULL)
    {
      static const PtOutagesOf none = { 0 };

      query.devices = devices->len > 0 ? (PtOutagesOf *) devices->data : &none;
      query.device_count = devices->len;
    }
  list.json = json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "outages");
  if (!pt_store_outages (reads->store, &query, write_outage_row, &list, error))
    return FALSE;
  pt_json_text_end_array (json);
  if (list.count == query.limit)
    cursor = g_strdup_printf ("%" G_GINT64_FORMAT ".%u.%" G_GINT64_FORMAT, list.last.start,
                              list.last.device, list.last.start_seq);
  pt_request_write_next (request, json, outage_filters, cursor, query.limit);
  pt_json_text_end_object (json);
  pt_request_take_json (request, g_steal_pointer (&json));
  return TRUE;
}

gboolean
pt_api_write_open_outage (PtJsonText *json, const char *name, const PtApiSites *api, gint32 area,
                          const char *site, GError **error)
{
  OutageList list = { .api = api, .json = json, .name = name };
  PtOutageQuery query = { .area = area, .only_open = TRUE, .limit = 1 };
  g_autoptr (GArray) devices = NULL;

  g_return_val_if_fail (json != NULL && name != NULL && api != NULL && site != NULL, FALSE);

  devices = find_devices (api->reads->directory, site, NULL, area);
  query.devices = (PtOutagesOf *) (gpointer) devices->data;
  query.device_count = devices->len;
  return devices->len == 0
         || pt_store_outages (api->reads->store, &query, write_outage_row, &list, error);
}

const PtRoute pt_api_sites_routes[] = {
  { "GET", "/api/v1/sites", answer_sites, PT_RUNS_ON_LISTER, .open = TRUE },
  { "GET", "/api/v1/sites/*", answer_site, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/outages", answer_outages, PT_RUNS_ON_PAGER, .open = TRUE },
  { NULL },
};
