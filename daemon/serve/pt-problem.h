/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "pt-error.h"

/* Errors as problems (RFC 9457): `type` is the slug of the error's code. */
guint pt_problem_status (const GError *error);
/* Sets status, headers and body of the answer. @status 0: that of the code. */
void pt_problem_set (SoupServerMessage *message, guint status, const GError *error);
/* A problem's body. */
char *pt_problem_text (guint status, PtErrorCode code, const char *sentence);
