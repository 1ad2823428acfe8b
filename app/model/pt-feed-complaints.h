/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-complaint.h"
#include "pt-feed-list.h"

#define PT_TYPE_COMPLAINT (pt_complaint_get_type ())
G_DECLARE_FINAL_TYPE (PtComplaint, pt_complaint, PT, COMPLAINT, GObject)

/* One complaint as a daemon lists it. What changed is a new object in the old one's place. Times in
 * ms, 0 where there is none. Strings belong to it; NULL where the daemon says none. */
struct _PtComplaint
{
  GObject parent_instance;
  char *area, *complaint; /* the complaint's number */
  char *category, *title; /* its id, and its name for people in their language where it has one */
  char *site;             /* NULL: its place is the cell */
  gint64 lat, lon;        /* of the cell, 1e-7 degree */
  char *place, *feeder;   /* a name near to it; the site's line */
  char *assigned;         /* an official's id */
  PtComplaintState state;
  gboolean by_service; /* filed for somebody without a browser */
  gint64 n;            /* entries in its chain */
  gint64 people;       /* who filed and who joined */
  gint64 confirmed;    /* of those who joined */
  gint64 reopened;
  gint64 filed_at, changed_at;
  gint64 acknowledge_by, acknowledged_at; /* a limit, 0: none */
  gint64 resolve_by, resolved_at;
  gint64 outage_since;   /* of the outage that lasts at its site */
  gint64 supply_back_at; /* it ended since */
  PtEvidence evidence;
  PtAftermath later;
  PtClosed closed;
};

/* One row of the daemon's, a PtComplaint; NULL: PT_ERROR_UNSUPPORTED. For any thread. */
gpointer pt_complaint_read (JsonNode *node, GError **error);
/* Its name for people: the category's title, else its id. Borrowed. */
const char *pt_complaint_title (const PtComplaint *complaint);
/* Where it is, for people: a place, else a site, else the cell. */
char *pt_complaint_where (const PtComplaint *complaint);

/* Of PtComplaint: those whose clock runs first. */
extern const PtListSpec pt_list_complaints;
