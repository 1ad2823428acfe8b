/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "pt-services.h"

/* The HTTP server: routes, bounds, problems (RFC 9457), and answers that need the disk made on
 * worker threads. */
typedef struct _PtServer PtServer;

/* Listens on @listen ("host:port"). */
PtServer *pt_server_new (PtServices *services, const char *listen, GError **error);
void pt_server_free (PtServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtServer, pt_server_free)

/* "http://127.0.0.1:8650" as it really is. */
const char *pt_server_url (PtServer *server);
/* Tells all event streams. With the directory's reader lock held. */
void pt_server_tell (PtServer *server, const PtLiveEvents *events);
void pt_server_tell_batches (PtServer *server, const PtBatchRow *rows, guint count);

/* For the handlers */

/* A request on its way through a worker: everything it may need, copied. */
typedef struct
{
  PtServices *services;
  SoupServerMessage *message;
  GHashTable *query; /* may be NULL */
  char **path;       /* after /api/v1/, split at / */
  gboolean gone;     /* main loop: the client went away */
  guint status;
  const char *content_type; /* static */
  char *location;           /* next page, or NULL */
  GBytes *body;
} PtRequest;

/* Fills status and body, or returns FALSE with an error that becomes a problem. On a worker's
 * thread. */
typedef gboolean (*PtHandler) (PtRequest *request, GError **error);

void pt_request_take_text (PtRequest *request, GString *text); /* 200, JSON */
const char *pt_request_value (PtRequest *request, const char *name);
/* An integer parameter; @fallback where it is missing; PT_ERROR_MALFORMED outside its bounds. */
gboolean pt_request_integer (PtRequest *request, const char *name, gint64 least, gint64 most,
                             gint64 fallback, gint64 *out, GError **error);
/* The `area` parameter: *@area -1 where it is missing. */
gboolean pt_request_area (PtRequest *request, gint32 *area, GError **error);

void pt_problem_set (SoupServerMessage *message, const GError *error);
guint pt_problem_status (const GError *error);

/* Handlers, by file */
gboolean pt_api_status (PtRequest *request, GError **error);
gboolean pt_api_metrics (PtRequest *request, GError **error);
gboolean pt_api_areas (PtRequest *request, GError **error);
gboolean pt_api_sites (PtRequest *request, GError **error);
gboolean pt_api_site (PtRequest *request, GError **error);
gboolean pt_api_outages (PtRequest *request, GError **error);
gboolean pt_api_batches (PtRequest *request, GError **error);
gboolean pt_api_batch (PtRequest *request, GError **error);
gboolean pt_api_proof (PtRequest *request, GError **error);
gboolean pt_api_add_area (PtRequest *request, GError **error);

/* pt-api-intake.c: POST of reports or registrations; answers after the commit. */
void pt_api_take (PtServices *services, SoupServerMessage *message, PtSubmissionKind kind);

/* pt-events.c */
typedef struct _PtEvents PtEvents;
PtEvents *pt_events_new (void);
void pt_events_free (PtEvents *events);
void pt_events_add (PtEvents *events, SoupServerMessage *message);
/* @data: one line of JSON. */
void pt_events_send (PtEvents *events, const char *name, const char *data);
gboolean pt_events_is_heard (PtEvents *events);

/* pt-api-log.c: a batch as JSON. */
void pt_api_append_batch (GString *text, const PtBatchRow *row);
/* pt-api-sites.c: the address of the next page; a site's properties, an outage. */
char *pt_api_next_page (PtRequest *request, const char *path, const char *const *filters,
                        const char *cursor, guint limit);
void pt_api_append_site (GString *text, const PtSite *site);
void pt_api_append_outage (GString *text, const PtDevice *device, gint64 start, gint64 end,
                           gint64 customers);
