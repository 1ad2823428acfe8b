/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-feed-complaints.h"

/* Which complaints are asked for, and in which order. Pure: of a complaint, a question and a time.
 */

typedef enum
{
  PT_COMPLAINTS_OPEN, /* open, acknowledged, assigned, or a rejection asked for */
  PT_COMPLAINTS_OVERDUE,
  PT_COMPLAINTS_DUE, /* within an hour */
  PT_COMPLAINTS_IN_TIME,
  PT_COMPLAINTS_AGAINST, /* closed against the evidence */
  PT_COMPLAINTS_MINE,    /* open, and assigned to the official */
  PT_COMPLAINTS_CLOSED,  /* since the day began */
  PT_COMPLAINTS_ALL,
  PT_COMPLAINT_SETS
} PtComplaintSet;

typedef enum
{
  PT_COMPLAINT_BY_CLOCK, /* what is over longest first, then what has least time, then the rest */
  PT_COMPLAINT_BY_PEOPLE,
  PT_COMPLAINT_BY_FILED,  /* newest first */
  PT_COMPLAINT_BY_CHANGED /* likewise */
} PtComplaintOrder;

/* Strings are borrowed; NULL: of any. */
typedef struct
{
  PtComplaintSet set;
  PtComplaintOrder order;
  const char *area, *category;
  const char *official; /* of "mine" */
  const char *words;    /* a number (spaces and dashes are nothing), place, site, feeder, title */
  gint64 now, midnight; /* ms */
} PtComplaintQuery;

gboolean pt_complaint_is_open (const PtComplaint *complaint);
/* The limit that runs out next of those that wait to be kept, ms; 0: none. */
gint64 pt_complaint_deadline (const PtComplaint *complaint);
gboolean pt_complaint_is_overdue (const PtComplaint *complaint, gint64 now);
/* Whether it is in @set, whatever else the question says. */
gboolean pt_complaint_is_in (const PtComplaint *complaint, PtComplaintSet set,
                             const PtComplaintQuery *query);
gboolean pt_complaint_matches (const PtComplaint *complaint, const PtComplaintQuery *query);
/* A number by which to sort, the least first. */
gint64 pt_complaint_rank (const PtComplaint *complaint, PtComplaintOrder order);

/* How many there are of each, of those that match in all but the set. */
typedef struct
{
  guint sets[PT_COMPLAINT_SETS];
  guint closed[PT_CLOSED_AGAINST + 1]; /* by how, of those closed since the day began */
} PtComplaintCounts;

void pt_complaint_count (const PtComplaint *complaint, const PtComplaintQuery *query,
                         PtComplaintCounts *counts);

/* The last midnight before @now in the reader's own time, ms. */
gint64 pt_complaint_midnight (gint64 now);
