/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-log-state.h"

#include <string.h>

void
pt_log_state_init (PtLogState *log, PtStore *store, PtArchive *archive, PtDirectory *directory)
{
  g_return_if_fail (log != NULL && store != NULL && directory != NULL);

  *log = (PtLogState){ .store = store, .archive = archive, .directory = directory };
  log->tail = pt_tail_new ();
  log->touched = g_hash_table_new (g_direct_hash, g_direct_equal);
  log->areas = g_array_new (FALSE, TRUE, sizeof (PtLogArea));
}

void
pt_log_state_clear (PtLogState *log)
{
  g_return_if_fail (log != NULL);

  g_clear_pointer (&log->tail, pt_tail_free);
  g_clear_pointer (&log->touched, g_hash_table_unref);
  g_clear_pointer (&log->areas, g_array_unref);
}

PtLogArea *
pt_log_state_area (const PtLogState *log, guint32 area)
{
  g_return_val_if_fail (log != NULL && area < PT_AREAS_MAX, NULL);

  if (area >= log->areas->len)
    g_array_set_size (log->areas, area + 1);
  return &g_array_index (log->areas, PtLogArea, area);
}

void
pt_log_state_take_touched (PtLogState *log, GArray *out)
{
  GHashTableIter iter;
  gpointer key;

  g_return_if_fail (log != NULL && out != NULL);

  g_hash_table_iter_init (&iter, log->touched);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      const PtDevice *device = key;
      PtSubjectRow row = { .subject = pt_subject_device (device->number),
                           .area = device->area->number,
                           .folded_to = pt_log_state_area (log, device->area->number)->tail };

      pt_history_copy (&device->history, &row.history);
      g_array_append_val (out, row);
    }
  g_hash_table_remove_all (log->touched);
}

gboolean
pt_log_state_add_area (PtLogState *log, const char *id, const guint8 *authority_key,
                       const guint8 *service_key, gint64 now, gboolean *created, GError **error)
{
  PtRegistry *registry;
  PtAreaRow row = { .registered = now };
  PtArea *area;

  g_return_val_if_fail (log != NULL && id != NULL && created != NULL, FALSE);

  *created = FALSE;
  registry = log->directory->registry;
  area = pt_registry_area (registry, pt_span (id, strlen (id)));
  if (area != NULL)
    {
      if (memcmp (area->authority_key, authority_key, PT_PUBLIC_KEY_SIZE) == 0)
        return TRUE;
      g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
                   "Area %s is registered with another authority key.", id);
      return FALSE;
    }
  row.number = pt_registry_area_count (registry);
  g_strlcpy (row.id, id, sizeof row.id);
  memcpy (row.authority_key, authority_key, PT_PUBLIC_KEY_SIZE);
  memcpy (row.service_key, service_key, PT_PUBLIC_KEY_SIZE);
  if (!pt_store_add_area (log->store, &row, error))
    return FALSE;
  pt_door_begin_write (&log->directory->door);
  pt_registry_add_area (registry, id, authority_key, service_key);
  pt_door_end_write (&log->directory->door);
  *created = TRUE;
  return TRUE;
}
