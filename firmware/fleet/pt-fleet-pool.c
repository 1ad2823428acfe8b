/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-pool.h"

typedef struct
{
  guint number;
  gpointer connection;
} Place;

void
pt_fleet_pool_init (PtFleetPool *pool, guint most, GDestroyNotify free)
{
  g_return_if_fail (pool != NULL && most > 0 && free != NULL);

  pool->links = g_hash_table_new (NULL, NULL);
  g_queue_init (&pool->order);
  pool->most = most;
  pool->free = free;
}

static void
free_oldest (PtFleetPool *pool)
{
  Place *place = g_queue_pop_head (&pool->order);

  g_hash_table_remove (pool->links, GUINT_TO_POINTER (place->number));
  pool->free (place->connection);
  g_free (place);
}

void
pt_fleet_pool_clear (PtFleetPool *pool)
{
  g_return_if_fail (pool != NULL);

  if (pool->links == NULL)
    return;
  while (pool->order.length > 0)
    free_oldest (pool);
  g_clear_pointer (&pool->links, g_hash_table_unref);
}

gpointer
pt_fleet_pool_find (PtFleetPool *pool, guint number)
{
  GList *link;

  g_return_val_if_fail (pool != NULL, NULL);

  link = g_hash_table_lookup (pool->links, GUINT_TO_POINTER (number));
  if (link == NULL)
    return NULL;
  g_queue_unlink (&pool->order, link);
  g_queue_push_tail_link (&pool->order, link);
  return ((Place *) link->data)->connection;
}

void
pt_fleet_pool_add (PtFleetPool *pool, guint number, gpointer connection)
{
  Place *place;

  g_return_if_fail (pool != NULL && connection != NULL);
  g_return_if_fail (!g_hash_table_contains (pool->links, GUINT_TO_POINTER (number)));

  while (pool->order.length >= pool->most)
    free_oldest (pool);
  place = g_new (Place, 1);
  *place = (Place){ number, connection };
  g_queue_push_tail (&pool->order, place);
  g_hash_table_insert (pool->links, GUINT_TO_POINTER (number), pool->order.tail);
}

void
pt_fleet_pool_drop (PtFleetPool *pool, guint number)
{
  GList *link;

  g_return_if_fail (pool != NULL);

  link = g_hash_table_lookup (pool->links, GUINT_TO_POINTER (number));
  if (link == NULL)
    return;
  g_queue_unlink (&pool->order, link);
  g_queue_push_head_link (&pool->order, link);
  free_oldest (pool);
}

void
pt_fleet_pool_each (PtFleetPool *pool, void (*func) (gpointer connection, gpointer data),
                    gpointer data)
{
  g_return_if_fail (pool != NULL && func != NULL);

  for (GList *link = pool->order.head; link != NULL; link = link->next)
    func (((Place *) link->data)->connection, data);
}
