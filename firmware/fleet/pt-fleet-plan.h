/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-entry.h"

/* What a fleet will live through: its devices, and when each of them is without power. Made from a
 * CSV of real outages or from a synthetic town; the rest of the program does not know which. */

#define PT_FLEET_OPEN G_MAXINT64 /* the end of an outage that is not over */

typedef struct
{
  gint64 start, end; /* ms since 1970, [start, end) */
} PtFleetOutage;

typedef struct
{
  char area[PT_AREA_MAX + 1];
  char id[PT_ID_MAX + 1];
  char site[PT_ID_MAX + 1];
  char feeder[PT_ID_MAX + 1]; /* empty: not said */
  gint64 lat, lon;            /* 1e-7 degree */
  PtLevel level;
  gint64 customers;
  GArray *outages; /* of PtFleetOutage; after pt_fleet_plan_finish () rising and apart; or NULL */
} PtFleetDevice;

typedef struct
{
  GPtrArray *devices; /* of PtFleetDevice, in the order of their first appearance */
  gint64 start, end;  /* ms since 1970: of the first and the last event */
  guint64 outages;    /* after merging */
  guint areas;
  guint64 empty_rows;  /* rows of a CSV with end == start, which were skipped */
  GPtrArray *warnings; /* of char *, for people */
} PtFleetPlan;

PtFleetPlan *pt_fleet_plan_new (void);
void pt_fleet_plan_free (PtFleetPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtFleetPlan, pt_fleet_plan_free)

/* A new device, owned by the plan; the caller fills in the rest. */
PtFleetDevice *pt_fleet_plan_add (PtFleetPlan *plan, const char *area, const char *id);
void pt_fleet_device_add_outage (PtFleetDevice *device, gint64 start, gint64 end);

/* Merges outages that overlap or touch, and finds start, end and the counts. */
void pt_fleet_plan_finish (PtFleetPlan *plan);

/* Cuts a finished plan to [@from, @until] (G_MININT64, G_MAXINT64: as it is). An outage that began
 * before @from begins at it; one that ends after @until stays open. The devices stay, all of them.
 */
void pt_fleet_plan_clip (PtFleetPlan *plan, gint64 from, gint64 until);

/* Moves all times by @ms. */
void pt_fleet_plan_shift (PtFleetPlan *plan, gint64 ms);

/* A number that two plans share only when they hold the same events. */
guint64 pt_fleet_plan_fingerprint (const PtFleetPlan *plan);

/* Where in a heartbeat period (ms) the device beats: the same in every run. */
gint64 pt_fleet_device_phase (const PtFleetDevice *device, gint64 heartbeat);
