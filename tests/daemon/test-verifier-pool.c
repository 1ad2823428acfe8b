/* SPDX-License-Identifier: Apache-2.0 */
/* The pool before a committer; what it decides about lines is in the tests of the kinds. */
#include "pt-verifier-pool.h"

#include "common/pt-test.h"
#include "pt-kind.h"
#include "pt-memory-store.h"

typedef struct
{
  PtDirectory *directory;
  PtClock *clock;
  PtStore *store;
  PtHealth *health;
  PtCommitter *committer;
  PtVerifierPool *pool;
  GMutex lock;
  GCond changed;
  guint done;    /* submissions */
  GArray *codes; /* of all lines, in the order in which they came back */
} Fixture;

static void
done (PtSubmission *submission, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_mutex_lock (&fixture->lock);
  fixture->done++;
  for (guint i = 0; i < submission->count; i++)
    g_array_append_val (fixture->codes, submission->lines[i].code);
  g_cond_broadcast (&fixture->changed);
  g_mutex_unlock (&fixture->lock);
  pt_submission_free (submission);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  PtCommitterConfig config = { 0 };

  config.store = fixture->store = pt_memory_store_new ();
  config.directory = fixture->directory = pt_directory_new ();
  config.clock = fixture->clock = pt_clock_new_manual (G_GINT64_CONSTANT (1764000000000));
  config.health = fixture->health = pt_health_new (NULL, NULL);
  fixture->committer = pt_committer_new (&config);
  fixture->codes = g_array_new (FALSE, FALSE, 1);
  g_mutex_init (&fixture->lock);
  g_cond_init (&fixture->changed);
  fixture->pool = pt_verifier_pool_new (fixture->directory, fixture->clock, 2, fixture->committer);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->pool, pt_verifier_pool_free);
  g_clear_pointer (&fixture->committer, pt_committer_free);
  pt_health_free (fixture->health);
  g_array_unref (fixture->codes);
  pt_clock_unref (fixture->clock);
  pt_directory_free (fixture->directory);
  pt_store_free (fixture->store);
  g_mutex_clear (&fixture->lock);
  g_cond_clear (&fixture->changed);
}

static PtSubmission *
submission_of (Fixture *fixture, guint lines)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  PtSubmission *submission;

  for (guint i = 0; i < lines; i++)
    g_string_append (text, i % 2 == 0 ? "{\n" : "{\"a\": 1}\n");
  body = g_bytes_new (text->str, text->len);
  submission = pt_submission_new (&pt_kind_report, body, TRUE, done, fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (submission->count, ==, lines);
  return submission;
}

static void
wait_done (Fixture *fixture, guint wanted)
{
  gint64 late = pt_test_late ();

  g_mutex_lock (&fixture->lock);
  while (fixture->done < wanted)
    g_assert_true (g_cond_wait_until (&fixture->changed, &fixture->lock, late));
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
      pt_verifier_pool_push (fixture->pool, submission_of (fixture, sizes[i]));
      wait_done (fixture, i + 1);
      g_assert_cmpuint (fixture->codes->len, ==, at + sizes[i]);
      for (guint j = 0; j < sizes[i]; j++)
        g_assert_cmpint (g_array_index (fixture->codes, guint8, at + j), ==,
                         j % 2 == 0 ? PT_ERROR_MALFORMED : PT_ERROR_NOT_CANONICAL);
      at += sizes[i];
    }
}

static void
test_no_lines (Fixture *fixture, gconstpointer data)
{
  pt_verifier_pool_push (fixture->pool, submission_of (fixture, 0));
  wait_done (fixture, 1);
}

/* Those that wait are checked together, and each comes back to whoever sent it. */
static void
test_singles (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 600; i++)
    pt_verifier_pool_push (fixture->pool, submission_of (fixture, i % 7 == 0 ? 200 : 1));
  wait_done (fixture, 600);
  g_assert_cmpuint (fixture->codes->len, ==, 86 * 200 + 514);
}

/* At the end all that waits is verified and handed on. */
static void
test_end (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 20; i++)
    pt_verifier_pool_push (fixture->pool, submission_of (fixture, 300));
  g_clear_pointer (&fixture->pool, pt_verifier_pool_free);
  g_clear_pointer (&fixture->committer, pt_committer_free);
  g_assert_cmpuint (fixture->done, ==, 20);
  g_assert_cmpuint (fixture->codes->len, ==, 6000);
}

#define ADD(name, func) g_test_add ("/verifier-pool/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("blocks", test_blocks);
  ADD ("no-lines", test_no_lines);
  ADD ("singles", test_singles);
  ADD ("end", test_end);
  return g_test_run ();
}
