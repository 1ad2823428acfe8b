/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-verifier-pool.h"

#include "pt-p256.h"
#include "pt-verify.h"

#define BLOCK_LINES 256

struct _PtVerifierPool
{
  PtDirectory *directory;
  PtClock *clock;
  GThreadPool *threads;
  GAsyncQueue *verifiers; /* PtVerifier, one a worker */
  PtCommitter *committer;
};

typedef struct
{
  PtSubmission *submission;
  guint first, count;
} Task;

static void
pool_work (gpointer data, gpointer user_data)
{
  g_autofree Task *task = data;
  PtVerifierPool *pool = user_data;
  PtVerifier *verifier = g_async_queue_pop (pool->verifiers);

  pt_verify_lines (task->submission->lines + task->first, task->count, task->submission->kind,
                   pt_committer_log (pool->committer), pt_clock_now (pool->clock), verifier);
  g_async_queue_push (pool->verifiers, verifier);
  if (g_atomic_int_dec_and_test (&task->submission->unverified))
    pt_committer_push (pool->committer, task->submission);
}

PtVerifierPool *
pt_verifier_pool_new (PtDirectory *directory, PtClock *clock, guint workers, PtCommitter *committer)
{
  PtVerifierPool *pool;

  g_return_val_if_fail (directory != NULL && clock != NULL && committer != NULL, NULL);

  pool = g_new0 (PtVerifierPool, 1);
  if (workers == 0)
    workers = g_get_num_processors ();
  pool->directory = directory;
  pool->clock = pt_clock_ref (clock);
  pool->committer = committer;
  pool->verifiers = g_async_queue_new_full ((GDestroyNotify) pt_p256_verifier_free);
  for (guint i = 0; i < workers; i++)
    g_async_queue_push (pool->verifiers, pt_p256_verifier_new (PT_P256_FAST));
  pool->threads = g_thread_pool_new (pool_work, pool, (gint) workers, TRUE, NULL);
  return pool;
}

void
pt_verifier_pool_free (PtVerifierPool *pool)
{
  if (pool == NULL)
    return;
  g_thread_pool_free (pool->threads, FALSE, TRUE);
  g_async_queue_unref (pool->verifiers);
  pt_clock_unref (pool->clock);
  g_free (pool);
}

void
pt_verifier_pool_push (PtVerifierPool *pool, PtSubmission *submission)
{
  guint tasks = (submission->count + BLOCK_LINES - 1) / BLOCK_LINES;

  g_return_if_fail (pool != NULL);

  submission->unverified = (gint) tasks;
  submission->generation = g_atomic_int_get (&pool->directory->generation);
  if (tasks == 0)
    pt_committer_push (pool->committer, submission);
  for (guint i = 0; i < tasks; i++)
    {
      Task *task = g_new (Task, 1);

      task->submission = submission;
      task->first = i * BLOCK_LINES;
      task->count = MIN (BLOCK_LINES, submission->count - task->first);
      g_thread_pool_push (pool->threads, task, NULL);
    }
}
