/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-group.h"

#include <string.h>

#define EVIDENCE_MAX 256 /* a group: a cloned key that floods must not fill the disk */

typedef struct
{
  PtDevice *device;
  PtHistory history; /* as it was */
} Undo;

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
  GHashTable *pending; /* name -> PtPending */
  guint32 next_device;
  PtLogState *log;
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
pt_group_builder_new (PtLogState *log)
{
  PtGroupBuilder *builder;

  g_return_val_if_fail (log != NULL, NULL);

  builder = g_new0 (PtGroupBuilder, 1);
  builder->log = log;
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
  g_return_if_fail (builder != NULL);

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
  builder->next_device = pt_registry_device_count (builder->log->directory->registry);
}

guint
pt_group_builder_count (PtGroupBuilder *builder)
{
  g_return_val_if_fail (builder != NULL, 0);

  return builder->entries->len;
}

gboolean
pt_group_builder_is_empty (PtGroupBuilder *builder)
{
  g_return_val_if_fail (builder != NULL, TRUE);

  return builder->entries->len == 0 && builder->evidence->len == 0;
}

const PtGroup *
pt_group_builder_group (PtGroupBuilder *builder)
{
  g_return_val_if_fail (builder != NULL, NULL);

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
  g_return_val_if_fail (builder != NULL, NULL);

  return builder->accepted;
}

const PtEntryRow *
pt_group_builder_row (PtGroupBuilder *builder, guint index)
{
  g_return_val_if_fail (builder != NULL && index < builder->entries->len, NULL);

  return &g_array_index (builder->entries, PtEntryRow, index);
}

gboolean
pt_group_builder_repeats (PtGroupBuilder *builder, guint index, const PtLine *line)
{
  const PtEntryRow *row = pt_group_builder_row (builder, index);

  return row != NULL && pt_line_repeats (line, pt_span (row->body, row->size));
}

/* Writes the stored form into the arena, whose bound counts every line. */
void
pt_group_builder_add_entry (PtGroupBuilder *builder, PtLine *line, guint32 device, gint64 seq)
{
  PtLogState *log;
  PtEntry entry = { .has_signature = true };
  PtEntryRow row = { .device = device, .seq = seq };
  PtResult result;

  g_return_if_fail (builder != NULL && line != NULL && line->area != NULL);

  log = builder->log;
  entry.bytes = line->bytes;
  entry.received_place = line->received_place;
  row.area = line->area->number;
  row.received = log->last_received;
  row.body = builder->arena + builder->used;
  result = pt_entry_store (&entry, row.received, builder->arena + builder->used,
                           builder->capacity - builder->used, &row.size);
  g_assert (result == PT_OK);
  builder->used += row.size;
  g_array_append_val (builder->entries, row);
  if (seq != 0)
    pt_tail_add (log->tail, device, seq, log->last_entry + builder->entries->len, log->sealed);
  line->state = PT_LINE_ACCEPTED;
}

void
pt_group_builder_add_outage (PtGroupBuilder *builder, const PtOutageWrite *outage)
{
  g_return_if_fail (builder != NULL && outage != NULL);

  g_array_append_vals (builder->outages, outage, 1);
}

void
pt_group_builder_add_accepted (PtGroupBuilder *builder, const PtAccepted *accepted)
{
  g_return_if_fail (builder != NULL && accepted != NULL);

  g_array_append_vals (builder->accepted, accepted, 1);
}

/* What start-up reads beside the entry: its exact bytes again. */
static GBytes *
builder_last_body (PtGroupBuilder *builder)
{
  const PtEntryRow *row = pt_group_builder_row (builder, builder->entries->len - 1);

  return g_bytes_new (row->body, row->size);
}

void
pt_group_builder_add_device (PtGroupBuilder *builder, guint32 number, gboolean active)
{
  PtDeviceRow row = { .number = number, .active = active };

  g_return_if_fail (builder != NULL && builder->entries->len > 0);

  row.entry = builder->entries->len - 1;
  row.area = pt_group_builder_row (builder, builder->entries->len - 1)->area;
  row.body = builder_last_body (builder);
  g_array_append_val (builder->devices, row);
  builder->next_device = MAX (builder->next_device, number + 1);
}

void
pt_group_builder_add_official (PtGroupBuilder *builder, PtSpan id)
{
  PtOfficialRow row = { 0 };

  g_return_if_fail (builder != NULL && builder->entries->len > 0);

  row.area = pt_group_builder_row (builder, builder->entries->len - 1)->area;
  row.id = g_strndup (id.data, id.size);
  row.body = builder_last_body (builder);
  g_array_append_val (builder->officials, row);
}

void
pt_group_builder_add_evidence (PtGroupBuilder *builder, const PtLine *line)
{
  PtEntryRow row;

  g_return_if_fail (builder != NULL && line != NULL && line->device != NULL);

  row = (PtEntryRow){ .id = line->device->number,
                      .area = line->area->number,
                      .received = builder->log->last_received,
                      .body = line->bytes.data,
                      .size = line->bytes.size };
  if (builder->evidence->len < EVIDENCE_MAX)
    g_array_append_val (builder->evidence, row);
}

const PtPending *
pt_group_builder_pending (PtGroupBuilder *builder, const char *name)
{
  g_return_val_if_fail (builder != NULL && name != NULL, NULL);

  return g_hash_table_lookup (builder->pending, name);
}

void
pt_group_builder_set_pending (PtGroupBuilder *builder, const char *name, guint32 number,
                              gint64 order)
{
  PtPending *pending;

  g_return_if_fail (builder != NULL && name != NULL && builder->entries->len > 0);

  pending = g_new (PtPending, 1);
  *pending = (PtPending){ number, order, builder->entries->len - 1 };
  g_hash_table_replace (builder->pending, g_strdup (name), pending);
}

guint32
pt_group_builder_next_device (PtGroupBuilder *builder)
{
  g_return_val_if_fail (builder != NULL, 0);

  return builder->next_device;
}

void
pt_group_builder_save_history (PtGroupBuilder *builder, PtDevice *device)
{
  Undo undo;

  g_return_if_fail (builder != NULL && device != NULL);

  undo = (Undo){ device, device->history };
  undo.history.gaps = g_memdup2 (device->history.gaps, device->history.gap_count * sizeof (PtGap));
  g_array_append_val (builder->undo, undo);
}

void
pt_group_builder_undo (PtGroupBuilder *builder)
{
  PtLogState *log;

  g_return_if_fail (builder != NULL);

  log = builder->log;
  for (guint i = 0; i < builder->entries->len; i++)
    {
      const PtEntryRow *row = &g_array_index (builder->entries, PtEntryRow, i);

      if (row->seq != 0)
        pt_tail_drop (log->tail, row->device, log->last_entry + 1);
    }
  g_rw_lock_writer_lock (&log->directory->lock);
  for (guint i = builder->undo->len; i > 0; i--)
    {
      Undo *undo = &g_array_index (builder->undo, Undo, i - 1);

      pt_history_clear (&undo->device->history);
      undo->device->history = undo->history;
      pt_history_init (&undo->history);
    }
  g_rw_lock_writer_unlock (&log->directory->lock);
}
