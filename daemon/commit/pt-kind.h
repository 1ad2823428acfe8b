/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-group.h"
#include "pt-log-state.h"
#include "pt-submission.h"

#define PT_KIND_AHEAD_MS PT_AHEAD_MAX_MS /* how far a client's clock may be ahead of ours */

/* One kind of what is handed in, from a mouth into the log: all that differs between reports and
 * registrations and what else is said. What is common to them is in the verifier pool, the
 * committer and the group. */
struct _PtKind
{
  guint entries;    /* a bit (1 << PtEntryKind) for each entry that belongs to it */
  gint64 ahead;     /* ms: how far ts may be ahead of the clock; behind, as far as it likes */
  gboolean alone;   /* a submission makes a group of its own, because it changes who may sign */
  gboolean is_last; /* in a group its entries stand behind the reports, which they are judged by */

  /* Who must have signed the line; fills its area and device. NULL: it was refused. Asks nothing
   * that an entry before it in the same group could change. With a lock of the directory. */
  const guint8 *(*find_signer) (PtRegistry *registry, PtLine *line, const PtEntry *entry);
  /* Whether the line may turn out to repeat an entry, even if it is badly signed: a hint. With a
   * lock of the directory. NULL: never. */
  gboolean (*may_repeat) (const PtLine *line);
  /* Then, on a verifier's thread and without a lock: what can be said of it by the digests of what
   * is sealed. May decide it (PT_LINE_DUPLICATE, refused), else sets is_other. Opens no batch file
   * and asks no store: anybody can hand in copies of what is public. */
  void (*compare) (const PtLogState *log, PtLine *line);

  /* These on the committer's thread. First, without a lock and free to read the disk: the line
   * against what was committed before this group. May decide it (PT_LINE_DUPLICATE, refused),
   * PT_ERROR_BUSY where the store can't say. */
  void (*judge) (PtLogState *log, PtGroupBuilder *group, PtLine *line);
  /* Then, in memory only: against what the group has so far. Decides it:
   * an entry of the group, a duplicate, refused. */
  void (*add) (PtLogState *log, PtGroupBuilder *group, PtLine *line);
  /* After the commit, before the answers: @count entries of the group from @first on are in the
   * log. Takes the lock if it needs it. */
  void (*apply) (PtLogState *log, PtGroupBuilder *group, guint first, guint count);

  /* At start-up, in the log's order: an entry of the store's tail becomes what it was. @folded:
   * what was saved of it holds it already. */
  gboolean (*recover) (PtLogState *log, const PtEntryRow *row, const PtEntry *entry,
                       gboolean folded, GError **error);
};

extern const PtKind pt_kind_report;       /* reports of devices */
extern const PtKind pt_kind_registration; /* of devices and officials, and profiles */
extern const PtKind pt_kind_action;       /* of complaints */
extern const PtKind pt_kind_notice;       /* announcements */

/* The kind that an entry in the log belongs to; NULL: none that is taken in. */
const PtKind *pt_kind_of_entry (PtEntryKind entry);

/* For find_signer: as the registry says; refuses the line where no one may have signed. */
const guint8 *pt_kind_registered_signer (PtRegistry *registry, PtLine *line, const PtEntry *entry);

/* For recover: PT_ERROR_STOP about @what, which can't be as the database has it. FALSE. */
gboolean pt_kind_damaged (const char *what, GError **error);
