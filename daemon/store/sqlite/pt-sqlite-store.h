/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store.h"

/* The embedded backend: SQLite in WAL mode with synchronous=FULL. One thread owns the writing
 * connection and takes writes in the order they come; readers have connections of their own; a
 * third thread checkpoints, so that no commit waits for it. */
PtStore *pt_sqlite_store_new (const char *path, GError **error);
