/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-place-name.h"

/* Places that have a name: what a map writes at a zoom, and what a site is near to. From a text
 * file with a line for each, "kind inhabitants latitude longitude name" with tabs between; kind is
 * place, seat (of a first-order division) or capital, degrees are WGS 84. Lines with # are
 * comments, but "# attribution: WORDS" says whose list it is. Immutable once made; any thread. */
typedef struct _PtGazetteer PtGazetteer;

/* PT_ERROR_CONFIGURATION with the line where the file is none. */
PtGazetteer *pt_gazetteer_new (const char *path, GError **error);
void pt_gazetteer_free (PtGazetteer *gazetteer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtGazetteer, pt_gazetteer_free)

const char *pt_gazetteer_attribution (const PtGazetteer *gazetteer); /* "" where none is said */

/* The name of the nearest place within 50 km of a point (1e-7 degree); FALSE: there is none. */
gboolean pt_gazetteer_nearest (const PtGazetteer *gazetteer, gint32 lat, gint32 lon,
                               char name[PT_PLACE_NAME_MAX + 1]);

typedef struct
{
  const char *kind; /* "place", "seat", "capital"; static */
  char name[PT_PLACE_NAME_MAX + 1];
  gint32 lat, lon; /* 1e-7 degree */
  guint32 population;
  gint64 rank; /* its inhabitants, weighed by its kind */
  guint size;  /* 0 to 3: how large a name is worth it at this zoom */
} PtMapPlace;

/* The places worth a name in a tile of 256 pixels, at most 24 PtMapPlace, the most important first;
 * NULL where there is no such tile. */
GArray *pt_gazetteer_tile (const PtGazetteer *gazetteer, gint64 z, gint64 x, gint64 y);
