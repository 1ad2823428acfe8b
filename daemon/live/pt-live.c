/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-live.h"

#include <string.h>

#define FLUSH_MS 50
#define SILENCE_CHECK_MS 2000
#define PENDING_MAX                                                                                \
  200000 /* events; beyond that readers have to ask again, and are told nothing                    \
          */

typedef struct
{
  gint64 since, since_seq; /* since when it is as it is, and the counter of that report */
  guint8 told;             /* PtSiteState + 1 as last told; 0: not yet */
} DeviceState;

struct _PtLive
{
  PtDirectory *directory;
  PtClock *clock;
  PtStore *store;
  PtNews *news;
  gint64 silent_after;
  GMutex lock;
  GArray *devices;                    /* DeviceState by number */
  GHashTable *changed;                /* PtDevice whose site may have changed */
  GArray *outages;                    /* PtOutageEvent */
  guint flush_source, silence_source; /* flush: by lock */
};

static DeviceState *
live_device (PtLive *live, guint32 number)
{
  if (number >= live->devices->len)
    g_array_set_size (live->devices, number + 1 + number / 4);
  return &g_array_index (live->devices, DeviceState, number);
}

static PtSiteState
live_device_state (PtLive *live, const PtDevice *device, gint64 now)
{
  const PtSighting *latest = &device->history.latest;

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
  *out = (PtSite){ .area = best->area->id, .site = best->site, .device = best };
  out->state = live_device_state (live, best, now);
  out->last_report = best->history.latest.ts;
  g_mutex_lock (&live->lock);
  out->since
      = out->state == PT_SITE_SILENT ? out->last_report : live_device (live, best->number)->since;
  g_mutex_unlock (&live->lock);
}

void
pt_live_remember (PtLive *live, guint32 device, gint64 since, gint64 since_seq)
{
  g_return_if_fail (live != NULL);

  g_mutex_lock (&live->lock);
  live_device (live, device)->since = since;
  live_device (live, device)->since_seq = since_seq;
  g_mutex_unlock (&live->lock);
}

/* Telling */

static void
live_collect_site (PtLive *live, const PtDevice *device, gint64 now, GArray *sites)
{
  GPtrArray *devices = g_hash_table_lookup (device->area->sites, device->site);
  DeviceState *own;
  gboolean news;
  PtSite site;

  if (devices == NULL)
    return;
  pt_live_site (live, devices, now, &site);
  g_mutex_lock (&live->lock);
  own = live_device (live, site.device->number);
  news = own->told != site.state + 1;
  own->told = (guint8) (site.state + 1);
  g_mutex_unlock (&live->lock);
  if (news)
    g_array_append_val (sites, site);
}

static gboolean
live_flush (gpointer data)
{
  PtLive *live = data;
  g_autoptr (GHashTable) changed = NULL;
  g_autoptr (GArray) outages = NULL;
  g_autoptr (GArray) sites = g_array_new (FALSE, FALSE, sizeof (PtSite));
  gint64 now = pt_clock_now (live->clock);
  GHashTableIter iter;
  gpointer device;

  g_mutex_lock (&live->lock);
  live->flush_source = 0;
  changed = g_steal_pointer (&live->changed);
  outages = g_steal_pointer (&live->outages);
  live->changed = g_hash_table_new (g_direct_hash, g_direct_equal);
  live->outages = g_array_new (FALSE, FALSE, sizeof (PtOutageEvent));
  g_mutex_unlock (&live->lock);

  pt_door_begin_read (&live->directory->door);
  g_hash_table_iter_init (&iter, changed);
  while (g_hash_table_iter_next (&iter, &device, NULL))
    live_collect_site (live, device, now, sites);
  if (sites->len > 0 || outages->len > 0)
    {
      PtNewsItems items = { .sites = (PtSite *) sites->data,
                            .site_count = sites->len,
                            .outages = (PtOutageEvent *) outages->data,
                            .outage_count = outages->len };

      pt_news_tell (live->news, &items);
    }
  pt_door_end_read (&live->directory->door);
  return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void
live_schedule (PtLive *live)
{
  if (live->flush_source == 0)
    live->flush_source = g_timeout_add (FLUSH_MS, live_flush, live);
}

/* A report that came late may also change since when a device is as it is. */
static void
live_move_since (DeviceState *own, const PtOutageChange *change)
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
live_add_outage (GArray *outages, const PtDevice *device, gint64 start_seq, gint64 start,
                 gint64 end, gboolean began)
{
  PtOutageEvent event = { device, start_seq, start, end, began };

  if (outages->len < PENDING_MAX)
    g_array_append_val (outages, event);
}

typedef struct
{
  gint64 seq;
  gboolean found;
  PtOutageRow row;
} OutageSearch;

static gboolean
outage_search_take (const PtOutageRow *row, gpointer user_data, GError **error)
{
  OutageSearch *search = user_data;

  if (row->start_seq == search->seq || row->end_seq == search->seq)
    {
      search->row = *row;
      search->found = TRUE;
    }
  return TRUE;
}

/* The device's outage that holds the instant @at (ms) and begins or ends with the report @seq, as
 * it is stored now. */
static gboolean
live_find_outage (PtLive *live, const PtDevice *device, gint64 at, gint64 seq, PtOutageRow *out)
{
  OutageSearch search = { .seq = seq };
  guint32 number = device->number;
  PtOutageQuery query = {
    .from = at, .to = at + 1, .area = -1, .devices = &number, .device_count = 1, .limit = 100
  };
  g_autoptr (GError) error = NULL;

  if (!pt_store_outages (live->store, &query, outage_search_take, &search, &error))
    g_message ("An outage that changed is not told: %s", error->message);
  *out = search.row;
  return search.found;
}

static void
live_add_stored (PtLive *live, GArray *outages, const PtDevice *device, gint64 at, gint64 seq,
                 gboolean began)
{
  PtOutageRow row;

  if (live_find_outage (live, device, at, seq, &row))
    live_add_outage (outages, device, row.start_seq, row.start, row.end, began);
}

/* Changes by late reports, whose outages only the store knows whole. */
static void
live_add_late (PtLive *live, const PtAccepted *report, GArray *outages)
{
  const PtOutageChange *change = &report->change;

  if (change->kind == PT_CHANGE_MOVE_END || change->kind == PT_CHANGE_SPLIT)
    live_add_stored (live, outages, report->device, change->end - 1, change->end_seq, FALSE);
  if (change->kind == PT_CHANGE_MOVE_START || change->kind == PT_CHANGE_SPLIT)
    live_add_stored (live, outages, report->device, change->start, change->start_seq,
                     change->kind == PT_CHANGE_SPLIT);
}

static void
live_take_change (PtLive *live, const PtAccepted *report)
{
  const PtOutageChange *change = &report->change;
  DeviceState *own = live_device (live, report->device->number);

  if (change->kind == PT_CHANGE_OPEN)
    live_add_outage (live->outages, report->device, change->start_seq, change->start, change->end,
                     TRUE);
  /* What is closed is what lasted until now. */
  if (change->kind == PT_CHANGE_CLOSE)
    live_add_outage (live->outages, report->device, own->since_seq, own->since, change->end, FALSE);
  live_move_since (own, change);
}

static void
live_take (PtLive *live, const PtAccepted *report)
{
  DeviceState *own = live_device (live, report->device->number);

  if (report->has_change)
    live_take_change (live, report);
  else if (own->since == 0)
    own->since = report->ts;
  /* A heartbeat of what was told already is no news. */
  if (report->has_change
      || own->told != (report->power == PT_POWER_OFF ? PT_SITE_OFF : PT_SITE_ON) + 1)
    g_hash_table_add (live->changed, report->device);
}

void
pt_live_committed (PtLive *live, const PtAccepted *reports, guint count)
{
  g_return_if_fail (live != NULL);

  g_mutex_lock (&live->lock);
  for (guint i = 0; i < count; i++)
    live_take (live, &reports[i]);
  if (g_hash_table_size (live->changed) > 0 || live->outages->len > 0)
    live_schedule (live);
  g_mutex_unlock (&live->lock);
}

void
pt_live_tell_late (PtLive *live, const PtAccepted *reports, guint count)
{
  g_autoptr (GArray) late = NULL;

  g_return_if_fail (live != NULL);
  late = g_array_new (FALSE, FALSE, sizeof (PtOutageEvent));
  for (guint i = 0; i < count; i++)
    if (reports[i].has_change)
      live_add_late (live, &reports[i], late);
  if (late->len == 0)
    return;
  g_mutex_lock (&live->lock);
  g_array_append_vals (live->outages, late->data,
                       MIN (late->len, PENDING_MAX - live->outages->len));
  live_schedule (live);
  g_mutex_unlock (&live->lock);
}

/* Silence makes no report, so it is looked for. */
static gboolean
live_check_silence (gpointer data)
{
  PtLive *live = data;
  PtRegistry *registry = live->directory->registry;
  gint64 now = pt_clock_now (live->clock);

  pt_door_begin_read (&live->directory->door);
  g_mutex_lock (&live->lock);
  for (guint i = 0; i < pt_registry_device_count (registry); i++)
    {
      PtDevice *device = pt_registry_device_at (registry, i);
      PtSiteState state = live_device_state (live, device, now);

      if (live_device (live, i)->told != state + 1
          && (state == PT_SITE_SILENT || state == PT_SITE_UNKNOWN))
        g_hash_table_add (live->changed, device);
    }
  if (g_hash_table_size (live->changed) > 0)
    live_schedule (live);
  g_mutex_unlock (&live->lock);
  pt_door_end_read (&live->directory->door);
  return G_SOURCE_CONTINUE;
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
  live->devices = g_array_new (FALSE, TRUE, sizeof (DeviceState));
  live->changed = g_hash_table_new (g_direct_hash, g_direct_equal);
  live->outages = g_array_new (FALSE, FALSE, sizeof (PtOutageEvent));
  live->silence_source = g_timeout_add (SILENCE_CHECK_MS, live_check_silence, live);
  return live;
}

void
pt_live_free (PtLive *live)
{
  if (live == NULL)
    return;
  g_clear_handle_id (&live->silence_source, g_source_remove);
  g_clear_handle_id (&live->flush_source, g_source_remove);
  g_array_unref (live->devices);
  g_hash_table_unref (live->changed);
  g_array_unref (live->outages);
  g_mutex_clear (&live->lock);
  pt_clock_unref (live->clock);
  g_free (live);
}

static void
count_area (PtLive *live, PtArea *area, gint64 now, PtSiteCounts *out)
{
  GHashTableIter iter;
  gpointer devices;

  g_hash_table_iter_init (&iter, area->sites);
  while (g_hash_table_iter_next (&iter, NULL, &devices))
    {
      PtSite site;

      pt_live_site (live, devices, now, &site);
      out->sites++;
      out->on += site.state == PT_SITE_ON;
      out->off += site.state == PT_SITE_OFF;
      out->silent += site.state == PT_SITE_SILENT;
      out->unknown += site.state == PT_SITE_UNKNOWN;
    }
}

void
pt_live_count (PtLive *live, PtArea *area, PtSiteCounts *out)
{
  PtRegistry *registry;
  gint64 now;

  g_return_if_fail (live != NULL && out != NULL);

  registry = live->directory->registry;
  now = pt_clock_now (live->clock);
  memset (out, 0, sizeof *out);
  pt_door_begin_read (&live->directory->door);
  if (area != NULL)
    count_area (live, area, now, out);
  for (guint i = 0; area == NULL && i < pt_registry_area_count (registry); i++)
    count_area (live, pt_registry_area_at (registry, i), now, out);
  pt_door_end_read (&live->directory->door);
}
