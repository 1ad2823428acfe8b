/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-http-client.h"

#include "pt-anvil.h"
#include "pt-error.h"
#include "pt-scripted-server.h"

static PtScriptedServer server;

static void
assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("\"%s\" is not in \"%s\"", part, text);
}

static void
assert_get_ok_fails (int code, const char *words)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_http_client_get_ok (client, server.url, &error));
  g_assert_error (error, PT_ERROR, code);
  assert_contains (error->message, words);
}

static void
test_get (void)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GError) error = NULL;
  int before = g_atomic_int_get (&server.connections);

  pt_scripted_set_body (&server, "200 OK", "text/plain", "hello");
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) body = NULL;
      guint status;

      body = pt_http_client_get (client, server.url, "text/plain", &status, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (status, ==, 200);
      g_assert_cmpmem (g_bytes_get_data (body, NULL), g_bytes_get_size (body), "hello", 5);
    }
  assert_contains (server.request->str, "GET / HTTP/1.1\r\n");
  assert_contains (server.request->str, "Accept: text/plain\r\n");
  g_assert_null (strstr (server.request->str, "Authorization"));
  g_assert_cmpint (g_atomic_int_get (&server.connections) - before, ==, 1); /* kept alive */
}

static void
test_post (void)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GBytes) body = g_bytes_new_static ("{\"a\":1}", 7), answer = NULL;
  g_autoptr (GError) error = NULL;

  pt_scripted_set_body (&server, "201 Created", "application/json", "{}");
  pt_http_client_set_bearer (client, "s3cret");
  answer = pt_http_client_post_ok (client, server.url, "application/json", body, &error);
  g_assert_no_error (error);
  assert_contains (server.request->str, "POST / HTTP/1.1\r\n");
  assert_contains (server.request->str, "Content-Type: application/json\r\n");
  assert_contains (server.request->str, "Authorization: Bearer s3cret\r\n");
  assert_contains (server.request->str, "\r\n\r\n{\"a\":1}");
}

static void
test_header_injection (void)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GError) error = NULL;

  pt_http_client_set_bearer (client, "s3cret\r\nX-Evil: 1");
  g_assert_null (pt_http_client_get (client, server.url, NULL, NULL, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_null (strstr (error->message, "s3cret"));
}

static void
test_problems (void)
{
  pt_scripted_set_body (&server, "409 Conflict", "application/problem+json",
                        "{\"type\":\"/problems/not-anchored\",\"title\":\"t\",\"status\":409,"
                        "\"detail\":\"the batch waits\\nfor the chain\"}");
  assert_get_ok_fails (PT_ERROR_NOT_ANCHORED, "answered 409: the batch waits for the chain");
  pt_scripted_set_body (&server, "404 Not Found", "text/html", "<html>");
  assert_get_ok_fails (PT_ERROR_NOT_FOUND, "answered 404");
  pt_scripted_set_body (&server, "503 Service Unavailable", "text/plain", "");
  assert_get_ok_fails (PT_ERROR_BUSY, "answered 503");
  pt_scripted_set_body (&server, "401 Unauthorized", "application/problem+json", "[1]");
  assert_get_ok_fails (PT_ERROR_UNAUTHORIZED, "answered 401");
  pt_scripted_set_body (&server, "500 Oops", "application/problem+json",
                        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[");
  assert_get_ok_fails (PT_ERROR_RETRY, "answered 500");
  pt_scripted_set_body (&server, "400 Bad", "application/problem+json",
                        "{\"type\":7,\"detail\":{}}");
  assert_get_ok_fails (PT_ERROR_FAILED, "answered 400");
}

static void
test_redirect_is_not_followed (void)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = NULL;
  guint status;

  pt_scripted_set (&server, "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n"
                            "Content-Length: 0\r\n\r\n");
  body = pt_http_client_get (client, server.url, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (status, ==, 302);
  assert_get_ok_fails (PT_ERROR_FAILED, "answered 302");
}

/* Too much, announced and unannounced. */
static void
test_too_large (void)
{
  g_autofree char *body = g_strnfill (5000, 'x');
  g_autofree char *endless = g_strconcat ("HTTP/1.1 200 OK\r\n\r\n", body, NULL);

  for (int announced = 0; announced < 2; announced++)
    {
      g_autoptr (PtHttpClient) client = pt_http_client_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) got = NULL;

      if (announced)
        pt_scripted_set_body (&server, "200 OK", "text/plain", body);
      else
        pt_scripted_set (&server, endless);
      pt_http_client_set_limits (client, 1000, 5000, 4999);
      g_assert_null (pt_http_client_get (client, server.url, NULL, NULL, &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_TOO_LARGE);
      g_clear_error (&error);
      pt_http_client_set_limits (client, 1000, 5000, 5000);
      got = pt_http_client_get (client, server.url, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (got), ==, 5000);
    }
}

static void
test_truncated (void)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GError) error = NULL;

  pt_scripted_set (&server, "SMTP 220 hello\r\n\r\n");
  g_assert_null (pt_http_client_get (client, server.url, NULL, NULL, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
}

static void
test_stall (void)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  server.stall = TRUE;
  pt_http_client_set_limits (client, 200, 300, 1000);
  g_assert_null (pt_http_client_get (client, server.url, NULL, NULL, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  assert_contains (error->message, "did not answer in time");
  /* Without a limit of its own it would be 30 s. */
  g_assert_cmpint (g_get_monotonic_time () - start, <, 30 * G_USEC_PER_SEC);
  server.stall = FALSE;
}

static void
assert_bad_url (const char *url)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_http_client_get (client, url, NULL, NULL, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
}

static void
test_urls (void)
{
  g_autoptr (PtHttpClient) client = pt_http_client_new ();
  g_autofree char *url
      = g_strdup_printf ("http://user:pa55@127.0.0.1:%u/v3/k3y?t=0k3n", pt_test_free_port ());
  g_autoptr (GError) error = NULL;
  guint status = 77;

  assert_bad_url ("");
  assert_bad_url ("file:///etc/passwd");
  assert_bad_url ("ftp://127.0.0.1/");
  assert_bad_url ("http://");
  assert_bad_url ("nonsense");

  g_assert_null (pt_http_client_get (client, url, NULL, &status, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_assert_cmpuint (status, ==, 0);
  assert_contains (error->message, "http://127.0.0.1:");
  g_assert_null (strstr (error->message, "pa55"));
  g_assert_null (strstr (error->message, "k3y"));
  g_assert_null (strstr (error->message, "0k3n"));
}

/* A proxy of the environment is not asked about our own host. */
static void
test_no_proxy (void)
{
  g_setenv ("http_proxy", "http://192.0.2.1:9", TRUE);
  test_get ();
  g_unsetenv ("http_proxy");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  pt_scripted_start (&server);
  g_test_add_func ("/http-client/get", test_get);
  g_test_add_func ("/http-client/post", test_post);
  g_test_add_func ("/http-client/header-injection", test_header_injection);
  g_test_add_func ("/http-client/problems", test_problems);
  g_test_add_func ("/http-client/redirect-is-not-followed", test_redirect_is_not_followed);
  g_test_add_func ("/http-client/too-large", test_too_large);
  g_test_add_func ("/http-client/truncated", test_truncated);
  g_test_add_func ("/http-client/stall", test_stall);
  g_test_add_func ("/http-client/urls", test_urls);
  g_test_add_func ("/http-client/no-proxy", test_no_proxy);
  return g_test_run ();
}
