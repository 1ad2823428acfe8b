/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-basemap-geometry.h"

G_BEGIN_DECLS

/* Kinds of places, as prepare.js writes them. */
typedef enum
{
  PT_BASEMAP_PLACE,
  PT_BASEMAP_SEAT,
  PT_BASEMAP_CAPITAL,
  PT_BASEMAP_N_KINDS
} PtBasemapKind;

typedef struct
{
  double x; /* the world's square, see PtBasemapPoint */
  double y;
  guint64 population;
  guint8 kind;
  const char *name; /* UTF-8, of the data's chunk */
} PtBasemapPlace;

typedef struct
{
  PtBasemapGeometry *geometry; /* weighed */
  GArray *places;              /* of PtBasemapPlace */
  GStringChunk *names;
} PtBasemapData;

/* Reads a file of prepare.js (the form is described there), at most 64 MiB. Owned by the caller.
 * Errors: GFileError, or G_IO_ERROR_INVALID_DATA with what is wrong and where. */
PtBasemapData *pt_basemap_data_read (const char *path, GError **error);

void pt_basemap_data_free (PtBasemapData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtBasemapData, pt_basemap_data_free)

G_END_DECLS
