/* SPDX-License-Identifier: Apache-2.0 */
/* Who floods is held up, by its address or by its own key; nobody else is. */
#include "pt-rates.h"

#include "pt-pipeline-fixture.h"

#define PER_MINUTE 6

typedef struct
{
  PtWorld *world;
  PtRates *rates;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world = pt_world_alloc (
      g_dir_make_tmp ("powertrack-rates-XXXXXX", NULL), PT_WORLD_START, pt_memory_store_new ());

  pt_test_key_init (&world->authority);
  pt_test_key_init (&world->service);
  world->rates = *(const PtRatesConfig *) data;
  pt_world_start (world);
  pt_world_add_area (world, "east");
  pt_world_add_device (world, "east", "tx-1");
  pt_world_add_device (world, "east", "tx-2");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_world_free (fixture->world);
}

/* Hands in @lines from @address; those that were refused as too-many, of @count. */
static guint
count_refused (Fixture *fixture, const char *address, const char *lines)
{
  PtPeer peer = { .address = (char *) address };
  g_autofree char *answer = pt_world_submit_from (fixture->world, &pt_kind_report, lines, &peer);
  g_auto (GStrv) parts = g_strsplit (answer, "\"too-many\"", -1);

  return g_strv_length (parts) - 1;
}

/* @count reports of @device from counter @from on. */
static char *
reports (Fixture *fixture, const char *device, gint64 from, guint count, gboolean broken)
{
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *report
          = pt_world_report (fixture->world, "east", device, from + i,
                             pt_clock_now (fixture->world->clock), PT_POWER_ON, NULL);
      g_autofree char *spoilt = broken ? pt_world_break_signature (report) : NULL;

      g_string_append_printf (lines, "%s\n", broken ? spoilt : report);
    }
  return g_string_free (lines, FALSE);
}

static guint
send (Fixture *fixture, const char *address, const char *device, gint64 from, guint count,
      gboolean broken)
{
  g_autofree char *lines = reports (fixture, device, from, count, broken);

  return count_refused (fixture, address, lines);
}

static const PtRatesConfig of_devices = { .device_per_minute = PER_MINUTE };
static const PtRatesConfig of_areas = { .area_per_second = 1 };
static const PtRatesConfig of_both = { .device_per_minute = 1, .area_per_second = 1 };
static const PtRatesConfig of_addresses = { .address_per_minute = 1, .many = "192.0.2.9; ::1" };

/* All that it kept while it was away may come at once, and then only so much in a minute. */
static void
test_device (Fixture *fixture, gconstpointer data)
{
  g_autofree char *again = reports (fixture, "tx-1", 1, 50, FALSE);

  for (guint i = 0; i < PT_SEQ_WINDOW; i += 1024)
    g_assert_cmpuint (send (fixture, NULL, "tx-1", 1 + i, 1024, FALSE), ==, 0);
  g_assert_cmpuint (send (fixture, NULL, "tx-1", PT_SEQ_WINDOW + 1, 10, FALSE), ==, 10);
  /* What it said before is still a repetition. */
  pt_world_report_now (fixture->world, "tx-2", 1, PT_POWER_ON, PT_ACCEPTED);
  pt_world_advance (fixture->world, 60000);
  g_assert_cmpuint (send (fixture, NULL, "tx-1", PT_SEQ_WINDOW + 1, 10, FALSE), ==,
                    10 - PER_MINUTE);
  g_assert_cmpuint (count_refused (fixture, NULL, again), ==, 0);
}

/* What is badly signed, and copies of what is public, use up nothing of the device's. */
static void
test_stranger (Fixture *fixture, gconstpointer data)
{
  g_autofree char *copies = reports (fixture, "tx-1", 1, 1000, FALSE);

  g_assert_cmpuint (count_refused (fixture, NULL, copies), ==, 0);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpuint (count_refused (fixture, NULL, copies), ==, 0);
      g_assert_cmpuint (send (fixture, NULL, "tx-1", 2000, 1000, TRUE), ==, 0);
    }
  for (guint i = 1000; i < 4000; i += 1000)
    g_assert_cmpuint (send (fixture, NULL, "tx-1", 1 + i, 1000, FALSE), ==, 0);
  g_assert_cmpuint (pt_world_entries (fixture->world), ==, 4002);
}

static void
test_area (Fixture *fixture, gconstpointer data)
{
  g_autofree char *line = NULL;

  pt_world_add_area (fixture->world, "west");
  pt_world_add_device (fixture->world, "west", "tx-9");
  for (guint i = 0; i < 10000; i += 1000)
    g_assert_cmpuint (send (fixture, NULL, i % 2000 == 0 ? "tx-1" : "tx-2", 1 + i, 1000, FALSE), ==,
                      0);
  g_assert_cmpuint (send (fixture, NULL, "tx-2", 20001, 3, FALSE), ==, 3);
  line = pt_world_report (fixture->world, "west", "tx-9", 1, pt_clock_now (fixture->world->clock),
                          PT_POWER_ON, NULL);
  pt_world_expect (fixture->world, &pt_kind_report, line, PT_ACCEPTED);
  pt_world_advance (fixture->world, 2000);
  g_assert_cmpuint (send (fixture, NULL, "tx-2", 20001, 3, FALSE), ==, 1);
}

/* A group that can't be written takes nothing, however often it is tried. */
static void
test_not_written (Fixture *fixture, gconstpointer data)
{
  PtStore *store = fixture->world->store;

  for (guint i = 0; i < PT_SEQ_WINDOW; i += 1024)
    {
      pt_memory_store_fail (store, PT_STORE_COMMIT, PT_FAIL_NOT_PERSISTED, 0, 1);
      g_assert_cmpuint (send (fixture, NULL, "tx-1", 1 + i, 1024, FALSE), ==, 0);
      g_assert_cmpuint (pt_world_entries (fixture->world), ==, 2 + i); /* with the devices */
      g_assert_cmpuint (send (fixture, NULL, "tx-1", 1 + i, 1024, FALSE), ==, 0);
      g_assert_cmpuint (pt_world_entries (fixture->world), ==, 2 + i + 1024);
    }
  g_assert_cmpuint (send (fixture, NULL, "tx-1", PT_SEQ_WINDOW + 1, 10, FALSE), ==, 10);
}

/* What is too much for the area takes nothing from the device. */
static void
test_area_first (Fixture *fixture, gconstpointer data)
{
  pt_world_add_device (fixture->world, "east", "tx-3");
  for (guint i = 0; i < 4000; i += 1000)
    {
      g_assert_cmpuint (send (fixture, NULL, "tx-1", 1 + i, 1000, FALSE), ==, 0);
      g_assert_cmpuint (send (fixture, NULL, "tx-2", 1 + i, 1000, FALSE), ==, 0);
    }
  for (guint i = 0; i < 2000; i += 1000)
    g_assert_cmpuint (send (fixture, NULL, "tx-3", 1 + i, 1000, FALSE), ==, 0);
  for (guint i = 2000; i < 4000; i += 1000)
    g_assert_cmpuint (send (fixture, NULL, "tx-3", 1 + i, 1000, FALSE), ==, 1000);
  pt_world_advance (fixture->world, 2000 * 1000);
  for (guint i = 2000; i < 4000; i += 1000)
    g_assert_cmpuint (send (fixture, NULL, "tx-3", 1 + i, 1000, FALSE), ==, 0);
}

/* Of an address all lines count, however they are signed; others' and many senders' do not. */
static void
test_address (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) junk = g_string_new (NULL);
  PtPeer peer = { .address = (char *) "192.0.2.7" }, broker = { .transport = PT_TRANSPORT_MQTT };
  g_autoptr (PtSubmission) submission = NULL;
  g_autoptr (GBytes) body = g_bytes_new_static ("{", 1);
  guint wait;

  for (guint i = 0; i < 9999; i++)
    g_string_append (junk, "{\n");
  g_assert_cmpuint (count_refused (fixture, "192.0.2.7", junk->str), ==, 0);
  g_assert_cmpuint (count_refused (fixture, "192.0.2.7", "{\n{\n{\n"), ==, 2);
  g_assert_cmpuint (send (fixture, "192.0.2.8", "tx-1", 1, 1, FALSE), ==, 0);
  g_assert_cmpuint (count_refused (fixture, "192.0.2.9", junk->str), ==, 0);
  g_assert_cmpuint (count_refused (fixture, "::ffff:192.0.2.9", junk->str), ==, 0);
  g_assert_cmpuint (count_refused (fixture, "::1", junk->str), ==, 0);
  g_assert_cmpuint (send (fixture, "192.0.2.9", "tx-1", 2, 1, FALSE), ==, 0);

  broker.address = peer.address;
  submission = pt_submission_new (&pt_kind_report, body, TRUE, NULL, NULL, NULL);
  pt_submission_set_peer (submission, &peer);
  g_assert_false (pt_intake_take (fixture->world->pipeline->intake, submission));
  wait = pt_submission_wait (submission);
  g_assert_cmpuint (wait, >, 0);
  g_assert_cmpuint (wait, <=, 60);
  g_assert_false (pt_submission_is_busy (submission));
  g_assert_cmpuint (pt_rates_take_address (fixture->world->pipeline->rates, &broker, 7, &wait), ==,
                    7);
}

/* Who has one address of a network of IPv6 has all. */
static void
test_network (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) junk = g_string_new (NULL);

  for (guint i = 0; i < 9999; i++)
    g_string_append (junk, "{\n");
  g_assert_cmpuint (count_refused (fixture, "2001:db8:1:2::1", junk->str), ==, 0);
  g_assert_cmpuint (count_refused (fixture, "2001:db8:1:2:ffff::7", "{\n{\n{\n"), ==, 2);
  g_assert_cmpuint (count_refused (fixture, "2001:db8:1:3::1", "{\n{\n{\n"), ==, 0);
}

#define ADD(name, config, func)                                                                    \
  g_test_add ("/rates/" name, Fixture, &config, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("device", of_devices, test_device);
  ADD ("stranger", of_devices, test_stranger);
  ADD ("area", of_areas, test_area);
  ADD ("not-written", of_devices, test_not_written);
  ADD ("area-first", of_both, test_area_first);
  ADD ("address", of_addresses, test_address);
  ADD ("network", of_addresses, test_network);
  return g_test_run ();
}
