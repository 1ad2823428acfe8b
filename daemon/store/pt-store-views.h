/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batch-state.h"
#include "pt-history.h"
#include "pt-store.h"
#include "pt-subject.h"

/* What the log says in sum. Written with the entries it comes from, in the same commit. */

/* The outages of a device, while it was at some of its places. */
typedef struct
{
  guint32 device;
  guint32 first_place, last_place;
} PtOutagesOf;

typedef struct
{
  gint64 from, to;            /* ms; outages that overlap [from, to); 0: no bound */
  gint32 area;                /* -1: any; of no meaning where devices are named */
  const PtOutagesOf *devices; /* only these; NULL: any */
  guint device_count;
  gboolean only_open, only_ended;
  guint limit;
  gint64 after_start; /* paging: strictly after (start, device, start_seq) */
  guint32 after_device;
  gint64 after_seq;
} PtOutageQuery;

typedef struct
{
  guint32 device;
  gint64 start_seq, start, end_seq, end; /* ended_by tells what the end means */
  PtOutageEnd ended_by;                  /* PT_END_NONE: it lasts, and end is 0 */
  gint64 customers;
  guint32 place; /* of its device at the place of its first OFF in the log */
} PtOutageRow;

typedef struct
{
  guint64 batches[PT_BATCH_STATES]; /* by state; none is open */
  guint64 open_outages;
  guint64 entries;  /* of all areas: how many there ever were, without rosters */
  guint64 unsealed; /* of those, how many are in no batch yet */
  guint64 reports;  /* of those, how many are reports */
  guint64 evidence; /* refused reports that are kept */
} PtCounts;

typedef struct
{
  guint64 after; /* paging: numbers above it */
  gint32 area;   /* -1: any */
  guint limit;
  const PtSubject *subject; /* NULL: any */
} PtEvidenceQuery;

/* A report that was refused because its counter had been used with other words. */
typedef struct
{
  guint64 number; /* rising, over all areas */
  PtSubject subject;
  guint32 area;
  gint64 seq, received; /* ms */
  const char *body;     /* the signed form, exactly as it came */
  gsize size;
} PtEvidenceRow;

typedef gboolean (*PtEvidenceRowFunc) (const PtEvidenceRow *row, gpointer user_data,
                                       GError **error);

typedef gboolean (*PtOutageRowFunc) (const PtOutageRow *row, gpointer user_data, GError **error);

/* PtOutageRow by (start, device, start_seq), a GCompareFunc. */
int pt_outage_row_compare (gconstpointer a, gconstpointer b);

/* In that order, at most @query->limit, without a look at those before. @func ends
 * it by returning FALSE; without an error that is fine. */
gboolean pt_store_outages (PtStore *store, const PtOutageQuery *query, PtOutageRowFunc func,
                           gpointer user_data, GError **error);

/* The evidence that is kept, in order, at most @query->limit. @func as above; it does not keep the
 * row. */
gboolean pt_store_evidence (PtStore *store, const PtEvidenceQuery *query, PtEvidenceRowFunc func,
                            gpointer user_data, GError **error);

/* Sums over all areas, true at one moment. */
gboolean pt_store_counts (PtStore *store, PtCounts *counts, GError **error);
