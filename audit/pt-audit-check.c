/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-audit-check.h"

#include <string.h>

#include "pt-batch.h"
#include "pt-p256.h"

#define LATE_MS (60 * 60 * 1000)
#define FRAME_MAX 65536         /* bytes of first and last line, with room */
#define BATCH_FAILURES_MAX 1000 /* after so many the batch is given up */

typedef struct
{
  gint64 first, last;
} Range;

struct _PtAuditCheck
{
  PtRegistry *registry;
  PtAuditPool *pool;
  const PtAuditSink *sink;
  PtAuditCounts *counts;

  const char *id; /* of the area */
  PtArea *area;
  PtFrontier frontier; /* of the tree so far */
  guint64 silent_now;
  GArray *named;      /* PtAuditNamed, the caller's; or NULL */
  GHashTable *passed; /* PtDevice -> Range: what is missing so far, from its last hole on */

  /* the batch at hand */
  const PtCheckpoint *checkpoint;
  PtBatchReader reader;
  PtBatchWindow window;
  guint64 bytes, failures;
  PtResult result;
  PtUnixfsBuilder unixfs;
  char buffer[PT_ENTRY_MAX + 4096];
};

/* Counters pass the window one by one: they are told once they are known to be a range's last. */
static void
check_passed (const PtDevice *device, gint64 first, gint64 last, gpointer user_data)
{
  PtAuditCheck *check = user_data;
  Range *range = g_hash_table_lookup (check->passed, device);

  if (range != NULL && first == range->last + 1)
    {
      range->last = last;
      return;
    }
  if (range != NULL)
    check->sink->gap (check->id, device->id, range->first, range->last, check->sink->user_data);
  range = g_new (Range, 1);
  *range = (Range){ first, last };
  g_hash_table_insert (check->passed, (gpointer) device, range);
}

PtAuditCheck *
pt_audit_check_new (PtRegistry *registry, PtAuditPool *pool, const PtAuditSink *sink,
                    PtAuditCounts *counts)
{
  PtAuditCheck *check;

  g_return_val_if_fail (registry != NULL && pool != NULL && sink != NULL && counts != NULL, NULL);
  check = g_new0 (PtAuditCheck, 1);

  check->registry = registry;
  check->pool = pool;
  check->sink = sink;
  check->counts = counts;
  check->passed = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  pt_registry_watch_passed (registry, check_passed, check);
  return check;
}

void
pt_audit_check_free (PtAuditCheck *check)
{
  if (check == NULL)
    return;
  pt_registry_watch_passed (check->registry, NULL, NULL);
  g_hash_table_unref (check->passed);
  g_free (check);
}

/* Of the line at hand, or of the batch as a whole. */
static void
check_tell (PtAuditCheck *check, PtAuditFinding finding)
{
  finding.area = check->id;
  finding.batch = check->checkpoint->batch;
  check->failures += finding.line > 0;
  pt_audit_tell (check->sink, &finding);
}

static void
check_tell_rule (PtAuditCheck *check, PtRule rule)
{
  if (rule != PT_RULE_HOLDS)
    check_tell (
        check, (PtAuditFinding){ .code = PT_AUDIT_RULE, .rule = rule, .line = check->reader.line });
}

static void
check_roster (PtAuditCheck *check, const PtEntry *entry)
{
  PtRosterFacts facts;

  check_tell_rule (check,
                   pt_registry_judge_roster (check->area, check->checkpoint->batch, entry, &facts));
  check->silent_now = (guint64) (facts.expected - facts.heard);
  check->counts->silent += check->silent_now;
  if (entry->has_block && check->named != NULL)
    {
      PtAuditNamed named = { check->checkpoint->batch, (guint64) entry->block, entry->block_hash };

      g_array_append_val (check->named, named);
    }
}

static void
check_entry (PtAuditCheck *check, const PtEntry *entry, const PtHash *leaf)
{
  PtRule place = pt_rule_place (&check->window, entry), rule;
  const guint8 *key = NULL;

  check->counts->entries[entry->kind]++;
  check_tell_rule (check, place);
  if (place == PT_RULE_OTHER_AREA)
    return;
  rule = pt_registry_judge (check->registry, entry, &key);
  check_tell_rule (check, rule);
  if (rule != PT_RULE_HOLDS)
    return;
  pt_audit_pool_add (check->pool, entry, key, check->id, check->checkpoint->batch,
                     check->reader.line);
  if (entry->kind == PT_ENTRY_ROSTER)
    check_roster (check, entry);
  if (entry->kind == PT_ENTRY_REPORT && entry->received - entry->ts >= LATE_MS)
    check->counts->late++;
  check_tell_rule (check,
                   pt_registry_take (check->registry, entry, leaf, check->checkpoint->batch));
}

static PtResult
visit_entry (void *context, uint64_t index, PtSpan bytes, const PtHash *leaf)
{
  PtAuditCheck *check = context;
  PtEntry entry;
  PtResult result = pt_entry_parse (bytes, PT_ENTRY_STORED, &entry);

  if (index >= check->checkpoint->size)
    {
      check_tell (check,
                  (PtAuditFinding){ .code = PT_AUDIT_FILE_TOO_MANY, .line = check->reader.line });
      return PT_STOPPED;
    }
  if (result == PT_OK)
    check_entry (check, &entry, leaf);
  else
    check_tell (check, (PtAuditFinding){ .code = PT_AUDIT_ENTRY_FORM,
                                         .result = result,
                                         .line = check->reader.line });
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

gboolean
pt_audit_check_feed (PtAuditCheck *check, GBytes *bytes)
{
  const void *data;
  gsize size = 0;

  g_return_val_if_fail (check != NULL && check->checkpoint != NULL, FALSE);
  data = g_bytes_get_data (bytes, &size);

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
  const struct
  {
    gboolean differs;
    PtAuditCode code;
  } members[] = {
    { strcmp (header->area, check->id) != 0, PT_AUDIT_FILE_AREA },
    { header->batch != chain->batch, PT_AUDIT_FILE_NUMBER },
    { header->size != chain->size, PT_AUDIT_FILE_SIZE },
    { (guint64) header->from != chain->from || (guint64) header->to != chain->to,
      PT_AUDIT_FILE_WINDOW },
    { memcmp (&header->root, &chain->root, sizeof (PtHash)) != 0, PT_AUDIT_FILE_ROOT },
    { !pt_cid_equal (cid, &chain->cid), PT_AUDIT_FILE_CID },
  };
  PtRule end = pt_rule_end (&check->window);

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (members[i].differs)
      check_tell (check, (PtAuditFinding){ .code = members[i].code });
  if (end != PT_RULE_HOLDS)
    check_tell (check, (PtAuditFinding){ .code = PT_AUDIT_RULE, .rule = end });
}

gboolean
pt_audit_check_end_batch (PtAuditCheck *check)
{
  PtBatchHeader header;
  PtCid cid;
  guint64 line;
  PtResult result;

  g_return_val_if_fail (check != NULL && check->checkpoint != NULL, FALSE);
  line = check->reader.line;
  result = check->result;
  check->counts->bytes += check->bytes;
  if (result == PT_OK)
    result = pt_unixfs_finish (&check->unixfs, &cid);
  if (result == PT_OK)
    result = pt_batch_reader_finish (&check->reader, &header);
  if (result == PT_STOPPED)
    check_tell (check, (PtAuditFinding){ .code = PT_AUDIT_GIVEN_UP });
  else if (result != PT_OK)
    check_tell (check,
                (PtAuditFinding){ .code = PT_AUDIT_FILE_FORM, .result = result, .line = line });
  if (result != PT_OK)
    return FALSE;
  compare (check, &header, &cid);
  check->frontier = check->reader.frontier;
  return TRUE;
}

void
pt_audit_check_begin_batch (PtAuditCheck *check, const PtCheckpoint *checkpoint)
{
  g_return_if_fail (check != NULL && check->area != NULL && checkpoint != NULL);
  check->checkpoint = checkpoint;
  pt_batch_window_init (&check->window, pt_span (check->id, strlen (check->id)), checkpoint->batch,
                        (gint64) checkpoint->from, (gint64) checkpoint->to);
  check->bytes = check->failures = 0;
  check->result = PT_OK;
  pt_batch_reader_init (&check->reader, &check->frontier, check->buffer, sizeof check->buffer,
                        visit_entry, check);
  pt_unixfs_init (&check->unixfs, 0, 0, NULL, NULL);
}

gboolean
pt_audit_check_begin_area (PtAuditCheck *check, const PtAreaRegistered *registered)
{
  PtAuditFinding bad_key = { .code = PT_AUDIT_AREA_KEY, .area = registered->area };

  g_return_val_if_fail (check != NULL, FALSE);
  check->id = registered->area;
  check->named = NULL;
  check->silent_now = 0;
  pt_frontier_init (&check->frontier);
  if (!pt_p256_key_is_sound (registered->authority_key)
      || !pt_p256_key_is_sound (registered->service_key))
    {
      pt_audit_tell (check->sink, &bad_key);
      return FALSE;
    }
  check->area = pt_registry_add_area (check->registry, check->id, registered->authority_key,
                                      registered->service_key);
  return TRUE;
}

void
pt_audit_check_note_named (PtAuditCheck *check, GArray *named)
{
  g_return_if_fail (check != NULL && named != NULL);

  check->named = named;
}

typedef struct
{
  PtAuditCheck *check;
  const PtDevice *device;
} Ending;

static void
end_gap (gint64 first, gint64 last, gpointer user_data)
{
  const Ending *ending = user_data;

  check_passed (ending->device, first, last, ending->check);
}

static void
end_device (PtAuditCheck *check, const PtDevice *device)
{
  const PtHistory *history = &device->history;
  guint64 missing = pt_history_missing (history);
  const Range *range;

  check->counts->gaps += missing;
  check->counts->gap_devices += missing > 0 ? 1 : 0;
  pt_history_each_gap (history, end_gap, &(Ending){ check, device });
  range = g_hash_table_lookup (check->passed, device);
  if (range != NULL)
    check->sink->gap (check->id, device->id, range->first, range->last, check->sink->user_data);
}

void
pt_audit_check_end_area (PtAuditCheck *check)
{
  GPtrArray *devices;

  g_return_if_fail (check != NULL);

  check->counts->silent_now += check->silent_now;
  devices = pt_registry_sorted_devices (check->area);
  for (guint i = 0; i < devices->len; i++)
    end_device (check, g_ptr_array_index (devices, i));
  g_hash_table_remove_all (check->passed);
}
