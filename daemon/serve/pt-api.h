/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-committer.h"
#include "pt-known-from.h"
#include "pt-news.h"
#include "pt-public.h"
#include "pt-reads.h"
#include "pt-request.h"
#include "pt-server.h"
#include "pt-status.h"
#include "pt-stepper.h"

/* All that the daemon tells over HTTP, joined to a server; data/openapi.yaml describes it. Main
 * loop. */
typedef struct _PtApi PtApi;

/* What is private of complaints, and who may see it; whoever has sessions fills it. Any thread. */
typedef struct
{
  /* What is private of the complaint's steps @from to @to, for whoever asks; *@shown NULL: nothing
   * is, for her. */
  gboolean (*read) (PtRequest *request, const PtComplaintRow *row, gint64 from, gint64 to,
                    gpointer user_data, gpointer *shown, GError **error);
  /* Writes the member `private` of step @n, where it has one. */
  void (*write) (PtJsonText *json, gint64 n, gpointer shown);
  void (*free) (gpointer shown);
  gpointer user_data;
} PtPrivateView;

/* What it tells of. */
typedef struct
{
  const PtReads *reads;
  const PtStatusSources *status;
  const PtAbout *about;
  PtPublic *public;
  PtBlockStore *blocks;
  PtCommitter *committer;
  PtStepper *stepper; /* NULL: the clock is not stepped */
  PtNews *news;
  const PtPrivateView *privates; /* NULL: nobody sees what is private of complaints */
} PtApiParts;

/* What @parts point to has to outlive the server. */
PtApi *pt_api_new (const PtApiParts *parts, PtServer *server);
/* Before the server is freed: brings the event streams to their end. */
void pt_api_end (PtApi *api);
/* After the server. */
void pt_api_free (PtApi *api);

/* Tables, each with what it has to be added with. */

typedef struct
{
  const PtStatusSources *sources;
  const PtAbout *about;
  PtRefusals *refusals;
} PtApiStatus;

extern const PtRoute pt_api_status_routes[]; /* PtApiStatus */

typedef struct
{
  const PtReads *reads;
  const PtGazetteer *gazetteer; /* or NULL */
  PtKnownFrom *known_from;
} PtApiSites;

extern const PtRoute pt_api_sites_routes[];     /* PtApiSites */
extern const PtRoute pt_api_devices_routes[];   /* const PtReads */
extern const PtRoute pt_api_officials_routes[]; /* const PtReads */

typedef struct
{
  const PtReads *reads;
  PtCommitter *committer; /* knows what is in no batch yet */
} PtApiReports;

extern const PtRoute pt_api_reports_routes[];   /* PtApiReports */
extern const PtRoute pt_api_rejected_routes[];  /* PtApiReports */
extern const PtRoute pt_api_conflicts_routes[]; /* PtApiReports */

extern const PtRoute pt_api_evidence_routes[]; /* const PtReads */

typedef struct
{
  const PtReads *reads;
  const PtArchiveChain *chain;
} PtApiLog;

extern const PtRoute pt_api_log_routes[]; /* PtApiLog */

typedef struct
{
  const PtReads *reads;
  const PtApiSites *sites;
  const PtArchiveChain *chain;
  const PtPrivateView *privates; /* NULL: nobody sees them */
} PtApiComplaints;

/* The api's own. */
const PtApiComplaints *pt_api_complaints (PtApi *api);

extern const PtRoute pt_api_complaints_routes[]; /* PtApiComplaints */
extern const PtRoute pt_api_complaint_routes[];  /* PtApiComplaints */
extern const PtRoute pt_api_promises_routes[];   /* const PtReads */

typedef struct
{
  PtClock *clock;
  PtStepper *stepper; /* or NULL */
  PtAdmission *admission;
} PtApiClock;

extern const PtRoute pt_api_clock_routes[]; /* PtApiClock */
extern const PtRoute pt_api_map_routes[];   /* PtPublic */

/* Pieces of answers that several files have in common. */

/* pt-api-devices.c: those that the parameter names, each as @write writes the area's one of that
 * name, if there is one. */
typedef void (*PtWriteNamed) (PtJsonText *json, PtArea *area, PtSpan id);
gboolean pt_api_answer_named (PtRequest *request, PtDirectory *directory, const char *parameter,
                              const char *list, PtWriteNamed write, GError **error);
/* pt-api-log.c: a batch; what it waits for, NULL when final. */
void pt_api_write_batch (PtJsonText *json, const PtBatchRow *row);
const char *pt_api_waits_for (const PtBatchRow *row);
/* pt-api-site-rows.c: what a site is near to, which nobody signed, but where the site is was
 * signed; a site as a canonical row and as a Feature (RFC 7946), whose properties may still come.
 */
gboolean pt_api_find_place (const PtApiSites *api, gint32 lat, gint32 lon,
                            char name[PT_PLACE_NAME_MAX + 1]);
void pt_api_begin_site_feature (PtJsonText *json, const PtApiSites *api, const PtSite *site);
void pt_api_end_site_feature (PtJsonText *json);
void pt_api_write_site_feature (PtJsonText *json, const PtApiSites *api, const PtSite *site);
void pt_api_write_site_row (PtJsonText *json, const PtApiSites *api, const PtSite *site);
/* The members of rows, each as the array of what the sites have; null for what is not known. */
void pt_api_write_site_columns (PtJsonText *json, const PtApiSites *api, const PtSite *sites,
                                guint count);
/* pt-api-log.c: the device of that name, which the registry keeps: ids are an area's own, so @area
 * (-1: any) has to be said where several have one (PT_ERROR_CONFLICT). As a reader without the
 * lock. */
PtDevice *pt_api_find_device (PtDirectory *directory, const char *id, gint32 area, GError **error);
/* pt-api-sites.c: the devices at the site; *@count: how many areas have one of the name. With the
 * reader lock held.
 */
PtArea *pt_api_find_site (PtRegistry *registry, const char *site, gint32 area, guint *count);
void pt_api_refuse_site (guint count, GError **error);
void pt_api_write_outage (PtJsonText *json, const char *name, const PtApiSites *api,
                          const PtOutageEvent *outage);
/* The member @name: the oldest outage that lasts at the site, where there is one. Asks the store.
 */
gboolean pt_api_write_open_outage (PtJsonText *json, const char *name, const PtApiSites *api,
                                   gint32 area, const char *site, GError **error);
/* pt-api-complaints.c: a row of the list; its members alone, for an object that has others too. */
void pt_api_write_complaint_row (PtJsonText *json, const PtComplaintRow *row);
void pt_api_write_complaint_counts (PtJsonText *json, const char *name,
                                    const PtComplaintCounts *counts);
void pt_api_write_complaint_members (PtJsonText *json, const PtComplaintRow *row);
/* pt-api-complaint.c: the object of one complaint, its first 1000 steps from @from on; @request
 * NULL: without what is private. Asks the store. */
gboolean pt_api_write_complaint (PtJsonText *json, const char *name, const PtApiComplaints *api,
                                 const PtComplaintRow *row, gint64 from, PtRequest *request,
                                 GError **error);
/* pt-api-promises.c: a notice. */
void pt_api_write_notice (PtJsonText *json, const PtNotice *notice);
