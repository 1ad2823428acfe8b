/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-open.h"

#include <string.h>

#include "pt-memory-store.h"
#include "pt-sqlite-store.h"

static PtStore *
open_memory (const char *place, GError **error)
{
  if (*place == '\0')
    return pt_memory_store_new ();
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "memory: has no place, but \"%s\" was given. Write memory: alone.", place);
  return NULL;
}

static PtStore *
open_sqlite (const char *place, GError **error)
{
  if (*place != '\0')
    return pt_sqlite_store_new (place, error);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       "sqlite: needs the path of its file. Write sqlite:/path/to/file.");
  return NULL;
}

static const struct
{
  const char *scheme;
  PtStore *(*open) (const char *place, GError **error);
} backends[] = {
  { "sqlite:", open_sqlite },
  { "memory:", open_memory },
};

PtStore *
pt_store_open (const char *address, GError **error)
{
  g_return_val_if_fail (address != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    if (g_str_has_prefix (address, backends[i].scheme))
      return backends[i].open (address + strlen (backends[i].scheme), error);
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "%s is no store that is known. Write sqlite: and a path, or memory:.", address);
  return NULL;
}
