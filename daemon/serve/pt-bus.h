/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-news.h"
#include "pt-status.h"

/* org.powertracker.Daemon1 on D-Bus. Main loop. */
typedef struct _PtBus PtBus;

/* @bus: "session" or "system". A bus that is not there is said once and is no failure: everything
 * else works without it. */
PtBus *pt_bus_new (const PtStatusSources *sources, PtNews *news, const char *bus,
                   const char *http_url);
void pt_bus_free (PtBus *bus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtBus, pt_bus_free)
