/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* The map's tiles in two styles, "light" and "dark", each from an MBTiles 1.3 file or from another
 * server. Immutable once made; any thread. */
typedef struct _PtTiles PtTiles;

/* @light, @dark: a file or a URL template with {z}, {x} and {y}; where one is NULL the other stands
 * for both. @attribution (or NULL) is for URLs; a file says its own. PT_ERROR_CONFIGURATION when a
 * file cannot be read as MBTiles. */
PtTiles *pt_tiles_new (const char *light, const char *dark, const char *attribution,
                       GError **error);
void pt_tiles_free (PtTiles *tiles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtTiles, pt_tiles_free)

/* What is known of a style; strings belong to the tiles. */
typedef struct
{
  const char *url;         /* template of another server, or NULL: they are here */
  const char *attribution; /* plain text, or NULL */
  gint64 minzoom, maxzoom;
  double bounds[4];      /* west, south, east, north, degrees */
  gboolean has_no_names; /* whoever shows them writes the names of places */
} PtTilesStyle;

/* @style: "light" or "dark"; PT_ERROR_NOT_FOUND for another name. */
gboolean pt_tiles_describe (PtTiles *tiles, const char *style, PtTilesStyle *out, GError **error);

/* One tile's PNG, rows counted from the north as in addresses. PT_ERROR_NOT_FOUND where there is
 * none, PT_ERROR_FAILED for what is no PNG or larger than 1 MiB. */
GBytes *pt_tiles_get (PtTiles *tiles, const char *style, gint64 z, gint64 x, gint64 y,
                      GError **error);

/* "https://tiles.example https://other.example:8000": where pages have to be allowed to load images
 * from; "" where all is here. Belongs to @tiles. */
const char *pt_tiles_origins (PtTiles *tiles);

/* scheme://host[:port] of an address; NULL when it is none. */
char *pt_tiles_origin_of (const char *address);
