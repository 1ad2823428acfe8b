/* SPDX-License-Identifier: Apache-2.0 */
/* Registrations of devices and officials: the newest holds, and changes who may sign. */
#include "pt-kind.h"

static const guint8 *
registration_find_signer (PtRegistry *registry, PtLine *line, const PtEntry *entry)
{
  line->area = pt_registry_area (registry, entry->area);
  return pt_kind_registered_signer (registry, line, entry);
}

/* The newest registration in the store */

typedef struct
{
  guint32 area;
  PtSpan id;
  GBytes *found;
} OfficialSearch;

/* Ends the scan when it has found. */
static gboolean
take_official (const PtOfficialRow *row, gpointer user_data, GError **error)
{
  OfficialSearch *search = user_data;

  if (row->area == search->area && pt_span_is (search->id, row->id))
    search->found = g_bytes_ref (row->body);
  return search->found == NULL;
}

static gboolean
read_official (const PtLogState *log, const PtLine *line, const PtEntry *entry, GBytes **stored,
               GError **error)
{
  OfficialSearch search = { .area = line->area->number, .id = entry->official };
  g_autoptr (GError) local = NULL;

  if (!pt_store_scan_officials (log->store, take_official, &search, &local) && local != NULL)
    {
      g_clear_pointer (&search.found, g_bytes_unref);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *stored = search.found;
  return TRUE;
}

static gboolean
read_device (const PtLogState *log, const PtLine *line, const PtEntry *entry, GBytes **stored,
             GError **error)
{
  PtDevice *device = pt_registry_device (line->area, entry->device);
  g_autoptr (GPtrArray) bodies = pt_store_device_bodies (log->store, device->number, error);

  if (bodies == NULL)
    return FALSE;
  *stored = bodies->len > 0 ? g_bytes_ref (g_ptr_array_index (bodies, 0)) : NULL;
  return TRUE;
}

/* Only one of the same time can be the same. */
static void
registration_judge (PtLogState *log, PtGroupBuilder *group, PtLine *line)
{
  g_autoptr (GBytes) stored = NULL;
  g_autoptr (GError) error = NULL;
  const char *bytes;
  PtEntry entry;
  gboolean read;
  gsize size;

  if (pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &entry) != PT_OK
      || pt_registry_registered (log->directory->registry, &entry) != entry.ts)
    return;
  if (entry.kind == PT_ENTRY_DEVICE)
    read = read_device (log, line, &entry, &stored, &error);
  else
    read = read_official (log, line, &entry, &stored, &error);
  if (!read)
    {
      g_warning ("A registration in %s can't be compared: %s", line->area->id, error->message);
      pt_line_refuse (line, PT_ERROR_BUSY);
      return;
    }
  if (stored == NULL)
    return;
  bytes = g_bytes_get_data (stored, &size);
  line->is_known = pt_line_repeats (line, pt_span (bytes, size));
}

/* Into the group */

static char *
pending_name (const PtLine *line, const PtEntry *entry)
{
  PtSpan id = entry->kind == PT_ENTRY_DEVICE ? entry->device : entry->official;

  return g_strdup_printf ("%d %s %.*s", entry->kind, line->area->id, (int) id.size, id.data);
}

static guint32
registration_number (PtGroupBuilder *group, const PtPending *pending, const PtLine *line,
                     const PtEntry *entry)
{
  PtDevice *device;

  if (entry->kind != PT_ENTRY_DEVICE)
    return PT_NO_DEVICE;
  if (pending != NULL)
    return pending->number;
  device = pt_registry_device (line->area, entry->device);
  return device != NULL ? device->number : pt_group_builder_next_device (group);
}

static void
registration_take (PtGroupBuilder *group, PtLine *line, const PtEntry *entry, guint32 number,
                   const char *name)
{
  pt_group_builder_add_entry (group, line, number, 0);
  if (entry->kind == PT_ENTRY_DEVICE)
    pt_group_builder_add_device (group, number, entry->status == PT_STATUS_ACTIVE);
  else
    pt_group_builder_add_official (group, entry->official);
  pt_group_builder_set_pending (group, name, number, entry->ts);
}

/* The newest is the group's, where it has one, else what the log says. */
static void
registration_add (PtLogState *log, PtGroupBuilder *group, PtLine *line)
{
  g_autofree char *name = NULL;
  const PtPending *pending;
  gint64 registered;
  gboolean repeats;
  PtEntry entry;

  if (pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &entry) != PT_OK)
    {
      pt_line_refuse (line, PT_ERROR_MALFORMED);
      return;
    }
  name = pending_name (line, &entry);
  pending = pt_group_builder_pending (group, name);
  if (pending != NULL)
    repeats = pt_group_builder_repeats (group, pending->at, line);
  else
    repeats = line->is_known;
  registered = pending != NULL ? pending->order
                               : pt_registry_registered (log->directory->registry, &entry);
  if (repeats)
    line->state = PT_LINE_DUPLICATE;
  else if (pt_rule_registration (&entry, registered) != PT_RULE_HOLDS)
    pt_line_refuse (line, PT_ERROR_STALE_ENTRY);
  else
    registration_take (group, line, &entry, registration_number (group, pending, line, &entry),
                       name);
}

static void
registration_apply (PtLogState *log, PtGroupBuilder *group, guint first, guint count)
{
  PtDirectory *directory = log->directory;

  g_rw_lock_writer_lock (&directory->lock);
  for (guint i = first; i < first + count; i++)
    {
      const PtEntryRow *row = pt_group_builder_row (group, i);
      PtEntry entry;

      if (pt_entry_parse (pt_span (row->body, row->size), PT_ENTRY_STORED, &entry) == PT_OK)
        pt_registry_apply (directory->registry, &entry, NULL);
    }
  g_atomic_int_inc (&directory->generation);
  g_rw_lock_writer_unlock (&directory->lock);
}

/* Start-up has read the newest of each from their own tables. */
static gboolean
registration_recover (PtLogState *log, const PtEntryRow *row, const PtEntry *entry, gboolean folded,
                      GError **error)
{
  return TRUE;
}

const PtKind pt_kind_registration = {
  .entries = 1u << PT_ENTRY_DEVICE | 1u << PT_ENTRY_OFFICIAL,
  .ahead = PT_KIND_AHEAD_MS,
  .has_key = TRUE,
  .alone = TRUE,
  .find_signer = registration_find_signer,
  .judge = registration_judge,
  .add = registration_add,
  .apply = registration_apply,
  .recover = registration_recover,
};
