/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-tail.h"

#include <string.h>

/* Rising by seq, since anybody may ask for any, as often as it likes. Most devices have one or two
 * reports in a window. */
typedef struct
{
  PtTailPlace *places;
  guint count, capacity;
  guint64 first, last; /* the entries among them that came first and last */
} SubjectTail;

struct _PtTail
{
  GMutex lock;
  GArray *subjects[PT_SUBJECT_KINDS]; /* SubjectTail by number */
};

static void
subject_tail_clear (gpointer data)
{
  g_free (((SubjectTail *) data)->places);
}

PtTail *
pt_tail_new (void)
{
  PtTail *tail = g_new0 (PtTail, 1);

  g_mutex_init (&tail->lock);
  for (guint kind = 0; kind < PT_SUBJECT_KINDS; kind++)
    {
      tail->subjects[kind] = g_array_new (FALSE, TRUE, sizeof (SubjectTail));
      g_array_set_clear_func (tail->subjects[kind], subject_tail_clear);
    }
  return tail;
}

void
pt_tail_free (PtTail *tail)
{
  if (tail == NULL)
    return;
  for (guint kind = 0; kind < PT_SUBJECT_KINDS; kind++)
    g_array_unref (tail->subjects[kind]);
  g_mutex_clear (&tail->lock);
  g_free (tail);
}

/* NULL: nothing was added of it yet. */
static SubjectTail *
tail_of (PtTail *tail, PtSubject subject)
{
  GArray *subjects = tail->subjects[subject.kind];

  return subject.number < subjects->len ? &g_array_index (subjects, SubjectTail, subject.number)
                                        : NULL;
}

/* Index of the first place that is not below @seq. */
static guint
place_of (const SubjectTail *own, gint64 seq)
{
  guint low = 0, high = own->count;

  /* Nearly always it is behind all others. */
  if (high > 0 && own->places[high - 1].seq < seq)
    return high;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (own->places[middle].seq < seq)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Those from @first to @last stay. */
static void
keep_between (SubjectTail *own, guint64 first, guint64 last)
{
  guint kept = 0;

  if (own->count == 0 || (own->first >= first && own->last <= last))
    return;
  for (guint i = 0; i < own->count; i++)
    {
      const PtTailPlace place = own->places[i];

      if (place.entry < first || place.entry > last)
        continue;
      own->first = kept == 0 ? place.entry : MIN (own->first, place.entry);
      own->last = kept == 0 ? place.entry : MAX (own->last, place.entry);
      own->places[kept++] = place;
    }
  own->count = kept;
}

static void
insert_place (SubjectTail *own, const PtTailPlace *place)
{
  guint at = place_of (own, place->seq);

  if (own->count == own->capacity)
    {
      own->capacity = MAX (2, own->capacity * 2);
      own->places = g_renew (PtTailPlace, own->places, own->capacity);
    }
  memmove (own->places + at + 1, own->places + at, (own->count - at) * sizeof *place);
  own->places[at] = *place;
  own->first = own->count == 0 ? place->entry : MIN (own->first, place->entry);
  own->last = own->count == 0 ? place->entry : MAX (own->last, place->entry);
  own->count++;
}

void
pt_tail_add (PtTail *tail, PtSubject subject, const PtTailPlace *place, guint64 sealed)
{
  g_autoptr (GMutexLocker) locker = NULL;
  SubjectTail *own;

  g_return_if_fail (tail != NULL && place != NULL && subject.kind < PT_SUBJECT_KINDS);

  locker = g_mutex_locker_new (&tail->lock);
  own = tail_of (tail, subject);
  if (own == NULL)
    {
      g_array_set_size (tail->subjects[subject.kind], subject.number + 1 + subject.number / 4);
      own = tail_of (tail, subject);
    }
  keep_between (own, sealed + 1, G_MAXUINT64);
  insert_place (own, place);
}

gboolean
pt_tail_find (PtTail *tail, PtSubject subject, gint64 seq, PtTailPlace *out)
{
  g_autoptr (GMutexLocker) locker = NULL;
  const SubjectTail *own;
  guint at;

  g_return_val_if_fail (tail != NULL && out != NULL, FALSE);
  g_return_val_if_fail (subject.kind < PT_SUBJECT_KINDS, FALSE);

  locker = g_mutex_locker_new (&tail->lock);
  own = tail_of (tail, subject);
  at = own != NULL ? place_of (own, seq) : 0;
  if (own == NULL || at >= own->count || own->places[at].seq != seq)
    return FALSE;
  *out = own->places[at];
  return TRUE;
}

void
pt_tail_drop (PtTail *tail, PtSubject subject, guint64 entry)
{
  g_autoptr (GMutexLocker) locker = NULL;
  SubjectTail *own;

  g_return_if_fail (tail != NULL && subject.kind < PT_SUBJECT_KINDS);

  locker = g_mutex_locker_new (&tail->lock);
  own = tail_of (tail, subject);
  if (own != NULL && entry > 0)
    keep_between (own, 0, entry - 1);
}
