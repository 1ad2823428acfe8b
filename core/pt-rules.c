/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rules.h"

#include <string.h>

static const char *const slugs[PT_RULE_COUNT] = {
  [PT_RULE_HOLDS] = "holds",
  [PT_RULE_UNKNOWN_AREA] = "unknown-area",
  [PT_RULE_UNKNOWN_DEVICE] = "unknown-device",
  [PT_RULE_UNKNOWN_OFFICIAL] = "unknown-official",
  [PT_RULE_REVOKED_DEVICE] = "revoked-device",
  [PT_RULE_REVOKED_OFFICIAL] = "revoked-official",
  [PT_RULE_WRONG_SITE] = "wrong-site",
  [PT_RULE_BAD_SIGNATURE] = "bad-signature",
  [PT_RULE_BAD_KEY] = "bad-key",
  [PT_RULE_NOT_NEWER] = "not-newer",
  [PT_RULE_SEQ_USED] = "seq-used",
  [PT_RULE_SEQ_OLD] = "seq-old",
  [PT_RULE_SEQ_BEFORE_KEY] = "seq-before-key",
  [PT_RULE_COMPLAINT_N] = "complaint-n",
  [PT_RULE_COMPLAINT_PREV] = "complaint-prev",
  [PT_RULE_COMPLAINT_PLACE] = "complaint-place",
  [PT_RULE_COMPLAINT_WHO] = "complaint-who",
  [PT_RULE_COMPLAINT_STATE] = "complaint-state",
  [PT_RULE_COMPLAINT_CATEGORY] = "complaint-category",
  [PT_RULE_COMPLAINT_TO] = "complaint-to",
  [PT_RULE_COMPLAINT_OF] = "complaint-of",
  [PT_RULE_COMPLAINT_LATE] = "complaint-late",
  [PT_RULE_NOTICE_N] = "notice-n",
  [PT_RULE_NOTICE_PREV] = "notice-prev",
  [PT_RULE_NOTICE_WHO] = "notice-who",
  [PT_RULE_NOTICE_CHANGED] = "notice-changed",
  [PT_RULE_NOTICE_EARLIER] = "notice-earlier",
  [PT_RULE_NOTICE_ENDED] = "notice-ended",
  [PT_RULE_BAD_PROFILE] = "bad-profile",
  [PT_RULE_LOST_NOT_BELOW] = "lost-not-below",
  [PT_RULE_LOST_USED] = "lost-used",
  [PT_RULE_SEQ_LOST] = "seq-lost",
  [PT_RULE_OTHER_AREA] = "other-area",
  [PT_RULE_ORDER] = "order",
  [PT_RULE_WINDOW] = "window",
  [PT_RULE_AHEAD] = "ahead",
  [PT_RULE_AFTER_ROSTER] = "after-roster",
  [PT_RULE_ROSTER_TIME] = "roster-time",
  [PT_RULE_ROSTER_BATCH] = "roster-batch",
  [PT_RULE_ROSTER_EXPECTED] = "roster-expected",
  [PT_RULE_ROSTER_HEARD] = "roster-heard",
  [PT_RULE_ROSTER_SILENT] = "roster-silent",
  [PT_RULE_ROSTER_BLOCK] = "roster-block",
  [PT_RULE_ROSTER_MISSING] = "roster-missing",
};

const char *
pt_rule_slug (PtRule rule)
{
  return (unsigned) rule < PT_RULE_COUNT ? slugs[rule] : "unknown";
}

bool
pt_rule_needs_whole_log (PtRule rule)
{
  return rule == PT_RULE_UNKNOWN_DEVICE || rule == PT_RULE_UNKNOWN_OFFICIAL
         || rule == PT_RULE_SEQ_BEFORE_KEY || rule == PT_RULE_COMPLAINT_TO
         || rule == PT_RULE_COMPLAINT_OF;
}

bool
pt_rule_is_of_log (PtRule rule)
{
  return rule == PT_RULE_NOT_NEWER || (rule >= PT_RULE_COMPLAINT_N && rule <= PT_RULE_LOST_USED);
}

/* Signers */

PtSignerKind
pt_entry_signer (const PtEntry *entry)
{
  switch (entry->kind)
    {
    case PT_ENTRY_DEVICE:
    case PT_ENTRY_OFFICIAL:
    case PT_ENTRY_PROFILE:
      return PT_SIGNER_AUTHORITY;
    case PT_ENTRY_REPORT:
    case PT_ENTRY_LOST:
      return PT_SIGNER_DEVICE;
    case PT_ENTRY_ACTION:
      if (pt_is_citizen (entry->by))
        return PT_SIGNER_CITIZEN;
      return pt_is_service (entry->by) ? PT_SIGNER_SERVICE : PT_SIGNER_OFFICIAL;
    case PT_ENTRY_NOTICE:
      return PT_SIGNER_OFFICIAL;
    case PT_ENTRY_ROSTER:
      break;
    }
  return PT_SIGNER_SERVICE;
}

PtDeviceFacts
pt_device_facts (const PtEntry *registration)
{
  return (PtDeviceFacts){ registration->status, registration->site, registration->lat,
                          registration->lon };
}

PtOfficialFacts
pt_official_facts (const PtEntry *registration)
{
  return (PtOfficialFacts){ registration->status, registration->role };
}

PtRule
pt_rule_report (const PtEntry *entry, const PtDeviceFacts *device)
{
  if (device == NULL)
    return PT_RULE_UNKNOWN_DEVICE;
  if (device->status != PT_STATUS_ACTIVE)
    return PT_RULE_REVOKED_DEVICE;
  if (!pt_span_equal (entry->site, device->site) || entry->lat != device->lat
      || entry->lon != device->lon)
    return PT_RULE_WRONG_SITE;
  return PT_RULE_HOLDS;
}

PtRule
pt_rule_lost (const PtEntry *entry, const PtDeviceFacts *device, int64_t highest, uint64_t missing)
{
  if (device == NULL)
    return PT_RULE_UNKNOWN_DEVICE;
  if (device->status != PT_STATUS_ACTIVE)
    return PT_RULE_REVOKED_DEVICE;
  if (entry->last >= highest)
    return PT_RULE_LOST_NOT_BELOW;
  return missing == (uint64_t) (entry->last - entry->first) + 1 ? PT_RULE_HOLDS : PT_RULE_LOST_USED;
}

PtRule
pt_rule_registration (const PtEntry *entry, int64_t newest)
{
  return entry->ts > newest ? PT_RULE_HOLDS : PT_RULE_NOT_NEWER;
}

/* Batches */

PtRule
pt_rule_roster (const PtEntry *entry, const PtRosterFacts *roster)
{
  if (entry->expected != roster->expected)
    return PT_RULE_ROSTER_EXPECTED;
  if (entry->heard != roster->heard)
    return PT_RULE_ROSTER_HEARD;
  if (memcmp (&entry->silent_root, &roster->silent_root, sizeof entry->silent_root) != 0)
    return PT_RULE_ROSTER_SILENT;
  if (roster->names_block && !entry->has_block)
    return PT_RULE_ROSTER_BLOCK;
  return PT_RULE_HOLDS;
}

void
pt_batch_window_init (PtBatchWindow *window, PtSpan area, uint64_t batch, int64_t from, int64_t to)
{
  memset (window, 0, sizeof *window);
  memcpy (window->area, area.data, area.size < PT_AREA_MAX ? area.size : PT_AREA_MAX);
  window->batch = batch;
  window->from = window->received = from;
  window->to = to;
}

PtRule
pt_rule_time (const PtEntry *entry)
{
  return entry->ts - entry->received <= PT_AHEAD_MAX_MS ? PT_RULE_HOLDS : PT_RULE_AHEAD;
}

static PtRule
judge_place (const PtBatchWindow *window, const PtEntry *entry)
{
  if (!pt_span_is (entry->area, window->area))
    return PT_RULE_OTHER_AREA;
  if (window->has_roster)
    return PT_RULE_AFTER_ROSTER;
  if (entry->kind == PT_ENTRY_ROSTER)
    {
      if (entry->received != window->to)
        return PT_RULE_ROSTER_TIME;
      return (uint64_t) entry->batch == window->batch ? PT_RULE_HOLDS : PT_RULE_ROSTER_BATCH;
    }
  if (entry->received < window->from || entry->received >= window->to)
    return PT_RULE_WINDOW;
  return entry->received >= window->received ? PT_RULE_HOLDS : PT_RULE_ORDER;
}

PtRule
pt_rule_place (PtBatchWindow *window, const PtEntry *entry)
{
  PtRule rule = judge_place (window, entry);

  if (rule == PT_RULE_HOLDS)
    rule = pt_rule_time (entry);
  if (entry->received > window->received)
    window->received = entry->received;
  window->has_roster |= entry->kind == PT_ENTRY_ROSTER;
  return rule;
}

PtRule
pt_rule_end (const PtBatchWindow *window)
{
  return window->has_roster ? PT_RULE_HOLDS : PT_RULE_ROSTER_MISSING;
}

/* Counters */

PtRule
pt_rule_new_key (const PtEntry *entry, int64_t after)
{
  return entry->seq > after ? PT_RULE_HOLDS : PT_RULE_SEQ_BEFORE_KEY;
}

PtRule
pt_rule_counter (int64_t seq, int64_t highest, bool used)
{
  if (seq > highest)
    return PT_RULE_HOLDS;
  if (highest - seq > PT_SEQ_BEHIND_MAX)
    return PT_RULE_SEQ_OLD;
  return used ? PT_RULE_SEQ_USED : PT_RULE_HOLDS;
}
