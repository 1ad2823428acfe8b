/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-store-open.h"

#include <string.h>

#include "pt-memory-store.h"
#ifdef PT_HAS_MONGODB
#include "pt-mongodb-store.h"
#endif
#include "pt-sqlite-store.h"

static PtStore *
open_memory (const char *address, const char *password, GError **error)
{
  const char *place = strchr (address, ':') + 1;

  if (*place == '\0')
    return pt_memory_store_new ();
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "memory: has no place, but \"%s\" was given. Write memory: alone.", place);
  return NULL;
}

static PtStore *
open_sqlite (const char *address, const char *password, GError **error)
{
  const char *place = strchr (address, ':') + 1;

  if (*place != '\0')
    return pt_sqlite_store_new (place, error);
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       "sqlite: needs the path of its file. Write sqlite:/path/to/file.");
  return NULL;
}

static PtStore *
open_mongodb (const char *address, const char *password, GError **error)
{
#ifdef PT_HAS_MONGODB
  return pt_mongodb_store_new (address, password, error);
#else
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       "This powertrackd was built without libmongoc and keeps its store in SQLite "
                       "alone. Install one that was built with it.");
  return NULL;
#endif
}

static PtStore *
open_sqlite_frozen (const char *address, const char *password, GError **error)
{
  const char *place = strchr (address, ':') + 1;

  return *place != '\0' ? pt_sqlite_store_new_frozen (place, error)
                        : open_sqlite (address, password, error);
}

typedef PtStore *(*OpenFunc) (const char *address, const char *password, GError **error);

static const struct
{
  const char *scheme;
  OpenFunc open, open_frozen;
} backends[] = {
  { "sqlite:", open_sqlite, open_sqlite_frozen },
  { "memory:", open_memory, open_memory },
  { "mongodb://", open_mongodb, open_mongodb },
  { "mongodb+srv://", open_mongodb, open_mongodb },
};

/* Its first line. */
static gboolean
read_password (const char *path, char **password, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (path == NULL)
    return TRUE;
  if (g_file_get_contents (path, password, NULL, &local))
    {
      (*password)[strcspn (*password, "\r\n")] = '\0';
      return TRUE;
    }
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "The password of the store can't be read: %s. Check password_file in [store].",
               local->message);
  return FALSE;
}

static PtStore *
open_as (const char *address, const char *password_file, gboolean frozen, GError **error)
{
  g_autofree char *password = NULL;

  if (!read_password (password_file, &password, error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    if (g_str_has_prefix (address, backends[i].scheme))
      return frozen ? backends[i].open_frozen (address, password, error)
                    : backends[i].open (address, password, error);
  /* The address is not told: it may hold a password. */
  g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                       "The store's address is none that is known. Write sqlite: and a path, "
                       "mongodb:// and a server, or memory:.");
  return NULL;
}

PtStore *
pt_store_open (const char *address, const char *password_file, GError **error)
{
  g_return_val_if_fail (address != NULL, NULL);

  return open_as (address, password_file, FALSE, error);
}

PtStore *
pt_store_open_frozen (const char *address, const char *password_file, GError **error)
{
  g_return_val_if_fail (address != NULL, NULL);

  return open_as (address, password_file, TRUE, error);
}
