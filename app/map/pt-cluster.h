/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-site-store.h"

/* Which sites are drawn together at one zoom level: groups whose symbols never touch each other at
 * that level or nearer. Membership hangs on places only, so changes of state cost nothing but their
 * counts. Pure: no widget, no drawing. */

#define PT_CLUSTER_ZOOM_MAX 18
#define PT_CLUSTER_STEPS 2 /* levels a zoom, so that they are never enlarged much */
#define PT_CLUSTER_LEVEL_MAX (PT_CLUSTER_ZOOM_MAX * PT_CLUSTER_STEPS)
#define PT_CLUSTER_WORLD 256.0 /* pixels of the world at zoom 0 */

typedef struct
{
  double x, y;        /* centre, Web Mercator 0 to 1 */
  float radius;       /* pixels */
  guint first, count; /* its members in ->members */
  guint states[PT_SITE_STATES];
} PtCluster;

typedef struct
{
  guint step;         /* zoom times PT_CLUSTER_STEPS */
  GArray *clusters;   /* PtCluster, sorted by tile */
  GArray *members;    /* guint: numbers of sites, cluster by cluster */
  GArray *cluster_of; /* guint by a site's number; G_MAXUINT: not in this level */
  GHashTable *tiles;  /* key of a 256 px tile -> (first << 32 | count) of ->clusters */
} PtClusterLevel;

/* Where sites are, apart from the store, so that a level can be made on another thread. */
typedef struct
{
  double x, y; /* below 0: left out */
} PtClusterPlace;

/* Of PtClusterPlace, by site. @area: only this one's sites, or NULL: all. */
GArray *pt_cluster_places (PtSiteStore *sites, const char *area);

/* Any thread. Sites of the same place are always together; their states are not counted yet. */
PtClusterLevel *pt_cluster_level_new (GArray *places, guint step);
/* Pixels of the world at the level. */
double pt_cluster_level_world (const PtClusterLevel *level);
/* Counts the states as they are now; sites that came after @places are left out. */
void pt_cluster_level_count (PtClusterLevel *level, PtSiteStore *sites);
void pt_cluster_level_free (PtClusterLevel *level);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtClusterLevel, pt_cluster_level_free)

/* A site's state went from @before to @after. */
void pt_cluster_level_move (PtClusterLevel *level, guint site, PtSiteState before,
                            PtSiteState after);

typedef void (*PtClusterFunc) (const PtCluster *cluster, guint number, gpointer user_data);

/* Those whose centre is in the box (0 to 1; where @west is below 0 or @east above 1 the world goes
 * on with its other side), each once. */
void pt_cluster_level_each (PtClusterLevel *level, double west, double north, double east,
                            double south, PtClusterFunc func, gpointer user_data);
/* The cluster at a place, not farther than @pixels from its edge at scale @scale (pixels of the
 * world); G_MAXUINT: none. */
guint pt_cluster_level_at (PtClusterLevel *level, double x, double y, double scale, double pixels);
const PtCluster *pt_cluster_level_get (PtClusterLevel *level, guint number);

/* Pixels: one site is a small symbol, more are a ring that grows with their number. */
float pt_cluster_radius (guint count);
