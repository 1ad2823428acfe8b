/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-request.h"

#include <string.h>

#include "pt-answer.h"
#include "pt-error.h"
#include "pt-server-fixture.h"

/* What handlers ask of a request, asked by handlers. */

static const PtBounds bounds[] = { { 1, 100 }, { 0, 5 } };

static gboolean
answer_numbers (PtRequest *request, gpointer context, GError **error)
{
  gint64 number, cursor[2] = { -7, -8 };
  GString *text;

  if (!pt_request_integer (request, "n", -5, 1000, 42, &number, error)
      || !pt_request_cursor (request, bounds, G_N_ELEMENTS (bounds), cursor, error))
    return FALSE;
  text = g_string_new (NULL);
  g_string_append_printf (text, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%" G_GINT64_FORMAT,
                          number, cursor[0], cursor[1]);
  pt_request_take_text (request, "text/plain", text);
  return TRUE;
}

static gboolean
answer_page (PtRequest *request, gpointer context, GError **error)
{
  static const char *const filters[] = { "area", "state", NULL };
  gboolean last = pt_request_value (request, "last") != NULL;
  PtJsonText *json = pt_json_text_new ();

  pt_json_text_begin_object (json, NULL);
  pt_request_write_next (request, json, filters, last ? NULL : "5.1", 20);
  pt_json_text_end_object (json);
  pt_request_take_json (request, json);
  return TRUE;
}

static gboolean
answer_what (PtRequest *request, gpointer context, GError **error)
{
  const char *accept = pt_request_header (request, "Accept");
  g_autofree char *parts = g_strjoinv ("|", request->parts);
  GString *text = g_string_new (request->path);
  gsize size;
  const char *sent = g_bytes_get_data (request->content, &size);

  g_string_append_printf (text, " %s %s %.*s%s", parts, accept != NULL ? accept : "-", (int) size,
                          size > 0 ? sent : "", request->is_head ? " head" : "");
  pt_request_add_header (request, "X-Word", "one");
  pt_request_add_header (request, "X-Word", "two");
  pt_request_take_text (request, "text/plain", text);
  return TRUE;
}

static gpointer
answer_thread (gpointer data)
{
  PtRequest *request = data;
  g_autoptr (GError) error = NULL;

  if (strcmp (request->path, "/later/refused") == 0)
    error = g_error_new_literal (PT_ERROR, PT_ERROR_BUSY, "Later.");
  else
    pt_request_take_text (request, "text/plain", g_string_new ("later"));
  pt_request_answer (request, error);
  return NULL;
}

static gboolean
answer_later (PtRequest *request, gpointer context, GError **error)
{
  g_thread_unref (g_thread_new ("later", answer_thread, pt_request_answer_later (request)));
  return TRUE;
}

static const PtRoute routes[] = {
  { "GET", "/numbers", answer_numbers, PT_RUNS_ON_READER },
  { "GET", "/page", answer_page, PT_RUNS_ON_LOOP },
  { "GET", "/what/*/*", answer_what, PT_RUNS_ON_READER },
  { "POST", "/what/*/*", answer_what, PT_RUNS_ON_LOOP, .body_max = 100 },
  { "GET", "/later", answer_later, PT_RUNS_ON_LOOP },
  { "GET", "/later/refused", answer_later, PT_RUNS_ON_LOOP },
  { NULL },
};

static void
set_up (PtServerFixture *fixture, gconstpointer data)
{
  pt_server_fixture_begin (fixture, NULL);
  pt_server_add_routes (fixture->server, routes, NULL);
}

static void
tear_down (PtServerFixture *fixture, gconstpointer data)
{
  pt_server_fixture_end (fixture);
}

static void
test_numbers (PtServerFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *query, *text; /* NULL: refused */
  } rows[] = {
    { "", "42 -7.-8" },
    { "?n=7", "7 -7.-8" },
    { "?n=-5", "-5 -7.-8" },
    { "?n=1000", "1000 -7.-8" },
    { "?cursor=1.0", "42 1.0" },
    { "?cursor=100.5&n=0", "0 100.5" },
    { "?n=", NULL },
    { "?n=1001", NULL },
    { "?n=-6", NULL },
    { "?n=1.5", NULL },
    { "?n=+1", NULL },
    { "?n=%201", NULL },
    { "?n=1e2", NULL },
    { "?n=99999999999999999999", NULL },
    { "?cursor=", NULL },
    { "?cursor=1", NULL },
    { "?cursor=1.2.3", NULL },
    { "?cursor=0.1", NULL },
    { "?cursor=1.6", NULL },
    { "?cursor=101.1", NULL },
    { "?cursor=1.-1", NULL },
    { "?cursor=1.x", NULL },
    { "?cursor=.", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/numbers", rows[i].query, NULL);
      g_auto (PtAnswered) answered = pt_server_fixture_ask (fixture, "GET", path, NULL);

      g_test_message ("%s", path);
      g_assert_cmpuint (answered.status, ==, rows[i].text != NULL ? 200 : 400);
      if (rows[i].text != NULL)
        g_assert_cmpstr (answered.text, ==, rows[i].text);
    }
}

static void
test_pages (PtServerFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *path, *next;
  } rows[] = {
    { "/page", "/page?limit=20&cursor=5.1" },
    { "/page?state=a&area=b&cursor=1.1&other=x", "/page?limit=20&cursor=5.1&area=b&state=a" },
    { "/page?area=a%26b%22%20%3D", "/page?limit=20&cursor=5.1&area=a%26b%22%20%3D" },
    { "/page?last=1&area=a", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (PtAnswered) answered = pt_server_fixture_ask (fixture, "GET", rows[i].path, NULL);
      g_autofree char *text = rows[i].next != NULL
                                  ? g_strdup_printf ("{\"next\":\"%s\"}\n", rows[i].next)
                                  : g_strdup ("{\"next\":null}\n");
      g_autofree char *link
          = rows[i].next != NULL ? g_strdup_printf ("<%s>; rel=\"next\"", rows[i].next) : NULL;

      g_assert_cmpstr (answered.text, ==, text);
      g_assert_cmpstr (pt_answered_header (&answered, "Link"), ==, link);
      g_assert_cmpstr (pt_answered_header (&answered, "Content-Type"), ==, "application/json");
    }
}

static void
test_what (PtServerFixture *fixture, gconstpointer data)
{
  static const char *const accept[] = { "Accept", "a/b, c/d", NULL };
  g_autoptr (GBytes) content = g_bytes_new_static ("sent", 4);
  g_auto (PtAnswered) get = pt_server_fixture_ask (fixture, "GET", "/what/a/b%2fc", NULL);
  g_auto (PtAnswered) spaced = pt_server_fixture_ask (fixture, "GET", "/what/a%20/b?x=y", accept);
  g_auto (PtAnswered) post = pt_server_fixture_send (fixture, "POST", "/what/1/2", content, accept);

  g_assert_cmpuint (get.status, ==, 404); /* a slash is one however it is written */
  g_assert_cmpstr (spaced.text, ==, "/what/a /b a |b a/b, c/d ");
  g_assert_cmpstr (post.text, ==, "/what/1/2 1|2 a/b, c/d sent");
  g_assert_cmpstr (pt_answered_header (&post, "X-Word"), ==, "two");
}

static void
test_later (PtServerFixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 50; i++)
    {
      g_auto (PtAnswered) answered = pt_server_fixture_ask (fixture, "GET", "/later", NULL);
      g_auto (PtAnswered) refused = pt_server_fixture_ask (fixture, "GET", "/later/refused", NULL);

      g_assert_cmpstr (answered.text, ==, "later");
      g_assert_cmpuint (refused.status, ==, 503);
      g_assert_cmpstr (pt_answered_header (&refused, "Retry-After"), ==, "1");
    }
}

#define ADD(name, func)                                                                            \
  g_test_add ("/request/" name, PtServerFixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("numbers", test_numbers);
  ADD ("pages", test_pages);
  ADD ("what", test_what);
  ADD ("later", test_later);
  return g_test_run ();
}
