/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-archive.h"
#include "pt-committer.h"
#include "pt-directory.h"
#include "pt-live.h"
#include "pt-roster.h"

/* Start-up: what the store says becomes what is in memory. The same apply functions as in the run.
 */

/* Where an area's log stands: numbers of its entries. */
typedef struct
{
  guint64 tail;
  guint64 sealed;  /* entries up to this are sealed */
  guint64 leaves;  /* of its tree, then */
  guint64 folded;  /* entries up to this are in the saved histories */
  gint64 received; /* ms: so far its log goes */
} PtRecoveredArea;

typedef struct
{
  gint64 last_received; /* ms, of the newest entry of all */
  GArray *areas;        /* PtRecoveredArea, by number */
} PtRecovered;

void pt_recovered_clear (PtRecovered *recovered);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtRecovered, pt_recovered_clear)

/* Areas, devices, officials, rosters. @out is to be cleared, whatever comes of it. */
gboolean pt_recovery_load (PtStore *store, PtDirectory *directory, PtRoster *roster,
                           const guint8 *service_key, PtRecovered *out, GError **error);
/* Where the areas' logs stand, what was said in them, and the entries that are not folded or not
 * sealed yet. */
gboolean pt_recovery_replay (PtStore *store, PtCommitter *committer, const PtRecovered *recovered,
                             GError **error);
/* What the index of entries and the tiles lack. */
gboolean pt_recovery_archive (PtArchive *archive, PtDirectory *directory,
                              const PtRecovered *recovered, GError **error);

/* Whose keys are in two hands, by the evidence that is kept. */
gboolean pt_recovery_keys (PtStore *store, PtDirectory *directory, PtCopiedKeys *copied,
                           GError **error);
