/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-history.h"

#include <string.h>

const char *
pt_outage_end_name (PtOutageEnd end)
{
  switch (end)
    {
    case PT_END_NONE:
      return NULL;
    case PT_END_REPORT:
      return "report";
    case PT_END_REVOKED:
      return "revoked";
    case PT_END_MOVED:
      return "moved";
    }
  g_return_val_if_reached (NULL);
}

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

  g_clear_pointer (&history->pieces, g_free);
  memset (history, 0, sizeof *history);
}

void
pt_history_copy (const PtHistory *from, PtHistory *to)
{
  g_return_if_fail (from != NULL && to != NULL);

  *to = *from;
  to->pieces = g_memdup2 (from->pieces, from->piece_count * sizeof (PtPiece));
}

/* Counters */

/* The last piece that begins at @seq or below; the first one where none does. */
static guint
history_find_piece (const PtHistory *history, gint64 seq)
{
  guint low = 0, high = history->piece_count;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (history->pieces[middle].first <= seq)
        low = middle;
      else
        high = middle;
    }
  return low;
}

PtSeqVerdict
pt_history_check (const PtHistory *history, gint64 seq)
{
  g_return_val_if_fail (history != NULL, (PtSeqVerdict) 0);

  if (seq > history->latest.seq)
    return PT_SEQ_NEW;
  if (history->latest.seq - seq > PT_SEQ_WINDOW)
    return PT_SEQ_TOO_OLD;
  if (history->pieces == NULL)
    return PT_SEQ_USED;
  return seq > history->pieces[history_find_piece (history, seq)].last ? PT_SEQ_NEW : PT_SEQ_USED;
}

/* The lowest counter that can still come. */
static gint64
history_oldest (const PtHistory *history)
{
  return MAX (1, history->latest.seq - PT_SEQ_WINDOW);
}

static void
history_each_missing (const PtHistory *history, gint64 from, gint64 to, PtGapFunc func,
                      gpointer user_data)
{
  for (guint i = 1; i < history->piece_count; i++)
    {
      gint64 first = MAX (history->pieces[i - 1].last + 1, from);
      gint64 last = MIN (history->pieces[i].first - 1, to);

      if (first <= last)
        func (first, last, user_data);
    }
}

void
pt_history_each_passed (const PtHistory *history, gint64 seq, PtGapFunc func, gpointer user_data)
{
  gint64 oldest = seq - PT_SEQ_WINDOW, next = 0;

  g_return_if_fail (history != NULL && func != NULL);

  history_each_missing (history, history_oldest (history), oldest - 1, func, user_data);
  next = history->latest.seq + 1;
  if (next < oldest)
    func (next, oldest - 1, user_data);
}

void
pt_history_each_gap (const PtHistory *history, PtGapFunc func, gpointer user_data)
{
  g_return_if_fail (history != NULL && func != NULL);

  history_each_missing (history, history_oldest (history), history->latest.seq, func, user_data);
}

static void
count_missing (gint64 first, gint64 last, gpointer user_data)
{
  *(gint64 *) user_data += last - first + 1;
}

guint64
pt_history_missing (const PtHistory *history)
{
  gint64 missing;

  g_return_val_if_fail (history != NULL, 0);

  missing = history->passed;
  pt_history_each_gap (history, count_missing, &missing);
  return (guint64) missing;
}

gint64
pt_history_lowest (const PtHistory *history, gint64 above)
{
  gint64 from;

  g_return_val_if_fail (history != NULL && above >= 0, 0);

  from = MAX (history_oldest (history), above + 1);
  if (history->pieces == NULL)
    return from <= history->latest.seq ? from : 0;
  /* Of what the first one joins only the end matters. */
  for (guint i = 0; i < history->piece_count; i++)
    if (history->pieces[i].last >= from)
      return i == 0 ? from : MAX (from, history->pieces[i].first);
  return 0;
}

/* Pieces */

static void
history_insert_piece (PtHistory *history, guint at, const PtPiece *piece)
{
  history->pieces = g_renew (PtPiece, history->pieces, history->piece_count + 1);
  memmove (history->pieces + at + 1, history->pieces + at,
           (history->piece_count - at) * sizeof *piece);
  history->pieces[at] = *piece;
  history->piece_count++;
}

static void
history_remove_pieces (PtHistory *history, guint at, guint count)
{
  history->piece_count -= count;
  memmove (history->pieces + at, history->pieces + at + count,
           (history->piece_count - at) * sizeof *history->pieces);
}

static gboolean
piece_is_known (const PtPiece *piece)
{
  return piece->last > 0;
}

/* Whether @after goes on with what @before said, gap or not. */
static gboolean
pieces_are_alike (const PtPiece *before, const PtPiece *after)
{
  return piece_is_known (before) && !before->cut && before->power == after->power;
}

static gboolean
piece_is_off (const PtPiece *piece)
{
  return piece_is_known (piece) && !piece->cut && piece->power == PT_POWER_OFF;
}

/* Joins the piece to the one before it, if they are one. */
static gboolean
history_join (PtHistory *history, guint at)
{
  PtPiece *before, *piece;

  if (at == 0 || at >= history->piece_count)
    return FALSE;
  before = &history->pieces[at - 1];
  piece = &history->pieces[at];
  if (before->last + 1 != piece->first || !pieces_are_alike (before, piece))
    return FALSE;
  before->last = piece->last;
  before->end = piece->end;
  before->cut = piece->cut;
  before->fold = pt_time_fold_then (&before->fold, &piece->fold);
  history_remove_pieces (history, at, 1);
  return TRUE;
}

static PtPiece
piece_of (const PtReport *report, gint64 time)
{
  return (PtPiece){ .first = report->seq,
                    .last = report->seq,
                    .ts = report->ts,
                    .received = report->received,
                    .time = time,
                    .end = time,
                    .fold = pt_time_fold (report->ts, report->received),
                    .power = report->power,
                    .place = report->place };
}

/* Where the run begins that @at belongs to. */
static guint
history_run (const PtHistory *history, guint at)
{
  while (at > 0 && pieces_are_alike (&history->pieces[at - 1], &history->pieces[at]))
    at--;
  return at;
}

static void
history_find_since (PtHistory *history)
{
  const PtPiece *run;

  if (history->cut != PT_FOLLOWED || history->pieces == NULL)
    return;
  run = &history->pieces[history_run (history, history->piece_count - 1)];
  if (run > history->pieces && run->place == PT_PLACE_UNKNOWN)
    return; /* an older version did not keep where it began */
  history->since = run->time;
  history->since_seq = run->first;
  history->since_place = run->place;
}

/* The highest counter so far */

/* What is known of before the gap that comes now. */
static void
history_begin_pieces (PtHistory *history)
{
  const PtSighting *latest = &history->latest;
  PtPiece base = { .first = history->since_seq,
                   .last = latest->seq,
                   .time = history->since,
                   .end = latest->time,
                   .power = latest->power,
                   .place = history->since_place };

  history_insert_piece (history, 0, &base);
}

static void
history_add_latest (PtHistory *history, const PtReport *report, gint64 time)
{
  PtPiece piece = piece_of (report, time);

  if (history->pieces == NULL && report->seq == history->latest.seq + 1)
    return;
  if (history->pieces == NULL)
    history_begin_pieces (history);
  history->pieces[history->piece_count - 1].cut = history->cut != PT_FOLLOWED;
  history_insert_piece (history, history->piece_count, &piece);
  history_join (history, history->piece_count - 1);
}

/* The outage that a report makes which has the highest counter. */
static gboolean
history_change_latest (const PtHistory *history, const PtReport *report, gint64 time,
                       PtOutageChange *change)
{
  const PtSighting *latest = &history->latest;
  gboolean was_off
      = latest->seq != 0 && history->cut == PT_FOLLOWED && latest->power == PT_POWER_OFF;

  if (was_off == (report->power == PT_POWER_OFF))
    return FALSE;
  if (was_off)
    *change
        = (PtOutageChange){ .kind = PT_CHANGE_CLOSE,
                            .start_seq = history->since_seq != 0 ? history->since_seq : latest->seq,
                            .start = history->since,
                            .place = history->since_place,
                            .end_seq = report->seq,
                            .end = time,
                            .ended_by = PT_END_REPORT };
  else
    *change = (PtOutageChange){
      .kind = PT_CHANGE_OPEN, .start_seq = report->seq, .start = time, .place = report->place
    };
  return TRUE;
}

static gboolean
history_apply_latest (PtHistory *history, const PtReport *report, PtOutageChange *change)
{
  PtSighting *latest = &history->latest;
  gint64 time
      = pt_report_time (report->ts, report->received, latest->seq != 0 ? latest->time : PT_NO_TIME);
  gboolean begins = latest->seq == 0 || history->cut != PT_FOLLOWED || history->since_seq == 0
                    || latest->power != report->power;
  gboolean changed = history_change_latest (history, report, time, change);

  pt_history_each_passed (history, report->seq, count_missing, &history->passed);
  history_add_latest (history, report, time);
  if (begins)
    {
      history->since = time;
      history->since_seq = report->seq;
      history->since_place = report->place;
    }
  history->cut = PT_FOLLOWED;
  *latest = (PtSighting){ report->seq,   report->ts,    report->received, time,
                          report->power, report->place, report->order };
  change->time = time;
  return changed;
}

/* Late reports */

/* The times of what comes after a report that came late, as long as they are less than its own. */
static void
history_move_times (PtHistory *history, guint from, gint64 time)
{
  for (guint i = from; i < history->piece_count && history->pieces[i].time < time; i++)
    {
      PtPiece *piece = &history->pieces[i];
      gint64 before = time;

      piece->time = pt_report_time (piece->ts, piece->received, before);
      piece->end = time = pt_time_fold_apply (&piece->fold, before);
      piece->is_moved = history->has_moved = TRUE;
    }
  history->latest.time = history->pieces[history->piece_count - 1].end;
}

/* The outage that a report makes between two that are known. An outage is known by the counter of
 * its first OFF; where that is before the gap only the store may know it, so the change carries a
 * counter inside the outage: the store takes the one that holds it. */
static gboolean
history_change_late (const PtPiece *before, const PtReport *report, gint64 time,
                     const PtPiece *after, PtOutageChange *change)
{
  gboolean was_off = piece_is_off (before);
  gboolean is_off = report->power == PT_POWER_OFF;
  gboolean will_be_off = after->power == PT_POWER_OFF;

  if (!was_off && is_off && !will_be_off)
    *change = (PtOutageChange){ .kind = PT_CHANGE_OPEN,
                                .start_seq = report->seq,
                                .start = time,
                                .end_seq = after->first,
                                .end = after->time,
                                .place = report->place,
                                .ended_by = PT_END_REPORT };
  else if (!was_off && is_off && will_be_off)
    *change = (PtOutageChange){ .kind = PT_CHANGE_MOVE_START,
                                .old_start_seq = after->first,
                                .start_seq = report->seq,
                                .start = time,
                                .place = report->place };
  else if (was_off && !is_off && !will_be_off)
    *change = (PtOutageChange){ .kind = PT_CHANGE_MOVE_END,
                                .start_seq = before->last,
                                .end_seq = report->seq,
                                .end = time,
                                .old_end_seq = after->first,
                                .ended_by = PT_END_REPORT };
  else if (was_off && !is_off && will_be_off)
    *change = (PtOutageChange){ .kind = PT_CHANGE_SPLIT,
                                .old_start_seq = before->last,
                                .start_seq = after->first,
                                .start = after->time,
                                .end_seq = report->seq,
                                .end = time,
                                .place = after->place,
                                .ended_by = PT_END_REPORT };
  else
    return FALSE;
  return TRUE;
}

static gboolean
history_apply_late (PtHistory *history, const PtReport *report, PtOutageChange *change)
{
  guint at = history_find_piece (history, report->seq);
  const PtPiece *before = &history->pieces[at];
  gint64 time = pt_report_time (report->ts, report->received,
                                piece_is_known (before) ? before->end : PT_NO_TIME);
  PtPiece piece = piece_of (report, time);
  gboolean changed;

  g_return_val_if_fail (report->seq > before->last && at + 1 < history->piece_count, FALSE);
  history_move_times (history, at + 1, time);
  changed = history_change_late (before, report, time, &history->pieces[at + 1], change);
  history_insert_piece (history, at + 1, &piece);
  history_join (history, at + 2);
  history_join (history, at + 1);
  history_find_since (history);
  change->time = time;
  return changed;
}

gboolean
pt_history_apply (PtHistory *history, const PtReport *report, PtOutageChange *change)
{
  g_return_val_if_fail (history != NULL && report != NULL && change != NULL, FALSE);

  memset (change, 0, sizeof *change);
  history->heard = MAX (history->heard, report->received);
  return report->seq > history->latest.seq ? history_apply_latest (history, report, change)
                                           : history_apply_late (history, report, change);
}

gboolean
pt_history_cut (PtHistory *history, PtCut cut, gint64 received, PtOutageChange *change)
{
  const PtSighting *latest;
  gboolean lasts;

  g_return_val_if_fail (history != NULL && cut != PT_FOLLOWED && change != NULL, FALSE);

  latest = &history->latest;
  lasts = latest->seq != 0 && history->cut == PT_FOLLOWED && latest->power == PT_POWER_OFF;
  memset (change, 0, sizeof *change);
  if (lasts)
    *change = (PtOutageChange){
      .kind = PT_CHANGE_CUT,
      .start_seq = history->since_seq != 0 ? history->since_seq : latest->seq,
      .start = history->since,
      .end = MAX (received, latest->time),
      .place = history->since_place,
      .ended_by = cut == PT_CUT_MOVED ? PT_END_MOVED : PT_END_REVOKED,
    };
  if (latest->seq != 0)
    {
      history->cut
          = MAX (history->cut, (guint8) cut); /* who was moved is not back by being revoked */
      history->since = history->since_seq = 0;
    }
  return lasts;
}

/* Settling */

static void
history_tell_piece (const PtHistory *history, guint at, PtChangeFunc func, gpointer user_data)
{
  const PtPiece *before = &history->pieces[at - 1], *piece = &history->pieces[at];
  PtOutageChange change = { 0 };

  if (pieces_are_alike (before, piece) || piece->place == PT_PLACE_UNKNOWN)
    return;
  if (piece->power == PT_POWER_OFF)
    change = (PtOutageChange){ .kind = PT_CHANGE_TIME_START,
                               .start_seq = piece->first,
                               .start = piece->time };
  else if (piece_is_off (before))
    change = (PtOutageChange){ .kind = PT_CHANGE_TIME_END,
                               .start_seq = before->last,
                               .end_seq = piece->first,
                               .end = piece->time,
                               .ended_by = PT_END_REPORT };
  else
    return;
  func (&change, user_data);
}

static void
history_tell_moved (PtHistory *history, PtChangeFunc func, gpointer user_data)
{
  for (guint i = 1; i < history->piece_count; i++)
    {
      if (history->pieces[i].is_moved && func != NULL)
        history_tell_piece (history, i, func, user_data);
      history->pieces[i].is_moved = FALSE;
    }
  history->has_moved = FALSE;
}

void
pt_history_settle (PtHistory *history, PtChangeFunc func, gpointer user_data)
{
  gint64 oldest;
  guint open = 1, run;

  g_return_if_fail (history != NULL);

  if (history->pieces == NULL)
    return;
  if (history->has_moved)
    history_tell_moved (history, func, user_data);
  oldest = history_oldest (history);
  while (open < history->piece_count
         && MAX (history->pieces[open - 1].last + 1, oldest) >= history->pieces[open].first)
    open++;
  if (open == history->piece_count)
    {
      g_clear_pointer (&history->pieces, g_free);
      history->piece_count = 0;
      return;
    }
  run = history_run (history, open - 1);
  history->pieces[open - 1].time = history->pieces[run].time;
  history->pieces[open - 1].first = history->pieces[run].first;
  history->pieces[open - 1].place = history->pieces[run].place;
  history_remove_pieces (history, 0, open - 1);
}
