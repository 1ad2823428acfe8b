/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-answer.h"

#include <string.h>

#include "pt-server-fixture.h"

#define TEXT_SIZE 5000
#define PIECES 50

typedef struct
{
  PtServerFixture http;
  GMutex lock;
  GCond opened;
  gboolean is_open; /* until then who is at /prover waits */
  gint waiting;     /* atomic */
} World;

static gboolean
answer_text (PtRequest *request, gpointer context, GError **error)
{
  GString *text = g_string_new (NULL);
  const char *size = pt_request_value (request, "size");

  while (text->len < (size != NULL ? (gsize) atoi (size) : TEXT_SIZE))
    g_string_append_c (text, 'x');
  pt_request_take_text (request, request->parts[0][0] == 'j' ? "application/json" : "image/png",
                        text);
  request->etag = g_strdup ("\"t\"");
  return TRUE;
}

/* Of growing size, so that each is seen to be where it belongs. */
static gboolean
answer_pieces (PtRequest *request, gpointer context, GError **error)
{
  GPtrArray *pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < PIECES; i++)
    {
      g_autofree char *piece = g_strnfill (1 + i * 997, (char) ('a' + i % 26));

      g_ptr_array_add (pieces, g_bytes_new (piece, strlen (piece)));
    }
  if (request->parts[0][0] == 'n')
    g_ptr_array_set_size (pieces, 0);
  pt_request_take_pieces (request, "text/plain", pieces);
  return TRUE;
}

static gboolean
answer_when_open (PtRequest *request, gpointer context, GError **error)
{
  World *world = context;

  g_atomic_int_inc (&world->waiting);
  g_mutex_lock (&world->lock);
  while (!world->is_open)
    g_cond_wait (&world->opened, &world->lock);
  g_mutex_unlock (&world->lock);
  pt_request_take_text (request, "text/plain", g_string_new ("proof\n"));
  return TRUE;
}

static const PtRoute routes[] = {
  { "GET", "/text/*", answer_text, PT_RUNS_ON_READER },
  { "GET", "/pieces/*", answer_pieces, PT_RUNS_ON_LISTER },
  { "GET", "/prover", answer_when_open, PT_RUNS_ON_PROVER },
  { NULL },
};

static void
set_up (World *world, gconstpointer data)
{
  pt_server_fixture_begin (&world->http, "token");
  g_clear_object (&world->http.session);
  world->http.session
      = g_object_new (SOUP_TYPE_SESSION, "max-conns", 400, "max-conns-per-host", 400, NULL);
  soup_session_remove_feature_by_type (world->http.session, SOUP_TYPE_CONTENT_DECODER);
  pt_server_add_routes (world->http.server, routes, world);
  g_mutex_init (&world->lock);
  g_cond_init (&world->opened);
}

static void
open_door (World *world)
{
  g_mutex_lock (&world->lock);
  world->is_open = TRUE;
  g_cond_broadcast (&world->opened);
  g_mutex_unlock (&world->lock);
}

static void
tear_down (World *world, gconstpointer data)
{
  open_door (world);
  pt_server_fixture_end (&world->http);
  g_mutex_clear (&world->lock);
  g_cond_clear (&world->opened);
}

/* Who takes gzip gets it, where it is text that is worth it; the address says that it depends. */
static void
test_packed (World *world, gconstpointer data)
{
  static const struct
  {
    const char *path, *accept, *coding, *etag;
    gboolean varies;
  } rows[] = { { "/text/json", NULL, NULL, "\"t\"", TRUE },
               { "/text/json", "gzip", "gzip", "\"t-gzip\"", TRUE },
               { "/text/json", "br, GZIP;q=0.5", "gzip", "\"t-gzip\"", TRUE },
               { "/text/json", "gzip;q=0, br", NULL, "\"t\"", TRUE },
               { "/text/json", "xgzip", NULL, "\"t\"", TRUE },
               { "/text/json?size=900", "gzip", NULL, "\"t\"", TRUE },
               { "/text/png", "gzip", NULL, "\"t\"", FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *const headers[] = { "Accept-Encoding", rows[i].accept, NULL };
      const char *const known[]
          = { "Accept-Encoding", rows[i].accept != NULL ? rows[i].accept : "identity",
              "If-None-Match", rows[i].etag, NULL };
      g_auto (PtAnswered) got = pt_server_fixture_ask (&world->http, "GET", rows[i].path,
                                                       rows[i].accept != NULL ? headers : NULL);
      g_auto (PtAnswered) head = pt_server_fixture_ask (&world->http, "HEAD", rows[i].path,
                                                        rows[i].accept != NULL ? headers : NULL);
      g_auto (PtAnswered) again = pt_server_fixture_ask (&world->http, "GET", rows[i].path, known);

      g_test_message ("%s %s", rows[i].path, rows[i].accept);
      g_assert_cmpuint (got.status, ==, 200);
      g_assert_cmpstr (pt_answered_header (&got, "Content-Encoding"), ==, rows[i].coding);
      g_assert_cmpstr (pt_answered_header (&got, "ETag"), ==, rows[i].etag);
      g_assert_cmpstr (pt_answered_header (&got, "Vary"), ==,
                       rows[i].varies ? "Accept-Encoding" : NULL);
      g_assert_cmpstr (pt_answered_header (&head, "Content-Length"), ==,
                       pt_answered_header (&got, "Content-Length"));
      g_assert_cmpuint (again.status, ==, 304);
      g_assert_null (pt_answered_header (&again, "Content-Encoding"));
      if (rows[i].coding != NULL)
        g_assert_cmpuint (g_bytes_get_size (got.body), <, TEXT_SIZE / 10);
    }
}

static void
test_pieces (World *world, gconstpointer data)
{
  g_auto (PtAnswered) got = pt_server_fixture_ask (&world->http, "GET", "/pieces/many", NULL);
  g_auto (PtAnswered) head = pt_server_fixture_ask (&world->http, "HEAD", "/pieces/many", NULL);
  g_auto (PtAnswered) none = pt_server_fixture_ask (&world->http, "GET", "/pieces/none", NULL);
  const char *at = got.text;

  g_assert_cmpuint (got.status, ==, 200);
  for (guint i = 0; i < PIECES; i++)
    for (guint j = 0; j < 1 + i * 997; j++)
      g_assert_cmpint (*at++, ==, 'a' + i % 26);
  g_assert_cmpint (*at, ==, '\0');
  g_assert_cmpstr (pt_answered_header (&head, "Content-Length"), ==,
                   pt_answered_header (&got, "Content-Length"));
  g_assert_cmpuint (none.status, ==, 200);
  g_assert_cmpuint (g_bytes_get_size (none.body), ==, 0);
}

static void
ask_and_leave (World *world, PtAnswered *answered)
{
  g_autofree char *url = g_strconcat (pt_server_url (world->http.server), "/prover", NULL);

  *answered = (PtAnswered){ .message = soup_message_new ("GET", url) };
  soup_session_send_and_read_async (world->http.session, answered->message, G_PRIORITY_DEFAULT,
                                    NULL, pt_answered_cb, answered);
}

/* While all of one lane wait the others answer; who finds no room is told to come back. */
static void
test_lanes (World *world, gconstpointer data)
{
  PtAnswered answered[100] = { 0 };
  guint done = 0, refused = 0;

  for (guint i = 0; i < G_N_ELEMENTS (answered); i++)
    ask_and_leave (world, &answered[i]);
  while (done == 0)
    {
      g_main_context_iteration (NULL, TRUE);
      for (guint i = 0; i < G_N_ELEMENTS (answered); i++)
        done += answered[i].done;
    }
  {
    g_auto (PtAnswered) other = pt_server_fixture_ask (&world->http, "GET", "/text/json", NULL);

    g_assert_cmpuint (other.status, ==, 200);
    g_assert_cmpint (g_atomic_int_get (&world->waiting), <=, 2);
  }
  open_door (world);
  for (guint i = 0; i < G_N_ELEMENTS (answered); i++)
    {
      while (!answered[i].done)
        g_main_context_iteration (NULL, TRUE);
      if (answered[i].status == 503)
        {
          g_assert_cmpstr (pt_answered_header (&answered[i], "Retry-After"), ==, "1");
          refused++;
        }
      else
        g_assert_cmpuint (answered[i].status, ==, 200);
      pt_answered_clear (&answered[i]);
    }
  g_assert_cmpuint (refused, ==, G_N_ELEMENTS (answered) - 64 - 2);
}

#define ADD(name, func) g_test_add ("/answer/" name, World, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("packed", test_packed);
  ADD ("pieces", test_pieces);
  ADD ("lanes", test_lanes);
  return g_test_run ();
}
