/* SPDX-License-Identifier: Apache-2.0 */
/* Registrations of devices and officials, and profiles: the newest holds, and changes who may sign,
 * or what. */
#include <string.h>

#include "pt-kind.h"
#include "pt-said.h"

/* One that is not newer may be a repetition, which is told when it is added. */
static const guint8 *
registration_find_signer (PtRegistry *registry, PtLine *line, const PtEntry *entry)
{
  const guint8 *key = NULL;
  PtRule rule = pt_registry_judge (registry, entry, &key);

  line->area = pt_registry_area (registry, entry->area);
  if (rule == PT_RULE_HOLDS || rule == PT_RULE_NOT_NEWER)
    return key;
  pt_line_refuse_rule (line, rule);
  return NULL;
}

static PtSubjectKind
subject_kind (const PtEntry *entry)
{
  return entry->kind == PT_ENTRY_DEVICE ? PT_SUBJECT_DEVICE : PT_SUBJECT_OFFICIAL;
}

/* FALSE: it is not registered yet. */
static gboolean
find_subject (const PtLine *line, const PtEntry *entry, PtSubject *subject)
{
  PtDevice *device;
  PtOfficial *official;

  subject->kind = subject_kind (entry);
  if (subject->kind == PT_SUBJECT_DEVICE)
    {
      device = pt_registry_device (line->area, entry->device);
      subject->number = device != NULL ? device->number : 0;
      return device != NULL;
    }
  official = pt_registry_official (line->area, entry->official);
  subject->number = official != NULL ? official->number : 0;
  return official != NULL;
}

/* Anybody may say again what is public, as often as it likes: the registry tells without the disk.
 */
static void
registration_judge (PtLogState *log, PtGroupBuilder *group, PtLine *line)
{
  PtEntry entry;

  if (pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &entry) == PT_OK)
    line->is_known = pt_registry_is_registered (log->directory->registry, &entry);
}

/* Into the group */

/* One of a profile is its area's. */
static char *
pending_name (const PtLine *line, const PtEntry *entry)
{
  PtSpan id = entry->kind == PT_ENTRY_PROFILE  ? entry->area
              : entry->kind == PT_ENTRY_DEVICE ? entry->device
                                               : entry->official;

  return g_strdup_printf ("%d %s %.*s", entry->kind, line->area->id, (int) id.size, id.data);
}

static PtSubject
registration_subject (PtGroupBuilder *group, const PtPending *pending, const PtLine *line,
                      const PtEntry *entry)
{
  PtSubject subject = { .kind = subject_kind (entry) };

  if (pending != NULL)
    subject.number = pending->number;
  else if (!find_subject (line, entry, &subject))
    subject.number = pt_group_builder_next_number (group, subject.kind);
  return subject;
}

/* What a device entry means for what is known of how things are where the device was. */
static PtCut
device_cut (const PtEntry *entry, PtSpan site)
{
  if (!pt_span_equal (entry->site, site))
    return PT_CUT_MOVED;
  return entry->status == PT_STATUS_ACTIVE ? PT_FOLLOWED : PT_CUT_REVOKED;
}

/* What holds of the device by the newest entry before, which may be of this group. */
static PtStanding
device_standing (PtGroupBuilder *group, const PtPending *pending, const PtDevice *device,
                 PtEntry *before)
{
  const PtEntryRow *row = pending != NULL ? pt_group_builder_row (group, pending->at) : NULL;

  if (row != NULL
      && pt_entry_parse (pt_span (row->body, row->size), PT_ENTRY_STORED, before) == PT_OK)
    return pt_standing_of (before);
  return pt_device_place (device, G_MAXUINT32);
}

static void
device_past (PtGroupBuilder *group, const PtPending *pending, const PtDevice *device, PtPast *past)
{
  GBytes *bytes = pending != NULL ? pt_group_builder_past (group, pending) : NULL;

  *past = (PtPast){ 0 };
  if (pending == NULL)
    pt_past_copy (&device->past, past);
  else if (bytes != NULL)
    pt_past_load (past, bytes);
}

/* Who is revoked or moved is not followed any more: an outage that lasts ends unknown. What the
 * device was before is kept, and new hardware counts on; returns that as it will be. */
static GBytes *
registration_change (PtLogState *log, PtGroupBuilder *group, const PtPending *pending, PtLine *line,
                     const PtEntry *entry)
{
  PtDevice *device = pt_registry_device (line->area, entry->device);
  PtAccepted accepted = { .device = device, .is_registration = TRUE };
  PtStanding before, now = pt_standing_of (entry);
  PtEntry pending_entry;
  GBytes *saved;
  PtPast past;
  PtCut cut;

  if (device == NULL)
    return NULL;
  before = device_standing (group, pending, device, &pending_entry);
  device_past (group, pending, device, &past);
  pt_past_note (&past, &before, &now, pt_group_builder_known (group, device)->latest.seq);
  if (entry->status == PT_STATUS_ACTIVE)
    line->first_seq = pt_past_after (&past, entry->key) + 1;
  saved = pt_past_save (&past);
  pt_past_clear (&past);
  cut = device_cut (entry, before.site);
  if (cut != PT_FOLLOWED)
    accepted.has_change = pt_history_cut (pt_group_builder_history (group, device), cut,
                                          log->last_received, &accepted.change);
  if (accepted.has_change)
    pt_group_builder_add_outage (group, device, &accepted.change);
  pt_group_builder_add_accepted (group, &accepted);
  return saved;
}

/* A device's counters are its reports'; an official's entries are told apart by their time. */
static void
registration_take (PtGroupBuilder *group, PtLine *line, const PtEntry *entry, PtSubject subject,
                   const char *name, GBytes *past)
{
  gint64 seq = subject.kind == PT_SUBJECT_OFFICIAL ? entry->ts : 0;

  pt_group_builder_add_entry (group, line, subject, seq);
  pt_group_builder_add_subject (group, entry->status == PT_STATUS_ACTIVE, past);
  pt_group_builder_set_pending (group, name, subject.number, entry->ts);
}

static void
registration_take_profile (PtGroupBuilder *group, PtLine *line, const PtEntry *entry,
                           const char *name)
{
  pt_group_builder_add_entry (group, line, pt_subject_area (line->area->number), 0);
  pt_group_builder_add_said (group, line, entry, PT_EVIDENCE_NONE);
  pt_group_builder_set_pending (group, name, 0, entry->ts);
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
  repeats = line->is_known;
  if (pending != NULL)
    {
      const PtEntryRow *row = pt_group_builder_row (group, pending->at);

      repeats = pt_line_repeats (line, pt_span (row->body, row->size));
    }
  registered = pending != NULL ? pending->order
                               : pt_registry_registered (log->directory->registry, &entry);
  if (repeats)
    line->state = PT_LINE_DUPLICATE;
  else if (pt_rule_registration (&entry, registered) != PT_RULE_HOLDS)
    pt_line_refuse (line, PT_ERROR_STALE_ENTRY);
  else if (entry.kind == PT_ENTRY_PROFILE)
    registration_take_profile (group, line, &entry, name);
  else
    {
      PtSubject subject = registration_subject (group, pending, line, &entry);
      g_autoptr (GBytes) past = NULL;

      line->first_seq = subject.kind == PT_SUBJECT_DEVICE;
      if (subject.kind == PT_SUBJECT_DEVICE)
        past = registration_change (log, group, pending, line, &entry);
      registration_take (group, line, &entry, subject, name, past);
    }
}

static void
registration_apply (PtLogState *log, PtGroupBuilder *group, guint first, guint count)
{
  PtDirectory *directory = log->directory;

  pt_door_begin_write (&directory->door);
  for (guint i = first; i < first + count; i++)
    {
      const PtEntryRow *row = pt_group_builder_row (group, i);
      PtEntry entry;

      if (!pt_group_builder_has (group, i)
          || pt_entry_parse (pt_span (row->body, row->size), PT_ENTRY_STORED, &entry) != PT_OK)
        continue;
      if (entry.kind == PT_ENTRY_PROFILE)
        pt_said_apply (log, &entry, pt_group_builder_said (group, i));
      else
        pt_registry_register (directory->registry, &entry, row->subject.number);
    }
  g_atomic_int_inc (&directory->generation);
  pt_door_end_write (&directory->door);
}

/* The registration before the one that @row has: where it stands among all of the device's, which
 * are newest first. NULL: it is the first. */
static GBytes *
registration_before (GPtrArray *bodies, const PtEntryRow *row)
{
  for (guint i = 0; i + 1 < bodies->len; i++)
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (g_ptr_array_index (bodies, i), &size);

      if (size == row->size && memcmp (data, row->body, size) == 0)
        return g_ptr_array_index (bodies, i + 1);
    }
  return NULL;
}

/* Start-up has read the newest of each beside the entries. What was cut is cut again; the outages
 * that this ended were written in the same commit. */
static gboolean
registration_recover (PtLogState *log, const PtEntryRow *row, const PtEntry *entry, gboolean folded,
                      GError **error)
{
  PtDevice *device
      = entry->kind == PT_ENTRY_DEVICE
            ? pt_registry_device_numbered (log->directory->registry, row->subject.number)
            : NULL;
  g_autoptr (GPtrArray) bodies = NULL;
  PtOutageChange change;
  GBytes *body;
  PtEntry before;
  PtCut cut;
  gsize size;
  const char *data;

  if (folded || device == NULL || device->history.latest.seq == 0)
    return TRUE;
  bodies = pt_store_subject_bodies (log->store, row->subject, error);
  if (bodies == NULL)
    return FALSE;
  body = registration_before (bodies, row);
  data = body != NULL ? g_bytes_get_data (body, &size) : NULL;
  if (data == NULL || pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, &before) != PT_OK)
    return TRUE;
  cut = device_cut (entry, before.site);
  if (cut != PT_FOLLOWED)
    pt_history_cut (&device->history, cut, row->received, &change);
  g_hash_table_add (log->touched, device);
  return TRUE;
}

const PtKind pt_kind_registration = {
  .entries = 1u << PT_ENTRY_DEVICE | 1u << PT_ENTRY_OFFICIAL | 1u << PT_ENTRY_PROFILE,
  .ahead = PT_KIND_AHEAD_MS,
  .alone = TRUE,
  .find_signer = registration_find_signer,
  .judge = registration_judge,
  .add = registration_add,
  .apply = registration_apply,
  .recover = registration_recover,
};
