/* SPDX-License-Identifier: Apache-2.0 */
/* One group by itself, as the kinds fill it. */
#include "pt-commit-fixture.h"
#include "pt-group.h"

typedef struct
{
  Fixture base;
  PtLogState log;
  PtGroupBuilder *group;
} GroupFixture;

static void
group_set_up (GroupFixture *fixture, gconstpointer data)
{
  set_up (&fixture->base, "memory");
  pt_log_state_init (&fixture->log, fixture->base.world->store, NULL,
                     fixture->base.world->pipeline->directory);
  fixture->log.last_received = PT_WORLD_START;
  pt_log_state_area (&fixture->log, 0)->tail = 2;
  fixture->group = pt_group_builder_new (&fixture->log);
  pt_group_builder_reset (fixture->group, 1000000);
}

static void
group_tear_down (GroupFixture *fixture, gconstpointer data)
{
  pt_group_builder_free (fixture->group);
  pt_log_state_clear (&fixture->log);
  tear_down (&fixture->base, data);
}

/* Adds one report; the submission has to be kept while the group is. */
static PtSubmission *
add_report (GroupFixture *fixture, const char *device, gint64 seq, PtPower power)
{
  g_autofree char *text = pt_world_sign_now (fixture->base.world, device, seq, power);
  PtSubmission *submission = pt_world_verify (fixture->base.world, &pt_kind_report, text);

  g_assert_cmpint (submission->lines[0].state, ==, PT_LINE_VERIFIED);
  pt_kind_report.add (&fixture->log, fixture->group, &submission->lines[0]);
  return submission;
}

/* The number of the entry, or 0. */
static guint64
find_in_tail (GroupFixture *fixture, PtSubject subject, gint64 seq)
{
  PtTailPlace place;

  return pt_tail_find (fixture->log.tail, subject, seq, &place) ? place.entry : 0;
}

static void
test_rows (GroupFixture *fixture, gconstpointer data)
{
  g_autoptr (PtSubmission) off = add_report (fixture, "tx-1", 1, PT_POWER_OFF);
  g_autoptr (PtSubmission) on = add_report (fixture, "tx-2", 1, PT_POWER_ON);
  g_autoptr (PtSubmission) again = add_report (fixture, "tx-2", 1, PT_POWER_ON);
  const PtGroup *group = pt_group_builder_group (fixture->group);
  PtEntry entry;

  g_assert_cmpint (off->lines[0].state, ==, PT_LINE_ACCEPTED);
  g_assert_cmpint (on->lines[0].state, ==, PT_LINE_ACCEPTED);
  g_assert_cmpint (again->lines[0].state, ==, PT_LINE_DUPLICATE);
  g_assert_cmpuint (group->entry_count, ==, 2);
  g_assert_cmpuint (group->outage_count, ==, 1);
  g_assert_cmpuint (group->entries[0].subject.number, ==, 0);
  g_assert_cmpuint (group->entries[1].subject.number, ==, 1);
  g_assert_cmpint (pt_entry_parse (pt_span (group->entries[1].body, group->entries[1].size),
                                   PT_ENTRY_STORED, &entry),
                   ==, PT_OK);
  g_assert_cmpint (entry.received, ==, PT_WORLD_START);
  g_assert_cmpuint (group->entries[0].number, ==, 3);
  g_assert_cmpuint (group->entries[1].number, ==, 4);
  g_assert_cmpuint (group->tail_count, ==, 1);
  g_assert_cmpuint (group->tails[0].before, ==, 2);
  g_assert_cmpuint (group->tails[0].after, ==, 4);
  g_assert_cmpuint (group->tails[0].reports, ==, 2);
  g_assert_true (pt_group_builder_find (fixture->group, 0, 4) == &group->entries[1]);
  g_assert_null (pt_group_builder_find (fixture->group, 0, 2));
  g_assert_null (pt_group_builder_find (fixture->group, 0, 5));
  g_assert_null (pt_group_builder_find (fixture->group, 1, 3));
  g_assert_cmpuint (find_in_tail (fixture, pt_subject_device (0), 1), ==, 3);
  g_assert_cmpuint (find_in_tail (fixture, pt_subject_device (1), 1), ==, 4);
  pt_group_builder_reset (fixture->group, 10);
  g_assert_true (pt_group_builder_is_empty (fixture->group));
  pt_group_builder_drop (fixture->group); /* of nothing */
  g_assert_cmpuint (find_in_tail (fixture, pt_subject_device (1), 1), ==, 4);
}

/* Several reports of one device, gaps among them: the group sees them, and nobody else before they
 * are durable. */
static void
test_histories (GroupFixture *fixture, gconstpointer data)
{
  static const gint64 seqs[] = { 5, 9, 7, 1, 2 };
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_submission_free);
  PtDevice *device = pt_registry_device_at (fixture->log.directory->registry, 0);
  g_autofree char *before = pt_world_dump (fixture->base.world), *after = NULL;

  g_assert_true (pt_group_builder_known (fixture->group, device) == &device->history);
  for (guint round = 0; round < 2; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (seqs); i++)
        g_ptr_array_add (kept, add_report (fixture, "tx-1", seqs[i], PT_POWER_OFF));
      pt_group_builder_settle (fixture->group);
      g_assert_cmpint (pt_group_builder_known (fixture->group, device)->latest.seq, ==, 9);
      g_clear_pointer (&after, g_free);
      after = pt_world_dump (fixture->base.world);
      g_assert_cmpstr (before, ==, after);
      if (round == 1)
        break;
      pt_group_builder_drop (fixture->group);
      pt_group_builder_reset (fixture->group, 100000);
      for (guint i = 0; i < G_N_ELEMENTS (seqs); i++)
        g_assert_cmpuint (find_in_tail (fixture, pt_subject_device (0), seqs[i]), ==, 0);
    }
  pt_group_builder_apply (fixture->group);
  g_assert_cmpint (device->history.latest.seq, ==, 9);
  g_assert_cmpuint (pt_history_missing (&device->history), ==, 4);
  g_assert_true (g_hash_table_contains (fixture->log.touched, device));
}

/* A key that leaves out every second counter gets its share of the group, and what was before it is
 * remembered once. */
static void
test_share (GroupFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) pt_submission_free);
  g_autoptr (PtSubmission) other = NULL;
  g_autofree char *before = pt_world_dump (fixture->base.world), *after = NULL;

  for (guint i = 0; i < PT_GROUP_DEVICE_REPORTS_MAX + 10; i++)
    {
      PtSubmission *submission = add_report (fixture, "tx-1", 2 * i + 1, PT_POWER_ON);
      const PtLine *line = &submission->lines[0];

      g_ptr_array_add (kept, submission);
      g_assert_cmpint (line->state, ==,
                       i < PT_GROUP_DEVICE_REPORTS_MAX ? PT_LINE_ACCEPTED : PT_LINE_REFUSED);
      g_assert_true (line->state == PT_LINE_ACCEPTED || line->code == PT_ERROR_BUSY);
    }
  g_ptr_array_add (kept, add_report (fixture, "tx-1", 1, PT_POWER_ON)); /* costs nothing */
  g_assert_cmpint (((PtSubmission *) kept->pdata[kept->len - 1])->lines[0].state, ==,
                   PT_LINE_DUPLICATE);
  other = add_report (fixture, "tx-2", 1, PT_POWER_ON);
  g_assert_cmpint (other->lines[0].state, ==, PT_LINE_ACCEPTED);
  pt_group_builder_drop (fixture->group);
  after = pt_world_dump (fixture->base.world);
  g_assert_cmpstr (before, ==, after);
  pt_group_builder_reset (fixture->group, 1000000);
  g_ptr_array_add (kept, add_report (fixture, "tx-1", 1, PT_POWER_ON)); /* the next group's share */
  g_assert_cmpint (((PtSubmission *) kept->pdata[kept->len - 1])->lines[0].state, ==,
                   PT_LINE_ACCEPTED);
}

static void
test_evidence (GroupFixture *fixture, gconstpointer data)
{
  g_autoptr (PtSubmission) report = add_report (fixture, "tx-1", 1, PT_POWER_ON);
  PtLine line = report->lines[0];
  const PtGroup *group;

  for (guint i = 0; i < 1000; i++)
    pt_group_builder_add_evidence (fixture->group, &line);
  g_assert_cmpuint (pt_group_builder_group (fixture->group)->evidence_count, ==, 2);
  for (line.seq = 2; line.seq < 1000; line.seq++)
    pt_group_builder_add_evidence (fixture->group, &line);
  group = pt_group_builder_group (fixture->group);
  g_assert_cmpuint (group->evidence_count, ==, 256);
  g_assert_cmpuint (group->evidence[255].subject.number, ==, 0);
  g_assert_cmpint (group->evidence[255].seq, ==, 255);
  g_assert_cmpint (group->evidence[255].received, ==, PT_WORLD_START);
  g_assert_cmpuint (group->evidence[255].size, ==, report->lines[0].bytes.size);
}

/* What the group will make known is found by its name until the group ends. */
static void
test_pending (GroupFixture *fixture, gconstpointer data)
{
  g_autoptr (PtSubmission) first = add_report (fixture, "tx-1", 1, PT_POWER_ON);
  g_autoptr (PtSubmission) second = NULL;

  g_assert_null (pt_group_builder_pending (fixture->group, "c-1"));
  pt_group_builder_set_pending (fixture->group, "c-1", 7, 1);
  second = add_report (fixture, "tx-1", 2, PT_POWER_ON);
  pt_group_builder_set_pending (fixture->group, "c-1", 7, 2);
  g_assert_cmpint (pt_group_builder_pending (fixture->group, "c-1")->order, ==, 2);
  g_assert_cmpuint (pt_group_builder_pending (fixture->group, "c-1")->number, ==, 7);
  g_assert_cmpuint (pt_group_builder_pending (fixture->group, "c-1")->at, ==, 1);
  g_assert_null (pt_group_builder_pending (fixture->group, "c-2"));
  pt_group_builder_reset (fixture->group, 10);
  g_assert_null (pt_group_builder_pending (fixture->group, "c-1"));
}

/* The line as an entry of that subject, which it registers. */
static void
add_subject (GroupFixture *fixture, PtLine *line, PtSubject subject, gboolean active)
{
  pt_group_builder_add_entry (fixture->group, line, subject, 0);
  pt_group_builder_add_subject (fixture->group, active, NULL);
}

static void
test_subject_numbers (GroupFixture *fixture, gconstpointer data)
{
  g_autoptr (PtSubmission) report = add_report (fixture, "tx-1", 1, PT_POWER_ON);
  PtLine *line = &report->lines[0];
  PtGroupBuilder *builder = fixture->group;
  const PtGroup *group;

  g_assert_true (pt_group_builder_reserve (builder, 10, NULL));
  g_assert_cmpuint (pt_group_builder_next_number (builder, PT_SUBJECT_DEVICE), ==, 2);
  add_subject (fixture, line, pt_subject_device (0), FALSE);    /* a known one again */
  add_subject (fixture, line, pt_subject_device (7000), FALSE); /* that another member knows */
  g_assert_cmpuint (pt_group_builder_next_number (builder, PT_SUBJECT_DEVICE), ==, 2);
  add_subject (fixture, line, pt_subject_device (2), TRUE);
  add_subject (fixture, line, pt_subject_device (2), FALSE);
  g_assert_cmpuint (pt_group_builder_next_number (builder, PT_SUBJECT_DEVICE), ==, 3);
  g_assert_cmpuint (pt_group_builder_next_number (builder, PT_SUBJECT_OFFICIAL), ==, 0);
  add_subject (fixture, line, pt_subject_official (0), TRUE);
  g_assert_cmpuint (pt_group_builder_next_number (builder, PT_SUBJECT_OFFICIAL), ==, 1);
  group = pt_group_builder_group (builder);
  g_assert_cmpuint (group->subject_count, ==, 5);
  g_assert_cmpuint (group->subjects[0].entry, ==, 4);
  g_assert_cmpuint (group->subjects[4].entry, ==, 8);
  g_assert_cmpuint (group->tails[0].after, ==, 8);
  g_assert_cmpuint (group->tails[0].reports, ==, 1);
  pt_group_builder_reset (fixture->group, 10);
  g_assert_true (pt_group_builder_reserve (builder, 10, NULL)); /* none of it was written */
  g_assert_cmpuint (pt_group_builder_next_number (builder, PT_SUBJECT_DEVICE), ==, 2);
  g_assert_cmpuint (pt_group_builder_next_number (builder, PT_SUBJECT_OFFICIAL), ==, 0);
  g_assert_cmpuint (pt_group_builder_group (builder)->tail_count, ==, 0);
}

/* Each area's entries are counted from its own tail on. */
static void
test_two_areas (GroupFixture *fixture, gconstpointer data)
{
  g_autoptr (PtSubmission) report = add_report (fixture, "tx-1", 1, PT_POWER_ON);
  PtLine *line = &report->lines[0];
  PtRegistry *registry = fixture->log.directory->registry;
  const PtGroup *group;

  pt_world_add_area (fixture->base.world, "west");
  pt_log_state_area (&fixture->log, 1)->tail = 50;
  line->area = pt_registry_area_at (registry, 1);
  pt_group_builder_add_entry (fixture->group, line, pt_subject_official (0), 9);
  line->area = pt_registry_area_at (registry, 0);
  pt_group_builder_add_entry (fixture->group, line, pt_subject_official (1), 9);
  group = pt_group_builder_group (fixture->group);
  g_assert_cmpuint (group->entries[0].number, ==, 3);
  g_assert_cmpuint (group->entries[1].number, ==, 51);
  g_assert_cmpuint (group->entries[2].number, ==, 4);
  g_assert_cmpuint (group->tail_count, ==, 2);
  g_assert_true (pt_group_builder_find (fixture->group, 1, 51) == &group->entries[1]);
  g_assert_true (pt_group_builder_find (fixture->group, 0, 4) == &group->entries[2]);
  g_assert_cmpuint (find_in_tail (fixture, pt_subject_official (0), 9), ==, 51);
  pt_group_builder_drop (fixture->group);
  g_assert_cmpuint (find_in_tail (fixture, pt_subject_official (0), 9), ==, 0);
}

#define ADD(name, func)                                                                            \
  g_test_add ("/group/" name, GroupFixture, NULL, group_set_up, func, group_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("rows", test_rows);
  ADD ("histories", test_histories);
  ADD ("share", test_share);
  ADD ("evidence", test_evidence);
  ADD ("pending", test_pending);
  ADD ("subject-numbers", test_subject_numbers);
  ADD ("two-areas", test_two_areas);
  return g_test_run ();
}
