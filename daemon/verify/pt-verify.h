/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-kind.h"
#include "pt-signature.h"

/* Lines of one kind, as they came together. */
typedef struct
{
  PtLine *lines;
  guint count;
  const PtKind *kind;
  const PtPeer *peer; /* who handed them in; NULL: any of them may be anybody's */
} PtVerifyPart;

/* What can be said of lines before their commit: each that waits is then PT_LINE_VERIFIED,
 * PT_LINE_SUSPECT, a duplicate of what is sealed, or refused. The signatures of all @parts are
 * checked together, at most PT_VERIFY_LINES of them. @now: ms, of the clock that their times are
 * held against. Reads the directory, but not while signatures are checked or digests are looked up.
 */
#define PT_VERIFY_LINES 256
void pt_verify_parts (const PtVerifyPart *parts, guint count, const PtLogState *log, gint64 now,
                      const PtVerifier *verifier);
/* The same of any number of lines of one kind. */
void pt_verify_lines (PtLine *lines, guint count, const PtKind *kind, const PtLogState *log,
                      gint64 now, const PtVerifier *verifier);
