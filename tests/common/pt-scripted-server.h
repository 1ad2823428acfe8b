/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A server of a test's own that gives the same bytes to whoever asks, well-formed or not. */

#include <gio/gio.h>
#include <string.h>

/* The whole answer to @request; free it. */
typedef char *(*PtScriptedFunc) (const char *request, gpointer user_data);

typedef struct
{
  GSocketService *service; /* a thread a connection */
  guint16 port;
  char *url;
  GBytes *answer;             /* whole, with status line */
  PtScriptedFunc answer_func; /* or NULL; instead of it */
  gpointer answer_data;
  gboolean stall;   /* never answer */
  gint connections; /* atomic */
  GMutex lock;
  GString *request; /* the last one's bytes */
} PtScriptedServer;

static inline gsize
pt_scripted_body_size (const char *head)
{
  const char *length = strstr (head, "Content-Length: ");

  return length != NULL ? (gsize) g_ascii_strtoull (length + 16, NULL, 10) : 0;
}

/* Reads one request; FALSE at the connection's end. */
static inline gboolean
pt_scripted_read (GInputStream *input, GString *request)
{
  char buffer[4096];

  g_string_truncate (request, 0);
  for (;;)
    {
      const char *end = strstr (request->str, "\r\n\r\n");
      gssize got;

      if (end != NULL
          && request->len
                 >= (gsize) (end + 4 - request->str) + pt_scripted_body_size (request->str))
        return TRUE;
      got = g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL);
      if (got <= 0)
        return FALSE;
      g_string_append_len (request, buffer, got);
    }
}

static inline gboolean
pt_scripted_run (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
                 gpointer user_data)
{
  PtScriptedServer *server = user_data;
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autoptr (GString) request = g_string_new (NULL);

  g_atomic_int_inc (&server->connections);
  while (pt_scripted_read (input, request))
    {
      g_autoptr (GBytes) answer = NULL;
      gsize size;
      const char *text;

      g_mutex_lock (&server->lock);
      g_string_assign (server->request, request->str);
      if (server->answer_func != NULL)
        {
          char *made = server->answer_func (request->str, server->answer_data);

          answer = g_bytes_new_take (made, strlen (made));
        }
      else
        answer = g_bytes_ref (server->answer);
      g_mutex_unlock (&server->lock);
      text = g_bytes_get_data (answer, &size);
      if (server->stall)
        continue;
      if (!g_output_stream_write_all (output, text, size, NULL, NULL, NULL))
        break;
      if (g_strstr_len (text, (gssize) size, "Content-Length") == NULL)
        break; /* the body ends with the connection */
    }
  return TRUE;
}

static inline gpointer
pt_scripted_loop (gpointer data)
{
  g_main_loop_run (data);
  return NULL;
}

static inline void
pt_scripted_start (PtScriptedServer *server)
{
  static gsize once = 0;
  g_autoptr (GError) error = NULL;

  memset (server, 0, sizeof *server);
  if (g_once_init_enter (&once))
    {
      g_thread_unref (g_thread_new ("server", pt_scripted_loop, g_main_loop_new (NULL, FALSE)));
      g_once_init_leave (&once, 1);
    }
  g_mutex_init (&server->lock);
  server->request = g_string_new (NULL);
  server->service = g_threaded_socket_service_new (4);
  server->port
      = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (server->service), NULL, &error);
  g_assert_no_error (error);
  server->url = g_strdup_printf ("http://127.0.0.1:%u", server->port);
  g_signal_connect (server->service, "run", G_CALLBACK (pt_scripted_run), server);
}

static inline void
pt_scripted_set (PtScriptedServer *server, const char *answer)
{
  g_mutex_lock (&server->lock);
  g_clear_pointer (&server->answer, g_bytes_unref);
  server->answer = g_bytes_new (answer, strlen (answer));
  g_mutex_unlock (&server->lock);
}

/* A whole answer around @body. */
static inline void
pt_scripted_set_body (PtScriptedServer *server, const char *status, const char *type,
                      const char *body)
{
  g_autofree char *answer
      = g_strdup_printf ("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", status,
                         type, strlen (body), body);

  pt_scripted_set (server, answer);
}
