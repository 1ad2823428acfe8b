/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-kind-said.h"

#include <string.h>

#include "pt-said.h"

const guint8 *
pt_kind_said_find_signer (PtRegistry *registry, PtLine *line, const PtEntry *entry)
{
  const guint8 *key = NULL;
  PtRule rule;

  g_return_val_if_fail (registry != NULL && line != NULL && entry != NULL, NULL);

  line->area = pt_registry_area (registry, entry->area);
  rule = pt_registry_judge (registry, entry, &key);
  if (key == NULL)
    pt_line_refuse_rule (line, rule);
  return key;
}

/* Judging */

typedef struct
{
  PtLine *line;
  gboolean repeats;
} Repetition;

/* A PtSaidRowFunc: of the one row that has its number. */
static gboolean
compare_said (const PtSaidRow *row, gpointer user_data, GError **error)
{
  Repetition *repetition = user_data;
  PtOutcome *outcome = repetition->line->outcome;
  gsize size;
  const char *data = g_bytes_get_data (row->body, &size);

  repetition->repeats = pt_line_repeats (repetition->line, pt_span (data, size));
  if (!repetition->repeats || outcome == NULL)
    return FALSE;
  pt_outcome_clear (outcome);
  *outcome = (PtOutcome){ .entry = row->entry,
                          .leaf = row->leaf,
                          .stored = g_bytes_ref (row->body),
                          .receipt = row->receipt != NULL ? g_bytes_ref (row->receipt) : NULL };
  return FALSE;
}

/* TRUE: the line is decided. */
static gboolean
judge_repetition (PtLogState *log, PtGroupBuilder *group, PtLine *line, const PtEntry *entry)
{
  Repetition repetition = { line, FALSE };
  g_autofree char *id = NULL;
  PtSaidKind kind;
  PtSpan name;
  gint64 n;

  if (!pt_said_of (entry, &kind, &name, &n))
    return FALSE;
  id = g_strndup (name.data, name.size);
  if (!pt_group_builder_begin_look_up (group)
      || !pt_store_scan_chain (log->store, line->area->number, kind, id, n, 1, compare_said,
                               &repetition, NULL))
    pt_line_refuse (line, PT_ERROR_BUSY);
  else if (repetition.repeats)
    line->state = PT_LINE_DUPLICATE;
  return line->state != PT_LINE_VERIFIED;
}

static gint64
entries_of (const PtArea *area, const PtEntry *entry)
{
  const PtComplaintFacts *complaint;
  const PtNoticeFacts *notice;

  if (entry->kind == PT_ENTRY_ACTION)
    {
      complaint = pt_promises_complaint (area->promises, entry->complaint);
      return complaint != NULL ? complaint->n : 0;
    }
  notice = pt_promises_notice (area->promises, entry->notice);
  return notice != NULL ? notice->n : 0;
}

void
pt_kind_said_judge (PtLogState *log, PtGroupBuilder *group, PtLine *line)
{
  const guint8 *key;
  PtEntry entry;
  PtRule rule;

  g_return_if_fail (log != NULL && group != NULL && line != NULL);

  if (pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &entry) != PT_OK)
    {
      pt_line_refuse (line, PT_ERROR_MALFORMED);
      return;
    }
  entry.received = log->last_received;
  rule = pt_registry_judge (log->directory->registry, &entry, &key);
  if (rule == PT_RULE_HOLDS)
    return;
  if (entry.n > entries_of (line->area, &entry) || !judge_repetition (log, group, line, &entry))
    pt_line_refuse_rule (line, rule);
}

/* Into the group */

static char *
pending_name (const PtArea *area, PtEntryKind kind, PtSpan name)
{
  return g_strdup_printf ("%d %s %.*s", kind, area->id, (int) name.size, name.data);
}

static char *
pending_name_of (const PtLine *line, const PtEntry *entry)
{
  return pending_name (line->area, entry->kind,
                       entry->kind == PT_ENTRY_ACTION ? entry->complaint : entry->notice);
}

gboolean
pt_kind_said_is_in (PtGroupBuilder *group, const PtArea *area, PtSpan complaint)
{
  g_autofree char *name = NULL;

  g_return_val_if_fail (group != NULL && area != NULL, FALSE);

  name = pending_name (area, PT_ENTRY_ACTION, complaint);
  return pt_group_builder_pending (group, name) != NULL;
}

gboolean
pt_kind_said_may_add (PtLogState *log, PtGroupBuilder *group, PtLine *line, PtEntry *entry)
{
  g_autofree char *name = NULL;
  const PtPending *pending;
  const PtEntryRow *row;

  g_return_val_if_fail (group != NULL && line != NULL && entry != NULL, FALSE);

  if (pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, entry) != PT_OK)
    {
      pt_line_refuse (line, PT_ERROR_MALFORMED);
      return FALSE;
    }
  name = pending_name_of (line, entry);
  pending = pt_group_builder_pending (group, name);
  if (pending == NULL)
    return TRUE;
  row = pt_group_builder_row (group, pending->at);
  if (pt_line_repeats (line, pt_span (row->body, row->size)))
    line->state = PT_LINE_DUPLICATE;
  else
    pt_line_refuse_rule (line,
                         entry->kind == PT_ENTRY_ACTION ? PT_RULE_COMPLAINT_N : PT_RULE_NOTICE_N);
  line->row = pending->at + 1;
  return FALSE;
}

void
pt_kind_said_add (PtGroupBuilder *group, PtLine *line, const PtEntry *entry, PtEvidence evidence)
{
  g_autofree char *name = NULL;

  g_return_if_fail (group != NULL && line != NULL && entry != NULL);

  name = pending_name_of (line, entry);
  pt_group_builder_add_entry (group, line, pt_subject_area (line->area->number), 0);
  pt_group_builder_add_said (group, line, entry, evidence);
  pt_group_builder_set_pending (group, name, 0, entry->n);
}

void
pt_kind_said_apply (PtLogState *log, PtGroupBuilder *group, guint first, guint count)
{
  PtDirectory *directory;

  g_return_if_fail (log != NULL && group != NULL);

  directory = log->directory;
  pt_door_begin_write (&directory->door);
  for (guint i = first; i < first + count; i++)
    {
      const PtEntryRow *row = pt_group_builder_row (group, i);
      PtEntry entry;

      if (pt_group_builder_has (group, i)
          && pt_entry_parse (pt_span (row->body, row->size), PT_ENTRY_STORED, &entry) == PT_OK)
        pt_said_apply (log, &entry, pt_group_builder_said (group, i));
    }
  pt_door_end_write (&directory->door);
}

gboolean
pt_kind_said_recover (PtLogState *log, const PtEntryRow *row, const PtEntry *entry, gboolean folded,
                      GError **error)
{
  g_return_val_if_fail (log != NULL && row != NULL, FALSE);

  return TRUE;
}
