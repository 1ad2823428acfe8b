/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Stands before a server that speaks MongoDB's protocol, and breaks connections at a message that a
 * test names: before the server gets it, or after it has answered. */
#include <gio/gio.h>
#include <string.h>

#define PT_PROXY_MESSAGE_MAX (64 * 1024 * 1024)

typedef enum
{
  PT_PROXY_NOT_PERSISTED, /* the server never sees it */
  PT_PROXY_PERSISTED      /* its answer is lost */
} PtProxyCut;

typedef struct
{
  GSocketService *service;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  guint16 port;
  char *server;
  GMutex lock;
  GPtrArray *streams;               /* GIOStream: all that are open */
  const char *command, *collection; /* at which it breaks; NULL: nowhere */
  PtProxyCut cut;
  gboolean then_down; /* and nobody is let through after that */
  gboolean is_down;
  guint cuts;
} PtProxy;

typedef struct
{
  PtProxy *proxy;
  GIOStream *client, *server;
  gint swallows; /* atomic: the next answer is lost */
} PtProxyPair;

static inline void
pt_proxy_close (PtProxyPair *pair)
{
  GSocketConnection *both[]
      = { G_SOCKET_CONNECTION (pair->client), G_SOCKET_CONNECTION (pair->server) };

  for (guint i = 0; i < 2; i++)
    g_socket_shutdown (g_socket_connection_get_socket (both[i]), TRUE, TRUE, NULL);
}

/* One whole message, whose first four bytes are its length; NULL at the end. */
static inline guint8 *
pt_proxy_read (GIOStream *stream, guint32 *size)
{
  GInputStream *in = g_io_stream_get_input_stream (stream);
  guint8 *message;
  guint32 length;
  gsize got;

  if (!g_input_stream_read_all (in, &length, sizeof length, &got, NULL, NULL)
      || got != sizeof length)
    return NULL;
  *size = GUINT32_FROM_LE (length);
  if (*size < 16 || *size > PT_PROXY_MESSAGE_MAX)
    return NULL;
  message = g_malloc (*size);
  memcpy (message, &length, sizeof length);
  if (g_input_stream_read_all (in, message + 4, *size - 4, &got, NULL, NULL) && got == *size - 4)
    return message;
  g_free (message);
  return NULL;
}

static inline gboolean
pt_proxy_write (GIOStream *stream, const guint8 *message, guint32 size)
{
  return g_output_stream_write_all (g_io_stream_get_output_stream (stream), message, size, NULL,
                                    NULL, NULL);
}

/* OP_MSG: header, flags, kind 0, a document whose first member is the command: its collection. */
static inline gboolean
pt_proxy_is (const guint8 *message, guint32 size, const char *command, const char *collection)
{
  gsize name = strlen (command) + 1, value = strlen (collection) + 1;

  return size > 30 + name + value && memcmp (message + 12, "\xdd\x07\0\0", 4) == 0
         && message[20] == 0 && memcmp (message + 26, command, name) == 0
         && memcmp (message + 26 + name + 4, collection, value) == 0;
}

/* What is to be done with a request: FALSE: it goes no further. */
static inline gboolean
pt_proxy_lets (PtProxyPair *pair, const guint8 *message, guint32 size)
{
  PtProxy *proxy = pair->proxy;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&proxy->lock);

  if (proxy->is_down)
    return FALSE;
  if (proxy->command == NULL || !pt_proxy_is (message, size, proxy->command, proxy->collection))
    return TRUE;
  proxy->command = NULL;
  proxy->cuts++;
  if (proxy->cut == PT_PROXY_NOT_PERSISTED)
    {
      proxy->is_down = proxy->then_down;
      return FALSE;
    }
  g_atomic_int_set (&pair->swallows, TRUE);
  return TRUE;
}

static inline gpointer
pt_proxy_answers (gpointer data)
{
  PtProxyPair *pair = data;
  guint8 *message;
  guint32 size;

  while ((message = pt_proxy_read (pair->server, &size)) != NULL)
    {
      gboolean swallowed = g_atomic_int_get (&pair->swallows);
      gboolean written = !swallowed && pt_proxy_write (pair->client, message, size);

      g_free (message);
      if (swallowed)
        {
          g_mutex_lock (&pair->proxy->lock);
          pair->proxy->is_down = pair->proxy->then_down;
          g_mutex_unlock (&pair->proxy->lock);
        }
      if (!written)
        break;
    }
  pt_proxy_close (pair);
  return NULL;
}

static inline void
pt_proxy_relay (PtProxyPair *pair)
{
  GThread *answers = g_thread_new ("answers", pt_proxy_answers, pair);
  guint8 *message;
  guint32 size;

  while ((message = pt_proxy_read (pair->client, &size)) != NULL)
    {
      gboolean written
          = pt_proxy_lets (pair, message, size) && pt_proxy_write (pair->server, message, size);

      g_free (message);
      if (!written)
        break;
    }
  pt_proxy_close (pair);
  g_thread_join (answers);
}

static inline gboolean
pt_proxy_run (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
              gpointer data)
{
  PtProxy *proxy = data;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) server
      = g_socket_client_connect_to_host (client, proxy->server, 27017, NULL, NULL);
  PtProxyPair pair = { proxy, G_IO_STREAM (connection), G_IO_STREAM (server), FALSE };

  if (server == NULL)
    return TRUE;
  g_mutex_lock (&proxy->lock);
  g_ptr_array_add (proxy->streams, connection);
  g_mutex_unlock (&proxy->lock);
  pt_proxy_relay (&pair);
  g_mutex_lock (&proxy->lock);
  g_ptr_array_remove (proxy->streams, connection);
  g_mutex_unlock (&proxy->lock);
  return TRUE;
}

static inline gpointer
pt_proxy_main (gpointer data)
{
  PtProxy *proxy = data;

  g_main_context_push_thread_default (proxy->context);
  g_main_loop_run (proxy->loop);
  g_main_context_pop_thread_default (proxy->context);
  return NULL;
}

/* @server: host:port */
static inline PtProxy *
pt_proxy_new (const char *server)
{
  PtProxy *proxy = g_new0 (PtProxy, 1);
  g_autoptr (GInetAddress) here = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (here, 0), got = NULL;

  proxy->server = g_strdup (server);
  proxy->context = g_main_context_new ();
  proxy->loop = g_main_loop_new (proxy->context, FALSE);
  proxy->streams = g_ptr_array_new ();
  g_mutex_init (&proxy->lock);
  g_main_context_push_thread_default (proxy->context);
  proxy->service = g_threaded_socket_service_new (-1);
  g_assert_true (g_socket_listener_add_address (G_SOCKET_LISTENER (proxy->service), wanted,
                                                G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                                &got, NULL));
  g_signal_connect (proxy->service, "run", G_CALLBACK (pt_proxy_run), proxy);
  g_main_context_pop_thread_default (proxy->context);
  proxy->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (got));
  proxy->thread = g_thread_new ("proxy", pt_proxy_main, proxy);
  return proxy;
}

/* The next such command is cut; and with @then_down nothing comes through until pt_proxy_up (). */
static inline void
pt_proxy_cut_at (PtProxy *proxy, const char *command, const char *collection, PtProxyCut cut,
                 gboolean then_down)
{
  g_mutex_lock (&proxy->lock);
  proxy->command = command;
  proxy->collection = collection;
  proxy->cut = cut;
  proxy->then_down = then_down;
  g_mutex_unlock (&proxy->lock);
}

static inline void
pt_proxy_up (PtProxy *proxy)
{
  g_mutex_lock (&proxy->lock);
  proxy->is_down = FALSE;
  g_mutex_unlock (&proxy->lock);
}

static inline guint
pt_proxy_cuts (PtProxy *proxy)
{
  guint cuts;

  g_mutex_lock (&proxy->lock);
  cuts = proxy->cuts;
  g_mutex_unlock (&proxy->lock);
  return cuts;
}

/* After the last client has hung up: its threads end by themselves. */
static inline void
pt_proxy_free (PtProxy *proxy)
{
  guint open = 1;

  g_socket_service_stop (proxy->service);
  while (open > 0)
    {
      g_mutex_lock (&proxy->lock);
      open = proxy->streams->len;
      for (guint i = 0; i < open; i++)
        g_socket_shutdown (g_socket_connection_get_socket (g_ptr_array_index (proxy->streams, i)),
                           TRUE, TRUE, NULL);
      g_mutex_unlock (&proxy->lock);
      g_usleep (1000);
    }
  g_main_loop_quit (proxy->loop);
  g_thread_join (proxy->thread);
  g_object_unref (proxy->service);
  g_main_loop_unref (proxy->loop);
  g_main_context_unref (proxy->context);
  g_ptr_array_unref (proxy->streams);
  g_mutex_clear (&proxy->lock);
  g_free (proxy->server);
  g_free (proxy);
}
