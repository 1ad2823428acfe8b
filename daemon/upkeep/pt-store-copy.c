/* SPDX-License-Identifier: Apache-2.0 */
/* Areas, subjects and entries; the order of the whole. */
#include "pt-store-copy.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pt-entry.h"
#include "pt-store-copy-private.h"
#include "pt-store-views.h"

#define UNFINISHED ((guint64) G_MAXINT64) /* the batch that the chain is said to have meanwhile */
#define SUBJECTS_AT_ONCE 500
#define ENTRIES_AT_ONCE 5000
#define BYTES_AT_ONCE (4 * 1024 * 1024)

gboolean
pt_store_copy_conflict (const char *what, GError **error)
{
  g_return_val_if_fail (what != NULL, FALSE);

  g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
               _ ("%s Name an empty store, or the one in which this copy was begun."), what);
  return FALSE;
}

/* Areas */

static gboolean
is_same_area (const PtAreaRow *there, const PtAreaRow *here)
{
  return g_str_equal (there->id, here->id) && there->registered == here->registered
         && memcmp (there->authority_key, here->authority_key, PT_PUBLIC_KEY_SIZE) == 0
         && memcmp (there->service_key, here->service_key, PT_PUBLIC_KEY_SIZE) == 0
         && here->tail <= there->tail && here->head.batch <= there->head.batch;
}

static gboolean
copy_areas (PtStoreCopy *copy, GError **error)
{
  guint known;

  copy->areas = pt_store_areas (copy->from, error);
  copy->here = copy->areas != NULL ? pt_store_areas (copy->to, error) : NULL;
  if (copy->here == NULL)
    return FALSE;
  known = copy->here->len;
  for (guint i = 0; i < MAX (known, copy->areas->len); i++)
    {
      PtAreaRow row;

      if (i >= copy->areas->len
          || (i < known
              && !is_same_area (pt_store_copy_there (copy, i), pt_store_copy_here (copy, i))))
        return pt_store_copy_conflict (_ ("The other store has areas of its own."), error);
      row = *pt_store_copy_there (copy, i);
      row.promised = 0;
      if ((i >= known && !pt_store_add_area (copy->to, &row, error))
          || !pt_store_set_ahead (copy->to, i, UNFINISHED, error))
        return FALSE;
      copy->all += row.tail;
    }
  g_array_unref (g_steal_pointer (&copy->here));
  copy->here = pt_store_areas (copy->to, error);
  return copy->here != NULL;
}

/* Subjects. Their numbers are dense over all areas, so they go in that order, and before the heads:
 * whether one was active as of its area's head, a store reckons when the head passes its newest
 * registration. Registrations that are not sealed come after the heads. */

typedef struct
{
  PtStoreCopy *copy;
  GHashTable *unsealed[PT_SUBJECT_KINDS]; /* number -> GArray of guint64: registrations that are
                                             not sealed */
  GArray *known[PT_SUBJECT_KINDS];        /* guint64 by number: the newest registration here */
  GArray *rows;                           /* PtSubjectRow of one group; with references */
} Subjects;

static GArray *
unsealed_of (const Subjects *subjects, PtSubject subject)
{
  return g_hash_table_lookup (subjects->unsealed[subject.kind], GUINT_TO_POINTER (subject.number));
}

static void
row_clear (gpointer data)
{
  PtSubjectRow *row = data;

  g_clear_pointer (&row->body, g_bytes_unref);
  g_clear_pointer (&row->past, g_bytes_unref);
}

static gboolean
note_unsealed (const PtEntryRow *row, gpointer user_data, GError **error)
{
  Subjects *subjects = user_data;
  GArray *numbers;

  if (row->subject.kind == PT_SUBJECT_AREA
      || (row->subject.kind == PT_SUBJECT_DEVICE && row->seq != 0))
    return TRUE;
  numbers = unsealed_of (subjects, row->subject);
  if (numbers == NULL)
    {
      numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
      g_hash_table_insert (subjects->unsealed[row->subject.kind],
                           GUINT_TO_POINTER (row->subject.number), numbers);
    }
  g_array_append_val (numbers, row->number);
  return TRUE;
}

static gboolean
flush_subjects (Subjects *subjects, guint least, GError **error)
{
  PtGroup group = { .subjects = (PtSubjectRow *) (gpointer) subjects->rows->data,
                    .subject_count = subjects->rows->len };

  if (subjects->rows->len <= least)
    return TRUE;
  if (!pt_store_commit (subjects->copy->to, &group, error))
    return FALSE;
  g_array_set_size (subjects->rows, 0);
  return TRUE;
}

/* One registration of @of; @is_newest: the one that its row is of. */
static gboolean
add_registration (Subjects *subjects, const PtSubjectRow *of, GBytes *body, guint64 number,
                  gboolean is_newest, GError **error)
{
  PtSubjectRow row = { .subject = of->subject, .area = of->area, .entry = number };
  PtEntry entry;
  gsize size;
  const char *data = g_bytes_get_data (body, &size);

  if (pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, &entry) != PT_OK || number == 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                   _ ("A registration of subject number %u is damaged. Restore a copy."),
                   of->subject.number);
      return FALSE;
    }
  row.body = g_bytes_ref (body);
  row.active = entry.status == PT_STATUS_ACTIVE;
  row.past = is_newest && of->past != NULL ? g_bytes_ref (of->past) : NULL;
  g_array_append_val (subjects->rows, row);
  return TRUE;
}

/* Those that are sealed and not here yet; of one that was registered after the head its first
 * registration. Entries that went do not tell their numbers any more: older registrations get some
 * that have the right order. @have: how many are here. */
static gboolean
copy_sealed (Subjects *subjects, const PtSubjectRow *row, GPtrArray *bodies, guint have,
             GError **error)
{
  const GArray *unsealed = unsealed_of (subjects, row->subject);
  guint late = unsealed != NULL ? unsealed->len : 0;
  guint64 newest
      = late == 0 ? row->entry : pt_store_copy_there (subjects->copy, row->area)->head.last_entry;

  if (have == 0 && late == bodies->len)
    return add_registration (subjects, row, g_ptr_array_index (bodies, late - 1),
                             g_array_index (unsealed, guint64, 0), late == 1, error);
  for (guint at = bodies->len - have; at > late; at--)
    if (!add_registration (subjects, row, g_ptr_array_index (bodies, at - 1),
                           newest - MIN (newest, at - 1 - late), at == 1, error))
      return FALSE;
  return TRUE;
}

/* How many registrations are here; @row says what the newest one there is. */
static gboolean
count_here (Subjects *subjects, const PtSubjectRow *row, guint *count, GError **error)
{
  GArray *known = subjects->known[row->subject.kind];
  g_autoptr (GPtrArray) bodies = NULL;

  *count = 0;
  if (row->subject.number >= known->len)
    return TRUE;
  bodies = pt_store_subject_bodies (subjects->copy->to, row->subject, error);
  if (bodies == NULL)
    return FALSE;
  *count = bodies->len;
  return TRUE;
}

static gboolean
is_known (const Subjects *subjects, const PtSubjectRow *row)
{
  const GArray *known = subjects->known[row->subject.kind];

  return row->subject.number < known->len
         && g_array_index (known, guint64, row->subject.number) == row->entry;
}

static gboolean
take_sealed (PtSubjectRow *row, gpointer user_data, GError **error)
{
  Subjects *subjects = user_data;
  const GArray *unsealed = unsealed_of (subjects, row->subject);
  g_autoptr (GPtrArray) bodies = NULL;
  guint have;

  if (row->subject.kind == PT_SUBJECT_DEVICE)
    g_array_append_val (subjects->copy->device_areas, row->area);
  if (is_known (subjects, row))
    return TRUE;
  bodies = pt_store_subject_bodies (subjects->copy->from, row->subject, error);
  if (bodies == NULL || !count_here (subjects, row, &have, error))
    return FALSE;
  if (bodies->len == 0 || have > bodies->len || (unsealed != NULL && unsealed->len > bodies->len))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                   _ ("A registration of subject number %u is damaged. Restore a copy."),
                   row->subject.number);
      return FALSE;
    }
  return copy_sealed (subjects, row, bodies, have, error)
         && flush_subjects (subjects, SUBJECTS_AT_ONCE, error);
}

static gboolean
take_unsealed (PtSubjectRow *row, gpointer user_data, GError **error)
{
  Subjects *subjects = user_data;
  const GArray *unsealed = unsealed_of (subjects, row->subject);
  g_autoptr (GPtrArray) bodies = NULL;
  guint64 known;

  if (unsealed == NULL || is_known (subjects, row))
    return TRUE;
  known = g_array_index (subjects->known[row->subject.kind], guint64, row->subject.number);
  bodies = pt_store_subject_bodies (subjects->copy->from, row->subject, error);
  if (bodies == NULL)
    return FALSE;
  for (guint i = 0; i < unsealed->len; i++)
    {
      guint64 number = g_array_index (unsealed, guint64, i);
      guint at = unsealed->len - 1 - i; /* newest first */

      if (number > known
          && !add_registration (subjects, row, g_ptr_array_index (bodies, at), number, at == 0,
                                error))
        return FALSE;
    }
  return flush_subjects (subjects, SUBJECTS_AT_ONCE, error);
}

static gboolean
note_known (PtSubjectRow *row, gpointer user_data, GError **error)
{
  Subjects *subjects = user_data;

  g_array_append_val (subjects->known[row->subject.kind], row->entry);
  return TRUE;
}

static gboolean
scan_both (PtStore *store, PtSubjectRowFunc func, Subjects *subjects, GError **error)
{
  return pt_store_scan_subjects (store, PT_SUBJECT_DEVICE, func, subjects, error)
         && pt_store_scan_subjects (store, PT_SUBJECT_OFFICIAL, func, subjects, error)
         && flush_subjects (subjects, 0, error);
}

static void
subjects_init (Subjects *subjects, PtStoreCopy *copy)
{
  *subjects = (Subjects){ .copy = copy };
  for (guint kind = 0; kind < PT_SUBJECT_KINDS; kind++)
    {
      subjects->unsealed[kind]
          = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
      subjects->known[kind] = g_array_new (FALSE, FALSE, sizeof (guint64));
    }
  subjects->rows = g_array_new (FALSE, TRUE, sizeof (PtSubjectRow));
  g_array_set_clear_func (subjects->rows, row_clear);
}

static void
subjects_clear (Subjects *subjects)
{
  for (guint kind = 0; kind < PT_SUBJECT_KINDS; kind++)
    {
      g_hash_table_unref (subjects->unsealed[kind]);
      g_array_unref (subjects->known[kind]);
    }
  g_array_unref (subjects->rows);
}

static gboolean
find_known (Subjects *subjects, GError **error)
{
  for (guint kind = 0; kind < PT_SUBJECT_KINDS; kind++)
    g_array_set_size (subjects->known[kind], 0);
  return scan_both (subjects->copy->to, note_known, subjects, error);
}

static gboolean
find_unsealed (Subjects *subjects, GError **error)
{
  PtStoreCopy *copy = subjects->copy;

  for (guint i = 0; i < copy->areas->len; i++)
    if (!pt_store_scan_entries (copy->from, i, pt_store_copy_there (copy, i)->head.last_entry, 0,
                                note_unsealed, subjects, error))
      return FALSE;
  return TRUE;
}

/* Entries */

typedef struct
{
  PtStoreCopy *copy;
  guint32 area;
  guint64 stop; /* so far this time */
  PtEntryRow *rows;
  char *text; /* of the rows */
  guint count;
  gsize size;
  guint64 reports;
} Entries;

static gboolean
write_move (Entries *entries, PtTailMove *move, GError **error)
{
  PtStoreCopy *copy = entries->copy;
  const PtGroup group
      = { .entries = entries->rows, .entry_count = entries->count, .tails = move, .tail_count = 1 };

  if (!pt_store_commit (copy->to, &group, error))
    return FALSE;
  pt_store_copy_here (copy, entries->area)->tail = move->after;
  copy->done += move->after - move->before;
  if (copy->config->progress != NULL)
    copy->config->progress (copy->done, copy->all, copy->config->user_data);
  entries->count = 0;
  entries->size = 0;
  entries->reports = 0;
  return TRUE;
}

static gboolean
flush_entries (Entries *entries, GError **error)
{
  guint64 tail = pt_store_copy_here (entries->copy, entries->area)->tail;
  PtTailMove move = { .area = entries->area,
                      .before = tail,
                      .after = tail + entries->count,
                      .reports = entries->reports };

  if (entries->count == 0)
    return TRUE;
  move.is_promised = move.after == pt_store_copy_there (entries->copy, entries->area)->promised;
  return write_move (entries, &move, error);
}

static gboolean
take_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  Entries *entries = user_data;
  PtEntryRow *own;

  if (row->number > entries->stop)
    return FALSE;
  if ((entries->count == ENTRIES_AT_ONCE || entries->size + row->size > BYTES_AT_ONCE)
      && !flush_entries (entries, error))
    return FALSE;
  own = &entries->rows[entries->count++];
  *own = *row;
  own->body = entries->text + entries->size;
  memcpy (entries->text + entries->size, row->body, row->size);
  entries->size += row->size;
  entries->reports += row->subject.kind == PT_SUBJECT_DEVICE && row->seq != 0;
  return TRUE;
}

static gboolean
take_first (const PtEntryRow *row, gpointer user_data, GError **error)
{
  *(guint64 *) user_data = row->number;
  return FALSE;
}

/* The next place at which a group has to end: before the first entry that is kept, where the
 * promise is, at the tail. */
static guint64
next_stop (const PtAreaRow *there, guint64 first, guint64 tail)
{
  guint64 stop = there->tail;

  if (there->promised > tail)
    stop = MIN (stop, there->promised);
  if (first - 1 > tail)
    stop = MIN (stop, first - 1);
  return stop;
}

static gboolean
copy_entries (Entries *entries, GError **error)
{
  PtStoreCopy *copy = entries->copy;
  const PtAreaRow *there = pt_store_copy_there (copy, entries->area);
  PtAreaRow *here = pt_store_copy_here (copy, entries->area);
  guint64 first = 0;

  copy->done += here->tail;
  if (!pt_store_scan_entries (copy->from, entries->area, 0, 0, take_first, &first, error))
    return FALSE;
  first = first != 0 ? first : there->tail + 1;
  while (here->tail < there->tail)
    {
      guint64 stop = next_stop (there, first, here->tail);
      PtTailMove gone = { .area = entries->area,
                          .before = here->tail,
                          .after = stop,
                          .is_promised = stop == there->promised,
                          .gone = stop };

      entries->stop = stop;
      if (stop < first ? !write_move (entries, &gone, error)
                       : !pt_store_scan_entries (copy->from, entries->area, here->tail, 0,
                                                 take_entry, entries, error)
                             || !flush_entries (entries, error))
        return FALSE;
      if (here->tail != stop)
        {
          g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                       _ ("Entries of %s are missing. Look with powertrack store check."),
                       there->id);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
copy_all_entries (PtStoreCopy *copy, GError **error)
{
  g_autofree PtEntryRow *rows = g_new (PtEntryRow, ENTRIES_AT_ONCE);
  g_autofree char *text = g_malloc (BYTES_AT_ONCE);

  for (guint i = 0; i < copy->areas->len; i++)
    {
      Entries entries = { .copy = copy, .area = i, .rows = rows, .text = text };

      if (!copy_entries (&entries, error) || !pt_store_copy_said (copy, i, error))
        return FALSE;
    }
  return TRUE;
}

/* The end */

/* How many of the entries that went were reports is known of all areas together: a move that moves
 * nothing brings the sum over. */
static gboolean
copy_sums (PtStoreCopy *copy, GError **error)
{
  PtTailMove move = { 0 };
  const PtGroup group = { .tails = &move, .tail_count = 1 };
  PtCounts there, here;

  if (copy->areas->len == 0)
    return TRUE;
  if (!pt_store_counts (copy->from, &there, error) || !pt_store_counts (copy->to, &here, error))
    return FALSE;
  move.before = move.after = pt_store_copy_here (copy, 0)->tail;
  move.reports = there.reports - MIN (there.reports, here.reports);
  return move.reports == 0 || pt_store_commit (copy->to, &group, error);
}

static gboolean
open_areas (PtStoreCopy *copy, GError **error)
{
  for (guint i = 0; i < copy->areas->len; i++)
    if (!pt_store_set_ahead (copy->to, i, pt_store_copy_there (copy, i)->ahead, error))
      return FALSE;
  return TRUE;
}

static gboolean
copy_all (PtStoreCopy *copy, Subjects *subjects, GError **error)
{
  return find_unsealed (subjects, error) && find_known (subjects, error)
         && scan_both (copy->from, take_sealed, subjects, error) && copy_all_entries (copy, error)
         && pt_store_copy_heads (copy, error) && pt_store_copy_states (copy, error)
         && find_known (subjects, error) && scan_both (copy->from, take_unsealed, subjects, error)
         && pt_store_copy_histories (copy, error) && pt_store_copy_outages (copy, error)
         && pt_store_copy_evidence (copy, error) && pt_store_copy_rejected (copy, error)
         && copy_sums (copy, error) && open_areas (copy, error);
}

gboolean
pt_store_copy (const PtStoreCopyConfig *config, GError **error)
{
  PtStoreCopy copy = { .config = config };
  g_autoptr (GArray) devices = g_array_new (FALSE, FALSE, sizeof (guint32));
  Subjects subjects;
  gboolean done;

  g_return_val_if_fail (config != NULL && config->from != NULL && config->to != NULL, FALSE);

  copy.from = config->from;
  copy.to = config->to;
  copy.device_areas = devices;
  subjects_init (&subjects, &copy);
  done = copy_areas (&copy, error) && copy_all (&copy, &subjects, error);
  subjects_clear (&subjects);
  g_clear_pointer (&copy.areas, g_array_unref);
  g_clear_pointer (&copy.here, g_array_unref);
  return done;
}
