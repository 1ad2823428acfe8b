/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-budget.h"
#include "pt-fast.h"
#include "pt-refusals.h"
#include "pt-route.h"

/* The HTTP server. What is true of every address is done here once: methods, HEAD and OPTIONS,
 * bounds of bodies, who may ask, CORS, problems (RFC 9457). Main loop. */
typedef struct _PtServer PtServer;

/* What there is for all clients together, and for each. */
typedef struct
{
  gsize connections, connections_each; /* _each 0: as many as there are, and no share of bytes */
  gsize streams, streams_each;         /* of events; 0 as above */
  gsize bodies, answers;               /* bytes that are on their way in, and out */
  const char *proxies; /* numeric addresses with ; between: never bounded by _each */
} PtServerLimits;

extern const PtServerLimits pt_server_limits; /* the configuration's defaults */

typedef struct
{
  const char *listen;      /* "host:port"; port 0 takes a free one */
  const char *admin_token; /* of routes that need it; NULL: nobody has it */
  /* PEM files, see pt_certificate_read (); both NULL: HTTP without TLS. */
  const char *certificate, *key;
  const PtServerLimits *limits; /* NULL: the defaults */
} PtServerOptions;

/* Listens; nothing of @options is kept. */
PtServer *pt_server_new (const PtServerOptions *options, GError **error);
/* Answers what is under way, refuses what comes meanwhile (503), then closes. Runs the main loop:
 * everything that the answers need has to outlive it. */
void pt_server_free (PtServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtServer, pt_server_free)

/* Reads the certificate and its key again, if there are any; it does so by itself within a minute
 * of a change of the files. What is wrong with them is a warning, and the one before stays. */
void pt_server_reload (PtServer *server);

/* Joins a table, which ends with an empty row; it and @context have outlive the server.
 */
void pt_server_add_routes (PtServer *server, const PtRoute *table, gpointer context);

/* "http://127.0.0.1:8650" or "https:..." as it really is. */
const char *pt_server_url (PtServer *server);
/* The short way, for what is posted most. */
PtFast *pt_server_fast (PtServer *server);
/* The places for streams that stay. */
PtBudget *pt_server_streams (PtServer *server);
/* What routes refused that are counted. */
PtRefusals *pt_server_refusals (PtServer *server);
