/* SPDX-License-Identifier: Apache-2.0 */

/* A clock that is stepped on: what it dates, and that it never goes back. */

#include "pt-stepper.h"

#include "common/pt-test.h"
#include "pt-pipeline-fixture.h"

/* A world whose clock is stepped; its batcher seals by itself once it is started. */
static PtWorld *
stepped_world (PtStepper **stepper)
{
  PtWorld *world = pt_world_new (NULL);
  g_autofree char *path = g_build_filename (world->path, "clock", NULL);
  g_autoptr (GError) error = NULL;

  pt_world_stop (world, FALSE);
  pt_clock_unref (world->clock);
  world->clock = pt_clock_new_stepped (PT_WORLD_START);
  pt_world_start (world);
  *stepper = pt_stepper_new (world->clock, path, 0, &error);
  g_assert_no_error (error);
  pt_stepper_attach (*stepper, world->pipeline->committer, world->pipeline->batcher);
  return world;
}

static void
step (PtStepper *stepper, gint64 now)
{
  g_autoptr (GError) error = NULL;

  pt_stepper_move (stepper, now, &error);
  g_assert_no_error (error);
}

static void
refuse (PtStepper *stepper, gint64 now, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (pt_stepper_move (stepper, now, &error));
  g_assert_error (error, PT_ERROR, code);
}

static GArray *
batches_of (PtWorld *world)
{
  PtBatchQuery all = { .area = -1, .state = -1, .limit = 100 };
  g_autoptr (GError) error = NULL;
  GArray *rows = pt_store_batches (world->store, &all, &error);

  g_assert_no_error (error);
  return rows;
}

static gboolean
has_batches (PtWorld *world, guint count)
{
  g_autoptr (GArray) rows = batches_of (world);

  return rows->len >= count;
}

static void
test_never_back (void)
{
  g_autoptr (PtStepper) stepper = NULL;
  g_autoptr (PtWorld) world = stepped_world (&stepper);

  pt_batcher_start (world->pipeline->batcher);
  PT_TEST_POLL (pt_batcher_behind (world->pipeline->batcher) == 0);
  step (stepper, PT_WORLD_START);
  step (stepper, PT_WORLD_START + 7);
  step (stepper, PT_WORLD_START + 7);
  refuse (stepper, PT_WORLD_START + 6, PT_ERROR_CONFLICT);
  g_assert_cmpint (pt_clock_now (world->clock), ==, PT_WORLD_START + 7);
}

/* A new start goes on at the latest of the three times it knows. */
static void
test_new_start (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pt-stepper-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "clock", NULL);
  static const struct
  {
    const char *kept;
    gint64 last_received, wanted;
  } cases[] = {
    { NULL, 0, 1000 },
    { NULL, 1001, 1001 },
    { "0000000000001002\n", 1001, 1002 },
    { "0000000000000999\n", 0, 1000 },
    { "", 0, 1000 },                      /* power was lost */
    { "0000000000001", 0, 1000 },         /* in the middle */
    { "tomorrow at noon\n", 1003, 1003 }, /* no time */
    { "9999999999999999\n", 0, 1000 },    /* none that an entry can have */
    { "0000000000002000\nmore", 0, 2000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PtClock) clock = pt_clock_new_stepped (1000);
      g_autoptr (GError) error = NULL;
      g_autoptr (PtStepper) stepper = NULL;

      g_remove (path);
      if (cases[i].kept != NULL)
        g_assert_true (g_file_set_contents (path, cases[i].kept, -1, NULL));
      stepper = pt_stepper_new (clock, path, cases[i].last_received, &error);
      g_assert_no_error (error);
      g_assert_cmpint (pt_clock_now (clock), ==, cases[i].wanted);
    }
  pt_remove_tree (folder);
}

static void
test_goes_on (void)
{
  g_autoptr (PtStepper) stepper = NULL;
  g_autoptr (PtWorld) world = stepped_world (&stepper);
  g_autofree char *path = g_build_filename (world->path, "clock", NULL);
  g_autoptr (PtClock) clock = pt_clock_new_stepped (PT_WORLD_START);
  g_autoptr (PtStepper) again = NULL;

  pt_batcher_start (world->pipeline->batcher);
  PT_TEST_POLL (pt_batcher_behind (world->pipeline->batcher) == 0);
  step (stepper, PT_WORLD_START + 123456789);
  again = pt_stepper_new (clock, path, 0, NULL);
  g_assert_nonnull (again);
  g_assert_cmpint (pt_clock_now (clock), ==, PT_WORLD_START + 123456789);
}

/* What was handed in before a step is in the window before it, what comes after it in the next;
 * the batcher is woken by the step, not by time. */
static void
test_windows (void)
{
  g_autoptr (PtStepper) stepper = NULL;
  g_autoptr (PtWorld) world = stepped_world (&stepper);
  gint64 boundary = (PT_WORLD_START / PT_WORLD_PERIOD + 1) * PT_WORLD_PERIOD;
  g_autoptr (GArray) rows = NULL;

  pt_batcher_start (world->pipeline->batcher);
  PT_TEST_POLL (pt_batcher_behind (world->pipeline->batcher) == 0);
  pt_world_add_device (world, "east", "tx-1");
  step (stepper, boundary - 1);
  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  step (stepper, boundary);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_OFF, PT_ACCEPTED);
  step (stepper, boundary + PT_WORLD_PERIOD);
  PT_TEST_POLL (has_batches (world, 2));
  rows = batches_of (world);
  for (guint i = 0; i < 2; i++)
    {
      const PtBatchRow *row = &g_array_index (rows, PtBatchRow, 1 - i);

      g_assert_cmpint (row->from, ==, boundary + ((gint64) i - 1) * PT_WORLD_PERIOD);
      g_assert_cmpint (row->to, ==, boundary + (gint64) i * PT_WORLD_PERIOD);
      /* A registration and a report, or a report, and the roster. */
      g_assert_cmpuint (row->size - row->prev_size, ==, i == 0 ? 3 : 2);
    }
}

/* Whoever steps waits where sealing is far behind; what the clock shows already is always well. */
static void
test_busy (void)
{
  g_autoptr (PtStepper) stepper = NULL;
  g_autoptr (PtWorld) world = stepped_world (&stepper);
  g_autoptr (GError) error = NULL;
  guint count;

  refuse (stepper, PT_WORLD_START + 1, PT_ERROR_BUSY);
  step (stepper, PT_WORLD_START);
  pt_batcher_seal (world->pipeline->batcher, PT_WORLD_START, &count, &error);
  g_assert_no_error (error);
  step (stepper, PT_WORLD_START + 32 * PT_WORLD_PERIOD);
  step (stepper, PT_WORLD_START + 33 * PT_WORLD_PERIOD);
  refuse (stepper, PT_WORLD_START + 34 * PT_WORLD_PERIOD, PT_ERROR_BUSY);
  g_assert_cmpint (pt_batcher_behind (world->pipeline->batcher), ==, 33);
  pt_batcher_seal (world->pipeline->batcher, PT_WORLD_START + PT_WORLD_PERIOD, &count, &error);
  g_assert_no_error (error);
  step (stepper, PT_WORLD_START + 34 * PT_WORLD_PERIOD);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pt_catch_warnings ();
  g_test_add_func ("/stepper/never-back", test_never_back);
  g_test_add_func ("/stepper/new-start", test_new_start);
  g_test_add_func ("/stepper/goes-on", test_goes_on);
  g_test_add_func ("/stepper/windows", test_windows);
  g_test_add_func ("/stepper/busy", test_busy);
  return g_test_run ();
}
