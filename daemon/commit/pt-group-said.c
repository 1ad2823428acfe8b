/* SPDX-License-Identifier: Apache-2.0 */
/* What a group says: actions, notices and profiles, their private parts, what its reports make of
 * what was resolved before, and the receipts that are given. */
#include "pt-group-private.h"

#include <string.h>

#include "pt-said.h"

static void
said_row_clear (gpointer data)
{
  g_clear_pointer (&((PtSaidRow *) data)->receipt, g_bytes_unref);
  g_clear_pointer (&((PtSaidRow *) data)->body, g_bytes_unref);
}

void
pt_group_said_init (PtGroupBuilder *builder)
{
  g_return_if_fail (builder != NULL);

  builder->said = g_array_new (FALSE, TRUE, sizeof (PtSaidRow));
  g_array_set_clear_func (builder->said, said_row_clear);
  builder->said_rows = g_array_new (FALSE, FALSE, sizeof (guint));
  builder->laters = g_array_new (FALSE, TRUE, sizeof (PtSaidLater));
  builder->privates = g_array_new (FALSE, TRUE, sizeof (PtPrivateRow));
  builder->erasures = g_array_new (FALSE, TRUE, sizeof (PtErasure));
  builder->falls = g_array_new (FALSE, TRUE, sizeof (PtGroupFall));
  builder->names = g_string_chunk_new (1024);
}

void
pt_group_said_clear (PtGroupBuilder *builder)
{
  g_return_if_fail (builder != NULL);

  g_array_unref (builder->said);
  g_array_unref (builder->said_rows);
  g_array_unref (builder->laters);
  g_array_unref (builder->privates);
  g_array_unref (builder->erasures);
  g_array_unref (builder->falls);
  g_string_chunk_free (builder->names);
}

void
pt_group_said_reset (PtGroupBuilder *builder)
{
  g_return_if_fail (builder != NULL);

  g_array_set_size (builder->said, 0);
  g_array_set_size (builder->said_rows, 0);
  g_array_set_size (builder->laters, 0);
  g_array_set_size (builder->privates, 0);
  g_array_set_size (builder->erasures, 0);
  g_array_set_size (builder->falls, 0);
  builder->look_ups = 0;
  g_string_chunk_clear (builder->names);
}

void
pt_group_said_fill (PtGroupBuilder *builder)
{
  PtGroup *group;

  g_return_if_fail (builder != NULL);

  group = &builder->group;
  group->said = (PtSaidRow *) (gpointer) builder->said->data;
  group->said_count = builder->said->len;
  group->laters = (PtSaidLater *) (gpointer) builder->laters->data;
  group->later_count = builder->laters->len;
  group->privates = (PtPrivateRow *) (gpointer) builder->privates->data;
  group->private_count = builder->privates->len;
  group->erasures = (PtErasure *) (gpointer) builder->erasures->data;
  group->erasure_count = builder->erasures->len;
}

/* Said */

/* The submission, and with it the attachment, lives until the group is answered. */
static void
add_attachment (PtGroupBuilder *builder, const PtSaidRow *said, const PtAttachment *attachment)
{
  PtPrivateRow row = { .area = said->area,
                       .complaint = said->name,
                       .n = said->n,
                       .text = attachment->text,
                       .photo_count = attachment->photo_count };
  PtErasure erasure = { said->area, said->name, attachment->erases };

  memcpy (row.photos, attachment->photos, sizeof row.photos);
  if (attachment->text != NULL)
    g_array_append_val (builder->privates, row);
  if (attachment->erases > 0)
    g_array_append_val (builder->erasures, erasure);
}

void
pt_group_builder_add_said (PtGroupBuilder *builder, const PtLine *line, const PtEntry *entry,
                           PtEvidence evidence)
{
  PtSaidRow row = { .evidence = evidence };
  const PtEntryRow *added;
  PtSpan name;
  guint index;

  g_return_if_fail (builder != NULL && line != NULL && entry != NULL && builder->entries->len > 0);

  added = pt_group_builder_row (builder, builder->entries->len - 1);
  if (!pt_said_of (entry, &row.kind, &name, &row.n))
    return;
  row.area = added->area;
  row.entry = added->number;
  row.name = g_string_chunk_insert_len (builder->names, name.data, (gssize) name.size);
  row.later = evidence == PT_EVIDENCE_SUPPORTED ? PT_AFTERMATH_PENDING : PT_AFTERMATH_NONE;
  row.body = g_bytes_new (added->body, added->size);
  pt_tree_leaf_hash (pt_span (added->body, added->size), &row.leaf);
  memcpy (row.signer, line->public_key, PT_PUBLIC_KEY_SIZE);
  g_array_append_val (builder->said, row);
  index = builder->entries->len - 1;
  g_array_append_val (builder->said_rows, index);
  if (line->attachment != NULL)
    add_attachment (builder, &row, line->attachment);
  pt_group_builder_promise (builder, row.area);
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  guint one = *(const guint *) a, other = *(const guint *) b;

  return one < other ? -1 : one > other;
}

gboolean
pt_group_builder_begin_look_up (PtGroupBuilder *builder)
{
  g_return_val_if_fail (builder != NULL, FALSE);

  return ++builder->look_ups <= PT_GROUP_LOOK_UPS_MAX;
}

/* Falls */

typedef struct
{
  PtGroupBuilder *builder;
  guint32 area;
} Falling;

/* A PtSettledFunc. */
static void
add_later (const char *complaint, gint64 n, PtAftermath later, gpointer user_data)
{
  const Falling *falling = user_data;
  PtSaidLater row = { falling->area, PT_SAID_ACTION, complaint, n, later, NULL };

  g_array_append_val (falling->builder->laters, row);
}

void
pt_group_builder_add_fall (PtGroupBuilder *builder, const PtDevice *device, gint64 time)
{
  Falling falling = { builder, device->area->number };
  PtGroupFall fall = { .device = device, .time = time };
  const PtPromises *promises = device->area->promises;

  g_return_if_fail (builder != NULL && builder->entries->len > 0);

  if (!pt_promises_is_waiting (promises))
    return;
  fall.row = builder->entries->len - 1;
  g_array_append_val (builder->falls, fall);
  pt_promises_each_fall (promises, pt_span (device->site, strlen (device->site)), time,
                         pt_group_builder_row (builder, fall.row)->received, add_later, &falling);
}

void
pt_group_said_fall (PtGroupBuilder *builder)
{
  g_return_if_fail (builder != NULL);

  for (guint i = 0; i < builder->falls->len; i++)
    {
      const PtGroupFall *fall = &g_array_index (builder->falls, PtGroupFall, i);
      const PtDevice *device = fall->device;

      pt_said_fell (builder->log, device->area, pt_span (device->site, strlen (device->site)),
                    pt_group_builder_row (builder, fall->row)->received, fall->time);
    }
}

void
pt_group_builder_pass (PtGroupBuilder *builder)
{
  PtDirectory *directory;

  g_return_if_fail (builder != NULL);

  directory = builder->log->directory;
  for (guint i = 0; i < builder->tails->len; i++)
    {
      guint32 number = g_array_index (builder->tails, PtTailMove, i).area;
      const GArray *rows = g_array_index (builder->parts, PtGroupPart, number).rows;
      PtArea *area = pt_registry_area_at (directory->registry, number);

      if (!pt_promises_is_waiting (area->promises) || !pt_group_builder_has_area (builder, number))
        continue;
      pt_door_begin_write (&directory->door);
      pt_said_pass (
          builder->log, area,
          pt_group_builder_row (builder, g_array_index (rows, guint, rows->len - 1))->received);
      pt_door_end_write (&directory->door);
    }
}

/* Receipts */

void
pt_group_builder_promise (PtGroupBuilder *builder, guint32 area)
{
  g_return_if_fail (builder != NULL && area < builder->parts->len);

  g_array_index (builder->parts, PtGroupPart, area).is_promised = TRUE;
}

static gboolean
sign_part (PtGroupBuilder *builder, guint32 area, const PtReceiptTerms *terms, GError **error)
{
  PtGroupPart *part = &g_array_index (builder->parts, PtGroupPart, area);
  const PtEntryRow *row = NULL;

  part->receipts = pt_receipts_new ();
  for (guint i = 0; i < part->rows->len; i++)
    {
      row = pt_group_builder_row (builder, g_array_index (part->rows, guint, i));
      pt_receipts_add (part->receipts, pt_span (row->body, row->size));
    }
  if (row != NULL
      && pt_receipts_sign (part->receipts,
                           pt_registry_area_at (builder->log->directory->registry, area)->id,
                           row->received, terms))
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                       "The service key does not sign receipts. Look after its file.");
  return FALSE;
}

/* Where an entry stands among those of its area. */
static guint
place_in (const PtGroupPart *part, guint64 number)
{
  return (guint) (number - part->before - 1);
}

gboolean
pt_group_builder_sign (PtGroupBuilder *builder, const PtReceiptTerms *terms, GError **error)
{
  g_return_val_if_fail (builder != NULL && terms != NULL, FALSE);

  if (terms->signer == NULL)
    return TRUE;
  for (guint i = 0; i < builder->tails->len; i++)
    {
      guint32 area = g_array_index (builder->tails, PtTailMove, i).area;

      if (g_array_index (builder->parts, PtGroupPart, area).is_promised
          && !sign_part (builder, area, terms, error))
        return FALSE;
    }
  for (guint i = 0; i < builder->said->len; i++)
    {
      PtSaidRow *row = &g_array_index (builder->said, PtSaidRow, i);
      const PtGroupPart *part = &g_array_index (builder->parts, PtGroupPart, row->area);

      row->receipt = pt_receipts_write (part->receipts, place_in (part, row->entry));
    }
  return TRUE;
}

const PtSaidRow *
pt_group_builder_said (PtGroupBuilder *builder, guint index)
{
  guint at;

  g_return_val_if_fail (builder != NULL, NULL);

  return g_array_binary_search (builder->said_rows, &index, compare_rows, &at)
             ? &g_array_index (builder->said, PtSaidRow, at)
             : NULL;
}

void
pt_group_builder_fill (PtGroupBuilder *builder, PtLine *line, guint wants)
{
  const PtEntryRow *row;
  const PtGroupPart *part;
  PtOutcome *outcome;

  g_return_if_fail (builder != NULL && line != NULL && line->outcome != NULL);
  g_return_if_fail (line->row > 0);

  outcome = line->outcome;
  row = pt_group_builder_row (builder, line->row - 1);
  part = &g_array_index (builder->parts, PtGroupPart, row->area);
  outcome->entry = row->number;
  if ((wants & PT_WANT_STORED) != 0)
    {
      outcome->stored = g_bytes_new (row->body, row->size);
      pt_tree_leaf_hash (pt_span (row->body, row->size), &outcome->leaf);
    }
  if ((wants & PT_WANT_RECEIPTS) != 0 && part->receipts != NULL)
    outcome->receipt = pt_receipts_write (part->receipts, place_in (part, row->number));
}
