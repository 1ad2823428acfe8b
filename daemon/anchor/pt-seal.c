/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-seal.h"

#include <string.h>

#include "pt-archive.h"
#include "pt-batch.h"
#include "pt-hearing.h"

#define BUFFER_SIZE 65536
#define LEAVES 8192 /* in memory at once */

/* The batch of one area while it is made. */
typedef struct
{
  PtAreaRow area;
  PtBatchWriter writer;
  PtBlockWriter *file;
  char buffer[BUFFER_SIZE];
  gsize buffered;
  guint64 bytes; /* of the file so far */
  PtHearing *hearing;
  GBytes *roster;
  PtHash leaves[LEAVES];
  guint leaves_count;
  gboolean leaves_lost; /* the tiles did not take some: they catch up */
  GError *error;        /* of the sink, which can only say no */
} Job;

struct _PtSealPass
{
  const PtBatcherConfig *config;
  gint64 to;
  gboolean wants_look;
  GArray *areas;     /* PtAreaRow */
  GArray *windows;   /* of each: the end of the window of its first entry that waits; 0: none */
  GArray *seals;     /* PtSeal */
  GPtrArray *places; /* of each seal: PtEntryPlace */
  /* The area that is read: */
  const PtAreaRow *area;
  Job *job;
  guint64 last; /* number of its entry that was read last */
};

static void
job_free (Job *job)
{
  g_clear_pointer (&job->file, pt_block_store_writer_free);
  g_clear_pointer (&job->hearing, pt_hearing_free);
  g_clear_pointer (&job->roster, g_bytes_unref);
  g_clear_error (&job->error);
  g_free (job);
}

static void
seal_clear (gpointer data)
{
  g_clear_pointer (&((PtSeal *) data)->roster, g_bytes_unref);
}

PtSealPass *
pt_seal_pass_new (const PtBatcherConfig *config, GError **error)
{
  g_autoptr (PtSealPass) pass = NULL;

  g_return_val_if_fail (config != NULL, NULL);

  pass = g_new0 (PtSealPass, 1);
  pass->config = config;
  pass->windows = g_array_new (FALSE, TRUE, sizeof (gint64));
  pass->places = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  pass->seals = g_array_new (FALSE, TRUE, sizeof (PtSeal));
  g_array_set_clear_func (pass->seals, seal_clear);
  pass->areas = pt_store_areas (config->store, error);
  if (pass->areas == NULL)
    return NULL;
  g_array_set_size (pass->windows, pass->areas->len);
  return g_steal_pointer (&pass);
}

void
pt_seal_pass_free (PtSealPass *pass)
{
  if (pass == NULL)
    return;
  g_clear_pointer (&pass->areas, g_array_unref);
  g_array_unref (pass->windows);
  g_clear_pointer (&pass->job, job_free);
  g_ptr_array_unref (pass->places);
  g_array_unref (pass->seals);
  g_free (pass);
}

gboolean
pt_seal_pass_wants_look (PtSealPass *pass)
{
  g_return_val_if_fail (pass != NULL, FALSE);

  return pass->wants_look;
}

guint
pt_seal_pass_count (PtSealPass *pass)
{
  g_return_val_if_fail (pass != NULL, 0);

  return pass->seals->len;
}

gint64
pt_seal_pass_to (PtSealPass *pass)
{
  g_return_val_if_fail (pass != NULL, 0);

  return pass->to;
}

GArray *
pt_seal_pass_rows (PtSealPass *pass)
{
  GArray *rows;

  g_return_val_if_fail (pass != NULL, NULL);

  rows = g_array_sized_new (FALSE, FALSE, sizeof (PtBatchRow), pass->seals->len);
  for (guint i = 0; i < pass->seals->len; i++)
    g_array_append_val (rows, g_array_index (pass->seals, PtSeal, i).row);
  return rows;
}

/* The file */

static gboolean
job_flush (Job *job)
{
  gsize size = job->buffered;

  job->buffered = 0;
  return size == 0 || pt_block_store_writer_write (job->file, job->buffer, size, &job->error);
}

static bool
job_sink (void *context, const void *data, size_t size)
{
  Job *job = context;

  job->bytes += size;
  if (job->buffered + size > BUFFER_SIZE && !job_flush (job))
    return false;
  if (size >= BUFFER_SIZE)
    return pt_block_store_writer_write (job->file, data, size, &job->error);
  memcpy (job->buffer + job->buffered, data, size);
  job->buffered += size;
  return true;
}

static gboolean
job_check (Job *job, PtResult result, GError **error)
{
  if (result == PT_OK)
    return TRUE;
  if (job->error != NULL)
    g_propagate_error (error, g_steal_pointer (&job->error));
  else
    g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                 "Batch %" G_GUINT64_FORMAT " of %s can't be written (%s). The store holds what no "
                 "batch may; keep its files.",
                 job->area.head.batch + 1, job->area.id, pt_result_slug (result));
  return FALSE;
}

static gboolean
pass_open_job (PtSealPass *pass, const PtEntryRow *first, GError **error)
{
  Job *job = pass->job = g_new0 (Job, 1);
  gint64 period = pass->config->period;
  PtBatchHeader header = { .to = pass->to };

  job->area = *pass->area;
  g_strlcpy (header.area, job->area.id, sizeof header.area);
  header.batch = job->area.head.batch + 1;
  header.from = header.batch == 1 ? first->received / period * period : job->area.head.to;
  header.previous = job->area.head.frontier;
  job->hearing = pt_hearing_new (pass->config->roster, job->area.id, &job->area.head);
  job->file = pt_block_store_writer_new (pass->config->blocks, error);
  return job->file != NULL
         && job_check (job, pt_batch_writer_open (&job->writer, &header, job_sink, job), error);
}

/* Reading */

/* Before the seal: what is never sealed is written over. */
static void
pass_flush_leaves (PtSealPass *pass)
{
  Job *job = pass->job;
  guint64 first = job->writer.frontier.size - job->leaves_count;

  job->leaves_lost = job->leaves_lost
                     || !pt_archive_add_leaves (pass->config->archive, job->area.number, first,
                                                job->leaves, job->leaves_count);
  job->leaves_count = 0;
}

static gboolean
pass_append (PtSealPass *pass, PtSpan entry, GError **error)
{
  Job *job = pass->job;
  PtResult result = pt_batch_writer_append (&job->writer, entry, &job->leaves[job->leaves_count++]);

  if (!job_check (job, result, error))
    return FALSE;
  if (job->leaves_count == LEAVES)
    pass_flush_leaves (pass);
  return TRUE;
}

static gboolean
pass_take_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  PtSealPass *pass = user_data;

  if (row->number != pass->last + 1)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                   "After entry %" G_GUINT64_FORMAT " of %s the store has entry %" G_GUINT64_FORMAT
                   ". Stop, keep its files and restore a copy.",
                   pass->last, pass->area->id, row->number);
      return FALSE;
    }
  if ((pass->job == NULL && !pass_open_job (pass, row, error))
      || !pass_append (pass, pt_span (row->body, row->size), error))
    return FALSE;
  pass->last = row->number;
  pt_hearing_add (pass->job->hearing, row, pass->job->bytes - row->size);
  return TRUE;
}

/* Closing */

static void
pass_add_seal (PtSealPass *pass, Job *job, const PtBatchHeader *header, const PtCid *cid,
               guint64 bytes, const PtNamedBlock *named)
{
  PtSeal seal = { 0 };

  seal.row.area = job->area.number;
  g_strlcpy (seal.row.area_id, job->area.id, sizeof seal.row.area_id);
  seal.row.batch = header->batch;
  seal.row.state = PT_BATCH_SEALED;
  seal.row.from = header->from;
  seal.row.to = header->to;
  seal.row.prev_size = header->previous.size;
  seal.row.prev_root = header->previous_root;
  seal.row.size = header->size;
  seal.row.root = header->root;
  seal.row.cid = *cid;
  seal.row.bytes = bytes;
  seal.row.first_entry = job->area.head.last_entry + 1;
  seal.row.last_entry = pass->last;
  seal.previous = job->area.head;
  seal.next.batch = header->batch;
  seal.next.to = header->to;
  seal.next.frontier = job->writer.frontier;
  seal.next.last_entry = pass->last;
  seal.roster = g_steal_pointer (&job->roster);
  seal.next.named = *named;
  g_array_append_val (pass->seals, seal);
}

/* What was seen of the chain meanwhile. */
static gboolean
pass_held (PtSealPass *pass, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY, "what is stored of %s is not what the chain has",
               pass->area->id);
  return FALSE;
}

/* The newest that is known; one that was named before, where the chain was not reached since: a
 * roster of the area that names none would be wrong then. */
static PtNamedBlock
pass_named_block (PtSealPass *pass, const Job *job)
{
  PtNamedBlock named = job->area.head.named, newest = { 0 };

  if (pass->config->submitter != NULL)
    pt_submitter_settled_block (pass->config->submitter, &newest);
  return newest.known && (!named.known || newest.number >= named.number) ? newest : named;
}

static gboolean
pass_close_job (PtSealPass *pass, GError **error)
{
  Job *job = pass->job;
  PtRosterPlace place
      = { job->area.number, job->area.head.batch + 1, pass->to, pass_named_block (pass, job) };
  char roster[2048];
  gsize size;
  PtBatchHeader header;
  PtCid cid;
  guint64 bytes;
  GArray *places = pt_hearing_end (job->hearing, error);

  if (places == NULL)
    return FALSE;
  g_ptr_array_add (pass->places, places);
  if (!pt_hold_may_seal (pass->config->hold, job->area.number))
    return pass_held (pass, error);
  if (!pt_roster_write (pass->config->roster, &place, pass->config->signer, roster, sizeof roster,
                        &size, error))
    return FALSE;
  job->roster = g_bytes_new (roster, size);
  if (!pass_append (pass, pt_span (roster, size), error)
      || !job_check (job, pt_batch_writer_close (&job->writer, &header), error))
    return FALSE;
  pass_flush_leaves (pass);
  if (!job_flush (job))
    return job_check (job, PT_STOPPED, error);
  if (!pt_block_store_writer_finish (job->file, PT_BLOCKS_DEFERRED, &cid, &bytes, error))
    return FALSE;
  pass_add_seal (pass, job, &header, &cid, bytes, &place.named);
  g_clear_pointer (&pass->job, job_free);
  return TRUE;
}

/* The area's entries of the window and its roster into a batch file. */
static gboolean
pass_seal_area (PtSealPass *pass, const PtAreaRow *area, GError **error)
{
  pass->area = area;
  pass->last = area->head.last_entry;
  return pt_store_scan_entries (pass->config->store, area->number, pass->last, pass->to,
                                pass_take_entry, pass, error)
         && pass_close_job (pass, error);
}

/* Windows */

static gboolean
pass_take_window (const PtEntryRow *row, gpointer user_data, GError **error)
{
  PtSealPass *pass = user_data;
  gint64 period = pass->config->period;

  g_array_index (pass->windows, gint64, row->area) = (row->received / period + 1) * period;
  return FALSE;
}

/* A roster that was signed can't be taken back, so an area waits until the chain was looked at. */
static gboolean
pass_may_seal (PtSealPass *pass, guint32 area)
{
  PtHold *hold = pass->config->hold;
  gboolean may = pt_hold_may_seal (hold, area);

  if (!may && !pt_hold_was_looked_at (hold, area))
    pass->wants_look = TRUE;
  return may;
}

/* Of each area the window of its first entry that is not sealed; the pass is of the oldest. */
static gboolean
pass_find_windows (PtSealPass *pass, GError **error)
{
  for (guint i = 0; i < pass->areas->len; i++)
    {
      const PtAreaRow *area = &g_array_index (pass->areas, PtAreaRow, i);
      gint64 window;

      if (area->tail == area->head.last_entry || !pass_may_seal (pass, area->number))
        continue;
      if (!pt_store_scan_entries (pass->config->store, area->number, area->head.last_entry, 0,
                                  pass_take_window, pass, error))
        return FALSE;
      window = g_array_index (pass->windows, gint64, i);
      if (window != 0 && (pass->to == 0 || window < pass->to))
        pass->to = window;
    }
  return TRUE;
}

/* What is derived */

/* What an earlier pass sealed and could not add is read back from its batch files. */
static gboolean
pass_catch_up (PtSealPass *pass, guint32 area, GError **error)
{
  const PtBatcherConfig *config = pass->config;

  return pt_archive_catch_up (config->archive, area, pt_directory_find_subject, config->directory,
                              error);
}

static gboolean
pass_derive_seal (PtSealPass *pass, guint at, GError **error)
{
  const PtSeal *seal = &g_array_index (pass->seals, PtSeal, at);
  PtEntryIndex *index = pt_archive_index (pass->config->archive);
  guint32 area = seal->row.area;

  if (pt_entry_index_covered (index, area) != seal->previous.last_entry)
    return pass_catch_up (pass, area, error);
  return pt_entry_index_add (index, area, seal->previous.last_entry, seal->next.last_entry,
                             g_ptr_array_index (pass->places, at), error);
}

/* The log goes on without its index, which catches up with a later pass. */
static void
pass_derive (PtSealPass *pass)
{
  PtCommitter *committer = pass->config->committer;
  g_autoptr (GError) error = NULL;
  gboolean indexed = TRUE;

  for (guint i = 0; indexed && i < pass->seals->len; i++)
    {
      const PtSeal *seal = &g_array_index (pass->seals, PtSeal, i);

      g_array_index (pass->areas, PtAreaRow, seal->row.area).head = seal->next;
      indexed = pass_derive_seal (pass, i, &error);
      if (indexed)
        pt_committer_set_sealed (committer, seal->row.area, seal->next.last_entry);
    }
  for (guint i = 0; indexed && i < pass->areas->len; i++)
    {
      const PtHead *head = &g_array_index (pass->areas, PtAreaRow, i).head;

      if (!pt_archive_is_behind (pass->config->archive, i, head->last_entry, head->frontier.size))
        continue;
      indexed = pass_catch_up (pass, i, &error);
      if (indexed)
        pt_committer_set_sealed (committer, i, head->last_entry);
    }
  if (!indexed)
    g_warning ("The index of entries is behind: %s", error->message);
}

gboolean
pt_seal_pass_run (PtSealPass *pass, gint64 until, GError **error)
{
  const PtBatcherConfig *config;

  g_return_val_if_fail (pass != NULL, FALSE);

  config = pass->config;
  if (!pass_find_windows (pass, error))
    return FALSE;
  if (pass->to == 0 || pass->to > until)
    {
      pass_derive (pass);
      return TRUE;
    }
  pt_roster_begin (config->roster);
  for (guint i = 0; i < pass->areas->len; i++)
    if (g_array_index (pass->windows, gint64, i) == pass->to
        && !pass_seal_area (pass, &g_array_index (pass->areas, PtAreaRow, i), error))
      return FALSE;
  /* The commit point. */
  if (!pt_block_store_sync (config->blocks, error)
      || !pt_store_seal (config->store, (PtSeal *) pass->seals->data, pass->seals->len, error))
    return FALSE;
  pass_derive (pass);
  return TRUE;
}
