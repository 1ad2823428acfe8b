/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-api.h"
#include "pt-site-snapshot.h"

/* All sites, or those that a filter lets through, in writing. What a piece of a snapshot is in
 * writing, and packed, is made once for all who ask. */

typedef enum
{
  PT_SITE_LIST_ROWS,     /* a canonical row a line */
  PT_SITE_LIST_FEATURES, /* a FeatureCollection (RFC 7946) */
  PT_SITE_LIST_COLUMNS   /* a piece a line, its members as arrays: a third less to send than rows */
} PtSiteListForm;

typedef gboolean (*PtSiteFilterFunc) (const PtSite *site, gconstpointer filter);

/* GBytes of some 64 KiB. @is_packed: together they are a gzip file. @holds NULL: all sites, and the
 * same array for all who ask of one snapshot. Any thread. */
GPtrArray *pt_site_list_make (const PtApiSites *api, PtSiteSnapshot *sites, PtSiteListForm form,
                              PtSiteFilterFunc holds, gconstpointer filter, gboolean is_packed);
