/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-group.h"

#include <string.h>

#define EVIDENCE_MAX 256 /* a group: a cloned key that floods must not fill the disk */

typedef struct
{
  PtDevice *device;
  PtHistory history; /* as it was */
} Undo;

/* A registration on its way: what the registry will say once the group is durable. */
typedef struct
{
  guint32 number;
  gint64 ts;
  guint at; /* its entry's index in the group */
} Pending;

struct _PtGroupBuilder
{
  char *arena; /* stored forms, one after another */
  gsize used, capacity;
  GArray *entries;     /* PtEntryRow */
  GArray *outages;     /* PtOutageWrite */
  GArray *devices;     /* PtDeviceRow */
  GArray *officials;   /* PtOfficialRow */
  GArray *evidence;    /* PtEntryRow */
  GArray *accepted;    /* PtAccepted */
  GArray *undo;        /* Undo */
  GHashTable *pending; /* "kind area id" -> Pending */
  guint32 new_devices;
  PtRegistry *registry;
  PtGroup group;
};

static void
device_row_clear (gpointer data)
{
  g_clear_pointer (&((PtDeviceRow *) data)->body, g_bytes_unref);
}

static void
official_row_clear (gpointer data)
{
  PtOfficialRow *row = data;

  g_free ((char *) row->id);
  g_clear_pointer (&row->body, g_bytes_unref);
}

static void
undo_clear (gpointer data)
{
  pt_history_clear (&((Undo *) data)->history);
}

PtGroupBuilder *
pt_group_builder_new (PtRegistry *registry)
{
  PtGroupBuilder *builder = g_new0 (PtGroupBuilder, 1);

  builder->registry = registry;

  builder->entries = g_array_new (FALSE, FALSE, sizeof (PtEntryRow));
  builder->outages = g_array_new (FALSE, FALSE, sizeof (PtOutageWrite));
  builder->devices = g_array_new (FALSE, TRUE, sizeof (PtDeviceRow));
  builder->officials = g_array_new (FALSE, TRUE, sizeof (PtOfficialRow));
  g_array_set_clear_func (builder->officials, official_row_clear);
  builder->evidence = g_array_new (FALSE, FALSE, sizeof (PtEntryRow));
  builder->accepted = g_array_new (FALSE, FALSE, sizeof (PtAccepted));
  builder->undo = g_array_new (FALSE, FALSE, sizeof (Undo));
  builder->pending = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_array_set_clear_func (builder->devices, device_row_clear);
  g_array_set_clear_func (builder->undo, undo_clear);
  return builder;
}

void
pt_group_builder_free (PtGroupBuilder *builder)
{
  if (builder == NULL)
    return;
  g_free (builder->arena);
  g_array_unref (builder->entries);
  g_array_unref (builder->outages);
  g_array_unref (builder->devices);
  g_array_unref (builder->officials);
  g_array_unref (builder->evidence);
  g_array_unref (builder->accepted);
  g_array_unref (builder->undo);
  g_hash_table_unref (builder->pending);
  g_free (builder);
}

void
pt_group_builder_reset (PtGroupBuilder *builder, gsize bytes)
{
  builder->used = 0;
  if (builder->capacity < bytes)
    {
      g_free (builder->arena);
      builder->arena = g_malloc (bytes);
      builder->capacity = bytes;
    }
  g_array_set_size (builder->entries, 0);
  g_array_set_size (builder->outages, 0);
  g_array_set_size (builder->devices, 0);
  g_array_set_size (builder->officials, 0);
  g_array_set_size (builder->evidence, 0);
  g_array_set_size (builder->accepted, 0);
  g_array_set_size (builder->undo, 0);
  g_hash_table_remove_all (builder->pending);
  builder->new_devices = 0;
}

guint
pt_group_builder_count (PtGroupBuilder *builder)
{
  return builder->entries->len;
}

gboolean
pt_group_builder_is_empty (PtGroupBuilder *builder)
{
  return builder->entries->len == 0 && builder->evidence->len == 0;
}

const PtGroup *
pt_group_builder_group (PtGroupBuilder *builder)
{
  builder->group = (PtGroup){ .entries = (PtEntryRow *) builder->entries->data,
                              .entry_count = builder->entries->len,
                              .outages = (PtOutageWrite *) builder->outages->data,
                              .outage_count = builder->outages->len,
                              .devices = (PtDeviceRow *) builder->devices->data,
                              .device_count = builder->devices->len,
                              .officials = (PtOfficialRow *) builder->officials->data,
                              .official_count = builder->officials->len,
                              .evidence = (PtEntryRow *) builder->evidence->data,
                              .evidence_count = builder->evidence->len };
  return &builder->group;
}

GArray *
pt_group_builder_accepted (PtGroupBuilder *builder)
{
  return builder->accepted;
}

GBytes *
pt_group_builder_entry (PtGroupBuilder *builder, guint64 index)
{
  const PtEntryRow *row;

  g_return_val_if_fail (index < builder->entries->len, NULL);
  row = &g_array_index (builder->entries, PtEntryRow, index);
  return g_bytes_new (row->body, row->size);
}

/* Writes the stored form into the arena, whose bound counts every line. */
static void
builder_add_entry (PtGroupBuilder *builder, const PtLine *line, guint32 device, gint64 seq,
                   gint64 received)
{
  PtEntry entry
      = { .bytes = line->bytes, .has_signature = true, .received_place = line->received_place };
  PtEntryRow row
      = { .area = line->area->number, .received = received, .device = device, .seq = seq };
  PtResult result;

  row.body = builder->arena + builder->used;
  result = pt_entry_store (&entry, received, builder->arena + builder->used,
                           builder->capacity - builder->used, &row.size);
  g_assert (result == PT_OK);
  builder->used += row.size;
  g_array_append_val (builder->entries, row);
}

static void
builder_remember (PtGroupBuilder *builder, PtDevice *device)
{
  Undo undo = { device, device->history };

  undo.history.gaps = g_memdup2 (device->history.gaps, device->history.gap_count * sizeof (PtGap));
  g_array_append_val (builder->undo, undo);
}

void
pt_group_builder_add_report (PtGroupBuilder *builder, PtLine *line, gint64 received)
{
  PtAccepted accepted = { .device = line->device,
                          .seq = line->seq,
                          .ts = line->ts,
                          .received = received,
                          .power = (PtPower) line->power };

  builder_remember (builder, line->device);
  accepted.has_change = pt_history_apply (&line->device->history, line->seq, line->ts,
                                          (PtPower) line->power, &accepted.change);
  if (accepted.has_change)
    {
      PtOutageWrite write = { line->device->number, accepted.change, line->device->customers };

      g_array_append_val (builder->outages, write);
    }
  builder_add_entry (builder, line, line->device->number, line->seq, received);
  g_array_append_val (builder->accepted, accepted);
  line->state = PT_LINE_ACCEPTED;
}

static char *
pending_name (const PtLine *line, const PtEntry *entry)
{
  PtSpan id = entry->kind == PT_ENTRY_DEVICE ? entry->device : entry->official;

  return g_strdup_printf ("%d %s %.*s", entry->kind, line->area->id, (int) id.size, id.data);
}

GBytes *
pt_group_builder_registration (PtGroupBuilder *builder, const PtLine *line, const PtEntry *entry)
{
  g_autofree char *name = pending_name (line, entry);
  Pending *pending = g_hash_table_lookup (builder->pending, name);

  return pending != NULL ? pt_group_builder_entry (builder, pending->at) : NULL;
}

static gint64
builder_registered (PtGroupBuilder *builder, const PtLine *line, const PtEntry *entry,
                    const char *name, guint32 *number)
{
  Pending *pending = g_hash_table_lookup (builder->pending, name);
  PtDevice *device = NULL;

  if (pending != NULL)
    {
      *number = pending->number;
      return pending->ts;
    }
  if (entry->kind == PT_ENTRY_DEVICE)
    device = pt_registry_device (line->area, entry->device);
  *number = device != NULL ? device->number
                           : pt_registry_device_count (builder->registry) + builder->new_devices;
  if (entry->kind == PT_ENTRY_DEVICE && device == NULL)
    builder->new_devices++;
  return pt_registry_registered (builder->registry, entry);
}

/* The table row beside the entry: what start-up reads. */
static void
builder_add_record (PtGroupBuilder *builder, const PtLine *line, const PtEntry *entry,
                    guint32 number)
{
  guint at = builder->entries->len - 1;
  const PtEntryRow *row = &g_array_index (builder->entries, PtEntryRow, at);
  GBytes *body = g_bytes_new (row->body, row->size);

  if (entry->kind == PT_ENTRY_DEVICE)
    {
      PtDeviceRow device = { .number = number,
                             .area = line->area->number,
                             .body = body,
                             .entry = at,
                             .active = entry->status == PT_STATUS_ACTIVE };

      g_array_append_val (builder->devices, device);
    }
  else
    {
      PtOfficialRow official = { .area = line->area->number,
                                 .id = g_strndup (entry->official.data, entry->official.size),
                                 .body = body };

      g_array_append_val (builder->officials, official);
    }
}

gboolean
pt_group_builder_add_registration (PtGroupBuilder *builder, PtLine *line, const PtEntry *entry,
                                   gint64 received)
{
  gboolean is_device = entry->kind == PT_ENTRY_DEVICE;
  g_autofree char *name = pending_name (line, entry);
  Pending *pending;
  guint32 number;

  if (builder_registered (builder, line, entry, name, &number) >= entry->ts)
    return FALSE;
  builder_add_entry (builder, line, is_device ? number : PT_NO_DEVICE, 0, received);
  builder_add_record (builder, line, entry, number);
  pending = g_new (Pending, 1);
  *pending = (Pending){ number, entry->ts, builder->entries->len - 1 };
  g_hash_table_replace (builder->pending, g_steal_pointer (&name), pending);
  line->state = PT_LINE_ACCEPTED;
  return TRUE;
}

void
pt_group_builder_add_evidence (PtGroupBuilder *builder, const PtLine *line, gint64 received)
{
  PtEntryRow row = { .id = line->device->number,
                     .area = line->area->number,
                     .received = received,
                     .body = line->bytes.data,
                     .size = line->bytes.size };

  if (builder->evidence->len < EVIDENCE_MAX)
    g_array_append_val (builder->evidence, row);
}

guint
pt_group_builder_apply_registrations (PtGroupBuilder *builder, PtDirectory *directory)
{
  guint count = g_hash_table_size (builder->pending);

  if (count == 0)
    return 0;
  for (guint i = 0; i < builder->entries->len; i++)
    {
      const PtEntryRow *row = &g_array_index (builder->entries, PtEntryRow, i);
      PtEntry entry;

      if (pt_entry_parse (pt_span (row->body, row->size), PT_ENTRY_STORED, &entry) == PT_OK)
        pt_registry_apply (directory->registry, &entry, NULL);
    }
  g_atomic_int_inc (&directory->generation);
  return builder->entries->len;
}

void
pt_group_builder_undo (PtGroupBuilder *builder)
{
  for (guint i = builder->undo->len; i > 0; i--)
    {
      Undo *undo = &g_array_index (builder->undo, Undo, i - 1);

      pt_history_clear (&undo->device->history);
      undo->device->history = undo->history;
      pt_history_init (&undo->history);
    }
}
