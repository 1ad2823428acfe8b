/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store.h"

/* The store on servers that speak MongoDB's protocol (docs/ARCHITECTURE.md, "The store on
 * MongoDB").
 *
 * @uri is a connection string (mongodb:// or mongodb+srv://), whose path names the database, else
 * "powertrack"; @password: of the user that it names, or NULL. Errors never tell either.
 *
 * PT_ERROR_CONFIGURATION: no connection string, a server that is too old, a database of a newer
 * version. PT_ERROR_OPERATOR: a user or password that is refused. PT_ERROR_RETRY: no server
 * answers. Blocking. Whoever had the store open before gets PT_ERROR_STOP from now on. */
PtStore *pt_mongodb_store_new (const char *uri, const char *password, GError **error);
/* To be shared with other processes that open it so: it takes nothing over, and writes only of
 * areas that it takes (pt-store-leases.h). PT_ERROR_CONFIGURATION: also a server that can't keep
 * them apart. */
PtStore *pt_mongodb_store_new_shared (const char *uri, const char *password, GError **error);
