/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-group-commit.h"

#include <string.h>

#include "pt-kind.h"

#define BYTES_PER_LINE 40 /* what "received" adds at most */

/* Entries of the group from @first on, up to the next section's. */
typedef struct
{
  const PtKind *kind;
  guint first;
} Section;

struct _PtGroupCommit
{
  PtLogState *log;
  PtLive *live;
  PtGroupBuilder *group;
  GArray *sections; /* Section */
  PtReceiptTerms receipts;
  gboolean failed;    /* for good */
  gboolean is_behind; /* but only in memory */
  gboolean wrote;
};

PtGroupCommit *
pt_group_commit_new (PtLogState *log, PtLive *live)
{
  PtGroupCommit *commit;

  g_return_val_if_fail (log != NULL, NULL);

  commit = g_new0 (PtGroupCommit, 1);
  commit->log = log;
  commit->live = live;
  commit->group = pt_group_builder_new (log);
  commit->sections = g_array_new (FALSE, FALSE, sizeof (Section));
  return commit;
}

void
pt_group_commit_free (PtGroupCommit *commit)
{
  if (commit == NULL)
    return;
  pt_group_builder_free (commit->group);
  g_array_unref (commit->sections);
  g_free (commit);
}

void
pt_group_commit_set_receipts (PtGroupCommit *commit, const PtReceiptTerms *terms)
{
  g_return_if_fail (commit != NULL && terms != NULL);

  commit->receipts = *terms;
}

/* The group */

/* The registry may have changed since the signature was checked: is its signer still the same? */
static gboolean
line_still_holds (PtRegistry *registry, const PtKind *kind, PtLine *line)
{
  const guint8 *key;
  PtEntry entry;

  if (pt_entry_parse (line->bytes, PT_ENTRY_SIGNED, &entry) != PT_OK)
    {
      pt_line_refuse (line, PT_ERROR_MALFORMED);
      return FALSE;
    }
  key = kind->find_signer (registry, line, &entry);
  if (key == NULL)
    return FALSE;
  if (memcmp (key, line->public_key, PT_PUBLIC_KEY_SIZE) == 0)
    return TRUE;
  pt_line_refuse (line, PT_ERROR_BAD_SIGNATURE);
  return FALSE;
}

static gboolean
line_is_open (const PtLine *line)
{
  return line->state == PT_LINE_VERIFIED || line->state == PT_LINE_SUSPECT;
}

/* An entry of it would have to be received at a time that is to come. */
static gboolean
area_is_held (const PtLogState *log, const PtLine *line)
{
  return pt_log_state_area (log, line->area->number)->held_until > log->last_received;
}

/* What is signed may be just so large that there is no room for the time of receipt. */
static gboolean
line_has_room (const PtLogState *log, const PtLine *line)
{
  char received[BYTES_PER_LINE];
  int size = g_snprintf (received, sizeof received, ",\"received\":%" G_GINT64_FORMAT,
                         log->last_received);

  return line->bytes.size + (gsize) size <= PT_ENTRY_MAX;
}

/* Nothing of this takes the door: what is made is the group's own until it is durable. */
static void
commit_judge_line (PtGroupCommit *commit, const PtSubmission *submission, PtLine *line)
{
  PtDirectory *directory = commit->log->directory;
  const PtKind *kind = submission->kind;
  gboolean changed = submission->generation != g_atomic_int_get (&directory->generation);

  if (!line_is_open (line) || (changed && !line_still_holds (directory->registry, kind, line)))
    return;
  if (area_is_held (commit->log, line))
    pt_line_refuse (line, PT_ERROR_BUSY);
  else if (!line_has_room (commit->log, line))
    pt_line_refuse (line, PT_ERROR_TOO_LARGE);
  else
    kind->judge (commit->log, commit->group, line);
}

static void
commit_judge (PtGroupCommit *commit, PtSubmission *submission)
{
  for (guint i = 0; i < submission->count; i++)
    commit_judge_line (commit, submission, &submission->lines[i]);
}

/* Receipts that somebody asked for; of what is said there always are. */
static void
commit_promise (PtGroupCommit *commit, const PtSubmission *submission)
{
  for (guint i = 0; i < submission->count; i++)
    if (submission->lines[i].state == PT_LINE_ACCEPTED)
      pt_group_builder_promise (commit->group, submission->lines[i].area->number);
}

static void
commit_add (PtGroupCommit *commit, PtSubmission *submission)
{
  const PtKind *kind = submission->kind;
  Section section = { kind, pt_group_builder_count (commit->group) };

  g_array_append_val (commit->sections, section);
  for (guint i = 0; i < submission->count; i++)
    if (line_is_open (&submission->lines[i]))
      kind->add (commit->log, commit->group, &submission->lines[i]);
  if ((submission->wants & PT_WANT_RECEIPTS) != 0)
    commit_promise (commit, submission);
}

static void
commit_add_all (PtGroupCommit *commit, GPtrArray *submissions, gboolean last)
{
  for (guint i = 0; i < submissions->len; i++)
    {
      PtSubmission *submission = g_ptr_array_index (submissions, i);

      if (submission->kind->is_last == last)
        commit_add (commit, submission);
    }
}

static gboolean
commit_reserve (PtGroupCommit *commit, const PtSubmission *submission, GError **error)
{
  return !submission->kind->alone
         || pt_group_builder_reserve (commit->group, submission->count, error);
}

static gboolean
commit_make_group (PtGroupCommit *commit, GPtrArray *submissions, gint64 now, GError **error)
{
  PtLogState *log = commit->log;
  gsize bytes = 0;

  for (guint i = 0; i < submissions->len; i++)
    {
      PtSubmission *submission = g_ptr_array_index (submissions, i);

      bytes += g_bytes_get_size (submission->body) + (gsize) submission->count * BYTES_PER_LINE;
    }
  log->last_received = MAX (log->last_received, now);
  pt_group_builder_reset (commit->group, bytes);
  g_array_set_size (commit->sections, 0);
  for (guint i = 0; i < submissions->len; i++)
    if (!commit_reserve (commit, g_ptr_array_index (submissions, i), error))
      return FALSE;
  for (guint i = 0; i < submissions->len; i++)
    commit_judge (commit, g_ptr_array_index (submissions, i));
  commit_add_all (commit, submissions, FALSE);
  commit_add_all (commit, submissions, TRUE);
  pt_group_builder_settle (commit->group);
  return TRUE;
}

/* Written */

/* What was refused since the last group, into this one; NULL: nothing was. */
static PtRejectedBatch *
take_rejected (PtGroupCommit *commit, PtGroup *group)
{
  PtTraffic *traffic = commit->log->traffic;
  PtRejects *rejects = traffic != NULL ? pt_traffic_rejects (traffic) : NULL;
  PtRejectedBatch *batch = rejects != NULL ? pt_rejects_steal (rejects) : NULL;

  if (batch != NULL)
    pt_rejects_fill (rejects, batch, group);
  return batch;
}

/* A group that was said to have failed may be in the store all the same. Then the tails of the next
 * one are not where they are stored, and only a new start makes it so: PT_ERROR_STOP. */
static gboolean
commit_store_group (PtGroupCommit *commit, GError **error)
{
  PtTraffic *traffic = commit->log->traffic;
  PtGroup group = *pt_group_builder_group (commit->group);
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (PtRejectedBatch) refused = take_rejected (commit, &group);

  if (!pt_store_commit (commit->log->store, &group, error))
    {
      for (guint i = 0; i < group.tail_count; i++)
        commit->is_behind |= group.tails[i].came_late;
      return FALSE;
    }
  if (traffic != NULL)
    pt_traffic_commit (traffic, g_get_monotonic_time () - begun);
  return TRUE;
}

void
pt_group_commit_keep_rejected (PtGroupCommit *commit)
{
  g_autoptr (PtRejectedBatch) refused = NULL;
  g_autoptr (GError) error = NULL;
  PtGroup group = { 0 };

  g_return_if_fail (commit != NULL);

  refused = commit->failed ? NULL : take_rejected (commit, &group);
  if (refused != NULL && !pt_store_commit (commit->log->store, &group, &error))
    g_debug ("Refused reports are not kept: %s", error->message);
}

static void
commit_move_tails (PtGroupCommit *commit)
{
  const PtGroup *group = pt_group_builder_group (commit->group);

  for (guint i = 0; i < group->tail_count; i++)
    if (pt_group_builder_has_area (commit->group, group->tails[i].area))
      pt_log_state_area (commit->log, group->tails[i].area)->tail = group->tails[i].after;
}

/* Whose key the group shows in two hands, and whose was replaced by it. */
static void
commit_review_keys (PtGroupCommit *commit)
{
  const PtGroup *group = pt_group_builder_group (commit->group);
  PtLogState *log = commit->log;
  PtDirectory *directory = log->directory;
  gint generation = g_atomic_int_get (&directory->generation);

  if (log->copied == NULL || (group->evidence_count == 0 && generation == log->reviewed))
    return;
  log->reviewed = generation;
  pt_door_begin_write (&directory->door);
  for (guint i = 0; i < group->evidence_count; i++)
    pt_copied_keys_add (
        log->copied,
        pt_registry_device_numbered (directory->registry, group->evidence[i].subject.number),
        group->evidence[i].seq);
  pt_door_end_write (&directory->door);
  pt_copied_keys_review (log->copied);
}

static void
commit_apply (PtGroupCommit *commit)
{
  GArray *accepted = pt_group_builder_accepted (commit->group);
  guint count = pt_group_builder_count (commit->group);

  pt_group_builder_apply (commit->group);
  for (guint i = 0; i < commit->sections->len; i++)
    {
      const Section *section = &g_array_index (commit->sections, Section, i);
      guint end = i + 1 < commit->sections->len ? section[1].first : count;

      if (end > section->first)
        section->kind->apply (commit->log, commit->group, section->first, end - section->first);
    }
  pt_group_builder_pass (commit->group);
  if (commit->live != NULL)
    pt_live_committed (commit->live, (const PtAccepted *) accepted->data, accepted->len);
  commit_move_tails (commit);
  commit_review_keys (commit);
}

void
pt_group_commit_refuse (GPtrArray *submissions)
{
  g_return_if_fail (submissions != NULL);

  for (guint i = 0; i < submissions->len; i++)
    {
      PtSubmission *submission = g_ptr_array_index (submissions, i);

      for (guint j = 0; j < submission->count; j++)
        if (line_is_open (&submission->lines[j]))
          pt_line_refuse (&submission->lines[j], PT_ERROR_BUSY);
    }
}

/* Of areas that were not written, or of all. What a repetition repeats, and what was faster, may
 * have been in the group. */
static void
commit_refuse (PtGroupCommit *commit, GPtrArray *submissions, gboolean all)
{
  for (guint i = 0; i < submissions->len; i++)
    {
      PtSubmission *submission = g_ptr_array_index (submissions, i);

      for (guint j = 0; j < submission->count; j++)
        {
          PtLine *line = &submission->lines[j];

          if (line->state != PT_LINE_ACCEPTED && line->state != PT_LINE_DUPLICATE && line->row == 0)
            continue;
          if (all || !pt_group_builder_has_area (commit->group, line->area->number))
            pt_line_refuse (line, PT_ERROR_BUSY);
        }
    }
}

/* What is refused for no fault of theirs takes nothing from devices and areas. */
static void
commit_give_back (PtGroupCommit *commit)
{
  GArray *accepted = pt_group_builder_accepted (commit->group);

  for (guint i = 0; commit->log->rates != NULL && i < accepted->len; i++)
    pt_rates_give_device (commit->log->rates, g_array_index (accepted, PtAccepted, i).device);
}

/* What came of each line, for its answer. */
static void
commit_fill (PtGroupCommit *commit, GPtrArray *submissions)
{
  for (guint i = 0; i < submissions->len; i++)
    {
      PtSubmission *submission = g_ptr_array_index (submissions, i);

      for (guint j = 0; submission->outcomes != NULL && j < submission->count; j++)
        {
          PtLine *line = &submission->lines[j];

          if (line->row > 0 && line->state != PT_LINE_REFUSED)
            pt_group_builder_fill (commit->group, line, submission->wants);
        }
    }
}

static gboolean
commit_write (PtGroupCommit *commit, const PtReceiptTerms *receipts, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (commit->failed)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_BUSY, "The store has failed before.");
      return FALSE;
    }
  if (pt_group_builder_sign (commit->group, receipts, &local)
      && commit_store_group (commit, &local))
    return TRUE;
  commit->failed = g_error_matches (local, PT_ERROR, PT_ERROR_STOP);
  g_propagate_prefixed_error (
      error, g_steal_pointer (&local),
      "A group of %u entries was not committed: ", pt_group_builder_count (commit->group));
  return FALSE;
}

gboolean
pt_group_commit_run (PtGroupCommit *commit, GPtrArray *submissions, gint64 now, GError **error)
{
  gboolean whole;

  g_return_val_if_fail (commit != NULL && submissions != NULL, FALSE);

  commit->wrote = FALSE;
  if (!commit_make_group (commit, submissions, now, error))
    {
      pt_group_commit_refuse (submissions);
      return FALSE;
    }
  if (pt_group_builder_is_empty (commit->group))
    return TRUE;
  whole = commit_write (commit, &commit->receipts, error);
  if (!whole && !pt_group_builder_keep_moved (commit->group))
    {
      commit_give_back (commit);
      pt_group_builder_drop (commit->group);
      commit_refuse (commit, submissions, TRUE);
      return FALSE;
    }
  if (!whole)
    commit_refuse (commit, submissions, FALSE);
  commit_apply (commit);
  commit_fill (commit, submissions);
  commit->wrote = TRUE;
  return whole;
}

/* Replayed */

static gboolean
commit_refuses (PtSubmission *submission, guint *at, GError **error)
{
  for (guint i = 0; i < submission->count; i++)
    {
      const PtLine *line = &submission->lines[i];

      if (line->state == PT_LINE_ACCEPTED)
        continue;
      *at = i;
      g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR, "it would not be taken: %s",
                   line->state == PT_LINE_REFUSED ? pt_error_slug ((PtErrorCode) line->code)
                                                  : "it is there already");
      return TRUE;
    }
  return FALSE;
}

static gboolean
commit_make_replayed (PtGroupCommit *commit, PtSubmission *submission, const gint64 *received,
                      GError **error)
{
  PtLogState *log = commit->log;
  const PtKind *kind = submission->kind;
  const Section section = { kind, 0 };
  gint64 last = log->last_received;
  PtRates *rates;

  pt_group_builder_reset (commit->group, g_bytes_get_size (submission->body)
                                             + (gsize) submission->count * BYTES_PER_LINE);
  g_array_set_size (commit->sections, 0);
  g_array_append_val (commit->sections, section);
  if (!commit_reserve (commit, submission, error))
    return FALSE;
  rates = g_steal_pointer (&log->rates);
  for (guint i = 0; i < submission->count; i++)
    {
      /* An area may be behind what came in for others. */
      log->last_received = received[i];
      commit_judge_line (commit, submission, &submission->lines[i]);
    }
  for (guint i = 0; i < submission->count; i++)
    {
      log->last_received = received[i];
      last = MAX (last, received[i]);
      if (submission->lines[i].state == PT_LINE_VERIFIED)
        kind->add (log, commit->group, &submission->lines[i]);
    }
  log->last_received = last;
  log->rates = rates;
  pt_group_builder_settle (commit->group);
  return TRUE;
}

gboolean
pt_group_commit_replay (PtGroupCommit *commit, PtSubmission *submission, const gint64 *received,
                        guint *line, GError **error)
{
  const PtReceiptTerms none = { 0 };

  g_return_val_if_fail (commit != NULL && submission != NULL && submission->count > 0, FALSE);
  g_return_val_if_fail (received != NULL && line != NULL, FALSE);

  commit->wrote = FALSE;
  *line = 0;
  /* What is anchored already needs no promise. */
  if (!commit_make_replayed (commit, submission, received, error)
      || commit_refuses (submission, line, error) || !commit_write (commit, &none, error))
    {
      pt_group_builder_drop (commit->group);
      return FALSE;
    }
  commit_apply (commit);
  commit->wrote = TRUE;
  return TRUE;
}

gboolean
pt_group_commit_is_behind (PtGroupCommit *commit)
{
  g_return_val_if_fail (commit != NULL, FALSE);

  return commit->is_behind;
}

gboolean
pt_group_commit_wrote (PtGroupCommit *commit)
{
  g_return_val_if_fail (commit != NULL, FALSE);

  return commit->wrote;
}

void
pt_group_commit_tell_late (PtGroupCommit *commit)
{
  GArray *accepted;

  g_return_if_fail (commit != NULL);

  accepted = pt_group_builder_accepted (commit->group);
  if (commit->live != NULL)
    pt_live_tell_late (commit->live, (const PtAccepted *) accepted->data, accepted->len);
}
