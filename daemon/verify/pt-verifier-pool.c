/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-verifier-pool.h"

#include "pt-p256-lanes.h"
#include "pt-verify.h"

#define LANES 8
#define FILL_US 500 /* what a signature waits for others, while they come as close as that */

/* A block of a submission's lines. */
typedef struct
{
  PtSubmission *submission; /* NULL: the worker ends */
  PtVerifyPart part;
} Task;

struct _PtVerifierPool
{
  PtDirectory *directory;
  PtClock *clock;
  PtCommitter *committer;
  GAsyncQueue *tasks;
  guint workers;
  gint64 pushed;   /* when the last came, monotonic, us; by whoever pushes, under ->lock */
  gint is_crowded; /* atomic: the last two came within FILL_US */
  GMutex lock;
  GPtrArray *threads; /* GThread */
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtVerifier, pt_p256_lanes_free)

/* How many tasks a worker takes at once: its share of those that wait, in eights, so that
 * signatures come together where each client sent one and no worker is left without. */
static guint
pool_share (PtVerifierPool *pool)
{
  guint waiting = 1 + (guint) MAX (g_async_queue_length (pool->tasks), 0);
  guint share = (waiting + pool->workers - 1) / pool->workers;

  return MIN ((share + LANES - 1) / LANES * LANES, PT_VERIFY_LINES);
}

/* One that waits. Eight signatures cost as much as three alone, so that a few wait a moment for
 * others where others come; who is alone waits for nobody. */
static Task *
pool_next (PtVerifierPool *pool, guint lines, gint64 until)
{
  Task *task = g_async_queue_try_pop (pool->tasks);
  gint64 left = until - g_get_monotonic_time ();

  if (task != NULL || lines >= LANES || left <= 0 || !g_atomic_int_get (&pool->is_crowded))
    return task;
  return g_async_queue_timeout_pop (pool->tasks, (guint64) left);
}

/* Puts into @tasks @first and what comes with it, while their lines are PT_VERIFY_LINES at most;
 * the one too many is *@left. */
static guint
pool_gather (PtVerifierPool *pool, Task *first, Task *tasks[PT_VERIFY_LINES], Task **left)
{
  guint share = pool_share (pool), lines = first->part.count, count = 1;
  gint64 until = pt_p256_lanes_work () ? g_get_monotonic_time () + FILL_US : 0;

  tasks[0] = first;
  while (count < share && lines < PT_VERIFY_LINES)
    {
      Task *task = pool_next (pool, lines, until);

      if (task == NULL)
        break;
      if (task->submission == NULL || lines + task->part.count > PT_VERIFY_LINES)
        {
          *left = task;
          break;
        }
      lines += task->part.count;
      tasks[count++] = task;
    }
  return count;
}

static void
pool_do (PtVerifierPool *pool, Task *tasks[PT_VERIFY_LINES], guint count,
         const PtVerifier *verifier)
{
  PtVerifyPart parts[PT_VERIFY_LINES];

  for (guint i = 0; i < count; i++)
    parts[i] = tasks[i]->part;
  pt_verify_parts (parts, count, pt_committer_log (pool->committer), pt_clock_now (pool->clock),
                   verifier);
  for (guint i = 0; i < count; i++)
    {
      if (g_atomic_int_dec_and_test (&tasks[i]->submission->unverified))
        pt_committer_push (pool->committer, tasks[i]->submission);
      g_free (tasks[i]);
    }
}

static gpointer
pool_work (gpointer data)
{
  PtVerifierPool *pool = data;
  g_autoptr (PtVerifier) verifier = pt_p256_lanes_new ();
  Task *tasks[PT_VERIFY_LINES], *next = NULL;

  g_assert (verifier != NULL);
  for (;;)
    {
      Task *task = next != NULL ? g_steal_pointer (&next) : g_async_queue_pop (pool->tasks);

      if (task->submission == NULL)
        {
          g_free (task);
          return NULL;
        }
      pool_do (pool, tasks, pool_gather (pool, task, tasks, &next), verifier);
    }
}

PtVerifierPool *
pt_verifier_pool_new (PtDirectory *directory, PtClock *clock, guint workers, PtCommitter *committer)
{
  PtVerifierPool *pool;

  g_return_val_if_fail (directory != NULL && clock != NULL && committer != NULL, NULL);

  pool = g_new0 (PtVerifierPool, 1);
  pool->workers = workers > 0 ? workers : g_get_num_processors ();
  pool->directory = directory;
  pool->clock = pt_clock_ref (clock);
  pool->committer = committer;
  pool->tasks = g_async_queue_new ();
  g_mutex_init (&pool->lock);
  pool->threads = g_ptr_array_new ();
  for (guint i = 0; i < pool->workers; i++)
    g_ptr_array_add (pool->threads, g_thread_new ("verifier", pool_work, pool));
  return pool;
}

void
pt_verifier_pool_free (PtVerifierPool *pool)
{
  if (pool == NULL)
    return;
  for (guint i = 0; i < pool->threads->len; i++)
    g_async_queue_push (pool->tasks, g_new0 (Task, 1));
  for (guint i = 0; i < pool->threads->len; i++)
    g_thread_join (g_ptr_array_index (pool->threads, i));
  g_ptr_array_unref (pool->threads);
  g_async_queue_unref (pool->tasks);
  g_mutex_clear (&pool->lock);
  pt_clock_unref (pool->clock);
  g_free (pool);
}

static void
pool_note_push (PtVerifierPool *pool)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&pool->lock);
  g_atomic_int_set (&pool->is_crowded, now - pool->pushed < FILL_US);
  pool->pushed = now;
  g_mutex_unlock (&pool->lock);
}

void
pt_verifier_pool_push (PtVerifierPool *pool, PtSubmission *submission)
{
  guint tasks = (submission->count + PT_VERIFY_LINES - 1) / PT_VERIFY_LINES;

  g_return_if_fail (pool != NULL);

  pool_note_push (pool);
  submission->unverified = (gint) tasks;
  submission->generation = g_atomic_int_get (&pool->directory->generation);
  if (tasks == 0)
    pt_committer_push (pool->committer, submission);
  for (guint i = 0; i < tasks; i++)
    {
      guint from = i * PT_VERIFY_LINES;
      Task *task = g_new (Task, 1);

      task->submission = submission;
      task->part.lines = submission->lines + from;
      task->part.count = MIN (PT_VERIFY_LINES, submission->count - from);
      task->part.kind = submission->kind;
      task->part.peer = &submission->peer;
      g_async_queue_push (pool->tasks, task);
    }
}
