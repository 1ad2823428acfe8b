/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-basemap-regions.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <math.h>

static void
add_box (PtBasemapRegions *regions, double west, double south, double east, double north)
{
  PtBasemapBox box;

  pt_basemap_project (west, north, &box.west, &box.north);
  pt_basemap_project (east, south, &box.east, &box.south);
  g_array_append_val (regions->regions, box);
}

static gboolean
parse_degrees (const char *text, double out_degrees[4])
{
  g_auto (GStrv) fields = g_strsplit (text, ",", 6);

  if (g_strv_length (fields) != 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      char *end = NULL;

      out_degrees[i] = g_ascii_strtod (g_strstrip (fields[i]), &end);
      if (end == fields[i] || *end != '\0' || !isfinite (out_degrees[i])
          || fabs (out_degrees[i]) > (i % 2 == 0 ? 180 : 90))
        return FALSE;
    }
  return out_degrees[0] != out_degrees[2] && out_degrees[1] < out_degrees[3];
}

gboolean
pt_basemap_regions_add (PtBasemapRegions *regions, const char *text, GError **error)
{
  double degrees[4];

  if (!parse_degrees (text, degrees))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("“%s” is no region; give west,south,east,north in degrees, such as "
                      "84,24.5,87,26.5"),
                   text);
      return FALSE;
    }
  if (regions->regions->len + 2 > PT_BASEMAP_REGIONS_MAX)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("There are more than %d regions; join some"), PT_BASEMAP_REGIONS_MAX - 1);
      return FALSE;
    }
  if (degrees[0] < degrees[2])
    add_box (regions, degrees[0], degrees[1], degrees[2], degrees[3]);
  else
    {
      add_box (regions, degrees[0], degrees[1], 180, degrees[3]);
      add_box (regions, -180, degrees[1], degrees[2], degrees[3]);
    }
  return TRUE;
}

static gboolean
any_touches (const PtBasemapRegions *regions, const PtBasemapBox *box)
{
  for (guint i = 0; i < regions->regions->len; i++)
    {
      const PtBasemapBox *region = &g_array_index (regions->regions, PtBasemapBox, i);

      if (region->west < box->east && region->east > box->west && region->north < box->south
          && region->south > box->north)
        return TRUE;
    }
  return FALSE;
}

gboolean
pt_basemap_regions_has (const PtBasemapRegions *regions, int zoom, guint column, guint row)
{
  double size = 1.0 / (1u << zoom);
  PtBasemapBox box = { column * size, row * size, (column + 1) * size, (row + 1) * size };

  if (zoom <= regions->world_zoom)
    return TRUE;
  return zoom <= regions->region_zoom && any_touches (regions, &box);
}

static void
count_from (const PtBasemapRegions *regions, int zoom, guint column, guint row, guint *count)
{
  if (*count > PT_BASEMAP_TILES_MAX || !pt_basemap_regions_has (regions, zoom, column, row))
    return;
  ++*count;
  if (zoom == MAX (regions->world_zoom, regions->region_zoom))
    return;
  for (guint i = 0; i < 4; i++)
    count_from (regions, zoom + 1, 2 * column + i % 2, 2 * row + i / 2, count);
}

guint
pt_basemap_regions_count (const PtBasemapRegions *regions)
{
  guint count = 0;

  count_from (regions, 0, 0, 0, &count);
  return count;
}
