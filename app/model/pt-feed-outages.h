/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-feed-list.h"

#define PT_TYPE_OUTAGE (pt_outage_get_type ())
G_DECLARE_FINAL_TYPE (PtOutage, pt_outage, PT, OUTAGE, GObject)

/* By time, not by object: a changed outage is a new object in the old one's place. All strings
 * belong to it. */
struct _PtOutage
{
  GObject parent_instance;
  char *area, *site, *device;
  char *place;       /* what the site is near to, or NULL; one GRefString for all that are */
  char *feeder;      /* that the site hangs on, or NULL; likewise */
  gint64 start, end; /* ms; end 0: it lasts */
  gint64 start_seq, end_seq; /* counters of its first OFF and of the ON after it; 0: not known */
  gboolean is_cut;           /* nobody reported its end: its device was revoked or moved then */
  gint64 customers;
};

PtOutage *pt_outage_new (const char *area, const char *site, const char *device, gint64 start,
                         gint64 end, gint64 customers);
void pt_outage_set_place (PtOutage *outage, const char *place);   /* or NULL */
void pt_outage_set_feeder (PtOutage *outage, const char *feeder); /* or NULL */

/* Of PtOutage: those that last, in the order in which they were told. */
extern const PtListSpec pt_list_outages;
