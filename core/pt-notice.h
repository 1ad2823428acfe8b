/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-rules.h"

/* Announcements of shutdowns and estimates: docs/PROTOCOL.md section 11. */

/* A notice as the log says so far; all zero before its first entry. Spans are the caller's. */
typedef struct
{
  int64_t n;
  PtHash last; /* leaf hash of its entry n */
  PtNoticeAbout about;
  PtScope scope;
  PtSpan target;
  int64_t start, end; /* ms, as its newest entry says */
  int64_t first_received;
  PtStatus status;
} PtNoticeFacts;

/* Whether the entry may follow, and @official make it; NULL: not registered. All but the
 * signature. */
PtRule pt_rule_notice (const PtEntry *entry, const PtNoticeFacts *notice,
                       const PtOfficialFacts *official);

/* What @entry (n > 1) goes on from, where that stands in a part of the log that is not read. */
void pt_notice_begin_late (PtNoticeFacts *notice, const PtEntry *entry);

/* The notice after an entry that holds; the span target of its first one stays in it. */
void pt_notice_advance (PtNoticeFacts *notice, const PtEntry *entry, const PtHash *leaf);
