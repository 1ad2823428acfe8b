/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-catalogs.h"

#include <libsoup/soup.h>
#include <string.h>

#define LANGUAGES_MAX 64
#define FILE_MAX (16 * 1024 * 1024)
#define MAGIC 0x950412deu /* of a file in our byte order; what msgfmt makes on this machine */
#define HEAD_SIZE 28

struct _PtCatalog
{
  char *bytes;
  gsize size;
  GHashTable *texts; /* within the bytes */
};

struct _PtCatalogs
{
  GHashTable *languages; /* name -> PtCatalog */
};

static void
catalog_free (gpointer data)
{
  PtCatalog *catalog = data;

  g_clear_pointer (&catalog->texts, g_hash_table_unref);
  g_free (catalog->bytes);
  g_free (catalog);
}

/* The files of GNU gettext: a head of seven numbers, two tables of lengths and places, texts with a
 * NUL after each. */

static guint32
number_at (const PtCatalog *catalog, gsize at)
{
  guint32 number;

  memcpy (&number, catalog->bytes + at, sizeof number);
  return number;
}

/* The text of row @at of a table; NULL where it leaves the file. */
static const char *
text_at (const PtCatalog *catalog, gsize at)
{
  gsize length, place;

  if (at + 8 > catalog->size)
    return NULL;
  length = number_at (catalog, at);
  place = number_at (catalog, at + 4);
  return place + length < catalog->size && catalog->bytes[place + length] == '\0'
             ? catalog->bytes + place
             : NULL;
}

static gboolean
catalog_read (PtCatalog *catalog)
{
  gsize count, from, to;

  if (catalog->size < HEAD_SIZE || number_at (catalog, 0) != MAGIC)
    return FALSE;
  count = number_at (catalog, 8);
  from = number_at (catalog, 12);
  to = number_at (catalog, 16);
  if (count > catalog->size / 16)
    return FALSE;
  for (gsize i = 0; i < count; i++)
    {
      const char *text = text_at (catalog, from + i * 8), *said = text_at (catalog, to + i * 8);

      if (text == NULL || said == NULL || !g_utf8_validate (said, -1, NULL))
        return FALSE;
      g_hash_table_insert (catalog->texts, (gpointer) text, (gpointer) said);
    }
  return TRUE;
}

static PtCatalog *
catalog_load (const char *path)
{
  PtCatalog *catalog = g_new0 (PtCatalog, 1);
  g_autoptr (GError) error = NULL;

  catalog->texts = g_hash_table_new (g_str_hash, g_str_equal);
  if (g_file_get_contents (path, &catalog->bytes, &catalog->size, &error)
      && catalog->size <= FILE_MAX && catalog_read (catalog))
    return catalog;
  if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT)
      && !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR))
    g_message ("%s is no translation: %s", path, error != NULL ? error->message : "its form");
  catalog_free (catalog);
  return NULL;
}

PtCatalogs *
pt_catalogs_new (const char *folder)
{
  PtCatalogs *catalogs = g_new0 (PtCatalogs, 1);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_return_val_if_fail (folder != NULL, NULL);

  catalogs->languages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, catalog_free);
  dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL
         && g_hash_table_size (catalogs->languages) < LANGUAGES_MAX)
    {
      g_autofree char *path = g_build_filename (folder, name, "LC_MESSAGES", "powertrack.mo", NULL);
      PtCatalog *catalog = catalog_load (path);

      if (catalog != NULL)
        g_hash_table_insert (catalogs->languages, g_ascii_strdown (name, -1), catalog);
    }
  return catalogs;
}

void
pt_catalogs_free (PtCatalogs *catalogs)
{
  if (catalogs == NULL)
    return;
  g_hash_table_unref (catalogs->languages);
  g_free (catalogs);
}

const PtCatalog *
pt_catalogs_choose (PtCatalogs *catalogs, const char *accept_language)
{
  const PtCatalog *found = NULL;
  gboolean is_english = FALSE;
  GSList *wanted;

  g_return_val_if_fail (catalogs != NULL, NULL);

  if (accept_language == NULL)
    return NULL;
  wanted = soup_header_parse_quality_list (accept_language, NULL);
  for (GSList *at = wanted; at != NULL && found == NULL && !is_english; at = at->next)
    {
      const char *tag = at->data;
      g_autofree char *language = g_ascii_strdown (tag, (gssize) strcspn (tag, "-"));

      is_english = strcmp (language, "en") == 0;
      found = g_hash_table_lookup (catalogs->languages, language);
    }
  soup_header_free_list (wanted);
  return is_english ? NULL : found;
}

const char *
pt_catalog_say (const PtCatalog *catalog, const char *text)
{
  const char *said;

  g_return_val_if_fail (text != NULL, NULL);

  said = catalog != NULL ? g_hash_table_lookup (catalog->texts, text) : NULL;
  return said != NULL && *said != '\0' ? said : text;
}
