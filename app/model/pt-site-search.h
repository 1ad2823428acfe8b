/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-site-store.h"

/* What somebody may mean by a few letters: areas, places that sites are near to, and sites. */

#define PT_FOUND_GROUPS_MAX 5 /* of areas, and of places */
#define PT_FOUND_SITES_MAX 8

typedef enum
{
  PT_FOUND_AREA,
  PT_FOUND_PLACE,
  PT_FOUND_SITE
} PtFoundKind;

typedef struct
{
  PtFoundKind kind;
  char *name;       /* of the area, the place or the site */
  guint sites, off; /* how many it has, and how many of them are off; of a site: 1, and 0 or 1 */
  guint number;     /* of a site; of a group its first */
} PtFound;

/* PtFound, the best first: areas, then places, each the whole name before its beginning before a
 * part and then the larger; then sites, by their id before by their place, those that are off
 * before the others. @area NULL: of all. None for no words. */
GPtrArray *pt_site_search (PtSiteStore *sites, const char *area, const char *words);

/* Whether a site is meant by @words: they are in its id, its area, its place or its feeder. */
gboolean pt_site_search_holds (const PtSiteRow *row, const char *words);
