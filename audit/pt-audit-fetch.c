/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-audit-fetch.h"

#include "pt-http-client.h"

#define WINDOW 16         /* files fetched ahead */
#define BLOCKS_PER_FILE 4 /* waiting in memory, of each of them */
#define BLOCK_MAX (2 * 1024 * 1024)
#define CONNECT_MS 5000
#define TRIES_WHEN_BUSY 6
#define FIRST_PAUSE_MS 250 /* doubled each time */

typedef struct
{
  GQueue blocks; /* GBytes */
  gboolean done, abandoned, failed;
  PtAuditFinding failure;
  char *detail; /* of the failure, or NULL */
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
  char *detail;       /* of the last failure that was handed out */
  GPtrArray *threads;
};

/* One file's walk. */
typedef struct
{
  PtAuditFetcher *fetcher;
  PtHttpClient *client;
  Slot *slot;
  const PtAuditJob *job;
  gboolean failed;
  PtAuditFinding failure;
  char *detail; /* of the failure, or NULL */
} Walk;

/* The first failure is the one that counts. Takes @detail. */
static gboolean
walk_fail (Walk *walk, const PtAuditFinding *failure, char *detail)
{
  if (walk->failed)
    {
      g_free (detail);
      return FALSE;
    }
  walk->failed = TRUE;
  walk->failure = *failure;
  walk->detail = detail;
  return FALSE;
}

static gboolean
walk_fail_layout (Walk *walk, PtAuditCode code, PtResult result)
{
  return walk_fail (walk, &(PtAuditFinding){ .code = code, .result = result }, NULL);
}

static gboolean
pause_ms (PtAuditFetcher *fetcher, guint ms)
{
  gint64 until = g_get_monotonic_time () + (gint64) ms * 1000;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fetcher->mutex);

  while (!fetcher->closing && g_cond_wait_until (&fetcher->changed, &fetcher->mutex, until))
    ;
  return !fetcher->closing;
}

/* Too many questions, or a fault of the gateway's own: goes away by itself. */
static gboolean
is_passing (guint status)
{
  return status == 429 || status >= 500;
}

/* Such a gateway is asked again a little later. */
static GBytes *
get_block (Walk *walk, const PtCid *cid, const char *url)
{
  PtAuditFinding refused = { .code = PT_AUDIT_BLOCK_REFUSED, .cid = *cid };

  for (guint try = 0; try < TRIES_WHEN_BUSY; try++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) body = pt_http_client_get (walk->client, url, "application/vnd.ipld.raw",
                                                    &refused.status, &error);

      if (body == NULL)
        {
          PtAuditFinding failure = { .code = PT_AUDIT_BLOCK_UNREACHABLE, .cid = *cid };

          walk_fail (walk, &failure, g_strdup (error->message));
          return NULL;
        }
      if (refused.status == 200)
        return g_steal_pointer (&body);
      if (!is_passing (refused.status) || !pause_ms (walk->fetcher, FIRST_PAUSE_MS << try))
        break;
    }
  walk_fail (walk, &refused, NULL);
  return NULL;
}

static GBytes *
fetch_block (Walk *walk, const PtCid *cid)
{
  PtAuditFinding other = { .code = PT_AUDIT_BLOCK_OTHER, .cid = *cid };
  char text[PT_CID_TEXT_SIZE + 1];
  g_autofree char *url = NULL;
  g_autoptr (GBytes) block = NULL;
  gsize size = 0;
  const void *data = NULL;

  pt_cid_to_text (cid, text);
  url = g_strdup_printf ("%s/ipfs/%s?format=raw", walk->fetcher->gateway, text);
  block = get_block (walk, cid, url);
  if (block == NULL)
    return NULL;
  data = g_bytes_get_data (block, &size);
  if (pt_cid_names (cid, data, size))
    return g_steal_pointer (&block);
  walk_fail (walk, &other, NULL);
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
    return walk_fail_layout (walk, PT_AUDIT_LAYOUT_DEPTH, PT_OK);
  block = fetch_block (walk, cid);
  if (block == NULL)
    return FALSE;
  data = g_bytes_get_data (block, &size);
  if (pt_cid_codec (cid) == PT_CODEC_RAW)
    return (link == NULL || link->file_size == size
            || walk_fail_layout (walk, PT_AUDIT_LAYOUT_LEAF, PT_OK))
           && hand_on (walk, block);
  result = pt_unixfs_read_node (data, size, &file_size, NULL, NULL);
  if (result != PT_OK)
    return walk_fail_layout (walk, PT_AUDIT_LAYOUT_FORM, result);
  if (link != NULL && link->file_size != file_size)
    return walk_fail_layout (walk, PT_AUDIT_LAYOUT_NODE, PT_OK);
  return pt_unixfs_read_node (data, size, &file_size, visit_link, &level) == PT_OK;
}

static void
fetch_file (PtAuditFetcher *fetcher, PtHttpClient *client, guint index)
{
  Slot *slot = &fetcher->slots[index % WINDOW];
  const PtAuditJob *job = &g_array_index (fetcher->jobs, PtAuditJob, index);
  Walk walk = { .fetcher = fetcher, .client = client, .slot = slot, .job = job };

  walk_block (&walk, &job->cid, 0, NULL);
  g_mutex_lock (&fetcher->mutex);
  slot->failed = walk.failed;
  slot->failure = walk.failure;
  slot->detail = walk.detail;
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
  PtAuditFetcher *fetcher;

  g_return_val_if_fail (options != NULL && jobs != NULL, NULL);

  fetcher = g_new0 (PtAuditFetcher, 1);
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
      g_free (fetcher->slots[i].detail);
    }
  g_ptr_array_unref (fetcher->threads);
  g_array_unref (fetcher->jobs);
  g_mutex_clear (&fetcher->mutex);
  g_cond_clear (&fetcher->changed);
  g_free (fetcher->detail);
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

/* Waits until its fetcher has let go of the slot, and empties it for the file WINDOW later. FALSE
 * and *@failure when the fetching failed. */
static gboolean
release_slot (PtAuditFetcher *fetcher, Slot *slot, PtAuditFinding *failure)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fetcher->mutex);
  gboolean failed;

  slot->abandoned = TRUE;
  g_cond_broadcast (&fetcher->changed);
  while (!slot->done)
    g_cond_wait (&fetcher->changed, &fetcher->mutex);
  g_queue_clear_full (&slot->blocks, (GDestroyNotify) g_bytes_unref);
  failed = slot->failed;
  *failure = slot->failure;
  g_free (fetcher->detail);
  failure->detail = fetcher->detail = g_steal_pointer (&slot->detail);
  slot->done = slot->abandoned = slot->failed = FALSE;
  fetcher->next_read++;
  g_cond_broadcast (&fetcher->changed);
  return !failed;
}

gboolean
pt_audit_fetcher_read (PtAuditFetcher *fetcher, PtAuditBytesFunc func, gpointer user_data,
                       PtAuditFinding *failure)
{
  Slot *slot;
  PtAuditFinding unwanted;
  gboolean wanted = TRUE, fetched;

  g_return_val_if_fail (fetcher != NULL && func != NULL, FALSE);
  slot = &fetcher->slots[fetcher->next_read % WINDOW];
  while (wanted)
    {
      g_autoptr (GBytes) block = next_block (fetcher, slot);

      if (block == NULL)
        break;
      wanted = func (block, user_data);
    }
  fetched = release_slot (fetcher, slot, failure != NULL ? failure : &unwanted);
  return !wanted || fetched;
}
