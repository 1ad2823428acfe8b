/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store.h"

/* The embedded backend: SQLite in WAL mode with synchronous=FULL. One thread owns the writing
 * connection and takes writes in the order they come; readers have connections of their own; a
 * third thread checkpoints, so that no commit waits for it. */
PtStore *pt_sqlite_store_new (const char *path, GError **error);

/* The same file as it stands at this moment, whatever is written meanwhile, also by a daemon: to be
 * read only, for as long as it takes. One read at a time. Verbs that write are refused
 * (PT_ERROR_OPERATOR), and so is a file of another version (PT_ERROR_CONFIGURATION). */
PtStore *pt_sqlite_store_new_frozen (const char *path, GError **error);
