/* SPDX-License-Identifier: Apache-2.0 */
/* Pre-signed reports of `bench-post sign`, in their compact form, through an MQTT broker at QoS 1;
 * a connection hears what devices are answered:
 *     bench-mqtt PORT CA CERTIFICATE KEY CONNECTIONS WINDOW FILE
 * WINDOW: reports that are not answered. Prints a line of JSON. */
#include "pt-bench-latency.h"
#include "pt-compact.h"

#include <glib.h>
#include <mosquitto.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_S 120 /* within which something is answered */
#define TOPIC "powertrack/v1/bench/%.*s/report"
#define ANSWERS "powertrack/v1/bench/+/answer"

typedef struct
{
  char *topic;
  guint8 bytes[PT_COMPACT_MAX];
  gsize size;
  gint64 begun;
} Report;

typedef struct
{
  GMutex lock;
  GCond changed;
  Report *reports;
  GHashTable *numbers; /* "device/seq": index */
  guint ready;         /* connections */
  guint sent, answered, accepted;
  GArray *latencies; /* guint32, us */
} Bench;

static void
fail (const char *what)
{
  g_printerr ("bench-mqtt: %s\n", what);
  exit (1);
}

/* Reports */

static void
bench_add (Bench *bench, GArray *reports, const char *line, gsize size)
{
  PtEntry entry;
  PtCompactReport compact;
  Report report = { 0 };
  g_autofree char *name = NULL;

  if (pt_entry_parse (pt_span (line, size), PT_ENTRY_SIGNED, &entry) != PT_OK)
    fail ("that is no report");
  pt_compact_from_entry (&entry, &compact);
  if (pt_compact_write (&compact, report.bytes, sizeof report.bytes, &report.size) != PT_OK)
    fail ("a report has no compact form");
  report.topic = g_strdup_printf (TOPIC, (int) entry.device.size, entry.device.data);
  name = g_strdup_printf ("%.*s/%" G_GINT64_FORMAT, (int) entry.device.size, entry.device.data,
                          (gint64) entry.seq);
  g_hash_table_insert (bench->numbers, g_steal_pointer (&name), GUINT_TO_POINTER (reports->len));
  g_array_append_val (reports, report);
}

static guint
bench_read (Bench *bench, const char *path)
{
  g_autofree char *text = NULL;
  GArray *reports = g_array_new (FALSE, FALSE, sizeof (Report));
  guint count;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    fail ("the reports can't be read");
  for (char *line = text, *end; (end = strchr (line, '\n')) != NULL; line = end + 1)
    bench_add (bench, reports, line, (gsize) (end - line));
  count = reports->len;
  bench->reports = (Report *) g_array_free (reports, FALSE);
  return count;
}

/* Answers */

/* powertrack/v1/bench/DEVICE/answer, {"accepted":[SEQ],...} */
static void
message_cb (struct mosquitto *client, void *data, const struct mosquitto_message *message)
{
  static const char begins[] = "{\"accepted\":[";
  Bench *bench = data;
  g_auto (GStrv) levels = g_strsplit (message->topic, "/", -1);
  g_autofree char *text = g_strndup (message->payload, (gsize) message->payloadlen);
  g_autofree char *name = NULL;
  gpointer number;

  if (g_strv_length (levels) != 5)
    return;
  g_mutex_lock (&bench->lock);
  bench->answered++;
  if (g_str_has_prefix (text, begins))
    {
      name = g_strdup_printf ("%s/%" G_GINT64_FORMAT, levels[3],
                              g_ascii_strtoll (text + strlen (begins), NULL, 10));
      if (g_hash_table_lookup_extended (bench->numbers, name, NULL, &number))
        {
          guint32 latency = (guint32) (g_get_monotonic_time ()
                                       - bench->reports[GPOINTER_TO_UINT (number)].begun);

          bench->accepted++;
          g_array_append_val (bench->latencies, latency);
        }
    }
  g_cond_signal (&bench->changed);
  g_mutex_unlock (&bench->lock);
}

static void
bench_is_ready (Bench *bench)
{
  g_mutex_lock (&bench->lock);
  bench->ready++;
  g_cond_signal (&bench->changed);
  g_mutex_unlock (&bench->lock);
}

static void
subscribe_cb (struct mosquitto *client, void *data, int number, int count, const int *granted)
{
  if (count != 1 || granted[0] > 2)
    fail ("the broker lets nobody hear the answers");
  bench_is_ready (data);
}

static void
connect_cb (struct mosquitto *client, void *data, int result)
{
  if (result != 0)
    fail ("the broker refuses");
  bench_is_ready (data);
}

/* Sending */

static struct mosquitto *
client_new (Bench *bench, char **arguments, guint window)
{
  struct mosquitto *client = mosquitto_new (NULL, TRUE, bench);

  mosquitto_int_option (client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V311);
  mosquitto_int_option (client, MOSQ_OPT_SEND_MAXIMUM, (int) window);
  mosquitto_int_option (client, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_connect_callback_set (client, connect_cb);
  mosquitto_subscribe_callback_set (client, subscribe_cb);
  mosquitto_message_callback_set (client, message_cb);
  if (mosquitto_tls_set (client, arguments[2], NULL, arguments[3], arguments[4], NULL)
          != MOSQ_ERR_SUCCESS
      || mosquitto_connect (client, "127.0.0.1", atoi (arguments[1]), 60) != MOSQ_ERR_SUCCESS
      || mosquitto_loop_start (client) != MOSQ_ERR_SUCCESS)
    fail ("the broker can't be reached");
  return client;
}

/* Until @count are ready, or no more than @most are not answered. */
static void
bench_wait (Bench *bench, guint count, guint most)
{
  gint64 until = g_get_monotonic_time () + ANSWER_S * G_USEC_PER_SEC;

  g_mutex_lock (&bench->lock);
  while (bench->ready < count || bench->sent - bench->answered > most)
    if (!g_cond_wait_until (&bench->changed, &bench->lock, until))
      fail ("something is not answered");
  g_mutex_unlock (&bench->lock);
}

static void
bench_send (Bench *bench, struct mosquitto **clients, guint connections, guint window, guint count)
{
  for (guint i = 0; i < count; i++)
    {
      Report *report = &bench->reports[i];

      bench_wait (bench, 0, window - 1);
      g_mutex_lock (&bench->lock);
      report->begun = g_get_monotonic_time ();
      bench->sent++;
      g_mutex_unlock (&bench->lock);
      /* A device's are all on one connection, in their order. */
      if (mosquitto_publish (clients[g_str_hash (report->topic) % connections], NULL, report->topic,
                             (int) report->size, report->bytes, 1, FALSE)
          != MOSQ_ERR_SUCCESS)
        fail ("a connection was lost");
    }
  bench_wait (bench, 0, 0);
}

static void
bench_tell (Bench *bench, double seconds)
{
  g_array_sort (bench->latencies, pt_bench_compare_latencies);
  g_print ("{\"accepted\":%u,\"failed\":%u,\"seconds\":%.6f,\"reports_per_s\":%.1f,"
           "\"ack_ms_p50\":%.3f,\"ack_ms_p99\":%.3f}\n",
           bench->accepted, bench->answered - bench->accepted, seconds,
           bench->accepted / MAX (seconds, 1e-6), pt_bench_percentile (bench->latencies, 50),
           pt_bench_percentile (bench->latencies, 99));
}

int
main (int argc, char **argv)
{
  Bench bench = { 0 };
  guint connections, window, count;
  struct mosquitto **clients;
  gint64 begun;

  if (argc != 8 || (connections = (guint) atoi (argv[5])) == 0
      || (window = (guint) atoi (argv[6])) == 0)
    fail ("see the top of its source");
  mosquitto_lib_init ();
  g_mutex_init (&bench.lock);
  g_cond_init (&bench.changed);
  bench.numbers = g_hash_table_new (g_str_hash, g_str_equal);
  bench.latencies = g_array_new (FALSE, FALSE, sizeof (guint32));
  count = bench_read (&bench, argv[7]);
  clients = g_new (struct mosquitto *, connections + 1);
  for (guint i = 0; i <= connections; i++)
    clients[i] = client_new (&bench, argv, window);
  bench_wait (&bench, connections + 1, 0);
  mosquitto_subscribe (clients[connections], NULL, ANSWERS, 0);
  bench_wait (&bench, connections + 2, 0);
  begun = g_get_monotonic_time ();
  bench_send (&bench, clients, connections, window, count);
  bench_tell (&bench, (double) (g_get_monotonic_time () - begun) / G_USEC_PER_SEC);
  return 0;
}
