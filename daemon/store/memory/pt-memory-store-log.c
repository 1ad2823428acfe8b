/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-memory-store-private.h"

typedef struct
{
  guint64 number; /* of evidence: 0 */
  PtSubject subject;
  gint64 seq, received;
  GBytes *body;
} Entry;

typedef struct
{
  guint64 entry;
  gboolean active;
  GBytes *body;
} Registration;

static void
entry_clear (gpointer data)
{
  g_bytes_unref (((Entry *) data)->body);
}

static void
registration_clear (gpointer data)
{
  g_bytes_unref (((Registration *) data)->body);
}

static void
subject_row_clear (gpointer data)
{
  PtSubjectRow *row = data;

  g_clear_pointer (&row->body, g_bytes_unref);
  g_clear_pointer (&row->past, g_bytes_unref);
  pt_history_clear (&row->history);
}

static void
subject_clear (gpointer data)
{
  PtMemorySubject *subject = data;

  subject_row_clear (&subject->row);
  g_clear_pointer (&subject->registrations, g_array_unref);
}

static void
area_clear (gpointer data)
{
  g_array_unref (((PtMemoryArea *) data)->entries);
}

static GArray *
array_new (guint size, GDestroyNotify clear)
{
  GArray *array = g_array_new (FALSE, TRUE, size);

  g_array_set_clear_func (array, clear);
  return array;
}

void
pt_memory_log_init (PtMemoryStore *store)
{
  store->areas = array_new (sizeof (PtMemoryArea), area_clear);
  store->evidence = array_new (sizeof (Entry), entry_clear);
  for (guint kind = 0; kind < PT_SUBJECT_KINDS; kind++)
    store->subjects[kind] = array_new (sizeof (PtMemorySubject), subject_clear);
}

void
pt_memory_log_clear (PtMemoryStore *store)
{
  g_array_unref (store->areas);
  g_array_unref (store->evidence);
  for (guint kind = 0; kind < PT_SUBJECT_KINDS; kind++)
    g_array_unref (store->subjects[kind]);
}

PtMemoryArea *
pt_memory_log_area (PtMemoryStore *store, guint32 area)
{
  return area < store->areas->len ? &g_array_index (store->areas, PtMemoryArea, area) : NULL;
}

PtMemorySubject *
pt_memory_log_subject (PtMemoryStore *store, PtSubject subject)
{
  GArray *subjects = store->subjects[subject.kind];
  PtMemorySubject *found = subject.number < subjects->len
                               ? &g_array_index (subjects, PtMemorySubject, subject.number)
                               : NULL;

  return found != NULL && found->row.body != NULL ? found : NULL;
}

/* Committing */

static gboolean
check_tails (PtMemoryStore *store, const PtGroup *group, GError **error)
{
  for (guint i = 0; i < group->tail_count; i++)
    {
      const PtTailMove *move = &group->tails[i];
      const PtMemoryArea *area = pt_memory_log_area (store, move->area);

      if (area != NULL && area->row.tail == move->before)
        continue;
      return pt_store_tail_elsewhere (move, error);
    }
  return TRUE;
}

static gboolean
check_subjects (PtMemoryStore *store, const PtGroup *group, GError **error)
{
  for (guint i = 0; i < group->subject_count; i++)
    {
      const PtSubjectRow *row = &group->subjects[i];
      const PtMemorySubject *known = pt_memory_log_subject (store, row->subject);

      if (known != NULL && known->row.area != row->area)
        return pt_store_number_is_taken (row, error);
    }
  return TRUE;
}

static void
append_entry (GArray *entries, const PtEntryRow *row)
{
  Entry entry
      = { row->number, row->subject, row->seq, row->received, g_bytes_new (row->body, row->size) };

  g_array_append_val (entries, entry);
}

static void
put_subject (PtMemoryStore *store, const PtSubjectRow *row)
{
  PtMemorySubject *subject = pt_memory_log_subject (store, row->subject);
  Registration registration = { row->entry, row->active, g_bytes_ref (row->body) };

  if (subject == NULL)
    {
      GArray *subjects = store->subjects[row->subject.kind];

      if (row->subject.number >= subjects->len)
        g_array_set_size (subjects, row->subject.number + 1);
      subject = &g_array_index (subjects, PtMemorySubject, row->subject.number);
      subject->row = (PtSubjectRow){ .subject = row->subject, .area = row->area };
      subject->registrations = array_new (sizeof (Registration), registration_clear);
      pt_history_init (&subject->row.history);
    }
  g_array_append_val (subject->registrations, registration);
  g_clear_pointer (&subject->row.body, g_bytes_unref);
  subject->row.body = g_bytes_ref (row->body);
  g_clear_pointer (&subject->row.past, g_bytes_unref);
  subject->row.past = row->past != NULL ? g_bytes_ref (row->past) : NULL;
  subject->row.entry = row->entry;
  subject->row.active = row->active;
}

/* As far as is kept, and nothing twice. */
static void
put_evidence (PtMemoryStore *store, const PtEntryRow *row)
{
  guint of_subject = 0, of_report = 0;

  for (guint i = 0; i < store->evidence->len; i++)
    {
      const Entry *other = &g_array_index (store->evidence, Entry, i);
      gsize size;
      const char *body = g_bytes_get_data (other->body, &size);

      if (other->subject.kind != row->subject.kind || other->subject.number != row->subject.number)
        continue;
      of_subject++;
      of_report += other->seq == row->seq;
      if (other->seq == row->seq && size == row->size && memcmp (body, row->body, size) == 0)
        return;
    }
  if (of_report < PT_EVIDENCE_PER_REPORT && of_subject < PT_EVIDENCE_PER_SUBJECT
      && store->evidence->len < PT_EVIDENCE_MAX)
    append_entry (store->evidence, row);
}

gboolean
pt_memory_log_commit (PtStore *parent, const PtGroup *group, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GHashTable) outages = NULL;

  if (!pt_memory_store_may_write (store, PT_STORE_COMMIT, error)
      || !check_tails (store, group, error) || !check_subjects (store, group, error)
      || !pt_memory_said_check (store, group, error)
      || (outages = pt_memory_views_apply (store, group, error)) == NULL)
    return FALSE;
  pt_memory_views_take (store, outages);
  pt_memory_said_take (store, group);
  for (guint i = 0; i < group->entry_count; i++)
    append_entry (pt_memory_log_area (store, group->entries[i].area)->entries, &group->entries[i]);
  for (guint i = 0; i < group->tail_count; i++)
    {
      PtMemoryArea *area = pt_memory_log_area (store, group->tails[i].area);

      area->row.tail = group->tails[i].after;
      if (group->tails[i].is_promised)
        area->row.promised = area->row.tail;
      area->reports += group->tails[i].reports;
    }
  for (guint i = 0; i < group->subject_count; i++)
    put_subject (store, &group->subjects[i]);
  for (guint i = 0; i < group->evidence_count; i++)
    put_evidence (store, &group->evidence[i]);
  pt_memory_rejected_take (store, group);
  return pt_memory_store_written (store, PT_STORE_COMMIT, error);
}

/* Areas */

gboolean
pt_memory_log_add_area (PtStore *parent, const PtAreaRow *row, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  PtMemoryArea area = { .row = *row };

  if (!pt_memory_store_may_write (store, PT_STORE_ADD_AREA, error))
    return FALSE;
  if (row->number != store->areas->len)
    return pt_memory_store_conflict ("The area's number is not the count of areas.", error);
  for (guint i = 0; i < store->areas->len; i++)
    if (g_str_equal (pt_memory_log_area (store, i)->row.id, row->id))
      return pt_memory_store_conflict ("There is an area of this name.", error);
  area.row.tail = area.row.ahead = 0;
  area.row.head = (PtHead){ 0 };
  area.entries = array_new (sizeof (Entry), entry_clear);
  g_array_append_val (store->areas, area);
  return pt_memory_store_written (store, PT_STORE_ADD_AREA, error);
}

GArray *
pt_memory_log_areas (PtStore *parent, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (PtAreaRow));

  for (guint i = 0; i < store->areas->len; i++)
    g_array_append_val (rows, pt_memory_log_area (store, i)->row);
  return rows;
}

gboolean
pt_memory_log_adopt_service_key (PtStore *parent, const guint8 *key, GError **error)
{
  static const guint8 none[PT_PUBLIC_KEY_SIZE];
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);

  for (guint i = 0; i < store->areas->len; i++)
    {
      PtAreaRow *row = &pt_memory_log_area (store, i)->row;

      if (memcmp (row->service_key, none, sizeof none) == 0)
        memcpy (row->service_key, key, PT_PUBLIC_KEY_SIZE);
    }
  return TRUE;
}

gboolean
pt_memory_log_set_ahead (PtStore *parent, guint32 number, guint64 ahead, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  PtMemoryArea *area = pt_memory_log_area (store, number);

  if (area == NULL)
    return pt_memory_store_conflict ("There is no such area.", error);
  area->row.ahead = ahead;
  return TRUE;
}

/* Entries */

/* Copied first, so that @func runs without the lock. */
static GArray *
copy_entries (PtMemoryStore *store, guint32 number, guint64 after, gint64 before_received)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  const PtMemoryArea *area = pt_memory_log_area (store, number);
  GArray *copy = array_new (sizeof (Entry), entry_clear);

  for (guint i = 0; area != NULL && i < area->entries->len; i++)
    {
      Entry entry = g_array_index (area->entries, Entry, i);

      if (before_received != 0 && entry.received >= before_received)
        break;
      if (entry.number <= after)
        continue;
      g_bytes_ref (entry.body);
      g_array_append_val (copy, entry);
    }
  return copy;
}

gboolean
pt_memory_log_scan_entries (PtStore *parent, guint32 area, guint64 after, gint64 before_received,
                            PtEntryRowFunc func, gpointer user_data, GError **error)
{
  g_autoptr (GArray) entries
      = copy_entries ((PtMemoryStore *) parent, area, after, before_received);

  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);
      PtEntryRow row = { .area = area,
                         .number = entry->number,
                         .subject = entry->subject,
                         .seq = entry->seq,
                         .received = entry->received };

      row.body = g_bytes_get_data (entry->body, &row.size);
      if (!func (&row, user_data, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pt_memory_log_prune (PtStore *parent, guint32 number, guint64 up_to, guint limit, guint *removed,
                     GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  PtMemoryArea *area = pt_memory_log_area (store, number);
  guint count = 0;

  *removed = 0;
  if (!pt_memory_store_may_write (store, PT_STORE_PRUNE, error))
    return FALSE;
  if (area != NULL)
    {
      up_to = MIN (up_to, pt_memory_batches_final_to (store, &area->row));
      while (count < area->entries->len && count < limit
             && g_array_index (area->entries, Entry, count).number <= up_to)
        count++;
      if (count > 0)
        {
          guint64 last = g_array_index (area->entries, Entry, count - 1).number;

          g_array_remove_range (area->entries, 0, count);
          pt_memory_batches_prune (store, number, last);
        }
    }
  *removed = count;
  return pt_memory_store_written (store, PT_STORE_PRUNE, error);
}

/* Subjects */

/* Whether the newest registration that is sealed makes it active. */
static gboolean
was_active (PtMemoryStore *store, const PtMemorySubject *subject)
{
  const PtMemoryArea *area = pt_memory_log_area (store, subject->row.area);
  guint64 sealed = area != NULL ? area->row.head.last_entry : 0;

  for (guint i = subject->registrations->len; i > 0; i--)
    {
      const Registration *registration
          = &g_array_index (subject->registrations, Registration, i - 1);

      if (registration->entry <= sealed)
        return registration->active;
    }
  return FALSE;
}

static GArray *
copy_subjects (PtMemoryStore *store, PtSubjectKind kind)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  GArray *copy = array_new (sizeof (PtSubjectRow), subject_row_clear);

  for (guint i = 0; i < store->subjects[kind]->len; i++)
    {
      const PtMemorySubject *subject = &g_array_index (store->subjects[kind], PtMemorySubject, i);
      PtSubjectRow row = subject->row;

      if (row.body == NULL)
        continue;
      g_bytes_ref (row.body);
      if (row.past != NULL)
        g_bytes_ref (row.past);
      row.was_active = was_active (store, subject);
      pt_history_copy (&subject->row.history, &row.history);
      g_array_append_val (copy, row);
    }
  return copy;
}

gboolean
pt_memory_log_reserve (PtStore *parent, PtSubjectKind kind, guint count, guint64 *first,
                       GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);

  *first = store->subjects[kind]->len;
  return TRUE;
}

gboolean
pt_memory_log_scan_subjects (PtStore *parent, PtSubjectKind kind, PtSubjectRowFunc func,
                             gpointer user_data, GError **error)
{
  g_autoptr (GArray) rows = copy_subjects ((PtMemoryStore *) parent, kind);

  for (guint i = 0; i < rows->len; i++)
    if (!func (&g_array_index (rows, PtSubjectRow, i), user_data, error))
      return FALSE;
  return TRUE;
}

GPtrArray *
pt_memory_log_subject_bodies (PtStore *parent, PtSubject subject, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  GPtrArray *bodies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const PtMemorySubject *found = pt_memory_log_subject (store, subject);

  for (guint i = found != NULL ? found->registrations->len : 0; i > 0; i--)
    g_ptr_array_add (bodies,
                     g_bytes_ref (g_array_index (found->registrations, Registration, i - 1).body));
  return bodies;
}

gboolean
pt_memory_log_save_histories (PtStore *parent, const PtSubjectRow *rows, guint count,
                              GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);

  if (!pt_memory_store_may_write (store, PT_STORE_SAVE_HISTORIES, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    {
      PtMemorySubject *subject = pt_memory_log_subject (store, rows[i].subject);

      if (subject == NULL)
        continue;
      pt_history_clear (&subject->row.history);
      pt_history_copy (&rows[i].history, &subject->row.history);
      subject->row.folded_to = rows[i].folded_to;
    }
  return pt_memory_store_written (store, PT_STORE_SAVE_HISTORIES, error);
}

static gboolean
is_subject (const PtSubject *a, const PtSubject *b)
{
  return a->kind == b->kind && a->number == b->number;
}

gboolean
pt_memory_log_evidence (PtStore *parent, const PtEvidenceQuery *query, PtEvidenceRowFunc func,
                        gpointer user_data, GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);

  for (guint i = 0, sent = 0; i < store->evidence->len && sent < query->limit; i++)
    {
      const Entry *entry = &g_array_index (store->evidence, Entry, i);
      const PtMemorySubject *subject = pt_memory_log_subject (store, entry->subject);
      PtEvidenceRow row
          = { i + 1, entry->subject, subject->row.area, entry->seq, entry->received, NULL, 0 };

      row.body = g_bytes_get_data (entry->body, &row.size);
      if (row.number <= query->after || (query->area >= 0 && row.area != (guint32) query->area)
          || (query->subject != NULL && !is_subject (&row.subject, query->subject)))
        continue;
      sent++;
      if (!func (&row, user_data, error))
        return FALSE;
    }
  return TRUE;
}

/* The same in what is kept of its subject, where it is a registration. */
static void
restamp_registration (PtMemoryStore *store, const Entry *entry)
{
  PtMemorySubject *subject = pt_memory_log_subject (store, entry->subject);

  for (guint i = 0; subject != NULL && i < subject->registrations->len; i++)
    {
      Registration *registration = &g_array_index (subject->registrations, Registration, i);

      if (registration->entry != entry->number)
        continue;
      g_bytes_unref (registration->body);
      registration->body = g_bytes_ref (entry->body);
      if (subject->row.entry != entry->number)
        continue;
      g_bytes_unref (subject->row.body);
      subject->row.body = g_bytes_ref (entry->body);
    }
}

static gboolean
restamp_entry (PtMemoryStore *store, Entry *entry, gint64 received, GError **error)
{
  gsize size;
  const char *body = g_bytes_get_data (entry->body, &size);
  GBytes *restamped = pt_store_restamped (body, size, received, error);

  if (restamped == NULL)
    return FALSE;
  g_bytes_unref (entry->body);
  entry->body = restamped;
  entry->received = received;
  restamp_registration (store, entry);
  return TRUE;
}

gboolean
pt_memory_log_restamp (PtStore *parent, const PtRestamp *areas, guint count, guint64 *changed,
                       GError **error)
{
  PtMemoryStore *store = (PtMemoryStore *) parent;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);

  for (guint i = 0; i < count; i++)
    {
      PtMemoryArea *area = pt_memory_log_area (store, areas[i].area);

      for (guint j = 0; area != NULL && j < area->entries->len; j++)
        {
          Entry *entry = &g_array_index (area->entries, Entry, j);

          if (entry->number <= areas[i].after || entry->received <= areas[i].received)
            continue;
          if (!restamp_entry (store, entry, areas[i].received, error))
            return FALSE;
          ++*changed;
        }
    }
  return TRUE;
}
