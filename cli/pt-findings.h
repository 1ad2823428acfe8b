/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-json.h"

/* What an offline check found: one question each, answered "ok", "FAILED: why" or "not checked:
 * how to check". No GLib: the verifier links core and libcrypto only. */

#define PT_FINDINGS_MAX 24

typedef enum
{
  PT_FINDING_OK,
  PT_FINDING_FAILED,
  PT_FINDING_NOT_CHECKED
} PtFindingState;

typedef struct
{
  const char *name;     /* slug, static */
  const char *question; /* what is claimed, static */
  PtFindingState state;
  char why[320];
} PtFinding;

typedef struct
{
  PtFinding items[PT_FINDINGS_MAX];
  size_t count;
} PtFindings;

/* @format: why it failed or how to check, without a full stop; for PT_FINDING_OK a remark or "". */
void pt_findings_add (PtFindings *findings, const char *name, const char *question,
                      PtFindingState state, const char *format, ...)
    __attribute__ ((format (printf, 5, 6)));

/* The worst: PT_FINDING_FAILED if anything failed; PT_FINDING_OK only if there was an answer to
 * every question. */
PtFindingState pt_findings_verdict (const PtFindings *findings);
/* That as an exit status, and as "holds", "fails" or "not-checked". */
int pt_findings_status (const PtFindings *findings);
const char *pt_findings_verdict_name (const PtFindings *findings);

void pt_findings_print (const PtFindings *findings);

/* The member `"findings":[...]` of an object that is being written. */
void pt_findings_write (const PtFindings *findings, PtJsonWriter *writer);

/* A sentence for a person: what @result says is wrong. */
const char *pt_result_sentence (PtResult result);
