/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-archive.h"
#include "pt-committer.h"
#include "pt-directory.h"
#include "pt-live.h"
#include "pt-roster.h"

/* Start-up: what the store says becomes what is in memory. The same apply functions as in the run.
 */

typedef struct
{
  gint64 last_received; /* ms, of the newest entry */
  guint64 last_entry;
  guint64 sealed; /* entries up to this id are sealed */
  guint64 folded; /* entries up to this id are in the saved histories */
} PtRecovered;

/* Areas, devices, officials, rosters. */
gboolean pt_recovery_load (PtStore *store, PtDirectory *directory, PtRoster *roster,
                           const guint8 *service_key, PtRecovered *out, GError **error);
/* The entries that are not folded or not sealed yet. */
gboolean pt_recovery_replay (PtStore *store, PtDirectory *directory, PtCommitter *committer,
                             const PtRecovered *recovered, GError **error);
/* Since when every device is as it is, from the outages. */
gboolean pt_recovery_live (PtStore *store, PtLive *live, GError **error);
/* What the index of reports lacks. */
gboolean pt_recovery_index (const PtArchive *archive, PtRegistry *registry,
                            const PtRecovered *recovered, GError **error);
