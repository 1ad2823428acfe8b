/* SPDX-License-Identifier: Apache-2.0 */
#include "audit-check.h"

#include <string.h>

#include "pt-batch.h"
#include "pt-findings.h"
#include "pt-p256.h"
#include "pt-rule-words.h"
#include "pt-i18n.h"

#define LATE_MS (5 * 60 * 1000)
#define FRAME_MAX 65536         /* bytes of first and last line, with room */
#define BATCH_FAILURES_MAX 1000 /* after so many the batch is given up */

struct _PtAuditCheck
{
  PtRegistry *registry;
  PtAuditPool *pool;
  PtAuditReport *report;

  const char *id; /* of the area */
  PtArea *area;
  PtFrontier frontier; /* of the tree so far */
  guint64 silent_now;

  /* the batch at hand */
  const PtCheckpoint *checkpoint;
  PtBatchReader reader;
  PtBatchWindow window;
  guint64 bytes, failures;
  PtResult result;
  PtUnixfsBuilder unixfs;
  char buffer[PT_ENTRY_MAX + 4096];
};

PtAuditCheck *
pt_audit_check_new (PtRegistry *registry, PtAuditPool *pool, PtAuditReport *report)
{
  PtAuditCheck *check = g_new0 (PtAuditCheck, 1);

  check->registry = registry;
  check->pool = pool;
  check->report = report;
  return check;
}

void
pt_audit_check_free (PtAuditCheck *check)
{
  g_free (check);
}

static void
fail (PtAuditCheck *check, const char *what)
{
  check->failures++;
  pt_audit_report_fail (check->report, check->id, check->checkpoint->batch, check->reader.line,
                        "%s", what);
}

static void
fail_rule (PtAuditCheck *check, PtRule rule)
{
  if (rule != PT_RULE_HOLDS)
    fail (check, pt_rule_words (rule));
}

static void
fail_batch (PtAuditCheck *check, const char *what)
{
  pt_audit_report_fail (check->report, check->id, check->checkpoint->batch, 0, "%s", what);
}

static void
check_roster (PtAuditCheck *check, const PtEntry *entry)
{
  PtRosterFacts facts;

  fail_rule (check,
             pt_registry_judge_roster (check->area, check->checkpoint->batch, entry, &facts));
  check->silent_now = (guint64) (facts.expected - facts.heard);
  check->report->silent += check->silent_now;
}

static void
check_entry (PtAuditCheck *check, const PtEntry *entry, const PtHash *leaf)
{
  PtRule place = pt_rule_place (&check->window, entry), rule;
  const guint8 *key = NULL;

  check->report->entries[entry->kind]++;
  fail_rule (check, place);
  if (place == PT_RULE_OTHER_AREA)
    return;
  rule = pt_registry_judge (check->registry, entry, &key);
  fail_rule (check, rule);
  if (rule != PT_RULE_HOLDS)
    return;
  pt_audit_pool_add (check->pool, entry, key, check->id, check->checkpoint->batch,
                     check->reader.line);
  if (entry->kind == PT_ENTRY_ROSTER)
    check_roster (check, entry);
  if (entry->kind == PT_ENTRY_REPORT && entry->received - entry->ts > LATE_MS)
    check->report->late++;
  fail_rule (check, pt_registry_take (check->registry, entry, leaf, check->checkpoint->batch));
}

static PtResult
visit_entry (void *context, uint64_t index, PtSpan bytes, const PtHash *leaf)
{
  PtAuditCheck *check = context;
  PtEntry entry;
  PtResult result = pt_entry_parse (bytes, PT_ENTRY_STORED, &entry);

  if (index >= check->checkpoint->size)
    {
      fail (check, _ ("the file holds more entries than the chain says"));
      return PT_STOPPED;
    }
  if (result == PT_OK)
    check_entry (check, &entry, leaf);
  else
    fail (check, pt_result_sentence (result));
  return check->failures > BATCH_FAILURES_MAX ? PT_STOPPED : PT_OK;
}

/* The most bytes that so many entries can take: a file that never ends is not read for ever. */
static guint64
bytes_max (const PtAuditCheck *check)
{
  guint64 entries = check->checkpoint->size - check->frontier.size;

  return entries > G_MAXUINT64 / (PT_ENTRY_MAX + 2) - 1 ? G_MAXUINT64
                                                        : entries * (PT_ENTRY_MAX + 2) + FRAME_MAX;
}

static gboolean
take_bytes (GBytes *bytes, gpointer user_data)
{
  PtAuditCheck *check = user_data;
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);

  check->bytes += size;
  check->result = check->bytes > bytes_max (check) ? PT_TOO_LARGE
                                                   : pt_unixfs_feed (&check->unixfs, data, size);
  if (check->result == PT_OK)
    check->result = pt_batch_reader_feed (&check->reader, data, size);
  return check->result == PT_OK;
}

static void
compare (PtAuditCheck *check, const PtBatchHeader *header, const PtCid *cid)
{
  const PtCheckpoint *chain = check->checkpoint;

  if (strcmp (header->area, check->id) != 0)
    fail_batch (check, _ ("the file names another area"));
  if (header->batch != chain->batch)
    fail_batch (check, _ ("the file has another number than the chain"));
  if (header->size != chain->size)
    fail_batch (check, _ ("the file's size is not the chain's"));
  if ((guint64) header->from != chain->from || (guint64) header->to != chain->to)
    fail_batch (check, _ ("the file's window is not the chain's"));
  if (memcmp (&header->root, &chain->root, sizeof (PtHash)) != 0)
    fail_batch (check, _ ("the root of the entries is not the chain's"));
  if (!pt_cid_equal (cid, &chain->cid))
    fail_batch (check, _ ("the CID of the bytes in our layout is not the chain's"));
  if (pt_rule_end (&check->window) != PT_RULE_HOLDS)
    fail_batch (check, pt_rule_words (pt_rule_end (&check->window)));
}

static gboolean
finish_batch (PtAuditCheck *check)
{
  PtBatchHeader header;
  PtCid cid;
  guint64 line = check->reader.line;
  PtResult result = check->result;

  if (result == PT_OK)
    result = pt_unixfs_finish (&check->unixfs, &cid);
  if (result == PT_OK)
    result = pt_batch_reader_finish (&check->reader, &header);
  if (result == PT_STOPPED)
    {
      fail_batch (check, _ ("given up; the area's later batches can't be checked"));
      return FALSE;
    }
  if (result != PT_OK)
    {
      pt_audit_report_fail (check->report, check->id, check->checkpoint->batch, line,
                            _ ("%s; the area's later batches can't be checked"),
                            pt_result_sentence (result));
      return FALSE;
    }
  compare (check, &header, &cid);
  check->frontier = check->reader.frontier;
  return TRUE;
}

gboolean
pt_audit_check_batch (PtAuditCheck *check, PtAuditFetcher *fetcher, const PtCheckpoint *checkpoint)
{
  g_autoptr (GError) error = NULL;

  check->checkpoint = checkpoint;
  pt_batch_window_init (&check->window, pt_span (check->id, strlen (check->id)), checkpoint->batch,
                        (gint64) checkpoint->from, (gint64) checkpoint->to);
  check->bytes = check->failures = 0;
  check->result = PT_OK;
  pt_batch_reader_init (&check->reader, &check->frontier, check->buffer, sizeof check->buffer,
                        visit_entry, check);
  pt_unixfs_init (&check->unixfs, 0, 0, NULL, NULL);
  if (!pt_audit_fetcher_read (fetcher, take_bytes, check, &error))
    {
      pt_audit_report_fail (check->report, check->id, checkpoint->batch, 0,
                            _ ("%s; the area's later batches can't be checked"), error->message);
      return FALSE;
    }
  check->report->bytes += check->bytes;
  return finish_batch (check);
}

gboolean
pt_audit_check_area (PtAuditCheck *check, const PtAuditArea *area)
{
  const PtAreaRegistered *registered = &area->registered;

  check->id = registered->area;
  check->silent_now = 0;
  pt_frontier_init (&check->frontier);
  if (!pt_p256_key_is_sound (registered->authority_key)
      || !pt_p256_key_is_sound (registered->service_key))
    {
      pt_audit_report_fail (check->report, check->id, 0, 0,
                            _ ("a key registered on the chain is not a point on the curve"));
      return FALSE;
    }
  check->area = pt_registry_add_area (check->registry, check->id, registered->authority_key,
                                      registered->service_key);
  return TRUE;
}

void
pt_audit_check_area_end (PtAuditCheck *check)
{
  GHashTableIter iter;
  gpointer device = NULL;

  check->report->silent_now += check->silent_now;
  g_hash_table_iter_init (&iter, check->area->devices);
  while (g_hash_table_iter_next (&iter, NULL, &device))
    {
      guint64 missing = pt_history_missing (&((PtDevice *) device)->history);

      check->report->gaps += missing;
      check->report->gap_devices += missing > 0 ? 1 : 0;
    }
}
