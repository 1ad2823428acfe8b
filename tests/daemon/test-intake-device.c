/* SPDX-License-Identifier: Apache-2.0 */
/* What devices say and ask by any way, before a real pipeline. */
#include "pt-intake-device.h"

#include "pt-pipeline-fixture.h"
#include "pt-traffic.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtVerifier, pt_p256_verifier_free)

typedef struct
{
  PtWorld *world;
  PtIntakeDevices devices;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = pt_world_new (pt_memory_store_new ());

  pt_world_add_device (world, "east", "tx-1");
  pt_world_advance (world, 1000);
  fixture->world = world;
  fixture->devices = (PtIntakeDevices){ .intake = world->pipeline->intake,
                                        .directory = world->pipeline->directory,
                                        .clock = world->clock,
                                        .signer = &world->pipeline->signing.shared };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_world_free (fixture->world);
}

static char *
report (Fixture *fixture, gint64 seq)
{
  return pt_world_report (fixture->world, "east", "tx-1", seq, pt_clock_now (fixture->world->clock),
                          PT_POWER_ON, NULL);
}

/* The registry gives back every byte that was signed. */
static void
test_expand (Fixture *fixture, gconstpointer data)
{
  g_autofree char *signed_report = report (fixture, 7);
  guint8 bytes[PT_COMPACT_MAX];
  PtCompactReport compact;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) expanded = NULL;
  g_autoptr (GBytes) same = g_bytes_new (signed_report, strlen (signed_report));
  PtEntry entry;
  gsize size;

  g_assert_cmpint (pt_entry_parse (pt_text (signed_report), PT_ENTRY_SIGNED, &entry), ==, PT_OK);
  pt_compact_from_entry (&entry, &compact);
  g_assert_cmpint (pt_compact_write (&compact, bytes, sizeof bytes, &size), ==, PT_OK);

  expanded = pt_intake_device_expand (&fixture->devices, "east", "tx-1",
                                      pt_span ((const char *) bytes, size), &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (expanded, same));
  pt_world_expect (fixture->world, &pt_kind_report, signed_report, PT_ACCEPTED);

  g_assert_null (pt_intake_device_expand (&fixture->devices, "east", "tx-2",
                                          pt_span ((const char *) bytes, size), &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_UNKNOWN_DEVICE);
  g_clear_error (&error);
  g_assert_null (pt_intake_device_expand (&fixture->devices, "west", "tx-1",
                                          pt_span ((const char *) bytes, size), &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_UNKNOWN_DEVICE);
  g_clear_error (&error);
  g_assert_null (pt_intake_device_expand (&fixture->devices, "east", "tx-1",
                                          pt_span ((const char *) bytes, size - 1), &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_MALFORMED);
}

static guint64
refused (Fixture *fixture, const char *line)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *found;

  pt_traffic_append (fixture->world->pipeline->traffic, text);
  found = strstr (text->str, line);
  return found != NULL ? g_ascii_strtoull (found + strlen (line), NULL, 10) : 0;
}

/* What no submission can be made of is counted by its way all the same, and kept. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  static const char malformed[] = "powertrack_refused_lines_total{transport=\"mqtt\","
                                  "reason=\"malformed\"} ";
  const PtPeer peer = { .transport = PT_TRANSPORT_MQTT, .area = "east", .device = "tx-1" };
  PtRejects *rejects = pt_traffic_rejects (fixture->world->pipeline->traffic);
  g_autoptr (PtRejectedBatch) batch = NULL;
  const PtRejectedRow *rows;

  pt_intake_device_refused (&fixture->devices, &peer, pt_span ("\x84\x00\xff", 3),
                            PT_ERROR_MALFORMED);
  pt_intake_device_refused (&fixture->devices, &peer, pt_text ("{\"half"), PT_ERROR_MALFORMED);
  pt_intake_device_refused (&fixture->devices, &peer, pt_span (NULL, 0), PT_ERROR_TOO_LARGE);
  g_assert_cmpuint (refused (fixture, malformed), ==, 2);
  g_assert_cmpuint (refused (fixture, "powertrack_lines_total{transport=\"mqtt\","
                                      "outcome=\"refused\"} "),
                    ==, 3);
  batch = pt_rejects_steal (rejects);
  g_assert_nonnull (batch);
  g_assert_cmpuint (batch->rows->len, ==, 3);
  rows = (const PtRejectedRow *) batch->rows->data;
  g_assert_cmpmem (rows[0].text, rows[0].size, "8400ff", 6);
  g_assert_cmpmem (rows[1].text, rows[1].size, "{\"half", 6);
  g_assert_cmpuint (rows[2].size, ==, 0);
  g_assert_cmpstr (rows[0].device, ==, "tx-1");
}

static void
assert_held (Fixture *fixture, gint64 highest, const gint64 *missing)
{
  g_autoptr (PtVerifier) verifier = pt_p256_verifier_new (PT_P256_FAST);
  g_autoptr (GError) error = NULL;
  g_autofree PtHeld *held = g_new (PtHeld, 1);

  g_assert_true (pt_intake_device_held (&fixture->devices, "east", "tx-1", held, &error));
  g_assert_no_error (error);
  g_assert_cmpint (held->highest, ==, highest);
  g_assert_cmpint (held->ts, ==, pt_clock_now (fixture->world->clock));
  for (gint64 counter = MAX (1, highest - PT_HELD_WINDOW); counter < highest; counter++)
    {
      gboolean is_missing = *missing == counter;

      g_assert_true (pt_held_is_missing (held, counter) == is_missing);
      missing += is_missing ? 1 : 0;
    }
  g_assert_cmpint (*missing, ==, 0);
  g_assert_cmpint (pt_held_verify (held, verifier, fixture->world->service.signer.public_key), ==,
                   PT_OK);
}

static void
hand_in (Fixture *fixture, gint64 seq)
{
  g_autofree char *text = report (fixture, seq);

  pt_world_expect (fixture->world, &pt_kind_report, text, PT_ACCEPTED);
}

static void
test_held (Fixture *fixture, gconstpointer data)
{
  static const gint64 none[] = { 0 }, some[] = { 1, 3, 4, 0 }, later[] = { 1, 3, 0 };
  PtHeld held;
  g_autoptr (GError) error = NULL;

  assert_held (fixture, 0, none);
  hand_in (fixture, 2);
  hand_in (fixture, 5);
  assert_held (fixture, 5, some);
  hand_in (fixture, 4);
  assert_held (fixture, 5, later);
  /* What fell behind the window is not told of: nothing can fill it. */
  hand_in (fixture, 2 + PT_HELD_WINDOW);
  g_assert_true (pt_intake_device_held (&fixture->devices, "east", "tx-1", &held, &error));
  g_assert_true (pt_held_is_missing (&held, 3));
  g_assert_false (pt_held_is_missing (&held, 2));
  g_assert_false (pt_held_is_missing (&held, 4));
  g_assert_true (pt_held_is_missing (&held, 1 + PT_HELD_WINDOW));

  g_assert_false (pt_intake_device_held (&fixture->devices, "east", "tx-2", &held, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_UNKNOWN_DEVICE);
}

#define ADD(name, func) g_test_add ("/intake-device/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("expand", test_expand);
  ADD ("refused", test_refused);
  ADD ("held", test_held);
  return g_test_run ();
}
