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

/* Whether nothing failed. */
bool pt_findings_hold (const PtFindings *findings);

void pt_findings_print (const PtFindings *findings);

/* The member `"findings":[...]` of an object that is being written. */
void pt_findings_write (const PtFindings *findings, PtJsonWriter *writer);

/* A sentence for a person: what @result says is wrong. */
const char *pt_result_sentence (PtResult result);
