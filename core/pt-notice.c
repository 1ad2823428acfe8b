/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-notice.h"

#include <string.h>

static PtRule
judge_chain (const PtEntry *entry, const PtNoticeFacts *notice)
{
  if (entry->n != notice->n + 1)
    return PT_RULE_NOTICE_N;
  if (memcmp (&entry->prev, &notice->last, sizeof entry->prev) != 0)
    return PT_RULE_NOTICE_PREV;
  if (notice->n == 0)
    return PT_RULE_HOLDS;
  if (notice->status == PT_STATUS_WITHDRAWN)
    return PT_RULE_NOTICE_ENDED;
  if (entry->about != notice->about || entry->scope != notice->scope
      || !pt_span_equal (entry->target, notice->target))
    return PT_RULE_NOTICE_CHANGED;
  /* Who was told of a shutdown is not surprised by an earlier one. */
  return entry->about == PT_ABOUT_SHUTDOWN && entry->start < notice->start ? PT_RULE_NOTICE_EARLIER
                                                                           : PT_RULE_HOLDS;
}

PtRule
pt_rule_notice (const PtEntry *entry, const PtNoticeFacts *notice, const PtOfficialFacts *official)
{
  PtRule rule = judge_chain (entry, notice);

  if (rule != PT_RULE_HOLDS)
    return rule;
  if (official == NULL)
    return PT_RULE_UNKNOWN_OFFICIAL;
  if (official->status != PT_STATUS_ACTIVE)
    return PT_RULE_REVOKED_OFFICIAL;
  return official->role != PT_ROLE_AUDITOR ? PT_RULE_HOLDS : PT_RULE_NOTICE_WHO;
}

void
pt_notice_begin_late (PtNoticeFacts *notice, const PtEntry *entry)
{
  *notice = (PtNoticeFacts){ .n = entry->n - 1,
                             .last = entry->prev,
                             .about = entry->about,
                             .scope = entry->scope,
                             .target = entry->target,
                             .start = entry->start,
                             .status = PT_STATUS_ACTIVE };
}

void
pt_notice_advance (PtNoticeFacts *notice, const PtEntry *entry, const PtHash *leaf)
{
  if (notice->n == 0)
    {
      notice->about = entry->about;
      notice->scope = entry->scope;
      notice->target = entry->target;
      notice->first_received = entry->received;
    }
  notice->n = entry->n;
  notice->last = *leaf;
  notice->start = entry->start;
  notice->end = entry->end;
  notice->status = entry->status;
}
