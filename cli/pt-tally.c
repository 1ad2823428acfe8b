/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-tally.h"

#include "pt-i18n.h"

void
pt_tally_fail (PtTally *tally, size_t step, const char *why)
{
  if (tally->failed++ > 0)
    return;
  tally->first_failed = step;
  tally->why_failed = why;
}

void
pt_tally_open (PtTally *tally, size_t step, const char *why)
{
  if (tally->open++ > 0)
    return;
  tally->first_open = step;
  tally->why_open = why;
}

void
pt_tally_tell (PtFindings *findings, const char *name, const char *question, const PtTally *tally)
{
  bool failed = tally->failed > 0;
  PtFindingState state = failed            ? PT_FINDING_FAILED
                         : tally->open > 0 ? PT_FINDING_NOT_CHECKED
                                           : PT_FINDING_OK;
  size_t step = failed ? tally->first_failed : tally->first_open;
  const char *why = failed ? tally->why_failed : tally->why_open;

  if (state != PT_FINDING_OK && step > 0)
    pt_findings_add (findings, name, question, state, _ ("step %zu: %s"), step, why);
  else
    pt_findings_add (findings, name, question, state, "%s", state != PT_FINDING_OK ? why : "");
}
