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
  const PtHistory *history;

  g_return_val_if_fail (live != NULL && device != NULL, PT_SITE_UNKNOWN);

  history = &device->history;
  if (history->latest.seq == 0 || history->cut != PT_FOLLOWED)
    return PT_SITE_UNKNOWN;
  if (history->latest.power == PT_POWER_OFF)
    return PT_SITE_OFF;
  /* By when it was heard, never by what its clock says. */
  return now - history->heard > live->silent_after ? PT_SITE_SILENT : PT_SITE_ON;
}

/* Which of two devices of a site was heard last. */
static gboolean
heard_later (const PtHistory *a, const PtHistory *b)
{
  return a->heard != b->heard ? a->heard > b->heard : a->latest.time > b->latest.time;
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
                            ? heard_later (&device->history, &best->history)
                            : device->status == PT_STATUS_ACTIVE;

      if (better)
        best = device;
    }
  *out = (PtSite){ .area = best->area->id,
                   .site = best->site,
                   .feeder = best->feeder,
                   .area_number = best->area->number,
                   .device = best->number,
                   .level = best->level,
                   .lat = best->lat,
                   .lon = best->lon,
                   .customers = best->customers };
  out->state = pt_live_device_state (live, best, now);
  /* What it said elsewhere says nothing of this site. */
  out->last_report = best->history.cut == PT_CUT_MOVED ? 0 : best->history.latest.time;
  out->heard = best->history.heard;
  out->since = out->state == PT_SITE_SILENT ? out->heard : best->history.since;
}

gboolean
pt_live_named_site (PtLive *live, PtArea *area, const char *name, gint64 now, PtSite *out)
{
  GPtrArray *devices, *former;
  const PtDevice *last;
  PtStanding place;

  g_return_val_if_fail (live != NULL && area != NULL && name != NULL && out != NULL, FALSE);

  devices = g_hash_table_lookup (area->sites, name);
  former = g_hash_table_lookup (area->former, name);
  if (devices != NULL && devices->len > 0)
    {
      pt_live_site (live, devices, now, out);
      return TRUE;
    }
  if (former == NULL)
    return FALSE;
  last = g_ptr_array_index (former, former->len - 1);
  place = pt_device_place (last, pt_device_find_place (last, pt_span (name, strlen (name))));
  *out = (PtSite){ .area = area->id,
                   .site = name,
                   .feeder = place.feeder.size > 0 ? place.feeder.data : NULL,
                   .area_number = area->number,
                   .device = last->number,
                   .level = (guint8) place.level,
                   .lat = (gint32) place.lat,
                   .lon = (gint32) place.lon,
                   .customers = place.customers,
                   .state = PT_SITE_UNKNOWN };
  return TRUE;
}

static void
live_take_change (PtLive *live, const PtAccepted *report)
{
  const PtOutageChange *change = &report->change;
  PtLiveOutage outage = { .device = report->device,
                          .start_seq = change->start_seq,
                          .start = change->start,
                          .end_seq = change->end_seq,
                          .end = change->end,
                          .ended_by = change->ended_by,
                          .place = change->place,
                          .began = change->kind == PT_CHANGE_OPEN };

  if (change->kind == PT_CHANGE_OPEN || change->kind == PT_CHANGE_CLOSE
      || change->kind == PT_CHANGE_CUT)
    pt_live_add_outage (live->outages, &outage);
}

static void
live_take (PtLive *live, const PtAccepted *accepted)
{
  PtLiveDevice *own = pt_live_device (live, accepted->device->number);

  if (accepted->has_change)
    live_take_change (live, accepted);
  /* Customers, feeder or place may be others now, whatever its state. */
  if (accepted->is_registration)
    own->told = 0;
  else
    own->was_heard = TRUE;
  /* A heartbeat of what was told already is no news. */
  if (accepted->has_change || accepted->is_registration
      || own->told != (accepted->power == PT_POWER_OFF ? PT_SITE_OFF : PT_SITE_ON) + 1)
    g_hash_table_add (live->changed, accepted->device);
  pt_site_keeper_changed (live->sites, pt_live_piece (accepted->device));
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
