/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-submission.h"

#define PT_KIND_AHEAD_MS (5 * 60 * 1000) /* how far a client's clock may be ahead of ours */

/* One kind of what is handed in, from a mouth into the log: all that differs between reports and
 * registrations. What is common to them is in the verifier pool, the committer and the group. */
struct _PtKind
{
  guint entries;        /* a bit (1 << PtEntryKind) for each entry that belongs to it */
  gint64 ahead, behind; /* ms: how far ts may be from the clock; behind 0: as far as it likes */
  gboolean has_key;     /* its entries carry a key, which must be a point of the curve */
  gboolean alone;       /* a submission makes a group of its own, because it changes who may sign */

  /* Who must have signed the line; fills its area and device. NULL: it was refused. Asks nothing
   * that an entry before it in the same group could change. With a lock of the directory. */
  const guint8 *(*find_signer) (PtRegistry *registry, PtLine *line, const PtEntry *entry);
  /* Whether a badly signed line may yet turn out to repeat an entry: a hint. With a lock of the
   * directory. NULL: never. */
  gboolean (*may_repeat) (const PtLine *line);
};

extern const PtKind pt_kind_report;       /* reports of devices */
extern const PtKind pt_kind_registration; /* of devices and officials */

/* For find_signer: as the registry says; refuses the line where no one may have signed. */
const guint8 *pt_kind_registered_signer (PtRegistry *registry, PtLine *line, const PtEntry *entry);
