/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-tail.h"

#include <string.h>

/* Rising by entry; most devices have one or two reports in a window. */
typedef struct
{
  PtTailPlace *places;
  guint count, capacity;
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

static void
forget_sealed (SubjectTail *own, guint64 sealed)
{
  guint passed = 0;

  while (passed < own->count && own->places[passed].entry <= sealed)
    passed++;
  if (passed == 0)
    return;
  own->count -= passed;
  memmove (own->places, own->places + passed, own->count * sizeof *own->places);
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
  forget_sealed (own, sealed);
  if (own->count == own->capacity)
    {
      own->capacity = MAX (2, own->capacity * 2);
      own->places = g_renew (PtTailPlace, own->places, own->capacity);
    }
  own->places[own->count++] = *place;
}

gboolean
pt_tail_find (PtTail *tail, PtSubject subject, gint64 seq, PtTailPlace *out)
{
  g_autoptr (GMutexLocker) locker = NULL;
  const SubjectTail *own;

  g_return_val_if_fail (tail != NULL && out != NULL, FALSE);
  g_return_val_if_fail (subject.kind < PT_SUBJECT_KINDS, FALSE);

  locker = g_mutex_locker_new (&tail->lock);
  own = tail_of (tail, subject);
  for (guint i = own != NULL ? own->count : 0; i > 0; i--)
    if (own->places[i - 1].seq == seq)
      {
        *out = own->places[i - 1];
        return TRUE;
      }
  return FALSE;
}

void
pt_tail_drop (PtTail *tail, PtSubject subject, guint64 entry)
{
  g_autoptr (GMutexLocker) locker = NULL;
  SubjectTail *own;

  g_return_if_fail (tail != NULL && subject.kind < PT_SUBJECT_KINDS);

  locker = g_mutex_locker_new (&tail->lock);
  own = tail_of (tail, subject);
  while (own != NULL && own->count > 0 && own->places[own->count - 1].entry >= entry)
    own->count--;
}
