/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-compact.h"
#include "pt-fleet-credentials.h"
#include "pt-fleet-outbox.h"
#include "pt-fleet-plan.h"
#include "pt-held.h"

#include <stdatomic.h>

/* How the reports of one thread's devices get to the daemon: one of the three ways in. */

typedef enum
{
  PT_FLEET_HTTPS, /* a body of reports of many devices; with certificates a connection a device */
  PT_FLEET_MQTT,  /* through a broker, a connection a device */
  PT_FLEET_COAP   /* over DTLS, a session a device */
} PtFleetWay;

#define PT_FLEET_WAYS 3

/* "https", "mqtt" or "coap". */
const char *pt_fleet_way_name (PtFleetWay way);
gboolean pt_fleet_way_from_name (const char *name, PtFleetWay *out);
/* Whether this program was built with it. */
gboolean pt_fleet_way_is_built (PtFleetWay way);

typedef struct
{
  PtFleetWay way;
  const char *url; /* of the daemon's HTTP interface */
  const char *via; /* "host:port" of the broker or the daemon's CoAP; for https a URL, or NULL */
  PtFleetCredentials *credentials;
  guint connections;       /* that are open at once, of the thread; of whom sent last */
  const atomic_bool *stop; /* waiting ends */
  /* Who has the number in an outbox, and the private key; borrowed. */
  const PtFleetDevice *(*device) (gpointer owner, guint number, const guint8 **scalar);
  gpointer owner;
} PtFleetTransportOptions;

typedef struct _PtFleetTransport PtFleetTransport;

typedef struct
{
  void (*free) (PtFleetTransport *transport);
  PtFleetVerdict (*post) (PtFleetTransport *transport, PtFleetOutbox *outbox, guint lines,
                          PtFleetAnswer *answer, GError **error);
  GBytes *(*held) (PtFleetTransport *transport, guint number, PtHeld *out, PtFleetVerdict *verdict,
                   GError **error);
} PtFleetTransportClass;

/* What each kind begins with. */
struct _PtFleetTransport
{
  const PtFleetTransportClass *class;
  PtFleetTransportOptions options;
};

/* Never NULL for a way that is built. What @options points to outlives it. */
PtFleetTransport *pt_fleet_transport_new (const PtFleetTransportOptions *options);
void pt_fleet_transport_free (PtFleetTransport *transport);

/* Sends the first @lines reports of @outbox. Blocks. One that nobody answered for is "busy" in the
 * answer. @error says why unless it is PT_FLEET_ANSWERED. */
PtFleetVerdict pt_fleet_transport_post (PtFleetTransport *transport, PtFleetOutbox *outbox,
                                        guint lines, PtFleetAnswer *answer, GError **error);

/* What the daemon says it holds of a device, not verified; points into what is returned. Blocks.
 * NULL and @error; *@verdict says whether asking again may help. */
GBytes *pt_fleet_transport_held (PtFleetTransport *transport, guint number, PtHeld *out,
                                 PtFleetVerdict *verdict, GError **error);

/* For the kinds. */

PtFleetTransport *pt_fleet_http_new (const PtFleetTransportOptions *options);
PtFleetTransport *pt_fleet_mqtt_new (const PtFleetTransportOptions *options);
PtFleetTransport *pt_fleet_coap_new (const PtFleetTransportOptions *options);

/* What was answered for `held` (taken; NULL: nothing that counts), as CBOR or JSON: these bytes, to
 * which *@out points, and PT_FLEET_ANSWERED; or NULL, PT_FLEET_REFUSED and an error. */
GBytes *pt_fleet_held_read (GBytes *bytes, gboolean is_cbor, const PtFleetDevice *device,
                            PtHeld *out, PtFleetVerdict *verdict, GError **error);
/* The compact form of a report's JSON: its size, 0 where it has none. */
gsize pt_fleet_compact (PtSpan report, guint8 out[PT_COMPACT_MAX]);
/* Marks line @line, from 1 and rising, as not stored. */
void pt_fleet_answer_reject (PtFleetAnswer *answer, guint line, const char *slug);
