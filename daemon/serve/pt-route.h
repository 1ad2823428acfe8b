/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What an address is and who answers it. A table of routes stands beside its handlers and ends with
 * an empty row; pt_server_add_routes () joins it to the others. */

typedef struct _PtRequest PtRequest;
typedef struct _PtStream PtStream;

/* Fills status and body of @request, or returns FALSE with an error that becomes a problem (RFC
 * 9457). HEAD, OPTIONS, If-None-Match, CORS and the bounds of bodies are the server's. @context is
 * what the table was added with. */
typedef gboolean (*PtHandler) (PtRequest *request, gpointer context, GError **error);

/* Each but the loop is a lane: workers and a bounded queue of its own, so that nobody waits behind
 * those who ask for more than he does. */
typedef enum
{
  PT_RUNS_ON_LOOP,     /* from memory, and at once */
  PT_RUNS_ON_READER,   /* a look at the store */
  PT_RUNS_ON_PAGER,    /* a page of a long list, a tile */
  PT_RUNS_ON_LISTER,   /* a whole list */
  PT_RUNS_ON_PROVER,   /* reads batch files before it can answer */
  PT_RUNS_ON_STREAMER, /* reads much, piece by piece */
  PT_RUNS              /* how many there are */
} PtRouteRuns;

typedef enum
{
  PT_NEEDS_NOTHING,
  PT_NEEDS_ADMIN /* the token in admin.token, as Authorization: Bearer */
} PtRouteNeeds;

/* For whom an address is: a listener serves some of them (pt-listen.h). */
typedef enum
{
  PT_SERVES_PUBLIC = 1 << 0,
  PT_SERVES_DEVICES = 1 << 1,
  PT_SERVES_ADMINISTRATION = 1 << 2,
  PT_SERVES_ALL = PT_SERVES_PUBLIC | PT_SERVES_DEVICES | PT_SERVES_ADMINISTRATION
} PtServes;

typedef struct
{
  const char *method; /* "GET" (HEAD too), "POST" or "DELETE" */
  const char
      *pattern; /* from the root; a * is what a part begins with, a last ** all that follows */
  PtHandler handler;
  PtRouteRuns runs;
  gboolean open; /* pages from anywhere may read it (CORS): public, and of no cookie */
  PtRouteNeeds needs;
  guint serves;   /* PtServes; 0: administration where it needs the token, else the public */
  gsize body_max; /* bytes; 0: a body is passed over */
  /* Takes lines in as they come, see pt-stream.h; FALSE: they are refused. NULL: nobody does. */
  gboolean (*stream) (PtStream *stream, gpointer context, GError **error);
  gboolean counted; /* what is refused here is counted by reason: pt-refusals.h */
} PtRoute;

typedef enum
{
  PT_ROUTE_FOUND,
  PT_ROUTE_NO_ADDRESS,
  PT_ROUTE_NO_METHOD /* the address is there, but not for this method */
} PtRouteResult;

typedef struct
{
  const PtRoute *route;
  gpointer context;
  char **parts; /* what the stars stand for; g_strfreev () */
} PtRouteMatch;

/* All tables of a server. One whose pattern is the address itself goes
 * before those with stars; of two routes that fit, the one that was added first counts. */
typedef struct _PtRoutes PtRoutes;

PtRoutes *pt_routes_new (void);
void pt_routes_free (PtRoutes *routes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRoutes, pt_routes_free)

/* @table has to stay. */
void pt_routes_add (PtRoutes *routes, const PtRoute *table, gpointer context);
/* @serves: PtServes; routes for none of them are not there. @method: as it was sent; HEAD finds
 * GET. Fills *@match when PT_ROUTE_FOUND, else empties it. */
PtRouteResult pt_routes_find (const PtRoutes *routes, guint serves, const char *method,
                              const char *path, PtRouteMatch *match);
/* What an Allow header says of @path ("GET, HEAD, OPTIONS"); NULL: there is no such address. */
char *pt_routes_allow (const PtRoutes *routes, guint serves, const char *path);
