/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-live-private.h"

#define SITES_A_PIECE 256  /* about 60 KB of JSON */
#define COUNT_PATIENCE 200 /* ms */

/* A site stands where the number of its first device says. */
guint
pt_live_piece (const PtDevice *device)
{
  const GPtrArray *devices;
  const PtDevice *first = device;

  g_return_val_if_fail (device != NULL, 0);

  devices = g_hash_table_lookup (device->area->sites, device->site);
  if (devices != NULL && devices->len > 0)
    first = g_ptr_array_index (devices, 0);
  return first->number / SITES_A_PIECE;
}

static void
piece_take_site (PtSitePiece *piece, PtLive *live, PtArea *area, const char *name, gint64 now)
{
  gint64 silent_at = G_MAXINT64;
  PtSite site;

  if (!pt_live_named_site (live, area, name, now, &site))
    return;
  if (site.state == PT_SITE_ON)
    silent_at = site.heard + live->silent_after + 1;
  pt_site_piece_add (piece, &site, silent_at);
}

/* Sites that all were moved away from stand where the first of those does. */
static void
piece_take_former (PtSitePiece *piece, PtLive *live, const PtDevice *device, gint64 now)
{
  for (guint32 i = 0; i < pt_past_place (&device->past); i++)
    {
      const char *name = g_array_index (device->past.places, PtPlace, i).site;
      GPtrArray *former = g_hash_table_lookup (device->area->former, name);

      if (former != NULL && g_ptr_array_index (former, 0) == device
          && g_hash_table_lookup (device->area->sites, name) == NULL
          && pt_device_find_place (device, pt_span (name, strlen (name))) == i)
        piece_take_site (piece, live, device->area, name, now);
    }
}

static void
piece_take_device (PtSitePiece *piece, PtLive *live, const PtDevice *device, gint64 now)
{
  GPtrArray *devices = g_hash_table_lookup (device->area->sites, device->site);

  if (devices != NULL && devices->len > 0 && g_ptr_array_index (devices, 0) == device)
    piece_take_site (piece, live, device->area, device->site, now);
  if (pt_past_place (&device->past) > 0)
    piece_take_former (piece, live, device, now);
}

/* A PtSiteReadFunc. */
gboolean
pt_live_read_piece (PtSitePiece *piece, guint number, gint64 now, gpointer data)
{
  PtLive *live = data;
  PtDirectory *directory;
  guint first = number * SITES_A_PIECE, count;

  g_return_val_if_fail (live != NULL, FALSE);

  directory = live->directory;
  pt_door_begin_read (&directory->door);
  count = pt_registry_device_count (directory->registry);
  for (guint i = first; i < MIN (count, first + SITES_A_PIECE); i++)
    piece_take_device (piece, live, pt_registry_device_at (directory->registry, i), now);
  pt_door_end_read (&directory->door);
  return first < count;
}

PtSiteSnapshot *
pt_live_sites (PtLive *live, gint64 asked, guint patience)
{
  gint registered;

  g_return_val_if_fail (live != NULL, NULL);

  /* Where sites stand changes with registrations only. */
  registered = g_atomic_int_get (&live->directory->generation);
  if (g_atomic_int_get (&live->registered) != registered)
    {
      g_atomic_int_set (&live->registered, registered);
      pt_site_keeper_all_changed (live->sites);
    }
  return pt_site_keeper_get (live->sites, asked, patience);
}

void
pt_live_count (PtLive *live, PtSiteCounts *out)
{
  g_autoptr (PtSiteSnapshot) sites = NULL;

  g_return_if_fail (live != NULL && out != NULL);

  sites = pt_live_sites (live, g_get_monotonic_time (), COUNT_PATIENCE);
  *out = sites->counts;
}

gboolean
pt_live_extent (PtLive *live, PtExtentBox *out)
{
  g_autoptr (PtSiteSnapshot) sites = NULL;

  g_return_val_if_fail (live != NULL && out != NULL, FALSE);

  sites = pt_live_sites (live, g_get_monotonic_time (), COUNT_PATIENCE);
  return pt_extent_box (&sites->extent, out);
}

void
pt_live_count_area (PtLive *live, guint32 area, PtSiteCounts *out)
{
  g_autoptr (PtSiteSnapshot) sites = NULL;

  g_return_if_fail (live != NULL && out != NULL);

  sites = pt_live_sites (live, g_get_monotonic_time (), COUNT_PATIENCE);
  *out = (PtSiteCounts){ 0 };
  if (area < sites->areas->len)
    *out = g_array_index (sites->areas, PtSiteCounts, area);
}
