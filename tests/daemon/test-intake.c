/* SPDX-License-Identifier: Apache-2.0 */
/* The one way in: room, counting, closing, and whom it was from. */
#include "pt-pipeline-fixture.h"

typedef struct
{
  PtWorld *world;
  PtIntake *intake;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->world = pt_world_new (pt_memory_store_new ());
  pt_world_add_device (fixture->world, "east", "tx-1");
  pt_world_advance (fixture->world, 1000);
  fixture->intake = fixture->world->pipeline->intake;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_world_free (fixture->world);
}

static void
assert_counts (Fixture *fixture, guint64 accepted, guint64 duplicate, guint64 rejected)
{
  PtAdmissionCounts counts;

  pt_admission_get (pt_intake_admission (fixture->intake), &counts);
  g_assert_cmpuint (counts.accepted, ==, accepted);
  g_assert_cmpuint (counts.duplicate, ==, duplicate);
  g_assert_cmpuint (counts.rejected, ==, rejected);
  g_assert_cmpuint (counts.waiting, ==, 0);
}

static void
free_submission (PtSubmission *submission, gpointer user_data)
{
  pt_submission_free (submission);
}

static PtSubmission *
malformed (guint lines)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  PtSubmission *submission;

  for (guint i = 0; i < lines; i++)
    g_string_append (text, "{\n");
  body = g_bytes_new (text->str, text->len);
  submission = pt_submission_new (&pt_kind_report, body, TRUE, free_submission, NULL, &error);
  g_assert_no_error (error);
  return submission;
}

/* Every line is counted once, by what it became; the registration of the set-up is the first. */
static void
test_counts (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  g_autofree char *first
      = pt_world_report (world, "east", "tx-1", 1, pt_clock_now (world->clock), PT_POWER_ON, NULL);
  g_autofree char *lines = g_strjoin ("\n", first, first, "{", "[]", "", NULL);
  g_autofree char *answer = NULL;

  assert_counts (fixture, 1, 0, 0);
  answer = pt_world_submit (world, &pt_kind_report, lines);
  assert_counts (fixture, 2, 1, 2);
}

/* A group that can't be committed is refused: nobody hears "accepted", so none is counted. */
static void
test_counts_of_failure (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;

  pt_memory_store_fail (world->store, PT_STORE_COMMIT, PT_FAIL_NOT_PERSISTED, 0, 1);
  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_REFUSED ("busy"));
  assert_counts (fixture, 1, 0, 1);
}

/* While the clock is behind what is stored a signer whose clock is right is not told that its own
 * is wrong: it keeps the report. */
static void
test_no_time (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  gint64 now = pt_clock_now (world->clock);
  g_autoptr (PtSubmission) early = malformed (2);

  pt_world_report_now (world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
  pt_clock_manual_set (world->clock, now - 3600000);
  g_assert_false (pt_intake_take (fixture->intake, early));
  g_assert_true (pt_submission_is_busy (early));
  pt_clock_manual_set (world->clock, now);
  pt_world_report_now (world, "tx-1", 2, PT_POWER_ON, PT_ACCEPTED);
}

typedef struct
{
  GMutex lock;
  PtCommitter *committer;
  gint entered; /* atomic */
} Hold;

static void
hold_run (gpointer data, gpointer user_data)
{
  Hold *hold = data;

  g_atomic_int_set (&hold->entered, 1);
  g_mutex_lock (&hold->lock);
  g_mutex_unlock (&hold->lock);
}

static gpointer
hold_thread (gpointer data)
{
  pt_committer_run (((Hold *) data)->committer, hold_run, data);
  return NULL;
}

/* Lines have their place until they are answered, not until they are verified. */
static void
test_room (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtSubmission) refused = malformed (1);
  Hold hold = { .committer = fixture->world->pipeline->committer };
  GThread *thread;

  g_mutex_init (&hold.lock);
  g_mutex_lock (&hold.lock);
  thread = g_thread_new ("hold", hold_thread, &hold);
  while (!g_atomic_int_get (&hold.entered))
    g_usleep (1000);
  for (guint i = 0; i < 10; i++)
    g_assert_true (pt_intake_take (fixture->intake, malformed (10000)));
  g_usleep (100000);
  g_assert_cmpuint (pt_world_waiting (fixture->world), ==, 100000);
  g_assert_false (pt_intake_take (fixture->intake, refused));
  g_assert_true (pt_submission_is_busy (refused));
  g_mutex_unlock (&hold.lock);
  g_thread_join (thread);
  while (pt_world_waiting (fixture->world) > 0)
    g_usleep (1000);
  g_assert_true (pt_intake_take (fixture->intake, malformed (1)));
  while (pt_world_waiting (fixture->world) > 0)
    g_usleep (1000);
  g_clear_pointer (&refused, pt_submission_free);
  assert_counts (fixture, 1, 0, 100002);
  g_mutex_clear (&hold.lock);
}

static void
test_closed (Fixture *fixture, gconstpointer data)
{
  PtWorld *world = fixture->world;
  const guint8 *key = world->authority.signer.public_key;
  g_autoptr (PtSubmission) late = malformed (3);
  g_autoptr (GError) error = NULL;
  gboolean created = FALSE;

  g_assert_true (pt_intake_add_area (fixture->intake, "west", key, key, &created, &error));
  g_assert_true (created);
  g_assert_true (pt_intake_take (fixture->intake, malformed (5)));
  pt_intake_close (fixture->intake);
  g_assert_false (pt_intake_take (fixture->intake, late));
  g_assert_true (pt_submission_is_busy (late));
  g_assert_false (pt_intake_add_area (fixture->intake, "south", key, key, &created, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_BUSY);
  while (pt_world_waiting (world) > 0)
    g_usleep (1000);
  g_clear_pointer (&late, pt_submission_free);
  assert_counts (fixture, 1, 0, 8);
}

static void
test_peer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtSubmission) submission = malformed (1);
  char address[] = "192.0.2.7";
  PtPeer peer = { .address = address };

  pt_submission_set_peer (submission, &peer);
  peer.account = address;
  peer.area = peer.device = address;
  pt_submission_set_peer (submission, &peer);
  address[0] = '\0';
  g_assert_cmpstr (submission->peer.address, ==, "192.0.2.7");
  g_assert_cmpstr (submission->peer.account, ==, "192.0.2.7");
  g_assert_cmpstr (submission->peer.area, ==, "192.0.2.7");
  g_assert_cmpstr (submission->peer.device, ==, "192.0.2.7");
  g_assert_null (submission->peer.certificate);
}

/* On an older copy nothing is taken in, and who wants to is told why. */
static void
test_held (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtSubmission *submission = malformed (1);
  guint8 key[PT_PUBLIC_KEY_SIZE] = { 4, 1 };
  gboolean created;

  g_assert_true (pt_intake_may_take (fixture->intake, NULL));
  pt_hold_set (fixture->world->hold, 0, PT_HOLD_ALL, "an older copy");
  g_assert_false (pt_intake_may_take (fixture->intake, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==, "an older copy");
  g_clear_error (&error);
  g_assert_false (pt_intake_take (fixture->intake, submission));
  g_assert_true (pt_submission_is_busy (submission));
  pt_submission_free (submission);
  g_assert_false (pt_intake_add_area (fixture->intake, "new", key, key, &created, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_BUSY);
  pt_hold_set (fixture->world->hold, 0, PT_HOLD_NOTHING, NULL);
  pt_world_report_now (fixture->world, "tx-1", 1, PT_POWER_ON, PT_ACCEPTED);
}

#define ADD(name, func) g_test_add ("/intake/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("counts", test_counts);
  ADD ("counts-of-failure", test_counts_of_failure);
  ADD ("no-time", test_no_time);
  ADD ("room", test_room);
  ADD ("closed", test_closed);
  ADD ("peer", test_peer);
  ADD ("held", test_held);
  return g_test_run ();
}
