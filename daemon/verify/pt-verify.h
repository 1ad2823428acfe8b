/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-directory.h"
#include "pt-kind.h"
#include "pt-signature.h"

/* What can be said of lines before their commit: each is then PT_LINE_VERIFIED, PT_LINE_SUSPECT or
 * refused. @now: ms, of the clock that their times are held against. Takes the directory's reader
 * lock, but not while signatures are checked. */
void pt_verify_lines (PtLine *lines, guint count, const PtKind *kind, PtDirectory *directory,
                      gint64 now, const PtVerifier *verifier);
