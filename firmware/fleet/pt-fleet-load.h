/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* A measured load: signs all reports beforehand, then posts them as fast as they are acknowledged,
 * or at a rate. */
typedef struct
{
  char *url, *area;
  char *state, *list; /* files; list may be NULL */
  guint reports, devices, lines, connections;
  guint rate;        /* reports a second of all connections; 0: as fast as they are acknowledged */
  guint off_percent; /* that share of the reports says OFF, so that sites change */
} PtFleetLoadOptions;

/* The program's exit code, or -1 and @error. */
int pt_fleet_load (const PtFleetLoadOptions *options, GError **error);
