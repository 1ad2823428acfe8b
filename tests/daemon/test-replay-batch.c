/* SPDX-License-Identifier: Apache-2.0 */
/* An older copy of a store is brought up to the batches that were made since: it is then what the
 * store was that made them. */
#include "pt-anchor-call.h"
#include "pt-audit-fixture.h"
#include "pt-complaint-fixture.h"
#include "pt-replay-batch.h"

static void
copy_file (const char *from, const char *to)
{
  g_autofree char *content = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (from, &content, &size, NULL));
  g_assert_true (g_file_set_contents (to, content, (gssize) size, NULL));
}

/* The database alone: blocks stay, and the index is made again. */
static void
copy_database (PtWorld *world, const char *from, const char *to)
{
  g_autofree char *source = g_build_filename (world->path, from, NULL);
  g_autofree char *target = g_build_filename (world->path, to, NULL);

  copy_file (source, target);
}

static void
back_up (PtWorld *world)
{
  pt_world_stop (world, FALSE);
  copy_database (world, "store.sqlite", "backup.sqlite");
  pt_world_start (world);
}

static void
put_back (PtWorld *world)
{
  g_autofree char *index = g_build_filename (world->path, "index", NULL);

  pt_world_stop (world, FALSE);
  copy_database (world, "backup.sqlite", "store.sqlite");
  pt_remove_tree (index);
  pt_world_start (world);
}

static PtReplayLog
log_of (PtWorld *world)
{
  return (PtReplayLog){ world->store, world->pipeline->blocks, world->pipeline->directory,
                        world->pipeline->committer };
}

static PtAreaRow
area_of (PtWorld *world, guint32 area)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = pt_store_areas (world->store, &error);

  g_assert_no_error (error);
  return g_array_index (areas, PtAreaRow, area);
}

/* Brings the area to the last of @rows. */
static void
replay_all (PtWorld *world, GArray *rows)
{
  const PtReplayLog log = log_of (world);

  for (guint i = 0; i < rows->len; i++)
    {
      const PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);
      PtCheckpoint checkpoint = pt_anchor_checkpoint (row);
      PtAreaRow area = area_of (world, row->area);
      g_autoptr (GError) error = NULL;
      PtReplayed result;

      if (row->batch <= area.head.batch)
        continue;
      result = pt_replay_batch (&log, &area, &checkpoint, &error);
      g_assert_no_error (error);
      g_assert_cmpint (result, ==, PT_REPLAY_SEALED);
      g_assert_cmpuint (area.head.batch, ==, row->batch);
    }
}

static void
say (PtWorld *world, const char *device, gint64 seq, PtPower power)
{
  pt_world_advance (world, 10);
  pt_world_report_now (world, device, seq, power, PT_ACCEPTED);
}

/* Two batches after the backup, with all that can stand in them: registrations among reports, a
 * revocation, an official, outages that began before, reports out of order. */
static void
live_on (PtWorld *world)
{
  g_autofree char *official = NULL;
  g_autofree char *revoked = NULL;

  say (world, "tx-1", 4, PT_POWER_OFF);
  pt_world_add_device (world, "east", "tx-3");
  say (world, "tx-3", 1, PT_POWER_ON);
  say (world, "tx-1", 3, PT_POWER_ON);
  pt_world_advance (world, 5);
  official = pt_world_official (world, "east", "officer-1", pt_clock_now (world->clock));
  pt_world_expect (world, &pt_kind_registration, official, PT_ACCEPTED);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  say (world, "tx-2", 2, PT_POWER_OFF);
  say (world, "tx-3", 2, PT_POWER_OFF);
  revoked = pt_world_device (world, "east", "tx-3", PT_STATUS_REVOKED, pt_clock_now (world->clock));
  pt_world_expect (world, &pt_kind_registration, revoked, PT_ACCEPTED);
  say (world, "tx-2", 3, PT_POWER_ON);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
}

/* Batch 1 sealed, @waiting entries after it. */
static PtWorld *
world_with_backup (guint waiting)
{
  PtWorld *world = pt_world_new (NULL);

  pt_world_add_device (world, "east", "tx-1");
  say (world, "tx-1", 1, PT_POWER_ON);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  if (waiting > 0)
    pt_world_add_device (world, "east", "tx-2");
  if (waiting > 1)
    say (world, "tx-2", 1, PT_POWER_OFF);
  if (waiting > 2)
    say (world, "tx-1", 2, PT_POWER_ON);
  back_up (world);
  if (waiting == 0)
    pt_world_add_device (world, "east", "tx-2");
  if (waiting <= 1)
    say (world, "tx-2", 1, PT_POWER_OFF);
  return world;
}

static void
test_level (gconstpointer data)
{
  g_autoptr (PtWorld) world = world_with_backup (GPOINTER_TO_UINT (data));
  g_autofree char *newest = NULL;
  g_autofree char *replayed = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GArray) rows = NULL;

  live_on (world);
  newest = pt_world_dump (world);
  rows = pt_area_rows (world, 0);
  g_assert_cmpuint (rows->len, ==, 3);
  put_back (world);
  g_assert_cmpuint (area_of (world, 0).head.batch, ==, 1);
  replay_all (world, rows);
  replayed = pt_world_dump (world);
  g_assert_cmpstr (replayed, ==, newest);
  pt_world_restart (world, FALSE);
  again = pt_world_dump (world);
  g_assert_cmpstr (again, ==, newest);

  /* And the log goes on from there. */
  pt_world_report_now (world, "tx-2", 3, PT_POWER_ON, PT_REFUSED ("stale-seq"));
  say (world, "tx-2", 4, PT_POWER_ON);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  pt_audit_area (world, 0, "east", NULL, NULL);
}

/* Killed after every batch, and in between where a group was written: it goes on where it was. */
static void
test_killed (void)
{
  g_autoptr (PtWorld) world = world_with_backup (1);
  g_autofree char *newest = NULL;
  g_autofree char *replayed = NULL;
  g_autoptr (GArray) rows = NULL;
  g_autoptr (GError) error = NULL;
  PtReplayLog log;
  PtCheckpoint wrong;
  PtAreaRow area;

  live_on (world);
  newest = pt_world_dump (world);
  rows = pt_area_rows (world, 0);
  put_back (world);
  /* All of batch 2 is written, and the seal is not: it is not the root that was anchored. */
  log = log_of (world);
  area = area_of (world, 0);
  wrong = pt_anchor_checkpoint (&g_array_index (rows, PtBatchRow, 1));
  wrong.root.bytes[0] ^= 1;
  g_assert_cmpint (pt_replay_batch (&log, &area, &wrong, &error), ==, PT_REPLAY_FAILED);
  g_assert_error (error, PT_ERROR, PT_ERROR_OPERATOR);
  g_assert_nonnull (strstr (error->message, "Batch 2 of east"));
  g_assert_cmpuint (area_of (world, 0).head.batch, ==, 1);
  pt_world_restart (world, TRUE);
  g_array_set_size (rows, 2);
  replay_all (world, rows);
  pt_world_restart (world, TRUE);
  g_array_unref (g_steal_pointer (&rows));
  rows = pt_area_rows (world, 0);
  g_assert_cmpuint (rows->len, ==, 2);
  replayed = pt_world_dump (world);
  g_assert_cmpstr (replayed, !=, newest);
}

/* The copy took something in before anybody looked: nothing of it is overwritten. */
static void
test_differs (void)
{
  g_autoptr (PtWorld) world = world_with_backup (1);
  g_autoptr (GArray) rows = NULL;
  g_autoptr (GError) error = NULL;
  PtReplayLog log;
  PtCheckpoint checkpoint;
  PtAreaRow area;
  guint64 tail;

  live_on (world);
  rows = pt_area_rows (world, 0);
  put_back (world);
  pt_world_advance (world, 12345);
  pt_world_report_now (world, "tx-2", 1, PT_POWER_ON, PT_ACCEPTED);
  log = log_of (world);
  area = area_of (world, 0);
  tail = area.tail;
  checkpoint = pt_anchor_checkpoint (&g_array_index (rows, PtBatchRow, 1));
  g_assert_cmpint (pt_replay_batch (&log, &area, &checkpoint, &error), ==, PT_REPLAY_DIFFERS);
  g_assert_no_error (error);
  area = area_of (world, 0);
  g_assert_cmpuint (area.tail, ==, tail);
  g_assert_cmpuint (area.head.batch, ==, 1);
}

/* What is known of a complaint, but where its strings are. */
static char *
facts_of (const PtTestChain *chain)
{
  PtComplaintFacts facts = pt_chain_facts (chain);

  return g_strdup_printf (
      "%" G_GINT64_FORMAT " %s %s %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
      " %" G_GUINT64_FORMAT " %x",
      (gint64) facts.n, pt_complaint_state_name (facts.state), pt_evidence_name (facts.evidence),
      pt_aftermath_name (facts.later), (gint64) facts.filed_at, (gint64) facts.acknowledged_at,
      (gint64) facts.resolved_at, (guint64) facts.asked_order, facts.last.bytes[0]);
}

/* Complaints among reports, some more than once in a batch, one of them judged by the devices: then
 * the replayed log says of them what the first one said. */
static void
test_complaints (void)
{
  g_autoptr (PtWorld) world = world_with_backup (0);
  PtTestChain one = { .world = world, .id = "1234567890", .site = "tx-1" };
  PtTestChain other = { .world = world, .id = "1234567899", .site = "tx-2" };
  g_autofree char *first = NULL, *second = NULL, *replayed = NULL;
  g_autoptr (GArray) rows = NULL;

  pt_test_add_profile (world);
  pt_test_add_official (world, "officer-1");
  say (world, "tx-1", 4, PT_POWER_OFF);
  pt_chain_act (&one, PT_ACTION_FILE, "citizen-1", "dark", NULL);
  pt_chain_act (&other, PT_ACTION_FILE, "citizen-2", "dark", NULL);
  pt_chain_act (&one, PT_ACTION_ACKNOWLEDGE, "officer-1", "", NULL);
  pt_world_advance (world, 10);
  pt_chain_act (&one, PT_ACTION_ASSIGN, "officer-1", "", "officer-1");
  pt_chain_act (&other, PT_ACTION_DUPLICATE, "officer-1", "Same fault.", "1234567890");
  pt_world_advance (world, 1000);
  say (world, "tx-1", 5, PT_POWER_ON);
  pt_chain_act (&one, PT_ACTION_RESOLVE, "officer-1", "Fuse.", NULL);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  say (world, "tx-1", 6, PT_POWER_OFF);
  pt_chain_act (&other, PT_ACTION_COMMENT, "citizen-2", "still dark", NULL);
  g_assert_cmpuint (pt_world_seal (world), ==, 1);
  first = facts_of (&one);
  second = facts_of (&other);
  g_assert_nonnull (strstr (first, " resolved supported fell-again "));
  rows = pt_area_rows (world, 0);
  put_back (world);
  g_assert_cmpint (pt_chain_facts (&one).n, ==, 0);
  replay_all (world, rows);
  for (guint i = 0; i < 2; i++)
    {
      replayed = facts_of (&one);
      g_assert_cmpstr (replayed, ==, first);
      g_free (replayed);
      replayed = facts_of (&other);
      g_assert_cmpstr (replayed, ==, second);
      g_clear_pointer (&replayed, g_free);
      pt_world_restart (world, i == 0);
    }
  pt_audit_area (world, 0, "east", NULL, NULL);
  pt_chain_act (&one, PT_ACTION_REOPEN, "citizen-1", NULL, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pt_catch_warnings ();
  for (guint waiting = 0; waiting < 4; waiting++)
    {
      g_autofree char *name = g_strdup_printf ("/replay-batch/level-%u", waiting);

      g_test_add_data_func (name, GUINT_TO_POINTER (waiting), test_level);
    }
  g_test_add_func ("/replay-batch/killed", test_killed);
  g_test_add_func ("/replay-batch/differs", test_differs);
  g_test_add_func ("/replay-batch/complaints", test_complaints);
  return g_test_run ();
}
