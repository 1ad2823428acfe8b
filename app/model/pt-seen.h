/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-complaint-detail.h"

/* What a daemon has shown of complaints in this run: whether it still stands to it. The record only
 * grows, so what is gone or has changed was dropped or rewritten. Main thread only. */

typedef struct
{
  gint64 n; /* its last step; 0: it was not seen */
  PtHash leaf;
  gint64 time; /* ms: when */
  gint64 own;  /* the newest step that was signed here and taken; 0: none */
} PtSight;

typedef struct _PtSeen PtSeen;

PtSeen *pt_seen_new (void);
void pt_seen_free (PtSeen *seen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSeen, pt_seen_free)

PtSight pt_seen_get (PtSeen *seen, const char *url, const char *area, const char *complaint);
/* Keeps what is shown now, where that goes beyond what was seen. @is_own: its last
 * step was signed here. */
void pt_seen_take (PtSeen *seen, const char *url, const PtComplaintDetail *detail, gint64 time,
                   gboolean is_own);

/* A sentence for people; NULL: what is shown contradicts nothing that was seen. @detail NULL: the
 * daemon says that there is no such complaint. */
char *pt_sight_contradicted (const PtSight *sight, const PtComplaintDetail *detail, gint64 now);
