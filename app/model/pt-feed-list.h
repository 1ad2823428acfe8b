/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-feed.h"
#include "pt-record-list.h"

/* A feed of records that are small enough to be objects, each of them named by a key. What a list
 * is stands in a PtListSpec, beside its class of records, in a file of its own; pt-link.c has the
 * table of them. This is the rest, which is the same for all: page by page from the daemon, one
 * event after another, told to views together. */

#define PT_TYPE_FEED_LIST (pt_feed_list_get_type ())
G_DECLARE_FINAL_TYPE (PtFeedList, pt_feed_list, PT, FEED_LIST, PtFeed)

#define PT_LIST_EVENTS 4

/* A record made of one object of the daemon's. NULL: PT_ERROR_UNSUPPORTED. For any thread. */
typedef gpointer (*PtListReadFunc) (JsonNode *node, GError **error);

typedef struct
{
  const char *type;    /* as the stream names it; NULL after the last one */
  PtListReadFunc read; /* what comes with it */
  void (*apply) (PtFeedList *list, gpointer record); /* @record is borrowed */
} PtListEvent;

typedef struct
{
  const char *name; /* the member of the daemon's answer that holds the records */
  const char *path; /* of the first page, below the base; later ones are named in `next` */
  guint maximum;    /* records; what is beyond is left out */
  gboolean newest_first;
  gboolean is_optional; /* an older daemon has none such: it is empty then, and not offered */
  GType (*type) (void);
  PtListReadFunc read;
  PtRecordKeyFunc key;
  PtRecordSameFunc same;
  PtListEvent events[PT_LIST_EVENTS];
  /* How many the daemon's status counts, for a list to which no event adds; or NULL. */
  gint64 (*counted) (const PtDaemonStatus *status);
} PtListSpec;

/* @spec must stay. */
PtFeedList *pt_feed_list_new (const PtListSpec *spec);
const PtListSpec *pt_feed_list_spec (PtFeedList *list);
/* Whether the daemon has it: FALSE only of an optional one, and before it was loaded. */
gboolean pt_feed_list_is_offered (PtFeedList *list);
/* A GListModel of what @spec says; borrowed. */
PtRecordList *pt_feed_list_records (PtFeedList *list);

/* One page of a list. */
typedef struct
{
  GPtrArray *records;
  char *next; /* or NULL */
} PtListPage;

/* A PtFetchConvert whose data is the PtListSpec; a PtListPage. */
gpointer pt_list_page_read (JsonNode *root, gconstpointer spec, GError **error);
void pt_list_page_free (PtListPage *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtListPage, pt_list_page_free)
