/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-status.h"

#include "pt-pipeline-fixture.h"
#include "pt-switched-store.h"

typedef struct
{
  PtWorld *world;
  PtSubmitter *submitter;
  PtReads reads;
  PtStatusSources sources;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world = pt_world_new (pt_memory_store_new ());
  PtSubmitterConfig config = { .health = world->health, .news = world->news };

  pt_switch_store (world->store);
  fixture->submitter = pt_submitter_new (world->store, world->pipeline->blocks, &config);
  fixture->reads = (PtReads){ .clock = world->clock,
                              .directory = world->pipeline->directory,
                              .store = world->store,
                              .archive = world->pipeline->archive,
                              .live = world->pipeline->live,
                              .health = world->health,
                              .book = world->pipeline->book,
                              .copied = world->pipeline->copied };
  fixture->sources
      = (PtStatusSources){ &fixture->reads, pt_intake_admission (world->pipeline->intake),
                           fixture->submitter, NULL, world->pipeline->traffic };
  pt_world_add_device (world, "east", "tx-1");
  pt_world_add_device (world, "east", "tx-2");
  pt_world_report_now (world, "tx-1", 1, PT_POWER_OFF, PT_ACCEPTED);
  pt_world_report_now (world, "tx-1", 1, PT_POWER_OFF, PT_DUPLICATE);
  pt_world_report_now (world, "tx-9", 1, PT_POWER_OFF, PT_REFUSED ("unknown-device"));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_submitter_stop (fixture->submitter);
  pt_world_free (fixture->world);
}

static void
test_numbers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtStatusNumbers numbers;

  g_assert_true (pt_status_collect (&fixture->sources, &numbers, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (numbers.areas, ==, 1);
  g_assert_cmpuint (numbers.devices, ==, 2);
  g_assert_cmpuint (numbers.sites.sites, ==, 2);
  g_assert_cmpuint (numbers.sites.off, ==, 1);
  g_assert_cmpuint (numbers.sites.unknown, ==, 1);
  g_assert_cmpuint (numbers.counts.open_outages, ==, 1);
  g_assert_cmpuint (numbers.lines.accepted, ==, 3);
  g_assert_cmpuint (numbers.lines.duplicate, ==, 1);
  g_assert_cmpuint (numbers.lines.rejected, ==, 1);
  g_assert_cmpuint (numbers.lines.waiting, ==, 0);
  g_assert_cmpuint (numbers.ways[PT_TRANSPORT_HTTP].accepted, ==, 3);
  g_assert_cmpuint (numbers.ways[PT_TRANSPORT_HTTP].duplicate, ==, 1);
  g_assert_cmpuint (numbers.ways[PT_TRANSPORT_HTTP].refused, ==, 1);
  g_assert_cmpuint (numbers.ways[PT_TRANSPORT_HTTP].lag.lines, ==, 3);
  g_assert_cmpuint (numbers.ways[PT_TRANSPORT_MQTT].accepted, ==, 0);
  g_assert_cmpstr (pt_status_state (&numbers), ==, "ok");
}

static void
test_attention (Fixture *fixture, gconstpointer data)
{
  PtStatusNumbers numbers;

  pt_health_say (fixture->world->health, PT_HEALTH_BATCHER, PT_HEALTH_WAITS, "The disk is full.");
  g_assert_true (pt_status_collect (&fixture->sources, &numbers, NULL));
  g_assert_cmpstr (pt_status_state (&numbers), ==, "attention");
  g_assert_cmpstr (numbers.health.sentence, ==, "The disk is full.");
}

/* Everybody hears that something waits and what; paths and balances are not for everybody. */
static void
test_public (Fixture *fixture, gconstpointer data)
{
  static const char secret[] = "The account has 0.0021 left; /var/lib/powertrack/x can't be read.";
  PtHealth *health = fixture->world->health;
  g_autoptr (GHashTable) causes = g_hash_table_new (g_str_hash, g_str_equal);
  PtStatusNumbers numbers;

  g_assert_true (pt_status_collect (&fixture->sources, &numbers, NULL));
  g_assert_cmpstr (pt_status_cause (&numbers), ==, "");
  g_assert_cmpstr (pt_status_detail (&numbers), ==, "");
  for (int part = 0; part <= PT_HEALTH_KEYS; part++)
    {
      gboolean is_private = part == PT_HEALTH_MQTT || part == PT_HEALTH_COMMITTER
                            || part == PT_HEALTH_STORE || part == PT_HEALTH_BATCHER
                            || part == PT_HEALTH_SUBMITTER;

      pt_health_say (health, (PtHealthPart) part, PT_HEALTH_ASKS, secret);
      g_assert_true (pt_status_collect (&fixture->sources, &numbers, NULL));
      g_assert_cmpstr (numbers.health.sentence, ==, secret); /* for log and bus */
      g_assert_true (g_str_equal (pt_status_detail (&numbers), secret) != is_private);
      g_assert_cmpuint (strlen (pt_status_detail (&numbers)), >, 15);
      g_assert_true (g_hash_table_add (causes, (gpointer) pt_status_cause (&numbers)));
      pt_health_say (health, (PtHealthPart) part, PT_HEALTH_WELL, NULL);
    }
}

/* A store that does not answer is an error and not a quiet country; what is in memory is told. */
static void
test_store_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtStatusNumbers numbers;

  pt_switch_reads (TRUE, FALSE);
  g_assert_false (pt_status_collect (&fixture->sources, &numbers, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_assert_cmpuint (numbers.sites.off, ==, 1);
  pt_switch_reads (FALSE, FALSE);
}

static void
test_lag (void)
{
  const PtLag none = { 0 }, lag = { .lines = 4, .sum = 6001, .longest = 3000 };

  g_assert_cmpint (pt_status_lag_mean (&none), ==, 0);
  g_assert_cmpint (pt_status_lag_longest (&none), ==, 0);
  g_assert_cmpint (pt_status_lag_mean (&lag), ==, 2);
  g_assert_cmpint (pt_status_lag_longest (&lag), ==, 3);
}

#define ADD(name, func) g_test_add ("/status/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("numbers", test_numbers);
  ADD ("attention", test_attention);
  ADD ("public", test_public);
  ADD ("store-fails", test_store_fails);
  g_test_add_func ("/status/lag", test_lag);
  return g_test_run ();
}
