/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-sqlite-store.h"

#include <string.h>

#include "pt-sqlite-place.h"
#include "pt-sqlite-store-private.h"

#define CHECKPOINT_INTERVAL_US (G_USEC_PER_SEC / 2)
#define WAL_PAGES_MAX (128 * 1024) /* 512 MiB: commits wait for the checkpoint */
#define RESTART_WAIT_MS 1000       /* and no longer than that for who reads */
#define READERS_KEPT 4

typedef struct
{
  PtSqliteFunc func;
  gpointer data;
  GError **error;
  gboolean done, result;
  GMutex lock;
  GCond finished;
} Job;

typedef struct
{
  PtStore parent;
  char *path;
  GThread *owner, *checkpointer;
  GAsyncQueue *jobs; /* Job; the store itself means: end */
  PtSqlite *writer;  /* the owner's */
  PtSqlite *frozen;  /* of a store that is only read, as it was: inside one transaction, under */
  GRecMutex reading; /* this lock, since whoever is told a row may ask for others */
  GMutex lock;
  GQueue readers; /* idle connections */
  GCond stop_changed;
  gboolean stopping;
  int restart_above; /* pages of the log; the checkpointer's */
  PtStoreFaultFunc fault_func;
  gpointer fault_data;
  gboolean faulty;
} PtSqliteStore;

static gboolean
store_run_job (PtSqlite *sqlite, Job *job)
{
  if (!pt_sqlite_execute (sqlite, "begin immediate", job->error))
    return FALSE;
  if (job->func (sqlite, job->data, job->error) && pt_sqlite_execute (sqlite, "commit", job->error))
    return TRUE;
  if (!sqlite3_get_autocommit (sqlite->handle))
    pt_sqlite_execute (sqlite, "rollback", NULL);
  return FALSE;
}

static gpointer
store_owner_main (gpointer data)
{
  PtSqliteStore *self = data;
  gpointer item;

  while ((item = g_async_queue_pop (self->jobs)) != self)
    {
      Job *job = item;
      gboolean result = store_run_job (self->writer, job);

      g_mutex_lock (&job->lock);
      job->result = result;
      job->done = TRUE;
      g_cond_signal (&job->finished);
      g_mutex_unlock (&job->lock);
    }
  return NULL;
}

gboolean
pt_sqlite_store_write (PtStore *store, PtSqliteFunc func, gpointer data, GError **error)
{
  PtSqliteStore *self = (PtSqliteStore *) store;
  Job job = { .func = func, .data = data, .error = error };

  if (self->owner == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                           "The database was opened to be read only; nothing was written.");
      return FALSE;
    }
  g_assert (g_thread_self () != self->owner);
  g_mutex_init (&job.lock);
  g_cond_init (&job.finished);
  g_async_queue_push (self->jobs, &job);
  g_mutex_lock (&job.lock);
  while (!job.done)
    g_cond_wait (&job.finished, &job.lock);
  g_mutex_unlock (&job.lock);
  g_mutex_clear (&job.lock);
  g_cond_clear (&job.finished);
  return job.result;
}

static PtSqlite *
store_take_reader (PtSqliteStore *self, GError **error)
{
  PtSqlite *reader;

  g_mutex_lock (&self->lock);
  reader = g_queue_pop_head (&self->readers);
  g_mutex_unlock (&self->lock);
  return reader != NULL ? reader : pt_sqlite_open (self->path, TRUE, error);
}

static void
store_return_reader (PtSqliteStore *self, PtSqlite *reader)
{
  g_mutex_lock (&self->lock);
  if (g_queue_get_length (&self->readers) < READERS_KEPT)
    g_queue_push_head (&self->readers, g_steal_pointer (&reader));
  g_mutex_unlock (&self->lock);
  pt_sqlite_close (reader);
}

static gboolean
store_read_frozen (PtSqliteStore *self, PtSqliteFunc func, gpointer data, GError **error)
{
  gboolean result;

  g_rec_mutex_lock (&self->reading);
  result = func (self->frozen, data, error);
  g_rec_mutex_unlock (&self->reading);
  return result;
}

static gboolean
store_read_now (PtSqliteStore *self, PtSqliteFunc func, gpointer data, GError **error)
{
  PtSqlite *reader = store_take_reader (self, error);
  GHashTableIter iter;
  gpointer statement;
  gboolean result;

  if (reader == NULL)
    return FALSE;
  result = pt_sqlite_execute (reader, "begin", error) && func (reader, data, error);
  /* A statement that was left in the middle would hold the snapshot, and with it the log file. */
  g_hash_table_iter_init (&iter, reader->statements);
  while (g_hash_table_iter_next (&iter, NULL, &statement))
    sqlite3_reset (statement);
  if (!sqlite3_get_autocommit (reader->handle))
    pt_sqlite_execute (reader, "rollback", NULL);
  store_return_reader (self, reader);
  return result;
}

gboolean
pt_sqlite_store_read (PtStore *store, PtSqliteFunc func, gpointer data, GError **error)
{
  PtSqliteStore *self = (PtSqliteStore *) store;

  return self->frozen != NULL ? store_read_frozen (self, func, data, error)
                              : store_read_now (self, func, data, error);
}

static gboolean
store_checkpoint_restart (PtSqlite *sqlite, gpointer data, GError **error)
{
  gboolean done;

  sqlite3_busy_timeout (sqlite->handle, RESTART_WAIT_MS);
  done = pt_sqlite_execute (sqlite, "commit; pragma wal_checkpoint(restart); begin immediate",
                            error);
  sqlite3_busy_timeout (sqlite->handle, PT_SQLITE_BUSY_MS);
  return done;
}

/* Who reads for long, a backup above all, keeps the log from being begun anew: it grows then, and
 * commits wait for him once in a while only. */
static gboolean
store_restart_log (PtSqliteStore *self, int pages, GError **error)
{
  if (pages <= WAL_PAGES_MAX)
    self->restart_above = WAL_PAGES_MAX;
  if (pages <= self->restart_above)
    return TRUE;
  self->restart_above = pages + WAL_PAGES_MAX / 4;
  return pt_sqlite_store_write (&self->parent, store_checkpoint_restart, NULL, error);
}

/* With the lock, so that nobody is told who does not watch any more. */
static void
store_tell_fault (PtSqliteStore *self, const GError *fault)
{
  if ((fault != NULL) == self->faulty)
    return;
  self->faulty = fault != NULL;
  if (self->fault_func != NULL)
    self->fault_func (fault, self->fault_data);
}

/* Copies what the log holds into the database while commits go on. A connection that has not read
 * yet does not know that there is a log. */
static gboolean
store_checkpoint (PtSqliteStore *self, PtSqlite **sqlite, GError **error)
{
  int pages = 0, copied = 0, code;

  if (*sqlite == NULL)
    *sqlite = pt_sqlite_open (self->path, FALSE, error);
  if (*sqlite == NULL || !pt_sqlite_execute (*sqlite, "select count(*) from areas", error))
    return FALSE;
  code = sqlite3_wal_checkpoint_v2 ((*sqlite)->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages,
                                    &copied);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED)
    {
      pt_sqlite_set_error (*sqlite, code, error);
      return FALSE;
    }
  return store_restart_log (self, pages, error);
}

static gpointer
store_checkpointer_main (gpointer data)
{
  PtSqliteStore *self = data;
  g_autoptr (PtSqlite) sqlite = NULL;

  g_mutex_lock (&self->lock);
  while (!self->stopping)
    {
      g_autoptr (GError) fault = NULL;

      g_cond_wait_until (&self->stop_changed, &self->lock,
                         g_get_monotonic_time () + CHECKPOINT_INTERVAL_US);
      g_mutex_unlock (&self->lock);
      store_checkpoint (self, &sqlite, &fault);
      g_mutex_lock (&self->lock);
      store_tell_fault (self, fault);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

static void
sqlite_store_watch (PtStore *store, PtStoreFaultFunc func, gpointer user_data)
{
  PtSqliteStore *self = (PtSqliteStore *) store;

  g_mutex_lock (&self->lock);
  self->fault_func = func;
  self->fault_data = user_data;
  g_mutex_unlock (&self->lock);
}

static void
sqlite_store_free (PtStore *store)
{
  PtSqliteStore *self = (PtSqliteStore *) store;

  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  g_cond_signal (&self->stop_changed);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&self->checkpointer, g_thread_join);
  if (self->owner != NULL)
    {
      g_async_queue_push (self->jobs, self);
      g_thread_join (self->owner);
    }
  g_queue_clear_full (&self->readers, (GDestroyNotify) pt_sqlite_close);
  g_clear_pointer (&self->writer, pt_sqlite_close);
  g_clear_pointer (&self->frozen, pt_sqlite_close);
  g_rec_mutex_clear (&self->reading);
  g_async_queue_unref (self->jobs);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->stop_changed);
  g_free (self->path);
  g_free (self);
}

static const PtStoreClass sqlite_store_class = {
  .free = sqlite_store_free,
  .watch = sqlite_store_watch,
  .commit = pt_sqlite_store_commit,
  .add_area = pt_sqlite_store_add_area,
  .areas = pt_sqlite_store_areas,
  .adopt_service_key = pt_sqlite_store_adopt_service_key,
  .set_ahead = pt_sqlite_store_set_ahead,
  .scan_entries = pt_sqlite_store_scan_entries,
  .restamp = pt_sqlite_store_restamp,
  .reserve = pt_sqlite_store_reserve,
  .scan_subjects = pt_sqlite_store_scan_subjects,
  .subject_bodies = pt_sqlite_store_subject_bodies,
  .save_histories = pt_sqlite_store_save_histories,
  .outages = pt_sqlite_store_outages,
  .evidence = pt_sqlite_store_evidence,
  .rejected = pt_sqlite_store_rejected,
  .scan_said = pt_sqlite_store_scan_said,
  .scan_chain = pt_sqlite_store_scan_chain,
  .privates = pt_sqlite_store_privates,
  .photo = pt_sqlite_store_photo,
  .moderate = pt_sqlite_store_moderate,
  .seal = pt_sqlite_store_seal,
  .roster = pt_sqlite_store_roster,
  .batches = pt_sqlite_store_batches,
  .unfinished = pt_sqlite_store_unfinished,
  .published = pt_sqlite_store_published,
  .submit = pt_sqlite_store_submit,
  .bump = pt_sqlite_store_bump,
  .mined = pt_sqlite_store_mined,
  .finalize = pt_sqlite_store_finalize,
  .withdraw = pt_sqlite_store_withdraw,
  .adopt = pt_sqlite_store_adopt,
  .reopen = pt_sqlite_store_reopen,
  .transactions = pt_sqlite_store_transactions,
  .prune = pt_sqlite_store_prune,
  .counts = pt_sqlite_store_counts,
};

static PtSqliteStore *
store_alloc (const char *path)
{
  PtSqliteStore *self = g_new0 (PtSqliteStore, 1);

  self->parent.klass = &sqlite_store_class;
  self->path = g_strdup (path);
  self->jobs = g_async_queue_new ();
  self->restart_above = WAL_PAGES_MAX;
  g_rec_mutex_init (&self->reading);
  g_mutex_init (&self->lock);
  g_cond_init (&self->stop_changed);
  g_queue_init (&self->readers);
  return self;
}

/* SQLite opens what it may not write as well as it can. */
static gboolean
store_is_writable (PtSqlite *sqlite, const char *path, GError **error)
{
  if (sqlite3_db_readonly (sqlite->handle, "main") == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "%s can't be written. Make it and its folder writable for the daemon's user, or the "
               "file system, which may have become read-only after a fault.",
               path);
  return FALSE;
}

PtStore *
pt_sqlite_store_new (const char *path, GError **error)
{
  g_autoptr (PtStore) store = NULL;
  PtSqliteStore *self;

  if (!pt_sqlite_place_check (path, error))
    return NULL;
  self = store_alloc (path);
  store = &self->parent;
  self->writer = pt_sqlite_open (path, FALSE, error);
  if (self->writer == NULL || !store_is_writable (self->writer, path, error))
    return NULL;
  if (!pt_sqlite_execute (self->writer,
                          "pragma synchronous = full; pragma foreign_keys = on;"
                          "pragma cache_size = -65536;",
                          error)
      || !pt_sqlite_store_migrate (self->writer, path, error)
      || !pt_sqlite_execute (self->writer,
                             "pragma journal_mode = wal; pragma wal_autocheckpoint = 0;"
                             "pragma journal_size_limit = 67108864;",
                             error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  self->owner = g_thread_new ("store", store_owner_main, self);
  self->checkpointer = g_thread_new ("checkpoint", store_checkpointer_main, self);
  return g_steal_pointer (&store);
}

PtStore *
pt_sqlite_store_new_frozen (const char *path, GError **error)
{
  g_autoptr (PtStore) store = NULL;
  PtSqliteStore *self;

  g_return_val_if_fail (path != NULL, NULL);

  self = store_alloc (path);
  store = &self->parent;
  self->frozen = pt_sqlite_open (path, TRUE, error);
  if (self->frozen == NULL)
    return NULL;
  if (pt_sqlite_execute (self->frozen, "begin", error)
      && pt_sqlite_store_is_current (self->frozen, error))
    return g_steal_pointer (&store);
  g_prefix_error (error, "%s: ", path);
  return NULL;
}

GBytes *
pt_sqlite_frontier_bytes (const PtFrontier *frontier)
{
  return g_bytes_new (frontier->nodes, pt_frontier_count (frontier) * PT_HASH_SIZE);
}

gboolean
pt_sqlite_frontier_load (PtFrontier *frontier, guint64 size, sqlite3_stmt *statement, int column)
{
  g_autoptr (GBytes) bytes = pt_sqlite_column_bytes (statement, column);
  gsize length;
  const PtHash *nodes = g_bytes_get_data (bytes, &length);

  return length % PT_HASH_SIZE == 0
         && pt_frontier_load (frontier, size, nodes, length / PT_HASH_SIZE) == PT_OK;
}
