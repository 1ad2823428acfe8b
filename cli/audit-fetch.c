/* SPDX-License-Identifier: Apache-2.0 */
#include "audit-fetch.h"

#include "pt-error.h"
#include "pt-http-client.h"
#include "pt-i18n.h"

#define WINDOW 16         /* files fetched ahead */
#define BLOCKS_PER_FILE 4 /* waiting in memory, of each of them */
#define BLOCK_MAX (2 * 1024 * 1024)
#define CONNECT_MS 5000
#define TRIES_WHEN_BUSY 6
#define FIRST_PAUSE_MS 250 /* doubled each time */

typedef struct
{
  GQueue blocks; /* GBytes */
  gboolean done, abandoned;
  GError *error;
} Slot;

struct _PtAuditFetcher
{
  char *gateway;
  guint block_timeout;
  GArray *jobs;
  GMutex mutex;
  GCond changed;
  guint next_fetch, next_read; /* indices of jobs */
  gboolean closing;
  Slot slots[WINDOW]; /* job i: i % WINDOW */
  GPtrArray *threads;
};

/* One file's walk. */
typedef struct
{
  PtAuditFetcher *fetcher;
  PtHttpClient *client;
  Slot *slot;
  const PtAuditJob *job;
  GError *error;
} Walk;

static gboolean
pause_ms (PtAuditFetcher *fetcher, guint ms)
{
  gint64 until = g_get_monotonic_time () + (gint64) ms * 1000;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fetcher->mutex);

  while (!fetcher->closing && g_cond_wait_until (&fetcher->changed, &fetcher->mutex, until))
    ;
  return !fetcher->closing;
}

/* A gateway that says "too many" is asked again a little later. */
static GBytes *
get_block (Walk *walk, const char *url, GError **error)
{
  guint status = 0;

  for (guint try = 0; try < TRIES_WHEN_BUSY; try++)
    {
      g_autoptr (GBytes) body
          = pt_http_client_get (walk->client, url, "application/vnd.ipld.raw", &status, error);

      if (body == NULL)
        return NULL;
      if (status == 200)
        return g_steal_pointer (&body);
      if ((status != 429 && status != 503) || !pause_ms (walk->fetcher, FIRST_PAUSE_MS << try))
        break;
    }
  g_set_error (error, PT_ERROR, status == 404 ? PT_ERROR_NOT_FOUND : PT_ERROR_RETRY,
               _ ("the gateway answered %u"), status);
  return NULL;
}

static GBytes *
fetch_block (Walk *walk, const PtCid *cid, GError **error)
{
  char text[PT_CID_TEXT_SIZE + 1];
  g_autofree char *url = NULL;
  g_autoptr (GBytes) block = NULL;
  gsize size = 0;
  const void *data = NULL;

  pt_cid_to_text (cid, text);
  url = g_strdup_printf ("%s/ipfs/%s?format=raw", walk->fetcher->gateway, text);
  block = get_block (walk, url, error);
  if (block == NULL)
    {
      g_prefix_error (error, _ ("block %s can't be fetched: "), text);
      return NULL;
    }
  data = g_bytes_get_data (block, &size);
  if (pt_cid_names (cid, data, size))
    return g_steal_pointer (&block);
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
               _ ("the gateway's block is not what its CID %s names"), text);
  return NULL;
}

/* FALSE when nobody wants the file any more. */
static gboolean
hand_on (Walk *walk, GBytes *block)
{
  PtAuditFetcher *fetcher = walk->fetcher;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fetcher->mutex);

  while (walk->slot->blocks.length >= BLOCKS_PER_FILE && !walk->slot->abandoned
         && !fetcher->closing)
    g_cond_wait (&fetcher->changed, &fetcher->mutex);
  if (walk->slot->abandoned || fetcher->closing)
    return FALSE;
  g_queue_push_tail (&walk->slot->blocks, g_bytes_ref (block));
  g_cond_broadcast (&fetcher->changed);
  return TRUE;
}

static gboolean
unwanted (Walk *walk)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (g_atomic_int_get (walk->job->stopped))
    return TRUE;
  locker = g_mutex_locker_new (&walk->fetcher->mutex);
  return walk->slot->abandoned || walk->fetcher->closing;
}

typedef struct
{
  Walk *walk;
  guint depth;
} Level;

static gboolean walk_block (Walk *walk, const PtCid *cid, guint depth, const PtUnixfsLink *link);

static PtResult
visit_link (void *context, const PtUnixfsLink *link)
{
  Level *level = context;

  return walk_block (level->walk, &link->cid, level->depth + 1, link) ? PT_OK : PT_STOPPED;
}

static gboolean
refuse (Walk *walk, const char *why)
{
  g_set_error (&walk->error, PT_ERROR, PT_ERROR_MALFORMED, _ ("the file's layout is not ours: %s"),
               why);
  return FALSE;
}

/* @link: how the node above names it, NULL for the root. The levels are bounded, and so is this
 * recursion. */
static gboolean
walk_block (Walk *walk, const PtCid *cid, guint depth, const PtUnixfsLink *link)
{
  g_autoptr (GBytes) block = NULL;
  Level level = { walk, depth };
  gsize size = 0;
  guint64 file_size = 0;
  const void *data = NULL;
  PtResult result;

  if (unwanted (walk))
    return FALSE;
  if (depth > PT_UNIXFS_LEVELS)
    return refuse (walk, _ ("it is deeper than any file of ours"));
  block = fetch_block (walk, cid, &walk->error);
  if (block == NULL)
    return FALSE;
  data = g_bytes_get_data (block, &size);
  if (pt_cid_codec (cid) == PT_CODEC_RAW)
    return (link == NULL || link->file_size == size || refuse (walk, _ ("a leaf's size is wrong")))
           && hand_on (walk, block);
  result = pt_unixfs_read_node (data, size, &file_size, NULL, NULL);
  if (result != PT_OK)
    return refuse (walk, pt_result_slug (result));
  if (link != NULL && link->file_size != file_size)
    return refuse (walk, _ ("a node's size is wrong"));
  return pt_unixfs_read_node (data, size, &file_size, visit_link, &level) == PT_OK;
}

static void
fetch_file (PtAuditFetcher *fetcher, PtHttpClient *client, guint index)
{
  Slot *slot = &fetcher->slots[index % WINDOW];
  const PtAuditJob *job = &g_array_index (fetcher->jobs, PtAuditJob, index);
  Walk walk = { fetcher, client, slot, job, NULL };

  walk_block (&walk, &job->cid, 0, NULL);
  g_mutex_lock (&fetcher->mutex);
  slot->error = walk.error;
  slot->done = TRUE;
  g_cond_broadcast (&fetcher->changed);
  g_mutex_unlock (&fetcher->mutex);
}

/* The next file to fetch, or -1 at the end. Files are taken in order, so the one that the reader
 * waits for is always in somebody's hands. */
static gint64
take_job (PtAuditFetcher *fetcher)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fetcher->mutex);

  while (!fetcher->closing && fetcher->next_fetch < fetcher->jobs->len
         && fetcher->next_fetch >= fetcher->next_read + WINDOW)
    g_cond_wait (&fetcher->changed, &fetcher->mutex);
  if (fetcher->closing || fetcher->next_fetch == fetcher->jobs->len)
    return -1;
  return fetcher->next_fetch++;
}

static gpointer
work (gpointer data)
{
  PtAuditFetcher *fetcher = data;
  g_autoptr (PtHttpClient) client = pt_http_client_new ();

  pt_http_client_set_limits (client, MIN (CONNECT_MS, fetcher->block_timeout * 1000),
                             fetcher->block_timeout * 1000, BLOCK_MAX);
  for (gint64 index; (index = take_job (fetcher)) >= 0;)
    fetch_file (fetcher, client, (guint) index);
  return NULL;
}

PtAuditFetcher *
pt_audit_fetcher_new (const PtAuditFetchOptions *options, GArray *jobs)
{
  PtAuditFetcher *fetcher = g_new0 (PtAuditFetcher, 1);

  fetcher->gateway = g_strdup (options->gateway);
  fetcher->block_timeout = options->block_timeout;
  fetcher->jobs = jobs;
  g_mutex_init (&fetcher->mutex);
  g_cond_init (&fetcher->changed);
  for (guint i = 0; i < WINDOW; i++)
    g_queue_init (&fetcher->slots[i].blocks);
  fetcher->threads = g_ptr_array_new ();
  for (guint i = 0; i < options->threads; i++)
    g_ptr_array_add (fetcher->threads, g_thread_new ("fetch", work, fetcher));
  return fetcher;
}

void
pt_audit_fetcher_free (PtAuditFetcher *fetcher)
{
  if (fetcher == NULL)
    return;
  g_mutex_lock (&fetcher->mutex);
  fetcher->closing = TRUE;
  g_cond_broadcast (&fetcher->changed);
  g_mutex_unlock (&fetcher->mutex);
  for (guint i = 0; i < fetcher->threads->len; i++)
    g_thread_join (g_ptr_array_index (fetcher->threads, i));
  for (guint i = 0; i < WINDOW; i++)
    {
      g_queue_clear_full (&fetcher->slots[i].blocks, (GDestroyNotify) g_bytes_unref);
      g_clear_error (&fetcher->slots[i].error);
    }
  g_ptr_array_unref (fetcher->threads);
  g_array_unref (fetcher->jobs);
  g_mutex_clear (&fetcher->mutex);
  g_cond_clear (&fetcher->changed);
  g_free (fetcher->gateway);
  g_free (fetcher);
}

/* The slot's next block, or NULL at its end. */
static GBytes *
next_block (PtAuditFetcher *fetcher, Slot *slot)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fetcher->mutex);
  GBytes *block = NULL;

  while (slot->blocks.length == 0 && !slot->done)
    g_cond_wait (&fetcher->changed, &fetcher->mutex);
  block = g_queue_pop_head (&slot->blocks);
  g_cond_broadcast (&fetcher->changed);
  return block;
}

/* Waits until its fetcher has let go of the slot, and empties it for the file WINDOW later. */
static void
release_slot (PtAuditFetcher *fetcher, Slot *slot, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fetcher->mutex);

  slot->abandoned = TRUE;
  g_cond_broadcast (&fetcher->changed);
  while (!slot->done)
    g_cond_wait (&fetcher->changed, &fetcher->mutex);
  g_queue_clear_full (&slot->blocks, (GDestroyNotify) g_bytes_unref);
  if (slot->error != NULL)
    g_propagate_error (error, g_steal_pointer (&slot->error));
  slot->done = slot->abandoned = FALSE;
  fetcher->next_read++;
  g_cond_broadcast (&fetcher->changed);
}

gboolean
pt_audit_fetcher_read (PtAuditFetcher *fetcher, PtAuditBytesFunc func, gpointer user_data,
                       GError **error)
{
  Slot *slot = &fetcher->slots[fetcher->next_read % WINDOW];
  g_autoptr (GError) failure = NULL;
  gboolean wanted = TRUE;

  while (wanted)
    {
      g_autoptr (GBytes) block = next_block (fetcher, slot);

      if (block == NULL)
        break;
      wanted = func (block, user_data);
    }
  release_slot (fetcher, slot, &failure);
  if (!wanted || failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
