/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-group-private.h"

#include <string.h>

#define EVIDENCE_MAX 256 /* a group: a cloned key that floods must not fill the disk */

static void
subject_row_clear (gpointer data)
{
  g_clear_pointer (&((PtSubjectRow *) data)->body, g_bytes_unref);
  g_clear_pointer (&((PtSubjectRow *) data)->past, g_bytes_unref);
}

static void
area_part_clear (gpointer data)
{
  g_clear_pointer (&((PtGroupPart *) data)->rows, g_array_unref);
  g_clear_pointer (&((PtGroupPart *) data)->receipts, pt_receipts_free);
}

static void
changed_clear (gpointer data)
{
  pt_history_clear (&((PtGroupChanged *) data)->history);
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
  builder->parts = g_array_new (FALSE, TRUE, sizeof (PtGroupPart));
  g_array_set_clear_func (builder->parts, area_part_clear);
  builder->tails = g_array_new (FALSE, FALSE, sizeof (PtTailMove));
  builder->subjects = g_array_new (FALSE, TRUE, sizeof (PtSubjectRow));
  g_array_set_clear_func (builder->subjects, subject_row_clear);
  builder->evidence = g_array_new (FALSE, FALSE, sizeof (PtEntryRow));
  builder->accepted = g_array_new (FALSE, FALSE, sizeof (PtAccepted));
  builder->changed = g_array_new (FALSE, FALSE, sizeof (PtGroupChanged));
  g_array_set_clear_func (builder->changed, changed_clear);
  builder->changed_at = g_hash_table_new (g_direct_hash, g_direct_equal);
  builder->pending = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  pt_group_said_init (builder);
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
  g_array_unref (builder->parts);
  g_array_unref (builder->tails);
  g_array_unref (builder->subjects);
  g_array_unref (builder->evidence);
  g_array_unref (builder->accepted);
  g_array_unref (builder->changed);
  g_hash_table_unref (builder->changed_at);
  g_hash_table_unref (builder->pending);
  pt_group_said_clear (builder);
  g_free (builder);
}

static void
builder_reset_parts (PtGroupBuilder *builder)
{
  for (guint i = 0; i < builder->tails->len; i++)
    {
      guint32 area = g_array_index (builder->tails, PtTailMove, i).area;
      PtGroupPart *part = &g_array_index (builder->parts, PtGroupPart, area);

      g_array_set_size (part->rows, 0);
      part->reports = 0;
      part->is_promised = part->is_lost = FALSE;
      g_clear_pointer (&part->receipts, pt_receipts_free);
    }
  g_array_set_size (builder->tails, 0);
}

void
pt_group_builder_reset (PtGroupBuilder *builder, gsize bytes)
{
  g_return_if_fail (builder != NULL);

  builder->used = 0;
  builder_reset_parts (builder);
  if (builder->capacity < bytes)
    {
      g_free (builder->arena);
      builder->arena = g_malloc (bytes);
      builder->capacity = bytes;
    }
  g_array_set_size (builder->entries, 0);
  g_array_set_size (builder->outages, 0);
  g_array_set_size (builder->subjects, 0);
  g_array_set_size (builder->evidence, 0);
  g_array_set_size (builder->accepted, 0);
  g_array_set_size (builder->changed, 0);
  g_hash_table_remove_all (builder->changed_at);
  g_hash_table_remove_all (builder->pending);
  pt_group_said_reset (builder);
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

  for (guint i = 0; i < builder->tails->len; i++)
    {
      PtTailMove *move = &g_array_index (builder->tails, PtTailMove, i);
      const PtGroupPart *part = &g_array_index (builder->parts, PtGroupPart, move->area);

      *move = (PtTailMove){ move->area, part->before, part->before + part->rows->len, part->reports,
                            part->is_promised };
    }
  builder->group = (PtGroup){ .entries = (PtEntryRow *) builder->entries->data,
                              .entry_count = builder->entries->len,
                              .outages = (PtOutageWrite *) builder->outages->data,
                              .outage_count = builder->outages->len,
                              .tails = (PtTailMove *) builder->tails->data,
                              .tail_count = builder->tails->len,
                              .subjects = (PtSubjectRow *) builder->subjects->data,
                              .subject_count = builder->subjects->len,
                              .evidence = (PtEntryRow *) builder->evidence->data,
                              .evidence_count = builder->evidence->len };
  pt_group_said_fill (builder);
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

const PtEntryRow *
pt_group_builder_find (PtGroupBuilder *builder, guint32 area, guint64 number)
{
  const PtGroupPart *part;

  g_return_val_if_fail (builder != NULL, NULL);

  if (area >= builder->parts->len)
    return NULL;
  part = &g_array_index (builder->parts, PtGroupPart, area);
  if (part->rows == NULL || number <= part->before || number - part->before > part->rows->len)
    return NULL;
  return pt_group_builder_row (builder,
                               g_array_index (part->rows, guint, number - part->before - 1));
}

static PtGroupPart *
builder_part (PtGroupBuilder *builder, guint32 area)
{
  PtTailMove move = { .area = area };
  PtGroupPart *part;

  if (area >= builder->parts->len)
    g_array_set_size (builder->parts, area + 1);
  part = &g_array_index (builder->parts, PtGroupPart, area);
  if (part->rows == NULL)
    part->rows = g_array_new (FALSE, FALSE, sizeof (guint));
  if (part->rows->len == 0)
    {
      part->before = pt_log_state_area (builder->log, area)->tail;
      g_array_append_val (builder->tails, move);
    }
  return part;
}

/* The next number of its area. */
static void
builder_append_row (PtGroupBuilder *builder, PtEntryRow *row, const PtHash *digest)
{
  PtGroupPart *part = builder_part (builder, row->area);
  PtTailPlace place = { .seq = row->seq, .digest = pt_entry_place_digest (digest->bytes) };
  guint index = builder->entries->len;
  gboolean is_said = row->subject.kind == PT_SUBJECT_AREA;

  g_array_append_val (part->rows, index);
  row->number = part->before + part->rows->len;
  if (is_said)
    row->seq = (gint64) row->number;
  part->reports += row->subject.kind == PT_SUBJECT_DEVICE && row->seq != 0;
  g_array_append_vals (builder->entries, row, 1);
  place.entry = row->number;
  if (row->seq != 0 && !is_said)
    pt_tail_add (builder->log->tail, row->subject, &place,
                 pt_log_state_area (builder->log, row->area)->sealed);
}

/* Writes the stored form into the arena, whose bound counts every line. */
guint64
pt_group_builder_add_entry (PtGroupBuilder *builder, PtLine *line, PtSubject subject, gint64 seq)
{
  PtEntry entry = { .has_signature = true };
  PtEntryRow row = { .subject = subject, .seq = seq };
  PtResult result;

  g_return_val_if_fail (builder != NULL && line != NULL && line->area != NULL, 0);

  entry.bytes = line->bytes;
  entry.received_place = line->received_place;
  row.area = line->area->number;
  row.received = builder->log->last_received;
  row.body = builder->arena + builder->used;
  result = pt_entry_store (&entry, row.received, builder->arena + builder->used,
                           builder->capacity - builder->used, &row.size);
  g_assert (result == PT_OK);
  builder->used += row.size;
  builder_append_row (builder, &row, &line->digest);
  line->row = builder->entries->len;
  line->state = PT_LINE_ACCEPTED;
  return row.number;
}

void
pt_group_builder_add_outage (PtGroupBuilder *builder, const PtDevice *device,
                             const PtOutageChange *change)
{
  PtOutageWrite write;

  g_return_if_fail (builder != NULL && device != NULL && change != NULL);

  write = (PtOutageWrite){ device->number, device->area->number, *change,
                           pt_device_place (device, change->place).customers };
  g_array_append_val (builder->outages, write);
}

void
pt_group_builder_add_accepted (PtGroupBuilder *builder, const PtAccepted *accepted)
{
  g_return_if_fail (builder != NULL && accepted != NULL);

  g_array_append_vals (builder->accepted, accepted, 1);
}

/* What start-up reads beside the entry: its exact bytes again. */
void
pt_group_builder_add_subject (PtGroupBuilder *builder, gboolean active, GBytes *past)
{
  PtSubjectRow row = { .active = active };
  const PtEntryRow *entry;

  g_return_if_fail (builder != NULL && builder->entries->len > 0);

  entry = pt_group_builder_row (builder, builder->entries->len - 1);
  row.subject = entry->subject;
  row.area = entry->area;
  row.entry = entry->number;
  row.body = g_bytes_new (entry->body, entry->size);
  row.past = past != NULL ? g_bytes_ref (past) : NULL;
  g_array_append_val (builder->subjects, row);
  if (row.subject.number == builder->next[row.subject.kind])
    builder->next[row.subject.kind]++;
}

/* How much of the group's evidence is about the same counter. */
static guint
evidence_of (PtGroupBuilder *builder, const PtEntryRow *row)
{
  guint count = 0;

  for (guint i = 0; i < builder->evidence->len; i++)
    {
      const PtEntryRow *other = &g_array_index (builder->evidence, PtEntryRow, i);

      count += other->seq == row->seq && other->subject.number == row->subject.number;
    }
  return count;
}

void
pt_group_builder_add_evidence (PtGroupBuilder *builder, const PtLine *line)
{
  PtEntryRow row;

  g_return_if_fail (builder != NULL && line != NULL && line->device != NULL);

  row = (PtEntryRow){ .area = line->area->number,
                      .subject = pt_subject_device (line->device->number),
                      .seq = line->seq,
                      .received = builder->log->last_received,
                      .body = line->bytes.data,
                      .size = line->bytes.size };
  if (builder->evidence->len < EVIDENCE_MAX && evidence_of (builder, &row) < PT_EVIDENCE_PER_REPORT)
    g_array_append_val (builder->evidence, row);
}

const PtPending *
pt_group_builder_pending (PtGroupBuilder *builder, const char *name)
{
  g_return_val_if_fail (builder != NULL && name != NULL, NULL);

  return g_hash_table_lookup (builder->pending, name);
}

GBytes *
pt_group_builder_past (PtGroupBuilder *builder, const PtPending *pending)
{
  const PtEntryRow *entry;

  g_return_val_if_fail (builder != NULL && pending != NULL, NULL);

  entry = pt_group_builder_row (builder, pending->at);
  for (guint i = builder->subjects->len; i > 0; i--)
    {
      const PtSubjectRow *row = &g_array_index (builder->subjects, PtSubjectRow, i - 1);

      if (row->entry == entry->number && row->area == entry->area)
        return row->past;
    }
  return NULL;
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

gboolean
pt_group_builder_reserve (PtGroupBuilder *builder, guint count, GError **error)
{
  static const PtSubjectKind kinds[] = { PT_SUBJECT_DEVICE, PT_SUBJECT_OFFICIAL };

  g_return_val_if_fail (builder != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (!pt_store_reserve (builder->log->store, kinds[i], count, &builder->next[kinds[i]], error))
      return FALSE;
  return TRUE;
}

guint32
pt_group_builder_next_number (PtGroupBuilder *builder, PtSubjectKind kind)
{
  g_return_val_if_fail (builder != NULL && kind < PT_SUBJECT_KINDS, 0);

  return builder->next[kind];
}

static PtGroupChanged *
builder_change (PtGroupBuilder *builder, PtDevice *device)
{
  PtGroupChanged changed = { .device = device };
  guint at = GPOINTER_TO_UINT (g_hash_table_lookup (builder->changed_at, device));

  if (at == 0)
    {
      pt_history_copy (&device->history, &changed.history);
      g_array_append_val (builder->changed, changed);
      at = builder->changed->len;
      g_hash_table_insert (builder->changed_at, device, GUINT_TO_POINTER (at));
    }
  return &g_array_index (builder->changed, PtGroupChanged, at - 1);
}

PtHistory *
pt_group_builder_history (PtGroupBuilder *builder, PtDevice *device)
{
  g_return_val_if_fail (builder != NULL && device != NULL, NULL);

  return &builder_change (builder, device)->history;
}

gboolean
pt_group_builder_begin_report (PtGroupBuilder *builder, PtDevice *device)
{
  g_return_val_if_fail (builder != NULL && device != NULL, FALSE);

  return ++builder_change (builder, device)->reports <= PT_GROUP_DEVICE_REPORTS_MAX;
}

const PtHistory *
pt_group_builder_known (PtGroupBuilder *builder, const PtDevice *device)
{
  guint at;

  g_return_val_if_fail (builder != NULL && device != NULL, NULL);

  at = GPOINTER_TO_UINT (g_hash_table_lookup (builder->changed_at, device));
  return at == 0 ? &device->history
                 : &g_array_index (builder->changed, PtGroupChanged, at - 1).history;
}

typedef struct
{
  PtGroupBuilder *builder;
  const PtDevice *device;
} Settling;

static void
settle_outage (const PtOutageChange *change, gpointer user_data)
{
  const Settling *settling = user_data;

  pt_group_builder_add_outage (settling->builder, settling->device, change);
}

void
pt_group_builder_settle (PtGroupBuilder *builder)
{
  g_return_if_fail (builder != NULL);

  for (guint i = 0; i < builder->changed->len; i++)
    {
      PtGroupChanged *changed = &g_array_index (builder->changed, PtGroupChanged, i);
      Settling settling = { builder, changed->device };

      pt_history_settle (&changed->history, settle_outage, &settling);
    }
}

void
pt_group_builder_apply (PtGroupBuilder *builder)
{
  PtLogState *log;

  g_return_if_fail (builder != NULL);

  log = builder->log;
  if (builder->changed->len == 0)
    return;
  pt_door_begin_write (&log->directory->door);
  for (guint i = 0; i < builder->changed->len; i++)
    {
      PtGroupChanged *changed = &g_array_index (builder->changed, PtGroupChanged, i);
      PtHistory before = changed->device->history;

      changed->device->history = changed->history;
      changed->history = before; /* freed without the door */
    }
  pt_group_said_fall (builder);
  pt_door_end_write (&log->directory->door);
  for (guint i = 0; i < builder->changed->len; i++)
    g_hash_table_add (log->touched, g_array_index (builder->changed, PtGroupChanged, i).device);
}

void
pt_group_builder_drop_row (PtGroupBuilder *builder, guint index)
{
  const PtEntryRow *row;
  PtLogState *log;

  g_return_if_fail (builder != NULL);

  log = builder->log;
  row = pt_group_builder_row (builder, index);
  if (row->seq != 0 && row->subject.kind != PT_SUBJECT_AREA)
    pt_tail_drop (log->tail, row->subject, pt_log_state_area (log, row->area)->tail + 1);
}

void
pt_group_builder_drop (PtGroupBuilder *builder)
{
  g_return_if_fail (builder != NULL);

  for (guint i = 0; i < builder->entries->len; i++)
    pt_group_builder_drop_row (builder, i);
  g_array_set_size (builder->accepted, 0);
}
