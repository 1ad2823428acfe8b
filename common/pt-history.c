/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-history.h"

#include <string.h>

/* One gap as it is kept: eight integers, big-endian. Before the first stands `passed`, unless it is
 * 0, below zero so that it is no gap's first counter. */
#define GAP_INTEGERS 8
#define GAP_SIZE (GAP_INTEGERS * 8)
#define PASSED_SIZE 8

void
pt_history_init (PtHistory *history)
{
  g_return_if_fail (history != NULL);

  memset (history, 0, sizeof *history);
}

void
pt_history_clear (PtHistory *history)
{
  g_return_if_fail (history != NULL);

  g_clear_pointer (&history->gaps, g_free);
  memset (history, 0, sizeof *history);
}

/* Index of the gap that holds @seq, or -1. */
static int
history_find_gap (const PtHistory *history, gint64 seq)
{
  int low = 0, high = (int) history->gap_count - 1;

  while (low <= high)
    {
      int middle = (low + high) / 2;
      const PtGap *gap = &history->gaps[middle];

      if (seq < gap->first)
        high = middle - 1;
      else if (seq > gap->last)
        low = middle + 1;
      else
        return middle;
    }
  return -1;
}

PtSeqVerdict
pt_history_check (const PtHistory *history, gint64 seq)
{
  g_return_val_if_fail (history != NULL, (PtSeqVerdict) 0);

  if (seq > history->latest.seq)
    return PT_SEQ_NEW;
  if (history->latest.seq - seq > PT_SEQ_WINDOW)
    return PT_SEQ_TOO_OLD;
  return history_find_gap (history, seq) >= 0 ? PT_SEQ_NEW : PT_SEQ_USED;
}

static void
history_insert_gap (PtHistory *history, guint at, const PtGap *gap)
{
  history->gaps = g_renew (PtGap, history->gaps, history->gap_count + 1);
  memmove (history->gaps + at + 1, history->gaps + at, (history->gap_count - at) * sizeof *gap);
  history->gaps[at] = *gap;
  history->gap_count++;
}

static void
history_remove_gaps (PtHistory *history, guint at, guint count)
{
  history->gap_count -= count;
  memmove (history->gaps + at, history->gaps + at + count,
           (history->gap_count - at) * sizeof *history->gaps);
  if (history->gap_count == 0)
    g_clear_pointer (&history->gaps, g_free);
}

void
pt_history_each_passed (const PtHistory *history, gint64 seq, PtGapFunc func, gpointer user_data)
{
  gint64 oldest = seq - PT_SEQ_WINDOW, next = 0;

  g_return_if_fail (history != NULL && func != NULL);

  for (guint i = 0; i < history->gap_count && history->gaps[i].first < oldest; i++)
    func (history->gaps[i].first, MIN (history->gaps[i].last, oldest - 1), user_data);
  next = history->latest.seq + 1;
  if (next < oldest)
    func (next, oldest - 1, user_data);
}

/* Only counts what is missing further behind than the window: it can't come any more. */
static void
history_trim (PtHistory *history)
{
  gint64 oldest = history->latest.seq - PT_SEQ_WINDOW;
  guint passed = 0;

  for (guint i = 0; i < history->gap_count && history->gaps[i].first < oldest; i++)
    history->passed += MIN (history->gaps[i].last, oldest - 1) - history->gaps[i].first + 1;

  while (passed < history->gap_count && history->gaps[passed].last < oldest)
    passed++;
  if (passed > 0)
    history_remove_gaps (history, 0, passed);
  if (history->gap_count > 0 && history->gaps[0].first < oldest)
    history->gaps[0].first = oldest;
}

/* The outage that the report @now makes, where @before was the newest known. */
static gboolean
history_change_latest (const PtSighting *before, const PtSighting *now, gint64 outage_seq,
                       PtOutageChange *change)
{
  if (now->power == PT_POWER_OFF && (before->seq == 0 || before->power == PT_POWER_ON))
    {
      *change = (PtOutageChange){ .kind = PT_CHANGE_OPEN, .start_seq = now->seq, .start = now->ts };
      return TRUE;
    }
  if (now->power == PT_POWER_ON && before->seq != 0 && before->power == PT_POWER_OFF)
    {
      *change = (PtOutageChange){
        .kind = PT_CHANGE_CLOSE, .start_seq = outage_seq, .end_seq = now->seq, .end = now->ts
      };
      return TRUE;
    }
  return FALSE;
}

/* The same for a report that comes late, between two that are known. An outage is known by the
 * counter of its first OFF; where that is before the gap only the store knows it, so the change
 * carries a counter inside the outage: the store takes the one that holds it. */
static gboolean
history_change_late (const PtSighting *before, const PtSighting *now, const PtSighting *after,
                     PtOutageChange *change)
{
  gboolean was_off = before->seq != 0 && before->power == PT_POWER_OFF;
  gboolean is_off = now->power == PT_POWER_OFF;
  gboolean will_be_off = after->power == PT_POWER_OFF;

  if (!was_off && is_off && !will_be_off)
    *change = (PtOutageChange){ .kind = PT_CHANGE_OPEN,
                                .start_seq = now->seq,
                                .start = now->ts,
                                .end_seq = after->seq,
                                .end = after->ts };
  else if (!was_off && is_off && will_be_off)
    *change = (PtOutageChange){ .kind = PT_CHANGE_MOVE_START,
                                .old_start_seq = after->seq,
                                .start_seq = now->seq,
                                .start = now->ts };
  else if (was_off && !is_off && !will_be_off)
    *change = (PtOutageChange){ .kind = PT_CHANGE_MOVE_END,
                                .start_seq = before->seq,
                                .end_seq = now->seq,
                                .end = now->ts,
                                .old_end_seq = after->seq };
  else if (was_off && !is_off && will_be_off)
    *change = (PtOutageChange){ .kind = PT_CHANGE_SPLIT,
                                .old_start_seq = before->seq,
                                .start_seq = after->seq,
                                .start = after->ts,
                                .end_seq = now->seq,
                                .end = now->ts };
  else
    return FALSE;
  return TRUE;
}

/* Splits the gap @at around the report that came late into it. */
static void
history_fill_gap (PtHistory *history, guint at, const PtSighting *now)
{
  PtGap gap = history->gaps[at];
  PtGap left = gap, right = gap;

  left.last = now->seq - 1;
  left.after = *now;
  right.first = now->seq + 1;
  right.before = *now;
  if (left.first > left.last && right.first > right.last)
    {
      history_remove_gaps (history, at, 1);
      return;
    }
  if (left.first > left.last)
    {
      history->gaps[at] = right;
      return;
    }
  history->gaps[at] = left;
  if (right.first <= right.last)
    history_insert_gap (history, at + 1, &right);
}

static gboolean
history_apply_latest (PtHistory *history, const PtSighting *now, PtOutageChange *change)
{
  PtSighting before = history->latest;
  gboolean changed = history_change_latest (&before, now, before.seq, change);

  if (now->seq > before.seq + 1)
    {
      PtGap gap
          = { .first = before.seq + 1, .last = now->seq - 1, .before = before, .after = *now };

      history_insert_gap (history, history->gap_count, &gap);
    }
  history->latest = *now;
  history_trim (history);
  return changed;
}

gboolean
pt_history_apply (PtHistory *history, gint64 seq, gint64 ts, PtPower power, PtOutageChange *change)
{
  PtSighting now = { .seq = seq, .ts = ts, .power = power };
  gboolean changed;
  int at;

  g_return_val_if_fail (history != NULL, FALSE);

  memset (change, 0, sizeof *change);
  if (seq > history->latest.seq)
    return history_apply_latest (history, &now, change);

  at = history_find_gap (history, seq);
  g_return_val_if_fail (at >= 0, FALSE);
  changed = history_change_late (&history->gaps[at].before, &now, &history->gaps[at].after, change);
  /* Its neighbours may be the ends of other gaps' knowledge, but those hold what they saw
   * themselves. */
  history_fill_gap (history, (guint) at, &now);
  return changed;
}

guint64
pt_history_missing (const PtHistory *history)
{
  guint64 missing;

  g_return_val_if_fail (history != NULL, 0);

  missing = (guint64) history->passed;
  for (guint i = 0; i < history->gap_count; i++)
    missing += (guint64) (history->gaps[i].last - history->gaps[i].first + 1);
  return missing;
}

static void
write_integer (guint8 *to, gint64 value)
{
  guint64 big = GUINT64_TO_BE ((guint64) value);

  memcpy (to, &big, sizeof big);
}

static gint64
read_integer (const guint8 *from)
{
  guint64 big;

  memcpy (&big, from, sizeof big);
  return (gint64) GUINT64_FROM_BE (big);
}

GBytes *
pt_history_save_gaps (const PtHistory *history)
{
  gsize head, size;
  guint8 *bytes;

  g_return_val_if_fail (history != NULL, NULL);

  head = history->passed > 0 ? PASSED_SIZE : 0;
  size = head + history->gap_count * GAP_SIZE;
  bytes = g_malloc (MAX (size, 1));
  if (head > 0)
    write_integer (bytes, -history->passed);
  for (guint i = 0; i < history->gap_count; i++)
    {
      const PtGap *gap = &history->gaps[i];
      gint64 fields[GAP_INTEGERS]
          = { gap->first,        gap->last,      gap->before.seq, gap->before.ts,
              gap->before.power, gap->after.seq, gap->after.ts,   gap->after.power };

      for (guint j = 0; j < GAP_INTEGERS; j++)
        write_integer (bytes + head + i * GAP_SIZE + j * 8, fields[j]);
    }
  return g_bytes_new_take (bytes, size);
}

static gboolean
gap_is_sound (const PtGap *gap, gint64 above)
{
  return gap->first > above && gap->first <= gap->last && gap->before.seq < gap->first
         && gap->after.seq > gap->last && (guint) gap->before.power <= PT_POWER_ON
         && (guint) gap->after.power <= PT_POWER_ON;
}

gboolean
pt_history_load_gaps (PtHistory *history, GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autofree PtGap *gaps = NULL;
  gint64 above = 0, passed = 0;

  g_return_val_if_fail (history != NULL, FALSE);

  if (size % GAP_SIZE == PASSED_SIZE)
    {
      passed = read_integer (data);
      data += PASSED_SIZE;
      size -= PASSED_SIZE;
      if (passed >= 0 || passed < -PT_INTEGER_MAX)
        return FALSE;
      passed = -passed;
    }
  if (size % GAP_SIZE != 0 || size / GAP_SIZE > PT_SEQ_WINDOW)
    return FALSE;
  gaps = g_new0 (PtGap, size / GAP_SIZE + 1);
  for (gsize i = 0; i < size / GAP_SIZE; i++)
    {
      gint64 fields[GAP_INTEGERS];

      for (guint j = 0; j < GAP_INTEGERS; j++)
        fields[j] = read_integer (data + i * GAP_SIZE + j * 8);
      gaps[i] = (PtGap){ fields[0],
                         fields[1],
                         { fields[2], fields[3], (PtPower) fields[4] },
                         { fields[5], fields[6], (PtPower) fields[7] } };
      if (!gap_is_sound (&gaps[i], above))
        return FALSE;
      above = gaps[i].last;
    }
  g_free (history->gaps);
  history->passed = passed;
  history->gap_count = (guint) (size / GAP_SIZE);
  history->gaps = history->gap_count > 0 ? g_steal_pointer (&gaps) : NULL;
  return TRUE;
}
