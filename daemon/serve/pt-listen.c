/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-listen.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>

#include "pt-certificate.h"
#include "pt-error.h"

#define UNIX "unix:"
#define PORT 8650
#define ADDRESSES_MAX 16
#define HSTS_DAYS 365

/* Addresses */

static gboolean
is_unix (GSocketAddress *address)
{
  return G_IS_UNIX_SOCKET_ADDRESS (address);
}

static gboolean
is_loopback (GSocketAddress *address)
{
  return G_IS_INET_SOCKET_ADDRESS (address)
         && g_inet_address_get_is_loopback (
             g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

static GSocketAddress *
parse_address (const char *text)
{
  g_autoptr (GSocketConnectable) parsed = NULL;
  GNetworkAddress *host;
  const char *name;

  if (g_str_has_prefix (text, UNIX))
    return text[strlen (UNIX)] == '/' ? g_unix_socket_address_new (text + strlen (UNIX)) : NULL;
  parsed = g_network_address_parse (text, PORT, NULL);
  if (parsed == NULL)
    return NULL;
  host = G_NETWORK_ADDRESS (parsed);
  name = g_network_address_get_hostname (host);
  return g_inet_socket_address_new_from_string (
      strcmp (name, "localhost") == 0 ? "127.0.0.1" : name, g_network_address_get_port (host));
}

void
pt_listen_refuse (const PtListen *listen, const char *why, GError **error)
{
  g_return_if_fail (listen != NULL && why != NULL);

  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "Can't listen on %s. Give a free numeric address and port%s in [%s] %s.", why,
               strcmp (listen->section, "http") == 0 ? "" : ", or unix: and a path,",
               listen->section, strcmp (listen->section, "http") == 0 ? "listen" : "address");
}

static gboolean
listen_read_addresses (PtListen *listen, const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ";", ADDRESSES_MAX);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      GSocketAddress *address = parse_address (g_strstrip (parts[i]));

      if (address == NULL)
        {
          pt_listen_refuse (listen, parts[i], error);
          return FALSE;
        }
      g_ptr_array_add (listen->addresses, address);
    }
  if (listen->addresses->len > 0)
    return TRUE;
  pt_listen_refuse (listen, "nothing", error);
  return FALSE;
}

/* The token that administration needs would be there for whoever listens on the way. */
static gboolean
listen_check_administration (const PtListen *listen, GError **error)
{
  if ((listen->serves & PT_SERVES_ADMINISTRATION) == 0 || listen->certificate_path != NULL)
    return TRUE;
  for (guint i = 0; i < listen->addresses->len; i++)
    {
      GSocketAddress *address = g_ptr_array_index (listen->addresses, i);

      if (is_unix (address) || is_loopback (address))
        continue;
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "[%s] would offer administration to other machines without TLS. Give it a "
                   "certificate and key, or have a group [listen NAME] with serves=public;devices "
                   "there and administration on 127.0.0.1 or a unix: path.",
                   listen->section);
      return FALSE;
    }
  return TRUE;
}

/* TLS */

static char *
listen_stamp (const PtListen *listen)
{
  g_autofree char *pair = pt_certificate_stamp (listen->certificate_path, listen->key_path);
  g_autofree char *ca
      = listen->ca_path != NULL ? pt_certificate_stamp (listen->ca_path, listen->ca_path) : NULL;

  return g_strconcat (pair, ca, NULL);
}

static gboolean
listen_read_files (PtListen *listen, GError **error)
{
  g_autoptr (GTlsCertificate) certificate
      = pt_certificate_read (listen->certificate_path, listen->key_path, error);
  g_autoptr (GTlsDatabase) ca = NULL;

  if (certificate == NULL)
    return FALSE;
  if (listen->ca_path != NULL)
    {
      ca = pt_certificate_read_authorities (listen->ca_path, error);
      if (ca == NULL)
        return FALSE;
    }
  g_set_object (&listen->certificate, certificate);
  g_set_object (&listen->client_ca, ca);
  return TRUE;
}

void
pt_listen_reload (PtListen *listen)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (listen != NULL);

  if (listen->certificate_path == NULL)
    return;
  g_free (listen->stamp);
  listen->stamp = listen_stamp (listen);
  if (listen_read_files (listen, &error))
    g_message ("Shows the certificate in %s as it is now.", listen->certificate_path);
  else
    g_warning ("The certificate from before stays: %s", error->message);
}

/* Whoever renews a certificate writes two files, perhaps one after the other: a pair that does not
 * fit is asked for again when it has changed. */
void
pt_listen_look (PtListen *listen)
{
  g_autofree char *stamp = NULL;

  g_return_if_fail (listen != NULL);

  if (listen->certificate_path == NULL)
    return;
  stamp = listen_stamp (listen);
  if (strcmp (stamp, listen->stamp) != 0)
    pt_listen_reload (listen);
}

static gboolean
listen_is_of_this_machine (const PtListen *listen)
{
  for (guint i = 0; i < listen->addresses->len; i++)
    {
      GSocketAddress *address = g_ptr_array_index (listen->addresses, i);

      if (!is_unix (address) && !is_loopback (address))
        return FALSE;
    }
  return TRUE;
}

/* RFC 6797 section 6.1; without TLS nobody may say it (section 7.2). */
static void
listen_choose_hsts (PtListen *listen, gint64 days)
{
  if (days < 0)
    days = listen_is_of_this_machine (listen) ? 0 : HSTS_DAYS;
  if (days > 0)
    listen->hsts = g_strdup_printf ("max-age=%" G_GINT64_FORMAT, days * 86400);
}

static gboolean
listen_use_tls (PtListen *listen, const PtListenOptions *options, GError **error)
{
  if (options->certificate == NULL)
    return TRUE;
  listen->certificate_path = g_strdup (options->certificate);
  listen->key_path = g_strdup (options->key);
  listen->ca_path = g_strdup (options->client_ca);
  listen->clients = options->clients;
  listen->stamp = listen_stamp (listen);
  listen_choose_hsts (listen, options->hsts);
  return listen_read_files (listen, error);
}

PtListen *
pt_listen_new (const PtListenOptions *options, GError **error)
{
  g_autoptr (PtListen) listen = NULL;

  g_return_val_if_fail (options != NULL && options->section != NULL && options->address != NULL,
                        NULL);
  g_return_val_if_fail ((options->certificate == NULL) == (options->key == NULL), NULL);
  g_return_val_if_fail (options->clients == G_TLS_AUTHENTICATION_NONE
                            || (options->certificate != NULL && options->client_ca != NULL),
                        NULL);

  listen = g_new0 (PtListen, 1);
  listen->section = g_strdup (options->section);
  listen->serves = options->serves;
  listen->proxy_protocol = options->proxy_protocol;
  listen->proxies = g_strsplit (options->proxies != NULL ? options->proxies : "", ";", -1);
  for (guint i = 0; listen->proxies[i] != NULL; i++)
    g_strstrip (listen->proxies[i]);
  listen->addresses = g_ptr_array_new_with_free_func (g_object_unref);
  if (!listen_read_addresses (listen, options->address, error)
      || !listen_use_tls (listen, options, error) || !listen_check_administration (listen, error))
    return NULL;
  return g_steal_pointer (&listen);
}

void
pt_listen_free (PtListen *listen)
{
  if (listen == NULL)
    return;
  g_clear_object (&listen->certificate);
  g_clear_object (&listen->client_ca);
  g_strfreev (listen->proxies);
  g_free (listen->hsts);
  g_ptr_array_unref (listen->addresses);
  g_free (listen->section);
  g_free (listen->certificate_path);
  g_free (listen->key_path);
  g_free (listen->ca_path);
  g_free (listen->stamp);
  g_free (listen);
}
