/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* Makes a database file that no process has open as small as what is in it: written anew beside it,
 * looked at, and put into its place, so that any step may be the last one before a crash. Needs as
 * much room as what is in it takes. *@bytes: its size then. */
gboolean pt_store_vacuum (const char *path, guint64 *bytes, GError **error);

/* What that would be: the size of the file and how much of it nothing is in. */
gboolean pt_store_vacuum_measure (const char *path, guint64 *bytes, guint64 *unused,
                                  GError **error);
