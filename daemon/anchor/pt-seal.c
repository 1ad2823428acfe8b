/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-seal.h"

#include <string.h>

#include "pt-archive.h"
#include "pt-batch.h"

#define BUFFER_SIZE 65536

/* The batch of one area while it is made. */
typedef struct
{
  PtAreaRow area;
  PtBatchWriter writer;
  PtBlockWriter *file;
  char buffer[BUFFER_SIZE];
  gsize buffered;
  guint64 bytes; /* of the file so far */
  GError *error; /* of the sink, which can only say no */
} Job;

struct _PtSealPass
{
  const PtBatcherConfig *config;
  gint64 to;
  GArray *areas;   /* PtAreaRow */
  GPtrArray *jobs; /* Job or NULL, by area number */
  guint64 sealed;  /* entries up to this id are sealed */
  guint64 last;    /* of this pass */
  GArray *places;  /* PtReportPlace */
  GArray *seals;   /* PtSeal */
};

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job == NULL)
    return;
  g_clear_pointer (&job->file, pt_block_store_writer_free);
  g_clear_error (&job->error);
  g_free (job);
}

PtSealPass *
pt_seal_pass_new (const PtBatcherConfig *config, GError **error)
{
  g_autoptr (PtSealPass) pass = g_new0 (PtSealPass, 1);

  pass->config = config;
  pass->jobs = g_ptr_array_new_with_free_func (job_free);
  pass->places = g_array_new (FALSE, FALSE, sizeof (PtReportPlace));
  pass->seals = g_array_new (FALSE, TRUE, sizeof (PtSeal));
  pass->areas = pt_store_areas (config->store, error);
  if (pass->areas == NULL)
    return NULL;
  g_ptr_array_set_size (pass->jobs, (int) pass->areas->len);
  for (guint i = 0; i < pass->areas->len; i++)
    pass->sealed = MAX (pass->sealed, g_array_index (pass->areas, PtAreaRow, i).head.last_entry);
  pass->last = pass->sealed;
  return g_steal_pointer (&pass);
}

void
pt_seal_pass_free (PtSealPass *pass)
{
  if (pass == NULL)
    return;
  g_clear_pointer (&pass->areas, g_array_unref);
  g_ptr_array_unref (pass->jobs);
  g_array_unref (pass->places);
  g_array_unref (pass->seals);
  g_free (pass);
}

guint
pt_seal_pass_count (PtSealPass *pass)
{
  return pass->seals->len;
}

gint64
pt_seal_pass_to (PtSealPass *pass)
{
  return pass->to;
}

GArray *
pt_seal_pass_rows (PtSealPass *pass)
{
  GArray *rows = g_array_sized_new (FALSE, FALSE, sizeof (PtBatchRow), pass->seals->len);

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

static Job *
pass_open_job (PtSealPass *pass, const PtEntryRow *row, GError **error)
{
  g_autofree Job *job = g_new0 (Job, 1);
  gint64 period = pass->config->period;
  PtBatchHeader header = { .to = pass->to };

  job->area = g_array_index (pass->areas, PtAreaRow, row->area);
  g_strlcpy (header.area, job->area.id, sizeof header.area);
  header.batch = job->area.head.batch + 1;
  header.from = header.batch == 1 ? row->received / period * period : job->area.head.to;
  header.previous = job->area.head.frontier;
  job->file = pt_block_store_writer_new (pass->config->blocks, error);
  if (job->file == NULL)
    return NULL;
  if (!job_check (job, pt_batch_writer_open (&job->writer, &header, job_sink, job), error))
    {
      pt_block_store_writer_free (job->file);
      return NULL;
    }
  g_ptr_array_index (pass->jobs, row->area) = job;
  return g_steal_pointer (&job);
}

/* Reading */

/* A registration counts from its place in the log on. */
static gboolean
pass_hear_registration (PtSealPass *pass, const PtEntryRow *row, GError **error)
{
  PtEntry entry;
  PtResult result = pt_entry_parse (pt_span (row->body, row->size), PT_ENTRY_STORED, &entry);

  if (result == PT_OK && entry.kind == PT_ENTRY_DEVICE)
    {
      pt_roster_set_active (pass->config->roster, row->device, entry.status == PT_STATUS_ACTIVE);
      return TRUE;
    }
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "Entry %" G_GUINT64_FORMAT " of the store is not the registration it was (%s). Keep "
               "its files.",
               row->id, pt_result_slug (result));
  return FALSE;
}

static gboolean
pass_take_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  PtSealPass *pass = user_data;
  Job *job;

  if (row->area >= pass->areas->len)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
                   "Entry %" G_GUINT64_FORMAT
                   " is of an area that came meanwhile. It will be tried again.",
                   row->id);
      return FALSE;
    }
  job = g_ptr_array_index (pass->jobs, row->area);
  if (job == NULL)
    job = pass_open_job (pass, row, error);
  if (job == NULL
      || !job_check (
          job, pt_batch_writer_append (&job->writer, pt_span (row->body, row->size), NULL), error))
    return FALSE;
  pass->last = row->id;
  if (row->device == PT_NO_DEVICE)
    return TRUE;
  if (row->seq == 0)
    return pass_hear_registration (pass, row, error);
  {
    PtReportPlace place = { .device = row->device,
                            .batch = (guint32) (job->area.head.batch + 1),
                            .seq = row->seq,
                            .offset = job->bytes - row->size };

    g_array_append_val (pass->places, place);
  }
  pt_roster_hear (pass->config->roster, row->device);
  return TRUE;
}

/* Closing */

static void
pass_add_seal (PtSealPass *pass, Job *job, const PtBatchHeader *header, const PtCid *cid,
               guint64 bytes)
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
  seal.row.first_entry = pass->sealed + 1;
  seal.row.last_entry = pass->last;
  seal.previous = job->area.head;
  seal.next.batch = header->batch;
  seal.next.to = header->to;
  seal.next.frontier = job->writer.frontier;
  seal.next.last_entry = pass->last;
  g_array_append_val (pass->seals, seal);
}

static gboolean
pass_close_job (PtSealPass *pass, Job *job, GError **error)
{
  char roster[2048];
  gsize size;
  PtBatchHeader header;
  PtCid cid;
  guint64 bytes;

  if (!pt_roster_write (pass->config->roster, job->area.number, job->area.head.batch + 1, pass->to,
                        pass->config->signer, roster, sizeof roster, &size, error))
    return FALSE;
  if (!job_check (job, pt_batch_writer_append (&job->writer, pt_span (roster, size), NULL), error)
      || !job_check (job, pt_batch_writer_close (&job->writer, &header), error))
    return FALSE;
  if (!job_flush (job))
    return job_check (job, PT_STOPPED, error);
  if (!pt_block_store_writer_finish (job->file, PT_BLOCKS_DEFERRED, &cid, &bytes, error))
    return FALSE;
  pass_add_seal (pass, job, &header, &cid, bytes);
  return TRUE;
}

/* The window of the first entry that is not sealed. */
static gboolean
pass_find_window (const PtEntryRow *row, gpointer user_data, GError **error)
{
  PtSealPass *pass = user_data;

  pass->to = (row->received / pass->config->period + 1) * pass->config->period;
  return FALSE;
}

/* What an earlier pass sealed and could not index is read back from its batch files. */
static void
pass_index (PtSealPass *pass)
{
  const PtBatcherConfig *config = pass->config;
  PtReportIndex *index = pt_archive_index (config->archive);
  g_autoptr (GError) error = NULL;
  guint64 covered;
  gboolean indexed;

  covered = pt_report_index_covered (index);
  if (covered >= pass->last)
    return;
  if (covered == pass->sealed)
    indexed = pt_report_index_add (index, pass->sealed, pass->last, pass->places, &error);
  else
    {
      g_rw_lock_reader_lock (&config->directory->lock);
      indexed = pt_archive_reindex (config->archive, config->directory->registry, covered, &error);
      g_rw_lock_reader_unlock (&config->directory->lock);
    }
  if (indexed)
    pt_committer_set_sealed (config->committer, pass->last);
  else
    g_warning ("The index of reports is behind: %s", error->message);
}

gboolean
pt_seal_pass_run (PtSealPass *pass, gint64 until, GError **error)
{
  const PtBatcherConfig *config = pass->config;

  if (!pt_store_scan_entries (config->store, pass->sealed, until, pass_find_window, pass, error))
    return FALSE;
  if (pass->to == 0 || pass->to > until)
    {
      pass_index (pass);
      return TRUE;
    }
  pt_roster_begin (config->roster);
  if (!pt_store_scan_entries (config->store, pass->sealed, pass->to, pass_take_entry, pass, error))
    return FALSE;
  for (guint i = 0; i < pass->jobs->len; i++)
    {
      Job *job = g_ptr_array_index (pass->jobs, i);

      if (job != NULL && !pass_close_job (pass, job, error))
        return FALSE;
    }
  /* The commit point. */
  if (pass->seals->len > 0
      && (!pt_block_store_sync (config->blocks, error)
          || !pt_store_seal (config->store, (PtSeal *) pass->seals->data, pass->seals->len, error)))
    return FALSE;
  pass_index (pass);
  return TRUE;
}
