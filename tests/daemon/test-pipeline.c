/* SPDX-License-Identifier: Apache-2.0 */
/* From a client's bytes to the durable log, over restarts. */
#include "pt-commit-fixture.h"
#include "pt-store-fixture.h"

/* Refusals */

static void
test_slugs (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *good = pt_world_sign_now (world, "tx-1", 1, PT_POWER_ON);
  g_autofree char *unknown = pt_world_sign_now (world, "tx-9", 1, PT_POWER_ON);
  g_autofree char *elsewhere = pt_world_report (world, "west", "tx-1", 1, at, PT_POWER_ON, NULL);
  g_autofree char *forged = pt_world_report (world, "east", "tx-1", 1, at, PT_POWER_ON,
                                             &pt_world_key (world, "tx-2")->signer);
  g_autofree char *early
      = pt_world_report (world, "east", "tx-1", 1, at + 300001, PT_POWER_ON, NULL);
  g_autofree char *old = pt_world_report (world, "east", "tx-1", 2, 0, PT_POWER_ON, NULL);
  g_autofree char *spaced = g_strconcat (" ", good, NULL);
  g_autofree char *all = g_strjoin ("\n", "{", unknown, elsewhere, forged, early, old, spaced, good,
                                    "", good, "[]", NULL);
  g_autofree char *json = pt_world_submit (world, &pt_kind_report, all);

  g_assert_cmpstr (g_strchomp (json), ==,
                   "{\"accepted\":2,\"duplicate\":1,\"rejected\":["
                   "{\"line\":1,\"error\":\"malformed\"},"
                   "{\"line\":2,\"error\":\"unknown-device\"},"
                   "{\"line\":3,\"error\":\"unknown-device\"},"
                   "{\"line\":4,\"error\":\"bad-signature\"},"
                   "{\"line\":5,\"error\":\"clock-skew\"},"
                   "{\"line\":7,\"error\":\"not-canonical\"},"
                   "{\"line\":11,\"error\":\"malformed\"}]}");
  g_assert_cmpuint (pt_world_entries (world), ==, 4);
}

/* Restarts */

/* Reports in a shuffled order, sealed now and then, restarted now and then: after each restart all
 * is as it was, and in the end the outages are those of the sorted sequence. */
static void
hand_in_shuffled (PtWorld *world, const PtPower *powers, guint count, guint round)
{
  g_autofree guint *order = g_new (guint, count);

  for (guint i = 0; i < count; i++)
    order[i] = i;
  for (guint i = count; i > 1; i--)
    {
      guint j = (guint) g_test_rand_int_range (0, (gint32) i), swapped = order[i - 1];

      order[i - 1] = order[j];
      order[j] = swapped;
    }
  for (guint i = 0; i < count; i++)
    {
      gint64 seq = order[i] + 1;
      g_autofree char *line = pt_world_report (world, "east", "tx-1", seq,
                                               PT_WORLD_START + seq * 100, powers[order[i]], NULL);

      pt_world_expect (world, &pt_kind_report, line, PT_ACCEPTED);
      pt_world_report_now (world, "tx-2", i + 1, order[i] % 2 ? PT_POWER_ON : PT_POWER_OFF,
                           PT_ACCEPTED);
      if (i % 8 == 3)
        pt_world_seal (world);
      if (i % 5 == 4)
        {
          g_autofree char *before = pt_world_dump (world);
          g_autofree char *after = NULL;

          pt_world_restart (world, (i + round) % 2 == 0);
          after = pt_world_dump (world);
          g_assert_cmpstr (before, ==, after);
        }
    }
}

static char *
expected_outages (const PtPower *powers, guint count)
{
  GString *text = g_string_new (NULL);
  gint64 start = 0;

  for (guint i = 0; i < count; i++)
    {
      if (powers[i] == PT_POWER_OFF && start == 0)
        start = i + 1;
      if (powers[i] == PT_POWER_ON && start != 0)
        {
          g_string_append_printf (text,
                                  "outage 0 %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                                  " %u %" G_GINT64_FORMAT " 7 1 0\n",
                                  start, PT_WORLD_START + start * 100, i + 1,
                                  PT_WORLD_START + (i + 1) * G_GINT64_CONSTANT (100));
          start = 0;
        }
    }
  if (start != 0)
    g_string_append_printf (text, "outage 0 %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " 0 0 7 0 0\n",
                            start, PT_WORLD_START + start * 100);
  return g_string_free (text, FALSE);
}

static char *
outages_of_first (PtWorld *world)
{
  g_autofree char *dump = pt_world_dump (world);
  g_auto (GStrv) lines = g_strsplit (dump, "\n", -1);
  GString *text = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "outage 0 "))
      g_string_append_printf (text, "%s\n", lines[i]);
  return g_string_free (text, FALSE);
}

static void
test_restarts (Fixture *fixture, gconstpointer data)
{
  PtPower powers[60];
  g_autofree char *expected = NULL, *got = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (powers); i++)
    powers[i] = g_test_rand_bit () ? PT_POWER_ON : PT_POWER_OFF;
  hand_in_shuffled (fixture->world, powers, G_N_ELEMENTS (powers), 0);
  expected = expected_outages (powers, G_N_ELEMENTS (powers));
  got = outages_of_first (fixture->world);
  g_assert_cmpstr (got, ==, expected);
}

/* The clock of a machine that starts again may be behind: `received` never is. */
static void
test_clock_goes_back (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;

  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  pt_world_stop (world, TRUE);
  pt_clock_manual_set (world->clock, pt_world_now (world) - 500);
  pt_world_start (world);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_ON, PT_ACCEPTED);
  g_assert_cmpint (pt_world_query_integer (world,
                                           "select max(received) - min(received) from entries"
                                           " where seq > 0"),
                   ==, 0);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
}

/* What was saved by a clock that was ahead, and put right in the entries since. */
static void
test_heard_later (Fixture *fixture, gconstpointer data)
{
  static const gint64 later[] = { 0, 1, G_GINT64_CONSTANT (400) * 24 * 60 * 60 * 1000 };
  PtWorld *world = fixture->world;
  PtSubjectRow row = { .subject = pt_subject_device (0), .folded_to = 3 };
  gint64 received = pt_world_now (world);
  g_autoptr (GError) error = NULL;

  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  row.history = pt_registry_device_at (world->pipeline->directory->registry, 0)->history;
  g_assert_cmpint (row.history.heard, ==, received);
  for (gsize i = 0; i < G_N_ELEMENTS (later); i++)
    {
      row.history.heard = received + later[i];
      pt_store_save_histories (world->store, &row, 1, &error);
      g_assert_no_error (error);
      pt_world_restart (world, TRUE);
      row.history = pt_registry_device_at (world->pipeline->directory->registry, 0)->history;
      g_assert_cmpint (row.history.heard, ==, received);
    }
}

/* As another process that writes to the store would have it registered: under a number of its own.
 */
static void
register_elsewhere (PtWorld *world, const char *name, guint32 number)
{
  g_autofree char *line
      = pt_world_device (world, "east", name, PT_STATUS_ACTIVE, pt_world_now (world));
  g_autoptr (GBytes) body = NULL;
  char text[PT_ENTRY_MAX];
  PtSubjectRow subject = { .subject = pt_subject_device (number), .entry = 3, .active = TRUE };
  PtEntryRow row = { .subject = subject.subject, .received = pt_world_now (world), .body = text };
  PtGroup group = { .subjects = &subject, .subject_count = 1 };
  PtEntry entry;

  g_assert_cmpint (pt_entry_parse (pt_text (line), PT_ENTRY_SIGNED, &entry), ==, PT_OK);
  g_assert_cmpint (pt_entry_store (&entry, row.received, text, sizeof text, &row.size), ==, PT_OK);
  subject.body = body = g_bytes_new (text, row.size);
  g_assert_cmpuint (pt_commit_rows (world->store, &row, 1, &group), ==, 3);
}

static void
test_holes (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *line = NULL, *before = NULL, *after = NULL;
  PtArea *area;

  pt_world_stop (world, FALSE);
  register_elsewhere (world, "tx-far", 3000);
  pt_world_start (world);
  line = pt_world_sign_now (world, "tx-far", 1, PT_POWER_OFF);
  pt_world_expect (world, &pt_kind_report, line, PT_ACCEPTED);
  pt_world_add_device (world, "east", "tx-new");
  pt_world_report_now (world, "tx-new", 1, PT_POWER_OFF, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  pt_world_report_now (world, "tx-new", 2, PT_POWER_ON, PT_ACCEPTED);
  before = pt_world_dump (world);
  pt_world_restart (world, TRUE);
  after = pt_world_dump (world);
  g_assert_cmpstr (before, ==, after);
  pt_world_expect (world, &pt_kind_report, line, PT_DUPLICATE);
  area = pt_registry_area_at (world->pipeline->directory->registry, 0);
  g_assert_cmpuint (pt_registry_device (area, pt_text ("tx-new"))->number, ==, 3001);
  g_assert_cmpuint (pt_registry_device_count (world->pipeline->directory->registry), ==, 4);
}

#define ADD(name, memory, func)                                                                    \
  g_test_add ("/pipeline/" name, Fixture, memory, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pt_catch_warnings ();
  ADD ("slugs", NULL, test_slugs);
  ADD ("restarts", NULL, test_restarts);
  ADD ("restarts-in-memory", "memory", test_restarts);
  ADD ("clock-goes-back", NULL, test_clock_goes_back);
  ADD ("heard-later", NULL, test_heard_later);
  ADD ("heard-later-in-memory", "memory", test_heard_later);
  ADD ("holes-in-memory", "memory", test_holes);
  return g_test_run ();
}
