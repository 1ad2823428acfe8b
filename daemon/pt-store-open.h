/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store.h"

/* The only one who knows all backends; they don't know each other, and store/ knows none of them.
 *
 * @address is "sqlite:" and the path of a file that is made where it is missing, or "memory:" for a
 * store that ends with the process. PT_ERROR_CONFIGURATION for another word or a path that can't be
 * opened, PT_ERROR_STOP for a damaged file. Blocking: an old database is brought up to date. */
PtStore *pt_store_open (const char *address, GError **error);
