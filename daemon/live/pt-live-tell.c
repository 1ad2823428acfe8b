/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-live-private.h"

#define FLUSH_MS 50
#define TURN_MS 20 /* between the turns of a long list */
#define SITES_AT_ONCE 1000
#define OUTAGES_AT_ONCE 1000
#define BEHIND_MS 200 /* what one that does not read may hold up a turn */
#define PENDING_MAX                                                                                \
  200000 /* outages; beyond that readers have to ask again, and are told nothing */

/* What one turn tells. */
typedef struct
{
  GPtrArray *devices; /* PtDevice whose site may have changed */
  GArray *outages;    /* PtLiveOutage */
  GArray *sites;      /* PtSite */
  GArray *events;     /* PtOutageEvent */
  GStringChunk *names;
} Turn;

static void
turn_init (Turn *turn)
{
  turn->devices = g_ptr_array_new ();
  turn->outages = g_array_new (FALSE, FALSE, sizeof (PtLiveOutage));
  turn->sites = g_array_new (FALSE, FALSE, sizeof (PtSite));
  turn->events = g_array_new (FALSE, FALSE, sizeof (PtOutageEvent));
  turn->names = g_string_chunk_new (16 * 1024);
}

static void
turn_clear (Turn *turn)
{
  g_ptr_array_unref (turn->devices);
  g_array_unref (turn->outages);
  g_array_unref (turn->sites);
  g_array_unref (turn->events);
  g_string_chunk_free (turn->names);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Turn, turn_clear)

/* Whether there is more. */
static gboolean
turn_take (Turn *turn, PtLive *live)
{
  guint outages = MIN (live->outages->len, OUTAGES_AT_ONCE);
  GHashTableIter iter;
  gpointer device;

  g_hash_table_iter_init (&iter, live->changed);
  while (turn->devices->len < SITES_AT_ONCE && g_hash_table_iter_next (&iter, &device, NULL))
    {
      g_ptr_array_add (turn->devices, device);
      g_hash_table_iter_remove (&iter);
    }
  g_array_append_vals (turn->outages, live->outages->data, outages);
  if (outages > 0)
    g_array_remove_range (live->outages, 0, outages);
  return g_hash_table_size (live->changed) > 0 || live->outages->len > 0;
}

/* It is the directory's until the door is closed. */
static void
turn_keep_feeder (Turn *turn, PtSite *site)
{
  if (site->feeder != NULL)
    site->feeder = g_string_chunk_insert (turn->names, site->feeder);
}

/* A site that its last device was moved away from is told when that is known, and not again. */
static void
turn_read_former (Turn *turn, PtLive *live, const PtDevice *device, gint64 now)
{
  guint32 places = pt_past_place (&device->past);
  PtStanding place = pt_device_place (device, places - 1);
  PtLiveDevice *own;
  gboolean news;
  PtSite site;

  g_mutex_lock (&live->lock);
  own = pt_live_device (live, device->number);
  news = own->left != places;
  own->left = places;
  g_mutex_unlock (&live->lock);
  if (!news || pt_span_is (place.site, device->site))
    return;
  site.site = g_string_chunk_insert_len (turn->names, place.site.data, (gssize) place.site.size);
  if (!pt_live_named_site (live, device->area, site.site, now, &site))
    return;
  turn_keep_feeder (turn, &site);
  g_array_append_val (turn->sites, site);
}

static void
turn_read_site (Turn *turn, PtLive *live, const PtDevice *device, gint64 now)
{
  GPtrArray *devices = g_hash_table_lookup (device->area->sites, device->site);
  PtLiveDevice *own;
  gboolean news;
  PtSite site;

  if (pt_past_place (&device->past) > 0)
    turn_read_former (turn, live, device, now);
  if (devices == NULL)
    return;
  pt_live_site (live, devices, now, &site);
  g_mutex_lock (&live->lock);
  own = pt_live_device (live, site.device);
  /* What fell silent since the last look is told by the next one, which sees whether it is alone.
   */
  news = own->told != site.state + 1 && !(site.state == PT_SITE_SILENT && own->was_heard);
  if (news)
    own->told = (guint8) (site.state + 1);
  g_mutex_unlock (&live->lock);
  if (!news)
    return;
  site.site = g_string_chunk_insert (turn->names, site.site);
  turn_keep_feeder (turn, &site);
  g_array_append_val (turn->sites, site);
}

static void
turn_read_outage (Turn *turn, const PtLiveOutage *outage)
{
  const PtDevice *device = outage->device;
  PtStanding place = pt_device_place (device, outage->place);
  PtOutageEvent event = { .area = device->area->id,
                          .device = device->id,
                          .site = g_string_chunk_insert_len (turn->names, place.site.data,
                                                             (gssize) place.site.size),
                          .feeder = place.feeder.size > 0 ? g_string_chunk_insert_len (
                                        turn->names, place.feeder.data, (gssize) place.feeder.size)
                                                          : NULL,
                          .lat = (gint32) place.lat,
                          .lon = (gint32) place.lon,
                          .customers = place.customers,
                          .start_seq = outage->start_seq,
                          .start = outage->start,
                          .end_seq = outage->end_seq,
                          .end = outage->end,
                          .ended_by = outage->ended_by,
                          .began = outage->began };

  g_array_append_val (turn->events, event);
}

/* Telling takes long, so nothing is told with the door held. */
static void
turn_read (Turn *turn, PtLive *live)
{
  gint64 now = pt_clock_now (live->clock);

  pt_door_begin_read (&live->directory->door);
  for (guint i = 0; i < turn->devices->len; i++)
    turn_read_site (turn, live, g_ptr_array_index (turn->devices, i), now);
  for (guint i = 0; i < turn->outages->len; i++)
    turn_read_outage (turn, &g_array_index (turn->outages, PtLiveOutage, i));
  pt_door_end_read (&live->directory->door);
}

static void
turn_tell (Turn *turn, PtNews *news)
{
  PtNewsItems items = { .sites = (PtSite *) turn->sites->data,
                        .site_count = turn->sites->len,
                        .outages = (PtOutageEvent *) turn->events->data,
                        .outage_count = turn->events->len };

  if (items.site_count > 0 || items.outage_count > 0)
    pt_news_tell (news, &items);
}

/* All of a town may fall silent at once: what is to be told then is told in turns, so that the loop
 * does other things in between and those who read have read. */
static gboolean
live_flush (gpointer data)
{
  PtLive *live = data;
  gint64 now = g_get_monotonic_time ();
  g_auto (Turn) turn = { 0 };

  turn_init (&turn);
  g_mutex_lock (&live->lock);
  live->flush_source = 0;
  if (live->look_source != 0
      || (pt_news_is_behind (live->news) && now < live->told_at + BEHIND_MS * 1000))
    live->flush_source = g_timeout_add (TURN_MS, live_flush, live);
  else if (turn_take (&turn, live))
    live->flush_source = g_timeout_add (TURN_MS, live_flush, live);
  g_mutex_unlock (&live->lock);
  if (turn.devices->len == 0 && turn.outages->len == 0)
    return G_SOURCE_REMOVE;
  live->told_at = now;
  turn_read (&turn, live);
  turn_tell (&turn, live->news);
  return G_SOURCE_REMOVE;
}

void
pt_live_schedule (PtLive *live)
{
  g_return_if_fail (live != NULL);

  if (live->flush_source == 0)
    live->flush_source = g_timeout_add (FLUSH_MS, live_flush, live);
}

void
pt_live_add_outage (GArray *outages, const PtLiveOutage *outage)
{
  g_return_if_fail (outages != NULL && outage != NULL);

  if (outages->len < PENDING_MAX)
    g_array_append_vals (outages, outage, 1);
}

/* Changes by late reports, whose outages only the store knows whole. */

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

/* The device's outage that lasted at the instant @at (ms) or ended then, and that the report @seq
 * began or ended, as it is stored now. */
static gboolean
live_find_outage (PtLive *live, const PtDevice *device, gint64 at, gint64 seq, PtOutageRow *out)
{
  OutageSearch search = { .seq = seq };
  PtOutagesOf of = { device->number, 0, G_MAXUINT32 };
  PtOutageQuery query = { .from = MAX (at - 1, 0),
                          .to = at + 1,
                          .area = -1,
                          .devices = &of,
                          .device_count = 1,
                          .limit = 100 };
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
    {
      PtLiveOutage outage = { .device = device,
                              .start_seq = row.start_seq,
                              .start = row.start,
                              .end_seq = row.end_seq,
                              .end = row.end,
                              .ended_by = row.ended_by,
                              .place = row.place,
                              .began = began };

      pt_live_add_outage (outages, &outage);
    }
}

static void
live_add_late (PtLive *live, const PtAccepted *report, GArray *outages)
{
  const PtOutageChange *change = &report->change;

  if (change->kind == PT_CHANGE_MOVE_END || change->kind == PT_CHANGE_SPLIT)
    live_add_stored (live, outages, report->device, change->end, change->end_seq, FALSE);
  if (change->kind == PT_CHANGE_MOVE_START || change->kind == PT_CHANGE_SPLIT)
    live_add_stored (live, outages, report->device, change->start, change->start_seq,
                     change->kind == PT_CHANGE_SPLIT);
}

void
pt_live_tell_late (PtLive *live, const PtAccepted *reports, guint count)
{
  g_autoptr (GArray) late = NULL;

  g_return_if_fail (live != NULL);
  late = g_array_new (FALSE, FALSE, sizeof (PtLiveOutage));
  for (guint i = 0; i < count; i++)
    if (reports[i].has_change)
      live_add_late (live, &reports[i], late);
  if (late->len == 0)
    return;
  g_mutex_lock (&live->lock);
  g_array_append_vals (live->outages, late->data,
                       MIN (late->len, PENDING_MAX - live->outages->len));
  pt_live_schedule (live);
  g_mutex_unlock (&live->lock);
}
