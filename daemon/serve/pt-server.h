/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-services.h"

/* The HTTP server: routes, bounds, problems (RFC 9457), and answers that need the disk made on
 * worker threads. */
typedef struct _PtServer PtServer;

/* Listens on @listen ("host:port"). */
PtServer *pt_server_new (PtServices *services, const char *listen, GError **error);
/* Answers what is under way, refuses what comes meanwhile (503), then closes. Runs the main loop:
 * everything that the answers need has to outlive it. */
void pt_server_free (PtServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtServer, pt_server_free)

/* "http://127.0.0.1:8650" as it really is. */
const char *pt_server_url (PtServer *server);
