/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* Watches the session bus and the system bus for org.powertracker.Daemon1 and says where it
 * listens. The session's goes before the system's. */
typedef struct _PtDiscovery PtDiscovery;

/* @url: http://host:port, or NULL when there is none (any more). */
typedef void (*PtDiscoveryFunc) (const char *url, gpointer user_data);

/* Watches from now on; @func is told on the main loop, never from within this call, and not after
 * pt_discovery_free (). */
PtDiscovery *pt_discovery_new (PtDiscoveryFunc func, gpointer user_data);
void pt_discovery_free (PtDiscovery *discovery);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtDiscovery, pt_discovery_free)
