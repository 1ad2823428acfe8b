/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-committer.h"

#include <string.h>

#include "pt-group.h"
#include "pt-kind.h"
#include "pt-tail.h"

#define GROUP_LINES_MAX 8192
#define BYTES_PER_LINE 40 /* what "received" adds at most */

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

  /* The thread's own: */
  PtTail *tail;
  PtGroupBuilder *group;
  gint64 last_received;
  guint64 last_entry;
  guint64 sealed;      /* atomic by lock */
  GHashTable *touched; /* PtDevice */
  gboolean failed;
};

guint64
pt_committer_last_entry (PtCommitter *committer)
{
  guint64 last;

  g_mutex_lock (&committer->lock);
  last = committer->last_entry;
  g_mutex_unlock (&committer->lock);
  return last;
}

void
pt_committer_set_sealed (PtCommitter *committer, guint64 id)
{
  g_mutex_lock (&committer->lock);
  committer->sealed = MAX (committer->sealed, id);
  g_mutex_unlock (&committer->lock);
}

void
pt_committer_remember (PtCommitter *committer, const PtDevice *device, gint64 seq, guint64 id)
{
  pt_tail_add (committer->tail, device->number, seq, id, 0);
  g_hash_table_add (committer->touched, (gpointer) device);
}

/* Repetition or clone */

static gboolean
committer_stored_report (PtCommitter *self, const PtLine *line, GBytes **entry, GError **error)
{
  guint64 id = pt_tail_find (self->tail, line->device->number, line->seq);

  *entry = NULL;
  if (id > self->last_entry)
    {
      *entry = pt_group_builder_entry (self->group, id - self->last_entry - 1);
      return TRUE;
    }
  if (id != 0 && !pt_store_read_entry (self->config.store, id, entry, error))
    return FALSE;
  if (*entry != NULL || self->config.archive == NULL)
    return TRUE;
  return pt_archive_report (self->config.archive, line->area->number, line->device->number,
                            line->seq, entry, error);
}

static gboolean
line_repeats (const PtLine *line, GBytes *stored)
{
  PtEntry mine, theirs;
  gsize size;
  const char *bytes = g_bytes_get_data (stored, &size);

  return pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &mine) == PT_OK
         && pt_entry_parse (pt_span (bytes, size), PT_ENTRY_STORED, &theirs) == PT_OK
         && pt_entry_same_signed (&mine, &theirs);
}

static void
committer_judge_used (PtCommitter *self, PtLine *line)
{
  g_autoptr (GBytes) stored = NULL;
  g_autoptr (GError) error = NULL;
  gboolean suspect = line->state == PT_LINE_SUSPECT;

  if (!committer_stored_report (self, line, &stored, &error))
    {
      g_warning ("Report %" G_GINT64_FORMAT " of %s can't be compared: %s", line->seq,
                 line->device->id, error->message);
      pt_line_refuse (line, PT_ERROR_BUSY);
      return;
    }
  if (stored != NULL && line_repeats (line, stored))
    {
      line->state = PT_LINE_DUPLICATE;
      return;
    }
  pt_line_refuse (line, suspect ? PT_ERROR_BAD_SIGNATURE : PT_ERROR_STALE_SEQ);
  if (!suspect && stored != NULL)
    pt_group_builder_add_evidence (self->group, line, self->last_received);
}

/* Reports */

/* The registry changed since the signature was checked: is its signer still the same? */
static gboolean
line_still_holds (PtCommitter *self, PtLine *line)
{
  PtErrorCode code = PT_ERROR_FAILED;
  const char *why;
  PtEntry entry;
  const guint8 *key;

  if (pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &entry) != PT_OK)
    return FALSE;
  key = pt_registry_signer (self->config.directory->registry, &entry, &code, &why);
  if (key != NULL && memcmp (key, line->public_key, PT_PUBLIC_KEY_SIZE) == 0)
    return TRUE;
  pt_line_refuse (line, key == NULL ? code : PT_ERROR_BAD_SIGNATURE);
  return FALSE;
}

static void
committer_add_report (PtCommitter *self, PtLine *line)
{
  switch (pt_history_check (&line->device->history, line->seq))
    {
    case PT_SEQ_TOO_OLD:
      pt_line_refuse (line,
                      line->state == PT_LINE_SUSPECT ? PT_ERROR_BAD_SIGNATURE : PT_ERROR_STALE_SEQ);
      return;
    case PT_SEQ_USED:
      committer_judge_used (self, line);
      return;
    case PT_SEQ_NEW:
    default:
      break;
    }
  if (line->state == PT_LINE_SUSPECT)
    {
      pt_line_refuse (line, PT_ERROR_BAD_SIGNATURE);
      return;
    }
  pt_group_builder_add_report (self->group, line, self->last_received);
  pt_tail_add (self->tail, line->device->number, line->seq,
               self->last_entry + pt_group_builder_count (self->group), self->sealed);
}

static void
committer_add_reports (PtCommitter *self, PtSubmission *submission)
{
  gboolean changed
      = submission->generation != g_atomic_int_get (&self->config.directory->generation);

  for (guint i = 0; i < submission->count; i++)
    {
      PtLine *line = &submission->lines[i];

      if (line->state != PT_LINE_VERIFIED && line->state != PT_LINE_SUSPECT)
        continue;
      if (!changed || line_still_holds (self, line))
        committer_add_report (self, line);
    }
}

/* Registrations */

typedef struct
{
  guint32 area;
  PtSpan id;
  GBytes *found;
} OfficialSearch;

static gboolean
find_official (const PtOfficialRow *row, gpointer user_data, GError **error)
{
  OfficialSearch *search = user_data;

  if (row->area == search->area && pt_span_is (search->id, row->id) && search->found == NULL)
    search->found = g_bytes_ref (row->body);
  return TRUE;
}

/* The stored bytes of the newest registration of the device or official, or NULL. */
static GBytes *
committer_stored_registration (PtCommitter *self, const PtLine *line, const PtEntry *entry)
{
  OfficialSearch search = { .area = line->area->number, .id = entry->official };
  g_autoptr (GPtrArray) bodies = NULL;
  PtDevice *device;

  if (entry->kind == PT_ENTRY_OFFICIAL)
    {
      pt_store_scan_officials (self->config.store, find_official, &search, NULL);
      return search.found;
    }
  device = pt_registry_device (line->area, entry->device);
  bodies = pt_store_device_bodies (self->config.store, device->number, NULL);
  return bodies != NULL && bodies->len > 0 ? g_bytes_ref (g_ptr_array_index (bodies, 0)) : NULL;
}

static gboolean
committer_repeats_registration (PtCommitter *self, const PtLine *line, const PtEntry *entry)
{
  g_autoptr (GBytes) stored = pt_group_builder_registration (self->group, line, entry);

  /* Only one of the same time can be the same. */
  if (stored == NULL
      && pt_registry_registered (self->config.directory->registry, entry) == entry->ts)
    stored = committer_stored_registration (self, line, entry);
  return stored != NULL && line_repeats (line, stored);
}

static void
committer_add_registrations (PtCommitter *self, PtSubmission *submission)
{
  for (guint i = 0; i < submission->count; i++)
    {
      PtLine *line = &submission->lines[i];
      PtEntry entry;

      if (line->state != PT_LINE_VERIFIED
          || pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &entry) != PT_OK)
        continue;
      if (committer_repeats_registration (self, line, &entry))
        line->state = PT_LINE_DUPLICATE;
      else if (!pt_group_builder_add_registration (self->group, line, &entry, self->last_received))
        pt_line_refuse (line, PT_ERROR_STALE_ENTRY);
    }
}

/* The group commit */

static void
committer_answer (PtCommitter *self, GPtrArray *submissions, gboolean durable)
{
  guint lines = 0;

  /* Room first: who has an answer may hand in the next at once. */
  for (guint i = 0; i < submissions->len; i++)
    lines += ((PtSubmission *) g_ptr_array_index (submissions, i))->count;
  if (self->config.released != NULL)
    self->config.released (lines, self->config.user_data);
  for (guint i = 0; i < submissions->len; i++)
    {
      PtSubmission *submission = g_ptr_array_index (submissions, i);

      for (guint j = 0; !durable && j < submission->count; j++)
        if (submission->lines[j].state == PT_LINE_ACCEPTED
            || submission->lines[j].state == PT_LINE_DUPLICATE)
          pt_line_refuse (&submission->lines[j], PT_ERROR_BUSY);
      submission->done (submission, submission->user_data);
    }
}

static void
committer_roll_back (PtCommitter *self)
{
  GArray *accepted = pt_group_builder_accepted (self->group);

  for (guint i = 0; i < accepted->len; i++)
    pt_tail_drop (self->tail, g_array_index (accepted, PtAccepted, i).device->number,
                  self->last_entry + 1);
  g_rw_lock_writer_lock (&self->config.directory->lock);
  pt_group_builder_undo (self->group);
  g_rw_lock_writer_unlock (&self->config.directory->lock);
}

static void
committer_published (PtCommitter *self)
{
  GArray *accepted = pt_group_builder_accepted (self->group);

  g_rw_lock_writer_lock (&self->config.directory->lock);
  pt_group_builder_apply_registrations (self->group, self->config.directory);
  g_rw_lock_writer_unlock (&self->config.directory->lock);
  for (guint i = 0; i < accepted->len; i++)
    g_hash_table_add (self->touched, g_array_index (accepted, PtAccepted, i).device);
  if (self->config.live != NULL)
    pt_live_committed (self->config.live, (const PtAccepted *) accepted->data, accepted->len);
}

/* A group that was said to have failed may be in the store all the same. Then what is in memory is
 * not what is on the disk, and only a new start makes it so. */
static gboolean
committer_store_group (PtCommitter *self, GError **error)
{
  guint64 first_id;

  if (!pt_store_commit (self->config.store, pt_group_builder_group (self->group), &first_id, error))
    return FALSE;
  if (pt_group_builder_count (self->group) == 0 || first_id == self->last_entry + 1)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_STOP,
                       "The store holds entries that it said it could not write. Start again: they "
                       "are read then.");
  return FALSE;
}

static gboolean
committer_write (PtCommitter *self)
{
  g_autoptr (GError) error = NULL;

  if (pt_group_builder_is_empty (self->group))
    return TRUE;
  if (self->failed || !committer_store_group (self, &error))
    {
      g_warning ("A group of %u entries was not committed: %s",
                 pt_group_builder_count (self->group),
                 error != NULL ? error->message : "the store has failed before");
      committer_roll_back (self);
      if (g_error_matches (error, PT_ERROR, PT_ERROR_STOP))
        {
          self->failed = TRUE;
          pt_health_stop (self->config.health, error);
        }
      return FALSE;
    }
  committer_published (self);
  g_mutex_lock (&self->lock);
  self->last_entry += pt_group_builder_count (self->group);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static void
committer_commit (PtCommitter *self, GPtrArray *submissions)
{
  GArray *accepted = pt_group_builder_accepted (self->group);
  gsize bytes = 0;
  gboolean durable;

  for (guint i = 0; i < submissions->len; i++)
    {
      PtSubmission *submission = g_ptr_array_index (submissions, i);

      bytes += g_bytes_get_size (submission->body) + (gsize) submission->count * BYTES_PER_LINE;
    }
  self->last_received = MAX (self->last_received, pt_clock_now (self->config.clock));
  pt_group_builder_reset (self->group, bytes);
  g_rw_lock_writer_lock (&self->config.directory->lock);
  for (guint i = 0; i < submissions->len; i++)
    {
      PtSubmission *submission = g_ptr_array_index (submissions, i);

      if (submission->kind == &pt_kind_report)
        committer_add_reports (self, submission);
      else
        committer_add_registrations (self, submission);
    }
  g_rw_lock_writer_unlock (&self->config.directory->lock);
  durable = committer_write (self);
  committer_answer (self, submissions, durable);
  if (durable && self->config.live != NULL)
    pt_live_tell_late (self->config.live, (const PtAccepted *) accepted->data, accepted->len);
}

/* The thread */

/* All reports that wait, up to a bound; registrations make a group alone, so that what they change
 * holds for all that comes after them in the log. */
static GPtrArray *
committer_take (PtCommitter *self, Work **call)
{
  GPtrArray *taken = g_ptr_array_new ();
  guint lines = 0;

  *call = NULL;
  while (!g_queue_is_empty (&self->work))
    {
      Work *work = g_queue_peek_head (&self->work);
      gboolean alone = work->submission == NULL || work->submission->kind->alone;

      if (taken->len > 0 && (alone || lines + work->submission->count > GROUP_LINES_MAX))
        break;
      g_queue_pop_head (&self->work);
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
  PtCommitter *self = data;

  g_mutex_lock (&self->lock);
  for (;;)
    {
      g_autoptr (GPtrArray) submissions = NULL;
      Work *call;

      while (g_queue_is_empty (&self->work) && !self->stopping)
        g_cond_wait (&self->work_added, &self->lock);
      if (g_queue_is_empty (&self->work))
        break;
      submissions = committer_take (self, &call);
      g_mutex_unlock (&self->lock);
      if (call != NULL)
        call->func (call->data, NULL);
      if (submissions->len > 0)
        committer_commit (self, submissions);
      g_mutex_lock (&self->lock);
      if (call != NULL)
        {
          call->done = TRUE;
          g_cond_broadcast (&self->work_done);
        }
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

PtCommitter *
pt_committer_new (const PtCommitterConfig *config)
{
  PtCommitter *committer = g_new0 (PtCommitter, 1);

  committer->config = *config;
  pt_clock_ref (config->clock);
  committer->last_received = config->last_received;
  committer->last_entry = config->last_entry;
  committer->tail = pt_tail_new ();
  committer->group = pt_group_builder_new (config->directory->registry);
  committer->touched = g_hash_table_new (g_direct_hash, g_direct_equal);
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
  pt_tail_free (committer->tail);
  pt_group_builder_free (committer->group);
  g_hash_table_unref (committer->touched);
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
  Work *work = g_new0 (Work, 1);

  work->submission = submission;
  g_mutex_lock (&committer->lock);
  committer_add_work (committer, work);
  g_mutex_unlock (&committer->lock);
}

void
pt_committer_run (PtCommitter *committer, GFunc func, gpointer data)
{
  Work work = { .func = func, .data = data };

  g_mutex_lock (&committer->lock);
  committer_add_work (committer, &work);
  while (!work.done)
    g_cond_wait (&committer->work_done, &committer->lock);
  g_mutex_unlock (&committer->lock);
}

typedef struct
{
  PtCommitter *committer;
  gint64 at;
  GArray *touched;
} Barrier;

static void
barrier_take_device (gpointer key, gpointer value, gpointer data)
{
  Barrier *barrier = data;
  const PtDevice *device = key;
  PtDeviceRow row = { .number = device->number,
                      .area = device->area->number,
                      .folded_to = barrier->committer->last_entry,
                      .history = device->history };

  row.history.gaps = g_memdup2 (device->history.gaps, device->history.gap_count * sizeof (PtGap));
  g_array_append_val (barrier->touched, row);
}

static void
barrier_run (gpointer data, gpointer user_data)
{
  Barrier *barrier = data;
  PtCommitter *self = barrier->committer;

  self->last_received = MAX (self->last_received, barrier->at);
  if (barrier->touched == NULL)
    return;
  g_hash_table_foreach (self->touched, barrier_take_device, barrier);
  g_hash_table_remove_all (self->touched);
}

void
pt_committer_barrier (PtCommitter *committer, gint64 at, GArray *touched)
{
  Barrier barrier = { committer, at, touched };

  pt_committer_run (committer, barrier_run, &barrier);
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
  PtDirectory *directory = job->committer->config.directory;
  PtArea *area = pt_registry_area (directory->registry, pt_span (job->id, strlen (job->id)));
  PtAreaRow row = { .number = pt_registry_area_count (directory->registry),
                    .registered = pt_clock_now (job->committer->config.clock) };

  if (area != NULL)
    {
      job->result = memcmp (area->authority_key, job->authority_key, PT_PUBLIC_KEY_SIZE) == 0;
      if (!job->result)
        g_set_error (job->error, PT_ERROR, PT_ERROR_CONFLICT,
                     "Area %s is registered with another authority key.", job->id);
      return;
    }
  g_strlcpy (row.id, job->id, sizeof row.id);
  memcpy (row.authority_key, job->authority_key, PT_PUBLIC_KEY_SIZE);
  if (!pt_store_add_area (job->committer->config.store, &row, job->error))
    return;
  g_rw_lock_writer_lock (&directory->lock);
  pt_registry_add_area (directory->registry, job->id, job->authority_key, job->service_key);
  g_rw_lock_writer_unlock (&directory->lock);
  job->result = job->created = TRUE;
}

gboolean
pt_committer_add_area (PtCommitter *committer, const char *id, const guint8 *authority_key,
                       const guint8 *service_key, gboolean *created, GError **error)
{
  AddArea job = { committer, id, authority_key, service_key, FALSE, FALSE, error };

  pt_committer_run (committer, add_area_run, &job);
  if (created != NULL)
    *created = job.created;
  return job.result;
}

guint64
pt_committer_unsealed (PtCommitter *committer, guint32 device, gint64 seq)
{
  return pt_tail_find (committer->tail, device, seq);
}
