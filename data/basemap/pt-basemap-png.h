/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PT_BASEMAP_COLOURS_MAX 256

/* Writes a PNG (ISO/IEC 15948) of @width x @height pixels, 0xffRRGGBB each, row after row, into
 * @out. It has a palette: the most frequent colours, at most PT_BASEMAP_COLOURS_MAX; others become
 * the nearest of them. The same pixels always give the same bytes. Errors: GIO's of the compressor.
 */
gboolean pt_basemap_png_encode (GByteArray *out, const guint32 *pixels, guint width, guint height,
                                GError **error);

G_END_DECLS
