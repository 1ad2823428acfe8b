/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <pango/pango.h>

#include "pt-basemap-reader.h"
#include "pt-basemap-regions.h"

G_BEGIN_DECLS

/* A name where it is drawn: pixels of the whole world's picture at one zoom. */
typedef struct
{
  gint64 left;
  gint64 top;
  int width;
  int height;
  const char *name; /* of the PtBasemapData */
  guint8 size;      /* for pt_basemap_labels_set_font */
} PtBasemapLabel;

/* The names of every zoom, placed once for the whole world, so that neighbouring tiles agree. */
typedef struct _PtBasemapLabels PtBasemapLabels;

/* A text layout as labels use it; text that is measured with it is drawn alike. Owned by the
 * caller. */
PangoLayout *pt_basemap_labels_new_layout (void);

/* Makes @layout show @name in the @size of a label. */
void pt_basemap_labels_set_text (PangoLayout *layout, const char *name, guint size);

/* Places names, the largest first; one that would touch another is left out. @data has to outlive
 * them. */
PtBasemapLabels *pt_basemap_labels_new (const PtBasemapData *data, const PtBasemapRegions *regions);
void pt_basemap_labels_free (PtBasemapLabels *labels);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtBasemapLabels, pt_basemap_labels_free)

/* The labels (PtBasemapLabel) that may touch a tile, or NULL. Owned by @labels. */
const GArray *pt_basemap_labels_at (const PtBasemapLabels *labels, int zoom, guint column,
                                    guint row);

/* How far right of the left edge of @column the label begins, the nearer way round the world. */
int pt_basemap_label_offset (const PtBasemapLabel *label, int zoom, guint column);

G_END_DECLS
