/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pt-coap-private.h"
#include "pt-error.h"

#define PORT 5683 /* of CoAP (RFC 7252 section 12.6) */
#define PORT_DTLS 5684
#define TURNS 256    /* datagrams, before answers are looked at again */
#define END_MS 10000 /* that what is on its way has to come to its end */
#define LOOK_MS 100  /* how often it is looked at meanwhile */

PtCoap *
pt_coap_ref (PtCoap *coap)
{
  g_return_val_if_fail (coap != NULL, NULL);

  g_atomic_ref_count_inc (&coap->count);
  return coap;
}

void
pt_coap_unref (PtCoap *coap)
{
  if (coap == NULL || !g_atomic_ref_count_dec (&coap->count))
    return;
  g_async_queue_unref (coap->answers);
  g_hash_table_unref (coap->requests);
  g_hash_table_unref (coap->peers);
  pt_coap_keys_free (coap->keys);
  pt_coap_files_free (coap->files);
  pt_coap_oscore_free (coap->oscore);
  pt_traffic_unref (coap->traffic);
  close (coap->wake);
  g_free (coap->certificate);
  g_free (coap->key);
  g_free (coap->client_ca);
  g_free (coap->psk_file);
  g_free (coap->text);
  g_free (coap);
}

void
pt_coap_wake (PtCoap *coap)
{
  guint64 one = 1;

  g_return_if_fail (coap != NULL);

  if (write (coap->wake, &one, sizeof one) < 0 && errno != EAGAIN)
    g_warning ("Answers over CoAP are late: %s", g_strerror (errno));
}

/* Keys and certificates */

static gboolean
mouth_read_keys (PtCoap *coap, PtCoapKeys **keys, GError **error)
{
  *keys = NULL;
  if (coap->psk_file == NULL)
    return TRUE;
  *keys = pt_coap_keys_read (coap->psk_file, error);
  return *keys != NULL;
}

static gboolean
mouth_read_files (PtCoap *coap, PtCoapFiles **files, GError **error)
{
  *files = NULL;
  if (coap->certificate == NULL)
    return TRUE;
  *files = pt_coap_files_read (coap->certificate, coap->key, coap->client_ca, error);
  return *files != NULL;
}

static void
mouth_reload_keys (PtCoap *coap)
{
  g_autoptr (GError) error = NULL;
  PtCoapKeys *keys;

  if (!mouth_read_keys (coap, &keys, &error))
    {
      g_warning ("%s The keys stay as they were.", error->message);
      return;
    }
  pt_coap_keys_free (coap->keys);
  coap->keys = keys;
  pt_coap_context_drop_changed (coap);
}

/* libcoap keeps authorities and secrets that it was once told of, so all of it begins anew. */
static void
mouth_begin_anew (PtCoap *coap)
{
  g_autoptr (GError) error = NULL;

  if (pt_coap_context_open (coap, &error))
    return;
  g_warning ("No CoAP any more. %s", error->message);
  pt_coap_context_close (coap);
}

static void
mouth_reload_oscore (PtCoap *coap)
{
  g_autoptr (GError) error = NULL;
  gboolean begin;

  if (!pt_coap_oscore_reload (coap->oscore, &begin, &error))
    g_warning ("%s The keys stay as they were.", error->message);
  if (!begin)
    return;
  pt_coap_context_close (coap);
  mouth_begin_anew (coap);
}

static void
mouth_reload_files (PtCoap *coap)
{
  g_autoptr (PtCoapFiles) files = NULL;
  g_autoptr (GError) error = NULL;

  if (!mouth_read_files (coap, &files, &error))
    {
      g_warning ("%s The certificates stay as they were.", error->message);
      return;
    }
  if (pt_coap_files_equal (files, coap->files))
    return;
  pt_coap_context_close (coap);
  pt_coap_files_free (coap->files);
  coap->files = g_steal_pointer (&files);
  mouth_begin_anew (coap);
}

static void
mouth_reload (PtCoap *coap)
{
  if (coap->oscore != NULL)
    {
      mouth_reload_oscore (coap);
      return;
    }
  mouth_reload_keys (coap);
  mouth_reload_files (coap);
}

/* The thread */

static void
mouth_hear_answers (PtCoap *coap)
{
  PtCoapRequest *request;
  guint64 count;

  if (read (coap->wake, &count, sizeof count) < 0 && errno != EAGAIN)
    g_warning ("Answers over CoAP are late: %s", g_strerror (errno));
  while ((request = g_async_queue_try_pop (coap->answers)) != NULL)
    pt_coap_request_answer (request);
}

static gboolean
mouth_let (PtCoap *coap)
{
  return coap->oscore != NULL ? pt_coap_oscore_let (coap->oscore) : pt_coap_gate_let (coap->gate);
}

/* libcoap takes a datagram a turn, and its clock is the event without one. */
static void
mouth_read (PtCoap *coap)
{
  struct epoll_event events[8];
  int fd = coap_context_get_coap_fd (coap->context);
  int count = epoll_wait (fd, events, G_N_ELEMENTS (events), 0);

  for (int i = 0; i < count; i++)
    if (events[i].data.ptr == NULL)
      coap_io_do_epoll (coap->context, &events[i], 1);
    else
      for (guint turn = 0; turn < TURNS && mouth_let (coap); turn++)
        {
          coap_io_do_epoll (coap->context, &events[i], 1);
          if (coap->oscore != NULL)
            pt_coap_oscore_was_let (coap->oscore);
        }
}

static void
mouth_wait (PtCoap *coap, gint64 end)
{
  GPollFD fds[2] = { { .fd = coap->wake, .events = G_IO_IN } };
  guint count = 1;

  if (coap->context != NULL)
    {
      coap_tick_t now;

      coap_ticks (&now);
      coap_io_prepare_epoll (coap->context, now);
      fds[count++] = (GPollFD){ .fd = coap_context_get_coap_fd (coap->context), .events = G_IO_IN };
    }
  g_poll (fds, count, end > 0 ? LOOK_MS : -1);
  mouth_hear_answers (coap);
  if (coap->context != NULL)
    mouth_read (coap);
}

/* Nothing is taken any more, but what was is answered. */
static gboolean
mouth_is_over (PtCoap *coap, gint64 *end)
{
  if (!g_atomic_int_get (&coap->is_ending))
    return FALSE;
  if (*end == 0)
    *end = g_get_monotonic_time () + END_MS * 1000;
  return g_hash_table_size (coap->requests) == 0 || g_get_monotonic_time () > *end;
}

static gpointer
mouth_thread (gpointer data)
{
  PtCoap *coap = data;
  gint64 end = 0;
  gint reloads = 0;

  while (!mouth_is_over (coap, &end))
    {
      mouth_wait (coap, end);
      if (reloads == g_atomic_int_get (&coap->reloads))
        continue;
      reloads = g_atomic_int_get (&coap->reloads);
      mouth_reload (coap);
    }
  pt_coap_context_close (coap);
  return NULL;
}

/* From outside */

static gboolean
mouth_set_address (PtCoap *coap, const char *listen, GError **error)
{
  guint16 port = coap->oscore != NULL ? PORT : PORT_DTLS;
  g_autoptr (GSocketConnectable) place = g_network_address_parse (listen, port, NULL);
  g_autoptr (GSocketAddress) address = NULL;

  if (place != NULL)
    address = g_inet_socket_address_new_from_string (
        g_network_address_get_hostname (G_NETWORK_ADDRESS (place)),
        g_network_address_get_port (G_NETWORK_ADDRESS (place)));
  coap_address_init (&coap->address);
  if (address != NULL
      && g_socket_address_to_native (address, &coap->address.addr, sizeof coap->address.addr, NULL))
    {
      coap->address.size = (socklen_t) g_socket_address_get_native_size (address);
      return TRUE;
    }
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "%s is no numeric address and port, such as 0.0.0.0:%u or [::]:%u.", listen, port,
               port);
  return FALSE;
}

static gboolean
mouth_open_oscore (PtCoap *coap, const PtCoapOptions *options, const char **key, GError **error)
{
  *key = "oscore_listen";
  if (!pt_coap_has_oscore ())
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                           "The libcoap here has no OSCORE: Debian 13's (4.3.4) has it, Debian "
                           "12's has not. Leave the line out, or build powertrackd with another.");
      return FALSE;
    }
  *key = "oscore_file";
  coap->oscore
      = pt_coap_oscore_new (options->oscore_file, options->oscore_numbers, &coap->taken, error);
  if (coap->oscore == NULL)
    return FALSE;
  *key = "oscore_listen";
  return mouth_set_address (coap, options->listen, error) && pt_coap_context_open (coap, error);
}

static gboolean
mouth_open (PtCoap *coap, const char *listen, const char **key, GError **error)
{
  *key = "psk_file";
  if (!mouth_read_keys (coap, &coap->keys, error))
    return FALSE;
  *key = "certificate";
  if (!mouth_read_files (coap, &coap->files, error))
    return FALSE;
  *key = "listen";
  return mouth_set_address (coap, listen, error) && pt_coap_context_open (coap, error);
}

static void
peer_free (gpointer peer)
{
  pt_coap_peer_free (peer);
}

PtCoap *
pt_coap_new (const PtCoapOptions *options, const PtIntakeDevices *devices, const char **key,
             GError **error)
{
  PtCoap *coap;
  gboolean good;

  g_return_val_if_fail (options != NULL && devices != NULL && key != NULL, NULL);
  g_return_val_if_fail (options->listen != NULL, NULL);

  coap = g_new0 (PtCoap, 1);
  g_atomic_ref_count_init (&coap->count);
  coap->devices = devices;
  coap->traffic = pt_admission_traffic (pt_intake_admission (devices->intake));
  if (coap->traffic != NULL)
    pt_traffic_ref (coap->traffic);
  coap->certificate = g_strdup (options->certificate);
  coap->key = g_strdup (options->key);
  coap->client_ca = g_strdup (options->client_ca);
  coap->psk_file = g_strdup (options->psk_file);
  coap->sessions = options->sessions;
  coap->idle_ms = options->idle_ms;
  coap->answers = g_async_queue_new ();
  coap->peers = g_hash_table_new_full (NULL, NULL, NULL, peer_free);
  coap->requests = g_hash_table_new (NULL, NULL);
  coap->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  good = options->oscore_file != NULL ? mouth_open_oscore (coap, options, key, error)
                                      : mouth_open (coap, options->listen, key, error);
  if (!good)
    {
      pt_coap_context_close (coap);
      pt_coap_unref (coap);
      return NULL;
    }
  coap->thread = g_thread_new ("coap", mouth_thread, coap);
  return coap;
}

void
pt_coap_free (PtCoap *coap)
{
  PtCoapRequest *late;

  if (coap == NULL)
    return;
  g_atomic_int_set (&coap->is_ending, 1);
  pt_coap_wake (coap);
  g_thread_join (coap->thread);
  while ((late = g_async_queue_try_pop (coap->answers)) != NULL)
    pt_coap_request_free (late);
  pt_coap_unref (coap);
}

void
pt_coap_reload (PtCoap *coap)
{
  g_return_if_fail (coap != NULL);

  g_atomic_int_inc (&coap->reloads);
  pt_coap_wake (coap);
}

const char *
pt_coap_address (PtCoap *coap)
{
  g_return_val_if_fail (coap != NULL, NULL);

  return coap->text;
}
