/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-cluster.h"

#define PT_MARK_RADIUS 11.0 /* pixels */

/* Where the mark of a chosen site stands: at the site (@x, @y, 0 to 1) unless a ring would lie
 * beneath it; then beside that ring, the nearest place that no ring or symbol touches. @scale:
 * pixels of the world. TRUE: it is not at the site, so a line has to lead there. Pure. */
gboolean pt_mark_place (PtClusterLevel *level, double x, double y, double scale, double *mark_x,
                        double *mark_y);
