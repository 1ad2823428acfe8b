/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-feed.h"
#include "pt-site-store.h"

/* The sites: too many for objects, so they are rows of a PtSiteStore, loaded line by line and
 * brought up to date by events of which one may hold all of them. Over a lost connection they keep
 * their numbers, unless some are gone. */

#define PT_TYPE_FEED_SITES (pt_feed_sites_get_type ())
G_DECLARE_FINAL_TYPE (PtFeedSites, pt_feed_sites, PT, FEED_SITES, PtFeed)

PtFeedSites *pt_feed_sites_new (void);
PtSiteStore *pt_feed_sites_store (PtFeedSites *sites); /* borrowed */
