/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <coap3/coap.h>

#include "pt-coap-oscore-keys.h"
#include "pt-coap-peer.h"

/* Devices that protect each message by itself (OSCORE, RFC 8613), for narrowband: no handshake, no
 * session, one datagram each way. libcoap has the cryptography, the replay windows and the Echo
 * option; before its socket this looks at whose each datagram says to be, answers what nothing
 * protects and whom it does not know, and ends what libcoap keeps of those who prove nothing. One
 * thread. */
typedef struct _PtCoapOscore PtCoapOscore;

/* Whether there is any: libcoap has it since 4.3.2, where it was built with it. */
gboolean pt_coap_has_oscore (void);

/* @file: pt-coap-oscore-keys.h; @numbers: pt-coap-numbers.h. @taken: bytes of all bodies that come
 * in blocks. PT_ERROR_CONFIGURATION. */
PtCoapOscore *pt_coap_oscore_new (const char *file, const char *numbers, gsize *taken,
                                  GError **error);
void pt_coap_oscore_free (PtCoapOscore *oscore);

/* Gives @context the keys; with its endpoint, the only one. PT_ERROR_CONFIGURATION. */
gboolean pt_coap_oscore_open (PtCoapOscore *oscore, coap_context_t *context, GError **error);
gboolean pt_coap_oscore_listen (PtCoapOscore *oscore);
/* Before the context is freed. Forgets all peers. */
void pt_coap_oscore_close (PtCoapOscore *oscore);
/* Reads the keys again. *@begin: some are gone or others, so the context has to begin anew; those
 * that were added are in it. FALSE: they could not be read, and nothing changes. */
gboolean pt_coap_oscore_reload (PtCoapOscore *oscore, gboolean *begin, GError **error);

/* Answers and drops what is not let through. TRUE: the next datagram is libcoap's; FALSE: there is
 * none, or there was so much else that it is time to look at other things. */
gboolean pt_coap_oscore_let (PtCoapOscore *oscore);
/* libcoap had it. */
void pt_coap_oscore_was_let (PtCoapOscore *oscore);
/* The device that the datagram is of which libcoap just found to be genuine; NULL: none. */
PtCoapPeer *pt_coap_oscore_peer (PtCoapOscore *oscore, coap_session_t *session);

/* What libcoap calls a session: all that comes from one address. */
void pt_coap_oscore_session_begun (PtCoapOscore *oscore, coap_session_t *session);
void pt_coap_oscore_session_ended (PtCoapOscore *oscore, coap_session_t *session);
