/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store.h"

/* The only one who knows all backends; they don't know each other, and store/ knows none of them.
 *
 * @address is "sqlite:" and the path of a file that is made where it is missing, "memory:" for a
 * store that ends with the process, or "mongodb://", "mongodb+srv://" and what follows there
 * (pt-mongodb-store.h). @password_file holds the password of the user that it names; or NULL.
 *
 * PT_ERROR_CONFIGURATION for another word, a path that can't be opened, a connection string that is
 * not understood; PT_ERROR_STOP for a damaged file. Blocking: an old database is brought up to
 * date. */
PtStore *pt_store_open (const char *address, const char *password_file, GError **error);

/* The same to be read only: as it stands at this moment, beside whoever writes to it, where the
 * backend can do that (SQLite); then nothing is made and nothing brought up to date. */
PtStore *pt_store_open_frozen (const char *address, const char *password_file, GError **error);
