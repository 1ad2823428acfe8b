/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-group.h"
#include "pt-receipts.h"

/* The files of the group: pt-group.c (entries, histories, outages, subjects), pt-group-said.c (what
 * was said, its private parts, receipts), pt-group-moved.c (some of its areas were not written). */

/* A device's history as it will be. */
typedef struct
{
  PtDevice *device;
  guint reports; /* of the group */
  PtHistory history;
} PtGroupChanged;

/* The group's entries of one area. */
typedef struct
{
  guint64 before;       /* the area's tail */
  guint64 reports;      /* how many of them are reports */
  GArray *rows;         /* guint: each one's index among the entries; empty: not of this group */
  gboolean is_promised; /* a receipt is given for some of them */
  gboolean is_lost;     /* the store has none of them */
  PtReceipts *receipts; /* once they are signed */
} PtGroupPart;

/* A report OFF of a site at which something that was resolved is looked at. */
typedef struct
{
  guint row;
  const PtDevice *device;
  gint64 time; /* pt_report_time () */
} PtGroupFall;

struct _PtGroupBuilder
{
  char *arena; /* stored forms, one after another */
  gsize used, capacity;
  GArray *entries;        /* PtEntryRow */
  GArray *outages;        /* PtOutageWrite */
  GArray *parts;          /* PtGroupPart, by area number */
  GArray *tails;          /* PtTailMove: of the areas that have entries here */
  GArray *subjects;       /* PtSubjectRow */
  GArray *evidence;       /* PtEntryRow */
  GArray *accepted;       /* PtAccepted */
  GArray *changed;        /* PtGroupChanged */
  GHashTable *changed_at; /* PtDevice -> index in changed, + 1 */
  GHashTable *pending;    /* name -> PtPending */
  GArray *said;           /* PtSaidRow */
  GArray *said_rows;      /* guint: the entry of each, rising */
  GArray *laters;         /* PtSaidLater */
  GArray *privates;       /* PtPrivateRow: what it points to is the lines' */
  GArray *erasures;       /* PtErasure */
  GArray *falls;          /* PtGroupFall */
  guint look_ups;
  GStringChunk *names;            /* of what was said */
  guint32 next[PT_SUBJECT_KINDS]; /* of those that were reserved */
  PtLogState *log;
  PtGroup group;
};

/* Takes the entry out of the log's tail again. */
void pt_group_builder_drop_row (PtGroupBuilder *builder, guint index);

/* -said */
void pt_group_said_init (PtGroupBuilder *builder);
void pt_group_said_clear (PtGroupBuilder *builder);
void pt_group_said_reset (PtGroupBuilder *builder);
/* Into ->group. */
void pt_group_said_fill (PtGroupBuilder *builder);
/* With the writer's side of the door: what the group's reports make of what was resolved. */
void pt_group_said_fall (PtGroupBuilder *builder);
