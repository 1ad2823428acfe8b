/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-live.h"

#include <string.h>

#include "common/pt-test.h"
#include "pt-memory-store.h"

#define NOW G_GINT64_CONSTANT (1764000000000)
#define SILENT_AFTER 60000

typedef struct
{
  PtDirectory *directory;
  PtClock *clock;
  PtStore *store;
  PtNews *news;
  PtLive *live;
  PtArea *area;
  GString *told;            /* "site=state " and "+device@start " or "-device@end " */
  guint turns, most, sites; /* how often sites were told, how many at most and in all */
  gboolean is_behind, is_still;
  guint stands; /* how often it was told that nothing arrives */
} Fixture;

static void
tell (const PtNewsItems *items, gpointer user_data)
{
  Fixture *fixture = user_data;

  if (items->intake != NULL)
    {
      /* Before the sites. */
      g_assert_cmpuint (fixture->sites, ==, 0);
      g_assert_cmpuint (items->intake->silent, ==, items->intake->is_still ? items->intake->of : 0);
      fixture->is_still = items->intake->is_still;
      fixture->stands += items->intake->is_still;
    }
  fixture->turns += items->site_count > 0;
  fixture->most = MAX (fixture->most, items->site_count);
  fixture->sites += items->site_count;
  for (guint i = 0; i < items->site_count; i++)
    g_string_append_printf (fixture->told, "%s=%s ", items->sites[i].site,
                            pt_site_state_name (items->sites[i].state));
  for (guint i = 0; i < items->outage_count; i++)
    g_string_append_printf (fixture->told, "%c%s ", items->outages[i].began ? '+' : '-',
                            items->outages[i].device);
}

static PtDevice *
add_device (Fixture *fixture, const char *id, const char *site, PtStatus status, gint64 ts)
{
  PtEntry entry = { .kind = PT_ENTRY_DEVICE,
                    .area = pt_span ("east", 4),
                    .ts = ts,
                    .device = pt_span (id, strlen (id)),
                    .site = pt_span (site, strlen (site)),
                    .status = status };

  return pt_registry_apply (fixture->directory->registry, &entry, NULL);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const guint8 key[PT_PUBLIC_KEY_SIZE] = { 4 };

  fixture->directory = pt_directory_new ();
  fixture->clock = pt_clock_new_manual (NOW);
  fixture->told = g_string_new (NULL);
  fixture->area = pt_registry_add_area (fixture->directory->registry, "east", key, key);
  fixture->store = pt_memory_store_new ();
  fixture->news = pt_news_new ();
  pt_news_subscribe (fixture->news, tell, fixture);
  fixture->live = pt_live_new (fixture->directory, fixture->store, fixture->clock, SILENT_AFTER,
                               fixture->news);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_live_free (fixture->live);
  pt_news_free (fixture->news);
  pt_store_free (fixture->store);
  pt_clock_unref (fixture->clock);
  pt_directory_free (fixture->directory);
  g_string_free (fixture->told, TRUE);
}

/* As the committer does it; heard at @received, by a device whose clock says @ts. */
static void
report_at (Fixture *fixture, PtDevice *device, gint64 seq, gint64 ts, gint64 received,
           PtPower power)
{
  PtReport report = { seq, ts, received, power, 0, 0 };
  PtAccepted accepted = { .device = device, .power = power };

  accepted.has_change = pt_history_apply (&device->history, &report, &accepted.change);
  pt_live_committed (fixture->live, &accepted, 1);
  pt_live_tell_late (fixture->live, &accepted, 1);
}

/* Runs the main loop until something was told, and checks that it was @wanted. */
static void
assert_told (Fixture *fixture, const char *wanted)
{
  PT_TEST_WAIT_FOR (fixture->told->len > 0, wanted);
  g_assert_cmpstr (fixture->told->str, ==, wanted);
  g_string_truncate (fixture->told, 0);
}

static void
assert_silence (Fixture *fixture)
{
  for (guint i = 0; i < 12; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (10000);
    }
  g_assert_cmpstr (fixture->told->str, ==, "");
}

static void
report (Fixture *fixture, PtDevice *device, gint64 seq, gint64 ts, PtPower power)
{
  report_at (fixture, device, seq, ts, ts, power);
}

/* As a registration does. */
static void
cut (Fixture *fixture, PtDevice *device, PtCut cut)
{
  PtAccepted accepted = { .device = device, .is_registration = TRUE };

  accepted.has_change = pt_history_cut (&device->history, cut, NOW, &accepted.change);
  pt_live_committed (fixture->live, &accepted, 1);
}

static PtSite
site (Fixture *fixture, const char *name)
{
  PtSite out;

  pt_live_site (fixture->live, g_hash_table_lookup (fixture->area->sites, name),
                pt_clock_now (fixture->clock), &out);
  return out;
}

static void
test_news (Fixture *fixture, gconstpointer data)
{
  PtDevice *device = add_device (fixture, "tx-1", "S-1", PT_STATUS_ACTIVE, 1);
  PtSiteCounts counts;

  g_assert_cmpint (site (fixture, "S-1").state, ==, PT_SITE_UNKNOWN);
  report (fixture, device, 1, NOW - 500, PT_POWER_ON);
  assert_told (fixture, "S-1=on ");
  g_assert_cmpint (site (fixture, "S-1").since, ==, NOW - 500);
  report (fixture, device, 2, NOW - 400, PT_POWER_ON); /* a heartbeat is no news */
  assert_silence (fixture);
  g_assert_cmpint (site (fixture, "S-1").last_report, ==, NOW - 400);
  report (fixture, device, 3, NOW - 300, PT_POWER_OFF);
  assert_told (fixture, "S-1=off +tx-1 ");
  report (fixture, device, 4, NOW - 200, PT_POWER_OFF);
  report (fixture, device, 5, NOW - 100, PT_POWER_ON);
  assert_told (fixture, "S-1=on -tx-1 ");
  g_assert_cmpint (site (fixture, "S-1").since, ==, NOW - 100);
  pt_live_count (fixture->live, &counts);
  g_assert_cmpuint (counts.sites, ==, 1);
  g_assert_cmpuint (counts.on, ==, 1);
}

/* Whatever the order, what is said of the present is what the sorted reports say. */
static void
test_late_reports (Fixture *fixture, gconstpointer data)
{
  static const PtPower powers[]
      = { PT_POWER_ON, PT_POWER_OFF, PT_POWER_OFF, PT_POWER_ON, PT_POWER_OFF, PT_POWER_OFF };

  for (guint round = 0; round < 200; round++)
    {
      g_autofree char *id = g_strdup_printf ("tx-%u", round);
      PtDevice *device = add_device (fixture, id, id, PT_STATUS_ACTIVE, 1);
      guint order[] = { 0, 1, 2, 3, 4, 5 }, count = 2 + round % 5;

      for (guint i = count; i > 1; i--)
        {
          guint j = (guint) g_test_rand_int_range (0, (gint32) i), swapped = order[i - 1];

          order[i - 1] = order[j];
          order[j] = swapped;
        }
      for (guint i = 0; i < count; i++)
        report (fixture, device, order[i] + 1, NOW - 1000 + (gint64) order[i], powers[order[i]]);
      /* The last change of power among the first @count: off since 1, on since 3, off since 4. */
      g_assert_cmpint (site (fixture, id).since, ==,
                       NOW - 1000
                           + (count > 4    ? 4
                              : count == 4 ? 3
                                           : 1));
      g_assert_cmpint (site (fixture, id).state, ==, count == 4 ? PT_SITE_ON : PT_SITE_OFF);
    }
}

/* Who was revoked or moved says nothing any more: not off, not on. */
static void
test_cut (Fixture *fixture, gconstpointer data)
{
  PtSite left;
  PtDevice *device = add_device (fixture, "tx-1", "S-1", PT_STATUS_ACTIVE, 1);

  report (fixture, device, 1, NOW - 500, PT_POWER_OFF);
  assert_told (fixture, "S-1=off +tx-1 ");
  cut (fixture, device, PT_CUT_REVOKED);
  assert_told (fixture, "S-1=unknown -tx-1 ");
  g_assert_cmpint (site (fixture, "S-1").state, ==, PT_SITE_UNKNOWN);
  g_assert_cmpint (site (fixture, "S-1").since, ==, 0);
  g_assert_cmpint (site (fixture, "S-1").last_report, ==, NOW - 500);
  report (fixture, device, 2, NOW - 100, PT_POWER_ON);
  assert_told (fixture, "S-1=on ");
  g_assert_cmpint (site (fixture, "S-1").since, ==, NOW - 100);
  add_device (fixture, "tx-1", "S-2", PT_STATUS_ACTIVE, 2);
  cut (fixture, device, PT_CUT_MOVED);
  assert_told (fixture, "S-1=unknown S-2=unknown ");
  g_assert_true (pt_live_named_site (fixture->live, fixture->area, "S-1", NOW, &left));
  g_assert_cmpint (left.state, ==, PT_SITE_UNKNOWN);
  g_assert_cmpint (left.since, ==, 0);
  g_assert_false (pt_live_named_site (fixture->live, fixture->area, "S-3", NOW, &left));
  cut (fixture, device, PT_CUT_REVOKED);
  g_assert_cmpint (site (fixture, "S-2").since, ==, 0);
  g_assert_cmpint (site (fixture, "S-2").last_report, ==, 0);
  report (fixture, device, 3, NOW - 50, PT_POWER_ON);
  g_assert_cmpint (site (fixture, "S-2").since, ==, NOW - 50);
}

/* A device whose clock is days behind was heard all the same, and one whose clock is ahead is
 * silent like any other. */
static void
test_silence_by_received (Fixture *fixture, gconstpointer data)
{
  PtDevice *behind = add_device (fixture, "tx-1", "S-1", PT_STATUS_ACTIVE, 1);
  PtDevice *ahead = add_device (fixture, "tx-2", "S-2", PT_STATUS_ACTIVE, 1);

  report_at (fixture, behind, 1, NOW - 10 * SILENT_AFTER, NOW, PT_POWER_ON);
  report_at (fixture, ahead, 1, NOW + SILENT_AFTER, NOW, PT_POWER_ON);
  g_assert_cmpint (site (fixture, "S-1").state, ==, PT_SITE_ON);
  g_assert_cmpint (site (fixture, "S-1").last_report, ==, NOW - 10 * SILENT_AFTER);
  pt_clock_manual_set (fixture->clock, NOW + SILENT_AFTER + 1);
  g_assert_cmpint (site (fixture, "S-1").state, ==, PT_SITE_SILENT);
  g_assert_cmpint (site (fixture, "S-2").state, ==, PT_SITE_SILENT);
  g_assert_cmpint (site (fixture, "S-1").since, ==, NOW);
  g_assert_cmpint (site (fixture, "S-2").since, ==, NOW);
}

/* Nobody reports silence: it is found, told once, and ends with a report. */
static void
test_silence (Fixture *fixture, gconstpointer data)
{
  PtDevice *device = add_device (fixture, "tx-1", "S-1", PT_STATUS_ACTIVE, 1);

  report (fixture, device, 1, NOW, PT_POWER_ON);
  assert_told (fixture, "S-1=on ");
  pt_clock_manual_set (fixture->clock, NOW + SILENT_AFTER);
  g_assert_cmpint (site (fixture, "S-1").state, ==, PT_SITE_ON);
  pt_clock_manual_set (fixture->clock, NOW + SILENT_AFTER + 1);
  g_assert_cmpint (site (fixture, "S-1").state, ==, PT_SITE_SILENT);
  g_assert_cmpint (site (fixture, "S-1").since, ==, NOW);
  assert_told (fixture, "S-1=silent ");
  report (fixture, device, 2, NOW + SILENT_AFTER, PT_POWER_ON);
  assert_told (fixture, "S-1=on ");
}

static gboolean
is_behind (gpointer data)
{
  return ((Fixture *) data)->is_behind;
}

/* Runs the main loop until so many sites were told of. */
static void
await_sites (Fixture *fixture, guint count)
{
  while (fixture->sites < count)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture->sites, ==, count);
  fixture->sites = 0;
}

/* When all fall silent at once each is told once, some in a turn of the loop, also to one that
 * does not read. */
static void
test_many (Fixture *fixture, gconstpointer data)
{
  const guint count = 5500;

  pt_news_set_behind (fixture->news, is_behind, fixture);
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *id = g_strdup_printf ("tx-%u", i);

      report (fixture, add_device (fixture, id, id, PT_STATUS_ACTIVE, 1), 1, NOW, PT_POWER_ON);
    }
  await_sites (fixture, count);
  g_assert_cmpuint (fixture->turns, ==, 6);
  fixture->is_behind = TRUE;
  pt_clock_manual_set (fixture->clock, NOW + SILENT_AFTER + 1);
  await_sites (fixture, count);
  g_assert_cmpuint (fixture->turns, >=, 12);
  g_assert_cmpuint (fixture->most, <=, 1000);
  g_assert_true (fixture->is_still);
  g_assert_cmpuint (fixture->stands, ==, 1);
}

/* A site is as its active device that reported last says. */
static void
test_two_devices (Fixture *fixture, gconstpointer data)
{
  PtDevice *first = add_device (fixture, "tx-1", "S-1", PT_STATUS_ACTIVE, 1);
  PtDevice *second = add_device (fixture, "tx-2", "S-1", PT_STATUS_ACTIVE, 1);

  report (fixture, first, 1, NOW - 10, PT_POWER_OFF);
  g_assert_cmpint (site (fixture, "S-1").state, ==, PT_SITE_OFF);
  report (fixture, second, 1, NOW - 5, PT_POWER_ON);
  g_assert_cmpint (site (fixture, "S-1").state, ==, PT_SITE_ON);
  g_assert_true (site (fixture, "S-1").device == second->number);
  add_device (fixture, "tx-2", "S-1", PT_STATUS_REVOKED, 2);
  g_assert_true (site (fixture, "S-1").device == first->number);
}

static PtSiteSnapshot *
sites_now (Fixture *fixture)
{
  return pt_live_sites (fixture->live, g_get_monotonic_time (), G_MAXUINT);
}

/* Who holds all sites holds up no commit, and who asks after it has what it brought. */
static void
test_snapshots (Fixture *fixture, gconstpointer data)
{
  PtDirectory *directory = fixture->directory;
  PtDevice *first = add_device (fixture, "tx-1", "S-1", PT_STATUS_ACTIVE, 1);
  g_autoptr (PtSiteSnapshot) before = sites_now (fixture);
  g_autoptr (PtSiteSnapshot) after = NULL;
  g_autoptr (PtSiteSnapshot) moved = NULL;
  PtSiteCounts counts;

  g_assert_cmpuint (before->counts.unknown, ==, 1);
  g_assert_true (pt_door_try_write (&directory->door));
  pt_door_end_write (&directory->door);
  report (fixture, first, 1, NOW - 10, PT_POWER_OFF);
  after = sites_now (fixture);
  g_assert_cmpuint (after->counts.off, ==, 1);
  g_assert_cmpuint (before->counts.off, ==, 0);
  g_assert_true (pt_door_try_write (&directory->door));
  add_device (fixture, "tx-2", "S-2", PT_STATUS_ACTIVE, 1);
  add_device (fixture, "tx-1", "S-2", PT_STATUS_ACTIVE, 2);
  g_atomic_int_inc (&directory->generation);
  pt_door_end_write (&directory->door);
  moved = sites_now (fixture);
  g_assert_cmpuint (moved->counts.sites, ==, 2); /* S-1 has its history */
  g_assert_cmpuint (moved->counts.off, ==, 1);
  g_assert_cmpuint (moved->counts.unknown, ==, 1);
  pt_live_count_area (fixture->live, 0, &counts);
  g_assert_cmpuint (counts.sites, ==, 2);
  pt_live_count_area (fixture->live, 7, &counts);
  g_assert_cmpuint (counts.sites, ==, 0);
}

static void
test_names (void)
{
  PtSiteState state;

  for (int i = PT_SITE_ON; i <= PT_SITE_UNKNOWN; i++)
    {
      g_assert_true (pt_site_state_parse (pt_site_state_name ((PtSiteState) i), &state));
      g_assert_cmpint (state, ==, i);
    }
  g_assert_false (pt_site_state_parse ("ON", &state));
  g_assert_false (pt_site_state_parse ("", &state));
}

#define ADD(name, func) g_test_add ("/live/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("news", test_news);
  ADD ("late-reports", test_late_reports);
  ADD ("cut", test_cut);
  ADD ("silence", test_silence);
  ADD ("silence-by-received", test_silence_by_received);
  ADD ("many", test_many);
  ADD ("two-devices", test_two_devices);
  ADD ("snapshots", test_snapshots);
  g_test_add_func ("/live/names", test_names);
  return g_test_run ();
}
