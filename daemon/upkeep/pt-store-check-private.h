/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store-check.h"
#include "pt-store-complaints.h"
#include "pt-store-views.h"

/* The parts of a check: -log (entries and roots), -views (what is derived from them). */

typedef struct
{
  guint32 area;
  guint64 entry;     /* of its newest registration */
  guint hash;        /* of that */
  gboolean is_known; /* FALSE: a hole among the numbers */
  gboolean is_odd;   /* registered anew after its history was saved: how things are then is not
                        reckoned here */
  gboolean lasts;    /* an outage of it does */
  PtHistory history;
} PtCheckedDevice;

typedef struct
{
  const PtStoreCheckConfig *config;
  PtStoreFindings *findings;
  GArray *areas;   /* PtAreaRow */
  GArray *folded;  /* guint64 by area: histories are true as of this entry */
  GArray *devices; /* PtCheckedDevice by number, with holes */
  PtCounts counts;
  guint64 done, all; /* entries */
} PtStoreCheck;

/* -log; @batches of that area. */
void pt_store_check_log (PtStoreCheck *check, const PtAreaRow *area, GArray *batches);

/* -views, in this order: before the log, and after it. */
void pt_store_check_subjects (PtStoreCheck *check);
PtCheckedDevice *pt_store_check_device (PtStoreCheck *check, guint32 number); /* or NULL */
void pt_store_check_outages (PtStoreCheck *check);
void pt_store_check_said (PtStoreCheck *check, const PtAreaRow *area);
