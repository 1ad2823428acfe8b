/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-report-time.h"

#include <glib.h>

static void
test_rule (void)
{
  static const struct
  {
    gint64 ts, received, before, time;
  } cases[] = {
    { 100, 110, PT_NO_TIME, 100 }, /* the first */
    { 0, 110, PT_NO_TIME, 0 },
    { 100, 110, 90, 100 },
    { 100, 110, 100, 100 }, /* a clock that stood still for a moment */
    { 99, 110, 100, 110 },  /* that went back: when it came */
    { 99, 95, 100, 100 },   /* that came before the one before was made */
    { 120, 110, 100, 120 }, /* ahead */
    { 0, 110, 0, 0 },       /* one that never ran */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (pt_report_time (cases[i].ts, cases[i].received, cases[i].before), ==,
                     cases[i].time);
}

/* Folded in any way, some reports make of any time before what they make one by one. */
static void
test_folds (void)
{
  for (guint round = 0; round < 20000; round++)
    {
      guint count = (guint) g_test_rand_int_range (1, 7);
      guint first_part = (guint) g_test_rand_int_range (1, (gint32) count + 1);
      gint64 ts[7], received[7];
      PtTimeFold parts[2] = { { 0 } }, all;

      for (guint i = 0; i < count; i++)
        {
          PtTimeFold *part = &parts[i >= first_part];
          PtTimeFold one;

          received[i] = g_test_rand_int_range (0, 20);
          ts[i] = MAX (0, received[i] + g_test_rand_int_range (-12, 4));
          one = pt_time_fold (ts[i], received[i]);
          *part = i == 0 || i == first_part ? one : pt_time_fold_then (part, &one);
        }
      all = first_part < count ? pt_time_fold_then (&parts[0], &parts[1]) : parts[0];
      for (gint64 before = PT_NO_TIME; before < 26; before++)
        {
          gint64 time = before;

          for (guint i = 0; i < count; i++)
            {
              gint64 next = pt_report_time (ts[i], received[i], time);

              g_assert_cmpint (next, >=, time);
              time = next;
            }
          g_assert_cmpint (pt_time_fold_apply (&all, before), ==, time);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report-time/rule", test_rule);
  g_test_add_func ("/report-time/folds", test_folds);
  return g_test_run ();
}
