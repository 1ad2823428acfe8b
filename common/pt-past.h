/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-entry.h"

/* What a device was before, as far as what it did then still counts: where it was, since outages
 * stay there, and which keys it had, since new hardware counts on. Most devices have none. */

/* Where a device was and for whom, by its registrations. */
typedef struct
{
  char *site;      /* owned */
  char *feeder;    /* owned; NULL: not said */
  gint32 lat, lon; /* 1e-7 degree */
  guint8 level;    /* PtLevel */
  gint64 customers;
  gint64 last_seq; /* the highest counter that it had when that ended */
} PtPlace;

typedef struct
{
  guint8 key[PT_PUBLIC_KEY_SIZE];
  gint64 after; /* its reports have counters above this: the highest when it was first registered */
} PtKeyStart;

typedef struct
{
  GArray *places; /* PtPlace, the oldest first; NULL: always the same */
  GArray *keys;   /* PtKeyStart, all it ever had; NULL: only the present one, from the beginning */
} PtPast;

/* What a registration says of it. */
typedef struct
{
  PtSpan site, feeder; /* feeder empty: not said */
  gint64 lat, lon, customers;
  int level;
  const guint8 *key;
} PtStanding;

PtStanding pt_standing_of (const PtEntry *registration);

void pt_past_clear (PtPast *past);
void pt_past_copy (const PtPast *from, PtPast *to);

/* The device, of which @before held, is registered by @now; @highest: its highest counter in the
 * log before that. */
void pt_past_note (PtPast *past, const PtStanding *before, const PtStanding *now, gint64 highest);

/* Which of its places the device is at now: how many it had before. */
guint32 pt_past_place (const PtPast *past);
/* What the counters of reports with @key have to be above. */
gint64 pt_past_after (const PtPast *past, const guint8 *key);

/* For the store, and back (FALSE if they are not well-formed; then it is empty). */
GBytes *pt_past_save (const PtPast *past);
gboolean pt_past_load (PtPast *past, GBytes *bytes);
