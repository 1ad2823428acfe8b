/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A daemon of a test's own, on a thread of its own, that answers what the test says. */

#include <libsoup/soup.h>
#include <string.h>

typedef struct
{
  char *path;   /* without "/api/v1", and with the query; a prefix where it ends with '*' */
  guint status; /* 0: it is never answered */
  char *type, *body;
  gsize size;
} PtFakeAnswer;

typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  SoupServer *server;
  char *url;
  guint port;
  GMutex lock;
  GPtrArray *answers; /* PtFakeAnswer; the last one that fits is given */
  GPtrArray *streams; /* SoupServerMessage; the server's thread only */
  guint opened;       /* streams so far */
  guint asked;        /* requests so far */
  guint held;         /* of them those that are never answered */
} PtFakeDaemon;

static inline void
pt_fake_answer_free (gpointer data)
{
  PtFakeAnswer *answer = data;

  g_free (answer->path);
  g_free (answer->type);
  g_free (answer->body);
  g_free (answer);
}

static inline void
pt_fake_set (PtFakeDaemon *daemon, const char *path, guint status, const char *type, char *body)
{
  PtFakeAnswer *answer = g_new0 (PtFakeAnswer, 1);

  answer->path = g_strdup (path);
  answer->status = status;
  answer->type = g_strdup (type);
  answer->body = body;
  answer->size = strlen (body);
  g_mutex_lock (&daemon->lock);
  g_ptr_array_add (daemon->answers, answer);
  g_mutex_unlock (&daemon->lock);
}

static inline gboolean
pt_fake_fits (const PtFakeAnswer *answer, const char *path)
{
  gsize size = strlen (answer->path);

  return answer->path[size - 1] == '*' ? strncmp (path, answer->path, size - 1) == 0
                                       : strcmp (path, answer->path) == 0;
}

static inline void
pt_fake_finished (SoupServerMessage *message, gpointer data)
{
  g_ptr_array_remove (((PtFakeDaemon *) data)->streams, message);
}

static inline void
pt_fake_stream (PtFakeDaemon *daemon, SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_message_headers_set_content_type (headers, "text/event-stream", NULL);
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_COPY,
                            "retry: 1000\n\n", 13);
  g_signal_connect (message, "finished", G_CALLBACK (pt_fake_finished), daemon);
  g_ptr_array_add (daemon->streams, g_object_ref (message));
  daemon->opened++;
}

static inline void
pt_fake_handle (SoupServer *server, SoupServerMessage *message, const char *path,
                GHashTable *query_table, gpointer data)
{
  PtFakeDaemon *daemon = data;
  const char *query = g_uri_get_query (soup_server_message_get_uri (message));
  g_autofree char *whole = g_strdup_printf (
      "%s%s%s", g_str_has_prefix (path, "/api/v1") ? path + strlen ("/api/v1") : path,
      query != NULL ? "?" : "", query != NULL ? query : "");
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&daemon->lock);

  daemon->asked++;
  for (guint i = daemon->answers->len; i > 0; i--)
    {
      const PtFakeAnswer *answer = g_ptr_array_index (daemon->answers, i - 1);

      if (!pt_fake_fits (answer, whole))
        continue;
      if (answer->status == 0)
        {
          daemon->held++;
          soup_server_message_pause (message);
          return;
        }
      soup_server_message_set_status (message, answer->status, NULL);
      soup_server_message_set_response (message, answer->type, SOUP_MEMORY_COPY, answer->body,
                                        answer->size);
      return;
    }
  if (strcmp (whole, "/events") == 0)
    pt_fake_stream (daemon, message);
  else
    soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
}

/* What is done on the server's thread, and waited for. */
typedef struct
{
  PtFakeDaemon *daemon;
  void (*func) (PtFakeDaemon *daemon, const char *text);
  const char *text;
  gint done;
} PtFakeCall;

static inline gboolean
pt_fake_call_cb (gpointer data)
{
  PtFakeCall *call = data;

  call->func (call->daemon, call->text);
  g_atomic_int_set (&call->done, 1);
  return G_SOURCE_REMOVE;
}

static inline void
pt_fake_call (PtFakeDaemon *daemon, void (*func) (PtFakeDaemon *, const char *), const char *text)
{
  PtFakeCall call = { daemon, func, text, 0 };

  g_main_context_invoke (daemon->context, pt_fake_call_cb, &call);
  while (!g_atomic_int_get (&call.done))
    g_usleep (100);
}

static inline void
pt_fake_do_write (PtFakeDaemon *daemon, const char *text)
{
  for (guint i = 0; i < daemon->streams->len; i++)
    {
      SoupServerMessage *message = g_ptr_array_index (daemon->streams, i);

      soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_COPY,
                                text, strlen (text));
      soup_server_message_unpause (message);
    }
}

/* Sends @text as it is to all open streams. */
static inline void
pt_fake_write (PtFakeDaemon *daemon, const char *text)
{
  pt_fake_call (daemon, pt_fake_do_write, text);
}

static inline void
pt_fake_send (PtFakeDaemon *daemon, const char *event, const char *data)
{
  g_autofree char *text = g_strdup_printf ("event: %s\ndata: %s\n\n", event, data);

  pt_fake_write (daemon, text);
}

static inline void
pt_fake_do_cut (PtFakeDaemon *daemon, const char *text)
{
  for (guint i = 0; i < daemon->streams->len; i++)
    {
      GSocket *socket = soup_server_message_get_socket (g_ptr_array_index (daemon->streams, i));

      if (socket != NULL)
        g_socket_shutdown (socket, TRUE, TRUE, NULL);
    }
}

/* Breaks all streams. */
static inline void
pt_fake_cut (PtFakeDaemon *daemon)
{
  pt_fake_call (daemon, pt_fake_do_cut, NULL);
}

static inline void
pt_fake_do_listen (PtFakeDaemon *daemon, const char *text)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;

  daemon->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (daemon->server, NULL, pt_fake_handle, daemon, NULL);
  soup_server_listen_local (daemon->server, daemon->port, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (daemon->server);
  daemon->port = (guint) g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
}

static inline void
pt_fake_do_leave (PtFakeDaemon *daemon, const char *text)
{
  pt_fake_do_cut (daemon, NULL);
  soup_server_disconnect (daemon->server);
  g_clear_object (&daemon->server);
}

static inline gpointer
pt_fake_main (gpointer data)
{
  PtFakeDaemon *daemon = data;

  g_main_context_push_thread_default (daemon->context);
  g_main_loop_run (daemon->loop);
  g_main_context_pop_thread_default (daemon->context);
  return NULL;
}

static inline void
pt_fake_start (PtFakeDaemon *daemon)
{
  memset (daemon, 0, sizeof *daemon);
  g_mutex_init (&daemon->lock);
  daemon->answers = g_ptr_array_new_with_free_func (pt_fake_answer_free);
  daemon->streams = g_ptr_array_new_with_free_func (g_object_unref);
  daemon->context = g_main_context_new ();
  daemon->loop = g_main_loop_new (daemon->context, FALSE);
  daemon->thread = g_thread_new ("daemon", pt_fake_main, daemon);
  pt_fake_call (daemon, pt_fake_do_listen, NULL);
  daemon->url = g_strdup_printf ("http://127.0.0.1:%u", daemon->port);
}

static inline void
pt_fake_leave (PtFakeDaemon *daemon)
{
  pt_fake_call (daemon, pt_fake_do_leave, NULL);
}

/* At the same port again. */
static inline void
pt_fake_come_back (PtFakeDaemon *daemon)
{
  pt_fake_call (daemon, pt_fake_do_listen, NULL);
}

static inline void
pt_fake_stop (PtFakeDaemon *daemon)
{
  if (daemon->server != NULL)
    pt_fake_leave (daemon);
  g_main_loop_quit (daemon->loop);
  g_thread_join (daemon->thread);
  g_main_loop_unref (daemon->loop);
  g_main_context_unref (daemon->context);
  g_ptr_array_unref (daemon->answers);
  g_ptr_array_unref (daemon->streams);
  g_mutex_clear (&daemon->lock);
  g_free (daemon->url);
}
