/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

/* Asking a daemon over HTTP without ever waiting: bounded in time and size, read in small pieces.
 * Main thread only. Errors: G_IO_ERROR_CANCELLED when the caller cancelled; an answer that is an
 * RFC 9457 problem becomes PT_ERROR with the code of its slug and its detail; PT_ERROR_RETRY when
 * nothing or half of an answer came in time; PT_ERROR_TOO_LARGE; PT_ERROR_UNSUPPORTED for an answer
 * that no daemon of ours gives (another media type, a page, a status without a problem). */

/* Just below GDK_PRIORITY_REDRAW: what is read in bulk never holds up a frame. */
#define PT_FETCH_PRIORITY (G_PRIORITY_HIGH_IDLE + 30)

typedef struct
{
  const char *type; /* the media type that the answer must have; NULL: any */
  guint seconds;    /* for the whole answer; 0: no limit after its head */
  gsize max_bytes;
} PtFetchLimits;

/* One that a link keeps, with few connections to a host. */
SoupSession *pt_fetch_session_new (void);

/* The whole body. */
void pt_fetch_bytes_async (SoupSession *session, const char *url, const PtFetchLimits *limits,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data);
GBytes *pt_fetch_bytes_finish (GAsyncResult *result, GError **error);

/* JSON, parsed and made into something else by @convert, both in a thread; NULL without an error is
 * not allowed. @free_func frees what it returns where nobody takes it. */
typedef gpointer (*PtFetchConvert) (JsonNode *root, gconstpointer convert_data, GError **error);
void pt_fetch_json_async (SoupSession *session, const char *url, const PtFetchLimits *limits,
                          PtFetchConvert convert, gconstpointer convert_data,
                          GDestroyNotify free_func, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data);
gpointer pt_fetch_json_finish (GAsyncResult *result, GError **error);

/* Something else than asking: a method, a body, a word that lets one in. NULLs: none. */
typedef struct
{
  const char *method; /* "POST" */
  const char *type;   /* of @body */
  GBytes *body;
  const char *token; /* "Authorization: Bearer" */
} PtFetchRequest;

/* Whatever was answered: its body is read whatever the status is, for a refusal may have more to
 * say than a sentence. */
typedef struct
{
  guint status;
  GBytes *body;
  char *path; /* that was asked */
} PtFetchReply;

void pt_fetch_send_async (SoupSession *session, const char *url, const PtFetchRequest *request,
                          const PtFetchLimits *limits, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data);
PtFetchReply *pt_fetch_send_finish (GAsyncResult *result, GError **error);
/* The error that a refusal stands for, as the other functions report it. */
GError *pt_fetch_reply_error (const PtFetchReply *reply);
void pt_fetch_reply_free (PtFetchReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtFetchReply, pt_fetch_reply_free)

/* A body of lines, each told without its newline as it arrives, a few hundred a turn of the main
 * loop; @line_func stops it with an error. A body that does not end with a newline was cut off. */
typedef gboolean (*PtFetchLineFunc) (const char *line, gsize size, gpointer line_data,
                                     GError **error);
void pt_fetch_lines_async (SoupSession *session, const char *url, const PtFetchLimits *limits,
                           PtFetchLineFunc line_func, gpointer line_data, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data);
gboolean pt_fetch_lines_finish (GAsyncResult *result, GError **error);

/* The body as a stream, once its head is good. @limits->seconds is for the head. */
void pt_fetch_stream_async (SoupSession *session, const char *url, const PtFetchLimits *limits,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data);
GInputStream *pt_fetch_stream_finish (GAsyncResult *result, GError **error);
