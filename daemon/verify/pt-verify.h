/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-kind.h"
#include "pt-signature.h"

/* What can be said of lines before their commit: each is then PT_LINE_VERIFIED, PT_LINE_SUSPECT, a
 * duplicate of what is sealed, or refused. @now: ms, of the clock that their times are held
 * against. Reads the directory, but not while signatures are checked or digests are looked up. */
void pt_verify_lines (PtLine *lines, guint count, const PtKind *kind, const PtLogState *log,
                      gint64 now, const PtVerifier *verifier);
