/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-device.h"
#include "pt-fleet-plan.h"

/* The fleet's "flash": one file (mode 0600) with every device's key, counter and unacknowledged
 * reports, mapped into memory and so written by the kernel whatever happens to the process: after a
 * kill -9 the counters go on where they were. It is flushed to the disk every second; when the
 * machine itself went down in between, the counters skip PT_FLEET_SKIP at the next start. One
 * process at a time uses it. */

#define PT_FLEET_RING 4 /* unacknowledged reports a device keeps */
#define PT_FLEET_SKIP 1024

typedef struct
{
  char area[32], device[72];
  guint8 scalar[32]; /* the private key */
  PtDeviceMemory memory;
  PtDeviceReport ring[PT_FLEET_RING];
} PtFleetRecord;

typedef struct _PtFleetState PtFleetState;

/* Opens or makes the file at @path and adds a record with a new key for each device of @plan that
 * it does not have. */
PtFleetState *pt_fleet_state_open (const char *path, const PtFleetPlan *plan, GError **error);
/* Flushes and closes. */
void pt_fleet_state_free (PtFleetState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtFleetState, pt_fleet_state_free)

/* Of the plan's device @number; borrowed. */
PtFleetRecord *pt_fleet_state_record (PtFleetState *state, guint number);

/* Whether who used it before did not come to close it. */
gboolean pt_fleet_state_was_cut (PtFleetState *state);

gboolean pt_fleet_state_flush (PtFleetState *state, GError **error);

/* A run is told by its plan's fingerprint and by the daemon's service key. If that run was begun
 * and not finished, TRUE and *@start is when it began (ms since 1970); its devices go on from their
 * last report. Else begin it. */
gboolean pt_fleet_state_resume (PtFleetState *state, guint64 fingerprint, const char *service_key,
                                gint64 *start);
/* Begins the run anew: forgets which events were reported, never the counters. Reports that wait
 * for another daemon are of no use to this one and are dropped; returns how many. */
guint pt_fleet_state_begin (PtFleetState *state, guint64 fingerprint, const char *service_key,
                            gint64 start);
void pt_fleet_state_finish (PtFleetState *state);
/* The newest report of all devices, ms since 1970. */
gint64 pt_fleet_state_last_ts (PtFleetState *state);

/* Writes the CSV of the devices to register:
 * area,device,site,key,lat,lon,level,customers,feeder. */
gboolean pt_fleet_state_list (PtFleetState *state, const PtFleetPlan *plan, const char *path,
                              GError **error);
