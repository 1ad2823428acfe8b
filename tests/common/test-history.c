/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-history.h"

#include <string.h>

/* What the store keeps of one device, and what it should keep. */
typedef struct
{
  gint64 start_seq, start, end_seq, end; /* end_seq 0: open, or not followed to its end */
  gint64 place, ended_by;
} Outage;

/* A report as it came, and with @cut an entry after it that moved or revoked its device. */
typedef struct
{
  gint64 seq, ts, received;
  PtPower power;
  guint32 place;
  PtCut cut;
  gint64 cut_received;
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
  Outage second = { change->start_seq, change->start, first->end_seq,
                    first->end,        change->place, first->ended_by };

  if (second.ended_by > PT_END_REPORT)
    second.end = MAX (second.end, second.start);
  first->end_seq = change->end_seq;
  first->end = change->end;
  first->ended_by = change->ended_by;
  g_array_append_val (outages, second);
}

static void
model_end (GArray *outages, const PtOutageChange *change)
{
  Outage *outage = model_find (outages, change->start_seq);

  outage->end_seq = change->end_seq;
  outage->end = change->end;
  outage->ended_by = change->ended_by;
}

static void
model_start (GArray *outages, const PtOutageChange *change)
{
  gboolean moves = change->kind == PT_CHANGE_MOVE_START;
  Outage *outage = model_find (outages, moves ? change->old_start_seq : change->start_seq);

  if (moves)
    outage->place = change->place;
  else
    g_assert_cmpint (outage->start_seq, ==, change->start_seq);
  outage->start_seq = change->start_seq;
  outage->start = change->start;
  if (outage->ended_by > PT_END_REPORT)
    outage->end = MAX (outage->end, outage->start);
}

static void
model_apply (const PtOutageChange *change, gpointer outages)
{
  Outage opened = { change->start_seq, change->start, change->end_seq,
                    change->end,       change->place, change->ended_by };

  switch (change->kind)
    {
    case PT_CHANGE_OPEN:
      g_array_append_val (outages, opened);
      return;
    case PT_CHANGE_TIME_END:
      g_assert_cmpint (model_find (outages, change->start_seq)->end_seq, ==, change->end_seq);
      model_end (outages, change);
      return;
    case PT_CHANGE_CLOSE:
    case PT_CHANGE_CUT:
    case PT_CHANGE_MOVE_END:
      model_end (outages, change);
      return;
    case PT_CHANGE_MOVE_START:
    case PT_CHANGE_TIME_START:
      model_start (outages, change);
      return;
    case PT_CHANGE_SPLIT:
      model_split (outages, change);
      return;
    }
  g_assert_not_reached ();
}

/* The outages of reports in the order of their counters, by the book: from each first OFF to the
 * next ON, or to where the device was not followed any more. */
static GArray *
fold_sorted (GArray *reports)
{
  g_autoptr (GArray) sorted = g_array_copy (reports);
  GArray *outages = g_array_new (FALSE, FALSE, sizeof (Outage));
  gboolean off = FALSE;
  gint64 time = PT_NO_TIME;

  g_array_sort (sorted, compare_reports);
  for (guint i = 0; i < sorted->len; i++)
    {
      const Report *report = &g_array_index (sorted, Report, i);
      Outage *last;
      Outage opened = { report->seq, 0, 0, 0, report->place, PT_END_NONE };

      if (report->ts >= time)
        time = report->ts;
      else
        time = MAX (report->received, time);
      opened.start = time;
      if (report->power == PT_POWER_OFF && !off)
        g_array_append_val (outages, opened);
      last = outages->len > 0 ? &g_array_index (outages, Outage, outages->len - 1) : NULL;
      if (report->power == PT_POWER_ON && off)
        {
          last->end_seq = report->seq;
          last->end = time;
          last->ended_by = PT_END_REPORT;
        }
      off = report->power == PT_POWER_OFF;
      if (off && report->cut != PT_FOLLOWED)
        {
          last->end = MAX (report->cut_received, time);
          last->ended_by = report->cut == PT_CUT_MOVED ? PT_END_MOVED : PT_END_REVOKED;
        }
      off &= report->cut == PT_FOLLOWED;
    }
  return outages;
}

static void
assert_outages (GArray *outages, GArray *reports)
{
  g_autoptr (GArray) expected = fold_sorted (reports);

  g_array_sort (outages, compare_outages);
  g_assert_cmpuint (outages->len, ==, expected->len);
  for (guint i = 0; i < outages->len; i++)
    {
      const Outage *got = &g_array_index (outages, Outage, i);
      const Outage *should = &g_array_index (expected, Outage, i);

      g_assert_cmpint (got->start_seq, ==, should->start_seq);
      g_assert_cmpint (got->start, ==, should->start);
      g_assert_cmpint (got->end_seq, ==, should->end_seq);
      g_assert_cmpint (got->place, ==, should->place);
      g_assert_cmpint (got->ended_by, ==, should->ended_by);
      /* How far an outage was followed moves with the times, and does not go back. */
      if (got->ended_by <= PT_END_REPORT)
        g_assert_cmpint (got->end, ==, should->end);
      g_assert_true (got->ended_by == PT_END_NONE || got->end >= got->start);
    }
}

/* Since when it is as it is, by the book. */
static void
assert_state (const PtHistory *history, GArray *reports)
{
  g_autoptr (GArray) sorted = g_array_copy (reports);
  gint64 time = PT_NO_TIME, since = 0, since_seq = 0, heard = 0;
  PtPower power = PT_POWER_OFF;
  gboolean known = FALSE;

  g_array_sort (sorted, compare_reports);
  for (guint i = 0; i < sorted->len; i++)
    {
      const Report *report = &g_array_index (sorted, Report, i);

      time = pt_report_time (report->ts, report->received, time);
      if (!known || report->power != power)
        {
          since = time;
          since_seq = report->seq;
        }
      heard = MAX (heard, report->received);
      power = report->power;
      known = report->cut == PT_FOLLOWED;
    }
  g_assert_cmpint (history->heard, ==, heard);
  g_assert_cmpint (history->latest.time, ==, time);
  g_assert_cmpint (history->cut != PT_FOLLOWED, ==, !known);
  g_assert_cmpint (history->since_seq, ==, known ? since_seq : 0);
  g_assert_cmpint (history->since, ==, known ? since : 0);
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

/* @disorder: by how many milliseconds the device's clock may lie. */
static GArray *
random_reports (gint64 first_seq, guint count, guint lost_percent, gint32 disorder)
{
  GArray *reports = g_array_new (FALSE, FALSE, sizeof (Report));

  for (guint i = 0; i < count; i++)
    {
      Report report = { .seq = first_seq + i,
                        .ts = 1764000000000 + (gint64) i * 1000,
                        .power = g_test_rand_bit () ? PT_POWER_ON : PT_POWER_OFF };

      report.ts += g_test_rand_int_range (-disorder, disorder);
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
  g_autoptr (GBytes) saved = NULL;
  g_autoptr (GBytes) again = NULL;
  PtHistory loaded;

  saved = pt_history_save (history);
  g_assert_true (pt_history_load (&loaded, saved));
  again = pt_history_save (&loaded);
  g_assert_true (g_bytes_equal (saved, again));
  pt_history_clear (history);
  *history = loaded;
}

static gboolean
take (PtHistory *history, const Report *report, GArray *outages)
{
  PtReport taken = { report->seq, report->ts, report->received, report->power, report->place, 0 };
  PtOutageChange change;
  gboolean changed = pt_history_apply (history, &taken, &change);

  if (changed)
    model_apply (&change, outages);
  return changed;
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

/* Now and then the device is moved or revoked. */
static void
maybe_cut (PtHistory *history, GArray *taken, GArray *outages, gint64 now, guint32 *place)
{
  PtOutageChange change;
  Report *highest = NULL;
  PtCut cut = g_test_rand_bit () ? PT_CUT_MOVED : PT_CUT_REVOKED;

  if (g_test_rand_int_range (0, 15) != 0 || taken->len == 0)
    return;
  *place += cut == PT_CUT_MOVED;
  for (guint i = 0; i < taken->len; i++)
    {
      Report *report = &g_array_index (taken, Report, i);

      if (highest == NULL || report->seq > highest->seq)
        highest = report;
    }
  if (highest->cut == PT_FOLLOWED)
    {
      highest->cut = cut;
      highest->cut_received = now;
    }
  pt_history_settle (history, model_apply, outages);
  if (pt_history_cut (history, cut, now, &change))
    model_apply (&change, outages);
}

/* In any order, by any clock, moved and revoked on the way: after every single report the outages
 * are those of the sorted sequence. */
static void
test_any_order (void)
{
  for (guint round = 0; round < 600; round++)
    {
      gint64 first = g_test_rand_bit () ? 1 : g_test_rand_int_range (2, 3000);
      g_autoptr (GArray) reports
          = random_reports (first, 40, round % 3 * 20, round % 4 == 0 ? 500 : 20000);
      g_autoptr (GArray) outages = g_array_new (FALSE, FALSE, sizeof (Outage));
      g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (Report));
      gint64 now = 1764000000000 + 20000;
      guint32 place = 0;
      PtHistory history;

      pt_history_init (&history);
      shuffle (reports);
      for (guint i = 0; i < reports->len; i++)
        {
          Report report = g_array_index (reports, Report, i);

          now += g_test_rand_int_range (0, 3) * 1500; /* often in one commit */
          report.received = MAX (now, report.ts - 300000);
          report.place = place;
          g_assert_cmpint (pt_history_check (&history, report.seq), ==, PT_SEQ_NEW);
          take (&history, &report, outages);
          g_array_append_val (taken, report);
          if (round % 2 == 0)
            maybe_cut (&history, taken, outages, now, &place);
          if (g_test_rand_int_range (0, 4) == 0)
            continue; /* of one group with the next */
          pt_history_settle (&history, model_apply, outages);
          assert_outages (outages, taken);
          assert_state (&history, taken);
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
      Report report = { .seq = seq,
                        .ts = 1764000000000 + seq * 1000 + g_test_rand_int_range (-3000, 3000),
                        .received = 1764000000000 + (gint64) i * 10000,
                        .power = g_test_rand_bit () ? PT_POWER_ON : PT_POWER_OFF };
      PtSeqVerdict verdict = pt_history_check (&history, seq);

      g_assert_cmpint (verdict, ==,
                       top - seq > PT_SEQ_WINDOW ? PT_SEQ_TOO_OLD
                       : holds_seq (taken, seq)  ? PT_SEQ_USED
                                                 : PT_SEQ_NEW);
      refused += verdict == PT_SEQ_TOO_OLD;
      if (verdict != PT_SEQ_NEW)
        continue;
      take (&history, &report, outages);
      g_array_append_val (taken, report);
      top = MAX (top, seq);
      if (i % 5 == 0)
        pt_history_settle (&history, model_apply, outages);
      if (i % 50 == 0)
        reload (&history);
      if (i % 25 == 0)
        {
          assert_outages (outages, taken);
          assert_state (&history, taken);
        }
    }
  pt_history_settle (&history, model_apply, outages);
  assert_outages (outages, taken);
  assert_verdicts (&history, taken);
  g_assert_cmpuint (refused, >, 0);
  pt_history_clear (&history);
}

static void
count_gap (gint64 first, gint64 last, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
apply (PtHistory *history, gint64 seq, PtPower power)
{
  PtReport report = { seq, seq * 1000, seq * 1000, power, 0, 0 };
  PtOutageChange change;

  pt_history_apply (history, &report, &change);
  pt_history_settle (history, NULL, NULL);
}

static guint
count_gaps (const PtHistory *history)
{
  guint gaps = 0;

  pt_history_each_gap (history, count_gap, &gaps);
  return gaps;
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
  g_assert_cmpuint (count_gaps (&history), ==, 1);
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
  g_assert_cmpuint (count_gaps (&history), ==, 0);
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
  g_assert_cmpuint (count_gaps (&history), ==, PT_SEQ_WINDOW / 2);
  reload (&history);
  g_assert_cmpuint (count_gaps (&history), ==, PT_SEQ_WINDOW / 2);
  for (gint64 seq = 20000 - 4095; seq < 20000; seq += 2)
    apply (&history, seq, PT_POWER_ON);
  g_assert_cmpuint (count_gaps (&history), ==, 0);
  g_assert_null (history.pieces);
  pt_history_clear (&history);
}

static gboolean
loads (gconstpointer data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  PtHistory history;
  gboolean loaded = pt_history_load (&history, bytes);

  pt_history_clear (&history);
  return loaded;
}

/* A database that was tampered with, or torn, is refused; nothing is read beyond its end. */
static void
test_bad_bytes (void)
{
  PtHistory history;
  g_autoptr (GBytes) saved = NULL;
  g_autoptr (GBytes) head = NULL;
  g_autofree guint8 *copy = NULL;
  guint loaded = 0;
  gsize size;
  const guint8 *data;

  pt_history_init (&history);
  apply (&history, 5, PT_POWER_ON);
  apply (&history, 9, PT_POWER_OFF);
  saved = pt_history_save (&history);
  data = g_bytes_get_data (saved, &size);
  g_assert_true (loads ("", 0));
  g_assert_true (loads (data, size));
  g_assert_false (loads ("\2", 1));
  g_assert_false (loads ("\3", 1));
  for (gsize cut = 1; cut < size; cut++)
    loaded += loads (data, cut);
  g_assert_cmpuint (loaded, ==, 1); /* the head alone: no gaps */
  copy = g_malloc (size + 1);
  for (gsize at = 0; at < size; at++)
    for (guint bit = 0; bit < 8; bit++)
      {
        memcpy (copy, data, size);
        copy[at] ^= (guint8) (1 << bit);
        loads (copy, size); /* whatever it says, within its bounds */
      }
  memcpy (copy, data, size);
  copy[size] = 0;
  g_assert_false (loads (copy, size + 1));
  pt_history_clear (&history);
}

/* An earlier version did not keep where its latest report stood. */
static void
test_without_order (void)
{
  PtReport report = { 5, 100, 110, PT_POWER_OFF, 3, 7 };
  g_autoptr (GBytes) saved = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree guint8 *copy = NULL;
  PtHistory history, loaded;
  PtOutageChange change;
  gsize size;

  pt_history_init (&history);
  pt_history_apply (&history, &report, &change);
  g_clear_pointer (&history.pieces, g_free); /* of what is missing below */
  history.piece_count = 0;
  saved = pt_history_save (&history);
  g_assert_true (pt_history_load (&loaded, saved));
  g_assert_cmpuint (loaded.latest.place, ==, 3);
  g_assert_cmpuint (loaded.latest.order, ==, 7);
  size = g_bytes_get_size (saved);
  copy = g_memdup2 (g_bytes_get_data (saved, NULL), size);
  copy[0] = 1;
  g_assert_cmpuint (copy[size - 2], ==, 3);
  g_assert_cmpuint (copy[size - 1], ==, 7);
  bytes = g_bytes_new (copy, size - 2);
  g_assert_true (pt_history_load (&loaded, bytes));
  g_assert_cmpint (loaded.latest.seq, ==, 5);
  g_assert_cmpuint (loaded.latest.place, ==, PT_PLACE_UNKNOWN);
  g_assert_cmpuint (loaded.latest.order, ==, 0);
}

/* Schema 3 and before */

static void
put_old (GByteArray *bytes, const gint64 *fields, guint count)
{
  for (guint i = 0; i < count; i++)
    {
      guint64 big = GUINT64_TO_BE ((guint64) fields[i]);

      g_byte_array_append (bytes, (const guint8 *) &big, 8);
    }
}

static const gint64 old_gaps[2][8] = { { 2, 4, 1, 1000, PT_POWER_ON, 5, 5000, PT_POWER_OFF },
                                       { 8, 8, 7, 7000, PT_POWER_ON, 9, 6000, PT_POWER_ON } };

static gboolean
load_old (PtHistory *history, const gint64 *head, guint heads, guint gaps, gint64 seq)
{
  GByteArray *array = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  PtOldHistory old
      = { .seq = seq, .ts = 8000, .power = PT_POWER_ON, .since = 7500, .since_seq = 6 };

  put_old (array, head, heads);
  put_old (array, old_gaps[0], gaps * 8);
  old.gaps = bytes = g_byte_array_free_to_bytes (array);
  return pt_history_load_old (history, &old);
}

/* What an older version kept: the same counters are missing, and no time goes back. */
static void
test_old (void)
{
  static const gint64 passed[] = { -3 }, bad[] = { 3 };
  PtHistory history;

  g_assert_true (load_old (&history, NULL, 0, 2, 9));
  g_assert_cmpuint (pt_history_missing (&history), ==, 4);
  g_assert_cmpint (pt_history_check (&history, 4), ==, PT_SEQ_NEW);
  g_assert_cmpint (pt_history_check (&history, 6), ==, PT_SEQ_USED);
  g_assert_cmpint (pt_history_check (&history, 8), ==, PT_SEQ_NEW);
  g_assert_cmpint (history.latest.time, ==, 8000);
  g_assert_cmpint (history.since, ==, 7500);
  g_assert_false (history.is_part);
  reload (&history);
  apply (&history, 8, PT_POWER_OFF);
  apply (&history, 3, PT_POWER_ON);
  g_assert_cmpuint (pt_history_missing (&history), ==, 2);
  reload (&history);
  pt_history_clear (&history);

  g_assert_true (load_old (&history, passed, 1, 0, 5000));
  g_assert_cmpuint (pt_history_missing (&history), ==, 3);
  g_assert_true (history.is_part);
  pt_history_clear (&history);
  g_assert_false (load_old (&history, bad, 1, 0, 5000));
  g_assert_false (load_old (&history, passed, 1, 2, 8));
  g_assert_false (load_old (&history, old_gaps[0], 7, 0, 9));
}

/* The clock stands behind when power is back: no time goes back. The same reports in another order
 * say the same. */
static void
test_clock_lost (void)
{
  Report off = { .seq = 1, .ts = 500000, .received = 501000, .power = PT_POWER_OFF };
  Report on = { .seq = 2, .ts = 1000, .received = 900000, .power = PT_POWER_ON };
  Report again = { .seq = 3, .ts = 2000, .received = 900000, .power = PT_POWER_OFF };
  const Report *orders[][3]
      = { { &off, &on, &again }, { &again, &off, &on }, { &again, &on, &off } };

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autoptr (GArray) outages = g_array_new (FALSE, FALSE, sizeof (Outage));
      const Outage *first;
      PtHistory history;

      pt_history_init (&history);
      for (guint j = 0; j < 3; j++)
        take (&history, orders[i][j], outages);
      pt_history_settle (&history, model_apply, outages);
      g_array_sort (outages, compare_outages);
      g_assert_cmpuint (outages->len, ==, 2);
      first = &g_array_index (outages, Outage, 0);
      g_assert_cmpint (first->start, ==, 500000);
      g_assert_cmpint (first->end, ==, 900000);
      g_assert_cmpint (first[1].start, ==, 900000);
      g_assert_cmpint (history.since, ==, 900000);
      g_assert_cmpint (history.heard, ==, 900000);
      pt_history_clear (&history);
    }
}

/* The lowest counter that is there, above one, beside what check () says of each. */
static void
test_lowest (void)
{
  static const gint64 counters[] = { 3, 4, 9, 10, 4200, 4201, 5000, 1030, 990, 12000 };
  PtHistory history;
  PtOutageChange change;

  pt_history_init (&history);
  g_assert_cmpint (pt_history_lowest (&history, 0), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (counters); i++)
    {
      PtReport report = { counters[i], 1000 * counters[i], 1, PT_POWER_ON, 0, 0 };
      gint64 lowest = 0;

      if (pt_history_check (&history, report.seq) == PT_SEQ_NEW)
        pt_history_apply (&history, &report, &change);
      pt_history_settle (&history, NULL, NULL);
      for (gint64 above = history.latest.seq; above >= 0; above--)
        {
          g_assert_cmpint (pt_history_lowest (&history, above), ==, lowest);
          if (above > 0 && pt_history_check (&history, above) == PT_SEQ_USED)
            lowest = above;
        }
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
  g_test_add_func ("/history/bad-bytes", test_bad_bytes);
  g_test_add_func ("/history/without-order", test_without_order);
  g_test_add_func ("/history/old", test_old);
  g_test_add_func ("/history/clock-lost", test_clock_lost);
  g_test_add_func ("/history/lowest", test_lowest);
  return g_test_run ();
}
