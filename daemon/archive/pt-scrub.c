/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-scrub.h"

#include <stdio.h>

#define PIECE (64 * 1024)             /* bytes between two pauses */
#define SAVE_US (10 * G_USEC_PER_SEC) /* between two notes of where it stands */
#define LOOK_US (10 * G_USEC_PER_SEC) /* between two looks at what others found, while it rests */
#define FETCH_AGAIN_US (10 * 60 * G_USEC_PER_SEC) /* after nobody had a file */

struct _PtScrub
{
  PtScrubConfig config;
  char *path;
  GThread *thread;
  GMutex lock;
  GCond changed;
  gboolean stopping; /* by lock */
  gint stopped;      /* atomic, the same for who fetches */
  gint64 fetch_from; /* monotonic us: not before */
  guint32 area;      /* where it stands: up to @batch of @area all is looked at */
  guint64 batch;
  guint64 unpaused; /* bytes read since the last pause */
  gint64 saved;     /* monotonic us */
};

static void
scrub_load (PtScrub *scrub)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (scrub->path, &text, NULL, NULL)
      || sscanf (text, "%" G_GUINT32_FORMAT " %" G_GUINT64_FORMAT, &scrub->area, &scrub->batch)
             != 2)
    scrub->area = 0, scrub->batch = 0;
}

static void
scrub_save (PtScrub *scrub)
{
  g_autofree char *text = g_strdup_printf ("%u %" G_GUINT64_FORMAT "\n", scrub->area, scrub->batch);

  /* Only spares the next start some reading. */
  g_file_set_contents (scrub->path, text, -1, NULL);
  scrub->saved = g_get_monotonic_time ();
}

PtScrub *
pt_scrub_new (const PtScrubConfig *config)
{
  PtScrub *scrub;

  g_return_val_if_fail (config != NULL && config->bytes_per_s > 0, NULL);

  scrub = g_new0 (PtScrub, 1);
  scrub->config = *config;
  scrub->path = g_build_filename (config->folder, "scrub", NULL);
  g_mutex_init (&scrub->lock);
  g_cond_init (&scrub->changed);
  scrub_load (scrub);
  return scrub;
}

/* Waits so long or for the end; FALSE: that has come. */
static gboolean
scrub_wait (PtScrub *scrub, gint64 us)
{
  gint64 until = g_get_monotonic_time () + us;
  gboolean go_on;

  g_mutex_lock (&scrub->lock);
  while (!scrub->stopping && g_cond_wait_until (&scrub->changed, &scrub->lock, until))
    ;
  go_on = !scrub->stopping;
  g_mutex_unlock (&scrub->lock);
  return go_on;
}

static PtResult
scrub_pace (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  PtScrub *scrub = context;
  guint64 bytes;

  scrub->unpaused += entry.size;
  if (scrub->unpaused < PIECE)
    return PT_OK;
  bytes = scrub->unpaused;
  scrub->unpaused = 0;
  return scrub_wait (scrub, (gint64) (bytes * G_USEC_PER_SEC / scrub->config.bytes_per_s))
             ? PT_OK
             : PT_STOPPED;
}

/* A PtEntryRunPace. */
static gboolean
scrub_pace_index (gpointer user_data, gsize bytes)
{
  PtScrub *scrub = user_data;

  return scrub_wait (scrub, (gint64) (bytes * G_USEC_PER_SEC / scrub->config.bytes_per_s));
}

/* What is damaged and can't be made again, whoever found it. */
static void
scrub_fetch (PtScrub *scrub)
{
  PtArchive *archive = scrub->config.archive;
  g_autoptr (GArray) rows = NULL;

  if (scrub->config.fetch == NULL || g_get_monotonic_time () < scrub->fetch_from)
    return;
  rows = pt_archive_damaged_rows (archive);
  for (guint i = 0; i < rows->len && !g_atomic_int_get (&scrub->stopped); i++)
    {
      const PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);
      g_autoptr (GError) error = NULL;

      if (scrub->config.fetch (row, &scrub->stopped, scrub->config.fetch_data, &error)
          && pt_archive_keep (archive, row, NULL, NULL, &error) == PT_KEEP_HOLDS)
        {
          g_message ("Batch %" G_GUINT64_FORMAT " of %s is whole again: its blocks were fetched.",
                     row->batch, row->area_id);
          continue;
        }
      scrub->fetch_from = g_get_monotonic_time () + FETCH_AGAIN_US;
      if (error != NULL)
        g_message ("Batch %" G_GUINT64_FORMAT " of %s stays damaged: %s.", row->batch, row->area_id,
                   error->message);
    }
}

/* FALSE: it was ended. What could not be looked at is the next round's. */
static gboolean
scrub_batch (PtScrub *scrub, guint32 area, guint64 batch)
{
  PtArchive *archive = scrub->config.archive;
  g_autoptr (GError) error = NULL;
  PtBatchRow row;

  if (pt_archive_batch (archive, area, batch, &row, &error))
    pt_archive_keep (archive, &row, scrub_pace, scrub, &error);
  if (!scrub_wait (scrub, 0))
    return FALSE;
  if (error != NULL)
    g_message ("Batch %" G_GUINT64_FORMAT " could not be looked at: %s", batch, error->message);
  scrub_fetch (scrub);
  scrub->area = area;
  scrub->batch = batch;
  if (g_get_monotonic_time () - scrub->saved > SAVE_US)
    scrub_save (scrub);
  return TRUE;
}

gboolean
pt_scrub_round (PtScrub *scrub)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = NULL;

  g_return_val_if_fail (scrub != NULL, FALSE);

  areas = pt_store_areas (scrub->config.store, &error);
  for (guint i = scrub->area; areas != NULL && i < areas->len; i++)
    {
      const PtAreaRow *area = &g_array_index (areas, PtAreaRow, i);

      pt_entry_index_check (pt_archive_index (scrub->config.archive), i, scrub_pace_index, scrub);
      for (guint64 batch = i == scrub->area ? scrub->batch + 1 : 1; batch <= area->head.batch;
           batch++)
        if (!scrub_batch (scrub, i, batch))
          {
            scrub_save (scrub);
            return FALSE;
          }
    }
  scrub->area = 0;
  scrub->batch = 0;
  scrub_save (scrub);
  return TRUE;
}

static gboolean
scrub_rest (PtScrub *scrub)
{
  gint64 until = g_get_monotonic_time () + (gint64) scrub->config.rest_s * G_USEC_PER_SEC;
  gint64 left;

  while ((left = until - g_get_monotonic_time ()) > 0)
    {
      if (!scrub_wait (scrub, MIN (left, LOOK_US)))
        return FALSE;
      scrub_fetch (scrub);
    }
  return TRUE;
}

static gpointer
scrub_main (gpointer data)
{
  PtScrub *scrub = data;

  while (pt_scrub_round (scrub) && scrub_rest (scrub))
    ;
  return NULL;
}

void
pt_scrub_start (PtScrub *scrub)
{
  g_return_if_fail (scrub != NULL && scrub->thread == NULL);

  scrub->thread = g_thread_new ("scrub", scrub_main, scrub);
}

void
pt_scrub_free (PtScrub *scrub)
{
  if (scrub == NULL)
    return;
  g_atomic_int_set (&scrub->stopped, TRUE);
  g_mutex_lock (&scrub->lock);
  scrub->stopping = TRUE;
  g_cond_signal (&scrub->changed);
  g_mutex_unlock (&scrub->lock);
  g_clear_pointer (&scrub->thread, g_thread_join);
  g_mutex_clear (&scrub->lock);
  g_cond_clear (&scrub->changed);
  g_free (scrub->path);
  g_free (scrub);
}
