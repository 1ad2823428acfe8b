/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-grid.h"

#define MINUTE G_GINT64_CONSTANT (60000)
#define HOUR (60 * MINUTE)
#define START G_GINT64_CONSTANT (1707006509000)

/* How long steps are: by what is due, by the wish to see the clock move, and at most five minutes.
 */
static void
test_length (void)
{
  static const struct
  {
    gint64 period;
    guint devices;
    gint64 heartbeat;
    double speed;
    gint64 wanted;
  } cases[] = {
    { 15 * MINUTE, 0, HOUR, 0, 5 * MINUTE },
    { 15 * MINUTE, 200, HOUR, 0, 5 * MINUTE },
    { 15 * MINUTE, 100000, HOUR, 0, 900000 / 7 + 1 }, /* 144 s wanted, seven equal ones fit */
    { 15 * MINUTE, 2000000, HOUR, 0, 900000 / 125 },  /* 7.2 s */
    { 15 * MINUTE, 2000000, 1000, 0, 1000 },
    { 15 * MINUTE, 200, HOUR, 1, 1000 },
    { 15 * MINUTE, 200, HOUR, 60, MINUTE / 4 },
    { 15 * MINUTE, 200, HOUR, 600, 150000 },
    { 15 * MINUTE, 200, HOUR, 100000, 5 * MINUTE },
    { 1000, 200, HOUR, 0, 5 * MINUTE }, /* several windows a step */
    { 90000, 200, HOUR, 0, 270000 },    /* three of them */
    { 7 * MINUTE, 200, HOUR, 0, 7 * MINUTE / 2 },
    { 24 * HOUR, 200, HOUR, 0, 5 * MINUTE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtFleetGrid grid;

      g_test_message ("case %u", i);
      pt_fleet_grid_init (&grid, cases[i].period, cases[i].devices, cases[i].heartbeat,
                          cases[i].speed);
      g_assert_cmpint (grid.length, ==, cases[i].wanted);
    }
}

/* Every time is in one step, steps go on without a gap, and the ends of windows are ends of steps.
 */
static void
test_ends (void)
{
  static const struct
  {
    gint64 period;
    guint devices;
    double speed;
  } cases[] = { { 15 * MINUTE, 200, 0 },
                { 15 * MINUTE, 100000, 0 },
                { 7 * MINUTE, 10, 0 },
                { 24 * HOUR, 90000, 0 },
                { 15 * MINUTE, 200, 29.3 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 from = START;
      PtFleetGrid grid;

      pt_fleet_grid_init (&grid, cases[i].period, cases[i].devices, HOUR, cases[i].speed);
      for (int step = 0; step < 2000; step++)
        {
          gint64 end = pt_fleet_grid_end (&grid, from);

          g_assert_cmpint (end, >=, from);
          g_assert_cmpint (end - from, <, grid.length);
          g_assert_cmpint (end / grid.period, ==, from / grid.period);
          g_assert_cmpint (pt_fleet_grid_end (&grid, end), ==, end);
          g_assert_cmpint (pt_fleet_grid_end (&grid, (from + end) / 2), ==, end);
          from = end + 1;
        }
      g_assert_cmpint (pt_fleet_grid_window_end (&grid, START), ==,
                       (START / grid.period + 1) * grid.period - 1);
    }
}

/* Windows shorter than a step: its end is a window's. */
static void
test_short_windows (void)
{
  PtFleetGrid grid;
  gint64 end;

  pt_fleet_grid_init (&grid, 90000, 200, HOUR, 0);
  end = pt_fleet_grid_end (&grid, START);
  g_assert_cmpint ((end + 1) % 90000, ==, 0);
  g_assert_cmpint (pt_fleet_grid_end (&grid, end + 1) - end, ==, 270000);
  g_assert_cmpint (pt_fleet_grid_window_end (&grid, START), ==, end);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet-grid/length", test_length);
  g_test_add_func ("/fleet-grid/ends", test_ends);
  g_test_add_func ("/fleet-grid/short-windows", test_short_windows);
  return g_test_run ();
}
