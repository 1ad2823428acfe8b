/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-config.h"
#include "pt-clock.h"

/* The whole daemon, wired. Main loop. */
typedef struct _PtDaemon PtDaemon;

/* Opens the state directory, recovers, listens and starts all threads. @stop is called on the main
 * loop when the daemon can't go on; pt_daemon_error () then says why. */
PtDaemon *pt_daemon_new (const PtConfig *config, PtClock *clock, GSourceFunc stop, gpointer data,
                         GError **error);
/* After the loop ended without an error: it is to be made again, because an older copy of its state
 * was put back and what was missing is there now. */
gboolean pt_daemon_wants_again (PtDaemon *daemon);
/* Reads again what may change while it runs: the certificate and its key. */
void pt_daemon_reload (PtDaemon *daemon);
/* Takes nothing more in, commits and answers what it has, ends the threads. */
void pt_daemon_free (PtDaemon *daemon);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtDaemon, pt_daemon_free)

/* Where it listens; NULL ends them. */
const char *const *pt_daemon_urls (PtDaemon *daemon);
/* NULL, or why it had to stop. */
const GError *pt_daemon_error (PtDaemon *daemon);
