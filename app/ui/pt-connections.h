/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

/* Asks for the daemon's address, the chain endpoint and the contract that is trusted, each of which
 * may be left empty. Signal "chosen" (const char *url, const char *rpc, const char *contract): to
 * be used; NULL: found by itself. */
#define PT_TYPE_CONNECTIONS (pt_connections_get_type ())
G_DECLARE_FINAL_TYPE (PtConnections, pt_connections, PT, CONNECTIONS, AdwMessageDialog)

/* @url, @rpc, @contract: those in use, or NULL. */
PtConnections *pt_connections_new (GtkWindow *parent, const char *url, const char *rpc,
                                   const char *contract);
