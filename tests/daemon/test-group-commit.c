/* SPDX-License-Identifier: Apache-2.0 */
/* Group commits without the thread: what is known after which step, and what a further kind of
 * entry needs of them. */
#include "pt-commit-fixture.h"
#include "pt-group-commit.h"

typedef struct
{
  Fixture base;
  PtLogState log;
  PtNews *news;
  PtLive *live;
  PtGroupCommit *commit;
} CommitFixture;

static void
commit_set_up (CommitFixture *fixture, gconstpointer in_memory)
{
  PtWorld *world;

  set_up (&fixture->base, in_memory);
  world = fixture->base.world;
  pt_switch_store (world->store);
  pt_log_state_init (&fixture->log, world->store, NULL, world->pipeline->directory);
  pt_log_state_area (&fixture->log, 0)->tail = 2; /* the devices of set_up () */
  fixture->news = pt_news_new ();
  fixture->live = pt_live_new (world->pipeline->directory, world->store, world->clock, 3600000,
                               fixture->news);
  fixture->commit = pt_group_commit_new (&fixture->log, fixture->live);
}

static void
commit_tear_down (CommitFixture *fixture, gconstpointer in_memory)
{
  pt_group_commit_free (fixture->commit);
  pt_log_state_clear (&fixture->log);
  pt_live_free (fixture->live);
  pt_news_free (fixture->news);
  pt_unswitch_store (fixture->base.world->store);
  tear_down (&fixture->base, in_memory);
}

static gboolean
commit_run (CommitFixture *fixture, GPtrArray *submissions, GError **error)
{
  return pt_group_commit_run (fixture->commit, submissions, pt_world_now (fixture->base.world),
                              error);
}

/* Verifies and commits one submission; it must be answered with @wanted. */
static void
commit_expect (CommitFixture *fixture, const PtKind *kind, const char *lines, const char *wanted)
{
  g_autoptr (GPtrArray) submissions
      = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_submission_free);
  g_autofree char *json = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (submissions, pt_world_verify (fixture->base.world, kind, lines));
  commit_run (fixture, submissions, &error);
  g_assert_no_error (error);
  json = pt_submission_to_json (submissions->pdata[0]);
  g_assert_cmpstr (json, ==, wanted);
}

static PtSite
site_of (CommitFixture *fixture, const char *name)
{
  PtArea *area = pt_registry_area_at (fixture->log.directory->registry, 0);
  PtSite out;

  pt_live_site (fixture->live, g_hash_table_lookup (area->sites, name),
                pt_world_now (fixture->base.world), &out);
  return out;
}

static void
report_at (CommitFixture *fixture, gint64 seq, gint64 ts, PtPower power)
{
  g_autofree char *line
      = pt_world_report (fixture->base.world, "east", "tx-1", seq, ts, power, NULL);

  commit_expect (fixture, &pt_kind_report, line, PT_ACCEPTED);
}

/* Whoever has an answer finds what it says; the store is asked about late ones only afterwards. */
static void
test_live (CommitFixture *fixture, gconstpointer data)
{
  gint64 at = pt_world_now (fixture->base.world);

  report_at (fixture, 1, at - 100, PT_POWER_OFF);
  g_assert_cmpint (site_of (fixture, "tx-1").state, ==, PT_SITE_OFF);
  g_assert_cmpint (site_of (fixture, "tx-1").since, ==, at - 100);
  report_at (fixture, 3, at - 50, PT_POWER_ON);
  g_assert_cmpint (site_of (fixture, "tx-1").state, ==, PT_SITE_ON);
  g_assert_cmpint (site_of (fixture, "tx-1").since, ==, at - 50);
  pt_group_commit_tell_late (fixture->commit);
  g_assert_cmpuint (pt_switched.outage_reads, ==, 0);
  report_at (fixture, 2, at - 80, PT_POWER_ON); /* so the outage ended earlier */
  g_assert_cmpint (site_of (fixture, "tx-1").since, ==, at - 80);
  g_assert_cmpuint (pt_switched.outage_reads, ==, 0);
  pt_group_commit_tell_late (fixture->commit);
  g_assert_cmpuint (pt_switched.outage_reads, ==, 1);
}

static void
test_fails (CommitFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) submissions
      = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_submission_free);
  g_autofree char *line = pt_world_sign_now (fixture->base.world, "tx-1", 1, PT_POWER_OFF);
  guint64 before = pt_log_state_area (&fixture->log, 0)->tail;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (submissions, pt_world_verify (fixture->base.world, &pt_kind_report, line));
  pt_switched.commit = PT_COMMIT_WRITES_NOTHING;
  g_assert_false (commit_run (fixture, submissions, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_assert_true (pt_submission_is_busy (submissions->pdata[0]));
  g_assert_cmpint (site_of (fixture, "tx-1").state, ==, PT_SITE_UNKNOWN);
  g_assert_cmpuint (pt_log_state_area (&fixture->log, 0)->tail, ==, before);
  g_assert_cmpuint (g_hash_table_size (fixture->log.touched), ==, 0);
  commit_expect (fixture, &pt_kind_report, line, PT_ACCEPTED);
  g_assert_cmpuint (pt_log_state_area (&fixture->log, 0)->tail, ==, before + 1);
  g_assert_cmpuint (g_hash_table_size (fixture->log.touched), ==, 1);
}

/* Verified lines of one kind, committed as they are. */
static PtSubmission *
commit_lines (CommitFixture *fixture, const PtKind *kind, const char *lines, PtErrorCode wanted)
{
  PtSubmission *submission = pt_world_verify (fixture->base.world, kind, lines);
  g_autoptr (GPtrArray) submissions = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (submissions, submission);
  g_assert_cmpint (commit_run (fixture, submissions, &error), ==, wanted == PT_ERROR_COUNT);
  if (wanted != PT_ERROR_COUNT)
    g_assert_error (error, PT_ERROR, (int) wanted);
  return submission;
}

static void
add_west (CommitFixture *fixture)
{
  pt_world_add_area (fixture->base.world, "west");
  pt_world_add_device (fixture->base.world, "west", "tw-1");
  pt_world_advance (fixture->base.world, 1000);
  pt_log_state_area (&fixture->log, 1)->tail = 1;
}

/* A store wrote one area's lines and not the other's: those that it has hold and are answered so,
 * the others are as if they had never been there, and are taken when they come again. */
static void
test_in_part (CommitFixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->base.world;
  g_autofree char *east = pt_world_sign_now (world, "tx-1", 1, PT_POWER_OFF);
  g_autofree char *west = NULL, *both = NULL;
  PtSubmission *submission;

  add_west (fixture);
  west = pt_world_report (world, "west", "tw-1", 1, pt_world_now (world), PT_POWER_OFF, NULL);
  both = g_strjoin ("\n", east, west, west, NULL);
  pt_switched.commit = PT_COMMIT_WRITES_IN_PART;
  submission = commit_lines (fixture, &pt_kind_report, both, PT_ERROR_RETRY);
  g_assert_true (pt_group_commit_wrote (fixture->commit));
  g_assert_cmpint (submission->lines[0].state, ==, PT_LINE_ACCEPTED);
  for (guint i = 1; i < 3; i++)
    {
      g_assert_cmpint (submission->lines[i].state, ==, PT_LINE_REFUSED);
      g_assert_cmpint (submission->lines[i].code, ==, PT_ERROR_BUSY);
    }
  pt_submission_free (submission);
  g_assert_cmpuint (pt_log_state_area (&fixture->log, 0)->tail, ==, 3);
  g_assert_cmpuint (pt_log_state_area (&fixture->log, 1)->tail, ==, 1);
  g_assert_cmpint (site_of (fixture, "tx-1").state, ==, PT_SITE_OFF);
  g_assert_cmpuint (g_hash_table_size (fixture->log.touched), ==, 1);
  submission = commit_lines (fixture, &pt_kind_report, both, PT_ERROR_COUNT);
  g_assert_cmpint (submission->lines[0].state, ==, PT_LINE_DUPLICATE);
  g_assert_cmpint (submission->lines[1].state, ==, PT_LINE_ACCEPTED);
  g_assert_cmpint (submission->lines[2].state, ==, PT_LINE_DUPLICATE);
  pt_submission_free (submission);
  g_assert_cmpuint (pt_log_state_area (&fixture->log, 1)->tail, ==, 2);
  g_assert_cmpuint (g_hash_table_size (fixture->log.touched), ==, 2);
}

/* Registrations of two areas of which one was written: the numbers of the other's are not given
 * again, and make a hole. */
static void
test_registrations_in_part (CommitFixture *fixture, gconstpointer data)
{
  static const guint32 numbers[] = { 3, 5, 6 };
  static const char *const names[] = { "te-1", "tw-2", "te-2" };
  PtWorld *world = fixture->base.world;
  PtRegistry *registry = fixture->log.directory->registry;
  g_autofree char *lines = NULL;
  g_auto (GStrv) each = g_new0 (char *, 4);
  PtSubmission *submission;

  add_west (fixture);
  for (guint i = 0; i < 3; i++)
    each[i] = pt_world_device (world, i == 1 ? "west" : "east", names[i], PT_STATUS_ACTIVE,
                               pt_world_now (world));
  lines = g_strjoinv ("\n", each);
  pt_switched.commit = PT_COMMIT_WRITES_IN_PART;
  submission = commit_lines (fixture, &pt_kind_registration, lines, PT_ERROR_RETRY);
  g_assert_cmpint (submission->lines[0].state, ==, PT_LINE_ACCEPTED);
  g_assert_cmpint (submission->lines[1].state, ==, PT_LINE_REFUSED);
  g_assert_cmpint (submission->lines[2].state, ==, PT_LINE_ACCEPTED);
  pt_submission_free (submission);
  g_assert_cmpuint (pt_registry_device_count (registry), ==, 5);
  submission = commit_lines (fixture, &pt_kind_registration, lines, PT_ERROR_COUNT);
  g_assert_cmpint (submission->lines[0].state, ==, PT_LINE_DUPLICATE);
  g_assert_cmpint (submission->lines[1].state, ==, PT_LINE_ACCEPTED);
  g_assert_cmpint (submission->lines[2].state, ==, PT_LINE_DUPLICATE);
  pt_submission_free (submission);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (pt_registry_device_at (registry, i + 3)->number, ==, numbers[i]);
  g_assert_null (pt_registry_device_numbered (registry, 4));
}

/* A further kind: a complaint's actions, as far as the log goes. Number n stands on number n - 1,
 * which may be in the same group. */

static const guint8 *
action_find_signer (PtRegistry *registry, PtLine *line, const PtEntry *entry)
{
  line->area = pt_registry_area (registry, entry->area);
  if (line->area != NULL)
    return line->area->service_key;
  pt_line_refuse (line, PT_ERROR_UNKNOWN_AREA);
  return NULL;
}

static void
action_judge (PtLogState *log, PtGroupBuilder *group, PtLine *line)
{
}

/* The number and leaf of the group's newest entry of the complaint take the place of the log's. */
static gboolean
action_follows (PtGroupBuilder *group, const PtPending *pending, const PtEntry *entry)
{
  const PtEntryRow *row = pt_group_builder_row (group, pending->at);
  PtHash leaf;

  pt_tree_leaf_hash (pt_span (row->body, row->size), &leaf);
  return entry->n == pending->order + 1 && memcmp (&leaf, &entry->prev, sizeof leaf) == 0;
}

static void
action_add (PtLogState *log, PtGroupBuilder *group, PtLine *line)
{
  g_autofree char *name = NULL;
  const PtPending *pending;
  gboolean follows = TRUE;
  PtEntry entry;

  g_assert_cmpint (pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &entry), ==, PT_OK);
  name = g_strndup (entry.complaint.data, entry.complaint.size);
  pending = pt_group_builder_pending (group, name);
  if (pending != NULL)
    follows = action_follows (group, pending, &entry);
  else
    follows = pt_kind_registered_signer (log->directory->registry, line, &entry) != NULL;
  if (!follows)
    {
      pt_line_refuse (line, PT_ERROR_CONFLICT);
      return;
    }
  pt_group_builder_add_entry (group, line, pt_subject_official (0), 0);
  pt_group_builder_set_pending (group, name, 0, entry.n);
}

static void
action_apply (PtLogState *log, PtGroupBuilder *group, guint first, guint count)
{
  pt_door_begin_write (&log->directory->door);
  for (guint i = first; i < first + count; i++)
    {
      const PtEntryRow *row = pt_group_builder_row (group, i);
      PtSpan bytes = pt_span (row->body, row->size);
      PtEntry entry;
      PtHash leaf;

      g_assert_cmpint (pt_entry_parse (bytes, PT_ENTRY_STORED, &entry), ==, PT_OK);
      pt_tree_leaf_hash (bytes, &leaf);
      pt_registry_apply (log->directory->registry, &entry, &leaf);
    }
  pt_door_end_write (&log->directory->door);
}

static const PtKind action_kind = {
  .entries = 1u << PT_ENTRY_ACTION,
  .ahead = PT_KIND_AHEAD_MS,
  .find_signer = action_find_signer,
  .judge = action_judge,
  .add = action_add,
  .apply = action_apply,
};

/* Signed, and the leaf that it has once it is received now. */
static char *
sign_action (CommitFixture *fixture, gint64 n, PtHash *leaf)
{
  PtWorld *world = fixture->base.world;
  PtEntry fields = { .kind = PT_ENTRY_ACTION,
                     .area = pt_text ("east"),
                     .ts = pt_world_now (world),
                     .complaint = pt_text ("c-1"),
                     .site = pt_text ("tx-1"),
                     .n = n,
                     .prev = *leaf,
                     .action = n == 1 ? PT_ACTION_FILE : PT_ACTION_COMMENT,
                     .by = pt_text ("service"),
                     .category = pt_text ("no-supply"), /* of the first alone */
                     .has_note_hash = true };
  char *line = pt_world_sign (&fields, &world->service.signer);
  char stored[2048];
  PtEntry entry;
  gsize size;

  g_assert_cmpint (pt_entry_parse (pt_text (line), PT_ENTRY_SIGNED, &entry), ==, PT_OK);
  g_assert_cmpint (pt_entry_store (&entry, pt_world_now (world), stored, sizeof stored, &size), ==,
                   PT_OK);
  pt_tree_leaf_hash (pt_span (stored, size), leaf);
  return line;
}

static void
test_another_kind (CommitFixture *fixture, gconstpointer data)
{
  PtHash leaf = { { 0 } }, other = { { 1 } };
  g_autofree char *first = sign_action (fixture, 1, &leaf);
  g_autofree char *second = sign_action (fixture, 2, &leaf);
  g_autofree char *stray = sign_action (fixture, 3, &other); /* not on the second */
  g_autofree char *third = sign_action (fixture, 3, &leaf);
  g_autofree char *three = g_strjoin ("\n", first, second, stray, NULL);

  commit_expect (
      fixture, &action_kind, three,
      "{\"accepted\":2,\"duplicate\":0,\"rejected\":[{\"line\":3,\"error\":\"conflict\"}]}");
  commit_expect (fixture, &action_kind, first, PT_REFUSED ("conflict"));
  commit_expect (fixture, &action_kind, third, PT_ACCEPTED);
}

/* Two kinds in one group, each of whose entries holds by its own apply. */
static void
test_kinds_together (CommitFixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->base.world;
  g_autoptr (GPtrArray) submissions
      = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_submission_free);
  PtHash leaf = { { 0 } };
  g_autofree char *first = sign_action (fixture, 1, &leaf);
  g_autofree char *second = sign_action (fixture, 2, &leaf);
  g_autofree char *third = sign_action (fixture, 3, &leaf);
  g_autofree char *report = pt_world_sign_now (world, "tx-1", 1, PT_POWER_OFF);
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (submissions, pt_world_verify (world, &action_kind, first));
  g_ptr_array_add (submissions, pt_world_verify (world, &pt_kind_report, report));
  g_ptr_array_add (submissions, pt_world_verify (world, &action_kind, second));
  g_assert_true (commit_run (fixture, submissions, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < submissions->len; i++)
    {
      PtSubmission *submission = submissions->pdata[i];

      g_assert_cmpint (submission->lines[0].state, ==, PT_LINE_ACCEPTED);
    }
  g_assert_cmpuint (pt_switched.commits, ==, 1);
  g_assert_cmpuint (g_hash_table_size (fixture->log.touched), ==, 1);
  g_assert_cmpint (site_of (fixture, "tx-1").state, ==, PT_SITE_OFF);
  commit_expect (fixture, &action_kind, third, PT_ACCEPTED);
}

#define ADD(name, func)                                                                            \
  g_test_add ("/group-commit/" name, CommitFixture, NULL, commit_set_up, func, commit_tear_down);  \
  g_test_add ("/group-commit/" name "-in-memory", CommitFixture, "memory", commit_set_up, func,    \
              commit_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("live", test_live);
  ADD ("fails", test_fails);
  ADD ("in-part", test_in_part);
  ADD ("registrations-in-part", test_registrations_in_part);
  ADD ("another-kind", test_another_kind);
  ADD ("kinds-together", test_kinds_together);
  return g_test_run ();
}
