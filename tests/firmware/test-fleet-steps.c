/* SPDX-License-Identifier: Apache-2.0 */

/* The steps against a server that only has a clock. */

#include "pt-fleet-steps.h"

#include "pt-error.h"

#include <libsoup/soup.h>
#include <stdio.h>
#include <string.h>

#define MINUTE G_GINT64_CONSTANT (60000)
#define BEGIN G_GINT64_CONSTANT (1707006509000) /* 00:28:29 */
#define WINDOW (BEGIN / (15 * MINUTE) * (15 * MINUTE))

typedef struct
{
  SoupServer *server;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  gint64 now;
  GString *told;        /* minutes and ms after WINDOW, of each step that was asked for */
  const guint *answers; /* statuses, 0 at their end; then 200 */
  PtFleetLink *link;
  PtFleetClock clock;
} Fixture;

static void
clock_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
          gpointer user_data)
{
  Fixture *fixture = user_data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autofree char *text = g_strndup (body->data, (gsize) body->length);
  guint status = *fixture->answers != 0 ? *fixture->answers++ : 200;
  gint64 now = 0;

  g_assert_cmpint (sscanf (text, "{\"now\":%" G_GINT64_FORMAT "}", &now), ==, 1);
  g_string_append_printf (fixture->told, "%g ", (double) (now + 1 - WINDOW) / (double) MINUTE);
  if (status == 200)
    fixture->now = now;
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC,
                                    "{\"detail\":\"as it is\"}", 21);
}

static gpointer
serve (gpointer data)
{
  Fixture *fixture = data;

  g_main_context_push_thread_default (fixture->context);
  g_main_loop_run (fixture->loop);
  g_main_context_pop_thread_default (fixture->context);
  return NULL;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const guint none[] = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  GSList *uris;

  fixture->answers = none;
  fixture->told = g_string_new (NULL);
  fixture->context = g_main_context_new ();
  fixture->loop = g_main_loop_new (fixture->context, FALSE);
  g_main_context_push_thread_default (fixture->context);
  fixture->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (fixture->server, "/api/v1/clock", clock_cb, fixture, NULL);
  soup_server_listen_local (fixture->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  g_main_context_pop_thread_default (fixture->context);
  uris = soup_server_get_uris (fixture->server);
  url = g_uri_to_string (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  fixture->thread = g_thread_new ("daemon", serve, fixture);
  fixture->link = pt_fleet_link_new (url);
  g_mutex_init (&fixture->clock.mutex);
  pt_fleet_clock_set (&fixture->clock, BEGIN - 60 * MINUTE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_fleet_link_free (fixture->link);
  g_main_loop_quit (fixture->loop);
  g_thread_join (fixture->thread);
  g_main_context_push_thread_default (fixture->context);
  soup_server_disconnect (fixture->server);
  g_object_unref (fixture->server);
  g_main_context_pop_thread_default (fixture->context);
  g_main_loop_unref (fixture->loop);
  g_main_context_unref (fixture->context);
  g_string_free (fixture->told, TRUE);
  g_mutex_clear (&fixture->clock.mutex);
}

/* Steps of five minutes through the window in which BEGIN is and the next. */
static PtFleetSteps *
make_steps (Fixture *fixture, guint members, double speed)
{
  PtFleetStepsOptions options = { .begin = BEGIN, .speed = speed, .members = members };

  pt_fleet_grid_init (&options.grid, 15 * MINUTE, 10, 60 * MINUTE, 0);
  options.end = pt_fleet_grid_window_end (&options.grid, BEGIN + 15 * MINUTE);
  return pt_fleet_steps_new (&options, fixture->link, &fixture->clock);
}

static guint
go_on (PtFleetSteps *steps, const atomic_bool *stop)
{
  g_autoptr (GError) error = NULL;
  guint count = 0;

  while (pt_fleet_steps_wait (steps, stop, &error))
    count++;
  g_assert_no_error (error);
  return count;
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtFleetSteps) steps = make_steps (fixture, 1, 0);
  atomic_bool stop = false;

  g_assert_cmpuint (go_on (steps, &stop), ==, 4);
  /* The first is where the plan begins, the last past the end of its last window. */
  g_assert_cmpstr (fixture->told->str, ==, "15 20 25 30 30 ");
  g_assert_cmpint (fixture->now, ==, WINDOW + 30 * MINUTE);
}

/* A daemon that was moved on by the run before it was interrupted. */
static void
test_goes_on (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtFleetSteps) steps = make_steps (fixture, 1, 0);
  atomic_bool stop = false;

  pt_fleet_clock_set (&fixture->clock, WINDOW + 20 * MINUTE - 1);
  g_assert_cmpuint (go_on (steps, &stop), ==, 3);
  g_assert_cmpstr (fixture->told->str, ==, "20 25 30 30 ");
}

/* What is busy, and what is lost, is asked for again; nothing is left out. */
static void
test_again (Fixture *fixture, gconstpointer data)
{
  static const guint answers[] = { 503, 200, 500, 429, 200, 0 };
  g_autoptr (PtFleetSteps) steps = make_steps (fixture, 1, 0);
  atomic_bool stop = false;

  fixture->answers = answers;
  g_assert_cmpuint (go_on (steps, &stop), ==, 4);
  g_assert_cmpstr (fixture->told->str, ==, "15 15 20 20 20 25 30 30 ");
}

/* For long: then people hear why. */
static void
test_trouble (Fixture *fixture, gconstpointer data)
{
  static const guint answers[] = { 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 0 };
  g_autoptr (PtFleetSteps) steps = make_steps (fixture, 1, 0);
  g_autofree char *trouble = NULL;
  atomic_bool stop = false;

  g_assert_null (pt_fleet_steps_take_trouble (steps));
  fixture->answers = answers;
  g_assert_true (pt_fleet_steps_wait (steps, &stop, NULL));
  trouble = pt_fleet_steps_take_trouble (steps);
  g_assert_nonnull (trouble);
  g_assert_nonnull (strstr (trouble, "as it is"));
  g_assert_null (pt_fleet_steps_take_trouble (steps));
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  static const guint answers[] = { 200, 409, 0 };
  g_autoptr (PtFleetSteps) steps = make_steps (fixture, 1, 0);
  g_autoptr (GError) error = NULL;
  atomic_bool stop = false;

  fixture->answers = answers;
  g_assert_true (pt_fleet_steps_wait (steps, &stop, &error));
  g_assert_false (pt_fleet_steps_wait (steps, &stop, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_OPERATOR);
  g_assert_nonnull (strstr (error->message, "as it is"));
}

static void
test_repeat (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtFleetSteps) steps = make_steps (fixture, 1, 0);
  atomic_bool stop = false;

  pt_fleet_steps_repeat (steps); /* there was none yet */
  g_assert_true (pt_fleet_steps_wait (steps, &stop, NULL));
  pt_fleet_steps_repeat (steps);
  g_assert_cmpstr (fixture->told->str, ==, "15 15 ");
}

typedef struct
{
  PtFleetSteps *steps;
  atomic_bool stop;
  guint counts[3];
  atomic_uint next;
} Members;

static gpointer
be_member (gpointer data)
{
  Members *members = data;
  guint number = members->next++;

  members->counts[number] = go_on (members->steps, &members->stop);
  return NULL;
}

/* Nobody goes on before all have come. */
static void
test_members (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtFleetSteps) steps = make_steps (fixture, 3, 0);
  Members members = { .steps = steps };
  GThread *threads[3];

  for (guint i = 0; i < 2; i++)
    threads[i] = g_thread_new ("member", be_member, &members);
  g_usleep (150000);
  g_assert_cmpstr (fixture->told->str, ==, "");
  threads[2] = g_thread_new ("member", be_member, &members);
  for (guint i = 0; i < 3; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (members.counts[i], ==, 4);
  g_assert_cmpstr (fixture->told->str, ==, "15 20 25 30 30 ");
}

/* A wish to stop is seen by who waits for the others. */
static void
test_stop (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtFleetSteps) steps = make_steps (fixture, 2, 0);
  Members members = { .steps = steps };
  GThread *thread = g_thread_new ("member", be_member, &members);

  g_usleep (50000);
  members.stop = true;
  g_thread_join (thread);
  g_assert_cmpuint (members.counts[0], ==, 0);
}

/* Fifteen minutes and a millisecond of time at 1000 times as fast. */
static void
test_pace (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtFleetSteps) steps = make_steps (fixture, 1, 1000);
  gint64 begun = g_get_monotonic_time ();
  atomic_bool stop = false;

  g_assert_cmpuint (go_on (steps, &stop), ==, 4);
  g_assert_cmpint (g_get_monotonic_time () - begun, >=, 900000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/fleet-steps/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("order", test_order);
  ADD ("goes-on", test_goes_on);
  ADD ("again", test_again);
  ADD ("trouble", test_trouble);
  ADD ("refused", test_refused);
  ADD ("repeat", test_repeat);
  ADD ("members", test_members);
  ADD ("stop", test_stop);
  ADD ("pace", test_pace);
  return g_test_run ();
}
