/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-budget.h"
#include "pt-fast.h"
#include "pt-listen.h"
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
  const char *proxies; /* of the short form: numeric addresses with ; between, see pt-listen.h */
} PtServerLimits;

extern const PtServerLimits pt_server_limits; /* the configuration's defaults */

typedef struct
{
  const char *admin_token; /* of routes that need it; NULL: nobody has it */
  const PtListenOptions *listens;
  guint listen_count;
  /* Where there are none: one address for everything, and its PEM files or NULL. */
  const char *listen, *certificate, *key;
  const PtServerLimits *limits; /* NULL: the defaults */
} PtServerOptions;

/* Listens; nothing of @options is kept. */
PtServer *pt_server_new (const PtServerOptions *options, GError **error);
/* Answers what is under way, refuses what comes meanwhile (503), then closes. Runs the main loop:
 * everything that the answers need has to outlive it. */
void pt_server_free (PtServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtServer, pt_server_free)

/* Reads certificates and keys again, if there are any; it does so by itself within a minute of a
 * change of the files. What is wrong with them is a warning, and those before stay. */
void pt_server_reload (PtServer *server);

/* Joins a table, which ends with an empty row; it and @context have outlive the server.
 */
void pt_server_add_routes (PtServer *server, const PtRoute *table, gpointer context);

/* "http://127.0.0.1:8650", "https:..." or "unix:/path", where it really listens; NULL ends them. */
const char *const *pt_server_urls (PtServer *server);
/* The first of them that the public is served at. */
const char *pt_server_url (PtServer *server);
/* The short way, for what is posted most. */
PtFast *pt_server_fast (PtServer *server);
/* The places for streams that stay. */
PtBudget *pt_server_streams (PtServer *server);
/* What routes refused that are counted. */
PtRefusals *pt_server_refusals (PtServer *server);
