/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store-leases.h"

/* The thread of a daemon among several that keeps its leases: it beats, takes areas and gives them
 * as pt-lease-plan.h says. */
typedef struct _PtLeases PtLeases;

typedef struct
{
  PtStore *store;     /* opened to be shared; outlives this */
  PtMemberRow member; /* of this process */
  gint64 life;        /* ms, of a lease; the same for all members */
  gpointer user_data; /* of these, which run on the leases' thread: */

  /* The area is this daemon's: what was committed of it has to be known before it writes. */
  void (*took) (guint32 area, guint64 token, gpointer user_data);
  /* It is not, or will not be when this returns: from then on it writes nothing of it. */
  void (*lost) (guint32 area, gpointer user_data);
  /* What each area costs, guint64 by number; NULL: all the same. */
  void (*weigh) (GArray *loads, gpointer user_data);
  /* NULL: beats are written again. PT_ERROR_STOP: another process has this name, and the thread has
   * ended. Once a change. */
  void (*say) (const GError *error, gpointer user_data);
} PtLeasesConfig;

PtLeases *pt_leases_new (const PtLeasesConfig *config);
/* Gives what it has and leaves, as far as the store can be reached. */
void pt_leases_free (PtLeases *leases);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtLeases, pt_leases_free)

/* From any thread. Whether this daemon may take anything in for the area now. */
gboolean pt_leases_has (PtLeases *leases, guint32 area);
/* A write of the area said that it is another one's. */
void pt_leases_missed (PtLeases *leases, guint32 area);
