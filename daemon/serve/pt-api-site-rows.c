/* SPDX-License-Identifier: Apache-2.0 */
/* A site in writing, for all who answer with one. */
#include "pt-api.h"

gboolean
pt_api_find_place (const PtApiSites *api, gint32 lat, gint32 lon, char name[PT_PLACE_NAME_MAX + 1])
{
  g_return_val_if_fail (api != NULL && name != NULL, FALSE);

  return api->gazetteer != NULL && pt_gazetteer_nearest (api->gazetteer, lat, lon, name);
}

static void
write_properties (PtJsonText *json, const PtApiSites *api, const PtSite *site)
{
  char place[PT_PLACE_NAME_MAX + 1];

  pt_json_text_string (json, "area", site->area);
  pt_json_text_string (json, "site", site->site);
  pt_json_text_string (json, "level", pt_level_name (site->level));
  pt_json_text_integer (json, "customers", site->customers);
  if (site->feeder != NULL)
    pt_json_text_string (json, "feeder", site->feeder);
  pt_json_text_string (json, "state", pt_site_state_name (site->state));
  pt_json_text_time (json, "since", site->since);
  pt_json_text_time (json, "last_report", site->last_report);
  pt_json_text_string (json, "place",
                       pt_api_find_place (api, site->lat, site->lon, place) ? place : NULL);
}

/* Canonical JSON: what is not known is left out. */
void
pt_api_write_site_row (PtJsonText *json, const PtApiSites *api, const PtSite *site)
{
  char place[PT_PLACE_NAME_MAX + 1];

  g_return_if_fail (json != NULL && api != NULL && site != NULL);

  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", site->area);
  pt_json_text_integer (json, "customers", site->customers);
  if (site->feeder != NULL)
    pt_json_text_string (json, "feeder", site->feeder);
  if (site->last_report != 0)
    pt_json_text_integer (json, "last_report", site->last_report);
  pt_json_text_integer (json, "lat", site->lat);
  pt_json_text_string (json, "level", pt_level_name (site->level));
  pt_json_text_integer (json, "lon", site->lon);
  if (pt_api_find_place (api, site->lat, site->lon, place))
    pt_json_text_string (json, "place", place);
  if (site->since != 0)
    pt_json_text_integer (json, "since", site->since);
  pt_json_text_string (json, "site", site->site);
  pt_json_text_string (json, "state", pt_site_state_name (site->state));
  pt_json_text_end_object (json);
}

typedef enum
{
  COLUMN_AREA,
  COLUMN_CUSTOMERS,
  COLUMN_FEEDER,
  COLUMN_LAST_REPORT,
  COLUMN_LAT,
  COLUMN_LEVEL,
  COLUMN_LON,
  COLUMN_PLACE,
  COLUMN_SINCE,
  COLUMN_SITE,
  COLUMN_STATE
} SiteColumn;

static const char *const column_names[]
    = { "area", "customers", "feeder", "last_report", "lat",  "level",
        "lon",  "place",     "since",  "site",        "state" };

static void
write_cell (PtJsonText *json, const PtApiSites *api, const PtSite *site, SiteColumn column)
{
  char place[PT_PLACE_NAME_MAX + 1];

  switch (column)
    {
    case COLUMN_AREA:
      pt_json_text_string (json, NULL, site->area);
      break;
    case COLUMN_CUSTOMERS:
      pt_json_text_integer (json, NULL, site->customers);
      break;
    case COLUMN_FEEDER:
      pt_json_text_string (json, NULL, site->feeder);
      break;
    case COLUMN_LAST_REPORT:
      pt_json_text_time (json, NULL, site->last_report);
      break;
    case COLUMN_LAT:
      pt_json_text_integer (json, NULL, site->lat);
      break;
    case COLUMN_LEVEL:
      pt_json_text_string (json, NULL, pt_level_name (site->level));
      break;
    case COLUMN_LON:
      pt_json_text_integer (json, NULL, site->lon);
      break;
    case COLUMN_PLACE:
      pt_json_text_string (json, NULL,
                           pt_api_find_place (api, site->lat, site->lon, place) ? place : NULL);
      break;
    case COLUMN_SINCE:
      pt_json_text_time (json, NULL, site->since);
      break;
    case COLUMN_SITE:
      pt_json_text_string (json, NULL, site->site);
      break;
    case COLUMN_STATE:
      pt_json_text_string (json, NULL, pt_site_state_name (site->state));
      break;
    }
}

static gboolean
has_feeders (const PtSite *sites, guint count)
{
  for (guint i = 0; i < count; i++)
    if (sites[i].feeder != NULL)
      return TRUE;
  return FALSE;
}

void
pt_api_write_site_columns (PtJsonText *json, const PtApiSites *api, const PtSite *sites,
                           guint count)
{
  g_return_if_fail (json != NULL && api != NULL && (sites != NULL || count == 0));

  pt_json_text_begin_object (json, NULL);
  for (guint column = 0; column < G_N_ELEMENTS (column_names); column++)
    {
      if (column == COLUMN_FEEDER && !has_feeders (sites, count))
        continue;
      pt_json_text_begin_array (json, column_names[column]);
      for (guint i = 0; i < count; i++)
        write_cell (json, api, &sites[i], (SiteColumn) column);
      pt_json_text_end_array (json);
    }
  pt_json_text_end_object (json);
}

void
pt_api_begin_site_feature (PtJsonText *json, const PtApiSites *api, const PtSite *site)
{
  g_return_if_fail (json != NULL && api != NULL && site != NULL);

  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "type", "Feature");
  pt_json_text_begin_object (json, "geometry");
  pt_json_text_string (json, "type", "Point");
  pt_json_text_begin_array (json, "coordinates");
  pt_json_text_degrees (json, NULL, site->lon);
  pt_json_text_degrees (json, NULL, site->lat);
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  pt_json_text_begin_object (json, "properties");
  write_properties (json, api, site);
}

void
pt_api_end_site_feature (PtJsonText *json)
{
  g_return_if_fail (json != NULL);

  pt_json_text_end_object (json);
  pt_json_text_end_object (json);
}

void
pt_api_write_site_feature (PtJsonText *json, const PtApiSites *api, const PtSite *site)
{
  g_return_if_fail (json != NULL && api != NULL && site != NULL);

  pt_api_begin_site_feature (json, api, site);
  pt_api_end_site_feature (json);
}
