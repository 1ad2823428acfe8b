/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <coap3/coap.h>
#include <glib.h>

/* Stands before libcoap's socket: a stranger's hello reaches libcoap, which keeps a session of each
 * for half a minute, only with a cookie, so only from an address that hears what is sent to it. Who
 * has none is sent one, and nothing is kept. One thread. */
typedef struct _PtCoapGate PtCoapGate;

/* A libcoap context that believes the gate's cookies; NULL: this libcoap has no DTLS by OpenSSL. */
coap_context_t *pt_coap_gate_context (void);
/* Before the endpoint of @context, the only one that it has. NULL: none is found. */
PtCoapGate *pt_coap_gate_new (coap_context_t *context);
void pt_coap_gate_free (PtCoapGate *gate);

/* Answers and drops what is not let through. TRUE: the next datagram is libcoap's; FALSE: there is
 * none, or there was so much else that it is time to look at other things. */
gboolean pt_coap_gate_let (PtCoapGate *gate);
