/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-audit-check.h"

#include <string.h>

#include "pt-batch.h"
#include "pt-p256.h"

#define LATE_MS (60 * 60 * 1000)
#define FRAME_MAX 65536         /* bytes of first and last line, with room */
#define BATCH_FAILURES_MAX 1000 /* after so many the batch is given up */

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
  GArray *named; /* PtAuditNamed, the caller's; or NULL */

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
  return check;
}

void
pt_audit_check_free (PtAuditCheck *check)
{
  if (check == NULL)
    return;
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

/* Gaps */

static void
tell_gap (PtAuditCheck *check, const PtDevice *device, const PtAuditGap *gap)
{
  guint64 count = (guint64) (gap->last - gap->first) + 1;

  if (gap->is_explained)
    check->counts->explained += count;
  else
    check->counts->gaps += count;
  check->sink->gap (check->id, device->id, gap, check->sink->user_data);
}

/* @next: the first range that was lost and does not end before the missing one; rises with it. */
static void
tell_missing (PtAuditCheck *check, const PtDevice *device, PtRange missing, gsize *next)
{
  const PtRanges *lost = &device->lost;

  while (*next < lost->count && lost->items[*next].last < missing.first)
    (*next)++;
  for (gsize i = *next; i < lost->count && lost->items[i].first <= missing.last; i++)
    {
      PtAuditGap before = { missing.first, lost->items[i].first - 1, FALSE };
      PtAuditGap within = { MAX (missing.first, lost->items[i].first),
                            MIN (missing.last, lost->items[i].last), TRUE };

      if (before.first <= before.last)
        tell_gap (check, device, &before);
      tell_gap (check, device, &within);
      missing.first = within.last + 1;
    }
  if (missing.first <= missing.last)
    tell_gap (check, device, &(PtAuditGap){ missing.first, missing.last, FALSE });
}

static void
add_missing (gint64 first, gint64 last, gpointer user_data)
{
  gboolean added = pt_ranges_add (user_data, first, last);

  g_assert (added); /* like any allocation of GLib's */
}

static void
end_device (PtAuditCheck *check, const PtDevice *device)
{
  guint64 before = check->counts->gaps;
  PtRanges missing = { 0 };
  gsize next = 0;

  for (gsize i = 0; i < device->passed.count; i++)
    add_missing (device->passed.items[i].first, device->passed.items[i].last, &missing);
  pt_history_each_gap (&device->history, add_missing, &missing);
  for (gsize i = 0; i < missing.count; i++)
    tell_missing (check, device, missing.items[i], &next);
  check->counts->gap_devices += check->counts->gaps > before ? 1 : 0;
  pt_ranges_clear (&missing);
}

void
pt_audit_check_end_area (PtAuditCheck *check)
{
  GPtrArray *devices;

  g_return_if_fail (check != NULL);

  check->counts->silent_now += check->silent_now;
  pt_promises_count (check->area->promises, &check->counts->complaints);
  devices = pt_registry_sorted_devices (check->area);
  for (guint i = 0; i < devices->len; i++)
    end_device (check, g_ptr_array_index (devices, i));
}
