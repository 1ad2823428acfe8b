/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-live-private.h"

#define CHECK_MS 2000
#define DEVICES_AT_ONCE 1000 /* a turn of the loop; the committer waits for one turn at most */

/* Standing still */

static char *
still_sentence (const PtStandstill *standstill)
{
  g_autoptr (GDateTime) last = g_date_time_new_from_unix_utc (standstill->last / 1000);
  g_autofree char *time = last != NULL ? g_date_time_format_iso8601 (last) : g_strdup ("?");

  return g_strdup_printf (
      "Nothing arrives any more, from everywhere: %u of %u devices that had supply are silent, and "
      "the last report was heard at %s. Most likely it is the way in, not that many sites. Look at "
      "the network, the proxy and the address that devices report to.",
      standstill->silent, standstill->of, time);
}

/* Before the sites, whose silence it explains. */
static void
silence_tell_standstill (PtLive *live)
{
  const PtStandstill *standstill = &live->standstill;
  g_autofree char *sentence = standstill->is_still ? still_sentence (standstill) : NULL;
  PtIntakeNews intake
      = { standstill->is_still, standstill->silent, standstill->of, standstill->last };
  PtNewsItems items = { .intake = &intake };

  if (live->health != NULL)
    pt_health_say (live->health, PT_HEALTH_INTAKE,
                   sentence != NULL ? PT_HEALTH_ASKS : PT_HEALTH_WELL, sentence);
  pt_news_tell (live->news, &items);
}

/* Silence makes no report, so it is looked for. */

static void
silence_note (PtLive *live, PtDevice *device, gint64 now)
{
  PtSiteState state = pt_live_device_state (live, device, now);
  PtLiveDevice *own = pt_live_device (live, device->number);

  pt_standstill_hear (&live->standstill, device->history.heard);
  if (device->status == PT_STATUS_ACTIVE && (state == PT_SITE_ON || state == PT_SITE_SILENT))
    pt_standstill_see (&live->standstill, state == PT_SITE_SILENT, own->was_heard);
  own->was_heard = state == PT_SITE_ON;
  if (own->told != state + 1 && (state == PT_SITE_SILENT || state == PT_SITE_UNKNOWN))
    g_hash_table_add (live->changed, device);
}

/* Whether there are more. */
static gboolean
silence_look_on (PtLive *live)
{
  PtRegistry *registry = live->directory->registry;
  gint64 now = pt_clock_now (live->clock);
  guint count, end;

  pt_door_begin_read (&live->directory->door);
  g_mutex_lock (&live->lock);
  count = pt_registry_device_count (registry);
  end = MIN (count, live->look_at + DEVICES_AT_ONCE);
  for (; live->look_at < end; live->look_at++)
    silence_note (live, pt_registry_device_at (registry, live->look_at), now);
  g_mutex_unlock (&live->lock);
  pt_door_end_read (&live->directory->door);
  return end < count;
}

static gboolean
silence_look (gpointer data)
{
  PtLive *live = data;

  if (silence_look_on (live))
    return G_SOURCE_CONTINUE;
  live->look_source = 0;
  if (pt_standstill_end_look (&live->standstill, pt_clock_now (live->clock), live->silent_after))
    silence_tell_standstill (live);
  g_mutex_lock (&live->lock);
  if (g_hash_table_size (live->changed) > 0)
    pt_live_schedule (live);
  g_mutex_unlock (&live->lock);
  return G_SOURCE_REMOVE;
}

static gboolean
silence_check (gpointer data)
{
  PtLive *live = data;

  if (live->look_source != 0)
    return G_SOURCE_CONTINUE;
  live->look_at = 0;
  pt_standstill_begin_look (&live->standstill);
  live->look_source = g_idle_add_full (G_PRIORITY_DEFAULT, silence_look, live, NULL);
  return G_SOURCE_CONTINUE;
}

void
pt_live_set_health (PtLive *live, PtHealth *health)
{
  g_return_if_fail (live != NULL);

  live->health = health;
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
