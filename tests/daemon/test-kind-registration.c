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

/* Anybody may say again what is public: the store is not asked for it. */
static void
test_asks_no_store (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = pt_world_now (world);
  g_autofree char *device = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, at);
  g_autofree char *official = pt_world_official (world, "east", "officer-1", at);
  g_autofree char *other = pt_world_device (world, "east", "tx-3", PT_STATUS_REVOKED, at);
  g_autofree char *both = g_strjoin ("\n", device, official, NULL);

  pt_world_expect (world, &pt_kind_registration, both,
                   "{\"accepted\":2,\"duplicate\":0,\"rejected\":[]}");
  pt_switch_store (world->store);
  pt_switch_reads (TRUE, FALSE);
  for (guint i = 0; i < 3; i++)
    pt_world_expect (world, &pt_kind_registration, both,
                     "{\"accepted\":0,\"duplicate\":2,\"rejected\":[]}");
  pt_world_expect (world, &pt_kind_registration, other, PT_REFUSED ("stale-entry"));
  pt_switch_reads (FALSE, FALSE);
  pt_unswitch_store (world->store);
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
  ADD ("asks-no-store", NULL, test_asks_no_store);
  ADD ("asks-no-store-in-memory", "memory", test_asks_no_store);
  return g_test_run ();
}
