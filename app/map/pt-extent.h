/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#define PT_EXTENT_PARTS 1440 /* of the world's circumference */

/* What holds places of the world (0 to 1) and is narrowest: the other side of the widest gap. Begin
 * with pt_extent_init (). */
typedef struct
{
  double least[PT_EXTENT_PARTS], most[PT_EXTENT_PARTS];
  double north, south;
  guint count;
} PtExtent;

void pt_extent_init (PtExtent *extent);
void pt_extent_add (PtExtent *extent, double x, double y);
/* *@east is more than 1 where it lies over the date line. FALSE: there is nothing. */
gboolean pt_extent_get (const PtExtent *extent, double *west, double *east);
