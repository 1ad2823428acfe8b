/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#define PT_EXTENT_PARTS 720 /* of a turn around the world */

/* Where all of some places are: the narrowest box. */
typedef struct
{
  guint count;
  gint32 south, north;                                  /* 1e-7 degree, as what follows */
  gint32 least[PT_EXTENT_PARTS], most[PT_EXTENT_PARTS]; /* longitudes; least > most: none here */
} PtExtent;

typedef struct
{
  gint32 west, south, east, north; /* over the date line west is more than east (RFC 7946) */
} PtExtentBox;

void pt_extent_init (PtExtent *extent);
void pt_extent_add (PtExtent *extent, gint32 lat, gint32 lon);
/* FALSE: there was no place. */
gboolean pt_extent_box (const PtExtent *extent, PtExtentBox *out);
