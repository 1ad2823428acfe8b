/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <coap3/coap.h>

#include "pt-coap-certificate.h"
#include "pt-coap-gate.h"
#include "pt-coap-oscore.h"
#include "pt-coap-peer.h"
#include "pt-coap.h"
#include "pt-traffic.h"

/* All of it is its thread's, but for what says otherwise. */
struct _PtCoap
{
  gatomicrefcount count; /* the owner, and each request that is on its way */
  const PtIntakeDevices *devices;
  PtTraffic *traffic;                             /* or NULL */
  char *certificate, *key, *client_ca, *psk_file; /* paths, or NULL */
  coap_address_t address;
  guint sessions;
  gint64 idle_ms;

  GThread *thread;
  int wake;                /* an eventfd; any thread */
  gint is_ending, reloads; /* atomic */
  GAsyncQueue *answers;    /* PtCoapRequest, from the committer; any thread */

  coap_context_t *context;
  PtCoapOscore *oscore;            /* before its socket; NULL: DTLS */
  PtCoapGate *gate;                /* likewise, of DTLS */
  PtCoapKeys *keys;                /* or NULL */
  PtCoapFiles *files;              /* or NULL */
  GHashTable *peers;               /* coap_session_t: PtCoapPeer, by their pointers */
  GQueue order;                    /* of peers, by their places: who was quiet longest first */
  GHashTable *requests;            /* PtCoapRequest that wait, a set */
  coap_bin_const_t found;          /* the key that libcoap was told last */
  guint8 nobodys[PT_COAP_KEY_MIN]; /* a key that no device has */
  gsize taken;                     /* bytes of bodies that are not whole */
  char *text;                      /* where it listens */
};

PtCoap *pt_coap_ref (PtCoap *coap);
void pt_coap_unref (PtCoap *coap);
void pt_coap_wake (PtCoap *coap);

/* pt-coap-context.c: what libcoap has of it. The address is in use: PT_ERROR_CONFIGURATION. */
gboolean pt_coap_context_open (PtCoap *coap, GError **error);
/* Whoever waits for an answer hears none. */
void pt_coap_context_close (PtCoap *coap);
/* The peer of a session that just said something, which it is noted of; NULL: it is no device's. */
PtCoapPeer *pt_coap_context_peer (PtCoap *coap, coap_session_t *session);
/* Ends the sessions whose shared key is another now. */
void pt_coap_context_drop_changed (PtCoap *coap);

/* pt-coap-resources.c: what is at the daemon's addresses. */
typedef struct _PtCoapRequest PtCoapRequest;

void pt_coap_resources_add (PtCoap *coap);
/* Tells what became of it. Takes it. */
void pt_coap_request_answer (PtCoapRequest *request);
/* Its session is no more. */
void pt_coap_request_forget (PtCoapRequest *request);
void pt_coap_request_free (PtCoapRequest *request);
