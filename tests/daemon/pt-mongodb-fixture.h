/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Databases of a test at the server that PT_MONGODB_URI names. */
#include <glib.h>
#include <mongoc/mongoc.h>

/* The database of a test whose folder this is. */
static inline void
pt_mongodb_test_drop (const char *directory)
{
  g_autofree char *name = g_path_get_basename (directory);
  mongoc_client_t *client = mongoc_client_new (g_getenv ("PT_MONGODB_URI"));
  mongoc_database_t *database = mongoc_client_get_database (client, name);
  bson_error_t failure;

  if (!mongoc_database_drop (database, &failure))
    g_error ("%s is not dropped: %s", name, failure.message);
  mongoc_database_destroy (database);
  mongoc_client_destroy (client);
}
