/* SPDX-License-Identifier: Apache-2.0 */
/* The pool by itself; what it decides about lines is in test-pipeline.c. */
#include "pt-pipeline-fixture.h"

typedef struct
{
  PtDirectory *directory;
  PtClock *clock;
  PtVerifierPool *pool;
  GMutex lock;
  GCond changed;
  guint verified; /* submissions */
  GArray *states; /* PtLineState of all lines, in the order of verification */
  gboolean held;  /* verified submissions wait at the end of a worker */
} Fixture;

static void
verified (PtSubmission *submission, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_mutex_lock (&fixture->lock);
  while (fixture->held)
    g_cond_wait (&fixture->changed, &fixture->lock);
  fixture->verified++;
  for (guint i = 0; i < submission->count; i++)
    g_array_append_val (fixture->states, submission->lines[i].code);
  g_cond_broadcast (&fixture->changed);
  g_mutex_unlock (&fixture->lock);
  pt_submission_free (submission);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = pt_directory_new ();
  fixture->clock = pt_clock_new_manual (PT_WORLD_START);
  fixture->states = g_array_new (FALSE, FALSE, 1);
  g_mutex_init (&fixture->lock);
  g_cond_init (&fixture->changed);
  fixture->pool
      = pt_verifier_pool_new (fixture->directory, fixture->clock, 2, 1000, verified, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_verifier_pool_free (fixture->pool);
  g_array_unref (fixture->states);
  pt_clock_unref (fixture->clock);
  pt_directory_free (fixture->directory);
  g_mutex_clear (&fixture->lock);
  g_cond_clear (&fixture->changed);
}

static PtSubmission *
submission_of (guint lines)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  PtSubmission *submission;

  for (guint i = 0; i < lines; i++)
    g_string_append (text, i % 2 == 0 ? "{\n" : "{\"a\": 1}\n");
  body = g_bytes_new (text->str, text->len);
  submission = pt_submission_new (&pt_kind_report, body, TRUE, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (submission->count, ==, lines);
  return submission;
}

static void
wait_verified (Fixture *fixture, guint wanted)
{
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  g_mutex_lock (&fixture->lock);
  while (fixture->verified < wanted)
    g_assert_true (g_cond_wait_until (&fixture->changed, &fixture->lock, until));
  g_mutex_unlock (&fixture->lock);
}

/* Lines are checked in blocks on several threads, and come back together and in their order. */
static void
test_blocks (Fixture *fixture, gconstpointer data)
{
  static const guint sizes[] = { 1, 255, 256, 257, 900 };
  guint at = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_assert_true (pt_verifier_pool_push (fixture->pool, submission_of (sizes[i])));
      wait_verified (fixture, i + 1);
      g_assert_cmpuint (fixture->states->len, ==, at + sizes[i]);
      for (guint j = 0; j < sizes[i]; j++)
        g_assert_cmpint (g_array_index (fixture->states, guint8, at + j), ==,
                         j % 2 == 0 ? PT_ERROR_MALFORMED : PT_ERROR_NOT_CANONICAL);
      at += sizes[i];
      pt_verifier_pool_release (fixture->pool, sizes[i]);
      g_assert_cmpuint (pt_verifier_pool_waiting (fixture->pool), ==, 0);
    }
}

static void
set_held (Fixture *fixture, gboolean held)
{
  g_mutex_lock (&fixture->lock);
  fixture->held = held;
  g_cond_broadcast (&fixture->changed);
  g_mutex_unlock (&fixture->lock);
}

/* The queue is bounded by lines until they have left the pipeline, not until they are verified. */
static void
test_bound (Fixture *fixture, gconstpointer data)
{
  PtSubmission *refused = submission_of (401);

  set_held (fixture, TRUE);
  g_assert_true (pt_verifier_pool_push (fixture->pool, submission_of (600)));
  g_assert_false (pt_verifier_pool_push (fixture->pool, refused));
  g_assert_cmpuint (pt_verifier_pool_waiting (fixture->pool), ==, 600);
  g_assert_true (pt_verifier_pool_push (fixture->pool, submission_of (400)));
  set_held (fixture, FALSE);
  wait_verified (fixture, 2);
  g_assert_false (pt_verifier_pool_push (fixture->pool, refused));
  pt_verifier_pool_release (fixture->pool, 400);
  g_assert_false (pt_verifier_pool_push (fixture->pool, refused));
  pt_verifier_pool_release (fixture->pool, 1);
  g_assert_true (pt_verifier_pool_push (fixture->pool, refused));
  wait_verified (fixture, 3);
}

/* One that is larger than the whole queue has its turn when nothing else waits. */
static void
test_larger_than_bound (Fixture *fixture, gconstpointer data)
{
  g_assert_true (pt_verifier_pool_push (fixture->pool, submission_of (5000)));
  wait_verified (fixture, 1);
  g_assert_cmpuint (pt_verifier_pool_waiting (fixture->pool), ==, 5000);
}

static void
test_drain (Fixture *fixture, gconstpointer data)
{
  PtSubmission *late = submission_of (1);

  for (guint i = 0; i < 20; i++)
    g_assert_true (pt_verifier_pool_push (fixture->pool, submission_of (50)));
  pt_verifier_pool_drain (fixture->pool);
  g_assert_cmpuint (fixture->verified, ==, 20);
  g_assert_false (pt_verifier_pool_push (fixture->pool, late));
  pt_submission_free (late);
  pt_verifier_pool_release (fixture->pool, 1000); /* as the committer does while it ends */
  g_assert_cmpuint (pt_verifier_pool_waiting (fixture->pool), ==, 0);
  pt_verifier_pool_drain (fixture->pool);
}

#define ADD(name, func) g_test_add ("/verifier-pool/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("blocks", test_blocks);
  ADD ("bound", test_bound);
  ADD ("larger-than-bound", test_larger_than_bound);
  ADD ("drain", test_drain);
  return g_test_run ();
}
