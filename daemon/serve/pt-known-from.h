/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-committer.h"
#include "pt-reads.h"

/* From when on something is known of a site's supply: the time of the first report that came from
 * there. A registration says nothing of supply, so what lies before is not known, however long ago
 * the site was registered. Thread-safe. */
typedef struct _PtKnownFrom PtKnownFrom;

/* What they point to lives longer. */
PtKnownFrom *pt_known_from_new (const PtReads *reads, PtCommitter *committer);
void pt_known_from_free (PtKnownFrom *known);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtKnownFrom, pt_known_from_free)

/* When which devices were at the site. With the directory read. */
GArray *pt_known_from_stays (PtArea *area, const char *site);

/* The earliest time (ms) of a report that came from the site in one of @stays; 0: there is none, or
 * it can't be read now. Blocking, without the directory. */
gint64 pt_known_from_read (PtKnownFrom *known, const GArray *stays);
