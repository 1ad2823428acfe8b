/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "pt-directory.h"
#include "pt-json-text.h"
#include "pt-route.h"

typedef struct _PtAnswers PtAnswers;

/* The next piece of a long answer, at most 1 MiB; an empty one ends it. On a worker's thread, one
 * at a time. */
typedef GBytes *(*PtPieceFunc) (gpointer source, GError **error);

/* A request on its way, and what its handler makes of it. While a worker has it the main loop lets
 * it be. */
struct _PtRequest
{
  /* What was asked */
  SoupServerMessage *message;
  gboolean is_head;
  char *path;        /* decoded, from the root */
  char **parts;      /* what the stars of the route's pattern stand for */
  GHashTable *query; /* may be NULL */
  GBytes *content;   /* what was sent; may be empty */
  gint64 asked;      /* monotonic us: when it came */

  /* What is answered */
  guint status;                /* of a problem too, where it is not that of its code */
  const char *content_type;    /* static */
  GBytes *body;                /* or NULL */
  GPtrArray *pieces;           /* of GBytes, none empty: instead of a body; or NULL */
  char *location;              /* next page, or NULL */
  char *etag;                  /* or NULL; then a client that has it gets 304 */
  const char *cache_control;   /* static, or NULL */
  SoupMessageHeaders *headers; /* others, or NULL */

  /* How it goes on; pt-answer.c's own */
  const PtRoute *route;
  gpointer context;
  PtAnswers *answers;
  PtPieceFunc next;
  gpointer source;
  GDestroyNotify source_free;
  goffset length;            /* of all pieces; -1: not known */
  guint next_piece;          /* of ->pieces */
  GBytes *piece;             /* the newest, until it is sent */
  GError *error;             /* why there is no answer, or no piece */
  gboolean is_streaming;     /* its head is sent, pieces follow */
  gboolean is_busy, is_done; /* a worker has it; its last piece is sent */
  gboolean is_later, is_gone;
};

/* Takes ->parts of @match. */
PtRequest *pt_request_new (SoupServerMessage *message, const char *path, GHashTable *query,
                           PtRouteMatch *match);
PtRequest *pt_request_ref (PtRequest *request);
void pt_request_unref (PtRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRequest, pt_request_unref)

/* What was asked */

/* A header with all its values, or NULL. */
const char *pt_request_header (PtRequest *request, const char *name);
const char *pt_request_value (PtRequest *request, const char *name);
/* An integer parameter; @fallback where it is missing; PT_ERROR_MALFORMED outside its bounds. */
gboolean pt_request_integer (PtRequest *request, const char *name, gint64 least, gint64 most,
                             gint64 fallback, gint64 *out, GError **error);
/* The `area` parameter: *@area -1 where it is missing. */
gboolean pt_request_area (PtRequest *request, PtDirectory *directory, gint32 *area, GError **error);
/* A parameter that is an identifier (docs/PROTOCOL.md section 2); *@id NULL where it is missing. */
gboolean pt_request_id (PtRequest *request, const char *name, const char **id, GError **error);
/* Whether it may be sent packed (Accept-Encoding, RFC 9110 section 12.5.3). */
gboolean pt_request_takes_gzip (PtRequest *request);

typedef struct
{
  gint64 least, most;
} PtBounds;

/* Digits are all that the description can ask of a cursor: 16 of a time or counter, 10 of a number
 * that the daemon gave. A larger one than there can be is behind the last page. */
#define PT_CURSOR_TIME_MAX G_GINT64_CONSTANT (9999999999999999)
#define PT_CURSOR_NUMBER_MAX G_GINT64_CONSTANT (9999999999)

/* The `cursor` parameter, as pt_request_write_next () was given it: @count numbers with dots
 * between. @out is left as it is where there is none. PT_ERROR_MALFORMED for what no page told. */
gboolean pt_request_cursor (PtRequest *request, const PtBounds *bounds, guint count, gint64 *out,
                            GError **error);
/* Whether the client has what @etag names (If-None-Match, RFC 9110 section 13.1.2). */
gboolean pt_request_has (PtRequest *request, const char *etag);

/* What is answered */

/* 200; a line feed ends it. Takes @json. */
void pt_request_take_json (PtRequest *request, PtJsonText *json);
/* 200; @type is static. Takes @text. */
void pt_request_take_text (PtRequest *request, const char *type, GString *text);
void pt_request_add_header (PtRequest *request, const char *name, const char *value);
/* Retry-After, of an answer that is a problem. */
void pt_request_retry_after (PtRequest *request, guint seconds);
/* 200; the body is these GBytes, by reference. Takes @pieces. */
void pt_request_take_pieces (PtRequest *request, const char *type, GPtrArray *pieces);
/* The body comes piece by piece, each read when the client has taken the one before. @length -1:
 * only @next knows. Takes @source. */
void pt_request_take_stream (PtRequest *request, goffset length, PtPieceFunc next, gpointer source,
                             GDestroyNotify source_free);
/* Appends `&name=value` of those of @filters that were asked for. */
void pt_request_keep (PtRequest *request, const char *const *filters, GString *address);
/* The member `next` and the header Link: the address of the next page, which is the same question
 * with its @filters, from @cursor on; @cursor NULL: this page is the last. */
void pt_request_write_next (PtRequest *request, PtJsonText *json, const char *const *filters,
                            const char *cursor, guint limit);
