/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-recovery.h"

#include <string.h>

#include "pt-kind.h"

typedef struct
{
  PtDirectory *directory;
  PtRoster *roster;
  PtCommitter *committer;
  PtRecovered *recovered;
} Recovery;

void
pt_recovered_clear (PtRecovered *recovered)
{
  g_return_if_fail (recovered != NULL);

  g_clear_pointer (&recovered->areas, g_array_unref);
}

static PtRecoveredArea *
area_at (const PtRecovered *recovered, guint32 area)
{
  return area < recovered->areas->len ? &g_array_index (recovered->areas, PtRecoveredArea, area)
                                      : NULL;
}

/* What is kept beside the entries */

/* The registration's area must be the row's, since entries are numbered there. The rows of a kind
 * come by number, which may have holes. */
static gboolean
parse_registration (const Recovery *recovery, const PtSubjectRow *row, PtEntryKind kind,
                    PtEntry *entry)
{
  gsize size;
  const char *data = g_bytes_get_data (row->body, &size);
  PtArea *area;

  if (pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, entry) != PT_OK || entry->kind != kind)
    return FALSE;
  area = pt_registry_area (recovery->directory->registry, entry->area);
  return area != NULL && area->number == row->area && row->subject.number < PT_SUBJECTS_MAX
         && pt_registry_registered (recovery->directory->registry, entry) < 0;
}

static gboolean
load_device (PtSubjectRow *row, gpointer user_data, GError **error)
{
  Recovery *recovery = user_data;
  PtRegistry *registry = recovery->directory->registry;
  PtRecoveredArea *area;
  PtDevice *device;
  PtEntry entry;

  if (!parse_registration (recovery, row, PT_ENTRY_DEVICE, &entry))
    return pt_kind_damaged ("A device", error);
  device = pt_registry_register (registry, &entry, row->subject.number);
  if (row->past != NULL && !pt_device_load_past (device, row->past))
    return pt_kind_damaged ("A device", error);
  device->history = row->history;
  pt_history_init (&row->history);
  /* What a clock that was ahead had stamped may have been put right since (restamp). */
  device->history.heard = MIN (device->history.heard, MAX (recovery->recovered->last_received, 0));
  pt_roster_set_active (recovery->roster, row->subject.number, row->was_active);
  area = area_at (recovery->recovered, row->area);
  area->folded = MAX (area->folded, row->folded_to);
  return TRUE;
}

static gboolean
load_official (PtSubjectRow *row, gpointer user_data, GError **error)
{
  Recovery *recovery = user_data;
  PtRegistry *registry = recovery->directory->registry;
  PtEntry entry;

  if (!parse_registration (recovery, row, PT_ENTRY_OFFICIAL, &entry))
    return pt_kind_damaged ("An official", error);
  pt_registry_register (registry, &entry, row->subject.number);
  return TRUE;
}

static gboolean
find_last (const PtEntryRow *row, gpointer user_data, GError **error)
{
  PtRecoveredArea *area = user_data;

  area->received = MAX (area->received, row->received);
  return TRUE;
}

/* Zeros: a store in memory, or one that nothing has opened but this. */
static const guint8 *
service_key_of (const PtAreaRow *row, const guint8 *ours)
{
  static const guint8 none[PT_PUBLIC_KEY_SIZE];

  return memcmp (row->service_key, none, sizeof none) != 0 ? row->service_key : ours;
}

static gboolean
load_area (PtStore *store, const PtAreaRow *row, PtRecovered *out, GError **error)
{
  PtRecoveredArea area = { .tail = row->tail,
                           .sealed = row->head.last_entry,
                           .leaves = row->head.frontier.size,
                           .received = row->head.to };

  if (row->number != out->areas->len || area.sealed > area.tail)
    return pt_kind_damaged ("The list of areas", error);
  if (row->tail > 0
      && !pt_store_scan_entries (store, row->number, row->tail - 1, 0, find_last, &area, error))
    return FALSE;
  g_array_append_val (out->areas, area);
  out->last_received = MAX (out->last_received, area.received);
  return TRUE;
}

gboolean
pt_recovery_load (PtStore *store, PtDirectory *directory, PtRoster *roster,
                  const guint8 *service_key, PtRecovered *out, GError **error)
{
  Recovery recovery = { .directory = directory, .roster = roster, .recovered = out };
  g_autoptr (GArray) areas = NULL;

  g_return_val_if_fail (store != NULL && directory != NULL && roster != NULL, FALSE);
  g_return_val_if_fail (service_key != NULL && out != NULL, FALSE);

  areas = pt_store_areas (store, error);
  *out = (PtRecovered){ .areas = g_array_new (FALSE, TRUE, sizeof (PtRecoveredArea)) };
  if (areas == NULL)
    return FALSE;
  for (guint i = 0; i < areas->len; i++)
    {
      const PtAreaRow *row = &g_array_index (areas, PtAreaRow, i);

      if (!load_area (store, row, out, error))
        return FALSE;
      pt_registry_add_area (directory->registry, row->id, row->authority_key,
                            service_key_of (row, service_key));
    }
  return pt_store_scan_subjects (store, PT_SUBJECT_DEVICE, load_device, &recovery, error)
         && pt_store_scan_subjects (store, PT_SUBJECT_OFFICIAL, load_official, &recovery, error);
}

/* What the entries add to it */

static gboolean
replay_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  Recovery *recovery = user_data;
  const PtRecoveredArea *area = area_at (recovery->recovered, row->area);

  return pt_committer_recover (recovery->committer, row, row->number <= area->folded, error);
}

/* A PtSaidRowFunc. */
static gboolean
recover_said (const PtSaidRow *row, gpointer user_data, GError **error)
{
  return pt_committer_recover_said (user_data, row, error);
}

static gboolean
recover_all_said (PtStore *store, PtCommitter *committer, guint32 number,
                  const PtRecoveredArea *area, GError **error)
{
  if (!pt_store_scan_said (store, number, 0, recover_said, committer, error))
    return FALSE;
  pt_committer_recover_passed (committer, number, area->received);
  return TRUE;
}

gboolean
pt_recovery_replay (PtStore *store, PtCommitter *committer, const PtRecovered *recovered,
                    GError **error)
{
  Recovery recovery = { .committer = committer, .recovered = (PtRecovered *) recovered };

  g_return_val_if_fail (store != NULL && committer != NULL && recovered != NULL, FALSE);

  for (guint i = 0; i < recovered->areas->len; i++)
    {
      const PtRecoveredArea *area = area_at (recovered, i);

      pt_committer_recover_area (committer, i, area->tail);
      if (!recover_all_said (store, committer, i, area, error)
          || !pt_store_scan_entries (store, i, MIN (area->folded, area->sealed), 0, replay_entry,
                                     &recovery, error))
        return FALSE;
      pt_committer_set_sealed (committer, i, area->sealed);
    }
  return TRUE;
}

gboolean
pt_recovery_archive (PtArchive *archive, PtDirectory *directory, const PtRecovered *recovered,
                     GError **error)
{
  g_return_val_if_fail (archive != NULL && directory != NULL && recovered != NULL, FALSE);

  for (guint i = 0; i < recovered->areas->len; i++)
    {
      const PtRecoveredArea *area = area_at (recovered, i);

      if (!pt_archive_is_behind (archive, i, area->sealed, area->leaves))
        continue;
      g_message ("Making the index of %s again from entry %" G_GUINT64_FORMAT ".",
                 pt_registry_area_at (directory->registry, i)->id,
                 pt_entry_index_covered (pt_archive_index (archive), i));
      if (!pt_archive_catch_up (archive, i, pt_directory_find_subject, directory, error))
        return FALSE;
    }
  return TRUE;
}

/* Evidence */

#define EVIDENCE_AT_ONCE 1000

typedef struct
{
  PtDirectory *directory;
  PtCopiedKeys *copied;
  guint count;
  guint64 last;
} Evidence;

static gboolean
take_evidence (const PtEvidenceRow *row, gpointer user_data, GError **error)
{
  Evidence *evidence = user_data;
  PtDevice *device
      = row->subject.kind == PT_SUBJECT_DEVICE
            ? pt_registry_device_numbered (evidence->directory->registry, row->subject.number)
            : NULL;

  evidence->count++;
  evidence->last = row->number;
  if (device != NULL && row->seq > 0)
    pt_copied_keys_add (evidence->copied, device, row->seq);
  return TRUE;
}

gboolean
pt_recovery_keys (PtStore *store, PtDirectory *directory, PtCopiedKeys *copied, GError **error)
{
  PtEvidenceQuery query = { .area = -1, .limit = EVIDENCE_AT_ONCE };
  Evidence evidence = { .directory = directory, .copied = copied };

  g_return_val_if_fail (store != NULL && directory != NULL && copied != NULL, FALSE);

  do
    {
      query.after = evidence.last;
      evidence.count = 0;
      if (!pt_store_evidence (store, &query, take_evidence, &evidence, error))
        return FALSE;
    }
  while (evidence.count == query.limit);
  pt_copied_keys_review (copied);
  return TRUE;
}
