/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-server.h"

#include <string.h>

#include "common/pt-test.h"
#include "pt-certificate-fixture.h"
#include "pt-error.h"
#include "pt-request.h"
#include "pt-server-fixture.h"

#define TOKEN "a-token"
#define BODY_MAX 1000

/* What is true of every address is asked of every kind of route: on the loop, on a reader, on a
 * streamer, open to pages and not, with a body, with a token. */

static gboolean
answer_text (PtRequest *request, gpointer context, GError **error)
{
  pt_request_take_text (request, "text/plain", g_string_new (context));
  request->etag = g_strdup ("\"t\"");
  request->cache_control = "no-cache";
  return TRUE;
}

static gboolean
answer_sent (PtRequest *request, gpointer context, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (request->content, &size);

  pt_request_take_text (request, "text/plain", g_string_new_len (data, (gssize) size));
  return TRUE;
}

static gboolean
answer_refusal (PtRequest *request, gpointer context, GError **error)
{
  request->status = SOUP_STATUS_OK; /* it was on its way to one */
  request->etag = g_strdup ("\"t\"");
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFLICT, "z\303\274rich \"\\\n\xff");
  return FALSE;
}

static gboolean
answer_nothing (PtRequest *request, gpointer context, GError **error)
{
  return FALSE;
}

static GBytes *
next_piece (gpointer source, GError **error)
{
  guint *left = source;

  if (*left == 0)
    return g_bytes_new (NULL, 0);
  (*left)--;
  return g_bytes_new_static ("12345", 5);
}

static gboolean
answer_pieces (PtRequest *request, gpointer context, GError **error)
{
  guint *left = g_new (guint, 1);

  *left = 3;
  request->status = SOUP_STATUS_OK;
  request->content_type = "text/plain";
  request->etag = g_strdup ("\"t\"");
  pt_request_take_stream (request, strcmp (request->path, "/chunks") == 0 ? -1 : 15, next_piece,
                          left, g_free);
  return TRUE;
}

static const PtRoute routes[] = {
  { "GET", "/loop", answer_text, PT_RUNS_ON_LOOP },
  { "GET", "/loop/open", answer_text, PT_RUNS_ON_LOOP, .open = TRUE },
  { "GET", "/reader", answer_text, PT_RUNS_ON_READER },
  { "GET", "/reader/*", answer_text, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/pieces", answer_pieces, PT_RUNS_ON_STREAMER, .open = TRUE },
  { "GET", "/chunks", answer_pieces, PT_RUNS_ON_STREAMER },
  { "GET", "/both", answer_text, PT_RUNS_ON_READER, .open = TRUE },
  { "POST", "/both", answer_sent, PT_RUNS_ON_READER, .body_max = BODY_MAX },
  { "POST", "/loop/post", answer_sent, PT_RUNS_ON_LOOP, .body_max = BODY_MAX },
  { "POST", "/bodiless", answer_sent, PT_RUNS_ON_READER },
  { "POST", "/admin", answer_sent, PT_RUNS_ON_READER, .needs = PT_NEEDS_ADMIN,
    .body_max = BODY_MAX },
  { "GET", "/refused", answer_refusal, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/refused/loop", answer_refusal, PT_RUNS_ON_LOOP },
  { "GET", "/failed", answer_nothing, PT_RUNS_ON_READER },
  { NULL },
};

/* An address of each; @get, @post: which methods it has; @open: pages may GET it. */
static const struct
{
  const char *path, *allow;
  gboolean get, post, open;
} addresses[] = {
  { "/loop", "GET, HEAD, OPTIONS", TRUE, FALSE, FALSE },
  { "/loop/open", "GET, HEAD, OPTIONS", TRUE, FALSE, TRUE },
  { "/reader", "GET, HEAD, OPTIONS", TRUE, FALSE, FALSE },
  { "/reader/x%20y", "GET, HEAD, OPTIONS", TRUE, FALSE, TRUE },
  { "/pieces", "GET, HEAD, OPTIONS", TRUE, FALSE, TRUE },
  { "/chunks", "GET, HEAD, OPTIONS", TRUE, FALSE, FALSE },
  { "/both", "GET, HEAD, POST, OPTIONS", TRUE, TRUE, TRUE },
  { "/loop/post", "POST, OPTIONS", FALSE, TRUE, FALSE },
  { "/bodiless", "POST, OPTIONS", FALSE, TRUE, FALSE },
};

static void
set_up (PtServerFixture *fixture, gconstpointer data)
{
  pt_server_fixture_begin (fixture, TOKEN);
  pt_server_add_routes (fixture->server, routes, (gpointer) "123451234512345");
}

static void
tear_down (PtServerFixture *fixture, gconstpointer data)
{
  pt_server_fixture_end (fixture);
}

static void
assert_problem (const PtAnswered *answered, guint status, const char *slug)
{
  g_autofree char *type = g_strdup_printf ("{\"type\":\"%s\"", slug);

  g_assert_no_error (answered->error);
  g_assert_cmpuint (answered->status, ==, status);
  g_assert_cmpstr (pt_answered_header (answered, "Content-Type"), ==, "application/problem+json");
  g_assert_true (g_str_has_prefix (answered->text, type));
  g_assert_true (g_utf8_validate (answered->text, -1, NULL));
}

static void
test_methods (PtServerFixture *fixture, gconstpointer data)
{
  static const char *const strange[] = { "DELETE", "PUT", "PATCH", "BREW" };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    for (guint j = 0; j < G_N_ELEMENTS (strange); j++)
      {
        g_auto (PtAnswered) answered
            = pt_server_fixture_ask (fixture, strange[j], addresses[i].path, NULL);

        g_test_message ("%s %s", strange[j], addresses[i].path);
        assert_problem (&answered, 405, "wrong-method");
        g_assert_cmpstr (pt_answered_header (&answered, "Allow"), ==, addresses[i].allow);
      }
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_auto (PtAnswered) get = pt_server_fixture_ask (fixture, "GET", addresses[i].path, NULL);
      g_auto (PtAnswered) post = pt_server_fixture_ask (fixture, "POST", addresses[i].path, NULL);

      g_assert_cmpuint (get.status, ==, addresses[i].get ? 200 : 405);
      g_assert_cmpuint (post.status, ==, addresses[i].post ? 200 : 405);
      if (addresses[i].get)
        g_assert_cmpstr (get.text, ==, "123451234512345");
    }
}

static void
test_no_address (PtServerFixture *fixture, gconstpointer data)
{
  static const char *const methods[] = { "GET", "POST", "DELETE", "OPTIONS" };
  static const char *const paths[] = { "/", "/loop/", "/LOOP", "/reader/", "/reader/a/b", "/%00" };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    for (guint j = 0; j < G_N_ELEMENTS (paths); j++)
      {
        g_auto (PtAnswered) answered = pt_server_fixture_ask (fixture, methods[i], paths[j], NULL);

        g_test_message ("%s %s", methods[i], paths[j]);
        if (answered.status != 400) /* libsoup's own, of what is no address at all */
          assert_problem (&answered, 404, "not-found");
        g_assert_null (pt_answered_header (&answered, "Allow"));
      }
}

/* A HEAD is its GET without the body. */
static void
test_head (PtServerFixture *fixture, gconstpointer data)
{
  static const char *const same[] = {
    "Content-Type",     "Content-Length", "ETag", "Cache-Control", "Access-Control-Allow-Origin",
    "Transfer-Encoding"
  };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_auto (PtAnswered) head = pt_server_fixture_ask (fixture, "HEAD", addresses[i].path, NULL);
      g_auto (PtAnswered) get = pt_server_fixture_ask (fixture, "GET", addresses[i].path, NULL);

      g_test_message ("%s", addresses[i].path);
      g_assert_cmpuint (head.status, ==, get.status);
      g_assert_cmpstr (head.text, ==, "");
      for (guint j = 0; j < G_N_ELEMENTS (same); j++)
        g_assert_cmpstr (pt_answered_header (&head, same[j]), ==,
                         pt_answered_header (&get, same[j]));
    }
}

static void
test_known (PtServerFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *known;
    guint status;
  } rows[] = { { "\"t\"", 304 },
               { "W/\"t\"", 304 },
               { "\"a\", \"t\"", 304 },
               { "\"a\",W/\"t\" ", 304 },
               { "*", 304 },
               { "\"a\"", 200 },
               { "\"tt\"", 200 },
               { "t", 200 },
               { "\"\"t\"\"", 200 },
               { "\"t", 200 },
               { "", 200 } };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    for (guint j = 0; addresses[i].get && j < G_N_ELEMENTS (rows); j++)
      {
        const char *const headers[] = { "If-None-Match", rows[j].known, NULL };
        g_auto (PtAnswered) answered
            = pt_server_fixture_ask (fixture, "GET", addresses[i].path, headers);

        g_test_message ("%s %s", addresses[i].path, rows[j].known);
        g_assert_cmpuint (answered.status, ==, rows[j].status);
        g_assert_cmpstr (pt_answered_header (&answered, "ETag"), ==, "\"t\"");
        g_assert_cmpstr (answered.text, ==, rows[j].status == 304 ? "" : "123451234512345");
      }
}

static void
test_pages (PtServerFixture *fixture, gconstpointer data)
{
  static const char *const origin[] = { "Origin", "https://elsewhere.example", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_auto (PtAnswered) get = pt_server_fixture_ask (fixture, "GET", addresses[i].path, origin);
      g_auto (PtAnswered) post = pt_server_fixture_ask (fixture, "POST", addresses[i].path, origin);

      g_test_message ("%s", addresses[i].path);
      if (addresses[i].get)
        g_assert_cmpstr (pt_answered_header (&get, "Access-Control-Allow-Origin"), ==,
                         addresses[i].open ? "*" : NULL);
      if (addresses[i].post)
        g_assert_null (pt_answered_header (&post, "Access-Control-Allow-Origin"));
    }
  {
    g_auto (PtAnswered) none = pt_server_fixture_ask (fixture, "GET", "/none", origin);
    g_auto (PtAnswered) refused = pt_server_fixture_ask (fixture, "GET", "/refused", origin);
    g_auto (PtAnswered) own = pt_server_fixture_ask (fixture, "GET", "/refused/loop", origin);

    g_assert_cmpstr (pt_answered_header (&none, "Access-Control-Allow-Origin"), ==, "*");
    g_assert_cmpstr (pt_answered_header (&refused, "Access-Control-Allow-Origin"), ==, "*");
    g_assert_null (pt_answered_header (&own, "Access-Control-Allow-Origin"));
  }
}

static void
check_preflight (PtServerFixture *fixture, guint address, const char *method, gboolean may)
{
  const char *const headers[]
      = { "Origin", "https://elsewhere.example",      "Access-Control-Request-Method",
          method,   "Access-Control-Request-Headers", "range, if-none-match",
          NULL };
  g_auto (PtAnswered) answered
      = pt_server_fixture_ask (fixture, "OPTIONS", addresses[address].path, headers);

  g_test_message ("%s %s", method, addresses[address].path);
  g_assert_cmpuint (answered.status, ==, 204);
  g_assert_cmpstr (answered.text, ==, "");
  g_assert_cmpstr (pt_answered_header (&answered, "Allow"), ==, addresses[address].allow);
  g_assert_cmpstr (pt_answered_header (&answered, "Access-Control-Allow-Origin"), ==,
                   may ? "*" : NULL);
  g_assert_cmpstr (pt_answered_header (&answered, "Access-Control-Allow-Methods"), ==,
                   may ? method : NULL);
  g_assert_cmpstr (pt_answered_header (&answered, "Access-Control-Allow-Headers"), ==,
                   may ? "range, if-none-match" : NULL);
}

static void
test_preflight (PtServerFixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_auto (PtAnswered) plain
          = pt_server_fixture_ask (fixture, "OPTIONS", addresses[i].path, NULL);

      g_assert_cmpuint (plain.status, ==, 204);
      g_assert_cmpstr (pt_answered_header (&plain, "Allow"), ==, addresses[i].allow);
      g_assert_null (pt_answered_header (&plain, "Access-Control-Allow-Methods"));
      check_preflight (fixture, i, "GET", addresses[i].get && addresses[i].open);
      check_preflight (fixture, i, "HEAD", addresses[i].get && addresses[i].open);
      check_preflight (fixture, i, "POST", FALSE);
      check_preflight (fixture, i, "DELETE", FALSE);
    }
}

static void
test_bodies (PtServerFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *method, *path;
    gsize size;
    guint status;
  } rows[] = { { "POST", "/both", 0, 200 },
               { "POST", "/both", BODY_MAX, 200 },
               { "POST", "/both", BODY_MAX + 1, 413 },
               { "POST", "/loop/post", BODY_MAX, 200 },
               { "POST", "/loop/post", 1 << 20, 413 },
               { "POST", "/bodiless", 0, 200 },
               { "POST", "/bodiless", 1 << 20, 200 },
               { "PUT", "/loop", 1 << 20, 405 },
               { "POST", "/none", 1 << 20, 404 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = g_strnfill (rows[i].size, 'x');
      g_autoptr (GBytes) body = g_bytes_new (text, rows[i].size);
      g_auto (PtAnswered) answered
          = pt_server_fixture_send (fixture, rows[i].method, rows[i].path, body, NULL);
      gboolean kept = rows[i].status == 200 && strcmp (rows[i].path, "/bodiless") != 0;

      g_test_message ("%s %s %" G_GSIZE_FORMAT, rows[i].method, rows[i].path, rows[i].size);
      g_assert_cmpuint (answered.status, ==, rows[i].status);
      if (rows[i].status == 200)
        g_assert_cmpstr (answered.text, ==, kept ? text : "");
      if (rows[i].status == 413)
        assert_problem (&answered, 413, "too-large");
    }
}

/* Whatever is written to the server; what it answers until it closes. */
static char *
talk (PtServerFixture *fixture, const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (pt_server_url (fixture->server), SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host (
      client, "127.0.0.1", (guint16) g_uri_get_port (uri), NULL, NULL);
  GSocket *socket = g_socket_connection_get_socket (connection);
  GString *said = g_string_new (NULL);
  char piece[4096];
  gssize size = -1;

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), text,
                             strlen (text), NULL, NULL, NULL);
  g_socket_set_blocking (socket, FALSE);
  while (size != 0)
    {
      g_main_context_iteration (NULL, FALSE);
      size = g_socket_receive (socket, piece, sizeof piece, NULL, NULL);
      if (size > 0)
        g_string_append_len (said, piece, size);
    }
  return g_string_free (said, FALSE);
}

/* A body of pieces says no length before. */
static void
test_chunked_body (PtServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text
      = g_string_new ("POST /both HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  g_autofree char *said = NULL;

  for (guint i = 0; i <= BODY_MAX / 10; i++)
    g_string_append (text, "a\r\n0123456789\r\n");
  g_string_append (text, "0\r\n\r\n");
  said = talk (fixture, text->str);
  g_assert_true (g_str_has_prefix (said, "HTTP/1.1 413 "));
  g_assert_nonnull (strstr (said, "{\"type\":\"too-large\""));
}

static void
test_admin (PtServerFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *given;
    guint status;
  } rows[] = { { "Bearer " TOKEN, 200 },
               { NULL, 401 },
               { "", 401 },
               { "Bearer", 401 },
               { "Bearer " TOKEN "x", 401 },
               { "Bearer a-tokem", 401 },
               { "bearer " TOKEN, 401 },
               { "Basic " TOKEN, 401 } };
  g_autoptr (GBytes) body = g_bytes_new_static ("word", 4);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *const headers[]
          = { rows[i].given != NULL ? "Authorization" : NULL, rows[i].given, NULL };
      g_auto (PtAnswered) answered
          = pt_server_fixture_send (fixture, "POST", "/admin", body, headers);

      g_test_message ("%s", rows[i].given);
      g_assert_cmpuint (answered.status, ==, rows[i].status);
      if (rows[i].status == 401)
        assert_problem (&answered, 401, "unauthorized");
    }
}

static void
test_problems (PtServerFixture *fixture, gconstpointer data)
{
  static const char *const paths[] = { "/refused", "/refused/loop" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_auto (PtAnswered) answered = pt_server_fixture_ask (fixture, "GET", paths[i], NULL);

      assert_problem (&answered, 409, "conflict");
      g_assert_null (pt_answered_header (&answered, "ETag"));
      g_assert_nonnull (strstr (answered.text, "\"status\":409,\"detail\":\"z\303\274rich "
                                               "\\\"\\\\\\n\357\277\275\"}"));
    }
  {
    g_auto (PtAnswered) answered = pt_server_fixture_ask (fixture, "GET", "/failed", NULL);

    assert_problem (&answered, 500, "internal");
  }
}

static void
begin_tls (PtServerFixture *fixture, const char *folder)
{
  g_autofree char *certificate = g_build_filename (folder, "c.pem", NULL);
  g_autofree char *key = g_build_filename (folder, "k.pem", NULL);
  PtServerOptions options = { .listen = "127.0.0.1:0", .certificate = certificate, .key = key };

  pt_certificate_fixture_write (certificate, key, 10);
  pt_server_fixture_begin_with (fixture, &options);
  pt_server_add_routes (fixture->server, routes, (gpointer) "123451234512345");
}

static void
test_tls (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pt-server-XXXXXX", NULL), *said = NULL;
  PtServerFixture fixture;

  begin_tls (&fixture, folder);
  g_assert_true (g_str_has_prefix (pt_server_url (fixture.server), "https://127.0.0.1:"));
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_auto (PtAnswered) answered
          = pt_server_fixture_ask (&fixture, "GET", addresses[i].path, NULL);

      g_assert_no_error (answered.error);
      g_assert_cmpuint (answered.status, ==, addresses[i].get ? 200 : 405);
      g_assert_nonnull (soup_message_get_tls_peer_certificate (answered.message));
    }
  said = talk (&fixture, "GET /loop HTTP/1.1\r\nHost: a\r\n\r\n");
  g_assert_null (strstr (said, "12345")); /* nothing without TLS */
  pt_server_fixture_end (&fixture);
  pt_test_remove_tree (folder);
}

static void
test_wrong_certificate (void)
{
  PtServerOptions options
      = { .listen = "127.0.0.1:0", .certificate = "/nowhere/c.pem", .key = "/nowhere/k.pem" };
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_server_new (&options, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_nonnull (strstr (error->message, "/nowhere/c.pem"));
}

static void
test_no_listening (void)
{
  static const char *const wrong[] = { "nowhere.invalid:1", "1.2.3", "127.0.0.1:99999", "" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      PtServerOptions options = { .listen = wrong[i] };
      g_autoptr (GError) error = NULL;

      g_assert_null (pt_server_new (&options, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
      g_assert_nonnull (strstr (error->message, "[http] listen"));
    }
}

#define ADD(name, func) g_test_add ("/server/" name, PtServerFixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("methods", test_methods);
  ADD ("no-address", test_no_address);
  ADD ("head", test_head);
  ADD ("known", test_known);
  ADD ("pages", test_pages);
  ADD ("preflight", test_preflight);
  ADD ("bodies", test_bodies);
  ADD ("chunked-body", test_chunked_body);
  ADD ("admin", test_admin);
  ADD ("problems", test_problems);
  g_test_add_func ("/server/tls", test_tls);
  g_test_add_func ("/server/wrong-certificate", test_wrong_certificate);
  g_test_add_func ("/server/no-listening", test_no_listening);
  return g_test_run ();
}
