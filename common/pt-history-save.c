/* SPDX-License-Identifier: Apache-2.0 */
/* Histories as bytes: integers of seven bits a byte, the lowest first, so that a device without
 * gaps takes some forty bytes. */
#include <string.h>

#include "pt-history.h"

#define FORMAT 2
#define FORMAT_WITHOUT_ORDER 1 /* nor the place of the latest */
#define HEAD_INTEGERS 14
#define HEAD_INTEGERS_WITHOUT_ORDER 12
#define PIECE_INTEGERS 12
#define FLAG_PART 1
#define FLAG_CUT 1

static void
put (GByteArray *bytes, gint64 value)
{
  guint64 left = (guint64) value;

  do
    {
      guint8 byte = (guint8) ((left & 0x7f) | (left > 0x7f ? 0x80 : 0));

      g_byte_array_append (bytes, &byte, 1);
      left >>= 7;
    }
  while (left > 0);
}

typedef struct
{
  const guint8 *data;
  gsize size;
} Reader;

/* One encoding a value, as everywhere. */
static gboolean
get (Reader *reader, gint64 *value)
{
  guint64 result = 0;

  for (guint shift = 0; shift < 56 && reader->size > 0; shift += 7)
    {
      guint8 byte = *reader->data++;

      reader->size--;
      result |= (guint64) (byte & 0x7f) << shift;
      if (byte & 0x80)
        continue;
      *value = (gint64) result;
      return (byte != 0 || shift == 0) && result <= PT_INTEGER_MAX;
    }
  return FALSE;
}

static gboolean
get_all (Reader *reader, gint64 *values, guint count)
{
  for (guint i = 0; i < count; i++)
    if (!get (reader, &values[i]))
      return FALSE;
  return TRUE;
}

static void
put_piece (GByteArray *bytes, const PtPiece *piece)
{
  gint64 values[PIECE_INTEGERS]
      = { piece->first,      piece->last,  piece->ts,         piece->received,
          piece->time,       piece->end,   piece->fold.until, piece->fold.below,
          piece->fold.above, piece->power, piece->place,      piece->cut ? FLAG_CUT : 0 };

  for (guint i = 0; i < PIECE_INTEGERS; i++)
    put (bytes, values[i]);
}

GBytes *
pt_history_save (const PtHistory *history)
{
  GByteArray *bytes = g_byte_array_sized_new (64);
  const guint8 format = FORMAT;

  g_return_val_if_fail (history != NULL, NULL);

  if (history->latest.seq != 0)
    {
      const PtSighting *latest = &history->latest;
      gint64 values[HEAD_INTEGERS] = { latest->seq,
                                       latest->ts,
                                       latest->received,
                                       latest->time,
                                       latest->power,
                                       history->since_seq,
                                       history->since,
                                       history->heard,
                                       history->cut,
                                       history->passed,
                                       history->is_part ? FLAG_PART : 0,
                                       history->since_place,
                                       latest->place,
                                       (gint64) latest->order };

      g_byte_array_append (bytes, &format, 1);
      for (guint i = 0; i < HEAD_INTEGERS; i++)
        put (bytes, values[i]);
      for (guint i = 0; i < history->piece_count; i++)
        put_piece (bytes, &history->pieces[i]);
    }
  return g_byte_array_free_to_bytes (bytes);
}

static gboolean
get_head (Reader *reader, guint8 format, PtHistory *history)
{
  gint64 values[HEAD_INTEGERS] = { [12] = PT_PLACE_UNKNOWN };

  if (!get_all (reader, values, format == FORMAT ? HEAD_INTEGERS : HEAD_INTEGERS_WITHOUT_ORDER))
    return FALSE;
  history->latest = (PtSighting){ values[0],           values[1],           values[2],
                                  values[3],           (PtPower) values[4], (guint32) values[12],
                                  (guint64) values[13] };
  history->since_seq = values[5];
  history->since = values[6];
  history->heard = values[7];
  history->cut = (guint8) values[8];
  history->passed = values[9];
  history->is_part = values[10] == FLAG_PART;
  history->since_place = (guint32) values[11];
  return values[0] > 0 && values[4] <= PT_POWER_ON && values[5] <= values[0]
         && values[8] <= PT_CUT_MOVED && values[10] <= FLAG_PART && values[11] <= G_MAXUINT32
         && values[12] <= G_MAXUINT32;
}

static gboolean
get_piece (Reader *reader, PtPiece *piece)
{
  gint64 values[PIECE_INTEGERS];

  if (!get_all (reader, values, PIECE_INTEGERS))
    return FALSE;
  *piece = (PtPiece){ .first = values[0],
                      .last = values[1],
                      .ts = values[2],
                      .received = values[3],
                      .time = values[4],
                      .end = values[5],
                      .fold = { values[6], values[7], values[8] },
                      .power = (PtPower) values[9],
                      .place = (guint32) values[10],
                      .cut = values[11] == FLAG_CUT };
  return piece->first <= piece->last && piece->time <= piece->end && values[9] <= PT_POWER_ON
         && values[10] <= G_MAXUINT32 && values[11] <= FLAG_CUT;
}

static gboolean
get_pieces (Reader *reader, PtHistory *history)
{
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (PtPiece));

  while (reader->size > 0)
    {
      const PtPiece *last
          = pieces->len > 0 ? &g_array_index (pieces, PtPiece, pieces->len - 1) : NULL;
      PtPiece piece;

      /* One a counter of the window, and one before. */
      if (pieces->len > PT_SEQ_WINDOW + 1 || !get_piece (reader, &piece)
          || (last != NULL && (piece.first <= last->last || piece.time < last->end)))
        return FALSE;
      g_array_append_val (pieces, piece);
    }
  if (pieces->len == 0)
    return TRUE;
  if (pieces->len == 1
      || g_array_index (pieces, PtPiece, pieces->len - 1).last != history->latest.seq)
    return FALSE;
  history->piece_count = pieces->len;
  history->pieces = (PtPiece *) (gpointer) g_array_free (g_steal_pointer (&pieces), FALSE);
  return TRUE;
}

gboolean
pt_history_load (PtHistory *history, GBytes *bytes)
{
  Reader reader;
  guint8 format;

  g_return_val_if_fail (history != NULL && bytes != NULL, FALSE);

  reader.data = g_bytes_get_data (bytes, &reader.size);
  pt_history_init (history);
  if (reader.size == 0)
    return TRUE;
  format = *reader.data;
  if (format == FORMAT || format == FORMAT_WITHOUT_ORDER)
    {
      reader.data++;
      reader.size--;
      if (get_head (&reader, format, history) && get_pieces (&reader, history))
        return TRUE;
    }
  pt_history_clear (history);
  return FALSE;
}

/* Schema 3 and before: gaps of eight integers each, big-endian; before the first, below zero, how
 * many counters fell behind the window. */

#define OLD_INTEGERS 8
#define OLD_GAP_SIZE (OLD_INTEGERS * 8)
#define OLD_PASSED_SIZE 8

typedef struct
{
  gint64 seq, ts;
  PtPower power;
} OldSighting;

typedef struct
{
  gint64 first, last;
  OldSighting before, after;
} OldGap;

static gint64
old_integer (const guint8 *from)
{
  guint64 big;

  memcpy (&big, from, sizeof big);
  return (gint64) GUINT64_FROM_BE (big);
}

static gboolean
old_gap_read (const guint8 *data, gint64 above, OldGap *gap)
{
  gint64 fields[OLD_INTEGERS];

  for (guint i = 0; i < OLD_INTEGERS; i++)
    {
      fields[i] = old_integer (data + i * 8);
      if (fields[i] < 0 || fields[i] > PT_INTEGER_MAX)
        return FALSE;
    }
  *gap = (OldGap){ fields[0],
                   fields[1],
                   { fields[2], fields[3], (PtPower) fields[4] },
                   { fields[5], fields[6], (PtPower) fields[7] } };
  return gap->first > above && gap->first <= gap->last && gap->before.seq < gap->first
         && gap->after.seq > gap->last && fields[4] <= PT_POWER_ON && fields[7] <= PT_POWER_ON;
}

static void
old_add_piece (PtHistory *history, gint64 first, gint64 last, const OldSighting *at, gint64 *time)
{
  gint64 now = pt_report_time (at->ts, at->ts, *time);
  PtPiece piece = { .first = first,
                    .last = last,
                    .ts = at->ts,
                    .received = at->ts,
                    .time = now,
                    .end = now,
                    .fold = pt_time_fold (at->ts, at->ts),
                    .power = at->power,
                    .place = PT_PLACE_UNKNOWN };

  history->pieces = g_renew (PtPiece, history->pieces, history->piece_count + 1);
  history->pieces[history->piece_count++] = piece;
  *time = now;
}

/* What lies between two gaps: its first and its last report are known. Where the power changed on
 * the way is not, and the store knows those outages. */
static void
old_add_stretch (PtHistory *history, const OldSighting *first, const OldSighting *last,
                 gint64 *time)
{
  if (first->seq == last->seq)
    {
      old_add_piece (history, first->seq, last->seq, first, time);
      return;
    }
  old_add_piece (history, first->seq, last->seq - 1, first, time);
  old_add_piece (history, last->seq, last->seq, last, time);
}

static gboolean
old_read_gaps (PtHistory *history, const guint8 *data, gsize size, const OldSighting *latest)
{
  gint64 above = 0, time = PT_NO_TIME;
  OldSighting first = { 0 };

  for (gsize at = 0; at < size; at += OLD_GAP_SIZE)
    {
      OldGap gap;

      if (!old_gap_read (data + at, above, &gap) || gap.after.seq > latest->seq
          || (at > 0 && gap.before.seq < first.seq))
        return FALSE;
      if (at == 0 && gap.before.seq == 0)
        {
          PtPiece none = { .place = PT_PLACE_UNKNOWN };

          history->pieces = g_new (PtPiece, 1);
          history->pieces[history->piece_count++] = none;
        }
      else
        old_add_stretch (history, at == 0 ? &gap.before : &first, &gap.before, &time);
      first = gap.after;
      above = gap.last;
    }
  if (size > 0)
    old_add_stretch (history, &first, latest, &time);
  history->latest.time = MAX (history->latest.time, time);
  return TRUE;
}

gboolean
pt_history_load_old (PtHistory *history, const PtOldHistory *old)
{
  OldSighting latest;
  const guint8 *data;
  gsize size;

  g_return_val_if_fail (history != NULL && old != NULL, FALSE);

  pt_history_init (history);
  latest = (OldSighting){ old->seq, old->ts, old->power };
  data = g_bytes_get_data (old->gaps, &size);
  history->latest = (PtSighting){ old->seq,   old->ts,          old->ts, MAX (old->ts, old->since),
                                  old->power, PT_PLACE_UNKNOWN, 0 };
  history->heard = old->ts;
  history->since = old->since;
  history->since_seq = old->since_seq;
  history->since_place = PT_PLACE_UNKNOWN;
  history->is_part = old->seq > PT_SEQ_WINDOW + 1;
  if (size % OLD_GAP_SIZE == OLD_PASSED_SIZE)
    {
      history->passed = -old_integer (data);
      data += OLD_PASSED_SIZE;
      size -= OLD_PASSED_SIZE;
    }
  if (old->seq >= 0 && old->seq <= PT_INTEGER_MAX && old->ts >= 0 && old->ts <= PT_INTEGER_MAX
      && (guint) old->power <= PT_POWER_ON && old->since_seq >= 0 && old->since_seq <= old->seq
      && history->passed >= 0 && history->passed <= PT_INTEGER_MAX && size % OLD_GAP_SIZE == 0
      && size / OLD_GAP_SIZE <= PT_SEQ_WINDOW && (size == 0 || old->seq > 0)
      && old_read_gaps (history, data, size, &latest))
    return TRUE;
  pt_history_clear (history);
  return FALSE;
}
