/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rebuild.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "pt-anchor-call.h"
#include "pt-contract.h"
#include "pt-keep-said.h"
#include "pt-kind.h"
#include "pt-part-file.h"
#include "pt-replay-fetch.h"
#include "pt-store-open.h"

#define DATABASE "powertrack.sqlite"
#define READY DATABASE ".rebuilt" /* complete, and not in its place yet */
#define FOLDER "rebuild"
#define PART_LINES 1000
#define WAIT_MS 100

typedef struct
{
  const PtRebuildConfig *config;
  char *folder;
  PtStore *old, *store; /* the new one */
  PtHealth *health;     /* of the new pipeline, which nobody reads */
  PtNews *news;
  PtPipeline *pipeline;
  GMutex lock;
  GCond changed;
  PtReplayEnd end;
  gboolean answered;
  guint64 kept, left_out;
} Rebuild;

static gboolean
is_given_up (const Rebuild *rebuild, GError **error)
{
  if (!g_atomic_int_get (rebuild->config->stopping))
    return FALSE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "The daemon ends.");
  return TRUE;
}

/* Files */

static gboolean
remove_tree (const char *path, GError **error)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);

  for (const char *name; directory != NULL && (name = g_dir_read_name (directory)) != NULL;)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (!remove_tree (child, error))
        return FALSE;
    }
  if (g_remove (path) == 0 || errno == ENOENT)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR, "%s can't be removed: %s.", path,
               g_strerror (errno));
  return FALSE;
}

static gboolean
move_file (const char *folder, const char *from, const char *to, GError **error)
{
  g_autofree char *source = g_build_filename (folder, from, NULL);
  g_autofree char *target = g_build_filename (folder, to, NULL);

  if (g_rename (source, target) == 0 && pt_part_file_sync_folder (folder))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR, "%s can't become %s: %s.", source, target,
               g_strerror (errno));
  return FALSE;
}

/* The old database with what SQLite may have left beside it, under a name that nobody has. */
static gboolean
put_aside (const char *folder, GError **error)
{
  static const char *const ends[] = { "-shm", "-wal", "" };
  g_autofree char *name = NULL;
  g_autofree char *taken = NULL;
  guint number = 0;

  do
    {
      g_free (name);
      g_free (taken);
      name = g_strdup_printf (DATABASE ".before-%u", ++number);
      taken = g_build_filename (folder, name, NULL);
    }
  while (g_file_test (taken, G_FILE_TEST_EXISTS));
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *from = g_strconcat (DATABASE, ends[i], NULL);
      g_autofree char *to = g_strconcat (name, ends[i], NULL);
      g_autofree char *path = g_build_filename (folder, from, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS) && !move_file (folder, from, to, error))
        return FALSE;
    }
  g_message ("The database was made again from the batches; the one before is %s.", taken);
  return TRUE;
}

/* The index is by numbers that the new database gives anew, the tiles may be of batches that are no
 * more; both are made again. Each step may be the
 * last one before a crash. */
gboolean
pt_rebuild_finish (const char *folder, GError **error)
{
  g_autofree char *ready = NULL;
  g_autofree char *database = NULL;
  g_autofree char *index = NULL;
  g_autofree char *tiles = NULL;

  g_return_val_if_fail (folder != NULL, FALSE);

  ready = g_build_filename (folder, READY, NULL);
  database = g_build_filename (folder, DATABASE, NULL);
  index = g_build_filename (folder, "index", NULL);
  tiles = g_build_filename (folder, "tiles", NULL);
  if (!g_file_test (ready, G_FILE_TEST_EXISTS))
    return TRUE;
  return remove_tree (index, error) && remove_tree (tiles, error)
         && (!g_file_test (database, G_FILE_TEST_EXISTS) || put_aside (folder, error))
         && move_file (folder, READY, DATABASE, error);
}

/* The new database */

static gboolean
open_new (Rebuild *rebuild, GError **error)
{
  PtPipelineConfig pipeline = rebuild->config->pipeline;
  g_autoptr (GArray) areas = pt_store_areas (rebuild->old, error);
  g_autofree char *address = g_strconcat ("sqlite:", rebuild->folder, "/" DATABASE, NULL);

  if (areas == NULL || !remove_tree (rebuild->folder, error))
    return FALSE;
  g_mkdir_with_parents (rebuild->folder, 0700);
  rebuild->store = pt_store_open (address, NULL, error);
  for (guint i = 0; rebuild->store != NULL && i < areas->len; i++)
    if (!pt_store_add_area (rebuild->store, &g_array_index (areas, PtAreaRow, i), error))
      return FALSE;
  if (rebuild->store == NULL)
    return FALSE;
  rebuild->health = pt_health_new (NULL, NULL);
  rebuild->news = pt_news_new ();
  pipeline.store = rebuild->store;
  pipeline.health = rebuild->health;
  pipeline.news = rebuild->news;
  pipeline.folder = rebuild->folder;
  pipeline.anchoring = NULL;
  pipeline.hold = NULL;
  rebuild->pipeline = pt_pipeline_new (&pipeline, error);
  return rebuild->pipeline != NULL;
}

static void
close_new (Rebuild *rebuild)
{
  g_clear_pointer (&rebuild->pipeline, pt_pipeline_free);
  g_clear_pointer (&rebuild->store, pt_store_free);
  g_clear_pointer (&rebuild->news, pt_news_free);
  g_clear_pointer (&rebuild->health, pt_health_free);
}

static PtReplayLog
new_log (Rebuild *rebuild)
{
  const PtPipeline *pipeline = rebuild->pipeline;

  return (PtReplayLog){ rebuild->store, rebuild->config->replay->log.blocks, pipeline->directory,
                        pipeline->committer };
}

/* What both have */

/* An area's rows, newest first. */
static GArray *
read_rows (Rebuild *rebuild, guint32 area, GError **error)
{
  PtBatchQuery query = { .area = (gint32) area, .state = -1, .limit = G_MAXINT };

  return pt_store_batches (rebuild->old, &query, error);
}

/* How many of @rows, from the last on, are the chain's or may yet become it. */
static gboolean
count_common (const PtContract *at, const char *area, GArray *rows, guint *count, GError **error)
{
  PtCheckpoint latest;

  *count = rows->len;
  if (!pt_contract_latest (at, area, &latest, error))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      const PtBatchRow *row = &g_array_index (rows, PtBatchRow, i);
      PtHash root;

      /* One that is not anchored may be, if those before it are the chain's. */
      if (row->batch > latest.batch)
        continue;
      if (!pt_contract_root_of (at, area, row->batch, &root, error))
        return FALSE;
      if (memcmp (&root, &row->root, sizeof root) == 0)
        return TRUE;
      *count = rows->len - i - 1;
    }
  return TRUE;
}

/* *@last: the number of the last entry that both have. */
static gboolean
copy_common (Rebuild *rebuild, const PtContract *at, PtAreaRow area, guint64 *last, GError **error)
{
  g_autoptr (GArray) rows = read_rows (rebuild, area.number, error);
  g_auto (GStrv) gateways = pt_replay_gateways (rebuild->config->replay->gateways);
  const PtReplayLog log = new_log (rebuild);
  guint count;

  area.head = (PtHead){ 0 };
  area.tail = *last = 0;
  if (rows == NULL || !count_common (at, area.id, rows, &count, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    {
      PtCheckpoint checkpoint
          = pt_anchor_checkpoint (&g_array_index (rows, PtBatchRow, rows->len - 1 - i));

      if (is_given_up (rebuild, error)
          || !pt_replay_fetch (log.blocks, (const char *const *) gateways, &checkpoint.cid,
                               G_MAXUINT64, NULL, error)
          || pt_replay_batch (&log, &area, &checkpoint, error) != PT_REPLAY_SEALED)
        return FALSE;
    }
  *last = area.head.last_entry;
  return TRUE;
}

/* What the chain has besides */

static void
level_done (PtReplayEnd end, gpointer user_data)
{
  Rebuild *rebuild = user_data;

  g_mutex_lock (&rebuild->lock);
  rebuild->end = end;
  rebuild->answered = TRUE;
  g_cond_signal (&rebuild->changed);
  g_mutex_unlock (&rebuild->lock);
}

/* FALSE: given up. */
static gboolean
wait_for_answer (Rebuild *rebuild)
{
  gboolean answered;

  g_mutex_lock (&rebuild->lock);
  while (!rebuild->answered && !g_atomic_int_get (rebuild->config->stopping))
    g_cond_wait_until (&rebuild->changed, &rebuild->lock,
                       g_get_monotonic_time () + WAIT_MS * G_TIME_SPAN_MILLISECOND);
  answered = rebuild->answered;
  g_mutex_unlock (&rebuild->lock);
  return answered;
}

static gboolean
bring_level (Rebuild *rebuild, GError **error)
{
  PtReplayConfig config = *rebuild->config->replay;
  g_autoptr (PtReplay) replay = NULL;

  config.log = new_log (rebuild);
  config.done = level_done;
  config.user_data = rebuild;
  rebuild->answered = FALSE;
  replay = pt_replay_new (&config);
  if (!wait_for_answer (rebuild))
    return !is_given_up (rebuild, error);
  if (rebuild->end == PT_REPLAY_LEVEL)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "The chain changed meanwhile.");
  return FALSE;
}

/* What only the copy has */

typedef struct
{
  Rebuild *rebuild;
  const PtKind *kind;
  GString *lines;
  guint count;
} Part;

static void
part_done (PtSubmission *submission, gpointer user_data)
{
  Rebuild *rebuild = user_data;

  g_mutex_lock (&rebuild->lock);
  for (guint i = 0; i < submission->count; i++)
    if (submission->lines[i].state == PT_LINE_ACCEPTED)
      rebuild->kept++;
    else
      rebuild->left_out++;
  rebuild->answered = TRUE;
  g_cond_signal (&rebuild->changed);
  g_mutex_unlock (&rebuild->lock);
  pt_submission_free (submission);
}

/* As it came in before, with the time of now. */
static gboolean
hand_in (Part *part, GError **error)
{
  Rebuild *rebuild = part->rebuild;
  g_autoptr (GBytes) body = NULL;
  PtSubmission *submission;

  if (part->count == 0)
    return TRUE;
  body = g_bytes_new (part->lines->str, part->lines->len);
  submission = pt_submission_new (part->kind, body, TRUE, part_done, rebuild, error);
  if (submission == NULL)
    return FALSE;
  rebuild->answered = FALSE;
  if (!pt_intake_take (rebuild->pipeline->intake, submission))
    {
      pt_submission_free (submission);
      g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "There is no room for its entries.");
      return FALSE;
    }
  g_mutex_lock (&rebuild->lock);
  while (!rebuild->answered)
    g_cond_wait (&rebuild->changed, &rebuild->lock);
  g_mutex_unlock (&rebuild->lock);
  g_string_truncate (part->lines, 0);
  part->count = 0;
  return TRUE;
}

static gboolean
keep_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  Part *part = user_data;
  const PtKind *kind;
  PtEntry entry;
  gsize rest;

  if (pt_entry_parse (pt_span (row->body, row->size), PT_ENTRY_STORED, &entry) != PT_OK)
    return pt_kind_damaged ("An entry", error);
  kind = pt_kind_of_entry (entry.kind);
  if (kind == NULL || is_given_up (part->rebuild, error))
    return kind == NULL;
  if ((kind != part->kind || part->count == PART_LINES) && !hand_in (part, error))
    return FALSE;
  part->kind = kind;
  part->count++;
  rest = entry.received_at + entry.received_size;
  g_string_append_len (part->lines, row->body, (gssize) entry.received_at);
  g_string_append_len (part->lines, row->body + rest, (gssize) (row->size - rest));
  g_string_append_c (part->lines, '\n');
  return TRUE;
}

static gboolean
keep_rest (Rebuild *rebuild, guint32 area, guint64 last, GError **error)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  Part part = { .rebuild = rebuild, .lines = lines };

  return pt_store_scan_entries (rebuild->old, area, last, 0, keep_entry, &part, error)
         && hand_in (&part, error);
}

/* All of it */

static gboolean
fill (Rebuild *rebuild, GError **error)
{
  const PtReplayConfig *replay = rebuild->config->replay;
  g_autoptr (GArray) areas = pt_store_areas (rebuild->old, error);
  g_autoptr (GArray) lasts = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (PtRpc) rpc = pt_rpc_new (replay->rpc_url);
  PtContract at;
  guint privates;

  if (areas == NULL || !pt_contract_pin (&at, rpc, replay->contract, PT_RPC_NEWEST, error))
    return FALSE;
  for (guint i = 0; i < areas->len; i++)
    {
      guint64 last;

      if (!copy_common (rebuild, &at, g_array_index (areas, PtAreaRow, i), &last, error))
        return FALSE;
      g_array_append_val (lasts, last);
    }
  if (!bring_level (rebuild, error))
    return FALSE;
  for (guint i = 0; i < areas->len; i++)
    if (!keep_rest (rebuild, i, g_array_index (lasts, guint64, i), error)
        || !pt_keep_said (rebuild->old, rebuild->store, i, &privates, error))
      return FALSE;
  return TRUE;
}

static gboolean
offer (Rebuild *rebuild, GError **error)
{
  g_autofree char *from = g_strconcat (FOLDER "/", DATABASE, NULL);

  g_message ("Of the copy's own entries %" G_GUINT64_FORMAT " go into the next batches, "
             "%" G_GUINT64_FORMAT " are there already or can't follow what the chain has.",
             rebuild->kept, rebuild->left_out);
  return move_file (rebuild->config->folder, from, READY, error)
         && remove_tree (rebuild->folder, error);
}

gboolean
pt_rebuild_run (const PtRebuildConfig *config, GError **error)
{
  Rebuild rebuild = { .config = config };
  gboolean done;

  g_return_val_if_fail (config != NULL && config->replay != NULL, FALSE);
  g_return_val_if_fail (config->folder != NULL && config->stopping != NULL, FALSE);

  g_message ("The copy took something in where the chain has other entries: its database is made "
             "again from the batches.");
  rebuild.old = config->replay->log.store;
  rebuild.folder = g_build_filename (config->folder, FOLDER, NULL);
  g_mutex_init (&rebuild.lock);
  g_cond_init (&rebuild.changed);
  done = open_new (&rebuild, error) && fill (&rebuild, error);
  close_new (&rebuild);
  done = done && offer (&rebuild, error);
  g_mutex_clear (&rebuild.lock);
  g_cond_clear (&rebuild.changed);
  g_free (rebuild.folder);
  return done;
}
