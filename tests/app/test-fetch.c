/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fetch.h"

#include "common/pt-test.h"
#include "pt-error.h"
#include "pt-fake-daemon.h"

#define PROBLEM "application/problem+json"

static const PtFetchLimits json_limits = { "application/json", 10, 100 };
static const PtFetchLimits lines_limits = { "application/x-ndjson", 10, 1000 };

typedef struct
{
  PtFakeDaemon daemon;
  SoupSession *session;
  GAsyncResult *result;
  char *address;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  pt_fake_start (&fixture->daemon);
  fixture->session = pt_fetch_session_new ();
  fixture->address = g_strconcat (fixture->daemon.url, "/api/v1/it", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->session);
  pt_fake_stop (&fixture->daemon);
  g_clear_object (&fixture->result);
  g_free (fixture->address);
}

static void
take_result (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static gpointer
length_of (JsonNode *root, gconstpointer data, GError **error)
{
  guint length = json_array_get_length (json_node_get_array (root));

  if (length > 0)
    return g_strdup_printf ("%s%u", (const char *) data, length);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_UNSUPPORTED, "none");
  return NULL;
}

/* What was made of the answer, or, after "-", the error's slug. */
static char *
get_json (Fixture *fixture, guint status, const char *type, const char *body)
{
  g_autoptr (GError) error = NULL;
  char *made;

  pt_fake_set (&fixture->daemon, "/it", status, type, g_strdup (body));
  g_clear_object (&fixture->result);
  pt_fetch_json_async (fixture->session, fixture->address, &json_limits, length_of, "length ",
                       g_free, NULL, take_result, &fixture->result);
  PT_TEST_WAIT_FOR (fixture->result != NULL, fixture->address);
  made = pt_fetch_json_finish (fixture->result, &error);
  if (made != NULL)
    return made;
  g_assert_true (error->domain == PT_ERROR);
  return g_strconcat ("-", pt_error_to_slug (error), NULL);
}

static void
test_json (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *type, *body, *made;
  } cases[] = {
    { 200, "application/json", "[1,2]", "length 2" },
    { 200, "application/json", "[]", "-unsupported" },
    { 200, "application/json", "", "-unsupported" },
    { 200, "application/json", "[1", "-unsupported" },
    { 200, "application/json", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]", "-unsupported" },
    { 200, "text/html", "[1,2]", "-unsupported" },
    { 404, PROBLEM, "{\"type\":\"unknown-area\",\"detail\":\"No such area.\"}", "-unknown-area" },
    { 503, PROBLEM, "{\"type\":\"busy\",\"detail\":\"Later.\"}", "-busy" },
    { 404, "text/html", "<html>", "-not-found" },
    { 302, "text/html", "", "-unsupported" },
  };
  g_autofree char *large = g_strdup_printf ("[%0100d]", 1);
  g_autofree char *made = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *found = get_json (fixture, cases[i].status, cases[i].type, cases[i].body);

      g_test_message ("%u %s %s", cases[i].status, cases[i].type, cases[i].body);
      g_assert_cmpstr (found, ==, cases[i].made);
    }
  made = get_json (fixture, 200, "application/json", large);
  g_assert_cmpstr (made, ==, "-too-large");
}

static gboolean
take_line (const char *line, gsize size, gpointer data, GError **error)
{
  if (size == 4 && memcmp (line, "stop", size) == 0)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_MALFORMED, "stop");
      return FALSE;
    }
  g_string_append_printf (data, "%.*s|", (int) size, line);
  return TRUE;
}

/* The lines that were told; FALSE with an error at the end. */
static gboolean
get_lines (Fixture *fixture, const char *body, GString *lines, GError **error)
{
  pt_fake_set (&fixture->daemon, "/it", 200, "application/x-ndjson", g_strdup (body));
  g_clear_object (&fixture->result);
  g_string_truncate (lines, 0);
  pt_fetch_lines_async (fixture->session, fixture->address, &lines_limits, take_line, lines, NULL,
                        take_result, &fixture->result);
  PT_TEST_WAIT_FOR (fixture->result != NULL, fixture->address);
  return pt_fetch_lines_finish (fixture->result, error);
}

static void
test_lines (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (get_lines (fixture, "", lines, &error));
  g_assert_true (get_lines (fixture, "a\nbc\n", lines, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (lines->str, ==, "a|bc|");
  g_assert_false (get_lines (fixture, "a\nstop\nb\n", lines, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_MALFORMED);
  g_assert_cmpstr (lines->str, ==, "a|");
  g_clear_error (&error);
  g_assert_false (get_lines (fixture, "a\nb", lines, &error)); /* it breaks off */
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_assert_cmpstr (lines->str, ==, "a|");
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  pt_fake_set (&fixture->daemon, "/it", 0, "application/json", g_strdup (""));
  pt_fetch_bytes_async (fixture->session, fixture->address, &json_limits, cancellable, take_result,
                        &fixture->result);
  g_cancellable_cancel (cancellable);
  PT_TEST_WAIT_FOR (fixture->result != NULL, fixture->address);
  g_assert_null (pt_fetch_bytes_finish (fixture->result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_late (Fixture *fixture, gconstpointer data)
{
  static const PtFetchLimits limits = { NULL, 1, 100 };
  g_autoptr (GError) error = NULL;

  pt_fake_set (&fixture->daemon, "/it", 0, "application/json", g_strdup (""));
  pt_fetch_bytes_async (fixture->session, fixture->address, &limits, NULL, take_result,
                        &fixture->result);
  PT_TEST_WAIT_FOR (fixture->result != NULL, fixture->address);
  g_assert_null (pt_fetch_bytes_finish (fixture->result, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/fetch/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (json);
  ADD (lines);
  ADD (cancelled);
  ADD (late);
  return g_test_run ();
}
