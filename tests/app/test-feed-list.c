/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-feed-list.h"

#include "common/pt-test.h"
#include "pt-fake-daemon.h"
#include "pt-link.h"
#include "pt-list-fixture.h"
#include "pt-read.h"

/* A list that no console has, as a further one will be: this struct and a row in a table are all
 * that loading it page by page, following its events and its lines in the log need. */

#define JSON "application/json"
#define COMPLAINT(id) "{\"complaint\":\"" id "\"}"
#define PAGE(records, next) "{\"complaints\":[" records "],\"next\":" next "}"

#define TEST_TYPE_COMPLAINT (test_complaint_get_type ())
G_DECLARE_FINAL_TYPE (TestComplaint, test_complaint, TEST, COMPLAINT, GObject)

struct _TestComplaint
{
  GObject parent_instance;
  char *id;
};

G_DEFINE_FINAL_TYPE (TestComplaint, test_complaint, G_TYPE_OBJECT)

static void
test_complaint_finalize (GObject *object)
{
  g_free (TEST_COMPLAINT (object)->id);
  G_OBJECT_CLASS (test_complaint_parent_class)->finalize (object);
}

static void
test_complaint_class_init (TestComplaintClass *class)
{
  G_OBJECT_CLASS (class)->finalize = test_complaint_finalize;
}

static void
test_complaint_init (TestComplaint *complaint)
{
}

static char *
complaint_key (gconstpointer record)
{
  return g_strdup (((const TestComplaint *) record)->id);
}

static gboolean
complaint_is_same (gconstpointer a, gconstpointer b)
{
  return strcmp (((const TestComplaint *) a)->id, ((const TestComplaint *) b)->id) == 0;
}

static gpointer
complaint_read (JsonNode *node, GError **error)
{
  g_autoptr (TestComplaint) complaint = g_object_new (TEST_TYPE_COMPLAINT, NULL);
  g_autoptr (GError) local = NULL;
  JsonObject *object = pt_read_as_object (node, "complaints", &local);

  if (object != NULL)
    complaint->id = g_strdup (pt_read_id (object, "complaint", &local));
  if (local == NULL)
    return g_steal_pointer (&complaint);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static void
complaint_apply (PtFeedList *list, gpointer record)
{
  pt_record_list_put (pt_feed_list_records (list), record);
  pt_feed_tell (PT_FEED (list),
                pt_event_line_new (PT_EVENT_POWER, "Complaint",
                                   g_strdup (TEST_COMPLAINT (record)->id), g_strdup (""), -1));
}

static void
complaint_apply_closed (PtFeedList *list, gpointer record)
{
  pt_record_list_remove (pt_feed_list_records (list), TEST_COMPLAINT (record)->id);
}

static const PtListSpec complaints = {
  .name = "complaints",
  .path = "/complaints?open=true",
  .maximum = 5,
  .type = test_complaint_get_type,
  .read = complaint_read,
  .key = complaint_key,
  .same = complaint_is_same,
  .events = { { "complaint", complaint_read, complaint_apply },
              { "complaint-closed", complaint_read, complaint_apply_closed } },
};

#define WAIT_FOR(expression) PT_TEST_WAIT_FOR (expression, #expression)

static void
on_line (PtLink *link, PtEventLine *line, gpointer data)
{
  g_assert_cmpint (line->time, >=, 1700000000000); /* the daemon's clock */
  g_string_append_printf (data, "%s %s; ", line->word, line->what);
}

static void
set_status (PtFakeDaemon *daemon)
{
  pt_fake_set (daemon, "/status", 200, JSON,
               g_strdup ("{\"version\":\"0.1.0\",\"now\":1700000000000,\"clock_speed\":1,"
                         "\"areas\":0,\"pending\":0,\"batches\":{\"sealed\":0,\"published\":0,"
                         "\"submitted\":0,\"final\":0},\"state\":\"ok\",\"detail\":\"\"}"));
  pt_fake_set (daemon, "/sites?format=ndjson", 200, "application/x-ndjson", g_strdup (""));
}

/* Only the list's row; the link has never heard of it. */
static void
test_row (void)
{
  static const PtListSpec *const lists[] = { &complaints, NULL };
  g_autoptr (GString) lines = g_string_new (NULL);
  PtFakeDaemon daemon;
  GListModel *model;
  PtLink *link;

  pt_fake_start (&daemon);
  set_status (&daemon);
  pt_fake_set (&daemon, "/complaints?open=true", 200, JSON,
               g_strdup (PAGE (COMPLAINT ("c1") "," COMPLAINT ("c2"),
                               "\"/api/v1/complaints?open=true&cursor=9\"")));
  pt_fake_set (&daemon, "/complaints?open=true&cursor=9", 200, JSON,
               g_strdup (PAGE (COMPLAINT ("c3"), "null")));
  link = pt_link_new_with_lists (daemon.url, lists);
  g_signal_connect (link, "stream-event", G_CALLBACK (on_line), lines);
  model = pt_link_list (link, &complaints);
  pt_link_start (link);
  WAIT_FOR (pt_link_state (link) == PT_LINK_LIVE);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 3);
  pt_fake_send (&daemon, "complaint", COMPLAINT ("c4"));
  WAIT_FOR (g_list_model_get_n_items (model) == 4);
  g_assert_cmpstr (lines->str, ==, "Complaint c4; ");
  pt_fake_send (&daemon, "complaint-closed", COMPLAINT ("c1"));
  WAIT_FOR (g_list_model_get_n_items (model) == 3);
  pt_link_stop (link);
  pt_fake_stop (&daemon);
  WAIT_FOR (G_OBJECT (link)->ref_count == 1);
  g_assert_finalize_object (link);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

/* How many records of @first and, where it goes on, @second stay, or -1: refused. */
static int
load (PtFakeDaemon *daemon, const char *first, const char *second)
{
  g_autoptr (SoupSession) session = pt_fetch_session_new ();
  g_autofree char *base = g_strconcat (daemon->url, "/api/v1", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PtListFixture fixture;
  int count = -1;

  pt_fake_set (daemon, "/complaints?open=true", 200, JSON, g_strdup (first));
  pt_fake_set (daemon, "/complaints?cursor=2", 200, JSON, g_strdup (second));
  pt_list_start (&fixture, &complaints);
  pt_feed_load_async (fixture.feed, session, base, NULL, loaded_cb, &result);
  WAIT_FOR (result != NULL);
  if (pt_feed_load_finish (fixture.feed, result, &error))
    count = (int) pt_list_length (&fixture);
  else
    g_assert_error (error, PT_ERROR, PT_ERROR_UNSUPPORTED);
  g_clear_object (&result);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  pt_list_stop (&fixture);
  return count;
}

#define THREE(a, b, c) COMPLAINT (a) "," COMPLAINT (b) "," COMPLAINT (c)
#define GOES_ON "\"/api/v1/complaints?cursor=2\""

/* It goes on within the list and up to its maximum, and nowhere else. */
static void
test_pages (void)
{
  PtFakeDaemon daemon;
  const char *elsewhere[]
      = { "\"http://other.example/api/v1/complaints?cursor=2\"", "\"/api/v1/outages?cursor=2\"",
          "\"/complaints?cursor=2\"", "\"/api/v1/complaints/2\"", "7" };

  pt_fake_start (&daemon);
  g_assert_cmpint (load (&daemon, PAGE ("", "null"), "{}"), ==, 0);
  g_assert_cmpint (
      load (&daemon, PAGE (THREE ("1", "2", "3"), GOES_ON), PAGE (COMPLAINT ("4"), "null")), ==, 4);
  g_assert_cmpint (
      load (&daemon, PAGE (THREE ("1", "2", "3"), GOES_ON), PAGE (THREE ("4", "5", "6"), GOES_ON)),
      ==, 5);
  g_assert_cmpint (load (&daemon, PAGE (THREE ("1", "2", "3"), GOES_ON), "{\"complaints\":{}}"), ==,
                   -1);
  g_assert_cmpint (load (&daemon, PAGE ("", GOES_ON), PAGE ("", GOES_ON)), ==, 0); /* for ever */
  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++)
    {
      g_autofree char *page = g_strdup_printf ("{\"complaints\":[],\"next\":%s}", elsewhere[i]);

      g_assert_cmpint (load (&daemon, page, "{}"), ==, -1);
    }
  pt_fake_stop (&daemon);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feed-list/row", test_row);
  g_test_add_func ("/feed-list/pages", test_pages);
  return g_test_run ();
}
