/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-registry.h"
#include "pt-store-class.h"

/* Dispatch: every public verb checks its arguments once, for all backends. */

static guint32
highest_area (const PtGroup *group)
{
  guint32 highest = 0;

  for (guint i = 0; i < group->tail_count; i++)
    highest = MAX (highest, group->tails[i].area);
  return highest;
}

static gboolean
fail_hole (const PtEntryRow *entry, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "A group would leave a hole at entry %" G_GUINT64_FORMAT
               " of area number %u. Nothing was written; start again.",
               entry->number, entry->area);
  return FALSE;
}

/* The entries of each area fill exactly what its tail moves by, but for those that are gone. */
static gboolean
group_is_whole (const PtGroup *group, GError **error)
{
  guint32 areas = MIN (highest_area (group), PT_AREAS_MAX) + 1;
  g_autofree guint64 *next = g_new0 (guint64, areas); /* 0: not of this group */

  g_return_val_if_fail (areas <= PT_AREAS_MAX, FALSE);

  for (guint i = 0; i < group->tail_count; i++)
    next[group->tails[i].area] = MAX (group->tails[i].before, group->tails[i].gone) + 1;
  for (guint i = 0; i < group->entry_count; i++)
    {
      const PtEntryRow *entry = &group->entries[i];

      if (entry->area >= areas || next[entry->area] == 0 || next[entry->area] != entry->number)
        return fail_hole (entry, error);
      next[entry->area]++;
    }
  for (guint i = 0; i < group->tail_count; i++)
    {
      PtEntryRow missing = { .area = group->tails[i].area, .number = next[group->tails[i].area] };

      if (missing.number != group->tails[i].after + 1)
        return fail_hole (&missing, error);
    }
  return TRUE;
}

gboolean
pt_store_tail_elsewhere (const PtTailMove *move, GError **error)
{
  g_return_val_if_fail (move != NULL, FALSE);

  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "The log of area number %u does not end at entry %" G_GUINT64_FORMAT
               ". The store holds entries that it said it could not write, or another process "
               "writes to it. Start again: they are read then.",
               move->area, move->before);
  return FALSE;
}

gboolean
pt_store_commit (PtStore *store, const PtGroup *group, GError **error)
{
  gboolean done;

  g_return_val_if_fail (store != NULL && group != NULL, FALSE);

  for (guint i = 0; i < group->tail_count; i++)
    group->tails[i].moved = group->tails[i].came_late = FALSE;
  done = group_is_whole (group, error) && store->klass->commit (store, group, error);
  for (guint i = 0; done && i < group->tail_count; i++)
    group->tails[i].moved = TRUE;
  return done;
}

gboolean
pt_store_add_area (PtStore *store, const PtAreaRow *row, GError **error)
{
  g_return_val_if_fail (store != NULL && row != NULL && row->number < PT_AREAS_MAX, FALSE);
  return store->klass->add_area (store, row, error);
}

gboolean
pt_store_adopt_service_key (PtStore *store, const guint8 *key, GError **error)
{
  g_return_val_if_fail (store != NULL && key != NULL, FALSE);
  return store->klass->adopt_service_key (store, key, error);
}

gboolean
pt_store_set_ahead (PtStore *store, guint32 area, guint64 ahead, GError **error)
{
  g_return_val_if_fail (store != NULL && area < PT_AREAS_MAX, FALSE);
  return store->klass->set_ahead (store, area, ahead, error);
}

GArray *
pt_store_areas (PtStore *store, GError **error)
{
  g_return_val_if_fail (store != NULL, NULL);
  return store->klass->areas (store, error);
}

gboolean
pt_store_scan_entries (PtStore *store, guint32 area, guint64 after, gint64 before_received,
                       PtEntryRowFunc func, gpointer user_data, GError **error)
{
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (store != NULL && func != NULL, FALSE);
  if (store->klass->scan_entries (store, area, after, before_received, func, user_data, &local)
      || local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

typedef struct
{
  guint64 number;
  GBytes *body;
} Reading;

static gboolean
read_one (const PtEntryRow *row, gpointer user_data, GError **error)
{
  Reading *reading = user_data;

  if (row->number == reading->number)
    reading->body = g_bytes_new (row->body, row->size);
  return FALSE;
}

gboolean
pt_store_read_entry (PtStore *store, guint32 area, guint64 number, GBytes **body, GError **error)
{
  Reading reading = { number, NULL };

  g_return_val_if_fail (body != NULL && number > 0, FALSE);
  *body = NULL;
  if (!pt_store_scan_entries (store, area, number - 1, 0, read_one, &reading, error))
    return FALSE;
  *body = reading.body;
  return TRUE;
}

gboolean
pt_store_restamp (PtStore *store, const PtRestamp *areas, guint count, guint64 *changed,
                  GError **error)
{
  g_return_val_if_fail (store != NULL && (areas != NULL || count == 0), FALSE);
  g_return_val_if_fail (changed != NULL, FALSE);
  *changed = 0;
  return store->klass->restamp (store, areas, count, changed, error);
}

GBytes *
pt_store_restamped (const char *body, gsize size, gint64 received, GError **error)
{
  char out[PT_ENTRY_MAX];
  PtEntry entry;
  size_t out_size;

  if (pt_entry_parse (pt_span (body, size), PT_ENTRY_STORED, &entry) == PT_OK
      && pt_entry_restamp (&entry, received, out, sizeof out, &out_size) == PT_OK)
    return g_bytes_new (out, out_size);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_STOP,
                       "An entry is damaged in the database. Stop, keep its files and restore a "
                       "copy.");
  return NULL;
}

gboolean
pt_store_reserve (PtStore *store, PtSubjectKind kind, guint count, guint32 *first, GError **error)
{
  guint64 number;

  g_return_val_if_fail (store != NULL && first != NULL, FALSE);
  g_return_val_if_fail (kind == PT_SUBJECT_DEVICE || kind == PT_SUBJECT_OFFICIAL, FALSE);

  if (!store->klass->reserve (store, kind, count, &number, error))
    return FALSE;
  *first = (guint32) number;
  if (number + count <= PT_SUBJECTS_MAX)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR,
               "The store has no room for more devices or officials than %u. Begin another one for "
               "some of the areas.",
               PT_SUBJECTS_MAX);
  return FALSE;
}

gboolean
pt_store_number_is_taken (const PtSubjectRow *row, GError **error)
{
  g_return_val_if_fail (row != NULL, FALSE);

  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "Number %u is that of a device or official of another area than number %u. Start "
               "again: what is stored is read then.",
               row->subject.number, row->area);
  return FALSE;
}

gboolean
pt_store_scan_subjects (PtStore *store, PtSubjectKind kind, PtSubjectRowFunc func,
                        gpointer user_data, GError **error)
{
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (store != NULL && func != NULL, FALSE);
  if (store->klass->scan_subjects (store, kind, func, user_data, &local) || local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

GPtrArray *
pt_store_subject_bodies (PtStore *store, PtSubject subject, GError **error)
{
  g_return_val_if_fail (store != NULL, NULL);
  return store->klass->subject_bodies (store, subject, error);
}

gboolean
pt_store_save_histories (PtStore *store, const PtSubjectRow *rows, guint count, GError **error)
{
  g_return_val_if_fail (store != NULL && (rows != NULL || count == 0), FALSE);
  return store->klass->save_histories (store, rows, count, error);
}

gboolean
pt_store_prune (PtStore *store, guint32 area, guint64 up_to, guint limit, guint *removed,
                GError **error)
{
  g_return_val_if_fail (store != NULL && removed != NULL, FALSE);
  return store->klass->prune (store, area, up_to, limit, removed, error);
}
