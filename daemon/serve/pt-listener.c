/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-listener.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pt-address.h"

#define BACKLOG 4096     /* the kernel's own limit is often the same */
#define AT_ONCE 16       /* accepted in one turn of the loop */
#define WAIT_MS 100      /* after the process ran out of descriptors */
#define LIMIT_MOST 65536 /* descriptors: more would not be asked for */
#define ROOM_LEAST 8
#define RESERVE 32 /* descriptors of the store, blocks and the chain, beyond what is open */
#define RESERVE_MOST 512
#define LISTEN "pt-listen"       /* of a socket */
#define BUFFER_SIZE (256 * 1024) /* of the kernel's, each way: it would give megabytes */

struct _PtListener
{
  PtListenerOptions options;
  GPtrArray *sockets;
  GPtrArray *sources;      /* one of each socket while it accepts */
  GHashTable *connections; /* owned */
  int spare;               /* a descriptor, for when there are no others */
  guint wait_source, look_source;
  gboolean is_stopped, wants;
};

/* Descriptors */

static guint
limit_of_descriptors (void)
{
  struct rlimit limit;

  return getrlimit (RLIMIT_NOFILE, &limit) == 0 ? (guint) MIN (limit.rlim_cur, LIMIT_MOST) : 1024;
}

void
pt_listener_raise_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= MIN (limit.rlim_max, LIMIT_MOST))
    return;
  limit.rlim_cur = MIN (limit.rlim_max, LIMIT_MOST);
  setrlimit (RLIMIT_NOFILE, &limit);
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint count = 0;

  while (folder != NULL && g_dir_read_name (folder) != NULL)
    count++;
  return count;
}

guint
pt_listener_room (void)
{
  guint limit = limit_of_descriptors ();
  guint taken = count_descriptors () + MIN (RESERVE + limit / 16, RESERVE_MOST);

  return limit > taken + ROOM_LEAST ? limit - taken : ROOM_LEAST;
}

/* Clients */

char *
pt_client_name (GSocketAddress *address, const char *const *proxies)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (address != NULL && proxies != NULL, NULL);

  text = pt_address_text (address);
  return text == NULL || g_strv_contains (proxies, text) ? NULL : pt_address_network (text);
}

/* Connections */

static void
listener_opened (PtConnection *connection, gpointer data)
{
  PtListener *listener = data;

  listener->options.opened (connection, listener->options.data);
}

static void
listener_left (PtConnection *connection, gpointer data)
{
  PtListener *listener = data;

  pt_budget_give (listener->options.places, pt_connection_who (connection), 1);
}

static void
listener_closed (PtConnection *connection, gpointer data)
{
  PtListener *listener = data;

  g_hash_table_remove (listener->connections, connection);
}

/* Who asks for nothing at present makes room for who does; the one that does so for longest. */
static gboolean
listener_make_room (PtListener *listener, const char *who)
{
  GHashTableIter iter;
  gpointer item;
  PtConnection *idlest = NULL;
  gint64 longest = G_MAXINT64;

  g_hash_table_iter_init (&iter, listener->connections);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    {
      gint64 since = pt_connection_idle_since (item);

      if (since == 0 || since >= longest
          || (who != NULL && g_strcmp0 (pt_connection_who (item), who) != 0))
        continue;
      idlest = item;
      longest = since;
    }
  if (idlest == NULL)
    return FALSE;
  pt_connection_cut (idlest);
  return TRUE;
}

static gboolean
listener_take_place (PtListener *listener, const char *who)
{
  PtBudgetResult result = pt_budget_take (listener->options.places, who, 1);

  if (result == PT_BUDGET_TAKEN)
    return TRUE;
  return listener_make_room (listener, result == PT_BUDGET_SHARE_FULL ? who : NULL)
         && pt_budget_take (listener->options.places, who, 1) == PT_BUDGET_TAKEN;
}

/* A proxy said whom it speaks for, who has one place like others. FALSE: there is none. */
static gboolean
listener_named (PtConnection *connection, const char *who, gpointer data)
{
  PtListener *listener = data;

  if (!listener_take_place (listener, who))
    return FALSE;
  /* It may have been itself that made room. */
  pt_budget_give (listener->options.places, pt_connection_is_counted (connection) ? NULL : who, 1);
  return pt_connection_is_counted (connection);
}

/* A word, if the client is there to hear it. */
static void
listener_turn_away (const PtListen *listen, GSocket *socket)
{
  static const char word[]
      = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n";
  char away[4096];

  g_socket_set_blocking (socket, FALSE);
  g_socket_receive (socket, away, sizeof away, NULL, NULL); /* else closing would take it back */
  if (listen->certificate == NULL)
    g_socket_send (socket, word, sizeof word - 1, NULL, NULL);
  g_socket_close (socket, NULL);
}

static void
listener_take (PtListener *listener, const PtListen *listen, GSocket *socket)
{
  const PtConnectionEvents events
      = { listener_named, listener_opened, listener_left, listener_closed, listener };
  g_autoptr (GSocketAddress) address = g_socket_get_remote_address (socket, NULL);
  g_autofree char *who = NULL;
  PtConnection *connection;

  if (address == NULL) /* it has gone already */
    return;
  who = pt_client_name (address, (const char *const *) listen->proxies);
  if (!listener_take_place (listener, who))
    {
      listener_turn_away (listen, socket);
      return;
    }
  connection = pt_connection_new (socket, listen, who, &events);
  g_hash_table_add (listener->connections, connection);
  pt_connection_open (connection);
}

/* Accepting */

static void listener_begin (PtListener *listener);

static gboolean
listener_wait_over (gpointer data)
{
  PtListener *listener = data;

  listener->wait_source = 0;
  listener_begin (listener);
  return G_SOURCE_REMOVE;
}

static void
listener_pause (PtListener *listener)
{
  for (guint i = 0; i < listener->sources->len; i++)
    g_source_destroy (g_ptr_array_index (listener->sources, i));
  g_ptr_array_set_size (listener->sources, 0);
}

/* One who waits is let in and out again, with the spare descriptor, so that nobody waits for what
 * does not come; then we look again in a moment. */
static void
listener_run_dry (PtListener *listener, GSocket *socket, const GError *error)
{
  g_autoptr (GSocket) client = NULL;

  if (!listener->wants)
    g_warning ("No connection can be accepted for now: %s. Raise the limit of open files "
               "(LimitNOFILE).",
               error->message);
  listener->wants = TRUE;
  if (listener->spare >= 0)
    close (listener->spare);
  client = g_socket_accept (socket, NULL, NULL);
  if (client != NULL)
    listener_turn_away (g_object_get_data (G_OBJECT (socket), LISTEN), client);
  listener->spare = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  listener_make_room (listener, NULL);
  listener_pause (listener);
  if (listener->wait_source == 0)
    listener->wait_source = g_timeout_add (WAIT_MS, listener_wait_over, listener);
}

/* Passing troubles of one client, who gave up while it waited, say. */
static gboolean
is_clients_own (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE);
}

static gboolean
listener_accept (GSocket *socket, GIOCondition condition, gpointer data)
{
  PtListener *listener = data;

  for (guint i = 0; i < AT_ONCE; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSocket) client = g_socket_accept (socket, NULL, &error);

      if (client != NULL)
        {
          listener->wants = FALSE;
          listener_take (listener, g_object_get_data (G_OBJECT (socket), LISTEN), client);
        }
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        break;
      else if (!is_clients_own (error))
        {
          listener_run_dry (listener, socket, error);
          return G_SOURCE_REMOVE; /* it is destroyed already */
        }
    }
  return G_SOURCE_CONTINUE;
}

static void
listener_begin (PtListener *listener)
{
  for (guint i = 0; i < listener->sockets->len && !listener->is_stopped; i++)
    {
      GSource *source
          = g_socket_create_source (g_ptr_array_index (listener->sockets, i), G_IO_IN, NULL);

      g_source_set_callback (source, G_SOURCE_FUNC (listener_accept), listener, NULL);
      g_source_attach (source, NULL);
      g_ptr_array_add (listener->sources, source);
    }
}

/* What was left by one that did not end well, not what is still listened at. */
static void
remove_left_socket (const char *path)
{
  GStatBuf status;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  if (g_lstat (path, &status) != 0 || !S_ISSOCK (status.st_mode))
    return;
  socket
      = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  address = g_unix_socket_address_new (path);
  if (socket == NULL)
    return;
  g_socket_set_blocking (socket, FALSE); /* where the queue is full somebody is there */
  g_socket_connect (socket, address, NULL, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    g_unlink (path);
}

/* Nobody can come before it listens, so that its mode is its owner's in time. */
static gboolean
bind_socket (GSocket *socket, GSocketAddress *address, GError **error)
{
  const char *path;

  if (!G_IS_UNIX_SOCKET_ADDRESS (address))
    return g_socket_bind (socket, address, TRUE, error);
  path = g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (address));
  remove_left_socket (path);
  if (!g_socket_bind (socket, address, FALSE, error))
    return FALSE;
  if (g_chmod (path, 0600) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s", g_strerror (errno));
  return FALSE;
}

GSocketAddress *
pt_listener_listen (PtListener *listener, const PtListen *listen, GSocketAddress *address,
                    GError **error)
{
  g_autoptr (GSocket) socket = NULL;

  g_return_val_if_fail (listener != NULL && listen != NULL && G_IS_SOCKET_ADDRESS (address), NULL);

  socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM,
                         G_SOCKET_PROTOCOL_DEFAULT, error);
  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_listen_backlog (socket, BACKLOG);
  g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, BUFFER_SIZE, NULL);
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, BUFFER_SIZE, NULL);
  g_object_set_data (G_OBJECT (socket), LISTEN, (gpointer) listen);
  if (!bind_socket (socket, address, error) || !g_socket_listen (socket, error))
    return NULL;
  listener_pause (listener);
  g_ptr_array_add (listener->sockets, g_object_ref (socket));
  listener_begin (listener);
  return g_socket_get_local_address (socket, error);
}

/* Looking */

static gboolean
listener_look (gpointer data)
{
  PtListener *listener = data;
  gboolean tight = pt_budget_is_tight (listener->options.places)
                   || listener->options.is_tight (listener->options.data);
  g_autoptr (GList) connections = g_hash_table_get_keys (listener->connections);
  gint64 now = g_get_monotonic_time ();
  gboolean wanted = FALSE;

  for (GList *item = connections; item != NULL && !wanted; item = item->next)
    wanted = pt_connection_waits_for_thread (item->data);
  /* Looking at one may close it, but no other. */
  for (GList *item = connections; item != NULL; item = item->next)
    pt_connection_look (item->data, now, tight, wanted);
  return G_SOURCE_CONTINUE;
}

PtListener *
pt_listener_new (const PtListenerOptions *options)
{
  PtListener *listener;

  g_return_val_if_fail (options != NULL && options->places != NULL, NULL);
  g_return_val_if_fail (options->opened != NULL && options->is_tight != NULL, NULL);

  listener = g_new0 (PtListener, 1);
  listener->options = *options;
  listener->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  listener->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) g_source_unref);
  listener->connections = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  listener->spare = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  listener->look_source = g_timeout_add_seconds (1, listener_look, listener);
  return listener;
}

void
pt_listener_stop (PtListener *listener)
{
  g_return_if_fail (listener != NULL);

  listener->is_stopped = TRUE;
  listener_pause (listener);
  g_clear_handle_id (&listener->wait_source, g_source_remove);
  for (guint i = 0; i < listener->sockets->len; i++)
    {
      GSocket *socket = g_ptr_array_index (listener->sockets, i);
      g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, NULL);

      if (address != NULL && G_IS_UNIX_SOCKET_ADDRESS (address))
        g_unlink (g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (address)));
      g_socket_close (socket, NULL);
    }
  g_ptr_array_set_size (listener->sockets, 0);
}

void
pt_listener_cut_all (PtListener *listener)
{
  g_autoptr (GList) connections = NULL;

  g_return_if_fail (listener != NULL);

  connections = g_hash_table_get_keys (listener->connections);
  for (GList *item = connections; item != NULL; item = item->next)
    pt_connection_cut (item->data);
}

void
pt_listener_free (PtListener *listener)
{
  GHashTableIter iter;
  gpointer connection;

  if (listener == NULL)
    return;
  pt_listener_stop (listener);
  pt_listener_cut_all (listener);
  g_source_remove (listener->look_source);
  g_hash_table_iter_init (&iter, listener->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    pt_connection_forget (connection);
  g_hash_table_unref (listener->connections);
  g_ptr_array_unref (listener->sources);
  g_ptr_array_unref (listener->sockets);
  if (listener->spare >= 0)
    close (listener->spare);
  g_free (listener);
}
