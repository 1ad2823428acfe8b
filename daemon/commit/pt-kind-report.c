/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: a counter that is used once, histories and outages, repetitions told from clones. */
#include "pt-kind.h"

static gboolean
position_is_cell (const PtEntry *entry)
{
  return entry->lat % PT_HOUSE_CELL == 0 && entry->lon % PT_HOUSE_CELL == 0;
}

static const guint8 *
report_find_signer (PtRegistry *registry, PtLine *line, const PtEntry *entry)
{
  line->area = pt_registry_area (registry, entry->area);
  line->device = line->area != NULL ? pt_registry_device (line->area, entry->device) : NULL;
  if (line->device == NULL)
    {
      pt_line_refuse (line, PT_ERROR_UNKNOWN_DEVICE);
      return NULL;
    }
  if (line->device->level == PT_LEVEL_HOUSE && !position_is_cell (entry))
    {
      pt_line_refuse (line, PT_ERROR_TOO_PRECISE);
      return NULL;
    }
  return pt_kind_registered_signer (registry, line, entry);
}

static gboolean
report_may_repeat (const PtLine *line)
{
  return pt_history_check (&line->device->history, line->seq) == PT_SEQ_USED;
}

/* A used counter */

/* How the line stands to the entry that has its counter. */
typedef enum
{
  REPEAT_UNKNOWN, /* that can't be found any more */
  REPEAT_SAME,
  REPEAT_OTHER
} Repeat;

static Repeat
repeat_of (const PtLine *line, guint64 digest)
{
  return digest == pt_entry_place_digest (line->digest.bytes) ? REPEAT_SAME : REPEAT_OTHER;
}

static Repeat
report_in_tail (const PtLogState *log, const PtLine *line)
{
  PtTailPlace place;

  return pt_tail_find (log->tail, pt_subject_device (line->device->number), line->seq, &place)
             ? repeat_of (line, place.digest)
             : REPEAT_UNKNOWN;
}

static Repeat
report_in_batches (const PtLogState *log, const PtLine *line)
{
  PtSubject subject = pt_subject_device (line->device->number);
  PtEntryPlace place;

  return log->archive != NULL
                 && pt_archive_find (log->archive, line->area->number, subject, line->seq, &place)
             ? repeat_of (line, place.digest)
             : REPEAT_UNKNOWN;
}

/* What is sealed is durable, so that a repetition of it can be told before the commit. What is in
 * the tail may yet not be written: the commit tells. The tail first, because it forgets only what
 * the batches have. */
static void
report_compare (const PtLogState *log, PtLine *line)
{
  Repeat repeat = report_in_tail (log, line);

  if (repeat == REPEAT_UNKNOWN)
    {
      repeat = report_in_batches (log, line);
      line->is_other = repeat == REPEAT_OTHER;
      if (repeat == REPEAT_SAME)
        line->state = PT_LINE_DUPLICATE;
    }
  if (line->state == PT_LINE_SUSPECT && repeat != REPEAT_SAME)
    pt_line_refuse (line, PT_ERROR_BAD_SIGNATURE);
}

static void
report_judge_used (PtGroupBuilder *group, PtTraffic *traffic, PtLine *line, Repeat repeat)
{
  gboolean suspect = line->state == PT_LINE_SUSPECT;

  if (repeat == REPEAT_SAME)
    {
      line->state = PT_LINE_DUPLICATE;
      return;
    }
  pt_line_refuse (line, suspect ? PT_ERROR_BAD_SIGNATURE : PT_ERROR_STALE_SEQ);
  /* New hardware that counts from the beginning copied no key. */
  if (!suspect && repeat == REPEAT_OTHER && line->seq > line->device->after)
    {
      pt_group_builder_add_evidence (group, line);
      if (traffic != NULL)
        pt_traffic_conflict (traffic, line->area->id, line->device->id, line->seq);
    }
}

/* Whether the index lacks entries that the tail has forgotten: it is being made again. */
static gboolean
report_is_behind (PtLogState *log, const PtLine *line)
{
  guint32 area = line->area->number;

  return log->archive != NULL
         && pt_entry_index_covered (pt_archive_index (log->archive), area)
                < pt_log_state_area (log, area)->sealed;
}

/* Histories only grow: a counter that was used before this group stays used. */
static void
report_judge (PtLogState *log, PtGroupBuilder *group, PtLine *line)
{
  Repeat repeat = line->is_other ? REPEAT_OTHER : REPEAT_UNKNOWN;

  if (!line->is_other && pt_history_check (&line->device->history, line->seq) != PT_SEQ_USED)
    return;
  if (repeat == REPEAT_UNKNOWN)
    repeat = report_in_tail (log, line);
  if (repeat == REPEAT_UNKNOWN)
    repeat = report_in_batches (log, line);
  if (repeat == REPEAT_UNKNOWN && report_is_behind (log, line))
    pt_line_refuse (line, PT_ERROR_BUSY);
  else
    report_judge_used (group, log->traffic, line, repeat);
}

/* Into the group */

static void
report_take (PtGroupBuilder *group, PtLine *line, gint64 received)
{
  PtDevice *device = line->device;
  PtReport report
      = { line->seq, line->ts, received, (PtPower) line->power, pt_past_place (&device->past), 0 };
  PtAccepted accepted = { .device = device, .power = report.power };

  report.order
      = pt_group_builder_add_entry (group, line, pt_subject_device (device->number), line->seq);
  accepted.has_change
      = pt_history_apply (pt_group_builder_history (group, device), &report, &accepted.change);
  if (report.power == PT_POWER_OFF)
    pt_group_builder_add_fall (group, device, accepted.change.time);
  if (accepted.has_change)
    pt_group_builder_add_outage (group, device, &accepted.change);
  pt_group_builder_add_accepted (group, &accepted);
}

static void
report_add (PtLogState *log, PtGroupBuilder *group, PtLine *line)
{
  gboolean suspect = line->state == PT_LINE_SUSPECT;
  guint wait;

  switch (pt_history_check (pt_group_builder_known (group, line->device), line->seq))
    {
    case PT_SEQ_TOO_OLD:
      pt_line_refuse (line, suspect ? PT_ERROR_BAD_SIGNATURE : PT_ERROR_STALE_SEQ);
      break;
    case PT_SEQ_USED:
      /* Since it was judged, so by a line of this group. */
      report_judge_used (group, log->traffic, line, report_in_tail (log, line));
      break;
    case PT_SEQ_NEW:
      if (suspect)
        pt_line_refuse (line, PT_ERROR_BAD_SIGNATURE);
      else if (line->seq <= line->device->after)
        pt_line_refuse (line, PT_ERROR_STALE_SEQ); /* pt_rule_new_key () */
      else if (!pt_group_builder_begin_report (group, line->device))
        pt_line_refuse (line, PT_ERROR_BUSY);
      else if (log->rates != NULL && !pt_rates_take_device (log->rates, line->device, &wait))
        pt_line_refuse_many (line, wait);
      else
        report_take (group, line, log->last_received);
      break;
    }
}

/* Histories are the group's to apply. */
static void
report_apply (PtLogState *log, PtGroupBuilder *group, guint first, guint count)
{
}

static gboolean
report_recover (PtLogState *log, const PtEntryRow *row, const PtEntry *entry, gboolean folded,
                GError **error)
{
  PtRegistry *registry = log->directory->registry;
  PtTailPlace place = { entry->seq, row->number, 0 };
  PtReport report = { entry->seq, entry->ts, row->received, entry->power, 0, row->number };
  PtOutageChange change;
  PtDevice *device;
  PtHash digest;

  device = row->subject.kind == PT_SUBJECT_DEVICE
               ? pt_registry_device_numbered (registry, row->subject.number)
               : NULL;
  if (device == NULL)
    return pt_kind_damaged ("An entry", error);
  report.place = pt_device_find_place (device, entry->site);
  if (!folded)
    {
      if (pt_history_check (&device->history, entry->seq) != PT_SEQ_NEW)
        return pt_kind_damaged ("A device's history", error);
      /* Its outages were written in the same commit as the entry, and what it made of what was
       * resolved. */
      pt_history_apply (&device->history, &report, &change);
      pt_history_settle (&device->history, NULL, NULL);
    }
  /* What was kept by an older version did not know when it came. */
  device->history.heard = MAX (device->history.heard, row->received);
  pt_entry_digest (entry, &digest);
  place.digest = pt_entry_place_digest (digest.bytes);
  pt_tail_add (log->tail, row->subject, &place, 0);
  g_hash_table_add (log->touched, device);
  return TRUE;
}

const PtKind pt_kind_report = {
  .entries = 1u << PT_ENTRY_REPORT,
  .ahead = PT_KIND_AHEAD_MS,
  .find_signer = report_find_signer,
  .may_repeat = report_may_repeat,
  .compare = report_compare,
  .judge = report_judge,
  .add = report_add,
  .apply = report_apply,
  .recover = report_recover,
};
