/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-live-private.h"

#define CHECK_MS 2000
#define DEVICES_AT_ONCE 1000 /* a turn of the loop; the committer waits for one turn at most */

/* Silence makes no report, so it is looked for. */

static void
silence_note (PtLive *live, PtDevice *device, gint64 now)
{
  PtSiteState state = pt_live_device_state (live, device, now);

  if (pt_live_device (live, device->number)->told != state + 1
      && (state == PT_SITE_SILENT || state == PT_SITE_UNKNOWN))
    g_hash_table_add (live->changed, device);
}

static gboolean
silence_look (gpointer data)
{
  PtLive *live = data;
  PtRegistry *registry = live->directory->registry;
  gint64 now = pt_clock_now (live->clock);
  guint count, end;

  pt_door_begin_read (&live->directory->door);
  g_mutex_lock (&live->lock);
  count = pt_registry_device_count (registry);
  end = MIN (count, live->look_at + DEVICES_AT_ONCE);
  for (; live->look_at < end; live->look_at++)
    silence_note (live, pt_registry_device_at (registry, live->look_at), now);
  if (g_hash_table_size (live->changed) > 0)
    pt_live_schedule (live);
  g_mutex_unlock (&live->lock);
  pt_door_end_read (&live->directory->door);
  if (end < count)
    return G_SOURCE_CONTINUE;
  live->look_source = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
silence_check (gpointer data)
{
  PtLive *live = data;

  if (live->look_source != 0)
    return G_SOURCE_CONTINUE;
  live->look_at = 0;
  live->look_source = g_idle_add_full (G_PRIORITY_DEFAULT, silence_look, live, NULL);
  return G_SOURCE_CONTINUE;
}

void
pt_live_silence_start (PtLive *live)
{
  g_return_if_fail (live != NULL);

  live->silence_source = g_timeout_add (CHECK_MS, silence_check, live);
}

void
pt_live_silence_stop (PtLive *live)
{
  g_return_if_fail (live != NULL);

  g_clear_handle_id (&live->silence_source, g_source_remove);
  g_clear_handle_id (&live->look_source, g_source_remove);
}
