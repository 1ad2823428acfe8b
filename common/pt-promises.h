/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-complaint.h"
#include "pt-notice.h"
#include "pt-profile.h"

/* What officials and citizens said in an area's log: its complaints, its notices and the profile in
 * force. Rules are core's; this keeps the facts that they ask for. A part of PtRegistry. */

typedef struct _PtPromises PtPromises;

PtPromises *pt_promises_new (void);
void pt_promises_free (PtPromises *promises);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtPromises, pt_promises_free)

/* The officials of the entry that is judged, as the registry has them. */
typedef struct
{
  const PtOfficialFacts *by; /* NULL: not registered */
  const guint8 *by_key;
  const PtOfficialFacts *to; /* of an assign */
} PtPromiseSigners;

/* Whether the entry is an action, a notice or a profile. */
gboolean pt_promises_concern (const PtEntry *entry);

/* Whether such a one may come next; all but signature and time. Where only a
 * part of the log is read, what began before it is judged as far as can be (@is_part). */
PtRule pt_promises_judge (PtPromises *promises, const PtEntry *entry,
                          const PtPromiseSigners *signers, gboolean is_part);

/* What the log says at the entry's place beside that. */
typedef struct
{
  guint64 order;                  /* of the entry in the area's log */
  gboolean is_part;               /* as of pt_promises_judge () */
  const PtEvidenceCount *devices; /* those of the site of what is resolved */
} PtPromiseFacts;

/* Takes one that was judged. */
void pt_promises_take (PtPromises *promises, const PtEntry *entry, const PtHash *leaf,
                       const PtPromiseSigners *signers, const PtPromiseFacts *facts);

/* Told of each entry's received, in order, before the entry is taken: what was resolved long enough
 * before it held. */
void pt_promises_pass (PtPromises *promises, gint64 received);

/* Told of each report OFF that names @site: what was resolved there and did not hold. @time:
 * pt_report_time (). */
void pt_promises_fell (PtPromises *promises, PtSpan site, gint64 time);

/* What became of resolve @n of a complaint. */
typedef void (*PtSettledFunc) (const char *complaint, gint64 n, PtAftermath later,
                               gpointer user_data);
/* Told of it by the two above. NULL: no one. */
void pt_promises_watch (PtPromises *promises, PtSettledFunc func, gpointer user_data);
/* What such a report, received at @received, would make of what is pending; changes nothing. */
void pt_promises_each_fall (const PtPromises *promises, PtSpan site, gint64 time, gint64 received,
                            PtSettledFunc func, gpointer user_data);
/* What was kept of it, after the complaint's entries were taken once more. */
void pt_promises_settle (PtPromises *promises, const char *complaint, gint64 n, PtAftermath later);
/* Whether anything is pending. */
gboolean pt_promises_is_waiting (const PtPromises *promises);

/* What devices that say @count say of the resolve that @entry would be. */
PtEvidence pt_promises_evidence (PtPromises *promises, const PtEntry *entry,
                                 const PtEvidenceCount *count);

/* How complaints stand as the log says so far: those that wait for an official, and how those that
 * were closed were; no sum of these is anything. */
typedef struct
{
  guint64 filed, waiting;
  guint64 closed[PT_CLOSED_AGAINST + 1]; /* by PtClosed */
} PtPromiseCounts;

/* Adds them to @counts. */
void pt_promises_count (const PtPromises *promises, PtPromiseCounts *counts);

/* Or NULL. */
const PtComplaintFacts *pt_promises_complaint (PtPromises *promises, PtSpan id);
const PtNoticeFacts *pt_promises_notice (PtPromises *promises, PtSpan id);
/* The one in force, or NULL; `ts` of its entry, or -1. */
const PtProfile *pt_promises_profile (const PtPromises *promises);
gint64 pt_promises_profile_time (const PtPromises *promises);
/* Whether @entry holds the document in force. */
gboolean pt_promises_is_profile (const PtPromises *promises, const PtEntry *entry);
