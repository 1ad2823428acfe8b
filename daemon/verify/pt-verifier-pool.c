/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-verifier-pool.h"

#include <string.h>

#include "pt-kind.h"
#include "pt-p256.h"

#define BLOCK_LINES 256

struct _PtVerifierPool
{
  PtDirectory *directory;
  PtClock *clock;
  GThreadPool *threads;
  GAsyncQueue *verifiers; /* PtVerifier, one a worker */
  PtVerifiedFunc verified;
  gpointer user_data;
  guint lines_max;
  gint waiting; /* atomic: lines between push and release */
};

typedef struct
{
  PtSubmission *submission;
  guint first, count;
} Task;

/* Form, clock, signer; the key is copied, so that the signature is checked without the lock. */
static void
line_parse (PtVerifierPool *pool, const PtKind *kind, PtLine *line, gint64 now,
            const PtVerifier *verifier)
{
  PtEntry entry;
  PtResult result = pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &entry);
  const guint8 *key;

  if (result == PT_OK && (kind->entries & (1u << entry.kind)) == 0)
    result = PT_MALFORMED;
  if (result == PT_OK && kind->has_key && !verifier->check_key (verifier->context, entry.key))
    result = PT_MALFORMED;
  if (result != PT_OK)
    {
      pt_line_refuse (line, pt_error_from_result (result));
      return;
    }
  line->seq = entry.seq;
  line->ts = entry.ts;
  line->power = (guint8) entry.power;
  line->received_place = entry.received_place;
  memcpy (line->signature, entry.signature, PT_SIGNATURE_SIZE);
  key = kind->find_signer (pool->directory->registry, line, &entry);
  if (key == NULL)
    return;
  memcpy (line->public_key, key, PT_PUBLIC_KEY_SIZE);
  if (entry.ts > now + kind->ahead || (kind->behind != 0 && entry.ts < now - kind->behind))
    {
      pt_line_refuse (line, PT_ERROR_CLOCK_SKEW);
      return;
    }
  pt_entry_digest (&entry, &line->digest);
}

static void
task_verify (PtVerifierPool *pool, Task *task, PtVerifier *verifier)
{
  PtLine *lines = task->submission->lines + task->first;
  const PtKind *kind = task->submission->kind;
  gint64 now = pt_clock_now (pool->clock);

  g_rw_lock_reader_lock (&pool->directory->lock);
  for (guint i = 0; i < task->count; i++)
    line_parse (pool, kind, &lines[i], now, verifier);
  g_rw_lock_reader_unlock (&pool->directory->lock);

  for (guint i = 0; i < task->count; i++)
    {
      PtLine *line = &lines[i];

      if (line->state != PT_LINE_WAITING)
        continue;
      if (verifier->verify (verifier->context, line->public_key, &line->digest, line->signature))
        line->state = PT_LINE_VERIFIED;
      else if (kind->may_repeat != NULL)
        line->state = PT_LINE_SUSPECT;
      else
        pt_line_refuse (line, PT_ERROR_BAD_SIGNATURE);
    }
}

/* Of what is badly signed only what may be a repetition goes on. */
static void
task_clear_suspects (PtVerifierPool *pool, Task *task)
{
  PtLine *lines = task->submission->lines + task->first;
  const PtKind *kind = task->submission->kind;

  g_rw_lock_reader_lock (&pool->directory->lock);
  for (guint i = 0; i < task->count; i++)
    if (lines[i].state == PT_LINE_SUSPECT && !kind->may_repeat (&lines[i]))
      pt_line_refuse (&lines[i], PT_ERROR_BAD_SIGNATURE);
  g_rw_lock_reader_unlock (&pool->directory->lock);
}

static void
pool_work (gpointer data, gpointer user_data)
{
  g_autofree Task *task = data;
  PtVerifierPool *pool = user_data;
  PtVerifier *verifier = g_async_queue_pop (pool->verifiers);

  task_verify (pool, task, verifier);
  task_clear_suspects (pool, task);
  g_async_queue_push (pool->verifiers, verifier);
  if (g_atomic_int_dec_and_test (&task->submission->unverified))
    pool->verified (task->submission, pool->user_data);
}

PtVerifierPool *
pt_verifier_pool_new (PtDirectory *directory, PtClock *clock, guint workers, guint lines_max,
                      PtVerifiedFunc verified, gpointer user_data)
{
  PtVerifierPool *pool = g_new0 (PtVerifierPool, 1);

  if (workers == 0)
    workers = g_get_num_processors ();
  pool->directory = directory;
  pool->clock = pt_clock_ref (clock);
  pool->lines_max = lines_max;
  pool->verified = verified;
  pool->user_data = user_data;
  pool->verifiers = g_async_queue_new_full ((GDestroyNotify) pt_p256_verifier_free);
  for (guint i = 0; i < workers; i++)
    g_async_queue_push (pool->verifiers, pt_p256_verifier_new (PT_P256_FAST));
  pool->threads = g_thread_pool_new (pool_work, pool, (gint) workers, TRUE, NULL);
  return pool;
}

void
pt_verifier_pool_drain (PtVerifierPool *pool)
{
  GThreadPool *threads = g_steal_pointer (&pool->threads);

  if (threads != NULL)
    g_thread_pool_free (threads, FALSE, TRUE);
}

void
pt_verifier_pool_free (PtVerifierPool *pool)
{
  if (pool == NULL)
    return;
  pt_verifier_pool_drain (pool);
  g_async_queue_unref (pool->verifiers);
  pt_clock_unref (pool->clock);
  g_free (pool);
}

gboolean
pt_verifier_pool_push (PtVerifierPool *pool, PtSubmission *submission)
{
  guint tasks = (submission->count + BLOCK_LINES - 1) / BLOCK_LINES;
  gint before = g_atomic_int_add (&pool->waiting, (gint) submission->count);

  if (pool->threads == NULL || (before > 0 && (guint) before + submission->count > pool->lines_max))
    {
      pt_verifier_pool_release (pool, submission->count);
      return FALSE;
    }
  submission->unverified = (gint) tasks;
  submission->generation = g_atomic_int_get (&pool->directory->generation);
  if (tasks == 0)
    {
      pool->verified (submission, pool->user_data);
      return TRUE;
    }
  for (guint i = 0; i < tasks; i++)
    {
      Task *task = g_new (Task, 1);

      task->submission = submission;
      task->first = i * BLOCK_LINES;
      task->count = MIN (BLOCK_LINES, submission->count - task->first);
      g_thread_pool_push (pool->threads, task, NULL);
    }
  return TRUE;
}

void
pt_verifier_pool_release (PtVerifierPool *pool, guint lines)
{
  g_atomic_int_add (&pool->waiting, -(gint) lines);
}

guint
pt_verifier_pool_waiting (PtVerifierPool *pool)
{
  return (guint) MAX (g_atomic_int_get (&pool->waiting), 0);
}
