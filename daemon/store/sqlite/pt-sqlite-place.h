/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* Where a database may lie: SQLite's log needs memory that all who have it open share, locks that
 * hold, and an fsync that is one. File systems of other machines have none of these for sure, nor
 * have those that a program makes up (FUSE). */

/* Before @path is opened, whether or not there is a file. PT_ERROR_CONFIGURATION with what to do;
 * nothing was touched. */
gboolean pt_sqlite_place_check (const char *path, GError **error);
