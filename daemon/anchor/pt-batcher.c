/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-batcher.h"

#include "pt-seal.h"
#include "pt-store-batches.h"

#define RETRY_MS 1000
#define PRUNE_LINES 2048
#define PRUNE_PAUSE_MS 20
#define RESTAMP_EVERY_US (10 * G_USEC_PER_SEC)
#define LATE_PERIODS 8                     /* a batch that is not final by then is late, */
#define LATE_LEAST_MS (2 * 60 * 60 * 1000) /* but none is before */

struct _PtBatcher
{
  PtBatcherConfig config;
  GThread *thread;
  GMutex lock;
  GCond changed;
  gboolean stopping, moved; /* moved: the clock was stepped on */
  gboolean released;        /* areas that were held back may be sealed now */
  gint64 sealed_to;         /* every window that ended by then is sealed; 0: not known yet */
  GArray *histories;        /* PtSubjectRow that are not in the store yet */
  gint64 snapshot_due;      /* monotonic us */
  GArray *folded;           /* guint64 by area: entries up to this are in saved histories */
  GArray *kept;             /* guint64 by area: the files of entries up to this were found whole */
  guint pruning;            /* the area whose turn it is; beyond the last: no one's */
  gint64 restamp_due;       /* monotonic us */
  PtRestamped restamped;    /* what came of the last time */
};

/* On the thread that steps the clock: a step within a window is none of the batcher's business. */
static void
batcher_clock_moved (gpointer user_data)
{
  PtBatcher *batcher = user_data;
  gint64 now = pt_clock_now (batcher->config.clock), period = batcher->config.period;

  g_mutex_lock (&batcher->lock);
  if (now / period > batcher->sealed_to / period)
    {
      batcher->moved = TRUE;
      g_cond_signal (&batcher->changed);
    }
  g_mutex_unlock (&batcher->lock);
}

/* On the thread that looked at the chain. */
static void
batcher_hold_changed (gpointer user_data)
{
  PtBatcher *batcher = user_data;

  g_mutex_lock (&batcher->lock);
  batcher->moved = batcher->released = TRUE;
  g_cond_signal (&batcher->changed);
  g_mutex_unlock (&batcher->lock);
}

static void
history_row_clear (gpointer data)
{
  pt_history_clear (&((PtSubjectRow *) data)->history);
}

PtBatcher *
pt_batcher_new (const PtBatcherConfig *config)
{
  PtBatcher *batcher;

  g_return_val_if_fail (config != NULL && config->period > 0, NULL);
  g_return_val_if_fail (config->health != NULL && config->news != NULL, NULL);

  batcher = g_new0 (PtBatcher, 1);
  batcher->config = *config;
  g_mutex_init (&batcher->lock);
  g_cond_init (&batcher->changed);
  batcher->histories = g_array_new (FALSE, TRUE, sizeof (PtSubjectRow));
  g_array_set_clear_func (batcher->histories, history_row_clear);
  batcher->folded = g_array_new (FALSE, TRUE, sizeof (guint64));
  batcher->kept = g_array_new (FALSE, TRUE, sizeof (guint64));
  batcher->snapshot_due = g_get_monotonic_time () + (gint64) config->snapshot_s * G_USEC_PER_SEC;
  return batcher;
}

static void
batcher_set_sealed_to (PtBatcher *batcher, gint64 to)
{
  g_mutex_lock (&batcher->lock);
  batcher->sealed_to = MAX (batcher->sealed_to, to);
  g_mutex_unlock (&batcher->lock);
}

gint64
pt_batcher_behind (PtBatcher *batcher)
{
  gint64 period, sealed_to;

  g_return_val_if_fail (batcher != NULL, 0);

  period = batcher->config.period;
  g_mutex_lock (&batcher->lock);
  sealed_to = batcher->sealed_to;
  g_mutex_unlock (&batcher->lock);
  return MAX (0, pt_clock_now (batcher->config.clock) / period - sealed_to / period);
}

static void
batcher_tell (PtBatcher *batcher, PtSealPass *pass)
{
  g_autoptr (GArray) rows = pt_seal_pass_rows (pass);

  pt_committer_pass (batcher->config.committer, (const PtBatchRow *) (gpointer) rows->data,
                     rows->len);
  pt_news_tell_batches (batcher->config.news, (const PtBatchRow *) (gpointer) rows->data,
                        rows->len);
  if (batcher->config.submitter != NULL)
    pt_submitter_wake (batcher->config.submitter);
}

gboolean
pt_batcher_seal (PtBatcher *batcher, gint64 to, guint *count, GError **error)
{
  const PtBatcherConfig *config;
  guint sealed;

  g_return_val_if_fail (batcher != NULL && count != NULL, FALSE);

  config = &batcher->config;
  *count = 0;
  pt_committer_barrier (config->committer, to, NULL);
  do
    {
      g_autoptr (PtSealPass) pass = pt_seal_pass_new (config, error);

      if (pass == NULL || !pt_seal_pass_run (pass, to, error))
        return FALSE;
      sealed = pt_seal_pass_count (pass);
      *count += sealed;
      batcher_set_sealed_to (batcher, sealed > 0 ? pt_seal_pass_to (pass) : to);
      if (sealed > 0)
        batcher_tell (batcher, pass);
      if (config->submitter != NULL && pt_seal_pass_wants_look (pass))
        pt_submitter_look (config->submitter);
    }
  while (sealed > 0);
  return TRUE;
}

/* Snapshots */

static gboolean
take_number (const PtEntryRow *row, gpointer user_data, GError **error)
{
  *(guint64 *) user_data = row->number;
  return FALSE;
}

/* Looks at the file of the area's entry @entry, if its batch is FINAL; *@kept: its last entry,
 * where it is whole. FALSE: it can't be said now. */
static gboolean
batcher_keep_batch (PtBatcher *batcher, guint32 area, guint64 entry, guint64 *kept, GError **error)
{
  PtArchive *archive = batcher->config.archive;
  g_autoptr (GError) local = NULL;
  PtBatchRow row;
  PtKeep keep;

  if (!pt_archive_batch_of_entry (archive, area, entry, &row, &local))
    {
      if (g_error_matches (local, PT_ERROR, PT_ERROR_NOT_FOUND))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (row.state != PT_BATCH_FINAL)
    return TRUE;
  keep = pt_archive_keep (archive, &row, NULL, NULL, error);
  if (keep == PT_KEEP_HOLDS || keep == PT_KEEP_MENDED)
    *kept = row.last_entry;
  return keep != PT_KEEP_UNKNOWN;
}

/* Rows are all there is of a batch whose blocks a disk has spoiled, so nothing is pruned before its
 * file was read back. *@up_to: so far the area's rows may go, at most to where it was. At most one
 * file is looked at. */
static gboolean
batcher_keep (PtBatcher *batcher, guint32 area, guint64 *up_to, GError **error)
{
  guint64 first = 0, *kept;

  if (area >= batcher->kept->len)
    g_array_set_size (batcher->kept, area + 1);
  kept = &g_array_index (batcher->kept, guint64, area);
  if (!pt_store_scan_entries (batcher->config.store, area, 0, 0, take_number, &first, error))
    return FALSE;
  *kept = MAX (*kept, first > 0 ? first - 1 : 0);
  if (first > 0 && *kept < *up_to && !batcher_keep_batch (batcher, area, *kept + 1, kept, error))
    return FALSE;
  *up_to = MIN (*up_to, *kept);
  return TRUE;
}

/* What is in a FINAL batch may be forgotten, which the store knows, once it is folded into the
 * saved histories and its file was found whole. A little at a time, so that no commit waits for it.
 * Whether there is more to do. */
static gboolean
batcher_prune (PtBatcher *batcher, GError **error)
{
  guint removed = 0;

  while (removed == 0 && batcher->pruning < batcher->folded->len)
    {
      guint64 up_to = g_array_index (batcher->folded, guint64, batcher->pruning);

      if (up_to > 0
          && (!batcher_keep (batcher, batcher->pruning, &up_to, error)
              || !pt_store_prune (batcher->config.store, batcher->pruning, up_to, PRUNE_LINES,
                                  &removed, error)))
        {
          batcher->pruning = batcher->folded->len;
          return FALSE;
        }
      if (removed == 0)
        batcher->pruning++;
    }
  return removed > 0;
}

static void
batcher_note_folded (PtBatcher *batcher)
{
  for (guint i = 0; i < batcher->histories->len; i++)
    {
      const PtSubjectRow *row = &g_array_index (batcher->histories, PtSubjectRow, i);
      guint64 *folded;

      if (row->area >= batcher->folded->len)
        g_array_set_size (batcher->folded, row->area + 1);
      folded = &g_array_index (batcher->folded, guint64, row->area);
      *folded = MAX (*folded, row->folded_to);
    }
}

gboolean
pt_batcher_snapshot (PtBatcher *batcher, GError **error)
{
  g_autoptr (GArray) touched = NULL;

  g_return_val_if_fail (batcher != NULL, FALSE);

  touched = g_array_new (FALSE, TRUE, sizeof (PtSubjectRow));
  pt_committer_barrier (batcher->config.committer, 0, touched);
  /* Rows that an earlier failure left are older, so the new ones come after them. */
  g_array_append_vals (batcher->histories, touched->data, touched->len);
  if (batcher->histories->len > 0
      && !pt_store_save_histories (batcher->config.store, (PtSubjectRow *) batcher->histories->data,
                                   batcher->histories->len, error))
    return FALSE;
  batcher_note_folded (batcher);
  g_array_set_size (batcher->histories, 0);
  batcher->pruning = 0;
  return TRUE;
}

/* Says what holds up sealing; NULL: nothing. */
static void
batcher_set_delay (PtBatcher *batcher, const GError *reason)
{
  PtHealth *health = batcher->config.health;
  g_autofree char *sentence = NULL;

  if (reason == NULL)
    {
      pt_health_say (health, PT_HEALTH_BATCHER, PT_HEALTH_WELL, NULL);
      return;
    }
  sentence = g_strdup_printf ("Sealing is delayed: %s", reason->message);
  pt_health_say (health, PT_HEALTH_BATCHER, pt_health_sort_of (reason), sentence);
}

static gboolean
batcher_must_stop (PtBatcher *batcher, GError **error)
{
  gboolean stop = g_error_matches (*error, PT_ERROR, PT_ERROR_STOP);

  batcher_set_delay (batcher, *error);
  if (stop)
    pt_health_stop (batcher->config.health, *error);
  g_clear_error (error);
  return stop;
}

/* Waits for so long, for the clock to be stepped on, for areas to be released, or for the end;
 * whether to go on. */
static gboolean
batcher_wait (PtBatcher *batcher, guint wait_ms, gboolean *released)
{
  gint64 until = g_get_monotonic_time () + (gint64) wait_ms * 1000;
  gboolean go_on;

  g_mutex_lock (&batcher->lock);
  while (!batcher->stopping && !batcher->moved
         && g_cond_wait_until (&batcher->changed, &batcher->lock, until))
    ;
  batcher->moved = FALSE;
  *released = batcher->released;
  batcher->released = FALSE;
  go_on = !batcher->stopping;
  g_mutex_unlock (&batcher->lock);
  return go_on;
}

/* Time */

static char *
time_text (gint64 ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (ms / 1000);

  return g_date_time_format (time, "%Y-%m-%d %H:%M:%S UTC");
}

/* What a clock that was ahead has left behind is put right as soon as the clock is. */
static gboolean
batcher_restamp (PtBatcher *batcher, gint64 now, GError **error)
{
  PtRestamped *done = &batcher->restamped;
  g_autofree char *furthest = NULL;

  batcher->restamp_due = g_get_monotonic_time () + RESTAMP_EVERY_US;
  if (!pt_committer_restamp (batcher->config.committer, now, done, error))
    return FALSE;
  if (done->changed == 0)
    return TRUE;
  furthest = time_text (done->furthest);
  g_warning ("%" G_GUINT64_FORMAT
             " entries were received by a clock that was ahead, up to %s. They "
             "were not sealed yet, and have the time of now.",
             done->changed, furthest);
  return TRUE;
}

/* What is sealed now has a time that is believed. */
static gboolean
batcher_ask_time (PtBatcher *batcher, gint64 *now, GError **error)
{
  const PtBatcherConfig *config = &batcher->config;
  gint64 newest = pt_committer_newest (config->committer);
  PtTimeVerdict verdict;

  if (config->guard == NULL)
    {
      *now = pt_clock_now (config->clock);
      return TRUE;
    }
  verdict = pt_time_guard_ask (config->guard, newest, now);
  if (verdict == PT_TIME_BEHIND && newest > *now + PT_RESTAMP_LEAST_MS
      && g_get_monotonic_time () >= batcher->restamp_due)
    {
      if (!batcher_restamp (batcher, *now, error))
        return FALSE;
      verdict = pt_time_guard_ask (config->guard, pt_committer_newest (config->committer), now);
    }
  if (verdict != PT_TIME_HOLDS && config->submitter != NULL
      && pt_time_guard_wants_block (config->guard))
    pt_submitter_wake (config->submitter);
  return verdict == PT_TIME_HOLDS;
}

/* An area that has to wait until a time comes which a wrong clock has given it. */
static char *
batcher_held_area (PtBatcher *batcher, gint64 now)
{
  PtDirectory *directory = batcher->config.directory;
  const PtRestamped *held = &batcher->restamped;
  g_autofree char *until = time_text (held->until);
  const char *area;

  if (held->areas_held == 0 || held->until <= now)
    return NULL;
  pt_door_begin_read (&directory->door);
  area = pt_registry_area_at (directory->registry, held->area)->id;
  pt_door_end_read (&directory->door);
  return g_strdup_printf ("The log of area %s reaches to %s, by a clock that was ahead: nothing is "
                          "taken in for it before. Wait, or restore a copy that was made earlier.",
                          area, until);
}

/* Whatever the parts say: what was acknowledged has to reach the chain. Only the machine's own time
 * passes as the chain's does. */
static char *
batcher_late_batch (PtBatcher *batcher, gint64 now)
{
  const PtBatcherConfig *config = &batcher->config;
  gint64 most = MAX (LATE_PERIODS * config->period, LATE_LEAST_MS);
  g_autoptr (GArray) rows = NULL;
  const PtBatchRow *row;

  if (config->submitter == NULL || !pt_submitter_has_chain (config->submitter)
      || pt_clock_source (config->clock) != PT_CLOCK_REAL)
    return NULL;
  rows = pt_store_unfinished (config->store, 1, NULL);
  if (rows == NULL || rows->len == 0)
    return NULL;
  row = &g_array_index (rows, PtBatchRow, 0);
  if (now - row->to <= most)
    return NULL;
  return g_strdup_printf ("Batch %" G_GUINT64_FORMAT
                          " of %s is not final on the chain, %" G_GINT64_FORMAT
                          " minutes after its window ended. See what the chain and "
                          "the operator's account do; it is tried on.",
                          row->batch, row->area_id, (now - row->to) / 60000);
}

static void
batcher_tell_progress (PtBatcher *batcher, gint64 now)
{
  g_autofree char *held = batcher_held_area (batcher, now);
  g_autofree char *late = held == NULL ? batcher_late_batch (batcher, now) : NULL;
  const char *sentence = held != NULL ? held : late;

  pt_health_say (batcher->config.health, PT_HEALTH_PROGRESS,
                 sentence != NULL ? PT_HEALTH_ASKS : PT_HEALTH_WELL, sentence);
}

/* The thread */

/* Snapshots and pruning, where it is time; the milliseconds after which there is more to do. */
static gboolean
batcher_keep_house (PtBatcher *batcher, guint *wait_ms, GError **error)
{
  if (g_get_monotonic_time () >= batcher->snapshot_due)
    {
      batcher->snapshot_due
          = g_get_monotonic_time () + (gint64) batcher->config.snapshot_s * G_USEC_PER_SEC;
      if (!pt_batcher_snapshot (batcher, error))
        return FALSE;
    }
  if (batcher_prune (batcher, error))
    *wait_ms = MIN (*wait_ms, PRUNE_PAUSE_MS);
  return *error == NULL;
}

/* One turn; @released: what was held is not any more. FALSE with an error: it failed; FALSE
 * without: the time is not believed. */
static gboolean
batcher_turn (PtBatcher *batcher, gboolean released, gint64 *sealed_to, guint *wait_ms,
              GError **error)
{
  const PtBatcherConfig *config = &batcher->config;
  gint64 now, boundary;
  guint count = 0;

  *wait_ms = RETRY_MS;
  if (!batcher_ask_time (batcher, &now, error))
    return FALSE;
  boundary = now / config->period * config->period;
  *sealed_to = MIN (*sealed_to, boundary); /* the clock was put back */
  if ((boundary > *sealed_to || released) && !pt_batcher_seal (batcher, boundary, &count, error))
    return FALSE;
  *sealed_to = boundary;
  batcher_tell_progress (batcher, now);
  *wait_ms
      = MIN (pt_clock_delay (config->clock, boundary + config->period), config->snapshot_s * 1000);
  return batcher_keep_house (batcher, wait_ms, error);
}

static gpointer
batcher_main (gpointer data)
{
  PtBatcher *batcher = data;
  gint64 sealed_to = 0;
  gboolean released;
  guint wait_ms = 1;

  while (batcher_wait (batcher, wait_ms, &released))
    {
      g_autoptr (GError) error = NULL;

      if (batcher_turn (batcher, released, &sealed_to, &wait_ms, &error))
        batcher_set_delay (batcher, NULL);
      else if (error != NULL && batcher_must_stop (batcher, &error))
        break;
    }
  return NULL;
}

void
pt_batcher_start (PtBatcher *batcher)
{
  g_return_if_fail (batcher->thread == NULL);

  pt_clock_add_watch (batcher->config.clock, batcher_clock_moved, batcher);
  if (batcher->config.hold != NULL)
    pt_hold_watch (batcher->config.hold, batcher_hold_changed, batcher);
  batcher->thread = g_thread_new ("batcher", batcher_main, batcher);
}

void
pt_batcher_free (PtBatcher *batcher)
{
  g_autoptr (GError) error = NULL;

  if (batcher == NULL)
    return;
  pt_clock_remove_watch (batcher->config.clock, batcher_clock_moved, batcher);
  if (batcher->config.hold != NULL)
    pt_hold_watch (batcher->config.hold, NULL, NULL);
  g_mutex_lock (&batcher->lock);
  batcher->stopping = TRUE;
  g_cond_signal (&batcher->changed);
  g_mutex_unlock (&batcher->lock);
  g_clear_pointer (&batcher->thread, g_thread_join);
  /* Only spares the next start the work: the entries say it all. */
  if (!pt_batcher_snapshot (batcher, &error))
    g_message ("No snapshot at the end: %s", error->message);
  g_array_unref (batcher->histories);
  g_array_unref (batcher->folded);
  g_array_unref (batcher->kept);
  g_mutex_clear (&batcher->lock);
  g_cond_clear (&batcher->changed);
  g_free (batcher);
}
