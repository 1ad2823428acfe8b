/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-authority.h"

#include <string.h>

#include "pt-error.h"
#include "pt-i18n.h"
#include "pt-token.h"

typedef struct
{
  PtP256Key *key;
  PtSigner signer; /* of ->key */
  PtToken *token;  /* instead of both */
} Loaded;

struct _PtAuthority
{
  char *file, *directory;
  gboolean create;
  GHashTable *loaded; /* path -> Loaded */
};

static void
loaded_free (gpointer data)
{
  Loaded *loaded = data;

  if (loaded->key != NULL)
    pt_p256_signer_clear (&loaded->signer);
  pt_p256_key_free (loaded->key);
  pt_token_free (loaded->token);
  g_free (loaded);
}

PtAuthority *
pt_authority_new (const char *file, const char *directory, gboolean create, GError **error)
{
  PtAuthority *authority = NULL;

  if ((file == NULL) == (directory == NULL))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("give either --authority-key FILE or --authority-dir DIR"));
      return NULL;
    }
  authority = g_new0 (PtAuthority, 1);
  authority->file = g_strdup (file);
  authority->directory = g_strdup (directory);
  authority->create = create;
  authority->loaded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, loaded_free);
  return authority;
}

void
pt_authority_free (PtAuthority *authority)
{
  if (authority == NULL)
    return;
  g_hash_table_unref (authority->loaded);
  g_free (authority->file);
  g_free (authority->directory);
  g_free (authority);
}

static PtP256Key *
create_key (const char *path, const char **message)
{
  PtP256Key *key = pt_p256_key_generate ();

  *message = N_ ("no key could be made");
  if (key != NULL && pt_p256_key_write (key, path, message))
    return key;
  pt_p256_key_free (key);
  return NULL;
}

static const PtSigner *
signer_of (const Loaded *loaded)
{
  return loaded->token != NULL ? pt_token_signer (loaded->token) : &loaded->signer;
}

/* NULL and an error. */
static Loaded *
load_file (PtAuthority *authority, const char *path, GError **error)
{
  const char *message = N_ ("the key can't be used");
  Loaded *loaded = g_new0 (Loaded, 1);

  if (authority->create && authority->directory != NULL && !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_mkdir_with_parents (authority->directory, 0700);
      loaded->key = create_key (path, &message);
    }
  else
    loaded->key = pt_p256_key_read (path, &message);
  if (loaded->key != NULL && pt_p256_signer_init (&loaded->signer, loaded->key))
    return loaded;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("authority key %s: %s"), path,
               _ (message));
  pt_p256_key_free (loaded->key);
  g_free (loaded);
  return NULL;
}

static Loaded *
load_token (const char *uri, GError **error)
{
  PtToken *token = pt_token_open (uri, error);
  Loaded *loaded = NULL;

  if (token == NULL)
    return NULL;
  loaded = g_new0 (Loaded, 1);
  loaded->token = token;
  return loaded;
}

const PtSigner *
pt_authority_signer (PtAuthority *authority, const char *area, GError **error)
{
  g_autofree char *name = NULL, *path = NULL;
  Loaded *loaded = NULL;

  g_return_val_if_fail (authority != NULL && area != NULL, NULL);
  name = g_strconcat (area, ".pem", NULL);
  path = authority->file != NULL ? g_strdup (authority->file)
                                 : g_build_filename (authority->directory, name, NULL);
  loaded = g_hash_table_lookup (authority->loaded, path);
  if (loaded != NULL)
    return signer_of (loaded);
  loaded = authority->file != NULL && pt_token_is (path) ? load_token (path, error)
                                                         : load_file (authority, path, error);
  if (loaded == NULL)
    return NULL;
  g_hash_table_insert (authority->loaded, g_steal_pointer (&path), loaded);
  return signer_of (loaded);
}

gboolean
pt_authority_sign (PtAuthority *authority, const PtEntry *fields, char *out, gsize out_size,
                   gsize *size, GError **error)
{
  g_autofree char *area = NULL;
  const PtSigner *signer = NULL;
  g_autofree char *text = NULL;
  gsize text_size = 0;
  PtEntry parsed;
  PtResult result;

  g_return_val_if_fail (authority != NULL && fields != NULL, FALSE);
  g_return_val_if_fail (out != NULL && out_size >= PT_REGISTRATION_MAX && size != NULL, FALSE);
  area = g_strndup (fields->area.data, fields->area.size);
  signer = pt_authority_signer (authority, area, error);
  if (signer == NULL)
    return FALSE;
  text = g_malloc (out_size);
  result = pt_entry_write (fields, text, out_size, &text_size);
  if (result == PT_OK)
    result = pt_entry_parse (pt_span (text, text_size), PT_ENTRY_UNSIGNED, &parsed);
  if (result == PT_OK)
    result = pt_entry_sign (&parsed, signer, out, out_size, size);
  if (result == PT_OK)
    return TRUE;
  g_set_error (error, PT_ERROR, pt_error_from_result (result), _ ("the entry can't be made: %s"),
               pt_result_slug (result));
  return FALSE;
}
