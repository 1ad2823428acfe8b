/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-audit-pool.h"

#include <string.h>

#include "pt-p256-lanes.h"

#define BLOCK_ITEMS 256
#define BLOCKS_PER_THREAD 8

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtVerifier, pt_p256_lanes_free)

typedef struct
{
  PtHash digest;
  guint8 signature[PT_SIGNATURE_SIZE], key[PT_PUBLIC_KEY_SIZE];
  guint8 registered[PT_PUBLIC_KEY_SIZE];
  gboolean registers;
  const char *area;
  guint64 batch, line;
} Item;

typedef struct
{
  guint count; /* 0: the worker ends */
  Item items[BLOCK_ITEMS];
} Block;

struct _PtAuditPool
{
  const PtAuditSink *sink;
  PtAuditCounts *counts;
  GAsyncQueue *empty, *full; /* Block */
  GPtrArray *blocks;
  GPtrArray *threads; /* GThread */
  Block *block;       /* being filled */
};

static void
tell_rule (PtAuditPool *pool, const Item *item, PtRule rule)
{
  PtAuditFinding finding = { .code = PT_AUDIT_RULE,
                             .rule = rule,
                             .area = item->area,
                             .batch = item->batch,
                             .line = item->line };

  pt_audit_tell (pool->sink, &finding);
}

static void
check_block (PtAuditPool *pool, PtVerifier *verifier, const Block *block)
{
  PtSignatureCheck checks[BLOCK_ITEMS];

  for (guint i = 0; i < block->count; i++)
    checks[i] = (PtSignatureCheck){ .public_key = block->items[i].key,
                                    .digest = &block->items[i].digest,
                                    .signature = block->items[i].signature };
  pt_verifier_check (verifier, checks, block->count);
  for (guint i = 0; i < block->count; i++)
    {
      const Item *item = &block->items[i];

      if (!checks[i].holds)
        tell_rule (pool, item, PT_RULE_BAD_SIGNATURE);
      if (item->registers && !verifier->check_key (verifier->context, item->registered))
        tell_rule (pool, item, PT_RULE_BAD_KEY);
    }
}

static gpointer
work (gpointer data)
{
  PtAuditPool *pool = data;
  g_autoptr (PtVerifier) verifier = pt_p256_lanes_new ();

  g_assert (verifier != NULL);
  for (;;)
    {
      Block *block = g_async_queue_pop (pool->full);
      guint count = block->count;

      check_block (pool, verifier, block);
      __atomic_add_fetch (&pool->counts->verified, count, __ATOMIC_RELAXED);
      g_async_queue_push (pool->empty, block);
      if (count == 0)
        return NULL;
    }
}

PtAuditPool *
pt_audit_pool_new (const PtAuditSink *sink, PtAuditCounts *counts, guint threads)
{
  PtAuditPool *pool;

  g_return_val_if_fail (sink != NULL && counts != NULL, NULL);

  pool = g_new0 (PtAuditPool, 1);
  pool->sink = sink;
  pool->counts = counts;
  pool->empty = g_async_queue_new ();
  pool->full = g_async_queue_new ();
  pool->blocks = g_ptr_array_new_with_free_func (g_free);
  pool->threads = g_ptr_array_new ();
  for (guint i = 0; i < threads * BLOCKS_PER_THREAD + 1; i++)
    {
      Block *block = g_new0 (Block, 1);

      g_ptr_array_add (pool->blocks, block);
      g_async_queue_push (pool->empty, block);
    }
  for (guint i = 0; i < threads; i++)
    g_ptr_array_add (pool->threads, g_thread_new ("signatures", work, pool));
  return pool;
}

static void
hand_over (PtAuditPool *pool)
{
  if (pool->block != NULL && pool->block->count > 0)
    g_async_queue_push (pool->full, g_steal_pointer (&pool->block));
}

void
pt_audit_pool_add (PtAuditPool *pool, const PtEntry *entry, const guint8 *key, const char *area,
                   guint64 batch, guint64 line)
{
  Item *item = NULL;

  g_return_if_fail (pool != NULL);

  if (pool->block == NULL)
    {
      pool->block = g_async_queue_pop (pool->empty);
      pool->block->count = 0;
    }
  item = &pool->block->items[pool->block->count++];
  pt_entry_digest (entry, &item->digest);
  memcpy (item->signature, entry->signature, sizeof item->signature);
  memcpy (item->key, key, sizeof item->key);
  item->registers = pt_entry_registers (entry);
  if (item->registers)
    memcpy (item->registered, entry->key, sizeof item->registered);
  item->area = area;
  item->batch = batch;
  item->line = line;
  if (pool->block->count == BLOCK_ITEMS)
    hand_over (pool);
}

void
pt_audit_pool_finish (PtAuditPool *pool)
{
  g_return_if_fail (pool != NULL);

  hand_over (pool);
  for (guint i = 0; i < pool->threads->len; i++)
    {
      Block *last
          = pool->block != NULL ? g_steal_pointer (&pool->block) : g_async_queue_pop (pool->empty);

      last->count = 0;
      g_async_queue_push (pool->full, last);
    }
  for (guint i = 0; i < pool->threads->len; i++)
    g_thread_join (g_ptr_array_index (pool->threads, i));
  g_async_queue_unref (pool->empty);
  g_async_queue_unref (pool->full);
  g_ptr_array_unref (pool->blocks);
  g_ptr_array_unref (pool->threads);
  g_free (pool);
}
