/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-committer.h"

#include "pt-group-commit.h"
#include "pt-kind.h"
#include "pt-log-state.h"
#include "pt-said.h"

/* A submission is never split, and no group is larger than the largest one. */
#define GROUP_LINES_MAX PT_SUBMISSION_LINES_MAX

#define REJECTED_US ((gint64) G_USEC_PER_SEC)

typedef struct
{
  PtSubmission *submission; /* or: */
  GFunc func;
  gpointer data;
  gboolean done;
} Work;

struct _PtCommitter
{
  PtCommitterConfig config;
  GThread *thread;
  GMutex lock;
  GCond work_added, work_done;
  GQueue work; /* Work; owned for submissions */
  gboolean stopping;
  gint64 newest;  /* ms: what the log's state said last */
  GArray *sealed; /* guint64 by area, for all threads: what the log's state will say */
  gboolean sealed_moved;

  /* The thread's own: */
  PtLogState log;
  PtGroupCommit *commit;
  gint64 rejected_at; /* monotonic us */
};

/* Commit and answer */

static void
committer_answer (GPtrArray *submissions)
{
  for (guint i = 0; i < submissions->len; i++)
    {
      PtSubmission *submission = g_ptr_array_index (submissions, i);

      submission->done (submission, submission->user_data);
    }
}

/* What is stored is not what is in memory: nothing more can be written in this life. A new one
 * reads it, and where nothing else is wrong it may begin at once. */
static void
committer_stop (PtCommitter *committer, const GError *error)
{
  g_autoptr (GError) told = g_error_copy (error);

  if (pt_group_commit_is_behind (committer->commit))
    told->code = PT_ERROR_RETRY;
  pt_health_stop (committer->config.health, told);
}

/* What failed is said until a group is written; one without anything to write shows nothing. */
static void
committer_tell (PtCommitter *committer, const GError *error)
{
  PtHealth *health = committer->config.health;
  g_autofree char *sentence = NULL;

  if (error == NULL)
    {
      if (pt_group_commit_wrote (committer->commit))
        pt_health_say (health, PT_HEALTH_COMMITTER, PT_HEALTH_WELL, NULL);
      return;
    }
  sentence = g_strdup_printf ("What is handed in has to wait: %s", error->message);
  pt_health_say (health, PT_HEALTH_COMMITTER, pt_health_sort_of (error), sentence);
  if (g_error_matches (error, PT_ERROR, PT_ERROR_STOP))
    committer_stop (committer, error);
}

/* The log's newest time, for all threads. */
static void
committer_publish_newest (PtCommitter *committer)
{
  g_mutex_lock (&committer->lock);
  committer->newest = committer->log.last_received;
  g_mutex_unlock (&committer->lock);
}

/* FALSE: there is no time that what is handed in may get, which the guard says. */
static gboolean
committer_ask_time (const PtCommitter *committer, gint64 newest, gint64 *now)
{
  PtTimeGuard *guard = committer->config.guard;
  PtTimeVerdict verdict;

  if (guard == NULL)
    {
      *now = pt_clock_now (committer->config.clock);
      return TRUE;
    }
  verdict = pt_time_guard_ask (guard, newest, now);
  return verdict == PT_TIME_HOLDS || verdict == PT_TIME_AHEAD;
}

/* Where nothing is accepted there is no group that what was refused could be written with: then it
 * has one of its own, once a second at most. */
static void
committer_keep_rejected (PtCommitter *committer)
{
  gint64 now = g_get_monotonic_time ();

  if (now - committer->rejected_at < REJECTED_US)
    return;
  committer->rejected_at = now;
  pt_group_commit_keep_rejected (committer->commit);
}

static void
committer_commit (PtCommitter *committer, GPtrArray *submissions)
{
  g_autoptr (GError) error = NULL;
  gint64 now;

  if (!committer_ask_time (committer, committer->log.last_received, &now))
    {
      pt_group_commit_refuse (submissions);
      committer_answer (submissions);
      return;
    }
  pt_group_commit_run (committer->commit, submissions, now, &error);
  committer_publish_newest (committer);
  committer_tell (committer, error);
  committer_answer (submissions);
  if (pt_group_commit_wrote (committer->commit))
    pt_group_commit_tell_late (committer->commit);
  committer_keep_rejected (committer);
}

/* The thread */

/* With the lock. */
static void
committer_take_sealed (PtCommitter *committer)
{
  for (guint i = 0; committer->sealed_moved && i < committer->sealed->len; i++)
    pt_log_state_area (&committer->log, i)->sealed = g_array_index (committer->sealed, guint64, i);
  committer->sealed_moved = FALSE;
}

/* All that waits, up to a bound; what changes who may sign makes a group alone, so that it holds
 * for all that comes after it in the log. With the lock. */
static GPtrArray *
committer_take (PtCommitter *committer, Work **call)
{
  GPtrArray *taken = g_ptr_array_new ();
  guint lines = 0;

  *call = NULL;
  committer_take_sealed (committer);
  while (!g_queue_is_empty (&committer->work))
    {
      Work *work = g_queue_peek_head (&committer->work);
      gboolean alone = work->submission == NULL || work->submission->kind->alone;

      if (taken->len > 0 && (alone || lines + work->submission->count > GROUP_LINES_MAX))
        break;
      g_queue_pop_head (&committer->work);
      if (work->submission == NULL)
        {
          *call = work;
          break;
        }
      lines += work->submission->count;
      g_ptr_array_add (taken, work->submission);
      g_free (work);
      if (alone)
        break;
    }
  return taken;
}

static gpointer
committer_main (gpointer data)
{
  PtCommitter *committer = data;

  g_mutex_lock (&committer->lock);
  for (;;)
    {
      g_autoptr (GPtrArray) submissions = NULL;
      Work *call;

      while (g_queue_is_empty (&committer->work) && !committer->stopping)
        g_cond_wait (&committer->work_added, &committer->lock);
      if (g_queue_is_empty (&committer->work))
        break;
      submissions = committer_take (committer, &call);
      g_mutex_unlock (&committer->lock);
      if (call != NULL)
        call->func (call->data, NULL);
      if (submissions->len > 0)
        committer_commit (committer, submissions);
      g_mutex_lock (&committer->lock);
      if (call != NULL)
        {
          call->done = TRUE;
          g_cond_broadcast (&committer->work_done);
        }
    }
  g_mutex_unlock (&committer->lock);
  pt_group_commit_keep_rejected (committer->commit);
  return NULL;
}

PtCommitter *
pt_committer_new (const PtCommitterConfig *config)
{
  PtCommitter *committer;

  g_return_val_if_fail (config != NULL && config->clock != NULL, NULL);

  committer = g_new0 (PtCommitter, 1);
  committer->config = *config;
  pt_clock_ref (config->clock);
  pt_log_state_init (&committer->log, config->store, config->archive, config->directory);
  committer->log.rates = config->rates;
  committer->log.traffic = config->traffic;
  committer->log.copied = config->copied;
  committer->log.last_received = committer->newest = config->last_received;
  committer->sealed = g_array_new (FALSE, TRUE, sizeof (guint64));
  committer->commit = pt_group_commit_new (&committer->log, config->live);
  pt_group_commit_set_receipts (committer->commit, &config->receipts);
  g_mutex_init (&committer->lock);
  g_cond_init (&committer->work_added);
  g_cond_init (&committer->work_done);
  g_queue_init (&committer->work);
  committer->thread = g_thread_new ("committer", committer_main, committer);
  return committer;
}

void
pt_committer_free (PtCommitter *committer)
{
  if (committer == NULL)
    return;
  g_mutex_lock (&committer->lock);
  committer->stopping = TRUE;
  g_cond_signal (&committer->work_added);
  g_mutex_unlock (&committer->lock);
  g_thread_join (committer->thread);
  pt_group_commit_free (committer->commit);
  pt_log_state_clear (&committer->log);
  g_array_unref (committer->sealed);
  pt_clock_unref (committer->config.clock);
  g_mutex_clear (&committer->lock);
  g_cond_clear (&committer->work_added);
  g_cond_clear (&committer->work_done);
  g_free (committer);
}

static void
committer_add_work (PtCommitter *committer, Work *work)
{
  g_queue_push_tail (&committer->work, work);
  g_cond_signal (&committer->work_added);
}

void
pt_committer_push (PtCommitter *committer, PtSubmission *submission)
{
  Work *work;

  g_return_if_fail (committer != NULL && submission != NULL && submission->kind != NULL);

  work = g_new0 (Work, 1);
  work->submission = submission;
  g_mutex_lock (&committer->lock);
  committer_add_work (committer, work);
  g_mutex_unlock (&committer->lock);
}

void
pt_committer_run (PtCommitter *committer, GFunc func, gpointer data)
{
  Work work = { .func = func, .data = data };

  g_return_if_fail (committer != NULL && func != NULL);

  g_mutex_lock (&committer->lock);
  committer_add_work (committer, &work);
  while (!work.done)
    g_cond_wait (&committer->work_done, &committer->lock);
  g_mutex_unlock (&committer->lock);
}

/* What others ask */

typedef struct
{
  PtCommitter *committer;
  gint64 at;
  GArray *touched;
} Barrier;

static void
barrier_run (gpointer data, gpointer user_data)
{
  Barrier *barrier = data;
  PtLogState *log = &barrier->committer->log;

  log->last_received = MAX (log->last_received, barrier->at);
  committer_publish_newest (barrier->committer);
  if (barrier->touched != NULL)
    pt_log_state_take_touched (log, barrier->touched);
}

void
pt_committer_barrier (PtCommitter *committer, gint64 at, GArray *touched)
{
  Barrier barrier = { committer, at, touched };

  g_return_if_fail (committer != NULL);

  pt_committer_run (committer, barrier_run, &barrier);
}

typedef struct
{
  PtLogState *log;
  const PtBatchRow *rows;
  guint count;
} Passing;

static void
pass_run (gpointer data, gpointer user_data)
{
  const Passing *passing = data;
  PtDirectory *directory = passing->log->directory;

  for (guint i = 0; i < passing->count; i++)
    {
      const PtBatchRow *row = &passing->rows[i];
      PtArea *area = pt_registry_area_at (directory->registry, row->area);

      if (!pt_promises_is_waiting (area->promises))
        continue;
      pt_door_begin_write (&directory->door);
      pt_said_pass (passing->log, area, row->to);
      pt_door_end_write (&directory->door);
    }
}

void
pt_committer_pass (PtCommitter *committer, const PtBatchRow *rows, guint count)
{
  Passing passing = { .rows = rows, .count = count };

  g_return_if_fail (committer != NULL && (rows != NULL || count == 0));

  passing.log = &committer->log;
  pt_committer_run (committer, pass_run, &passing);
}

gint64
pt_committer_newest (PtCommitter *committer)
{
  gint64 newest;

  g_return_val_if_fail (committer != NULL, 0);

  g_mutex_lock (&committer->lock);
  newest = committer->newest;
  g_mutex_unlock (&committer->lock);
  return newest;
}

gboolean
pt_committer_has_time (PtCommitter *committer)
{
  gint64 now;

  g_return_val_if_fail (committer != NULL, FALSE);

  return committer_ask_time (committer, pt_committer_newest (committer), &now);
}

typedef struct
{
  PtCommitter *committer;
  gint64 now;
  PtRestamped *out;
  gboolean result;
  GError **error;
} Restamp;

static void
restamp_run (gpointer data, gpointer user_data)
{
  Restamp *job = data;

  job->result = pt_restamp_run (&job->committer->log, job->now, job->out, job->error);
  committer_publish_newest (job->committer);
}

gboolean
pt_committer_restamp (PtCommitter *committer, gint64 now, PtRestamped *out, GError **error)
{
  Restamp job = { committer, now, out, FALSE, error };

  g_return_val_if_fail (committer != NULL && out != NULL, FALSE);

  pt_committer_run (committer, restamp_run, &job);
  return job.result;
}

static void
keep_rejected_run (gpointer data, gpointer user_data)
{
  pt_group_commit_keep_rejected (((PtCommitter *) data)->commit);
}

void
pt_committer_keep_rejected (PtCommitter *committer)
{
  g_return_if_fail (committer != NULL);

  pt_committer_run (committer, keep_rejected_run, committer);
}

typedef struct
{
  PtCommitter *committer;
  PtSubmission *submission;
  const gint64 *received;
  guint *line;
  gboolean result;
  GError **error;
} Replay;

static void
replay_run (gpointer data, gpointer user_data)
{
  Replay *job = data;

  job->result = pt_group_commit_replay (job->committer->commit, job->submission, job->received,
                                        job->line, job->error);
}

gboolean
pt_committer_replay (PtCommitter *committer, PtSubmission *submission, const gint64 *received,
                     guint *line, GError **error)
{
  Replay job = { committer, submission, received, line, FALSE, error };

  g_return_val_if_fail (committer != NULL && submission != NULL, FALSE);
  g_return_val_if_fail (received != NULL && line != NULL, FALSE);

  pt_committer_run (committer, replay_run, &job);
  return job.result;
}

typedef struct
{
  PtCommitter *committer;
  const char *id;
  const guint8 *authority_key, *service_key;
  gboolean result, created;
  GError **error;
} AddArea;

static void
add_area_run (gpointer data, gpointer user_data)
{
  AddArea *job = data;
  gint64 now = pt_clock_now (job->committer->config.clock);

  job->result = pt_log_state_add_area (&job->committer->log, job->id, job->authority_key,
                                       job->service_key, now, &job->created, job->error);
}

gboolean
pt_committer_add_area (PtCommitter *committer, const char *id, const guint8 *authority_key,
                       const guint8 *service_key, gboolean *created, GError **error)
{
  AddArea job = { committer, id, authority_key, service_key, FALSE, FALSE, error };

  g_return_val_if_fail (committer != NULL && id != NULL, FALSE);
  g_return_val_if_fail (authority_key != NULL && service_key != NULL, FALSE);

  pt_committer_run (committer, add_area_run, &job);
  if (created != NULL)
    *created = job.created;
  return job.result;
}

void
pt_committer_set_sealed (PtCommitter *committer, guint32 area, guint64 entry)
{
  guint64 *sealed;

  g_return_if_fail (committer != NULL && area < PT_AREAS_MAX);

  g_mutex_lock (&committer->lock);
  if (area >= committer->sealed->len)
    g_array_set_size (committer->sealed, area + 1);
  sealed = &g_array_index (committer->sealed, guint64, area);
  *sealed = MAX (*sealed, entry);
  committer->sealed_moved = TRUE;
  g_mutex_unlock (&committer->lock);
}

guint64
pt_committer_unsealed (PtCommitter *committer, PtSubject subject, gint64 seq)
{
  PtTailPlace place;

  g_return_val_if_fail (committer != NULL, 0);

  return pt_tail_find (committer->log.tail, subject, seq, &place) ? place.entry : 0;
}

const PtLogState *
pt_committer_log (const PtCommitter *committer)
{
  g_return_val_if_fail (committer != NULL, NULL);

  return &committer->log;
}

void
pt_committer_recover_area (PtCommitter *committer, guint32 area, guint64 tail)
{
  g_return_if_fail (committer != NULL);

  pt_log_state_area (&committer->log, area)->tail = tail;
}

void
pt_committer_watch (PtCommitter *committer, const PtSaidWatch *watch)
{
  g_return_if_fail (committer != NULL && watch != NULL);

  committer->log.watch = *watch;
}

gboolean
pt_committer_recover_said (PtCommitter *committer, const PtSaidRow *row, GError **error)
{
  g_return_val_if_fail (committer != NULL && row != NULL, FALSE);

  return pt_said_recover (&committer->log, row, error);
}

void
pt_committer_recover_passed (PtCommitter *committer, guint32 area, gint64 received)
{
  PtRegistry *registry;

  g_return_if_fail (committer != NULL);

  registry = committer->log.directory->registry;
  pt_said_pass (&committer->log, pt_registry_area_at (registry, area), received);
}

gboolean
pt_committer_recover (PtCommitter *committer, const PtEntryRow *row, gboolean folded,
                      GError **error)
{
  const PtKind *kind;
  PtEntry entry;

  g_return_val_if_fail (committer != NULL && row != NULL, FALSE);

  if (pt_entry_parse (pt_span (row->body, row->size), PT_ENTRY_STORED, &entry) != PT_OK)
    return pt_kind_damaged ("An entry", error);
  kind = pt_kind_of_entry (entry.kind);
  if (kind == NULL)
    return pt_kind_damaged ("An entry", error);
  return kind->recover (&committer->log, row, &entry, folded, error);
}
