/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-live-private.h"

#include <string.h>

PtLiveDevice *
pt_live_device (PtLive *live, guint32 number)
{
  g_return_val_if_fail (live != NULL, NULL);

  if (number >= live->devices->len)
    g_array_set_size (live->devices, number + 1 + number / 4);
  return &g_array_index (live->devices, PtLiveDevice, number);
}

PtSiteState
pt_live_device_state (const PtLive *live, const PtDevice *device, gint64 now)
{
  const PtSighting *latest;

  g_return_val_if_fail (live != NULL && device != NULL, PT_SITE_UNKNOWN);

  latest = &device->history.latest;
  if (latest->seq == 0)
    return PT_SITE_UNKNOWN;
  if (latest->power == PT_POWER_OFF)
    return PT_SITE_OFF;
  return now - latest->ts > live->silent_after ? PT_SITE_SILENT : PT_SITE_ON;
}

void
pt_live_site (PtLive *live, GPtrArray *devices, gint64 now, PtSite *out)
{
  const PtDevice *best;

  g_return_if_fail (live != NULL && devices != NULL && devices->len > 0 && out != NULL);

  best = g_ptr_array_index (devices, 0);
  for (guint i = 1; i < devices->len; i++)
    {
      const PtDevice *device = g_ptr_array_index (devices, i);
      gboolean better = device->status == best->status
                            ? device->history.latest.ts > best->history.latest.ts
                            : device->status == PT_STATUS_ACTIVE;

      if (better)
        best = device;
    }
  *out = (PtSite){ .area = best->area->id,
                   .site = best->site,
                   .area_number = best->area->number,
                   .device = best->number,
                   .level = best->level,
                   .lat = best->lat,
                   .lon = best->lon,
                   .customers = best->customers };
  out->state = pt_live_device_state (live, best, now);
  out->last_report = best->history.latest.ts;
  g_mutex_lock (&live->lock);
  out->since = out->state == PT_SITE_SILENT ? out->last_report
                                            : pt_live_device (live, best->number)->since;
  g_mutex_unlock (&live->lock);
}

void
pt_live_remember (PtLive *live, guint32 device, gint64 since, gint64 since_seq)
{
  g_return_if_fail (live != NULL);

  g_mutex_lock (&live->lock);
  pt_live_device (live, device)->since = since;
  pt_live_device (live, device)->since_seq = since_seq;
  g_mutex_unlock (&live->lock);
  pt_site_keeper_all_changed (live->sites);
}

/* A report that came late may also change since when a device is as it is. */
static void
live_move_since (PtLiveDevice *own, const PtOutageChange *change)
{
  gboolean to_start
      = (change->kind == PT_CHANGE_OPEN && change->end_seq == 0)
        || (change->kind == PT_CHANGE_MOVE_START && change->old_start_seq == own->since_seq)
        || (change->kind == PT_CHANGE_SPLIT && own->since_seq <= change->old_start_seq);
  gboolean to_end
      = change->kind == PT_CHANGE_CLOSE
        || (change->kind == PT_CHANGE_OPEN && change->end_seq > own->since_seq)
        || (change->kind == PT_CHANGE_MOVE_END && change->old_end_seq == own->since_seq);

  if (to_start)
    {
      own->since = change->start;
      own->since_seq = change->start_seq;
    }
  else if (to_end)
    {
      own->since = change->end;
      own->since_seq = change->end_seq;
    }
}

static void
live_take_change (PtLive *live, const PtAccepted *report)
{
  const PtOutageChange *change = &report->change;
  PtLiveDevice *own = pt_live_device (live, report->device->number);
  const PtLiveOutage begun
      = { report->device, change->start_seq, change->start, change->end, TRUE };
  /* What is closed is what lasted until now. */
  const PtLiveOutage ended = { report->device, own->since_seq, own->since, change->end, FALSE };

  if (change->kind == PT_CHANGE_OPEN)
    pt_live_add_outage (live->outages, &begun);
  if (change->kind == PT_CHANGE_CLOSE)
    pt_live_add_outage (live->outages, &ended);
  live_move_since (own, change);
}

static void
live_take (PtLive *live, const PtAccepted *report)
{
  PtLiveDevice *own = pt_live_device (live, report->device->number);

  if (report->has_change)
    live_take_change (live, report);
  else if (own->since == 0)
    own->since = report->ts;
  /* A heartbeat of what was told already is no news. */
  if (report->has_change
      || own->told != (report->power == PT_POWER_OFF ? PT_SITE_OFF : PT_SITE_ON) + 1)
    g_hash_table_add (live->changed, report->device);
  pt_site_keeper_changed (live->sites, pt_live_piece (report->device));
}

void
pt_live_committed (PtLive *live, const PtAccepted *reports, guint count)
{
  g_return_if_fail (live != NULL);

  g_mutex_lock (&live->lock);
  for (guint i = 0; i < count; i++)
    live_take (live, &reports[i]);
  if (g_hash_table_size (live->changed) > 0 || live->outages->len > 0)
    pt_live_schedule (live);
  g_mutex_unlock (&live->lock);
}

void
pt_live_undone (PtLive *live)
{
  g_return_if_fail (live != NULL);

  pt_site_keeper_all_changed (live->sites);
}

PtLive *
pt_live_new (PtDirectory *directory, PtStore *store, PtClock *clock, gint64 silent_after,
             PtNews *news)
{
  PtLive *live;

  g_return_val_if_fail (directory != NULL && store != NULL && clock != NULL && news != NULL, NULL);

  live = g_new0 (PtLive, 1);
  live->directory = directory;
  live->clock = pt_clock_ref (clock);
  live->store = store;
  live->news = news;
  live->silent_after = silent_after;
  g_mutex_init (&live->lock);
  live->devices = g_array_new (FALSE, TRUE, sizeof (PtLiveDevice));
  live->sites = pt_site_keeper_new (clock, pt_live_read_piece, live);
  live->registered = -1;
  live->changed = g_hash_table_new (g_direct_hash, g_direct_equal);
  live->outages = g_array_new (FALSE, FALSE, sizeof (PtLiveOutage));
  pt_live_silence_start (live);
  return live;
}

void
pt_live_free (PtLive *live)
{
  if (live == NULL)
    return;
  pt_live_silence_stop (live);
  g_clear_handle_id (&live->flush_source, g_source_remove);
  pt_site_keeper_free (live->sites);
  g_array_unref (live->devices);
  g_hash_table_unref (live->changed);
  g_array_unref (live->outages);
  g_mutex_clear (&live->lock);
  pt_clock_unref (live->clock);
  g_free (live);
}
