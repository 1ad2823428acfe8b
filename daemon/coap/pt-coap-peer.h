/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <coap3/coap.h>

#include "pt-coap-body.h"
#include "pt-coap-keys.h"
#include "pt-submission.h"

/* Who is at the other end of a DTLS session, or has a key of OSCORE, and what was said there
 * lately. One thread. */

/* Messages that are known again: a repeated one gets the answer of the first (RFC 7252 section
 * 4.5), and is no second report. One that has another token or body is another message, although
 * its id was used before. */
#define PT_COAP_PAST_MAX 32
#define PT_COAP_TOKEN_MAX 8

typedef struct
{
  guint id; /* the message's */
  guint token_size, check;
  guint8 token[PT_COAP_TOKEN_MAX];
  gboolean is_waiting; /* for its commit */
  guint verdict;       /* once it is answered */
} PtCoapPast;

typedef struct
{
  PtPeer peer;        /* owned; area NULL: it proved to be no device, and is refused everything */
  GList place;        /* among all peers, by who was quiet longest; data: its session */
  char *identity;     /* of a shared key, or NULL */
  PtCoapKey key;      /* that it was then */
  PtCoapBody body;    /* the one that comes in blocks */
  guint waiting;      /* requests for their commit */
  gint64 count_began; /* us: of the answers that are asked to be acknowledged */
  guint count;
  PtCoapPast past[PT_COAP_PAST_MAX]; /* a ring */
  guint past_count, past_next;
} PtCoapPeer;

/* After the handshake. @keys: of shared ones, or NULL. @taken: bytes of all bodies that come in
 * blocks. */
PtCoapPeer *pt_coap_peer_new (coap_session_t *session, const PtCoapKeys *keys, gsize *taken);
/* Of "area/device", wherever it comes from next; who that is was proved otherwise. */
PtCoapPeer *pt_coap_peer_new_named (const char *identity, gsize *taken);
void pt_coap_peer_see (PtCoapPeer *peer, coap_session_t *session); /* where it comes from now */
void pt_coap_peer_free (PtCoapPeer *peer);
gboolean pt_coap_peer_is_same (const PtCoapPeer *peer, const PtCoapPeer *other); /* device */

/* What this message is when it comes for the first time. */
void pt_coap_past_read (PtCoapPast *past, const coap_pdu_t *request);
/* The same message, as it came before; or NULL. */
PtCoapPast *pt_coap_peer_find (PtCoapPeer *peer, const PtCoapPast *past);
/* Keeps it in place of the oldest. */
void pt_coap_peer_keep (PtCoapPeer *peer, const PtCoapPast *past);

/* Whether its next answer may ask for an acknowledgement: who never acknowledges would have us
 * keep and repeat any number of answers. */
gboolean pt_coap_peer_may_confirm (PtCoapPeer *peer);
