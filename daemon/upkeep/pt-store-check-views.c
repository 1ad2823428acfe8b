/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept beside the entries, and follows from them. */
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "pt-registry.h"
#include "pt-store-check-private.h"
#include "pt-tree.h"

#define OUTAGES_AT_ONCE 1000

/* Devices and officials */

typedef struct
{
  PtStoreCheck *check;
  guint64 next; /* above the last one's number; there may be holes */
} Subjects;

static void
fail_device (PtStoreCheck *check, guint32 number)
{
  pt_store_findings_fail (check->findings, "subjects",
                          _ ("What is kept of device number %u does not fit its registration."),
                          number);
}

static void
fail_official (PtStoreCheck *check, guint32 number)
{
  pt_store_findings_fail (check->findings, "subjects",
                          _ ("What is kept of official number %u does not fit its registration."),
                          number);
}

static gboolean
row_fits (const PtStoreCheck *check, const PtSubjectRow *row, PtEntryKind kind)
{
  const PtAreaRow *area
      = row->area < check->areas->len ? &g_array_index (check->areas, PtAreaRow, row->area) : NULL;
  PtEntry entry;
  gsize size;
  const char *data = g_bytes_get_data (row->body, &size);

  return area != NULL && row->entry > 0 && row->entry <= area->tail && row->folded_to <= area->tail
         && pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, &entry) == PT_OK
         && entry.kind == kind && pt_span_equal (entry.area, pt_span (area->id, strlen (area->id)))
         && !row->active == (entry.status != PT_STATUS_ACTIVE);
}

static gboolean
take_number (Subjects *subjects, const PtSubjectRow *row)
{
  gboolean rises = row->subject.number >= subjects->next;

  subjects->next = (guint64) row->subject.number + 1;
  return rises && row->subject.number < PT_SUBJECTS_MAX;
}

static gboolean
take_device (PtSubjectRow *row, gpointer user_data, GError **error)
{
  Subjects *subjects = user_data;
  PtStoreCheck *check = subjects->check;
  PtCheckedDevice device = { .is_known = TRUE, .area = row->area, .entry = row->entry };
  guint64 *folded;
  gboolean is_numbered = take_number (subjects, row);

  if (!is_numbered || !row_fits (check, row, PT_ENTRY_DEVICE))
    {
      fail_device (check, row->subject.number);
      if (!is_numbered || row->area >= check->areas->len)
        return TRUE;
    }
  device.hash = g_bytes_hash (row->body);
  device.history = row->history;
  pt_history_init (&row->history);
  g_array_set_size (check->devices, row->subject.number + 1);
  g_array_index (check->devices, PtCheckedDevice, row->subject.number) = device;
  folded = &g_array_index (check->folded, guint64, row->area);
  *folded = MAX (*folded, row->folded_to);
  return TRUE;
}

static gboolean
take_official (PtSubjectRow *row, gpointer user_data, GError **error)
{
  Subjects *subjects = user_data;

  if (!take_number (subjects, row) || !row_fits (subjects->check, row, PT_ENTRY_OFFICIAL))
    fail_official (subjects->check, row->subject.number);
  return TRUE;
}

PtCheckedDevice *
pt_store_check_device (PtStoreCheck *check, guint32 number)
{
  PtCheckedDevice *device;

  g_return_val_if_fail (check != NULL, NULL);

  if (number >= check->devices->len)
    return NULL;
  device = &g_array_index (check->devices, PtCheckedDevice, number);
  return device->is_known ? device : NULL;
}

/* The newest of its registrations is the one that is kept of it. */
static gboolean
check_registrations (PtStoreCheck *check, GError **error)
{
  for (guint i = 0; !check->config->quick && i < check->devices->len; i++)
    {
      const PtCheckedDevice *device = &g_array_index (check->devices, PtCheckedDevice, i);
      g_autoptr (GPtrArray) bodies = NULL;

      if (!device->is_known)
        continue;
      bodies = pt_store_subject_bodies (check->config->store, pt_subject_device (i), error);
      if (bodies == NULL)
        return FALSE;
      if (bodies->len == 0 || g_bytes_hash (g_ptr_array_index (bodies, 0)) != device->hash)
        fail_device (check, i);
    }
  return TRUE;
}

void
pt_store_check_subjects (PtStoreCheck *check)
{
  PtStore *store;
  g_autoptr (GError) error = NULL;
  Subjects devices = { check, 0 }, officials = { check, 0 };

  g_return_if_fail (check != NULL);

  store = check->config->store;
  if (!pt_store_scan_subjects (store, PT_SUBJECT_DEVICE, take_device, &devices, &error)
      || !pt_store_scan_subjects (store, PT_SUBJECT_OFFICIAL, take_official, &officials, &error)
      || !check_registrations (check, &error))
    pt_store_findings_error (check->findings, "subjects", error);
}

/* Outages that last */

typedef struct
{
  PtStoreCheck *check;
  PtOutageRow last;
  guint count;
  guint64 all;
} Outages;

/* Whether an outage of it has to last, and since which counter; FALSE also where that is not known
 * here. */
static gboolean
is_off (const PtCheckedDevice *device)
{
  const PtHistory *history = &device->history;

  return !device->is_odd && history->latest.seq != 0 && history->latest.power == PT_POWER_OFF
         && history->cut == PT_FOLLOWED && history->since_seq != 0;
}

static gboolean
may_last (const PtCheckedDevice *device, const PtOutageRow *row)
{
  const PtHistory *history = &device->history;

  if (device->is_odd || history->since_seq == 0)
    return TRUE;
  return is_off (device) && history->since_seq == row->start_seq;
}

static gboolean
take_outage (const PtOutageRow *row, gpointer user_data, GError **error)
{
  Outages *outages = user_data;
  PtCheckedDevice *device = pt_store_check_device (outages->check, row->device);

  outages->last = *row;
  outages->count++;
  outages->all++;
  if (device == NULL || device->lasts || !may_last (device, row))
    pt_store_findings_fail (outages->check->findings, "outages",
                            _ ("An outage of device number %u lasts, and the device is not off."),
                            row->device);
  if (device != NULL)
    device->lasts = TRUE;
  return TRUE;
}

void
pt_store_check_outages (PtStoreCheck *check)
{
  PtOutageQuery query = { .area = -1, .only_open = TRUE, .limit = OUTAGES_AT_ONCE };
  Outages outages = { .check = check };
  g_autoptr (GError) error = NULL;

  g_return_if_fail (check != NULL);

  do
    {
      outages.count = 0;
      if (!pt_store_outages (check->config->store, &query, take_outage, &outages, &error))
        {
          pt_store_findings_error (check->findings, "outages", error);
          return;
        }
      query.after_start = outages.last.start;
      query.after_device = outages.last.device;
      query.after_seq = outages.last.start_seq;
    }
  while (outages.count == query.limit);
  for (guint i = 0; i < check->devices->len; i++)
    {
      const PtCheckedDevice *device = &g_array_index (check->devices, PtCheckedDevice, i);

      if (is_off (device) && !device->lasts)
        pt_store_findings_fail (check->findings, "outages",
                                _ ("Device number %u is off, and no outage of it lasts."), i);
    }
  if (outages.all != check->counts.open_outages)
    pt_store_findings_fail (check->findings, "outages",
                            _ ("The sums over all areas are not those of the outages."));
}

/* What was said */

typedef struct
{
  PtStoreCheck *check;
  const PtAreaRow *area;
  guint64 last;
} Said;

static gboolean
take_said (const PtSaidRow *row, gpointer user_data, GError **error)
{
  Said *said = user_data;
  gsize size;
  const char *data = g_bytes_get_data (row->body, &size);
  PtHash leaf;
  PtEntry entry;

  pt_tree_leaf_hash (pt_span (data, size), &leaf);
  if (memcmp (&leaf, &row->leaf, sizeof leaf) != 0 || row->entry <= said->last
      || row->entry > said->area->tail
      || pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, &entry) != PT_OK)
    pt_store_findings_fail (
        said->check->findings, "said",
        _ ("What was said with entry %" PRIu64 " of %s is not what was kept of it."), row->entry,
        said->area->id);
  said->last = row->entry;
  return TRUE;
}

void
pt_store_check_said (PtStoreCheck *check, const PtAreaRow *area)
{
  Said said = { check, area, 0 };
  g_autoptr (GError) error = NULL;

  g_return_if_fail (check != NULL && area != NULL);

  if (!pt_store_scan_said (check->config->store, area->number, 0, take_said, &said, &error))
    pt_store_findings_error (check->findings, "said", error);
}
