/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-history.h"
#include "pt-store-complaints.h"
#include "pt-store-rejected.h"
#include "pt-store.h"
#include "pt-subject.h"
#include "pt-tree.h"

/* The log: areas, the entries of each in commit order, and the devices and officials these are
 * about. An area's entries are numbered 1, 2, ... without holes, and its tail is the newest one's
 * number: what has a higher number does not exist. */

#define PT_AREAS_MAX (1 << 22)

/* A block of the chain that a roster names: the batch is not older. */
typedef struct
{
  gboolean known;
  guint64 number;
  PtHash hash;
} PtNamedBlock;

/* The head of an area's log: after its last sealed batch. */
typedef struct
{
  guint64 batch; /* 0: none sealed */
  gint64 to;     /* ms; 0: none */
  PtFrontier frontier;
  guint64 last_entry; /* number of the last entry that is sealed */
  PtNamedBlock named; /* by the newest roster that names one: from then on all do */
} PtHead;

typedef struct
{
  guint32 number;
  char id[PT_AREA_MAX + 1];
  guint8 authority_key[PT_PUBLIC_KEY_SIZE];
  guint8 service_key[PT_PUBLIC_KEY_SIZE]; /* signs its rosters; zeros: not known (an older version
                                             registered it) */
  gint64 registered;                      /* ms, the daemon's clock */
  guint64 tail;                           /* 0: no entry yet */
  guint64 promised; /* the newest entry of a commit of which a receipt was given: its bytes and
                       those before stay as they are; 0: none */
  guint64 ahead;    /* a batch that the chain has and this log has not; 0: none that was seen */
  PtHead head;
} PtAreaRow;

typedef struct
{
  guint32 area;
  guint64 number; /* in its area */
  PtSubject subject;
  gint64 seq;       /* the number in its subject: a report's counter, an official's ts; 0: a
                       device's registration */
  gint64 received;  /* ms, never decreases with number */
  const char *body; /* the stored entry's exact bytes */
  gsize size;
} PtEntryRow;

/* A device or official as the store remembers it, by its newest registration. Of a device also its
 * history, as of its area's entry @folded_to. */
typedef struct
{
  PtSubject subject;
  guint32 area;
  GBytes *body;        /* exact bytes of that registration */
  guint64 entry;       /* its number in the area */
  gboolean active;     /* by it */
  gboolean was_active; /* as of the area's head: by the newest one that is sealed (read only) */
  GBytes *past; /* of a device: pt_past_save (), true as of this registration; NULL: nothing */
  guint64 folded_to;
  PtHistory history;
} PtSubjectRow;

typedef struct
{
  guint32 device, area;
  PtOutageChange change;
  gint64 customers; /* at the place of the change */
} PtOutageWrite;

/* How far a group moves the tail of one area. */
typedef struct
{
  guint32 area;
  guint64 before, after;
  guint64 reports;      /* how many of these entries are reports */
  gboolean is_promised; /* a receipt is given for some of them */
  gboolean moved;       /* what came of it: pt_store_commit () sets this and the next */
  gboolean came_late;   /* the tail is elsewhere for a commit before, of which nobody could say
                           then whether it was written: it was */
  guint64 gone; /* of a copy of a store: entries up to this one are in their batches' files alone,
                   and the group has those after it; 0: none is */
} PtTailMove;

/* What one group commit writes. */
typedef struct
{
  const PtEntryRow *entries; /* of an area in order: before + 1 to after */
  guint entry_count;
  PtTailMove *tails; /* one for each area that has entries here */
  guint tail_count;
  const PtOutageWrite *outages;
  guint outage_count;
  const PtSubjectRow *subjects; /* new or changed by these entries (history ignored) */
  guint subject_count;
  const PtEntryRow *evidence; /* refused reports of a counter that was used with other words; they
                                 have no number. Kept as far as PT_EVIDENCE_ allows, each once */
  guint evidence_count;
  const PtSaidRow *said; /* of its actions, notices and profiles */
  guint said_count;
  const PtSaidLater *laters;
  guint later_count;
  const PtPrivateRow *privates; /* they come with its actions */
  guint private_count;
  const PtErasure *erasures; /* of what was there before */
  guint erasure_count;
  const PtRejectedRow *rejected; /* what was refused before it, and has no number yet. Kept as far
                                    as PT_REJECTED_ allows, the newest */
  guint rejected_count;
  gint64 rejected_from; /* ms: what is older is forgotten */
} PtGroup;

/* What is kept of evidence, the oldest: two reports of one counter prove what many would. */
#define PT_EVIDENCE_PER_REPORT 2
#define PT_EVIDENCE_PER_SUBJECT 64
#define PT_EVIDENCE_MAX 100000

typedef gboolean (*PtEntryRowFunc) (const PtEntryRow *row, gpointer user_data, GError **error);
typedef gboolean (*PtSubjectRowFunc) (PtSubjectRow *row, gpointer user_data, GError **error);

/* Writes the group and moves its areas' tails, and returns when it is durable. Groups of several
 * threads are written one after another.
 *
 * What is of an area is written with its tail, all or none: its entries, and what they make of
 * subjects, outages, what was said and private parts. A store that can writes all areas or none;
 * another one may move some tails and say FALSE for the others: ->moved of each tells. Evidence and
 * refused reports are of no area, and may be written where a tail is not.
 *
 * The tails are a compare-and-swap: where one is not @before, or the entries don't fill it up to
 * @after without a hole, nothing is written and the error is PT_ERROR_STOP, since what the caller
 * has in memory is then not what is stored. After PT_ERROR_RETRY an area that was not moved is not
 * in the store, or, where the store itself can't say, the next commit's tails tell: PT_ERROR_STOP
 * with ->came_late where nothing is wrong but what the caller has in memory. */
gboolean pt_store_commit (PtStore *store, const PtGroup *group, GError **error);

/* @row->number must be the count of areas; tail, ahead and head are ignored. PT_ERROR_CONFLICT if
 * the id is taken. */
gboolean pt_store_add_area (PtStore *store, const PtAreaRow *row, GError **error);
GArray *pt_store_areas (PtStore *store, GError **error); /* of PtAreaRow, by number */
/* Remembers @key as the service key of all areas of which none is known. */
gboolean pt_store_adopt_service_key (PtStore *store, const guint8 *key, GError **error);
/* Remembers that the chain has batch @ahead of the area and this log has not; 0: not any more. */
gboolean pt_store_set_ahead (PtStore *store, guint32 area, guint64 ahead, GError **error);

/* The area's entries with numbers above @after that were received before @before_received (0: no
 * bound), in order. All that was committed before the call is seen, what comes during it may be;
 * holds up no commit, however long it takes. @func, on the caller's thread, ends the scan by
 * returning FALSE; without an error that is fine. */
gboolean pt_store_scan_entries (PtStore *store, guint32 area, guint64 after, gint64 before_received,
                                PtEntryRowFunc func, gpointer user_data, GError **error);
/* *@body NULL: there is no such entry, or not any more. */
gboolean pt_store_read_entry (PtStore *store, guint32 area, guint64 number, GBytes **body,
                              GError **error);

/* Entries of an area that get another time of receipt. */
typedef struct
{
  guint32 area;
  guint64 after;   /* those with higher numbers */
  gint64 received; /* ms; those that have a later one get this */
} PtRestamp;

/* Gives entries that are not sealed the time that they were received at by a clock that was right:
 * nobody has signed it yet. All areas or none; on a store that moves them apart one entry after
 * another, so that after an error some may have it, and said again it goes on with the rest.
 * *@changed: how many there were. */
gboolean pt_store_restamp (PtStore *store, const PtRestamp *areas, guint count, guint64 *changed,
                           GError **error);

/* Numbers for devices, or officials, that are new: *@first and those that follow, @count of them,
 * which no other process that writes to the store gets. One that no commit has been given when this
 * is called again is given again. PT_ERROR_OPERATOR: there are no more. */
gboolean pt_store_reserve (PtStore *store, PtSubjectKind kind, guint count, guint32 *first,
                           GError **error);
/* All of a kind, by number; @func as above, and may take what the row points to. */
gboolean pt_store_scan_subjects (PtStore *store, PtSubjectKind kind, PtSubjectRowFunc func,
                                 gpointer user_data, GError **error);
/* Its registrations (GBytes), newest first; empty for one that is not known. */
GPtrArray *pt_store_subject_bodies (PtStore *store, PtSubject subject, GError **error);
/* Histories and folded_to of devices that are known (the rest of a row is ignored), each device's
 * together. What a start would read out of the entries, so a failure loses nothing. */
gboolean pt_store_save_histories (PtStore *store, const PtSubjectRow *rows, guint count,
                                  GError **error);

/* Deletes the area's oldest entries up to @up_to, with the rosters of batches that are gone then,
 * at most @limit of them; never one whose batch is not FINAL. The caller has made sure that every
 * device's history is folded beyond. *@removed 0: there was none to delete. */
gboolean pt_store_prune (PtStore *store, guint32 area, guint64 up_to, guint limit, guint *removed,
                         GError **error);
