/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The connections of a thread's devices that are open: no more than so many, and the one that was
 * used longest ago makes room. */
typedef struct
{
  GHashTable *links; /* number -> its GList of order */
  GQueue order;      /* of what the pool holds, least lately used first */
  guint most;
  GDestroyNotify free;
} PtFleetPool;

void pt_fleet_pool_init (PtFleetPool *pool, guint most, GDestroyNotify free);
void pt_fleet_pool_clear (PtFleetPool *pool);
/* The device's; NULL: it has none open. It becomes the latest. */
gpointer pt_fleet_pool_find (PtFleetPool *pool, guint number);
/* Takes @connection, and frees another where there is no room. */
void pt_fleet_pool_add (PtFleetPool *pool, guint number, gpointer connection);
/* Frees the device's. */
void pt_fleet_pool_drop (PtFleetPool *pool, guint number);
/* What is open, each once. @func must not change the pool. */
void pt_fleet_pool_each (PtFleetPool *pool, void (*func) (gpointer connection, gpointer data),
                         gpointer data);
