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
  PtSubmission *submissions[3];
  PtTicket *tickets[3];
  GThread *thread;
  PtGate gate;

  submissions[0] = pt_world_verify (world, &pt_kind_registration, revoked);
  submissions[1] = pt_world_verify (world, &pt_kind_report, report);
  submissions[2] = pt_world_verify (world, &pt_kind_report, other);
  thread = pt_gate_close (&gate, world);
  for (guint i = 0; i < G_N_ELEMENTS (tickets); i++)
    tickets[i] = pt_world_push_verified (world, submissions[i]);
  pt_gate_open (&gate, thread);
  pt_world_expect_answer (tickets[0], PT_ACCEPTED);
  pt_world_expect_answer (tickets[1], PT_REFUSED ("revoked-device"));
  pt_world_expect_answer (tickets[2], PT_ACCEPTED);
}

/* Its key was changed: what the old one signed does not hold any more. */
static void
test_new_key_meanwhile (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *report = pt_world_sign_now (world, "tx-1", 1, PT_POWER_ON);
  PtSubmission *submission = pt_world_verify (world, &pt_kind_report, report);
  g_autofree char *renewed = NULL, *again = NULL;

  g_hash_table_remove (world->keys, "tx-1");
  renewed = pt_world_device (world, "east", "tx-1", PT_STATUS_ACTIVE, pt_world_now (world) + 1);
  pt_world_expect (world, &pt_kind_registration, renewed, PT_ACCEPTED);
  pt_world_expect_answer (pt_world_push_verified (world, submission), PT_REFUSED ("bad-signature"));
  again = pt_world_sign_now (world, "tx-1", 1, PT_POWER_ON);
  pt_world_expect (world, &pt_kind_report, again, PT_ACCEPTED);
}

/* Groups */

/* One report of the device and @lines - 1 lines that are none. */
static PtSubmission *
large_submission (PtWorld *world, const char *device, guint lines)
{
  g_autofree char *report = pt_world_sign_now (world, device, 1, PT_POWER_ON);
  g_autoptr (GString) text = g_string_new (report);

  for (guint i = 1; i < lines; i++)
    g_string_append (text, "\n{");
  return pt_world_verify (world, &pt_kind_report, text->str);
}

/* What waits goes into as few groups as hold it: at most 10,000 lines each, no submission split,
 * registrations by themselves. */
static void
test_groups (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *device
      = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, pt_world_now (world));
  PtSubmission *submissions[6];
  PtTicket *tickets[6];
  GThread *thread;
  PtGate gate;

  for (guint i = 4; i <= 6; i++)
    {
      g_autofree char *name = g_strdup_printf ("tx-%u", i);

      pt_world_add_device (world, "east", name);
    }
  submissions[0] = large_submission (world, "tx-1", 5000);
  submissions[1] = large_submission (world, "tx-2", 5000);
  submissions[2] = large_submission (world, "tx-4", PT_SUBMISSION_LINES_MAX);
  submissions[3] = large_submission (world, "tx-5", 1);
  submissions[4] = pt_world_verify (world, &pt_kind_registration, device);
  submissions[5] = large_submission (world, "tx-6", 1);
  pt_switch_store (world->store);
  thread = pt_gate_close (&gate, world);
  for (guint i = 0; i < G_N_ELEMENTS (tickets); i++)
    tickets[i] = pt_world_push_verified (world, submissions[i]);
  pt_gate_open (&gate, thread);
  for (guint i = 0; i < G_N_ELEMENTS (tickets); i++)
    {
      g_autofree char *answer = pt_world_wait (tickets[i]);

      g_assert_true (g_str_has_prefix (answer, "{\"accepted\":1,"));
    }
  g_assert_cmpuint (pt_switched.commits, ==, 5);
  pt_unswitch_store (world->store);
}

/* What waits when the daemon ends is committed and answered. */
static void
test_end (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtTicket *tickets[20];

  for (guint i = 0; i < G_N_ELEMENTS (tickets); i++)
    {
      g_autofree char *report = pt_world_sign_now (world, "tx-1", i + 1, PT_POWER_ON);

      tickets[i] = pt_world_push (world, &pt_kind_report, report);
    }
  pt_world_restart (world, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (tickets); i++)
    pt_world_expect_answer (tickets[i], PT_ACCEPTED);
  pt_world_report_now (world, "tx-1", 20, PT_POWER_OFF, PT_REFUSED ("stale-seq"));
}

/* A store that fails */

static void
check_busy (PtWorld *world, const char *lines, const PtKind *kind)
{
  g_autofree char *before = pt_world_dump (world), *after = NULL;

  pt_switched.commit = PT_COMMIT_WRITES_NOTHING;
  pt_world_expect (world, kind, lines, PT_REFUSED ("busy"));
  pt_world_assert_health (world, PT_HEALTH_WAITS, "was not committed: The store was told");
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

  pt_switch_store (world->store);
  check_busy (world, report, &pt_kind_report);
  pt_world_expect (world, &pt_kind_report, "{", PT_REFUSED ("malformed")); /* shows nothing */
  pt_world_assert_health (world, PT_HEALTH_WAITS, "was not committed");
  pt_world_expect (world, &pt_kind_report, report, PT_ACCEPTED);
  pt_world_assert_health (world, PT_HEALTH_WELL, "");
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

  pt_switch_store (world->store);
  pt_switched.commit = PT_COMMIT_WRITES_NOTHING;
  pt_world_expect (world, &pt_kind_report, lines,
                   "{\"accepted\":0,\"duplicate\":0,\"rejected\":[{\"line\":1,\"error\":\"busy\"},"
                   "{\"line\":2,\"error\":\"busy\"},{\"line\":3,\"error\":\"busy\"},"
                   "{\"line\":4,\"error\":\"malformed\"}]}");
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

  pt_switch_store (world->store);
  pt_switched.commit = PT_COMMIT_WRITES_AND_FAILS;
  pt_world_expect (world, &pt_kind_report, first, PT_REFUSED ("busy"));
  g_assert_null (pt_health_error (world->health));
  pt_world_expect (world, &pt_kind_report, second, PT_REFUSED ("busy"));
  g_assert_error (pt_health_error (world->health), PT_ERROR, PT_ERROR_STOP);
  pt_world_expect (world, &pt_kind_report, first, PT_REFUSED ("busy"));
  pt_world_assert_health (world, PT_HEALTH_STOPS, "does not end at entry");
  pt_world_restart (world, TRUE);
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_report, second, PT_ACCEPTED); /* its tails were a hindrance */
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
}

/* Where the store learnt that it was written after all, a new life is all that it takes. */
static void
test_commit_comes_late (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *first = pt_world_sign_now (world, "tx-1", 1, PT_POWER_OFF);
  g_autofree char *second = pt_world_sign_now (world, "tx-1", 2, PT_POWER_ON);

  pt_switch_store (world->store);
  pt_switched.came_late = TRUE;
  pt_switched.commit = PT_COMMIT_WRITES_AND_FAILS;
  pt_world_expect (world, &pt_kind_report, first, PT_REFUSED ("busy"));
  pt_world_expect (world, &pt_kind_report, second, PT_REFUSED ("busy"));
  g_assert_error (pt_health_error (world->health), PT_ERROR, PT_ERROR_RETRY);
  pt_world_restart (world, TRUE);
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_report, second, PT_ACCEPTED);
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

/* Recovery */

static void
assert_damaged (PtWorld *world, const PtEntryRow *row, const char *body)
{
  g_autoptr (GError) error = NULL;
  PtEntryRow damaged = *row;

  damaged.body = body;
  damaged.size = strlen (body);
  g_assert_false (pt_committer_recover (world->pipeline->committer, &damaged, FALSE, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
}

/* The stored form of a signed entry, received now. */
static char *
stored_form (PtWorld *world, const char *line)
{
  char stored[2048];
  PtEntry entry;
  gsize size;

  g_assert_cmpint (pt_entry_parse (pt_text (line), PT_ENTRY_SIGNED, &entry), ==, PT_OK);
  g_assert_cmpint (pt_entry_store (&entry, pt_world_now (world), stored, sizeof stored, &size), ==,
                   PT_OK);
  return g_strndup (stored, size);
}

/* An entry that can't have been committed stops the start; it is not passed over. */
static void
test_recover_damaged (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *line = pt_world_sign_now (world, "tx-1", 1, PT_POWER_ON);
  g_autofree char *stored = stored_form (world, line);
  PtEntryRow row = {
    .number = 3, .subject = pt_subject_device (0), .seq = 1, .body = stored, .size = strlen (stored)
  };
  g_autoptr (GError) error = NULL;

  assert_damaged (world, &row, line); /* without "received" */
  assert_damaged (world, &row, "");
  row.subject = pt_subject_device (7);
  assert_damaged (world, &row, stored);
  row.subject = pt_subject_official (0);
  assert_damaged (world, &row, stored);
  row.subject = pt_subject_device (0);
  g_assert_true (pt_committer_recover (world->pipeline->committer, &row, FALSE, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (pt_committer_unsealed (world->pipeline->committer, pt_subject_device (0), 1),
                    ==, 3);
  assert_damaged (world, &row, stored); /* its counter twice */
  g_assert_true (pt_committer_recover (world->pipeline->committer, &row, TRUE, &error));
  g_assert_no_error (error);
}

#define ADD(name, memory, func)                                                                    \
  g_test_add ("/committer/" name, Fixture, memory, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("revoked-meanwhile", NULL, test_revoked_meanwhile);
  ADD ("revoked-meanwhile-in-memory", "memory", test_revoked_meanwhile);
  ADD ("new-key-meanwhile", NULL, test_new_key_meanwhile);
  ADD ("new-key-meanwhile-in-memory", "memory", test_new_key_meanwhile);
  ADD ("groups", NULL, test_groups);
  ADD ("groups-in-memory", "memory", test_groups);
  ADD ("end", NULL, test_end);
  ADD ("end-in-memory", "memory", test_end);
  ADD ("commit-fails", NULL, test_commit_fails);
  ADD ("commit-fails-in-memory", "memory", test_commit_fails);
  ADD ("group-fails", NULL, test_group_fails);
  ADD ("group-fails-in-memory", "memory", test_group_fails);
  ADD ("commit-fails-though-written", NULL, test_commit_fails_though_written);
  ADD ("commit-comes-late", NULL, test_commit_comes_late);
  ADD ("commit-fails-though-written-in-memory", "memory", test_commit_fails_though_written);
  ADD ("areas", NULL, test_areas);
  ADD ("areas-in-memory", "memory", test_areas);
  ADD ("recover-damaged", NULL, test_recover_damaged);
  return g_test_run ();
}
