/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "pt-services.h"

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
  char *etag;                /* or NULL; then a client that has it gets 304 */
  const char *cache_control; /* static, or NULL */
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
/* The address of the next page: the same question with its @filters, from @cursor on. */
char *pt_request_next_page (PtRequest *request, const char *path, const char *const *filters,
                            const char *cursor, guint limit);
