/* SPDX-License-Identifier: Apache-2.0 */
/* Registrations of devices and officials. */
#include "pt-commit-fixture.h"

static void
test_registrations (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *first = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, at);
  g_autofree char *resigned = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, at);
  g_autofree char *revoked = pt_world_device (world, "east", "tx-3", PT_STATUS_REVOKED, at + 1);
  g_autofree char *same_time = pt_world_device (world, "east", "tx-3", PT_STATUS_REVOKED, at);
  g_autofree char *elsewhere = pt_world_device (world, "west", "tx-3", PT_STATUS_ACTIVE, at);
  g_autofree char *broken = pt_world_break_signature (first);
  g_autofree char *report = pt_world_sign_now (world, "tx-3", 1, PT_POWER_ON);

  pt_world_expect (world, &pt_kind_registration, broken, PT_REFUSED ("bad-signature"));
  pt_world_expect (world, &pt_kind_registration, elsewhere, PT_REFUSED ("unknown-area"));
  pt_world_expect (world, &pt_kind_registration, report, PT_REFUSED ("malformed"));
  pt_world_expect (world, &pt_kind_report, first, PT_REFUSED ("malformed"));
  pt_world_expect (world, &pt_kind_registration, first, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, first, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_registration, resigned, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_registration, same_time, PT_REFUSED ("stale-entry"));
  pt_world_expect (world, &pt_kind_report, report, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, revoked, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, first, PT_REFUSED ("stale-entry"));
  pt_world_report_now (world, "tx-3", 2, PT_POWER_ON, PT_REFUSED ("revoked-device"));
  pt_world_restart (world, TRUE);
  pt_world_expect (world, &pt_kind_registration, revoked, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_registration, first, PT_REFUSED ("stale-entry"));
  pt_world_report_now (world, "tx-3", 2, PT_POWER_ON, PT_REFUSED ("revoked-device"));
}

static void
test_registrations_together (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *first = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, at);
  g_autofree char *revoked = pt_world_device (world, "east", "tx-3", PT_STATUS_REVOKED, at + 1);
  g_autofree char *other = pt_world_device (world, "east", "tx-4", PT_STATUS_ACTIVE, at);
  g_autofree char *all = g_strjoin ("\n", first, first, revoked, other, first, NULL);

  pt_world_expect (world, &pt_kind_registration, all,
                   "{\"accepted\":3,\"duplicate\":1,\"rejected\":[{\"line\":5,\"error\":\"stale-"
                   "entry\"}]}");
  pt_world_report_now (world, "tx-3", 1, PT_POWER_ON, PT_REFUSED ("revoked-device"));
  pt_world_report_now (world, "tx-4", 1, PT_POWER_ON, PT_ACCEPTED);
  pt_world_restart (world, FALSE);
  pt_world_report_now (world, "tx-3", 1, PT_POWER_ON, PT_REFUSED ("revoked-device"));
  pt_world_report_now (world, "tx-4", 2, PT_POWER_ON, PT_ACCEPTED);
}

static void
test_officials (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *first = pt_world_official (world, "east", "officer-1", at);
  g_autofree char *newer = pt_world_official (world, "east", "officer-1", at + 1);

  pt_world_expect (world, &pt_kind_registration, first, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, first, PT_DUPLICATE);
  pt_world_restart (world, TRUE);
  pt_world_expect (world, &pt_kind_registration, first, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_registration, newer, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, first, PT_REFUSED ("stale-entry"));
}

/* The newest is the group's, where it has one: what the log says already is old beside that. */
static void
test_known_after_newer (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *first = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, at);
  g_autofree char *newer = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, at + 1);
  g_autofree char *all = g_strjoin ("\n", first, newer, first, newer, NULL);

  pt_world_expect (world, &pt_kind_registration, first, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, all,
                   "{\"accepted\":1,\"duplicate\":2,\"rejected\":[{\"line\":3,\"error\":\"stale-"
                   "entry\"}]}");
}

/* Devices and officials may have the same name; officials in two areas, too. */
static void
test_names_apart (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *device = pt_world_device (world, "east", "both", PT_STATUS_ACTIVE, at);
  g_autofree char *official = pt_world_official (world, "east", "both", at);
  g_autofree char *other = pt_world_official (world, "west", "both", at);
  g_autofree char *after = pt_world_official (world, "east", "z-last", at);
  g_autofree char *all = g_strjoin ("\n", device, official, other, after, NULL);

  pt_world_add_area (world, "west");
  pt_world_expect (world, &pt_kind_registration, all,
                   "{\"accepted\":4,\"duplicate\":0,\"rejected\":[]}");
  pt_world_expect (world, &pt_kind_registration, all,
                   "{\"accepted\":0,\"duplicate\":4,\"rejected\":[]}");
  pt_world_restart (world, TRUE);
  pt_world_expect (world, &pt_kind_registration, all,
                   "{\"accepted\":0,\"duplicate\":4,\"rejected\":[]}");
}

/* A store that can't show what is registered does not make a repetition stale. */
static void
test_read_fails (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *device = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, at);
  g_autofree char *official = pt_world_official (world, "east", "officer-1", at);
  g_autofree char *fresh = pt_world_device (world, "east", "tx-4", PT_STATUS_ACTIVE, at);
  g_autofree char *both = g_strjoin ("\n", device, official, NULL);
  g_autofree char *all = g_strjoin ("\n", device, official, fresh, NULL);

  pt_world_expect (world, &pt_kind_registration, both,
                   "{\"accepted\":2,\"duplicate\":0,\"rejected\":[]}");
  pt_switch_store (world->store);
  pt_switch_reads (TRUE, FALSE);
  pt_world_expect (world, &pt_kind_registration, all,
                   "{\"accepted\":1,\"duplicate\":0,\"rejected\":[{\"line\":1,\"error\":\"busy\"},"
                   "{\"line\":2,\"error\":\"busy\"}]}");
  pt_world_assert_health (world, PT_HEALTH_WAITS, "told to fail reads");
  pt_switch_reads (FALSE, FALSE);
  pt_world_expect (world, &pt_kind_registration, all,
                   "{\"accepted\":0,\"duplicate\":3,\"rejected\":[]}");
  pt_unswitch_store (world->store);
}

static void
test_reads_hold_no_lock (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *device = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, at);
  g_autofree char *official = pt_world_official (world, "east", "officer-1", at);
  const char *lines[] = { device, official };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      PtTicket *ticket;

      pt_world_expect (world, &pt_kind_registration, lines[i], PT_ACCEPTED);
      pt_switch_store (world->store);
      pt_switch_reads (FALSE, TRUE);
      ticket = pt_world_push (world, &pt_kind_registration, lines[i]);
      pt_await_waiting_read ();
      g_assert_true (pt_door_try_write (&world->pipeline->directory->door));
      pt_door_end_write (&world->pipeline->directory->door);
      pt_switch_reads (FALSE, FALSE);
      pt_world_expect_answer (ticket, PT_DUPLICATE);
      pt_unswitch_store (world->store);
    }
}

#define ADD(name, memory, func)                                                                    \
  g_test_add ("/kind-registration/" name, Fixture, memory, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("registrations", NULL, test_registrations);
  ADD ("registrations-together", NULL, test_registrations_together);
  ADD ("officials", NULL, test_officials);
  ADD ("known-after-newer", NULL, test_known_after_newer);
  ADD ("known-after-newer-in-memory", "memory", test_known_after_newer);
  ADD ("names-apart", NULL, test_names_apart);
  ADD ("names-apart-in-memory", "memory", test_names_apart);
  ADD ("read-fails", NULL, test_read_fails);
  ADD ("read-fails-in-memory", "memory", test_read_fails);
  ADD ("reads-hold-no-lock", NULL, test_reads_hold_no_lock);
  ADD ("reads-hold-no-lock-in-memory", "memory", test_reads_hold_no_lock);
  return g_test_run ();
}
