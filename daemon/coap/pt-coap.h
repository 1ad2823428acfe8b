/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-intake-device.h"

/* A mouth for CoAP (RFC 7252), on a thread of its own: over DTLS, where a device is who its shared
 * key or its certificate says it is, or with OSCORE (RFC 8613), where it is whose secret protects
 * the message. It speaks for itself alone:
 *   POST /r     a report, compact (content format 60) or as JSON (50); 2.04 after its commit
 *   GET /held   which of its counters are durable, in CBOR
 */
typedef struct _PtCoap PtCoap;

typedef struct
{
  const char *listen;                        /* host:port; port 0 takes a free one */
  const char *certificate, *key, *client_ca; /* PEM files; all, or none */
  const char *psk_file;                      /* or NULL; see pt-coap-keys.h */
  const char *oscore_file;    /* see pt-coap-oscore-keys.h; NULL: it is over DTLS, with the above */
  const char *oscore_numbers; /* see pt-coap-numbers.h */
  guint sessions;             /* at once; beyond them the one that was quiet longest ends */
  gint64 idle_ms;             /* of a session that is quiet */
} PtCoapOptions;

/* Listens, and takes in. *@key: the option of [coap] that is wrong. @devices outlives it, and the
 * requests that it handed to the intake. */
PtCoap *pt_coap_new (const PtCoapOptions *options, const PtIntakeDevices *devices, const char **key,
                     GError **error);
/* What is on its way is answered before; the intake takes nothing any more by then. */
void pt_coap_free (PtCoap *coap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCoap, pt_coap_free)

/* Reads keys and certificates again. What is wrong with them is warned of, and nothing changes.
 * Sessions end whose shared key is gone or another; all of them where a certificate is another.
 * With OSCORE all begins anew where a secret is gone or another. */
void pt_coap_reload (PtCoap *coap);

/* Where it listens: "127.0.0.1:5684". Any thread, until it is freed. */
const char *pt_coap_address (PtCoap *coap);
