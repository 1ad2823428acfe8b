/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-batch-state.h"
#include "pt-site-store.h"

/* What the daemon tells of, as objects for lists. All strings belong to the object. */

#define PT_TYPE_OUTAGE (pt_outage_get_type ())
G_DECLARE_FINAL_TYPE (PtOutage, pt_outage, PT, OUTAGE, GObject)

struct _PtOutage
{
  GObject parent_instance;
  char *area, *site, *device;
  char *place;       /* what the site is near to, or NULL; one GRefString for all that are */
  gint64 start, end; /* ms; end 0: it lasts */
  gint64 customers;
};

/* By time, not by object: a changed outage is a new object in the old one's place. */
PtOutage *pt_outage_new (const char *area, const char *site, const char *device, gint64 start,
                         gint64 end, gint64 customers);
void pt_outage_set_place (PtOutage *self, const char *place); /* or NULL */
/* What names it in a list (area and device: a device has one outage that lasts); and whether two
 * say the same. For PtRecordList. */
char *pt_outage_key (gconstpointer outage);
gboolean pt_outage_same (gconstpointer a, gconstpointer b);

#define PT_TYPE_BATCH (pt_batch_get_type ())
G_DECLARE_FINAL_TYPE (PtBatch, pt_batch, PT, BATCH, GObject)

struct _PtBatch
{
  GObject parent_instance;
  char *area, *cid, *root;
  char *transaction, *waits_for; /* or NULL */
  guint64 batch;
  gint64 from, to; /* ms */
  gint64 prev_size, size, bytes;
  gint64 block; /* 0: none */
  PtBatchState state;
};

char *pt_batch_key (gconstpointer batch);
gboolean pt_batch_same (gconstpointer a, gconstpointer b);

#define PT_TYPE_AREA_HEAD (pt_area_head_get_type ())
G_DECLARE_FINAL_TYPE (PtAreaHead, pt_area_head, PT, AREA_HEAD, GObject)

struct _PtAreaHead
{
  GObject parent_instance;
  char *area;
  guint64 batch; /* last sealed; 0: none */
  gint64 size, to, devices;
};

char *pt_area_head_key (gconstpointer head);
gboolean pt_area_head_same (gconstpointer a, gconstpointer b);

/* A site whose state has changed, for the log of events. */
#define PT_TYPE_SITE_NEWS (pt_site_news_get_type ())
G_DECLARE_FINAL_TYPE (PtSiteNews, pt_site_news, PT, SITE_NEWS, GObject)

struct _PtSiteNews
{
  GObject parent_instance;
  char *area, *site, *place; /* place: or NULL */
  PtSiteState state;
  gint64 since; /* ms; 0: not known */
  gint64 customers;
};

PtSiteNews *pt_site_news_new (const PtSiteRow *row);

/* One line of the log of events: what comes with it. */
typedef enum
{
  PT_LINK_EVENT_SITE_OFF,     /* PtSiteNews */
  PT_LINK_EVENT_SITE_ON,      /* PtSiteNews */
  PT_LINK_EVENT_SITE_SILENT,  /* PtSiteNews */
  PT_LINK_EVENT_OUTAGE_BEGAN, /* PtOutage */
  PT_LINK_EVENT_OUTAGE_ENDED, /* PtOutage, its end set */
  PT_LINK_EVENT_BATCH         /* PtBatch: its state is another one than before, or it is new */
} PtLinkEvent;
