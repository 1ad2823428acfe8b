/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "complaint-post.h"

/* Logs an official in: signs the daemon's challenge, and @client carries the session from here on.
 * Nothing but a login is ever signed, whatever the daemon asks. */
gboolean pt_official_log_in (PtHttpClient *client, const char *url, const char *area,
                             const char *official, const PtActor *actor, GError **error);
