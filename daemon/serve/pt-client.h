/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-connection.h"
#include "pt-request.h"

/* Who it is that asks. */

/* For limits: the address of IPv4, or the first 64 bits of one of IPv6, as pt_client_name () has
 * it; behind a proxy that the configuration names, whom that one says it asks for (the last of
 * X-Forwarded-For, or of Forwarded: RFC 7239). NULL: not known, or a program on this machine. Free
 * it. Main loop. */
char *pt_client_of (PtRequest *request);
/* The same, whole: a numeric address. @message: its headers; NULL: it has none of a proxy. Free it.
 */
char *pt_client_address (PtConnection *connection, SoupServerMessage *message);
/* FALSE with PT_ERROR_MALFORMED: a proxy's two headers name two clients, one of which may be the
 * client's own word. */
gboolean pt_client_check (SoupServerMessage *message, GError **error);

/* What Authorization: Bearer says; NULL: nothing. */
const char *pt_client_bearer (PtRequest *request);
