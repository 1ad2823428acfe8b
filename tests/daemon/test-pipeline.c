/* SPDX-License-Identifier: Apache-2.0 */
/* From a client's bytes to the durable log: verifier pool, committer, histories, evidence. */
#include <sqlite3.h>

#include "pt-pipeline-fixture.h"

typedef struct
{
  PtWorld *world;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer in_memory)
{
  fixture->world = pt_world_new (in_memory != NULL ? pt_memory_store_new () : NULL);
  pt_world_add_device (fixture->world, "east", "tx-1");
  pt_world_add_device (fixture->world, "east", "tx-2");
  pt_world_advance (fixture->world, 1000);
}

static void
tear_down (Fixture *fixture, gconstpointer in_memory)
{
  pt_world_free (fixture->world);
}

static gint64
now (PtWorld *world)
{
  return pt_clock_now (world->clock);
}

static char *
report_now (PtWorld *world, const char *device, gint64 seq, PtPower power)
{
  return pt_world_report (world, "east", device, seq, now (world), power, NULL);
}

static gint64
query_integer (PtWorld *world, const char *sql)
{
  g_autofree char *path = g_build_filename (world->path, "store.sqlite", NULL);
  sqlite3_stmt *statement;
  sqlite3 *database;
  gint64 value;

  g_assert_cmpint (sqlite3_open_v2 (path, &database, SQLITE_OPEN_READONLY, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (database, sql, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  value = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (database);
  return value;
}

/* Refusals */

static void
test_slugs (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = now (world);
  g_autofree char *good = report_now (world, "tx-1", 1, PT_POWER_ON);
  g_autofree char *unknown = report_now (world, "tx-9", 1, PT_POWER_ON);
  g_autofree char *elsewhere = pt_world_report (world, "west", "tx-1", 1, at, PT_POWER_ON, NULL);
  g_autofree char *forged = pt_world_report (world, "east", "tx-1", 1, at, PT_POWER_ON,
                                             &pt_world_key (world, "tx-2")->signer);
  g_autofree char *early
      = pt_world_report (world, "east", "tx-1", 1, at + 300001, PT_POWER_ON, NULL);
  g_autofree char *old = pt_world_report (
      world, "east", "tx-1", 1, at - 7 * G_GINT64_CONSTANT (86400000) - 1, PT_POWER_ON, NULL);
  g_autofree char *spaced = g_strconcat (" ", good, NULL);
  g_autofree char *all = g_strjoin ("\n", "{", unknown, elsewhere, forged, early, old, spaced, good,
                                    "", good, "[]", NULL);
  g_autofree char *json = pt_world_submit (world, &pt_kind_report, all);

  g_assert_cmpstr (g_strchomp (json), ==,
                   "{\"accepted\":1,\"duplicate\":1,\"rejected\":["
                   "{\"line\":1,\"error\":\"malformed\"},"
                   "{\"line\":2,\"error\":\"unknown-device\"},"
                   "{\"line\":3,\"error\":\"unknown-device\"},"
                   "{\"line\":4,\"error\":\"bad-signature\"},"
                   "{\"line\":5,\"error\":\"clock-skew\"},"
                   "{\"line\":6,\"error\":\"clock-skew\"},"
                   "{\"line\":7,\"error\":\"not-canonical\"},"
                   "{\"line\":11,\"error\":\"malformed\"}]}");
  g_assert_cmpuint (pt_committer_last_entry (world->committer), ==, 3);
}

/* A repetition is told from a clone wherever the first one is: in the same group, in the store, in
 * a sealed batch, and after a restart. */
static void
check_repetitions (PtWorld *world, const char *first, gint64 seq, gint64 at)
{
  g_autofree char *again = pt_world_report (world, "east", "tx-1", seq, at, PT_POWER_OFF, NULL);
  g_autofree char *broken = pt_world_break_signature (first);
  g_autofree char *clone = pt_world_report (world, "east", "tx-1", seq, at + 1, PT_POWER_OFF, NULL);
  g_autofree char *bad_clone = pt_world_break_signature (clone);

  g_assert_cmpstr (again, !=, first); /* ECDSA draws a new nonce */
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_report, again, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_report, broken, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_report, clone, PT_REFUSED ("stale-seq"));
  pt_world_expect (world, &pt_kind_report, bad_clone, PT_REFUSED ("bad-signature"));
}

static void
test_repetitions (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = now (world);
  g_autofree char *first = pt_world_report (world, "east", "tx-1", 5, at, PT_POWER_OFF, NULL);
  g_autofree char *again = pt_world_report (world, "east", "tx-1", 5, at, PT_POWER_OFF, NULL);
  g_autofree char *clone = pt_world_report (world, "east", "tx-1", 5, at, PT_POWER_ON, NULL);
  g_autofree char *together = g_strjoin ("\n", first, again, clone, first, NULL);

  pt_world_expect (world, &pt_kind_report, together,
                   "{\"accepted\":1,\"duplicate\":2,\"rejected\":[{\"line\":3,\"error\":\"stale-"
                   "seq\"}]}");
  check_repetitions (world, first, 5, at);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  check_repetitions (world, first, 5, at);
  pt_world_restart (world, FALSE);
  check_repetitions (world, first, 5, at);
  pt_world_restart (world, TRUE);
  check_repetitions (world, first, 5, at);
  g_assert_cmpint (query_integer (world, "select count(*) from entries where seq = 5"), ==, 1);
  /* One clone in the group, one of each round; what is badly signed is no evidence. */
  g_assert_cmpint (query_integer (world, "select count(*) from evidence"), ==, 5);
}

/* After a broken signature over a counter that was never used, the counter is still free. */
static void
test_forgery_takes_nothing (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *good = report_now (world, "tx-1", 1, PT_POWER_ON);
  g_autofree char *broken = pt_world_break_signature (good);
  g_autofree char *both = g_strjoin ("\n", broken, good, broken, NULL);

  pt_world_expect (world, &pt_kind_report, broken, PT_REFUSED ("bad-signature"));
  pt_world_expect (world, &pt_kind_report, both,
                   "{\"accepted\":1,\"duplicate\":0,\"rejected\":[{\"line\":1,\"error\":\"bad-"
                   "signature\"},{\"line\":3,\"error\":\"bad-signature\"}]}");
  pt_world_expect (world, &pt_kind_report, broken, PT_DUPLICATE);
}

static void
test_window (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;

  pt_world_report_now (world, "tx-1", 10000, PT_POWER_ON, PT_ACCEPTED);
  pt_world_report_now (world, "tx-1", 10000 - 4097, PT_POWER_ON, PT_REFUSED ("stale-seq"));
  pt_world_report_now (world, "tx-1", 10000 - 4096, PT_POWER_ON, PT_ACCEPTED);
  pt_world_restart (world, TRUE);
  pt_world_report_now (world, "tx-1", 10000 - 4097, PT_POWER_ON, PT_REFUSED ("stale-seq"));
  pt_world_report_now (world, "tx-1", 10000 - 4095, PT_POWER_ON, PT_ACCEPTED);
}

/* Registrations */

static void
test_registrations (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 at = now (world);
  g_autofree char *first = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, at);
  g_autofree char *resigned = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, at);
  g_autofree char *revoked = pt_world_device (world, "east", "tx-3", PT_STATUS_REVOKED, at + 1);
  g_autofree char *same_time = pt_world_device (world, "east", "tx-3", PT_STATUS_REVOKED, at);
  g_autofree char *elsewhere = pt_world_device (world, "west", "tx-3", PT_STATUS_ACTIVE, at);
  g_autofree char *broken = pt_world_break_signature (first);
  g_autofree char *report = report_now (world, "tx-3", 1, PT_POWER_ON);

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
  gint64 at = now (world);
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
  gint64 at = now (world);
  g_autofree char *first = pt_world_official (world, "east", "officer-1", at);
  g_autofree char *newer = pt_world_official (world, "east", "officer-1", at + 1);

  pt_world_expect (world, &pt_kind_registration, first, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, first, PT_DUPLICATE);
  pt_world_restart (world, TRUE);
  pt_world_expect (world, &pt_kind_registration, first, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_registration, newer, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, first, PT_REFUSED ("stale-entry"));
}

/* Runs between two groups: while it does, what is handed in is verified and waits. */
typedef struct
{
  GMutex lock;
  GCond changed;
  gboolean entered, released;
  PtWorld *world;
} Gate;

static void
gate_hold (gpointer data, gpointer user_data)
{
  Gate *gate = data;

  g_mutex_lock (&gate->lock);
  gate->entered = TRUE;
  g_cond_broadcast (&gate->changed);
  while (!gate->released)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

static gpointer
gate_thread (gpointer data)
{
  pt_committer_run (((Gate *) data)->world->committer, gate_hold, data);
  return NULL;
}

static GThread *
gate_close (Gate *gate, PtWorld *world)
{
  GThread *thread;

  *gate = (Gate){ .world = world };
  g_mutex_init (&gate->lock);
  g_cond_init (&gate->changed);
  thread = g_thread_new ("gate", gate_thread, gate);
  g_mutex_lock (&gate->lock);
  while (!gate->entered)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
  return thread;
}

static void
gate_open (Gate *gate, GThread *thread)
{
  g_mutex_lock (&gate->lock);
  gate->released = TRUE;
  g_cond_broadcast (&gate->changed);
  g_mutex_unlock (&gate->lock);
  g_thread_join (thread);
  g_mutex_clear (&gate->lock);
  g_cond_clear (&gate->changed);
}

/* A report is verified, then its device is revoked, then the report comes to its commit. */
static void
test_revoked_meanwhile (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *revoked
      = pt_world_device (world, "east", "tx-1", PT_STATUS_REVOKED, now (world) + 1);
  g_autofree char *report = report_now (world, "tx-1", 1, PT_POWER_ON);
  g_autofree char *other = report_now (world, "tx-2", 1, PT_POWER_ON);
  char *answers[3];
  PtTicket *tickets[3];
  Gate gate;
  GThread *thread = gate_close (&gate, world);

  tickets[0] = pt_world_push (world, &pt_kind_registration, revoked);
  g_usleep (50000); /* so that it stands before the reports */
  tickets[1] = pt_world_push (world, &pt_kind_report, report);
  tickets[2] = pt_world_push (world, &pt_kind_report, other);
  g_usleep (50000);
  gate_open (&gate, thread);
  for (guint i = 0; i < 3; i++)
    answers[i] = g_strchomp (pt_world_wait (tickets[i]));
  g_assert_cmpstr (answers[0], ==, PT_ACCEPTED);
  g_assert_cmpstr (answers[1], ==, PT_REFUSED ("revoked-device"));
  g_assert_cmpstr (answers[2], ==, PT_ACCEPTED);
  for (guint i = 0; i < 3; i++)
    g_free (answers[i]);
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
                                  " %u %" G_GINT64_FORMAT " 7\n",
                                  start, PT_WORLD_START + start * 100, i + 1,
                                  PT_WORLD_START + (i + 1) * G_GINT64_CONSTANT (100));
          start = 0;
        }
    }
  if (start != 0)
    g_string_append_printf (text, "outage 0 %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " 0 0 7\n",
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
  pt_clock_manual_set (world->clock, now (world) - 500);
  pt_world_start (world);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_ON, PT_ACCEPTED);
  g_assert_cmpint (query_integer (world, "select max(received) - min(received) from entries"
                                         " where seq > 0"),
                   ==, 0);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
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
  g_autofree char *report = report_now (world, "tx-1", 7, PT_POWER_OFF);
  g_autofree char *device = pt_world_device (world, "east", "tx-3", PT_STATUS_ACTIVE, now (world));
  g_autofree char *ended = report_now (world, "tx-1", 9, PT_POWER_ON);
  g_autofree char *late = report_now (world, "tx-1", 3, PT_POWER_OFF);

  check_busy (world, report, &pt_kind_report);
  pt_world_expect (world, &pt_kind_report, report, PT_ACCEPTED);
  check_busy (world, ended, &pt_kind_report);
  check_busy (world, late, &pt_kind_report);
  check_busy (world, device, &pt_kind_registration);
  pt_world_expect (world, &pt_kind_report, late, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_report, ended, PT_ACCEPTED);
  pt_world_expect (world, &pt_kind_registration, device, PT_ACCEPTED);
  g_assert_null (pt_health_error (world->health));
  g_assert_cmpuint (pt_verifier_pool_waiting (world->pool), ==, 0);
}

/* In one group, the answers of all are busy, the duplicate's included: what it repeats is gone. */
static void
test_group_fails (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *first = report_now (world, "tx-1", 1, PT_POWER_OFF);
  g_autofree char *second = report_now (world, "tx-1", 2, PT_POWER_ON);
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
  g_autofree char *first = report_now (world, "tx-1", 1, PT_POWER_OFF);
  g_autofree char *second = report_now (world, "tx-1", 2, PT_POWER_ON);

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

  g_assert_true (pt_committer_add_area (world->committer, "east",
                                        world->authority.signer.public_key,
                                        world->service.signer.public_key, &created, &error));
  g_assert_no_error (error);
  g_assert_false (created);
  g_assert_false (pt_committer_add_area (world->committer, "east", world->service.signer.public_key,
                                         world->service.signer.public_key, &created, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  pt_world_add_area (world, "west");
  pt_world_restart (world, TRUE);
  pt_world_add_device (world, "west", "tx-1");
  g_assert_cmpuint (pt_registry_area_count (world->directory->registry), ==, 2);
}

#define ADD(name, memory, func)                                                                    \
  g_test_add ("/pipeline/" name, Fixture, memory, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pt_catch_warnings ();
  ADD ("slugs", NULL, test_slugs);
  ADD ("repetitions", NULL, test_repetitions);
  ADD ("forgery-takes-nothing", NULL, test_forgery_takes_nothing);
  ADD ("window", NULL, test_window);
  ADD ("registrations", NULL, test_registrations);
  ADD ("registrations-together", NULL, test_registrations_together);
  ADD ("officials", NULL, test_officials);
  ADD ("revoked-meanwhile", NULL, test_revoked_meanwhile);
  ADD ("restarts", NULL, test_restarts);
  ADD ("restarts-in-memory", "memory", test_restarts);
  ADD ("clock-goes-back", NULL, test_clock_goes_back);
  ADD ("commit-fails", "memory", test_commit_fails);
  ADD ("group-fails", "memory", test_group_fails);
  ADD ("commit-fails-though-written", "memory", test_commit_fails_though_written);
  ADD ("areas", NULL, test_areas);
  return g_test_run ();
}
