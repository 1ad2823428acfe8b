/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-standstill.h"

#define SILENT_AFTER 1000

/* One look at devices of which so many are on, are silent since before, fell silent. */
static gboolean
look (PtStandstill *standstill, guint on, guint silent, guint fell, gint64 newest, gint64 now)
{
  pt_standstill_begin_look (standstill);
  pt_standstill_hear (standstill, 1);
  pt_standstill_hear (standstill, newest);
  for (guint i = 0; i < on; i++)
    pt_standstill_see (standstill, FALSE, FALSE);
  for (guint i = 0; i < silent + fell; i++)
    pt_standstill_see (standstill, TRUE, i >= silent);
  return pt_standstill_end_look (standstill, now, SILENT_AFTER);
}

static void
test_begins (void)
{
  static const struct
  {
    guint on, silent, fell;
    gint64 newest;
    gboolean still;
  } rows[] = {
    { 0, 0, 10, 9900, TRUE },   /* all of them at once */
    { 0, 0, 9, 0, FALSE },      /* too few to say anything of all */
    { 1, 0, 9, 9900, TRUE },    /* all but one */
    { 2, 0, 9, 9900, FALSE },   /* a neighbourhood */
    { 2, 90, 9, 9900, FALSE },  /* what was silent before says nothing */
    { 1, 90, 9, 9900, TRUE },   /* of those that were heard nearly all */
    { 100, 0, 1, 9400, TRUE },  /* the first one, and nobody was heard for long */
    { 100, 0, 1, 9600, FALSE }, /* a site of its own */
    { 100, 0, 0, 9000, FALSE }, /* none is silent yet */
    { 0, 100, 0, 9000, FALSE }, /* long known */
    { 0, 0, 0, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PtStandstill standstill = { 0 };

      g_test_message ("row %u", i);
      g_assert_cmpint (
          look (&standstill, rows[i].on, rows[i].silent, rows[i].fell, rows[i].newest, 10000), ==,
          rows[i].still);
      g_assert_cmpint (standstill.is_still, ==, rows[i].still);
    }
}

/* It is told once, and is over once there are reports again, of more than a few. */
static void
test_ends (void)
{
  PtStandstill standstill = { 0 };

  g_assert_true (look (&standstill, 0, 0, 100, 9000, 10001));
  g_assert_cmpuint (standstill.silent, ==, 100);
  g_assert_cmpint (standstill.last, ==, 9000);
  g_assert_false (look (&standstill, 0, 100, 0, 9000, 20000));
  g_assert_false (look (&standstill, 5, 95, 0, 20500, 21000));
  g_assert_false (look (&standstill, 0, 95, 5, 20500, 22000));
  g_assert_cmpint (standstill.last, ==, 9000);
  g_assert_true (look (&standstill, 20, 80, 0, 30000, 30001));
  g_assert_false (standstill.is_still);
  g_assert_false (look (&standstill, 100, 0, 0, 30000, 30002));
  g_assert_true (look (&standstill, 0, 0, 100, 30000, 31001));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/standstill/begins", test_begins);
  g_test_add_func ("/standstill/ends", test_ends);
  return g_test_run ();
}
