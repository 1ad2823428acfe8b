/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-link.h"

#include "common/pt-test.h"
#include "pt-error.h"
#include "pt-fake-daemon.h"
#include "pt-feed-areas.h"
#include "pt-feed-batches.h"
#include "pt-feed-outages.h"

#define NDJSON "application/x-ndjson"
#define JSON "application/json"

#define STATUS_OF(version, areas)                                                                  \
  "{\"version\":\"" version                                                                        \
  "\",\"now\":1700000000000,\"clock_speed\":60,\"chain\":null,\"areas\":" areas                    \
  ",\"pending\":5,\"batches\":{\"sealed\":1,\"published\":2,\"submitted\":3,\"final\":4},"         \
  "\"state\":\"ok\",\"detail\":\"\"}"
#define SITE(site, state)                                                                          \
  "{\"area\":\"east\",\"customers\":10,\"lat\":382950000,\"level\":\"transformer\",\"lon\":"       \
  "-1224950000,\"since\":1700,\"site\":\"" site "\",\"state\":\"" state "\"}"
#define OUTAGE(device, start, end)                                                                 \
  "{\"area\":\"east\",\"device\":\"" device "\",\"site\":\"s1\",\"start\":" start ",\"end\":" end  \
  ",\"customers\":10}"
#define BATCH(number, state)                                                                       \
  "{\"area\":\"east\",\"batch\":" number ",\"state\":\"" state "\",\"from\":1,\"to\":2,"           \
  "\"prev_size\":1,\"size\":" number "0,\"prev_root\":\"aa\",\"root\":\"bb\",\"cid\":\"b\","       \
  "\"bytes\":9,\"transaction\":null,\"block\":null,\"waits_for\":\"a transaction\"}"
#define AREAS "{\"areas\":[{\"area\":\"east\",\"devices\":3,\"batch\":2,\"size\":20,\"to\":null}]}"

typedef struct
{
  PtFakeDaemon daemon;
  PtLink *link;
  GString *events;
  guint resets, changes;
} Fixture;

static void
on_event (PtLink *link, PtEventLine *line, gpointer data)
{
  g_string_append_printf (((Fixture *) data)->events, "%s %s; ", line->word, line->what);
}

static void
on_reset (PtSiteStore *store, gpointer data)
{
  ((Fixture *) data)->resets++;
}

static void
on_changed (PtSiteStore *store, GArray *numbers, gpointer data)
{
  ((Fixture *) data)->changes++;
}

static void
answer_usual (PtFakeDaemon *daemon)
{
  pt_fake_set (daemon, "/status", 200, JSON, g_strdup (STATUS_OF ("0.1.0", "1")));
  pt_fake_set (
      daemon, "/sites?format=ndjson", 200, NDJSON,
      g_strdup (SITE ("s1", "on") "\n" SITE ("s2", "off") "\n" SITE ("s3", "silent") "\n"));
  pt_fake_set (daemon, "/outages?open=true&limit=10000", 200, JSON,
               g_strdup ("{\"outages\":[" OUTAGE (
                   "d2", "100", "null") "],\"next\":\"/api/v1/outages?open=true&cursor=7\"}"));
  pt_fake_set (daemon, "/outages?open=true&cursor=7", 200, JSON,
               g_strdup ("{\"outages\":[" OUTAGE ("d3", "200", "null") "],\"next\":null}"));
  pt_fake_set (daemon, "/batches?limit=1000", 200, JSON,
               g_strdup ("{\"batches\":[" BATCH ("2", "published") "," BATCH (
                   "1", "final") "],\"next\":null}"));
  pt_fake_set (daemon, "/areas", 200, JSON, g_strdup (AREAS));
}

static void
make_link (Fixture *fixture, const char *url)
{
  fixture->link = pt_link_new (url);
  fixture->events = g_string_new (NULL);
  g_signal_connect (fixture->link, "stream-event", G_CALLBACK (on_event), fixture);
  g_signal_connect (pt_link_sites (fixture->link), "reset", G_CALLBACK (on_reset), fixture);
  g_signal_connect (pt_link_sites (fixture->link), "changed", G_CALLBACK (on_changed), fixture);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  pt_fake_start (&fixture->daemon);
  answer_usual (&fixture->daemon);
  make_link (fixture, fixture->daemon.url);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_link_stop (fixture->link);
  /* What was cancelled ends in the next turns, and holds the link until then. */
  PT_TEST_WAIT_FOR (G_OBJECT (fixture->link)->ref_count == 1, "somebody holds the link");
  g_assert_finalize_object (fixture->link);
  pt_fake_stop (&fixture->daemon);
  g_string_free (fixture->events, TRUE);
}

#define WAIT_FOR(expression) PT_TEST_WAIT_FOR (expression, pt_link_detail (fixture->link))
#define WAIT_STATE(wanted) WAIT_FOR (pt_link_state (fixture->link) == (wanted))

static void
go_live (Fixture *fixture)
{
  pt_link_start (fixture->link);
  WAIT_STATE (PT_LINK_LIVE);
  g_assert_cmpstr (pt_link_detail (fixture->link), ==, "");
}

static PtSiteState
state_of (Fixture *fixture, const char *site)
{
  PtSiteStore *sites = pt_link_sites (fixture->link);
  guint number = pt_site_store_find (sites, "east", site);

  g_assert_cmpuint (number, !=, PT_SITE_NONE);
  return pt_site_store_get (sites, number)->state;
}

static guint
length (GListModel *model)
{
  return g_list_model_get_n_items (model);
}

static void
test_live (Fixture *fixture, gconstpointer data)
{
  const PtDaemonStatus *status;
  g_autoptr (PtBatch) newest = NULL;

  g_assert_cmpint (pt_link_heard_ago (fixture->link), ==, -1);
  go_live (fixture);
  g_assert_cmpuint (pt_site_store_size (pt_link_sites (fixture->link)), ==, 3);
  g_assert_cmpuint (fixture->resets, ==, 1);
  g_assert_cmpuint (length (pt_link_list (fixture->link, &pt_list_outages)), ==, 2);
  g_assert_cmpuint (length (pt_link_list (fixture->link, &pt_list_batches)), ==, 2);
  g_assert_cmpuint (length (pt_link_list (fixture->link, &pt_list_areas)), ==, 1);
  newest = g_list_model_get_item (pt_link_list (fixture->link, &pt_list_batches), 0);
  g_assert_cmpuint (newest->batch, ==, 2);
  g_assert_cmpstr (newest->waits_for, ==, "a transaction");
  status = pt_link_status (fixture->link);
  g_assert_cmpint (status->pending, ==, 5);
  g_assert_nonnull (status->public_rpc);
  g_assert_cmpint (pt_link_now (fixture->link), >=, 1700000000000);
  g_assert_cmpint (pt_link_now (fixture->link), <, 1700000000000 + 60 * PT_TEST_PATIENCE_S * 1000);
  g_assert_cmpint (pt_link_heard_ago (fixture->link), >=, 0);
}

static void
test_events (Fixture *fixture, gconstpointer data)
{
  PtFakeDaemon *daemon = &fixture->daemon;
  g_autoptr (PtAreaHead) head = NULL;

  go_live (fixture);
  pt_fake_send (daemon, "sites", "{\"sites\":[" SITE ("s1", "off") "," SITE ("s9", "silent") "]}");
  pt_fake_send (daemon, "something-new", "whatever");
  pt_fake_send (daemon, "outage", OUTAGE ("d1", "300", "null"));
  pt_fake_send (daemon, "outage-changed", OUTAGE ("d2", "90", "null"));
  pt_fake_send (daemon, "outage-changed", OUTAGE ("d3", "200", "250"));
  pt_fake_send (daemon, "outage-changed", OUTAGE ("d1", "10", "20")); /* an earlier one */
  pt_fake_send (daemon, "batch", BATCH ("2", "final"));
  pt_fake_send (daemon, "batch", BATCH ("3", "sealed"));
  pt_fake_send (daemon, "clock", "{\"now\":1800000000000}");
  WAIT_FOR (pt_link_now (fixture->link) >= 1800000000000);
  /* Lists are told of a little later, so that views have peace. */
  WAIT_FOR (length (pt_link_list (fixture->link, &pt_list_batches)) == 3);
  g_assert_cmpint (state_of (fixture, "s1"), ==, PT_SITE_OFF);
  g_assert_cmpint (state_of (fixture, "s9"), ==, PT_SITE_SILENT);
  WAIT_FOR (fixture->changes > 0);
  g_assert_cmpuint (length (pt_link_list (fixture->link, &pt_list_outages)), ==, 2);
  head = g_list_model_get_item (pt_link_list (fixture->link, &pt_list_areas), 0);
  g_assert_cmpuint (head->batch, ==, 3);
  g_assert_cmpstr (fixture->events->str, ==,
                   "silent s9, area east; off s1, area east; on s1, area east, after 0 s; "
                   "on s1, area east, after 0 s; final area east, batch 2, 19 entries; "
                   "sealed area east, batch 3, 29 entries; ");
}

static guint
times_in (const char *text, const char *part)
{
  guint count = 0;

  for (const char *at = strstr (text, part); at != NULL; at = strstr (at + 1, part))
    count++;
  return count;
}

/* The stream is cut in the middle of an event; everything is read anew, and what is equal stays. */
static void
test_comes_back (Fixture *fixture, gconstpointer data)
{
  PtSiteStore *sites = pt_link_sites (fixture->link);
  g_autoptr (GObject) before = NULL, after = NULL;
  guint number;

  go_live (fixture);
  before = g_list_model_get_item (pt_link_list (fixture->link, &pt_list_outages), 1);
  number = pt_site_store_find (sites, "east", "s3");
  pt_fake_write (&fixture->daemon, "event: sites\ndata: {\"sites\":[{\"area");
  pt_fake_leave (&fixture->daemon);
  WAIT_STATE (PT_LINK_STALE);
  g_test_message ("%s", pt_link_detail (fixture->link));
  g_assert_cmpuint (pt_site_store_size (sites), ==, 3);
  g_assert_cmpuint (length (pt_link_list (fixture->link, &pt_list_outages)), ==, 2);
  pt_fake_set (&fixture->daemon, "/sites?format=ndjson", 200, NDJSON,
               g_strdup (SITE ("s3", "off") "\n" SITE ("s0", "on") "\n" SITE (
                   "s2", "off") "\n" SITE ("s1", "on") "\n"));
  fixture->resets = 0;
  pt_fake_come_back (&fixture->daemon);
  pt_link_retry (fixture->link);
  WAIT_STATE (PT_LINK_LIVE);
  g_assert_cmpuint (fixture->resets, ==, 0);
  g_assert_cmpuint (pt_site_store_find (sites, "east", "s3"), ==, number);
  g_assert_cmpint (state_of (fixture, "s3"), ==, PT_SITE_OFF);
  g_assert_cmpuint (pt_site_store_size (sites), ==, 4);
  after = g_list_model_get_item (pt_link_list (fixture->link, &pt_list_outages), 1);
  g_assert_true (before == after);
  /* However often it was tried, the log says it once. */
  g_assert_true (g_str_has_prefix (fixture->events->str, "line lost The line to "));
  g_assert_cmpuint (times_in (fixture->events->str, "line "), ==, 2 + 1);
  g_assert_nonnull (strstr (fixture->events->str, "; line back "));
}

#define ATTENTION(cause, detail)                                                                   \
  "{\"version\":\"0.1.0\",\"now\":1700000000000,\"clock_speed\":60,\"chain\":null,\"areas\":1,"    \
  "\"pending\":5,\"batches\":{\"sealed\":1,\"published\":2,\"submitted\":3,\"final\":4},"          \
  "\"state\":\"attention\",\"cause\":\"" cause "\",\"detail\":\"" detail "\"}"

/* What needs attention is a line when it begins, changes and ends; that its numbers go on is none.
 */
static void
test_attention (Fixture *fixture, gconstpointer data)
{
  static const char *const answers[]
      = { ATTENTION ("progress", "Batch 3 is late, 12 minutes."),
          ATTENTION ("progress", "Batch 3 is late, 13 minutes."), ATTENTION ("clock", "Its clock."),
          STATUS_OF ("0.1.0", "1") };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      pt_fake_set (&fixture->daemon, "/status", 200, JSON, g_strdup (answers[i]));
      pt_link_start (fixture->link);
      WAIT_STATE (PT_LINK_LIVE);
      pt_link_stop (fixture->link);
    }
  g_assert_cmpstr (fixture->events->str, ==,
                   "attention Batch 3 is late, 12 minutes.; attention Its clock.; "
                   "well again Nothing needs attention any more.; ");
}

static void
test_other_sites (Fixture *fixture, gconstpointer data)
{
  PtSiteStore *sites = pt_link_sites (fixture->link);

  go_live (fixture);
  pt_fake_set (&fixture->daemon, "/sites?format=ndjson", 200, NDJSON,
               g_strdup (SITE ("t1", "off") "\n"));
  pt_fake_cut (&fixture->daemon);
  WAIT_STATE (PT_LINK_STALE);
  WAIT_STATE (PT_LINK_LIVE);
  g_assert_cmpuint (pt_site_store_size (sites), ==, 1);
  g_assert_cmpuint (fixture->resets, >=, 2);
}

static void
test_garbage_event (Fixture *fixture, gconstpointer data)
{
  static const char *const events[][2] = { { "sites", "{\"sites\":[{\"area\":\"east\"}]}" },
                                           { "sites", "<html>" },
                                           { "outage", "{}" },
                                           { "batch", "[[[[[[[[[[[[[[[[[[[[[[" },
                                           { "clock", "{\"now\":\"x\"}" } };

  go_live (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      pt_fake_send (&fixture->daemon, events[i][0], events[i][1]);
      WAIT_STATE (PT_LINK_STALE);
      g_test_message ("%s", pt_link_detail (fixture->link));
      pt_link_retry (fixture->link);
      WAIT_STATE (PT_LINK_LIVE);
    }
  g_assert_cmpuint (pt_site_store_size (pt_link_sites (fixture->link)), ==, 3);
}

static void
test_silence (Fixture *fixture, gconstpointer data)
{
  gint64 start = g_get_monotonic_time ();

  go_live (fixture);
  WAIT_STATE (PT_LINK_STALE);
  g_assert_cmpint (g_get_monotonic_time () - start, >, 11 * G_TIME_SPAN_SECOND);
  g_assert_nonnull (strstr (pt_link_detail (fixture->link), "said nothing"));
}

typedef struct
{
  const char *name, *path;
  guint status;
  const char *type, *body;
  PtLinkState state;
  const char *words;
} Strange;

static const Strange strange[] = {
  { "html", "/status", 200, "text/html", "<html>hello</html>", PT_LINK_INCOMPATIBLE, "text/html" },
  { "other-json", "/status", 200, JSON, "{\"status\":\"up\"}", PT_LINK_INCOMPATIBLE, "version" },
  { "no-json", "/status", 200, JSON, "{{{", PT_LINK_INCOMPATIBLE, "not JSON" },
  { "404", "/status", 404, "text/html", "<html>no</html>", PT_LINK_INCOMPATIBLE, "404" },
  { "redirect", "/status", 302, "text/html", "", PT_LINK_INCOMPATIBLE, "302" },
  { "version", "/status", 200, JSON, STATUS_OF ("0.2.0", "1"), PT_LINK_INCOMPATIBLE, "0.2.0" },
  { "version-longer", "/status", 200, JSON, STATUS_OF ("0.10.0", "1"), PT_LINK_INCOMPATIBLE,
    "0.10.0" },
  { "500", "/status", 500, "text/html", "<html>oh</html>", PT_LINK_SEARCHING, "500" },
  { "busy", "/status", 503, "application/problem+json",
    "{\"type\":\"busy\",\"detail\":\"Too much to do.\"}", PT_LINK_SEARCHING, "Too much to do." },
  { "geojson", "/sites?format=ndjson", 200, "application/geo+json", "{}", PT_LINK_INCOMPATIBLE,
    "geo+json" },
  { "bad-row", "/sites?format=ndjson", 200, NDJSON, SITE ("s1", "on") "\n{}\n",
    PT_LINK_INCOMPATIBLE, "area" },
  { "cut-row", "/sites?format=ndjson", 200, NDJSON, SITE ("s1", "on") "\n{\"area",
    PT_LINK_SEARCHING, "breaks off" },
  { "next-elsewhere", "/outages?open=true&limit=10000", 200, JSON,
    "{\"outages\":[],\"next\":\"http://evil.example/\"}", PT_LINK_INCOMPATIBLE, "goes on" },
  { "events-404", "/events", 404, "text/plain", "no", PT_LINK_INCOMPATIBLE, "404" },
  { "events-json", "/events", 200, JSON, "{}", PT_LINK_INCOMPATIBLE, "event-stream" },
};

static void
test_strange (Fixture *fixture, gconstpointer data)
{
  const Strange *row = data;

  pt_fake_set (&fixture->daemon, row->path, row->status, row->type, g_strdup (row->body));
  pt_link_start (fixture->link);
  WAIT_FOR (strstr (pt_link_detail (fixture->link), row->words) != NULL);
  g_test_message ("%s", pt_link_detail (fixture->link));
  g_assert_cmpint (pt_link_state (fixture->link), ==, row->state);
  /* It comes to itself. */
  answer_usual (&fixture->daemon);
  if (strcmp (row->path, "/events") != 0)
    {
      pt_link_retry (fixture->link);
      WAIT_STATE (PT_LINK_LIVE);
    }
}

static void
test_nobody (Fixture *fixture, gconstpointer data)
{
  pt_fake_leave (&fixture->daemon);
  pt_link_start (fixture->link);
  WAIT_FOR (strstr (pt_link_detail (fixture->link), "refused") != NULL);
  g_test_message ("%s", pt_link_detail (fixture->link));
  g_assert_cmpint (pt_link_state (fixture->link), ==, PT_LINK_SEARCHING);
  pt_fake_come_back (&fixture->daemon);
  WAIT_STATE (PT_LINK_LIVE); /* by itself */
}

/* The steps of a connection */

static const char *const steps[] = { "/status",
                                     "/sites?format=ndjson",
                                     "/outages?open=true&limit=10000",
                                     "/outages?open=true&cursor=7",
                                     "/batches?limit=1000",
                                     "/areas" };

static guint
held (Fixture *fixture)
{
  guint count;

  g_mutex_lock (&fixture->daemon.lock);
  count = fixture->daemon.held;
  g_mutex_unlock (&fixture->daemon.lock);
  return count;
}

/* Stopped wherever it is, it can be started again, and nothing of what it had asked for counts. */
static void
test_stopped_within (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      pt_fake_set (&fixture->daemon, steps[i], 0, JSON, g_strdup (""));
      pt_link_start (fixture->link);
      WAIT_FOR (held (fixture) == i + 1);
      g_assert_cmpint (pt_link_state (fixture->link), !=, PT_LINK_LIVE);
      pt_link_stop (fixture->link);
      answer_usual (&fixture->daemon);
    }
  go_live (fixture);
  g_assert_cmpuint (pt_site_store_size (pt_link_sites (fixture->link)), ==, 3);
  g_assert_cmpuint (length (pt_link_list (fixture->link, &pt_list_outages)), ==, 2);
  g_assert_cmpuint (length (pt_link_list (fixture->link, &pt_list_areas)), ==, 1);
}

/* While lists are loaded events wait, but the clock is what it is; and the line may be lost. */
static void
test_loading (Fixture *fixture, gconstpointer data)
{
  pt_fake_set (&fixture->daemon, "/areas", 0, JSON, g_strdup (""));
  pt_link_start (fixture->link);
  WAIT_FOR (held (fixture) == 1);
  pt_fake_send (&fixture->daemon, "sites", "{\"sites\":[" SITE ("s1", "off") "]}");
  pt_fake_send (&fixture->daemon, "clock", "{\"now\":1800000000000}");
  WAIT_FOR (pt_link_now (fixture->link) >= 1800000000000);
  g_assert_cmpint (pt_link_state (fixture->link), ==, PT_LINK_LOADING);
  g_assert_cmpint (state_of (fixture, "s1"), ==, PT_SITE_ON);
  pt_fake_cut (&fixture->daemon);
  WAIT_STATE (PT_LINK_SEARCHING);
  answer_usual (&fixture->daemon);
  WAIT_STATE (PT_LINK_LIVE);
}

/* Many */

typedef struct
{
  gint64 last, longest;
  guint count;
} Beat;

/* How often the main loop turned, and how long it was held at the longest. */
static gboolean
beat (gpointer data)
{
  Beat *beats = data;
  gint64 now = g_get_monotonic_time ();

  beats->longest = MAX (beats->longest, now - beats->last);
  beats->last = now;
  beats->count++;
  return G_SOURCE_CONTINUE;
}

static GString *
many_sites (guint count, const char *state, const char *between)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < count; i++)
    g_string_append_printf (
        text,
        "%s{\"area\":\"east-%02u\",\"customers\":%u,\"last_report\":1700000000000,\"lat\":%u,"
        "\"level\":\"transformer\",\"lon\":-%u,\"since\":1700000000000,\"site\":\"site-%u\","
        "\"state\":\"%s\"}",
        i > 0 ? between : "", i % 40, i % 200, 300000000 + i * 100, 1200000000 - i * 100, i, state);
  return text;
}

static void
test_many (Fixture *fixture, gconstpointer data)
{
  GString *rows = many_sites (100000, "on", "\n");
  g_autoptr (GString) changes = many_sites (10000, "off", ",");
  PtSiteTotals totals = { 0 };
  gint64 start, loaded, changed;
  Beat beats = { 0 };
  guint source;

  g_string_append_c (rows, '\n');
  pt_fake_set (&fixture->daemon, "/sites?format=ndjson", 200, NDJSON, g_string_free (rows, FALSE));
  g_string_prepend (changes, "{\"sites\":[");
  g_string_append (changes, "]}");
  start = beats.last = g_get_monotonic_time ();
  source = g_timeout_add_full (G_PRIORITY_HIGH, 1, beat, &beats, NULL);
  go_live (fixture);
  loaded = g_get_monotonic_time ();
  g_assert_cmpuint (pt_site_store_size (pt_link_sites (fixture->link)), ==, 100000);
  g_test_message ("100,000 sites in %d ms, the loop held %d us at most",
                  (int) (loaded - start) / 1000, (int) beats.longest);
  g_assert_cmpuint (beats.count, >, 5); /* the window lives meanwhile */
  pt_fake_send (&fixture->daemon, "sites", changes->str);
  beats.longest = 0;
  start = beats.last = g_get_monotonic_time ();
  while (totals.sites[PT_SITE_OFF] < 10000)
    {
      g_main_context_iteration (NULL, TRUE);
      pt_site_store_totals (pt_link_sites (fixture->link), NULL, &totals);
    }
  changed = g_get_monotonic_time ();
  g_test_message ("10,000 changes in %d ms, the loop held %d us at most",
                  (int) (changed - start) / 1000, (int) beats.longest);
  g_source_remove (source);
}

/* A daemon that sends faster than can be taken in is left, not stored. */
static void
test_flood (Fixture *fixture, gconstpointer data)
{
  g_autofree char *large = g_strnfill (34 * 1024 * 1024, 'x');

  go_live (fixture);
  pt_fake_send (&fixture->daemon, "sites", large);
  WAIT_STATE (PT_LINK_STALE);
  g_test_message ("%s", pt_link_detail (fixture->link));
}

/* One site */

static void
take_result (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

#define FEATURE                                                                                    \
  "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"area\":\"east\",\"site\":\"s1\","     \
  "\"devices\":[{\"device\":\"d1\",\"key\":\"B\",\"status\":\"active\",\"missing\":2,\"last\":{"   \
  "\"seq\":7,\"ts\":1000,\"power\":\"OFF\"}},{\"device\":\"d2\",\"key\":\"B\",\"status\":"         \
  "\"revoked\",\"missing\":0,\"last\":null}]}}"

static void
test_site (Fixture *fixture, gconstpointer data)
{
  PtFakeDaemon *daemon = &fixture->daemon;

  go_live (fixture);
  pt_fake_set (daemon, "/sites/s1?area=east", 200, "application/geo+json", g_strdup (FEATURE));
  pt_fake_set (daemon, "/outages?area=east&site=s1&from=*", 200, JSON,
               g_strdup ("{\"outages\":[" OUTAGE ("d1", "1", "2") "," OUTAGE (
                   "d1", "3", "null") "],\"next\":null}"));
  pt_fake_set (daemon, "/outages?area=east&site=s1&from=0&limit=1000", 200, JSON,
               g_strdup ("{\"outages\":[" OUTAGE ("d1", "1", "2") "," OUTAGE (
                   "d1", "3", "null") "],\"next\":\"/api/v1/outages?cursor=9\"}"));
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (PtSiteDetail) detail = NULL;
      const PtReportRow *report;

      pt_link_load_site_async (fixture->link, "east", "s1", round == 0 ? G_MAXINT64 : 0, NULL,
                               take_result, &result);
      WAIT_FOR (result != NULL);
      detail = pt_link_load_site_finish (fixture->link, result, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (detail->devices->len, ==, 2);
      g_assert_cmpuint (detail->reports->len, ==, 1);
      g_assert_cmpuint (detail->outages->len, ==, 2);
      g_assert_cmpint (((PtOutage *) detail->outages->pdata[0])->start, ==, 3);
      /* Of the last week all are there; of all times those up to where the page ends. */
      g_assert_true ((detail->outages_from > 0) == (round == 0));
      g_assert_cmpint (detail->outages_to, ==, round == 0 ? G_MAXINT64 : 3);
      report = detail->reports->pdata[0];
      g_assert_false (report->power_on);
      g_assert_cmpint (report->batch, ==, round == 0 ? 0 : 4); /* an older daemon; this one */
      g_assert_cmpint (report->state, ==, round == 0 ? PT_BATCH_OPEN : PT_BATCH_SUBMITTED);
      pt_fake_set (daemon, "/sites/s1/reports?area=east&limit=10", 200, JSON,
                   g_strdup ("{\"reports\":[{\"device\":\"d1\",\"seq\":7,\"ts\":1000,\"received\":"
                             "1001,\"power\":\"OFF\",\"batch\":4,\"state\":\"submitted\","
                             "\"waits_for\":\"confirmations\"}]}"));
    }
}

static void
test_bytes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) refused = NULL, given = NULL, file = NULL, cancelled = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL, none = NULL;
  g_autoptr (GBytes) proof = NULL, batch = NULL;

  go_live (fixture);
  pt_fake_set (&fixture->daemon, "/proof?area=east&device=d1&seq=1", 409,
               "application/problem+json",
               g_strdup ("{\"type\":\"not-anchored\",\"detail\":\"Its batch is in no block.\"}"));
  pt_fake_set (&fixture->daemon, "/proof?area=east&device=d1&seq=2", 200, JSON, g_strdup ("{}"));
  pt_fake_set (&fixture->daemon, "/ipfs/bafy", 200, "application/octet-stream", g_strdup ("file"));
  pt_link_load_proof_async (fixture->link, "east", "d1", 1, NULL, take_result, &refused);
  WAIT_FOR (refused != NULL);
  g_assert_null (pt_link_load_bytes_finish (fixture->link, refused, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_NOT_ANCHORED);
  g_assert_cmpstr (error->message, ==, "Its batch is in no block.");
  pt_link_load_proof_async (fixture->link, "east", "d1", 2, NULL, take_result, &given);
  pt_link_load_file_async (fixture->link, "bafy", NULL, take_result, &file);
  pt_link_load_file_async (fixture->link, "bafy", cancellable, take_result, &cancelled);
  g_cancellable_cancel (cancellable);
  WAIT_FOR (given != NULL && file != NULL && cancelled != NULL);
  proof = pt_link_load_bytes_finish (fixture->link, given, &none);
  g_assert_cmpuint (g_bytes_get_size (proof), ==, 2);
  batch = pt_link_load_bytes_finish (fixture->link, file, &none);
  g_assert_cmpmem (g_bytes_get_data (batch, NULL), g_bytes_get_size (batch), "file", 4);
  g_assert_null (pt_link_load_bytes_finish (fixture->link, cancelled, &none));
  g_assert_error (none, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The bus */

static GVariant *
get_url (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *name, GError **error, gpointer data)
{
  return g_variant_new_string (data);
}

static void
test_bus (Fixture *fixture, gconstpointer data)
{
  static const char xml[] = "<node><interface name='org.powertracker.Daemon1'>"
                            "<property name='HttpUrl' type='s' access='read'/></interface></node>";
  static const GDBusInterfaceVTable table = { .get_property = get_url };
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (xml, NULL);
  g_autoptr (GTestDBus) bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_autoptr (GDBusConnection) connection = NULL;
  guint name;

  g_test_dbus_up (bus);
  pt_link_start (fixture->link);
  g_assert_cmpint (pt_link_state (fixture->link), ==, PT_LINK_SEARCHING);
  g_test_message ("%s", pt_link_detail (fixture->link));
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (pt_link_url (fixture->link));
  connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);
  g_assert_nonnull (connection);
  g_dbus_connection_register_object (connection, "/org/powertracker/Daemon1", info->interfaces[0],
                                     &table, fixture->daemon.url, NULL, NULL);
  name = g_bus_own_name_on_connection (connection, "org.powertracker.Daemon1", 0, NULL, NULL, NULL,
                                       NULL);
  WAIT_STATE (PT_LINK_LIVE);
  g_assert_cmpstr (pt_link_url (fixture->link), ==, fixture->daemon.url);
  pt_link_stop (fixture->link);
  g_bus_unown_name (name);
  g_dbus_connection_close_sync (connection, NULL, NULL);
  g_clear_object (&connection);
  g_test_dbus_stop (bus);
}

static void
set_up_bus (Fixture *fixture, gconstpointer data)
{
  pt_fake_start (&fixture->daemon);
  answer_usual (&fixture->daemon);
  make_link (fixture, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/link/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (live);
  ADD (events);
  ADD (attention);
  ADD (comes_back);
  ADD (other_sites);
  ADD (garbage_event);
  ADD (stopped_within);
  ADD (loading);
  ADD (nobody);
  ADD (many);
  ADD (flood);
  ADD (site);
  ADD (bytes);
  ADD (silence);
  for (guint i = 0; i < G_N_ELEMENTS (strange); i++)
    {
      g_autofree char *path = g_strconcat ("/link/strange/", strange[i].name, NULL);

      g_test_add (path, Fixture, &strange[i], set_up, test_strange, tear_down);
    }
  g_test_add ("/link/bus", Fixture, NULL, set_up_bus, test_bus, tear_down);
  return g_test_run ();
}
