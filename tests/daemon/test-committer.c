/* SPDX-License-Identifier: Apache-2.0 */
/* The committer: groups, a store that fails, areas. */
#include "pt-commit-fixture.h"

/* A report is verified, then its device is revoked, then the report comes to its commit. */
static void
test_revoked_meanwhile (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *revoked
      = pt_world_device (world, "east", "tx-1", PT_STATUS_REVOKED, pt_world_now (world) + 1);
  g_autofree char *report = pt_world_sign_now (world, "tx-1", 1, PT_POWER_ON);
  g_autofree char *other = pt_world_sign_now (world, "tx-2", 1, PT_POWER_ON);
  char *answers[3];
  PtTicket *tickets[3];
  PtGate gate;
  GThread *thread = pt_gate_close (&gate, world);

  tickets[0] = pt_world_push (world, &pt_kind_registration, revoked);
  g_usleep (50000); /* so that it stands before the reports */
  tickets[1] = pt_world_push (world, &pt_kind_report, report);
  tickets[2] = pt_world_push (world, &pt_kind_report, other);
  g_usleep (50000);
  pt_gate_open (&gate, thread);
  for (guint i = 0; i < 3; i++)
    answers[i] = g_strchomp (pt_world_wait (tickets[i]));
  g_assert_cmpstr (answers[0], ==, PT_ACCEPTED);
  g_assert_cmpstr (answers[1], ==, PT_REFUSED ("revoked-device"));
  g_assert_cmpstr (answers[2], ==, PT_ACCEPTED);
  for (guint i = 0; i < 3; i++)
    g_free (answers[i]);
}

/* A store that fails */

static void
check_busy (PtWorld *world, const char *lines, const PtKind *kind)
{
  g_autofree char *before = pt_world_dump (world), *after = NULL;

  pt_memory_store_fail (world->store, PT_STORE_COMMIT, PT_FAIL_NOT_PERSISTED, 0, 1);
  pt_expect_warnings ();
  pt_world_expect (world, kind, lines, PT_REFUSED ("busy"));
  pt_assert_warnings (1);
  after = pt_world_dump (world);
  g_assert_cmpstr (before, ==, after);
}

static void
test_commit_fails (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *report = pt_world_sign_now (world, "tx-1", 7, PT_POWER_OFF);
  g_autofree char *device
      = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, pt_world_now (world));
  g_autofree char *ended = pt_world_sign_now (world, "tx-1", 9, PT_POWER_ON);
  g_autofree char *late = pt_world_sign_now (world, "tx-1", 3, PT_POWER_OFF);

  check_busy (world, report, &pt_kind_report);
  pt_world_expect (world, &pt_kind_report, report, PT_ACCEPTED);
  check_busy (world, ended, &pt_kind_report);
  check_busy (world, late, &pt_kind_report);
  check_busy (world, device, &pt_kind_registration);
  pt_world_expect (world, &pt_kind_report, late, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_report, ended, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, device, PT_ACCEPTED);
  g_assert_null (pt_health_error (world->health));
  g_assert_cmpuint (pt_world_waiting (world), ==, 0);
}

/* In one group, the answers of all are busy, the duplicate's included: what it repeats is gone. */
static void
test_group_fails (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *first = pt_world_sign_now (world, "tx-1", 1, PT_POWER_OFF);
  g_autofree char *second = pt_world_sign_now (world, "tx-1", 2, PT_POWER_ON);
  g_autofree char *lines = g_strjoin ("\n", first, second, first, "{", NULL);
  g_autofree char *before = pt_world_dump (world), *after = NULL;

  pt_memory_store_fail (world->store, PT_STORE_COMMIT, PT_FAIL_NOT_PERSISTED, 0, 1);
  pt_expect_warnings ();
  pt_world_expect (world, &pt_kind_report, lines,
                   "{\"accepted\":0,\"duplicate\":0,\"rejected\":[{\"line\":1,\"error\":\"busy\"},"
                   "{\"line\":2,\"error\":\"busy\"},{\"line\":3,\"error\":\"busy\"},"
                   "{\"line\":4,\"error\":\"malformed\"}]}");
  pt_assert_warnings (1);
  after = pt_world_dump (world);
  g_assert_cmpstr (before, ==, after);
  pt_world_expect (world, &pt_kind_report, lines,
                   "{\"accepted\":2,\"duplicate\":1,\"rejected\":[{\"line\":4,\"error\":"
                   "\"malformed\"}]}");
}

/* Written, and reported as failed: nothing more is taken, and a new start knows the truth. */
static void
test_commit_fails_though_written (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *first = pt_world_sign_now (world, "tx-1", 1, PT_POWER_OFF);
  g_autofree char *second = pt_world_sign_now (world, "tx-1", 2, PT_POWER_ON);

  pt_memory_store_fail (world->store, PT_STORE_COMMIT, PT_FAIL_PERSISTED, 0, 1);
  pt_expect_warnings ();
  pt_world_expect (world, &pt_kind_report, first, PT_REFUSED ("busy"));
  g_assert_null (pt_health_error (world->health));
  pt_world_expect (world, &pt_kind_report, second, PT_REFUSED ("busy"));
  g_assert_error (pt_health_error (world->health), PT_ERROR, PT_ERROR_STOP);
  pt_world_expect (world, &pt_kind_report, first, PT_REFUSED ("busy"));
  pt_assert_warnings (3);
  pt_world_restart (world, TRUE);
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_report, second, PT_DUPLICATE);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
}

/* Areas */

static void
test_areas (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autoptr (GError) error = NULL;
  gboolean created = TRUE;

  g_assert_true (pt_committer_add_area (world->pipeline->committer, "east",
                                        world->authority.signer.public_key,
                                        world->service.signer.public_key, &created, &error));
  g_assert_no_error (error);
  g_assert_false (created);
  g_assert_false (pt_committer_add_area (world->pipeline->committer, "east",
                                         world->service.signer.public_key,
                                         world->service.signer.public_key, &created, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  pt_world_add_area (world, "west");
  pt_world_restart (world, TRUE);
  pt_world_add_device (world, "west", "tx-1");
  g_assert_cmpuint (pt_registry_area_count (world->pipeline->directory->registry), ==, 2);
}

#define ADD(name, memory, func)                                                                    \
  g_test_add ("/committer/" name, Fixture, memory, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pt_catch_warnings ();
  ADD ("revoked-meanwhile", NULL, test_revoked_meanwhile);
  ADD ("commit-fails", "memory", test_commit_fails);
  ADD ("group-fails", "memory", test_group_fails);
  ADD ("commit-fails-though-written", "memory", test_commit_fails_though_written);
  ADD ("areas", NULL, test_areas);
  return g_test_run ();
}
