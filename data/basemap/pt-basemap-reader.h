/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-basemap-geometry.h"

G_BEGIN_DECLS

typedef struct
{
  PtBasemapGeometry *geometry; /* weighed */
} PtBasemapData;

/* Reads a file of prepare.js (the form is described there), at most 64 MiB. Owned by the caller.
 * Errors: GFileError, or G_IO_ERROR_INVALID_DATA with what is wrong and where. */
PtBasemapData *pt_basemap_data_read (const char *path, GError **error);

void pt_basemap_data_free (PtBasemapData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtBasemapData, pt_basemap_data_free)

G_END_DECLS
