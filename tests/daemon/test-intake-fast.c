/* SPDX-License-Identifier: Apache-2.0 */
/* The short way for a report, before a real pipeline and server, beside the long way: what is sent
 * with a header that nobody knows takes that one, and all else is the same. */
#include "pt-intake-fast.h"

#include "pt-certificate-fixture.h"
#include "pt-intake-http.h"
#include "pt-pipeline-fixture.h"
#include "pt-server-fixture.h"
#include "common/pt-test.h"

#define LONG "X-Way: long\r\n"

typedef struct
{
  PtWorld *world;
  PtServerFixture http;
  PtIntakeHttp context;
  guint asked, taken; /* by the short way */
  char *folder;
  GTlsCertificate *shown; /* by the client, with the key of tx-1; or NULL */
} Fixture;

typedef struct
{
  PtListenOptions listen;
  gboolean tls;
  PtRatesConfig rates;
} Setting;

static gboolean
count_and_take (PtFastRequest *request, GBytes *body, gpointer data)
{
  Fixture *fixture = data;
  gboolean taken = pt_intake_fast_take (request, body, &fixture->context);

  fixture->asked++;
  fixture->taken += (guint) taken;
  return taken;
}

/* One certificate for the server, its client and who signs: its key is that of tx-1. */
static void
begin_tls (Fixture *fixture, PtListenOptions *listen)
{
  g_autofree char *certificate = g_build_filename (fixture->folder, "c.pem", NULL);
  g_autofree char *key = g_build_filename (fixture->folder, "k.pem", NULL);
  g_autoptr (GError) error = NULL;
  PtTestKey *device = pt_world_key (fixture->world, "tx-1");
  const char *message;

  pt_certificate_fixture_write (certificate, key, 365);
  pt_p256_signer_clear (&device->signer);
  pt_p256_key_free (device->key);
  device->key = pt_p256_key_read (key, &message);
  g_assert_true (pt_p256_signer_init (&device->signer, device->key));
  fixture->shown = g_tls_certificate_new_from_files (certificate, key, &error);
  g_assert_no_error (error);
  listen->certificate = listen->client_ca = certificate;
  listen->key = key;
  listen->clients = G_TLS_AUTHENTICATION_REQUESTED;
  pt_server_fixture_begin_with (&fixture->http,
                                &(PtServerOptions){ .listens = listen, .listen_count = 1 });
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const Setting *setting = data;
  PtListenOptions listen = { .hsts = -1 };

  if (setting != NULL)
    listen = setting->listen;
  listen.section = "listen all";
  listen.address = "127.0.0.1:0";
  listen.serves = PT_SERVES_ALL;
  fixture->world = pt_world_new (pt_memory_store_new ());
  if (setting != NULL)
    {
      fixture->world->rates = setting->rates;
      pt_world_restart (fixture->world, FALSE);
    }
  fixture->folder = g_dir_make_tmp ("pt-intake-fast-XXXXXX", NULL);
  if (setting != NULL && setting->tls)
    begin_tls (fixture, &listen);
  else
    pt_server_fixture_begin_with (&fixture->http,
                                  &(PtServerOptions){ .listens = &listen, .listen_count = 1 });
  pt_world_add_device (fixture->world, "east", "tx-2");
  pt_world_add_device (fixture->world, "east", "tx-1");
  pt_world_advance (fixture->world, 1000);
  fixture->context = (PtIntakeHttp){ .intake = fixture->world->pipeline->intake,
                                     .service_key = fixture->world->service.signer.public_key };
  pt_server_add_routes (fixture->http.server, pt_intake_http_routes, &fixture->context);
  pt_fast_set_handler (pt_server_fast (fixture->http.server), PT_INTAKE_FAST_PATH, count_and_take,
                       fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->http.server != NULL)
    pt_server_fixture_end (&fixture->http);
  pt_world_free (fixture->world);
  pt_test_remove_tree (fixture->folder);
  g_free (fixture->folder);
  g_clear_object (&fixture->shown);
}

static char *
report_of (Fixture *fixture, const char *device, gint64 seq)
{
  return pt_world_report (fixture->world, "east", device, seq, pt_clock_now (fixture->world->clock),
                          PT_POWER_ON, NULL);
}

static char *
report (Fixture *fixture, gint64 seq)
{
  return report_of (fixture, "tx-1", seq);
}

/* Raw requests */

static GSocket *
call (Fixture *fixture)
{
  g_autoptr (GUri) url = g_uri_parse (pt_server_url (fixture->http.server), G_URI_FLAGS_NONE, NULL);
  g_autoptr (GSocketAddress) address
      = g_inet_socket_address_new_from_string ("127.0.0.1", (guint) g_uri_get_port (url));
  GSocket *socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);

  g_assert_true (g_socket_connect (socket, address, NULL, NULL));
  g_socket_set_blocking (socket, FALSE);
  return socket;
}

/* In pieces of @step bytes, the daemon having a turn after each. */
static void
say (GSocket *socket, const char *text, gsize step)
{
  gsize size = strlen (text);

  for (gsize at = 0; at < size; at += step)
    {
      gsize piece = MIN (step, size - at);

      g_assert_cmpint (g_socket_send (socket, text + at, piece, NULL, NULL), ==, piece);
      g_main_context_iteration (NULL, FALSE);
    }
}

static guint
count (const char *text, const char *words)
{
  guint found = 0;

  for (const char *at = text; (at = strstr (at, words)) != NULL; at++)
    found++;
  return found;
}

/* What comes until there are @answers whole ones, or the end; without their dates. */
static char *
hear (GSocket *socket, guint answers)
{
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (GRegex) date = g_regex_new ("Date: [^\r]*\r\n", 0, 0, NULL);
  gssize size = -1;

  while (size != 0 && count (heard->str, "}\n") + count (heard->str, "]}") < answers)
    {
      char text[4096];

      g_main_context_iteration (NULL, FALSE);
      size = g_socket_receive (socket, text, sizeof text, NULL, NULL);
      if (size > 0)
        g_string_append_len (heard, text, size);
    }
  return g_regex_replace_literal (date, heard->str, -1, 0, "Date: \r\n", 0, NULL);
}

static char *
request (const char *type, const char *more, const char *body)
{
  return g_strdup_printf ("POST /api/v1/reports HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\n"
                          "Content-Length: %" G_GSIZE_FORMAT "\r\n%s\r\n%s",
                          type, strlen (body), more, body);
}

static char *
exchange (Fixture *fixture, const char *type, const char *more, const char *body, gsize step)
{
  g_autoptr (GSocket) socket = call (fixture);
  g_autofree char *text = request (type, more, body);

  say (socket, text, step);
  return hear (socket, 1);
}

/* Says the same both ways. @taken: by the short one. */
static void
both_ways (Fixture *fixture, const char *type, const char *body, gboolean taken, const char *part)
{
  guint before = fixture->taken;
  g_autofree char *brief = exchange (fixture, type, "", body, G_MAXINT32);
  g_autofree char *slow = exchange (fixture, type, "", body, 1);
  g_autofree char *full = exchange (fixture, type, LONG, body, G_MAXINT32);

  g_test_message ("%s", full);
  g_assert_cmpuint (fixture->taken - before, ==, taken ? 2 : 0);
  g_assert_nonnull (strstr (full, part));
  g_assert_cmpstr (brief, ==, full);
  g_assert_cmpstr (slow, ==, full);
}

static void
test_same_answers (Fixture *fixture, gconstpointer data)
{
  static const char *const types[] = { "application/json", "application/x-ndjson" };
  g_autofree char *one = report (fixture, 1), *line = g_strconcat (one, "\n", NULL);
  g_autofree char *windows = g_strconcat (one, "\r\n", NULL);
  g_autofree char *two = g_strconcat (one, "\n\n", NULL);
  g_autofree char *marked = g_strconcat ("\xef\xbb\xbf", one, NULL);
  g_autofree char *next = report (fixture, 2), *broken = pt_world_break_signature (next);
  g_autofree char *other = pt_world_report (
      fixture->world, "east", "tx-7", 1, pt_clock_now (fixture->world->clock), PT_POWER_ON, NULL);
  g_autofree char *ahead
      = pt_world_report (fixture->world, "east", "tx-1", 9,
                         pt_clock_now (fixture->world->clock) + 2 * 86400000, PT_POWER_ON, NULL);
  g_autofree char *device = pt_world_device (fixture->world, "east", "tx-8", PT_STATUS_ACTIVE,
                                             pt_clock_now (fixture->world->clock));
  g_autofree char *first = exchange (fixture, types[0], "", one, G_MAXINT32);

  g_assert_nonnull (strstr (first, "\r\n\r\n{\"accepted\":1,\"duplicate\":0,\"rejected\":[]}"));
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      both_ways (fixture, types[i], one, TRUE, "\"duplicate\":1");
      both_ways (fixture, types[i], line, TRUE, "\"duplicate\":1");
      both_ways (fixture, types[i], windows, TRUE, "\"duplicate\":1");
      both_ways (fixture, types[i], broken, TRUE, "\"bad-signature\"");
      both_ways (fixture, types[i], other, TRUE, "\"unknown-device\"");
      both_ways (fixture, types[i], ahead, TRUE, "\"error\":");
      both_ways (fixture, types[i], device, FALSE, "\"malformed\"");
      both_ways (fixture, types[i], marked, FALSE, "byte order mark");
      both_ways (fixture, types[i], "{}", FALSE, "\"malformed\"");
      both_ways (fixture, types[i], "x", FALSE, "\"malformed\"");
    }
  both_ways (fixture, types[1], two, FALSE, "\"duplicate\":1");
  both_ways (fixture, "text/plain", one, FALSE, "\"unsupported\"");
}

/* No place, and none to come. */
static void
test_busy (Fixture *fixture, gconstpointer data)
{
  g_autofree char *one = report (fixture, 1);

  pt_intake_close (fixture->context.intake);
  both_ways (fixture, "application/json", one, TRUE, "\r\nRetry-After: 1\r\n");
}

/* Many at once over one connection, by turns this way and that, are answered in their order. */
static void
test_pipelined (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GSocket) socket = call (fixture);
  g_autoptr (GString) text = g_string_new (NULL), wanted = g_string_new (NULL);
  g_autofree char *one = report (fixture, 1), *two = report (fixture, 2), *heard;
  g_autofree char *broken = pt_world_break_signature (two);

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *next
          = request ("application/json", i % 3 == 2 ? LONG : "", i % 5 == 3 ? broken : one);

      g_string_append (text, next);
      g_string_append (wanted, i == 0 ? "a" : i % 5 == 3 ? "r" : "d");
    }
  say (socket, text->str, 100);
  heard = hear (socket, 40);
  for (const char *at = heard; (at = strstr (at, "\r\n\r\n")) != NULL; at += 4)
    {
      gboolean accepted = g_str_has_prefix (at, "\r\n\r\n{\"accepted\":1,");
      gboolean duplicate = g_str_has_prefix (at, "\r\n\r\n{\"accepted\":0,\"duplicate\":1,");

      g_assert_cmpint (wanted->str[0], ==, accepted ? 'a' : duplicate ? 'd' : 'r');
      g_string_erase (wanted, 0, 1);
    }
  g_assert_cmpuint (wanted->len, ==, 0);
  g_assert_cmpuint (fixture->taken, ==, 27);
}

/* Its answer is lost, and nothing else is: at any byte. */
static void
test_goes_away (Fixture *fixture, gconstpointer data)
{
  g_autofree char *one = report (fixture, 1), *text = request ("application/json", "", one), *last;

  for (gsize size = 0; size <= strlen (text); size++)
    {
      g_autoptr (GSocket) socket = call (fixture);
      g_autofree char *part = g_strndup (text, size);

      say (socket, part, G_MAXINT32);
      g_socket_close (socket, NULL);
    }
  last = exchange (fixture, "application/json", "", one, G_MAXINT32);
  g_assert_true (g_str_has_prefix (last, "HTTP/1.1 200 OK\r\n"));
}

/* What is under way when the server ends is answered before it does. */
static void
test_ending (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GSocket) socket = call (fixture);
  g_autofree char *one = report (fixture, 1), *text = request ("application/json", "", one), *heard;

  say (socket, text, G_MAXINT32);
  while (fixture->taken == 0)
    g_main_context_iteration (NULL, TRUE);
  pt_server_fixture_end (&fixture->http);
  heard = hear (socket, 1);
  g_assert_nonnull (strstr (heard, "{\"accepted\":1,"));
}

/* Over TLS, from a client that knows nothing of this. */
static void
test_tls (Fixture *fixture, gconstpointer data)
{
  for (guint seq = 1; seq <= 20; seq++)
    {
      g_autofree char *one = report (fixture, seq);
      g_autoptr (GBytes) body = g_bytes_new (one, strlen (one));
      const char *headers[] = { "X-Way", "long", NULL };
      g_auto (PtAnswered) answered = pt_server_fixture_send (
          &fixture->http, "POST", "/api/v1/reports", body, seq % 4 == 0 ? headers : NULL);

      g_assert_no_error (answered.error);
      g_assert_cmpuint (answered.status, ==, 200);
      g_assert_true (g_str_has_prefix (answered.text, "{\"accepted\":1,"));
    }
  g_assert_cmpuint (fixture->taken, ==, 15);
}

/* Over a connection of its own. */
static void
show (Fixture *fixture, gboolean shows, const char *device, gint64 seq, const char *part)
{
  g_autofree char *one = report_of (fixture, device, seq);
  g_autoptr (GBytes) body = g_bytes_new (one, strlen (one));
  const char *headers[] = { "X-Way", "long", NULL };

  for (guint way = 0; way < 2; way++)
    {
      g_auto (PtAnswered) answered = { 0 };
      guint before = fixture->taken;

      soup_session_abort (fixture->http.session);
      answered = pt_server_fixture_send_as (&fixture->http, shows ? fixture->shown : NULL, "POST",
                                            "/api/v1/reports", body, way == 1 ? headers : NULL);
      g_assert_no_error (answered.error);
      g_assert_cmpuint (answered.status, ==, 200);
      g_assert_nonnull (strstr (answered.text, way == 1 && part == NULL ? "\"duplicate\":1"
                                               : part == NULL           ? "\"accepted\":1"
                                                                        : part));
      g_assert_cmpuint (fixture->taken - before, ==, way == 0 ? 1 : 0);
    }
}

/* What it shows is whose reports may come, either way. */
static void
test_certificate (Fixture *fixture, gconstpointer data)
{
  show (fixture, TRUE, "tx-1", 1, NULL);
  show (fixture, TRUE, "tx-2", 1, "\"not-yours\"");
  show (fixture, FALSE, "tx-2", 1, NULL);
  show (fixture, FALSE, "tx-1", 2, NULL);
}

/* A device has said all that it may. */
static void
test_device_rate (Fixture *fixture, gconstpointer data)
{
  g_autofree char *next = report (fixture, PT_SEQ_WINDOW + 1);
  gint64 seq = 1;

  for (guint part = 0; part < 4; part++)
    {
      g_autoptr (GString) lines = g_string_new (NULL);
      g_autofree char *said = NULL;

      for (; seq <= (part + 1) * PT_SEQ_WINDOW / 4; seq++)
        {
          g_autofree char *one = report (fixture, seq);

          g_string_append_printf (lines, "%s\n", one);
        }
      said = pt_world_submit (fixture->world, &pt_kind_report, lines->str);
      g_assert_true (g_str_has_suffix (said, "\"rejected\":[]}"));
    }
  both_ways (fixture, "application/json", next, TRUE, "HTTP/1.1 429 ");
  both_ways (fixture, "application/x-ndjson", next, TRUE, "\r\nRetry-After: 60\r\n");
}

/* Uses up what may come from there. */
static void
spend (Fixture *fixture, char *address)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autofree char *said = NULL;
  PtPeer peer = { .transport = PT_TRANSPORT_HTTP, .address = address };

  for (guint i = 0; i < PT_SUBMISSION_LINES_MAX; i++)
    g_string_append (lines, "x\n");
  said = pt_world_submit_from (fixture->world, &pt_kind_report, lines->str, &peer);
}

/* One a minute comes back, so it may take more than one attempt on a slow machine. */
static void
is_over (Fixture *fixture, char *address, const char *before, const char *more, gboolean taken)
{
  g_autofree char *one = report (fixture, 1), *heard = NULL;
  g_autofree char *plain = request ("application/json", more, one);
  g_autofree char *text = g_strconcat (before, plain, NULL);

  do
    {
      g_autoptr (GSocket) socket = call (fixture);
      guint counted = fixture->taken;

      spend (fixture, address);
      say (socket, text, G_MAXINT32);
      g_free (heard);
      heard = hear (socket, 1);
      g_assert_cmpuint (fixture->taken - counted, ==, taken ? 1 : 0);
    }
  while (!g_str_has_prefix (heard, "HTTP/1.1 429 "));
  g_assert_nonnull (strstr (heard, "\"too-many\""));
}

static void
is_good (Fixture *fixture, const char *before, const char *more, gboolean taken)
{
  g_autoptr (GSocket) socket = call (fixture);
  g_autofree char *one = report (fixture, 1), *heard = NULL;
  g_autofree char *plain = request ("application/json", more, one);
  g_autofree char *text = g_strconcat (before, plain, NULL);
  guint counted = fixture->taken;

  say (socket, text, G_MAXINT32);
  heard = hear (socket, 1);
  g_test_message ("%s", heard);
  g_assert_true (g_str_has_prefix (heard, "HTTP/1.1 200 "));
  g_assert_cmpuint (fixture->taken - counted, ==, taken ? 1 : 0);
}

static void
test_address_rate (Fixture *fixture, gconstpointer data)
{
  is_good (fixture, "", "", TRUE);
  is_over (fixture, (char *) "127.0.0.1", "", "", TRUE);
  is_over (fixture, (char *) "127.0.0.1", "", LONG, FALSE);
  /* It is nobody's word. */
  is_over (fixture, (char *) "127.0.0.1", "", "X-Forwarded-For: 192.0.2.8\r\n", FALSE);
  is_over (fixture, (char *) "127.0.0.1", "", "Forwarded: for=192.0.2.8\r\n", FALSE);
}

/* Whom a proxy speaks for is who is meant. */
static void
test_behind_proxy (Fixture *fixture, gconstpointer data)
{
  const char *one = "X-Forwarded-For: 192.0.2.7\r\n", *other = "Forwarded: for=192.0.2.8\r\n";

  is_over (fixture, (char *) "192.0.2.7", "", one, FALSE);
  is_good (fixture, "", other, FALSE);
  is_good (fixture, "", "", TRUE); /* it speaks for itself */
  is_over (fixture, (char *) "192.0.2.8", "", other, FALSE);
  is_over (fixture, (char *) "192.0.2.8", "", "X-Forwarded-For: 192.0.2.9, 192.0.2.8\r\n", FALSE);
}

static void
test_named_by_proxy (Fixture *fixture, gconstpointer data)
{
  const char *one = "PROXY TCP4 192.0.2.7 192.0.2.1 1234 443\r\n";
  const char *other = "PROXY TCP4 192.0.2.8 192.0.2.1 1234 443\r\n";

  is_over (fixture, (char *) "192.0.2.7", one, "", TRUE);
  is_over (fixture, (char *) "192.0.2.7", one, LONG, FALSE);
  is_over (fixture, (char *) "192.0.2.7", one, "X-Forwarded-For: 192.0.2.8\r\n", FALSE);
  is_good (fixture, other, "", TRUE);
  is_good (fixture, other, LONG, FALSE);
}

int
main (int argc, char **argv)
{
  static const Setting tls = { .listen = { .hsts = -1 }, .tls = TRUE };
  static const Setting device = { .listen = { .hsts = -1 }, .rates = { .device_per_minute = 1 } };
  static const Setting address = { .listen = { .hsts = -1 }, .rates = { .address_per_minute = 1 } };
  static const Setting proxy
      = { .listen = { .hsts = -1, .proxies = "127.0.0.1" }, .rates = { .address_per_minute = 1 } };
  static const Setting named
      = { .listen = { .hsts = -1, .proxies = "127.0.0.1", .proxy_protocol = TRUE },
          .rates = { .address_per_minute = 1 } };

#define ADD(name, func, setting)                                                                   \
  g_test_add ("/intake-fast/" name, Fixture, setting, set_up, func, tear_down)

  g_test_init (&argc, &argv, NULL);
  ADD ("same-answers", test_same_answers, NULL);
  ADD ("busy", test_busy, NULL);
  ADD ("pipelined", test_pipelined, NULL);
  ADD ("goes-away", test_goes_away, NULL);
  ADD ("ending", test_ending, NULL);
  ADD ("tls", test_tls, &tls);
  ADD ("certificate", test_certificate, &tls);
  ADD ("device-rate", test_device_rate, &device);
  ADD ("address-rate", test_address_rate, &address);
  ADD ("behind-proxy", test_behind_proxy, &proxy);
  ADD ("named-by-proxy", test_named_by_proxy, &named);
  return g_test_run ();
}
