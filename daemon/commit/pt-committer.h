/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-archive.h"
#include "pt-clock.h"
#include "pt-directory.h"
#include "pt-health.h"
#include "pt-live.h"
#include "pt-restamp.h"
#include "pt-log-state.h"
#include "pt-receipts.h"
#include "pt-store-log.h"
#include "pt-submission.h"
#include "pt-time-guard.h"

/* The one thread that decides the order of the log. It takes verified submissions, holds their
 * counters against the device histories, writes all that is waiting in one group commit, and only
 * then answers. It alone changes the registry. */
typedef struct _PtCommitter PtCommitter;

/* What belongs to others lives longer than the committer. */
typedef struct
{
  PtStore *store;
  PtArchive *archive; /* what is sealed; or NULL */
  PtDirectory *directory;
  PtLive *live; /* told of what was committed; or NULL */
  PtClock *clock;
  PtTimeGuard *guard;      /* whether it may be believed; NULL: it may */
  gint64 last_received;    /* of the newest entry, ms; received never goes below it */
  PtRates *rates;          /* that devices are held to; NULL: none */
  PtTraffic *traffic;      /* of the admission; or NULL */
  PtCopiedKeys *copied;    /* told of keys that are in two hands; or NULL */
  PtReceiptTerms receipts; /* what they promise; no signer: none are given */
  PtHealth *health;        /* told when the store can't go on: then nothing is committed any more */
} PtCommitterConfig;

PtCommitter *pt_committer_new (const PtCommitterConfig *config);
/* Commits what waits, then ends. */
void pt_committer_free (PtCommitter *committer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCommitter, pt_committer_free)

void pt_committer_push (PtCommitter *committer, PtSubmission *submission);

/* Commits lines that the log has elsewhere, see pt_group_commit_replay (), and waits for it.
 * Nothing else may be handed in meanwhile. */
gboolean pt_committer_replay (PtCommitter *committer, PtSubmission *submission,
                              const gint64 *received, guint *line, GError **error);

/* What was refused before and waits for a group is written alone; waits for it. */
void pt_committer_keep_rejected (PtCommitter *committer);

/* Runs @func on the committer's thread between two groups and waits for it. */
void pt_committer_run (PtCommitter *committer, GFunc func, gpointer data);

/* After this every entry that is received before @at is committed, and none will be any more. With
 * @touched, also takes the histories of all devices that reported since the last time
 * (PtSubjectRow, body NULL), true as of their area's entry folded_to. */
void pt_committer_barrier (PtCommitter *committer, gint64 at, GArray *touched);

/* These batches are sealed: with their rosters the log goes up to the ends of their windows. */
void pt_committer_pass (PtCommitter *committer, const PtBatchRow *rows, guint count);

/* The latest time that anything stored has, ms; what is received gets none before it. Any thread.
 */
gint64 pt_committer_newest (PtCommitter *committer);
/* Whether there is a time that what is handed in may get (pt-time-guard.h). Any thread. */
gboolean pt_committer_has_time (PtCommitter *committer);
/* Puts right what a clock that was ahead has left behind; see pt_restamp_run (). Nothing is sealed
 * meanwhile. */
gboolean pt_committer_restamp (PtCommitter *committer, gint64 now, PtRestamped *out,
                               GError **error);

/* Registers an area with its authority's key, or finds it with the same. PT_ERROR_CONFLICT for
 * another key. *@created may be NULL. */
gboolean pt_committer_add_area (PtCommitter *committer, const char *id, const guint8 *authority_key,
                                const guint8 *service_key, gboolean *created, GError **error);

/* Entries of the area up to @entry are found in the archive: the tail forgets them. */
void pt_committer_set_sealed (PtCommitter *committer, guint32 area, guint64 entry);

/* Before the first push, and before what was said is recovered: who is told of it. */
void pt_committer_watch (PtCommitter *committer, const PtSaidWatch *watch);

/* The number, in its area, of the subject's entry @seq that is in no batch yet; 0: none. It may
 * still be on its way into the store. Any thread. */
guint64 pt_committer_unsealed (PtCommitter *committer, PtSubject subject, gint64 seq);
/* The log, of which other threads may ask what is thread-safe: directory, tail and archive. */
const PtLogState *pt_committer_log (const PtCommitter *committer);
/* For start-up, before the first push: the number of the area's newest entry. */
void pt_committer_recover_area (PtCommitter *committer, guint32 area, guint64 tail);
/* Likewise, in order: what was said. */
gboolean pt_committer_recover_said (PtCommitter *committer, const PtSaidRow *row, GError **error);
/* Likewise, after that: the area's log goes up to there, ms. */
void pt_committer_recover_passed (PtCommitter *committer, guint32 area, gint64 received);
/* Likewise, in order: an entry after which not all is sealed and folded. @folded: the saved
 * histories hold it. */
gboolean pt_committer_recover (PtCommitter *committer, const PtEntryRow *row, gboolean folded,
                               GError **error);
