/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An MBTiles 1.3 file in the making, under another name until it is whole. Equal pictures are kept
 * once. */
typedef struct _PtBasemapWriter PtBasemapWriter;

/* Begins @path, replacing it only at the end. Errors: G_IO_ERROR_FAILED in words. */
PtBasemapWriter *pt_basemap_writer_new (const char *path, GError **error);

/* A row of the file's metadata. */
gboolean pt_basemap_writer_set (PtBasemapWriter *writer, const char *name, const char *value,
                                GError **error);

/* Adds a tile; @row counts from the north, as in URLs. */
gboolean pt_basemap_writer_add (PtBasemapWriter *writer, int zoom, guint column, guint row,
                                const guint8 *png, gsize length, GError **error);

/* Writes all to the disk and gives the file its name. */
gboolean pt_basemap_writer_finish (PtBasemapWriter *writer, GError **error);

/* Frees; a file that was not finished is removed. */
void pt_basemap_writer_free (PtBasemapWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtBasemapWriter, pt_basemap_writer_free)

G_END_DECLS
