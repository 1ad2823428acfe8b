/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-request.h"

/* Who it is that asks. */

/* For limits: the address of IPv4, or the first 64 bits of one of IPv6, as pt_client_name () has
 * it; behind a proxy that [http] names, whom that one says it asks for (the last of
 * X-Forwarded-For). NULL: not known, or a program on this machine. Free it. Main loop. */
char *pt_client_of (PtRequest *request);

/* What Authorization: Bearer says; NULL: nothing. */
const char *pt_client_bearer (PtRequest *request);
