/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-cluster.h"

#define PT_MARK_RADIUS 11.0 /* pixels */

/* In the world of 0 to 1. */
typedef struct
{
  double x, y;
  gboolean apart;        /* not at the site: a line leads from it to */
  double lead_x, lead_y; /* the site, or the edge of the ring that holds it */
} PtMarkPlace;

/* Where the mark of a chosen site stands: at the site (@x, @y, 0 to 1) unless it would hide a
 * ring's number; then beside that ring, the nearest place that no ring or symbol touches. @scale:
 * pixels of the world. Pure. */
PtMarkPlace pt_mark_place (PtClusterLevel *level, double x, double y, double scale);
