/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-lines.h"

#include <locale.h>
#include <string.h>

#include "pt-site-state.h"

#define SECOND G_USEC_PER_SEC

static void
sum (PtEventLine *line)
{
  g_free (line->what);
  line->what
      = g_strdup_printf ("%u of %u areas, %d", line->count, line->areas->len, (int) line->amount);
}

/* @group NULL: it stands alone. */
static void
put (PtEventLines *lines, gint64 now, gint64 time, const char *group, const char *area)
{
  g_autoptr (PtEventLine) line
      = pt_event_line_new (PT_EVENT_POWER, "off", g_strdup (area), g_strdup (""), PT_SITE_OFF);

  line->time = time;
  if (group != NULL)
    pt_event_line_set_group (line, g_strdup (group), 3, sum, area, NULL, 2);
  pt_event_lines_put (lines, line, now);
}

/* "what@time ", newest first. */
static void
assert_lines (PtEventLines *lines, const char *expected)
{
  GListModel *list = pt_event_lines_list (lines);
  g_autoptr (GString) text = g_string_new (NULL);

  pt_event_lines_flush (lines);
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (PtEventLine) line = g_list_model_get_item (list, i);

      g_string_append_printf (text, "%s@%d ", line->what, (int) line->time);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

/* Few stay apart; many are one, which grows and is as new as the last of them. */
static void
test_many (void)
{
  g_autoptr (PtEventLines) lines = pt_event_lines_new ();

  put (lines, 0, 10, "a", "a1");
  put (lines, 1 * SECOND, 20, "a", "a1");
  put (lines, 1 * SECOND, 25, NULL, "alone");
  assert_lines (lines, "alone@25 a1@20 a1@10 ");
  put (lines, 2 * SECOND, 30, "a", "a2");
  put (lines, 2 * SECOND, 31, "b", "b1");
  assert_lines (lines, "b1@31 3 of 2 areas, 6@30 alone@25 ");
  put (lines, 11 * SECOND, 40, "a", "a2");
  put (lines, 11 * SECOND, 41, NULL, "alone too");
  assert_lines (lines, "alone too@41 4 of 2 areas, 8@40 b1@31 alone@25 ");
}

/* What comes later, or on and on, is another line. */
static void
test_apart (void)
{
  g_autoptr (PtEventLines) lines = pt_event_lines_new ();
  guint count;

  for (int i = 0; i < 3; i++)
    put (lines, 0, 1, "a", "a1");
  pt_event_lines_flush (lines);
  put (lines, 11 * SECOND, 12, "a", "a1");
  assert_lines (lines, "a1@12 3 of 1 areas, 6@1 ");
  for (int i = 12; i < 90; i++)
    {
      put (lines, i * SECOND, i, "a", "a1");
      pt_event_lines_flush (lines);
    }
  count = g_list_model_get_n_items (pt_event_lines_list (lines));
  g_assert_cmpuint (count, ==, 3);
}

/* As when nothing arrives any more: thousands are one. */
static void
test_thousands (void)
{
  g_autoptr (PtEventLines) lines = pt_event_lines_new ();

  for (int i = 0; i < 9624; i++)
    {
      g_autofree char *area = g_strdup_printf ("area %d", i % 12);

      put (lines, i, i, "silent", area);
    }
  assert_lines (lines, "9624 of 12 areas, 19248@9623 ");
}

/* All together are bounded, and the newest stay; so are groups. */
static void
test_bound (void)
{
  g_autoptr (PtEventLines) lines = pt_event_lines_new ();
  g_autoptr (PtEventLine) newest = NULL;
  GListModel *list = pt_event_lines_list (lines);

  for (int i = 0; i < 5000; i++)
    {
      g_autofree char *group = g_strdup_printf ("group %d", i);

      put (lines, i, i, i % 2 == 0 ? group : NULL, "x");
      if (i % 700 == 0)
        pt_event_lines_flush (lines);
    }
  pt_event_lines_flush (lines);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, PT_EVENT_LINES_MAX);
  newest = g_list_model_get_item (list, 0);
  g_assert_cmpint (newest->time, ==, 4999);
}

/* No clock goes back, but for another clock. */
static void
test_clock (void)
{
  g_autoptr (PtEventLines) lines = pt_event_lines_new ();

  put (lines, 0, 9000000, NULL, "a");
  put (lines, 0, 8999000, NULL, "b");
  assert_lines (lines, "b@9000000 a@9000000 ");
  put (lines, 0, 1000, NULL, "c");
  put (lines, 0, 500, NULL, "d");
  assert_lines (lines, "d@1000 c@1000 b@9000000 a@9000000 ");
}

static PtEventLine *
site (const char *area, const char *place, gint64 customers)
{
  PtEventLine *line = pt_event_line_new (PT_EVENT_POWER, "off", g_strdup ("s"), g_strdup (""), 1);

  pt_event_line_set_group (line, g_strdup ("g"), PT_EVENT_SITES_MANY, pt_event_sum_sites, area,
                           place, customers);
  return line;
}

static void
assert_text (PtEventLine *line, const char *expected)
{
  gsize more_at;
  g_autofree char *text = pt_event_line_text (line, &more_at);

  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpuint (more_at, <=, strlen (text));
}

/* In words: how many, where, whom; and since when, where that was not just now. */
static void
test_words (void)
{
  static const char *const places[]
      = { "Campbell", "Capitola", "Campbell", NULL, "Soquel", "Aptos" };
  g_autoptr (PtEventLine) all = site ("pge-08", "Los Gatos", 1000);
  g_autoptr (PtEventLine) elsewhere = site ("pge-04", NULL, 0);
  g_autoptr (PtEventLine) nowhere = site ("pge-04", NULL, 0);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (PtEventLine) one = site ("pge-08", places[i], 100);

      pt_event_line_add (all, one);
    }
  pt_event_sum_sites (all);
  assert_text (all, "7 sites, area pge-08: Los Gatos, Campbell, Capitola… · 1,600 customers");
  pt_event_line_add (all, elsewhere);
  pt_event_sum_sites (all);
  assert_text (all, "8 sites in 2 areas: Los Gatos, Campbell, Capitola… · 1,600 customers");
  pt_event_line_add (nowhere, elsewhere);
  pt_event_sum_sites (nowhere);
  assert_text (nowhere, "2 sites, area pge-04");
  elsewhere->time = 7200000;
  elsewhere->at = 7140001;
  assert_text (elsewhere, "s");
  elsewhere->at = 3600000;
  assert_text (elsewhere, "s, since 01:00");
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-lines/many", test_many);
  g_test_add_func ("/event-lines/apart", test_apart);
  g_test_add_func ("/event-lines/thousands", test_thousands);
  g_test_add_func ("/event-lines/bound", test_bound);
  g_test_add_func ("/event-lines/clock", test_clock);
  g_test_add_func ("/event-lines/words", test_words);
  return g_test_run ();
}
