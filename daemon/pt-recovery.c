/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-recovery.h"

#include <string.h>

typedef struct
{
  PtDirectory *directory;
  PtRoster *roster;
  PtCommitter *committer;
  GArray *folded_to; /* guint64 by device number */
  PtRecovered *recovered;
} Recovery;

static gboolean
damaged (const char *what, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "%s in the database can't be read. Stop, keep the files and restore a copy.", what);
  return FALSE;
}

static gboolean
load_device (PtDeviceRow *row, gpointer user_data, GError **error)
{
  Recovery *recovery = user_data;
  PtDevice *device;
  PtEntry entry;
  gsize size;
  const char *data = g_bytes_get_data (row->body, &size);

  if (row->number != pt_registry_device_count (recovery->directory->registry)
      || pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, &entry) != PT_OK
      || entry.kind != PT_ENTRY_DEVICE
      || pt_registry_area (recovery->directory->registry, entry.area) == NULL)
    return damaged ("A device", error);
  device = pt_registry_apply (recovery->directory->registry, &entry, NULL);
  device->history = row->history;
  pt_history_init (&row->history);
  pt_roster_set_active (recovery->roster, row->number, row->was_active);
  recovery->recovered->folded = MAX (recovery->recovered->folded, row->folded_to);
  return TRUE;
}

static gboolean
load_official (const PtOfficialRow *row, gpointer user_data, GError **error)
{
  Recovery *recovery = user_data;
  PtEntry entry;
  gsize size;
  const char *data = g_bytes_get_data (row->body, &size);

  if (pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, &entry) != PT_OK
      || entry.kind != PT_ENTRY_OFFICIAL
      || pt_registry_area (recovery->directory->registry, entry.area) == NULL)
    return damaged ("An official", error);
  pt_registry_apply (recovery->directory->registry, &entry, NULL);
  return TRUE;
}

static gboolean
find_last (const PtEntryRow *row, gpointer user_data, GError **error)
{
  PtRecovered *recovered = user_data;

  recovered->last_received = MAX (recovered->last_received, row->received);
  return TRUE;
}

gboolean
pt_recovery_load (PtStore *store, PtDirectory *directory, PtRoster *roster,
                  const guint8 *service_key, PtRecovered *out, GError **error)
{
  g_autoptr (GArray) areas = pt_store_areas (store, error);
  Recovery recovery = { .directory = directory, .roster = roster, .recovered = out };
  PtCounts counts;

  memset (out, 0, sizeof *out);
  if (areas == NULL)
    return FALSE;
  for (guint i = 0; i < areas->len; i++)
    {
      const PtAreaRow *row = &g_array_index (areas, PtAreaRow, i);

      if (row->number != i)
        return damaged ("The list of areas", error);
      pt_registry_add_area (directory->registry, row->id, row->authority_key, service_key);
      out->sealed = MAX (out->sealed, row->head.last_entry);
      out->last_received = MAX (out->last_received, row->head.to);
    }
  if (!pt_store_scan_devices (store, load_device, &recovery, error)
      || !pt_store_scan_officials (store, load_official, &recovery, error)
      || !pt_store_counts (store, &counts, error))
    return FALSE;
  out->last_entry = counts.last_entry;
  return pt_store_scan_entries (store, out->last_entry > 0 ? out->last_entry - 1 : 0, 0, find_last,
                                out, error);
}

static gboolean
replay_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  Recovery *recovery = user_data;

  return pt_committer_recover (recovery->committer, row, row->id <= recovery->recovered->folded,
                               error);
}

gboolean
pt_recovery_replay (PtStore *store, PtDirectory *directory, PtCommitter *committer,
                    const PtRecovered *recovered, GError **error)
{
  Recovery recovery
      = { .directory = directory, .committer = committer, .recovered = (PtRecovered *) recovered };

  return pt_store_scan_entries (store, MIN (recovered->folded, recovered->sealed), 0, replay_entry,
                                &recovery, error);
}

static gboolean
remember_outage (const PtOutageRow *row, gpointer user_data, GError **error)
{
  pt_live_remember (user_data, row->device, row->end_seq != 0 ? row->end : row->start,
                    row->end_seq != 0 ? row->end_seq : row->start_seq);
  return TRUE;
}

gboolean
pt_recovery_live (PtStore *store, PtLive *live, GError **error)
{
  /* By start, so a device's newest comes last. */
  PtOutageQuery all = { .area = -1, .limit = G_MAXUINT };

  return pt_store_outages (store, &all, remember_outage, live, error);
}

gboolean
pt_recovery_index (const PtArchive *archive, PtRegistry *registry, const PtRecovered *recovered,
                   GError **error)
{
  guint64 complete_to = pt_report_index_covered (pt_archive_index (archive));

  if (complete_to >= recovered->sealed)
    return TRUE;
  g_message ("Making the index of reports again from entry %" G_GUINT64_FORMAT ".", complete_to);
  return pt_archive_reindex (archive, registry, complete_to, error);
}
