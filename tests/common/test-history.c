/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-history.h"

#include <string.h>

/* What the store keeps of one device, and what it should keep. */
typedef struct
{
  gint64 start_seq, start, end_seq, end; /* end_seq 0: open */
} Outage;

typedef struct
{
  gint64 seq, ts;
  PtPower power;
} Report;

static int
compare_outages (gconstpointer a, gconstpointer b)
{
  const Outage *left = a, *right = b;

  return left->start_seq < right->start_seq ? -1 : left->start_seq > right->start_seq;
}

static int
compare_reports (gconstpointer a, gconstpointer b)
{
  const Report *left = a, *right = b;

  return left->seq < right->seq ? -1 : left->seq > right->seq;
}

/* The outage with the largest start_seq that is not above @seq. */
static Outage *
model_find (GArray *outages, gint64 seq)
{
  Outage *found = NULL;

  for (guint i = 0; i < outages->len; i++)
    {
      Outage *outage = &g_array_index (outages, Outage, i);

      if (outage->start_seq <= seq && (found == NULL || outage->start_seq > found->start_seq))
        found = outage;
    }
  g_assert_nonnull (found);
  return found;
}

static void
model_split (GArray *outages, const PtOutageChange *change)
{
  Outage *first = model_find (outages, change->old_start_seq);
  Outage second = { change->start_seq, change->start, first->end_seq, first->end };

  first->end_seq = change->end_seq;
  first->end = change->end;
  g_array_append_val (outages, second);
}

static void
model_apply (GArray *outages, const PtOutageChange *change)
{
  Outage opened = { change->start_seq, change->start, change->end_seq, change->end };
  Outage *outage;

  switch (change->kind)
    {
    case PT_CHANGE_OPEN:
      g_array_append_val (outages, opened);
      return;
    case PT_CHANGE_CLOSE:
    case PT_CHANGE_MOVE_END:
      outage = model_find (outages, change->start_seq);
      outage->end_seq = change->end_seq;
      outage->end = change->end;
      return;
    case PT_CHANGE_MOVE_START:
      outage = model_find (outages, change->old_start_seq);
      outage->start_seq = change->start_seq;
      outage->start = change->start;
      return;
    case PT_CHANGE_SPLIT:
      model_split (outages, change);
      return;
    }
  g_assert_not_reached ();
}

/* The outages of reports in the order of their counters: from each first OFF to the next ON. */
static GArray *
fold_sorted (GArray *reports)
{
  g_autoptr (GArray) sorted = g_array_copy (reports);
  GArray *outages = g_array_new (FALSE, FALSE, sizeof (Outage));
  gboolean off = FALSE;

  g_array_sort (sorted, compare_reports);
  for (guint i = 0; i < sorted->len; i++)
    {
      const Report *report = &g_array_index (sorted, Report, i);
      Outage opened = { report->seq, report->ts, 0, 0 };

      if (report->power == PT_POWER_OFF && !off)
        g_array_append_val (outages, opened);
      if (report->power == PT_POWER_ON && off)
        {
          Outage *last = &g_array_index (outages, Outage, outages->len - 1);

          last->end_seq = report->seq;
          last->end = report->ts;
        }
      off = report->power == PT_POWER_OFF;
    }
  return outages;
}

static void
assert_outages (GArray *outages, GArray *reports)
{
  g_autoptr (GArray) expected = fold_sorted (reports);

  g_array_sort (outages, compare_outages);
  g_assert_cmpmem (outages->data, outages->len * sizeof (Outage), expected->data,
                   expected->len * sizeof (Outage));
}

static void
shuffle (GArray *reports)
{
  for (guint i = reports->len; i > 1; i--)
    {
      guint j = (guint) g_test_rand_int_range (0, (gint32) i);
      Report swapped = g_array_index (reports, Report, i - 1);

      g_array_index (reports, Report, i - 1) = g_array_index (reports, Report, j);
      g_array_index (reports, Report, j) = swapped;
    }
}

static GArray *
random_reports (gint64 first_seq, guint count, guint lost_percent)
{
  GArray *reports = g_array_new (FALSE, FALSE, sizeof (Report));

  for (guint i = 0; i < count; i++)
    {
      Report report = { first_seq + i, 1764000000000 + (gint64) i * 1000,
                        g_test_rand_bit () ? PT_POWER_ON : PT_POWER_OFF };

      report.ts += g_test_rand_int_range (-5000, 5000);
      if (g_test_rand_int_range (0, 100) >= (gint32) lost_percent)
        g_array_append_val (reports, report);
    }
  return reports;
}

static gboolean
holds_seq (GArray *reports, gint64 seq)
{
  for (guint i = 0; i < reports->len; i++)
    if (g_array_index (reports, Report, i).seq == seq)
      return TRUE;
  return FALSE;
}

/* Saves and loads, as a restart does. */
static void
reload (PtHistory *history)
{
  g_autoptr (GBytes) saved = pt_history_save_gaps (history);
  g_autoptr (GBytes) again = NULL;
  PtHistory loaded;

  pt_history_init (&loaded);
  g_assert_true (pt_history_load_gaps (&loaded, saved));
  loaded.latest = history->latest;
  again = pt_history_save_gaps (&loaded);
  g_assert_true (g_bytes_equal (saved, again));
  pt_history_clear (history);
  *history = loaded;
}

static void
assert_verdicts (const PtHistory *history, GArray *taken)
{
  guint64 missing = 0;

  for (gint64 seq = 1; seq <= history->latest.seq + 2; seq++)
    {
      gint64 behind = history->latest.seq - seq;
      gboolean used = holds_seq (taken, seq);

      if (behind > PT_SEQ_WINDOW)
        g_assert_cmpint (pt_history_check (history, seq), ==, PT_SEQ_TOO_OLD);
      else
        g_assert_cmpint (pt_history_check (history, seq), ==, used ? PT_SEQ_USED : PT_SEQ_NEW);
      missing += behind > 0 && !used;
    }
  g_assert_cmpuint (pt_history_missing (history), ==, missing);
}

/* In any order, and after every single report, the outages are those of the sorted sequence. */
static void
test_any_order (void)
{
  for (guint round = 0; round < 300; round++)
    {
      gint64 first = g_test_rand_bit () ? 1 : g_test_rand_int_range (2, 3000);
      g_autoptr (GArray) reports = random_reports (first, 40, round % 3 * 20);
      g_autoptr (GArray) outages = g_array_new (FALSE, FALSE, sizeof (Outage));
      g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (Report));
      PtHistory history;

      pt_history_init (&history);
      shuffle (reports);
      for (guint i = 0; i < reports->len; i++)
        {
          Report report = g_array_index (reports, Report, i);
          PtOutageChange change;

          g_assert_cmpint (pt_history_check (&history, report.seq), ==, PT_SEQ_NEW);
          if (pt_history_apply (&history, report.seq, report.ts, report.power, &change))
            model_apply (outages, &change);
          g_array_append_val (taken, report);
          assert_outages (outages, taken);
          g_assert_cmpint (pt_history_check (&history, report.seq), ==, PT_SEQ_USED);
          if (g_test_rand_int_range (0, 10) == 0)
            reload (&history);
        }
      if (round % 20 == 0)
        assert_verdicts (&history, taken);
      pt_history_clear (&history);
    }
}

/* Far more counters than the window holds, some reports so late that they are refused. */
static void
test_sliding_window (void)
{
  g_autoptr (GArray) outages = g_array_new (FALSE, FALSE, sizeof (Outage));
  g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (Report));
  PtHistory history;
  gint64 top = 0;
  guint refused = 0;

  pt_history_init (&history);
  for (guint i = 0; i < 2500; i++)
    {
      gboolean late = g_test_rand_int_range (0, 3) == 0;
      gint32 step = late ? g_test_rand_int_range (-6000, 1) : g_test_rand_int_range (1, 12);
      gint64 seq = MAX (1, top + step);
      Report report
          = { seq, 1764000000000 + seq * 1000, g_test_rand_bit () ? PT_POWER_ON : PT_POWER_OFF };
      PtOutageChange change;
      PtSeqVerdict verdict = pt_history_check (&history, seq);

      g_assert_cmpint (verdict, ==,
                       top - seq > PT_SEQ_WINDOW ? PT_SEQ_TOO_OLD
                       : holds_seq (taken, seq)  ? PT_SEQ_USED
                                                 : PT_SEQ_NEW);
      refused += verdict == PT_SEQ_TOO_OLD;
      if (verdict != PT_SEQ_NEW)
        continue;
      if (pt_history_apply (&history, seq, report.ts, report.power, &change))
        model_apply (outages, &change);
      g_array_append_val (taken, report);
      top = MAX (top, seq);
      if (i % 50 == 0)
        reload (&history);
      if (i % 25 == 0)
        assert_outages (outages, taken);
    }
  assert_outages (outages, taken);
  assert_verdicts (&history, taken);
  g_assert_cmpuint (refused, >, 0);
  pt_history_clear (&history);
}

static void
apply (PtHistory *history, gint64 seq, PtPower power)
{
  PtOutageChange change;

  pt_history_apply (history, seq, seq * 1000, power, &change);
}

static void
test_window_edges (void)
{
  PtHistory history;

  pt_history_init (&history);
  g_assert_cmpint (pt_history_check (&history, 1), ==, PT_SEQ_NEW);
  apply (&history, 10000, PT_POWER_ON);
  g_assert_cmpuint (pt_history_missing (&history), ==, 9999);
  g_assert_cmpint (pt_history_check (&history, 10000 - 4096), ==, PT_SEQ_NEW);
  g_assert_cmpint (pt_history_check (&history, 10000 - 4097), ==, PT_SEQ_TOO_OLD);
  g_assert_cmpint (pt_history_check (&history, 10000), ==, PT_SEQ_USED);
  apply (&history, 10000 - 4096, PT_POWER_OFF);
  g_assert_cmpint (pt_history_check (&history, 10000 - 4096), ==, PT_SEQ_USED);
  apply (&history, 10001, PT_POWER_ON);
  g_assert_cmpint (pt_history_check (&history, 10001 - 4096), ==, PT_SEQ_NEW);
  g_assert_cmpint (pt_history_check (&history, 10001 - 4097), ==, PT_SEQ_TOO_OLD);
  apply (&history, PT_INTEGER_MAX, PT_POWER_OFF);
  g_assert_cmpint (pt_history_check (&history, PT_INTEGER_MAX - 4096), ==, PT_SEQ_NEW);
  g_assert_cmpint (pt_history_check (&history, PT_INTEGER_MAX - 4097), ==, PT_SEQ_TOO_OLD);
  g_assert_cmpuint (history.gap_count, ==, 1);
  pt_history_clear (&history);
}

static void
note_passed (gint64 first, gint64 last, gpointer user_data)
{
  g_string_append_printf (user_data, "%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT " ", first, last);
}

static char *
passed_by (const PtHistory *history, gint64 seq)
{
  GString *text = g_string_new (NULL);

  pt_history_each_passed (history, seq, note_passed, text);
  return g_string_free (text, FALSE);
}

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

/* 2 to 4 were made and never came: that is still said when 4,100 and more came after them, and
 * after a restart. */
static void
test_nothing_forgotten (void)
{
  PtHistory history;
  gint64 seq = 5;

  pt_history_init (&history);
  apply (&history, 1, PT_POWER_ON);
  for (; seq <= 2 + 4096; seq++)
    apply (&history, seq, PT_POWER_ON);
  g_assert_cmpint (history.passed, ==, 0);
  assert_text (passed_by (&history, seq), "2-2 ");
  assert_text (passed_by (&history, seq + 1), "2-3 ");
  assert_text (passed_by (&history, seq + 10000), "2-4 4099-10002 ");
  for (; seq <= 4105; seq++)
    apply (&history, seq, PT_POWER_ON);
  g_assert_cmpuint (history.gap_count, ==, 0);
  g_assert_cmpint (history.passed, ==, 3);
  g_assert_cmpuint (pt_history_missing (&history), ==, 3);
  reload (&history);
  g_assert_cmpuint (pt_history_missing (&history), ==, 3);
  apply (&history, 9000, PT_POWER_ON);
  g_assert_cmpuint (pt_history_missing (&history), ==, 3 + 9000 - 4106);
  reload (&history);
  apply (&history, 9000 - 4096, PT_POWER_ON);
  g_assert_cmpuint (pt_history_missing (&history), ==, 2 + 9000 - 4106);
  pt_history_clear (&history);
}

/* Every second counter missing is as many gaps as there can be, and they are still saved. */
static void
test_most_gaps (void)
{
  PtHistory history;

  pt_history_init (&history);
  for (gint64 seq = 2; seq <= 20000; seq += 2)
    apply (&history, seq, seq % 4 == 0 ? PT_POWER_OFF : PT_POWER_ON);
  g_assert_cmpuint (history.gap_count, ==, PT_SEQ_WINDOW / 2);
  reload (&history);
  g_assert_cmpuint (history.gap_count, ==, PT_SEQ_WINDOW / 2);
  for (gint64 seq = 20000 - 4095; seq < 20000; seq += 2)
    apply (&history, seq, PT_POWER_ON);
  g_assert_cmpuint (history.gap_count, ==, 0);
  g_assert_null (history.gaps);
  pt_history_clear (&history);
}

static gboolean
loads (gconstpointer data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  PtHistory history;
  gboolean loaded;

  pt_history_init (&history);
  loaded = pt_history_load_gaps (&history, bytes);
  pt_history_clear (&history);
  return loaded;
}

/* A database that was tampered with, or torn, is refused; nothing is read beyond its end. */
static void
test_bad_gaps (void)
{
  PtHistory history;
  g_autoptr (GBytes) saved = NULL;
  g_autofree guint8 *copy = NULL;
  gsize size;
  const guint8 *data;

  pt_history_init (&history);
  apply (&history, 5, PT_POWER_ON);
  apply (&history, 9, PT_POWER_OFF);
  saved = pt_history_save_gaps (&history);
  data = g_bytes_get_data (saved, &size);
  g_assert_true (loads ("", 0));
  g_assert_true (loads (data, size));
  for (gsize cut = 1; cut < size; cut++)
    g_assert_cmpint (loads (data, cut), ==, cut == size / 2);
  copy = g_memdup2 (data, size);
  memset (copy, 0xff, 8); /* so many counters passed: one */
  g_assert_true (loads (copy, 8));
  g_assert_false (loads (copy, 16));
  g_assert_false (loads (copy, 64));
  copy[0] = 0x80; /* far more than there can be */
  g_assert_false (loads (copy, 8));
  memset (copy, 0, 8);
  g_assert_false (loads (copy, 8));
  memcpy (copy, data, size);
  memcpy (copy + size / 2, data, size / 2); /* the same gap twice */
  g_assert_false (loads (copy, size));
  for (gsize at = 0; at < size; at += 8) /* each integer turned into a huge one */
    {
      memcpy (copy, data, size);
      memset (copy + at, 0x7f, 8);
      if (at % 64 != 24 && at % 64 != 48 && at % 64 != 40) /* times may be anything, a later too */
        g_assert_false (loads (copy, size));
    }
  pt_history_clear (&history);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/any-order", test_any_order);
  g_test_add_func ("/history/sliding-window", test_sliding_window);
  g_test_add_func ("/history/window-edges", test_window_edges);
  g_test_add_func ("/history/nothing-forgotten", test_nothing_forgotten);
  g_test_add_func ("/history/most-gaps", test_most_gaps);
  g_test_add_func ("/history/bad-gaps", test_bad_gaps);
  return g_test_run ();
}
