/* SPDX-License-Identifier: Apache-2.0 */
/* Entries, one area after another: their numbers, their form, the roots that they give, and what
 * histories say of them. */
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "pt-batch.h"
#include "pt-entry.h"
#include "pt-store-check-private.h"

#define PROGRESS_EVERY 10000 /* entries */

typedef struct
{
  PtStoreCheck *check;
  const PtAreaRow *area;
  guint64 first, last, until; /* kept from here on; gone through to here; to go through to there */
  gint64 received;
  guint64 folded;
  PtFrontier frontier; /* of the tree so far */
  gboolean is_known;   /* the frontier */
} Walk;

/* One entry */

static void
check_form (Walk *walk, const PtEntryRow *row, PtEntry *entry)
{
  PtStoreFindings *findings = walk->check->findings;
  gboolean parsed
      = pt_entry_parse (pt_span (row->body, row->size), PT_ENTRY_STORED, entry) == PT_OK;

  if (!parsed || entry->received != row->received
      || !pt_span_equal (entry->area, pt_span (walk->area->id, strlen (walk->area->id)))
      || (entry->kind == PT_ENTRY_REPORT && entry->seq != row->seq))
    pt_store_findings_fail (findings, "entries",
                            _ ("Entry %" PRIu64 " of %s is not what its row says."), row->number,
                            walk->area->id);
  if (row->received < walk->received)
    pt_store_findings_fail (
        findings, "entries",
        _ ("Entry %" PRIu64 " of %s was received before the one that it follows."), row->number,
        walk->area->id);
  walk->received = row->received;
}

static PtCheckedDevice *
device_of (Walk *walk, const PtEntryRow *row)
{
  PtCheckedDevice *device;

  if (row->subject.kind != PT_SUBJECT_DEVICE)
    return NULL;
  device = pt_store_check_device (walk->check, row->subject.number);
  if (device != NULL)
    return device;
  pt_store_findings_fail (walk->check->findings, "entries",
                          _ ("Entry %" PRIu64 " of %s is about no device that is known."),
                          row->number, walk->area->id);
  return NULL;
}

/* As a start does it. */
static void
check_history (Walk *walk, const PtEntryRow *row)
{
  PtCheckedDevice *device = device_of (walk, row);
  PtSeqVerdict verdict;
  PtReport report;
  PtOutageChange change;
  PtEntry entry;

  if (device == NULL)
    return;
  if (row->seq == 0) /* a registration */
    {
      device->is_odd = device->is_odd || row->number > walk->folded;
      return;
    }
  verdict = pt_history_check (&device->history, row->seq);
  if ((row->number > walk->folded) != (verdict == PT_SEQ_NEW))
    {
      pt_store_findings_fail (walk->check->findings, "histories",
                              _ ("The history of a device does not fit entry %" PRIu64 " of %s."),
                              row->number, walk->area->id);
      return;
    }
  if (verdict != PT_SEQ_NEW
      || pt_entry_parse (pt_span (row->body, row->size), PT_ENTRY_STORED, &entry) != PT_OK)
    return;
  report = (PtReport){ entry.seq, entry.ts, row->received, entry.power, 0, row->number };
  pt_history_apply (&device->history, &report, &change);
  pt_history_settle (&device->history, NULL, NULL);
}

static void
tell_progress (Walk *walk, guint64 entries)
{
  PtStoreCheck *check = walk->check;
  guint64 before = check->done / PROGRESS_EVERY;

  check->done += entries;
  if (check->config->progress != NULL && check->done / PROGRESS_EVERY != before)
    check->config->progress (check->done, check->all, check->config->user_data);
}

static gboolean
take_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  Walk *walk = user_data;
  gboolean quick = walk->check->config->quick;
  PtEntry entry;
  PtHash leaf;

  if (row->number > walk->until)
    return FALSE;
  if (row->number != walk->last + 1)
    {
      pt_store_findings_fail (walk->check->findings, "numbers",
                              _ ("After entry %" PRIu64 " of %s comes entry %" PRIu64 "."),
                              walk->last, walk->area->id, row->number);
      walk->is_known = FALSE;
    }
  tell_progress (walk, row->number - walk->last);
  walk->last = row->number;
  if (!quick)
    check_form (walk, row, &entry);
  if (!quick && walk->is_known)
    {
      pt_tree_leaf_hash (pt_span (row->body, row->size), &leaf);
      pt_frontier_append (&walk->frontier, &leaf);
    }
  check_history (walk, row);
  return walk->last < walk->until;
}

/* Some entries */

static void
walk_to (Walk *walk, guint64 until)
{
  g_autoptr (GError) error = NULL;

  walk->until = until;
  if (walk->last >= until)
    return;
  if (!pt_store_scan_entries (walk->check->config->store, walk->area->number, walk->last, 0,
                              take_entry, walk, &error))
    pt_store_findings_error (walk->check->findings, "numbers", error);
  if (walk->last == until)
    return;
  if (error == NULL)
    pt_store_findings_fail (walk->check->findings, "numbers",
                            _ ("Entries %" PRIu64 " to %" PRIu64 " of %s are not there."),
                            walk->last + 1, until, walk->area->id);
  walk->is_known = FALSE;
  walk->last = until;
}

/* Batches */

/* The tree before a batch stands in its file's last line. */
static gboolean
frontier_of_file (PtBlockStore *blocks, const PtBatchRow *row, PtFrontier *out)
{
  g_autoptr (PtBlockFile) file
      = blocks != NULL ? pt_block_store_open_file (blocks, &row->cid, NULL) : NULL;
  g_autoptr (GByteArray) tail = g_byte_array_new ();
  guint64 at = row->bytes - MIN (row->bytes, PT_BATCH_LAST_LINE_MAX + 2);
  PtBatchHeader header;
  PtSpan line;

  while (file != NULL && at < row->bytes)
    {
      g_autoptr (GBytes) bytes = pt_block_file_read (file, at, (gsize) (row->bytes - at), NULL);
      gsize size;
      const guint8 *data;

      if (bytes == NULL || g_bytes_get_size (bytes) == 0)
        return FALSE;
      data = g_bytes_get_data (bytes, &size);
      g_byte_array_append (tail, data, (guint) size);
      at += size;
    }
  if (file == NULL || !pt_batch_last_line (pt_span (tail->data, tail->len), &line)
      || pt_batch_parse_last_line (line, &header) != PT_OK || header.previous.size != row->prev_size
      || memcmp (&header.previous_root, &row->prev_root, sizeof (PtHash)) != 0)
    return FALSE;
  *out = header.previous;
  return TRUE;
}

/* Before its first entry. */
static void
begin_batch (Walk *walk, const PtBatchRow *row)
{
  guint64 before = MIN (row->first_entry - 1, walk->area->tail);

  if (walk->last < before) /* of a batch that is not there */
    {
      walk->is_known = FALSE;
      walk_to (walk, before);
    }
  if (walk->check->config->quick || row->first_entry < walk->first)
    {
      walk->is_known = FALSE; /* its file has it all */
      return;
    }
  if (row->prev_size == 0)
    {
      pt_frontier_init (&walk->frontier);
      walk->is_known = TRUE;
    }
  if (!walk->is_known || walk->frontier.size != row->prev_size)
    walk->is_known = frontier_of_file (walk->check->config->blocks, row, &walk->frontier);
  if (!walk->is_known)
    pt_store_findings_skip (walk->check->findings, "roots",
                            _ ("the tree before batch %" PRIu64 " of %s is in no file here"),
                            row->batch, walk->area->id);
}

/* After its last entry: the roster is its last leaf. */
static void
end_batch (Walk *walk, const PtBatchRow *row)
{
  PtStoreFindings *findings = walk->check->findings;
  g_autoptr (GBytes) roster = NULL;
  g_autoptr (GError) error = NULL;
  PtHash leaf, root;
  gsize size;
  const void *data;

  if (!walk->is_known)
    return;
  walk->is_known
      = pt_store_roster (walk->check->config->store, row->area, row->batch, &roster, &error)
        && roster != NULL;
  if (error != NULL)
    pt_store_findings_error (findings, "roots", error);
  else if (roster == NULL)
    pt_store_findings_skip (findings, "roots",
                            _ ("the roster of batch %" PRIu64 " of %s is not kept"), row->batch,
                            walk->area->id);
  if (roster == NULL)
    return;
  data = g_bytes_get_data (roster, &size);
  pt_tree_leaf_hash (pt_span (data, size), &leaf);
  pt_frontier_append (&walk->frontier, &leaf);
  pt_frontier_root (&walk->frontier, &root);
  if (walk->frontier.size != row->size || memcmp (&root, &row->root, sizeof root) != 0)
    pt_store_findings_fail (
        findings, "roots",
        _ ("What is stored of batch %" PRIu64 " of %s gives another root than it was sealed with."),
        row->batch, walk->area->id);
}

/* An area */

static gboolean
take_first (const PtEntryRow *row, gpointer user_data, GError **error)
{
  *(guint64 *) user_data = row->number;
  return FALSE;
}

/* So far entries may have been forgotten. */
static guint64
final_to (GArray *batches)
{
  guint64 last = 0;

  for (guint i = 0; i < batches->len; i++)
    {
      const PtBatchRow *row = &g_array_index (batches, PtBatchRow, i);

      if (row->state != PT_BATCH_FINAL)
        break;
      last = row->last_entry;
    }
  return last;
}

static gboolean
find_first (Walk *walk, GArray *batches)
{
  PtStoreFindings *findings = walk->check->findings;
  g_autoptr (GError) error = NULL;
  guint64 gone = final_to (batches);

  if (!pt_store_scan_entries (walk->check->config->store, walk->area->number, 0, 0, take_first,
                              &walk->first, &error))
    {
      pt_store_findings_error (findings, "numbers", error);
      return FALSE;
    }
  if (walk->first == 0)
    walk->first = walk->area->tail + 1;
  if (walk->first > gone + 1)
    pt_store_findings_fail (findings, "numbers",
                            _ ("Entries %" PRIu64 " to %" PRIu64
                               " of %s are not there, and in no batch that is final."),
                            gone + 1, walk->first - 1, walk->area->id);
  walk->last = walk->first - 1;
  tell_progress (walk, walk->last);
  return TRUE;
}

void
pt_store_check_log (PtStoreCheck *check, const PtAreaRow *area, GArray *batches)
{
  g_autofree Walk *walk = NULL;

  g_return_if_fail (check != NULL && area != NULL && batches != NULL);

  walk = g_new0 (Walk, 1);
  walk->check = check;
  walk->area = area;
  walk->folded = g_array_index (check->folded, guint64, area->number);
  if (!find_first (walk, batches))
    return;
  for (guint i = 0; i < batches->len; i++)
    {
      const PtBatchRow *row = &g_array_index (batches, PtBatchRow, i);

      if (row->last_entry < walk->first)
        continue;
      begin_batch (walk, row);
      walk_to (walk, MIN (row->last_entry, area->tail));
      end_batch (walk, row);
    }
  walk_to (walk, area->tail);
}
