/* SPDX-License-Identifier: Apache-2.0 */
/* How a connection begins: whom a proxy speaks for, and what is agreed on in TLS. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "pt-certificate.h"
#include "pt-connection-private.h"
#include "pt-listener.h"
#include "pt-pki-names.h"
#include "pt-proxy-head.h"

#define READ_SIZE 16384
#define HELLO_HEAD 5
#define HELLO_TYPE 22 /* a handshake */
#define HELLO_MAJOR 3
#define HELLO_MAX 16384 /* of a record's text */

static const char *const protocols[] = { "http/1.1", NULL };

static void
connection_is_open (PtConnection *connection)
{
  connection->input = pt_connection_input_new (connection);
  connection->output = pt_connection_output_new (connection);
  pt_connection_enter (connection, PT_CONNECTION_IDLE);
  if (connection->events.opened != NULL)
    connection->events.opened (connection, connection->events.data);
  else
    pt_connection_close (connection);
}

/* The library may agree on versions that RFC 8996 has ended, and can't be told not to. */
static gboolean
version_is_sound (GTlsConnection *tls)
{
  GTlsProtocolVersion version = g_tls_connection_get_protocol_version (tls);

  return version == G_TLS_PROTOCOL_VERSION_TLS_1_2 || version == G_TLS_PROTOCOL_VERSION_TLS_1_3;
}

/* Once, for it stays: there is no agreeing anew. */
static void
connection_keep_shown (PtConnection *connection)
{
  GTlsCertificate *certificate
      = g_tls_connection_get_peer_certificate (G_TLS_CONNECTION (connection->base));
  g_autoptr (GByteArray) bytes = NULL;
  g_autofree char *sha256 = NULL;

  if (certificate == NULL)
    return;
  g_object_get (certificate, "certificate", &bytes, NULL);
  sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes->data, bytes->len);
  connection->shown = g_new0 (PtShown, 1);
  g_strlcpy (connection->shown->sha256, sha256, sizeof connection->shown->sha256);
  pt_certificate_key (certificate, connection->shown->key);
  pt_pki_certificate_name (bytes->data, bytes->len, connection->shown->area,
                           connection->shown->device);
}

static void
handshake_cb (GObject *tls, GAsyncResult *result, gpointer data)
{
  g_autoptr (PtConnection) connection = data;

  if (g_tls_connection_handshake_finish (G_TLS_CONNECTION (tls), result, NULL)
      && version_is_sound (G_TLS_CONNECTION (tls)) && !connection->ended)
    {
      connection_keep_shown (connection);
      connection_is_open (connection);
    }
  else
    pt_connection_close (connection);
}

/* A server's connection asks for each that is shown, those that @errors has nothing against too. */
static gboolean
accept_certificate (GTlsConnection *tls, GTlsCertificate *shown, GTlsCertificateFlags errors,
                    gpointer data)
{
  return errors == 0 && pt_certificate_is_of_client (shown);
}

/* GIO has a thread wait for each client that agrees on TLS, and has few of them: ten, and one more
 * each tenth of a second while all are taken. So none begins before the client's first message is
 * there, and who is slow after that is cut soon while others wait. */
static void
connection_shake_hands (PtConnection *connection)
{
  const PtListen *listen = connection->listen;
  g_autoptr (GIOStream) tls
      = g_tls_server_connection_new (connection->base, listen->certificate, NULL);

  if (tls == NULL)
    {
      pt_connection_close (connection);
      return;
    }
  pt_connection_enter (connection, PT_CONNECTION_OPENS);
  g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (tls), FALSE);
  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (tls), protocols);
  g_tls_connection_set_database (G_TLS_CONNECTION (tls), listen->client_ca);
  g_object_set (tls, "authentication-mode", listen->clients, NULL);
  g_set_object (&connection->base, tls);
  connection->is_tls = TRUE;
  g_signal_connect (tls, "accept-certificate", G_CALLBACK (accept_certificate), NULL);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT, NULL, handshake_cb,
                                    g_object_ref (connection));
}

/* The socket wakes nobody before so much is there to read. */
static void
connection_wait_for (PtConnection *connection, guint bytes)
{
  g_socket_set_option (connection->socket, SOL_SOCKET, SO_RCVLOWAT, (gint) bytes, NULL);
}

/* How long the first message of TLS is with its head (RFC 8446 section 5.1), whose bytes are there;
 * 0: it is none, which the library tells the client. */
static guint
hello_size (const guint8 head[HELLO_HEAD])
{
  guint size = (guint) head[3] << 8 | head[4];

  return head[0] == HELLO_TYPE && head[1] == HELLO_MAJOR && size <= HELLO_MAX ? HELLO_HEAD + size
                                                                              : 0;
}

/* Nothing is taken from the socket. */
static gboolean
connection_hear_hello (GSocket *socket, GIOCondition condition, gpointer data)
{
  PtConnection *connection = data;
  guint8 hello[HELLO_HEAD + HELLO_MAX];
  gssize size = recv (g_socket_get_fd (socket), hello, sizeof hello, MSG_PEEK | MSG_DONTWAIT);
  guint whole = size >= HELLO_HEAD ? hello_size (hello) : HELLO_HEAD;

  if (!connection->ended && size >= HELLO_HEAD && (guint) size < whole && connection->hello == 0)
    {
      connection->hello = whole;
      connection_wait_for (connection, whole);
      return G_SOURCE_CONTINUE;
    }
  g_clear_pointer (&connection->opening_source, g_source_unref);
  connection_wait_for (connection, 1);
  connection->hello = whole;
  /* What woke us with less than it was to is the client's end. */
  if (connection->ended || size < HELLO_HEAD || (guint) size < whole)
    pt_connection_close (connection);
  else
    connection_shake_hands (connection);
  return G_SOURCE_REMOVE;
}

gboolean
pt_connection_waits_for_thread (PtConnection *connection)
{
  int unread = 0;

  g_return_val_if_fail (PT_IS_CONNECTION (connection), FALSE);

  return connection->state == PT_CONNECTION_OPENS && connection->is_tls && !connection->ended
         && ioctl (g_socket_get_fd (connection->socket), FIONREAD, &unread) == 0
         && (guint) unread >= MAX (connection->hello, 1);
}

static void
connection_listen (PtConnection *connection, GSocketSourceFunc heard)
{
  connection->opening_source = g_socket_create_source (connection->socket, G_IO_IN, NULL);
  g_source_set_callback (connection->opening_source, G_SOURCE_FUNC (heard),
                         g_object_ref (connection), g_object_unref);
  g_source_attach (connection->opening_source, NULL);
}

static void
connection_agree (PtConnection *connection)
{
  if (connection->listen->certificate == NULL)
    {
      connection_is_open (connection);
      return;
    }
  connection_wait_for (connection, HELLO_HEAD);
  connection_listen (connection, connection_hear_hello);
}

/* What TLS or the request begins with stays unread: as much is taken from the socket as belongs to
 * the head. -1: it failed, or there is none; 0: more is to come. */
static gssize
connection_read_proxy (PtConnection *connection, PtProxyHead *head)
{
  GByteArray *ahead = connection->ahead;
  guint8 buffer[READ_SIZE];
  int descriptor = g_socket_get_fd (connection->socket);
  gssize size = recv (descriptor, buffer, PT_PROXY_HEAD_MAX, MSG_PEEK | MSG_DONTWAIT);
  guint before = ahead->len;
  const char *wrong;
  gsize length;

  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return 0;
  if (size <= 0)
    return -1;
  g_byte_array_append (ahead, buffer, (guint) size);
  length = pt_proxy_head (head, ahead->data, ahead->len, &wrong);
  if (wrong != NULL)
    return -1;
  if (length > 0)
    g_byte_array_set_size (ahead, (guint) length);
  size = recv (descriptor, buffer, ahead->len - before, MSG_DONTWAIT);
  return size == (gssize) (ahead->len - before) ? (gssize) length : -1;
}

/* Who is behind the proxy is who is meant from now on. */
static gboolean
connection_take_name (PtConnection *connection, const PtProxyHead *head)
{
  g_autoptr (GSocketAddress) address = pt_proxy_head_address (head);
  g_autofree char *who = NULL;

  if (address == NULL)
    return TRUE;
  who = pt_client_name (address, (const char *const *) connection->listen->proxies);
  connection->remote = g_steal_pointer (&address);
  if (connection->events.named != NULL
      && !connection->events.named (connection, who, connection->events.data))
    return FALSE;
  connection->who = g_steal_pointer (&who);
  return TRUE;
}

static gboolean
connection_hear_proxy (GSocket *socket, GIOCondition condition, gpointer data)
{
  PtConnection *connection = data;
  PtProxyHead head;
  gssize length = connection->ended ? -1 : connection_read_proxy (connection, &head);

  if (length == 0)
    return G_SOURCE_CONTINUE;
  g_byte_array_set_size (connection->ahead, 0);
  g_clear_pointer (&connection->opening_source, g_source_unref);
  if (length > 0 && connection_take_name (connection, &head))
    connection_agree (connection);
  else
    pt_connection_close (connection);
  return G_SOURCE_REMOVE;
}

void
pt_connection_open (PtConnection *connection)
{
  g_return_if_fail (PT_IS_CONNECTION (connection));

  if (!connection->listen->proxy_protocol || connection->who != NULL)
    {
      connection_agree (connection);
      return;
    }
  connection_listen (connection, connection_hear_proxy);
}
