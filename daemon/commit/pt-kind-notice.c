/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: shutdowns and estimates that officials announce. */
#include "pt-kind-said.h"

static void
notice_add (PtLogState *log, PtGroupBuilder *group, PtLine *line)
{
  PtEntry entry;

  if (pt_kind_said_may_add (log, group, line, &entry))
    pt_kind_said_add (group, line, &entry, PT_EVIDENCE_NONE);
}

const PtKind pt_kind_notice = {
  .entries = 1u << PT_ENTRY_NOTICE,
  .ahead = PT_KIND_AHEAD_MS,
  .is_last = TRUE,
  .find_signer = pt_kind_said_find_signer,
  .judge = pt_kind_said_judge,
  .add = notice_add,
  .apply = pt_kind_said_apply,
  .recover = pt_kind_said_recover,
};
