/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-stream.h"

#include "common/pt-test.h"
#include "pt-error.h"
#include "pt-fake-daemon.h"
#include "pt-fetch.h"

typedef struct
{
  PtFakeDaemon daemon;
  SoupSession *session;
  PtEventStream *stream;
  GString *told; /* "opened; ", "type=data; ", "ended; " */
  GError *error;
  gboolean frees; /* at the next event */
} Fixture;

static void
on_opened (gpointer data)
{
  g_string_append (((Fixture *) data)->told, "opened; ");
}

static void
on_event (const PtEvent *event, gpointer data)
{
  Fixture *fixture = data;

  g_string_append_printf (fixture->told, "%s=%s; ", event->type, event->data);
  if (fixture->frees)
    g_clear_pointer (&fixture->stream, pt_event_stream_free);
}

static void
on_ended (const GError *error, gpointer data)
{
  Fixture *fixture = data;

  g_assert_null (fixture->error);
  fixture->error = g_error_copy (error);
  g_string_append (fixture->told, "ended; ");
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  pt_fake_start (&fixture->daemon);
  fixture->session = pt_fetch_session_new ();
  fixture->told = g_string_new (NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->stream, pt_event_stream_free);
  for (guint i = 0; i < 20; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (1000);
    }
  g_object_unref (fixture->session);
  pt_fake_stop (&fixture->daemon);
  g_string_free (fixture->told, TRUE);
  g_clear_error (&fixture->error);
}

static void
open_stream (Fixture *fixture, guint silence_s)
{
  static const PtEventStreamFuncs funcs = { on_opened, on_event, on_ended };
  g_autofree char *address = g_strconcat (fixture->daemon.url, "/api/v1/events", NULL);

  fixture->stream = pt_event_stream_new (fixture->session, address, silence_s, &funcs, fixture);
}

/* Until just that was told. */
static void
wait_for (Fixture *fixture, const char *expected)
{
  PT_TEST_WAIT_FOR (strcmp (fixture->told->str, expected) == 0, fixture->told->str);
}

static void
test_events (Fixture *fixture, gconstpointer data)
{
  open_stream (fixture, PT_TEST_PATIENCE_S);
  wait_for (fixture, "opened; ");
  pt_fake_send (&fixture->daemon, "clock", "1");
  pt_fake_write (&fixture->daemon, "event: batch\nda");
  pt_fake_write (&fixture->daemon, "ta: 2\n\n");
  wait_for (fixture, "opened; clock=1; batch=2; ");
  pt_fake_cut (&fixture->daemon);
  wait_for (fixture, "opened; clock=1; batch=2; ended; ");
  g_assert_error (fixture->error, PT_ERROR, PT_ERROR_RETRY);
}

static void
test_silence (Fixture *fixture, gconstpointer data)
{
  open_stream (fixture, 1);
  wait_for (fixture, "opened; ended; ");
  g_assert_error (fixture->error, PT_ERROR, PT_ERROR_RETRY);
  g_assert_nonnull (strstr (fixture->error->message, "1 second."));
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  pt_fake_set (&fixture->daemon, "/events", 200, "application/json", g_strdup ("{}"));
  open_stream (fixture, PT_TEST_PATIENCE_S);
  wait_for (fixture, "ended; ");
  g_assert_error (fixture->error, PT_ERROR, PT_ERROR_UNSUPPORTED);
}

/* From within an event: nothing more is told, not even of its end. */
static void
test_freed_within (Fixture *fixture, gconstpointer data)
{
  fixture->frees = TRUE;
  open_stream (fixture, PT_TEST_PATIENCE_S);
  wait_for (fixture, "opened; ");
  pt_fake_write (&fixture->daemon, "data: 1\n\ndata: 2\n\n");
  wait_for (fixture, "opened; message=1; ");
  pt_fake_cut (&fixture->daemon);
  for (guint i = 0; i < 50; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpstr (fixture->told->str, ==, "opened; message=1; ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/event-stream/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (events);
  ADD (silence);
  ADD (refused);
  ADD (freed_within);
  return g_test_run ();
}
