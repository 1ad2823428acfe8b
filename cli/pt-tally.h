/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-findings.h"

/* One question that is asked of many: how often it failed or could not be asked, and the first. No
 * GLib. */

typedef struct
{
  size_t failed, open;
  size_t first_failed, first_open; /* steps, from 1; 0: of none */
  const char *why_failed, *why_open;
} PtTally;

void pt_tally_fail (PtTally *tally, size_t step, const char *why);
void pt_tally_open (PtTally *tally, size_t step, const char *why);

/* The finding that it comes to. */
void pt_tally_tell (PtFindings *findings, const char *name, const char *question,
                    const PtTally *tally);
