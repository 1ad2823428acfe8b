/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "pt-entry.h"
#include "pt-site-state.h"

/* All sites that the console knows, in one array: 100,000 of them are no objects. A site keeps its
 * number until the store is cleared. Main thread only. */

#define PT_SITE_NONE G_MAXUINT

typedef struct
{
  const char *area;   /* interned */
  const char *site;   /* belongs to the store */
  const char *place;  /* what it is near to, derived and not signed; the store's, or NULL */
  const char *feeder; /* one text for all of one name; the store's, or NULL: not said */
  double x, y;        /* Web Mercator, 0 to 1, from the north-west corner */
  gint32 lat, lon;    /* 1e-7 degree, WGS 84 */
  gint64 customers;
  gint64 since;       /* ms; 0: not known */
  gint64 last_report; /* ms; 0: never */
  PtLevel level;
  PtSiteState state;
} PtSiteRow;

#define PT_TYPE_SITE_STORE (pt_site_store_get_type ())
G_DECLARE_FINAL_TYPE (PtSiteStore, pt_site_store, PT, SITE_STORE, GObject)

/* Signals:
 *   "changed" (GArray *numbers): guint each; these were added or their state changed. Gathered: at
 *     most once a main loop's turn.
 *   "reset": everything may be another one; numbers from before mean nothing any more. */
PtSiteStore *pt_site_store_new (void);
void pt_site_store_clear (PtSiteStore *self);

/* Adds a site or brings it up to date; strings are copied, x and y are reckoned. Its number. Told
 * by "changed" (or "reset" where a known site has moved, or hangs on another feeder). */
guint pt_site_store_put (PtSiteStore *self, const PtSiteRow *row);
/* Between these many rows are put and told of once, by "reset". */
void pt_site_store_begin_load (PtSiteStore *self);
void pt_site_store_end_load (PtSiteStore *self);

guint pt_site_store_size (PtSiteStore *self);
/* Valid until the next put. */
const PtSiteRow *pt_site_store_get (PtSiteStore *self, guint number);
const PtSiteRow *pt_site_store_rows (PtSiteStore *self); /* all, by number */
/* PT_SITE_NONE where there is none. */
guint pt_site_store_find (PtSiteStore *self, const char *area, const char *site);

typedef struct
{
  guint sites[PT_SITE_STATES];
  gint64 customers[PT_SITE_STATES];
} PtSiteTotals;

/* Kept up to date with every put, so cheap. @area NULL: all. */
void pt_site_store_totals (PtSiteStore *self, const char *area, PtSiteTotals *out);
