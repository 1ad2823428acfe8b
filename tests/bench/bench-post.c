/* SPDX-License-Identifier: Apache-2.0 */
/* Pre-signed reports over HTTP connections that stay, with as little of the machine as one thread
 * can do it with, so that what is measured is whoever takes them:
 *     bench-post devices COUNT FILE                    for `powertrack device register --csv`
 *     bench-post sign COUNT REPORTS AFTER FILE         one a line, the devices by turns, counters
 * above AFTER bench-post send PORT CONNECTIONS LINES COUNT FILE  LINES a request; prints a line of
 * JSON */
#include "pt-bench-latency.h"
#include "pt-entry.h"
#include "pt-p256.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define AREA "bench"
#define LAT 255941000
#define LON 851376000
#define STEP 12000
#define ROW 316
#define REPORT_MAX 1024
#define ANSWER_MAX (64 * 1024)
#define EVENTS_MAX 64

static void
fail (const char *what)
{
  g_printerr ("bench-post: %s\n", what);
  exit (1);
}

/* Devices and reports */

static PtP256Key *
key_of (guint number)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *text = g_strdup_printf ("bench device %u", number);
  guint8 scalar[32];
  gsize size = sizeof scalar;

  g_checksum_update (sum, (const guchar *) text, -1);
  g_checksum_get_digest (sum, scalar, &size);
  return pt_p256_key_from_scalar (scalar);
}

static gint64
lat_of (guint number)
{
  return LAT + (gint64) (number / ROW) * STEP;
}

static gint64
lon_of (guint number)
{
  return LON + (gint64) (number % ROW) * STEP;
}

static char *
base64url (const guint8 *bytes, gsize size)
{
  char *text = g_base64_encode (bytes, size);

  g_strdelimit (g_strdelimit (text, "+", '-'), "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

static void
write_devices (guint count, const char *path)
{
  g_autoptr (GString) text = g_string_new ("area,device,site,key,lat,lon,level,customers,feeder\n");

  for (guint i = 0; i < count; i++)
    {
      PtP256Key *key = key_of (i);
      guint8 public_key[PT_PUBLIC_KEY_SIZE];
      g_autofree char *shown = NULL;

      pt_p256_key_public (key, public_key);
      pt_p256_key_free (key);
      shown = base64url (public_key, sizeof public_key);
      g_string_append_printf (text, AREA ",post-%05u,P-%05u,%s,%.7f,%.7f,transformer,100,\n", i, i,
                              shown, (double) lat_of (i) / 1e7, (double) lon_of (i) / 1e7);
    }
  if (!g_file_set_contents (path, text->str, (gssize) text->len, NULL))
    fail ("the list can't be written");
}

static void
sign_report (GString *text, const PtSigner *signer, guint device, gint64 seq, gint64 now)
{
  g_autofree char *name = g_strdup_printf ("post-%05u", device);
  g_autofree char *site = g_strdup_printf ("P-%05u", device);
  PtEntry fields = { .kind = PT_ENTRY_REPORT,
                     .area = pt_span (AREA, strlen (AREA)),
                     .device = pt_span (name, strlen (name)),
                     .site = pt_span (site, strlen (site)),
                     .lat = lat_of (device),
                     .lon = lon_of (device),
                     .power = seq % 10 == 0 ? PT_POWER_OFF : PT_POWER_ON,
                     .seq = seq,
                     .ts = now };
  PtEntry entry;
  char plain[REPORT_MAX], report[REPORT_MAX];
  gsize size;

  if (pt_entry_write (&fields, plain, sizeof plain, &size) != PT_OK
      || pt_entry_parse (pt_span (plain, size), PT_ENTRY_UNSIGNED, &entry) != PT_OK
      || pt_entry_sign (&entry, signer, report, sizeof report, &size) != PT_OK)
    fail ("a report can't be signed");
  g_string_append_len (text, report, (gssize) size);
  g_string_append_c (text, '\n');
}

static void
write_reports (guint count, guint reports, guint after, const char *path)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree PtP256Key **keys = g_new (PtP256Key *, count);
  g_autofree PtSigner *signers = g_new (PtSigner, count);
  gint64 now = g_get_real_time () / 1000;

  for (guint i = 0; i < count; i++)
    {
      keys[i] = key_of (i);
      if (!pt_p256_signer_init (&signers[i], keys[i]))
        fail ("no signer");
    }
  for (guint i = 0; i < reports; i++)
    sign_report (text, &signers[i % count], i % count, 1 + after + i / count, now);
  for (guint i = 0; i < count; i++)
    {
      pt_p256_signer_clear (&signers[i]);
      pt_p256_key_free (keys[i]);
    }
  if (!g_file_set_contents (path, text->str, (gssize) text->len, NULL))
    fail ("the reports can't be written");
}

/* Sending */

typedef struct
{
  int socket;
  GPtrArray *requests; /* GBytes: a device's are all on one connection, in their order */
  guint next;
  gsize have;
  gint64 begun;
  char answer[ANSWER_MAX];
} Client;

typedef struct
{
  guint64 accepted;
  guint failed, under_way;
  GArray *latencies; /* guint32, us */
} Tally;

static GBytes *
make_request (const char *body, gsize size, guint lines)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text,
                   "POST /api/v1/reports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\n"
                   "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                   lines == 1 ? "application/json" : "application/x-ndjson", size);
  g_string_append_len (text, body, (gssize) size);
  return g_string_free_to_bytes (text);
}

static void
deal_out (Client *clients, guint connections, guint lines, guint count, const char *path)
{
  g_autofree char *text = NULL;
  g_autofree GString **bodies = g_new (GString *, connections);
  g_autofree guint *held = g_new0 (guint, connections);
  guint number = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    fail ("the reports can't be read");
  for (guint i = 0; i < connections; i++)
    bodies[i] = g_string_new (NULL);
  for (char *line = text, *end; (end = strchr (line, '\n')) != NULL; line = end + 1)
    {
      guint who = number++ % count % connections;

      g_string_append_len (bodies[who], line, end - line + 1);
      if (++held[who] < lines)
        continue;
      g_ptr_array_add (clients[who].requests,
                       make_request (bodies[who]->str, bodies[who]->len, lines));
      g_string_truncate (bodies[who], 0);
      held[who] = 0;
    }
  for (guint i = 0; i < connections; i++)
    {
      if (held[i] > 0)
        g_ptr_array_add (clients[i].requests, make_request (bodies[i]->str, bodies[i]->len, lines));
      g_string_free (bodies[i], TRUE);
    }
}

static void
client_connect (Client *client, guint port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((guint16) port) };
  int on = 1;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  client->socket = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (client->socket < 0
      || connect (client->socket, (struct sockaddr *) &address, sizeof address) != 0)
    fail ("nobody listens there");
  setsockopt (client->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void
client_send (Client *client, Tally *tally)
{
  gsize size, at = 0;
  const char *data;

  if (client->next == client->requests->len)
    return;
  data = g_bytes_get_data (g_ptr_array_index (client->requests, client->next++), &size);
  client->begun = g_get_monotonic_time ();
  client->have = 0;
  while (at < size) /* a socket that waits: requests are small, or few */
    {
      gssize sent = send (client->socket, data + at, size - at, MSG_NOSIGNAL);

      if (sent <= 0)
        fail ("a connection was lost");
      at += (gsize) sent;
    }
  tally->under_way++;
}

/* The answer's length once it is all there; 0: not yet. */
static gsize
whole_answer (Client *client)
{
  const char *end, *length;
  gsize size;

  client->answer[client->have] = '\0';
  end = strstr (client->answer, "\r\n\r\n");
  length = end != NULL ? strcasestr (client->answer, "\r\ncontent-length:") : NULL;
  if (length == NULL)
    return 0;
  size = (gsize) (end + 4 - client->answer) + strtoul (length + 17, NULL, 10);
  if (size >= ANSWER_MAX)
    fail ("an answer is too long");
  return client->have >= size ? size : 0;
}

static void
client_read (Client *client, Tally *tally)
{
  gssize got
      = recv (client->socket, client->answer + client->have, ANSWER_MAX - 1 - client->have, 0);
  guint32 latency = (guint32) (g_get_monotonic_time () - client->begun);
  const char *accepted;

  if (got <= 0)
    fail ("a connection was ended");
  client->have += (gsize) got;
  if (whole_answer (client) == 0)
    return;
  tally->under_way--;
  accepted = strstr (client->answer, "\"accepted\":");
  if (strncmp (client->answer, "HTTP/1.1 200", 12) == 0 && accepted != NULL)
    tally->accepted += strtoul (accepted + 11, NULL, 10);
  else
    tally->failed++;
  g_array_append_val (tally->latencies, latency);
  client_send (client, tally);
}

static void
send_all (Client *clients, guint connections, Tally *tally)
{
  int waits = epoll_create1 (EPOLL_CLOEXEC);

  for (guint i = 0; i < connections; i++)
    {
      struct epoll_event event = { .events = EPOLLIN, .data = { .ptr = &clients[i] } };

      if (epoll_ctl (waits, EPOLL_CTL_ADD, clients[i].socket, &event) != 0)
        fail ("no epoll");
      client_send (&clients[i], tally);
    }
  while (tally->under_way > 0)
    {
      struct epoll_event events[EVENTS_MAX];
      int count = epoll_wait (waits, events, EVENTS_MAX, -1);

      for (int i = 0; i < count; i++)
        client_read (events[i].data.ptr, tally);
    }
  close (waits);
}

static void
send_file (guint port, guint connections, guint lines, guint count, const char *path)
{
  g_autofree Client *clients = g_new0 (Client, connections);
  g_autoptr (GArray) latencies = g_array_new (FALSE, FALSE, sizeof (guint32));
  Tally tally = { .latencies = latencies };
  gint64 begun;
  double seconds;

  for (guint i = 0; i < connections; i++)
    {
      clients[i].requests = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      client_connect (&clients[i], port);
    }
  deal_out (clients, connections, lines, count, path);
  begun = g_get_monotonic_time ();
  send_all (clients, connections, &tally);
  seconds = (double) (g_get_monotonic_time () - begun) / G_USEC_PER_SEC;
  g_array_sort (latencies, pt_bench_compare_latencies);
  g_print ("{\"accepted\":%" G_GUINT64_FORMAT ",\"failed\":%u,\"seconds\":%.6f,"
           "\"reports_per_s\":%.1f,\"ack_ms_p50\":%.3f,\"ack_ms_p99\":%.3f}\n",
           tally.accepted, tally.failed, seconds, (double) tally.accepted / MAX (seconds, 1e-6),
           pt_bench_percentile (latencies, 50), pt_bench_percentile (latencies, 99));
  for (guint i = 0; i < connections; i++)
    {
      g_ptr_array_unref (clients[i].requests);
      close (clients[i].socket);
    }
}

static guint
number (const char *text, guint least)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, least, G_MAXINT32, &value, NULL))
    fail ("give whole numbers");
  return (guint) value;
}

int
main (int argc, char **argv)
{
  if (argc == 4 && g_str_equal (argv[1], "devices"))
    write_devices (number (argv[2], 1), argv[3]);
  else if (argc == 6 && g_str_equal (argv[1], "sign"))
    write_reports (number (argv[2], 1), number (argv[3], 1), number (argv[4], 0), argv[5]);
  else if (argc == 7 && g_str_equal (argv[1], "send"))
    send_file (number (argv[2], 1), number (argv[3], 1), number (argv[4], 1), number (argv[5], 1),
               argv[6]);
  else
    fail ("see the top of its source");
  return 0;
}
