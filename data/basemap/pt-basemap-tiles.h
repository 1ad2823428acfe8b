/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-basemap-draw.h"
#include "pt-basemap-reader.h"
#include "pt-basemap-writer.h"

G_BEGIN_DECLS

/* Says how far it is, every few hundred tiles; TRUE goes on, FALSE stops with G_IO_ERROR_CANCELLED.
 */
typedef gboolean (*PtBasemapProgress) (guint done, guint total, gpointer user_data);

/* Draws every tile of @regions into each of @writers (by style; NULL is left out).
 * The writers are neither begun nor finished here. */
gboolean pt_basemap_tiles_draw (const PtBasemapData *data, const PtBasemapRegions *regions,
                                PtBasemapWriter *writers[PT_BASEMAP_N_STYLES],
                                PtBasemapProgress progress, gpointer user_data, GError **error);

G_END_DECLS
