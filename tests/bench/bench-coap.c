/* SPDX-License-Identifier: Apache-2.0 */
/* Pre-signed reports over DTLS sessions that stay, one on its way in each, by one thread that does
 * nothing else; OpenSSL under messages made by hand, so that libcoap's client is not what is
 * measured. The reports are those of `bench-post sign`:
 *     bench-coap keys COUNT FILE                               shared keys, for [coap] psk_file
 *     bench-coap send PORT SESSIONS IN-FLIGHT FILE             prints a line of JSON */
#include "pt-bench-latency.h"
#include "pt-compact.h"
#include "pt-entry.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDENTITY "bench/post-%05u"
#define KEY_SIZE 16
#define HEAD 11 /* of a request; see client_send () */
#define MESSAGE_MAX (HEAD + PT_COMPACT_MAX)
#define CODE_EMPTY 0
#define CODE_POST 2
#define CODE_CHANGED 68 /* 2.04 */
#define KIND(byte) ((byte) >> 4 & 3)
#define AGAIN_US (2 * G_USEC_PER_SEC) /* ACK_TIMEOUT of RFC 7252 section 4.8 */
#define LOOK_MS 500
#define EVENTS_MAX 64

static void
fail (const char *what)
{
  g_printerr ("bench-coap: %s\n", what);
  exit (1);
}

static void
key_of (guint number, guint8 key[KEY_SIZE])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *text = g_strdup_printf ("bench session %u", number);
  guint8 digest[32];
  gsize size = sizeof digest;

  g_checksum_update (sum, (const guchar *) text, -1);
  g_checksum_get_digest (sum, digest, &size);
  memcpy (key, digest, KEY_SIZE);
}

static void
write_keys (guint count, const char *path)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < count; i++)
    {
      guint8 key[KEY_SIZE];

      key_of (i, key);
      g_string_append_printf (text, IDENTITY ":", i);
      for (guint at = 0; at < KEY_SIZE; at++)
        g_string_append_printf (text, "%02x", key[at]);
      g_string_append_c (text, '\n');
    }
  if (!g_file_set_contents_full (path, text->str, (gssize) text->len,
                                 G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL))
    fail ("the keys can't be written");
}

/* Sessions */

typedef struct
{
  guint number;
  int socket;
  SSL *ssl;
  GPtrArray *bodies;  /* GBytes, compact reports */
  guint next;         /* of them; the message's id, and its token, are one more than its place */
  gint64 begun, sent; /* begun 0: nothing is on its way */
  guint8 message[MESSAGE_MAX];
  gsize size;
} Client;

typedef struct
{
  guint64 accepted;
  guint failed, under_way, again;
  GArray *latencies; /* guint32, us */
  GQueue idle;       /* clients that have more to say */
} Tally;

static guint
tell_key (SSL *ssl, const char *hint, char *identity, guint identity_size, guint8 *key, guint size)
{
  const Client *client = SSL_get_app_data (ssl);

  g_snprintf (identity, identity_size, IDENTITY, client->number);
  g_assert (size >= KEY_SIZE);
  key_of (client->number, key);
  return KEY_SIZE;
}

static void
client_connect (Client *client, SSL_CTX *context, guint port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((guint16) port) };
  BIO *bio;
  int done;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  client->socket = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (client->socket < 0
      || connect (client->socket, (struct sockaddr *) &address, sizeof address) != 0)
    fail ("no socket");
  bio = BIO_new_dgram (client->socket, BIO_NOCLOSE);
  BIO_ctrl (bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &address);
  client->ssl = SSL_new (context);
  SSL_set_app_data (client->ssl, client);
  SSL_set_bio (client->ssl, bio, bio);
  while ((done = SSL_connect (client->ssl)) != 1)
    {
      struct pollfd waits = { .fd = client->socket, .events = POLLIN };

      if (SSL_get_error (client->ssl, done) != SSL_ERROR_WANT_READ)
        fail ("a handshake failed");
      if (poll (&waits, 1, 1000) == 0)
        DTLSv1_handle_timeout (client->ssl);
    }
}

static void
client_say (Client *client)
{
  client->sent = g_get_monotonic_time ();
  if (SSL_write (client->ssl, client->message, (int) client->size) <= 0)
    fail ("a session was ended");
}

static void
client_send (Client *client, Tally *tally)
{
  guint id = client->next + 1;
  const guint8 head[HEAD]
      = { 1 << 6 | 2, CODE_POST, (guint8) (id >> 8), (guint8) id, (guint8) (id >> 8), (guint8) id,
          0xb1,       'r', /* Uri-Path */
          0x11,       60,  /* Content-Format: CBOR */
          0xff };
  gsize size;
  const void *body = g_bytes_get_data (g_ptr_array_index (client->bodies, client->next++), &size);

  memcpy (client->message, head, HEAD);
  memcpy (client->message + HEAD, body, size);
  client->size = HEAD + size;
  tally->under_way++;
  client_say (client);
  client->begun = client->sent;
}

static void
client_hear (Client *client, Tally *tally, const guint8 *answer, gsize size)
{
  guint8 acknowledgement[] = { 1 << 6 | 2 << 4, CODE_EMPTY, 0, 0 };
  guint32 latency = (guint32) (g_get_monotonic_time () - client->begun);

  if (size < 6 || answer[1] == CODE_EMPTY)
    return;
  memcpy (acknowledgement + 2, answer + 2, 2);
  if (KIND (answer[0]) == 0
      && SSL_write (client->ssl, acknowledgement, sizeof acknowledgement) <= 0)
    fail ("a session was ended");
  if (client->begun == 0 || memcmp (answer + 4, client->message + 4, 2) != 0)
    return;
  client->begun = 0;
  tally->under_way--;
  if (answer[1] == CODE_CHANGED)
    tally->accepted++;
  else
    tally->failed++;
  g_array_append_val (tally->latencies, latency);
  if (client->next < client->bodies->len)
    g_queue_push_tail (&tally->idle, client);
}

static void
client_read (Client *client, Tally *tally)
{
  guint8 answer[1500];
  int got;

  while ((got = SSL_read (client->ssl, answer, sizeof answer)) > 0)
    client_hear (client, tally, answer, (gsize) got);
  if (SSL_get_error (client->ssl, got) != SSL_ERROR_WANT_READ)
    fail ("a session was ended");
}

/* What was lost on its way is said once more, as a device does. */
static void
repeat_lost (Client *clients, guint sessions, Tally *tally)
{
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < sessions; i++)
    if (clients[i].begun != 0 && now - clients[i].sent > AGAIN_US)
      {
        client_say (&clients[i]);
        tally->again++;
      }
}

static void
send_all (Client *clients, guint sessions, guint in_flight, Tally *tally)
{
  int waits = epoll_create1 (EPOLL_CLOEXEC);
  gint64 looked = g_get_monotonic_time ();

  for (guint i = 0; i < sessions; i++)
    {
      struct epoll_event event = { .events = EPOLLIN, .data = { .ptr = &clients[i] } };

      if (epoll_ctl (waits, EPOLL_CTL_ADD, clients[i].socket, &event) != 0)
        fail ("no epoll");
      if (clients[i].bodies->len > 0)
        g_queue_push_tail (&tally->idle, &clients[i]);
    }
  while (tally->under_way > 0 || tally->idle.length > 0)
    {
      struct epoll_event events[EVENTS_MAX];
      int count;

      while (tally->under_way < in_flight && tally->idle.length > 0)
        client_send (g_queue_pop_head (&tally->idle), tally);
      count = epoll_wait (waits, events, EVENTS_MAX, LOOK_MS);
      for (int i = 0; i < count; i++)
        client_read (events[i].data.ptr, tally);
      if (g_get_monotonic_time () - looked > LOOK_MS * 1000)
        {
          looked = g_get_monotonic_time ();
          repeat_lost (clients, sessions, tally);
        }
    }
  close (waits);
}

/* The reports */

static void
deal_out (Client *clients, guint sessions, const char *path)
{
  g_autofree char *text = NULL;
  guint number = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    fail ("the reports can't be read");
  for (char *line = text, *end; (end = strchr (line, '\n')) != NULL; line = end + 1)
    {
      PtCompactReport report;
      PtEntry entry;
      guint8 bytes[PT_COMPACT_MAX];
      gsize size;

      if (pt_entry_parse (pt_span (line, (gsize) (end - line)), PT_ENTRY_SIGNED, &entry) != PT_OK)
        fail ("that is no report");
      pt_compact_from_entry (&entry, &report);
      if (pt_compact_write (&report, bytes, sizeof bytes, &size) != PT_OK)
        fail ("a report has no compact form");
      g_ptr_array_add (clients[number++ % sessions].bodies, g_bytes_new (bytes, size));
    }
}

static void
print_tally (Tally *tally, double seconds, double handshakes)
{
  g_array_sort (tally->latencies, pt_bench_compare_latencies);
  g_print ("{\"accepted\":%" G_GUINT64_FORMAT ",\"failed\":%u,\"again\":%u,\"seconds\":%.6f,"
           "\"reports_per_s\":%.1f,\"handshakes_per_s\":%.1f,\"ack_ms_p50\":%.3f,"
           "\"ack_ms_p99\":%.3f}\n",
           tally->accepted, tally->failed, tally->again, seconds,
           (double) tally->accepted / MAX (seconds, 1e-6), handshakes,
           pt_bench_percentile (tally->latencies, 50), pt_bench_percentile (tally->latencies, 99));
}

static SSL_CTX *
context_new (void)
{
  SSL_CTX *context = SSL_CTX_new (DTLS_client_method ());

  if (context == NULL || SSL_CTX_set_cipher_list (context, "PSK-AES128-GCM-SHA256") != 1)
    fail ("no DTLS");
  SSL_CTX_set_psk_client_callback (context, tell_key);
  return context;
}

static void
send_file (guint port, guint sessions, guint in_flight, const char *path)
{
  g_autofree Client *clients = g_new0 (Client, sessions);
  g_autoptr (GArray) latencies = g_array_new (FALSE, FALSE, sizeof (guint32));
  SSL_CTX *context = context_new ();
  Tally tally = { .latencies = latencies };
  struct rlimit files;
  gint64 begun = g_get_monotonic_time ();
  double handshakes;

  if (getrlimit (RLIMIT_NOFILE, &files) == 0)
    {
      files.rlim_cur = files.rlim_max;
      setrlimit (RLIMIT_NOFILE, &files);
    }
  for (guint i = 0; i < sessions; i++)
    {
      clients[i].number = i;
      clients[i].bodies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      client_connect (&clients[i], context, port);
    }
  handshakes = sessions * (double) G_USEC_PER_SEC / (double) (g_get_monotonic_time () - begun);
  deal_out (clients, sessions, path);
  begun = g_get_monotonic_time ();
  send_all (clients, sessions, in_flight, &tally);
  print_tally (&tally, (double) (g_get_monotonic_time () - begun) / G_USEC_PER_SEC, handshakes);
  for (guint i = 0; i < sessions; i++)
    {
      g_ptr_array_unref (clients[i].bodies);
      SSL_free (clients[i].ssl);
      close (clients[i].socket);
    }
  SSL_CTX_free (context);
}

static guint
number (const char *text)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT32, &value, NULL))
    fail ("give whole numbers");
  return (guint) value;
}

int
main (int argc, char **argv)
{
  if (argc == 4 && g_str_equal (argv[1], "keys"))
    write_keys (number (argv[2]), argv[3]);
  else if (argc == 6 && g_str_equal (argv[1], "send"))
    send_file (number (argv[2]), number (argv[3]), number (argv[4]), argv[5]);
  else
    fail ("see the top of its source");
  return 0;
}
