/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: counters, repetitions and clones, evidence. */
#include "pt-commit-fixture.h"

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
  gint64 at = pt_world_now (world);
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
  g_assert_cmpint (pt_world_query_integer (world, "select count(*) from entries where seq = 5"), ==,
                   1);
  /* Two of the clones prove it; what is badly signed is no evidence. */
  g_assert_cmpint (pt_world_query_integer (world, "select count(*) from evidence"), ==, 2);
}

/* After a broken signature over a counter that was never used, the counter is still free. */
static void
test_forgery_takes_nothing (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *good = pt_world_sign_now (world, "tx-1", 1, PT_POWER_ON);
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

static guint64
latest_order (PtWorld *world)
{
  PtRegistry *registry = world->pipeline->directory->registry;
  PtDevice *device = pt_registry_device (pt_registry_area_at (registry, 0), pt_span ("tx-1", 4));

  return device->history.latest.order;
}

/* Where the report with the highest counter stands in the log is known as the auditor knows it, and
 * after a restart, too: what devices say of a resolve hangs on it. */
static void
test_order (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  guint64 first;

  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  first = latest_order (world);
  g_assert_cmpuint (first, >, 0);
  pt_world_report_now (world, "tx-1", 3, PT_POWER_OFF, PT_ACCEPTED);
  g_assert_cmpuint (latest_order (world), ==, first + 1);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_ON, PT_ACCEPTED); /* late */
  g_assert_cmpuint (latest_order (world), ==, first + 1);
  pt_world_restart (world, TRUE);
  g_assert_cmpuint (latest_order (world), ==, first + 1);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  pt_world_restart (world, FALSE);
  g_assert_cmpuint (latest_order (world), ==, first + 1);
}

/* A cloned key that floods: each is refused, and as much is kept as proves it. */
static void
test_evidence_bound (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autoptr (GString) clones = g_string_new (NULL), reports = g_string_new (NULL);
  g_autofree char *answer = NULL;
  gint64 at = pt_world_now (world);

  for (gint64 seq = 1; seq <= 100; seq++)
    {
      g_autofree char *report = pt_world_report (world, "east", "tx-1", seq, at, PT_POWER_ON, NULL);

      g_string_append_printf (reports, "%s\n", report);
      for (guint i = 0; i < 3; i++)
        {
          g_autofree char *clone
              = pt_world_report (world, "east", "tx-1", seq, at - i, PT_POWER_OFF, NULL);

          g_string_append_printf (clones, "%s\n", clone);
        }
    }
  pt_world_expect (world, &pt_kind_report, reports->str,
                   "{\"accepted\":100,\"duplicate\":0,\"rejected\":[]}");
  answer = pt_world_submit (world, &pt_kind_report, clones->str);
  g_assert_true (g_str_has_prefix (answer, "{\"accepted\":0,\"duplicate\":0,"));
  g_assert_nonnull (strstr (answer, "{\"line\":300,\"error\":\"stale-seq\"}"));
  g_assert_cmpuint (pt_world_evidence (world), ==, 64);
  pt_world_expect (world, &pt_kind_report, clones->str, answer);
  g_assert_cmpuint (pt_world_evidence (world), ==, 64);
}

/* Repetitions and clones are told without a look at the store or the batch files: anybody can hand
 * in copies of what is public. */
static void
check_told_without_reading (PtWorld *world, const char *all, const char *answer)
{
  pt_switch_store (world->store);
  pt_switch_reads (TRUE, FALSE);
  pt_world_expect (world, &pt_kind_report, all, answer);
  pt_switch_reads (FALSE, FALSE);
  pt_unswitch_store (world->store);
}

static void
test_reads_nothing (Fixture *fixture, gconstpointer data)
{
  static const char answer[]
      = "{\"accepted\":0,\"duplicate\":2,\"rejected\":[{\"line\":3,\"error\":\"stale-seq\"},"
        "{\"line\":4,\"error\":\"bad-signature\"}]}";
  PtWorld *world = fixture->world;
  g_autofree char *blocks = g_build_filename (world->path, "blocks", NULL);
  g_autofree char *away = g_build_filename (world->path, "away", NULL);
  g_autofree char *first = pt_world_sign_now (world, "tx-1", 1, PT_POWER_ON);
  g_autofree char *copy = pt_world_break_signature (first);
  g_autofree char *clone
      = pt_world_report (world, "east", "tx-1", 1, pt_world_now (world) - 1, PT_POWER_OFF, NULL);
  g_autofree char *bad_clone = pt_world_break_signature (clone);
  g_autofree char *all = g_strjoin ("\n", first, copy, clone, bad_clone, NULL);

  pt_world_expect (world, &pt_kind_report, first, PT_ACCEPTED);
  check_told_without_reading (world, all, answer);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  g_assert_cmpint (g_rename (blocks, away), ==, 0);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_ON, PT_ACCEPTED); /* the tail forgets the first */
  check_told_without_reading (world, all, answer);
  g_assert_cmpuint (pt_world_evidence (world), ==, 1); /* the same one twice */
  g_assert_cmpint (g_rename (away, blocks), ==, 0);
}

/* While a damaged index is not made again, nobody's acknowledged report is called a clone's. */
static void
test_index_lost (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  PtEntryIndex *index = pt_archive_index (world->pipeline->archive);
  g_autofree char *first = pt_world_sign_now (world, "tx-1", 1, PT_POWER_ON);
  g_autofree char *clone
      = pt_world_report (world, "east", "tx-1", 1, pt_world_now (world) - 1, PT_POWER_OFF, NULL);
  g_autofree char *path = g_build_filename (world->path, "index", "0.0-3.run", NULL);

  pt_world_expect (world, &pt_kind_report, first, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_ON, PT_ACCEPTED); /* the tail forgets the first */
  g_assert_true (g_file_set_contents (path, "lost", -1, NULL));
  g_assert_cmpuint (pt_entry_index_check (index, 0, NULL, NULL), ==, 1);
  pt_world_expect (world, &pt_kind_report, first, PT_REFUSED ("busy"));
  pt_world_expect (world, &pt_kind_report, clone, PT_REFUSED ("busy"));
  g_assert_cmpuint (pt_world_seal (world), ==, 1); /* which makes it again */
  pt_world_expect (world, &pt_kind_report, first, PT_DUPLICATE);
  pt_world_expect (world, &pt_kind_report, clone, PT_REFUSED ("stale-seq"));
}

/* A copy is no repetition of what the disk did not take: what is told goes by what is durable. */
static void
test_copy_of_what_fails (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *first = pt_world_sign_now (world, "tx-1", 1, PT_POWER_ON);
  g_autofree char *copy = pt_world_break_signature (first);
  g_autofree char *both = g_strjoin ("\n", first, copy, NULL);

  pt_switch_store (world->store);
  pt_switched.commit = PT_COMMIT_WRITES_NOTHING;
  pt_world_expect (world, &pt_kind_report, first, PT_REFUSED ("busy"));
  pt_unswitch_store (world->store);
  pt_world_expect (world, &pt_kind_report, copy, PT_REFUSED ("bad-signature"));
  pt_world_expect (world, &pt_kind_report, both,
                   "{\"accepted\":1,\"duplicate\":0,\"rejected\":[{\"line\":2,\"error\":\"bad-"
                   "signature\"}]}");
}

/* One report twice and its clone, all verified before any of them is in the
 * log: the group's later lines see its earlier ones. */
static void
test_one_group (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *first = pt_world_sign_now (world, "tx-1", 1, PT_POWER_ON);
  g_autofree char *clone
      = pt_world_report (world, "east", "tx-1", 1, pt_world_now (world) - 1, PT_POWER_OFF, NULL);
  PtSubmission *submissions[3];
  PtTicket *tickets[3];
  GThread *thread;
  PtGate gate;

  submissions[0] = pt_world_verify (world, &pt_kind_report, first);
  submissions[1] = pt_world_verify (world, &pt_kind_report, first);
  submissions[2] = pt_world_verify (world, &pt_kind_report, clone);
  thread = pt_gate_close (&gate, world);
  for (guint i = 0; i < G_N_ELEMENTS (tickets); i++)
    tickets[i] = pt_world_push_verified (world, submissions[i]);
  pt_gate_open (&gate, thread);
  pt_world_expect_answer (tickets[0], PT_ACCEPTED);
  pt_world_expect_answer (tickets[1], PT_DUPLICATE);
  pt_world_expect_answer (tickets[2], PT_REFUSED ("stale-seq"));
  g_assert_cmpuint (pt_world_evidence (world), ==, 1);
}

#define ADD(name, memory, func)                                                                    \
  g_test_add ("/kind-report/" name, Fixture, memory, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("repetitions", NULL, test_repetitions);
  ADD ("forgery-takes-nothing", NULL, test_forgery_takes_nothing);
  ADD ("window", NULL, test_window);
  ADD ("order", NULL, test_order);
  ADD ("evidence-bound", NULL, test_evidence_bound);
  ADD ("evidence-bound-in-memory", "memory", test_evidence_bound);
  ADD ("reads-nothing", NULL, test_reads_nothing);
  ADD ("reads-nothing-in-memory", "memory", test_reads_nothing);
  ADD ("index-lost", NULL, test_index_lost);
  ADD ("copy-of-what-fails", NULL, test_copy_of_what_fails);
  ADD ("one-group", NULL, test_one_group);
  ADD ("one-group-in-memory", "memory", test_one_group);
  return g_test_run ();
}
