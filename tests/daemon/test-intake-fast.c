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
} Fixture;

static gboolean
count_and_take (PtFastRequest *request, GBytes *body, gpointer data)
{
  Fixture *fixture = data;
  gboolean taken = pt_intake_fast_take (request, body, &fixture->context);

  fixture->asked++;
  fixture->taken += (guint) taken;
  return taken;
}

static void
set_up (Fixture *fixture, gconstpointer tls)
{
  PtServerOptions options = { .listen = "127.0.0.1:0" };
  g_autofree char *certificate = NULL, *key = NULL;

  fixture->world = pt_world_new (pt_memory_store_new ());
  pt_world_add_device (fixture->world, "east", "tx-1");
  pt_world_advance (fixture->world, 1000);
  fixture->context = (PtIntakeHttp){ .intake = fixture->world->pipeline->intake,
                                     .service_key = fixture->world->service.signer.public_key };
  if (tls != NULL)
    {
      fixture->folder = g_dir_make_tmp ("pt-intake-fast-XXXXXX", NULL);
      options.certificate = certificate = g_build_filename (fixture->folder, "c.pem", NULL);
      options.key = key = g_build_filename (fixture->folder, "k.pem", NULL);
      pt_certificate_fixture_write (certificate, key, 365);
    }
  pt_server_fixture_begin_with (&fixture->http, &options);
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
  if (fixture->folder != NULL)
    pt_test_remove_tree (fixture->folder);
  g_free (fixture->folder);
}

static char *
report (Fixture *fixture, gint64 seq)
{
  return pt_world_report (fixture->world, "east", "tx-1", seq, pt_clock_now (fixture->world->clock),
                          PT_POWER_ON, NULL);
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

int
main (int argc, char **argv)
{
#define ADD(name, func, tls)                                                                       \
  g_test_add ("/intake-fast/" name, Fixture, tls, set_up, func, tear_down)

  g_test_init (&argc, &argv, NULL);
  ADD ("same-answers", test_same_answers, NULL);
  ADD ("busy", test_busy, NULL);
  ADD ("pipelined", test_pipelined, NULL);
  ADD ("goes-away", test_goes_away, NULL);
  ADD ("ending", test_ending, NULL);
  ADD ("tls", test_tls, "tls");
  return g_test_run ();
}
