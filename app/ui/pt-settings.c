/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-settings.h"

#include <string.h>

#define WIDTH 1360
#define HEIGHT 860
#define MIN_WIDTH 640
#define MIN_HEIGHT 480
#define MAX_SIZE 16384

static char *
settings_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "powertrack", "console.ini", NULL);
}

static int
read_size (GKeyFile *file, const char *key, int otherwise, int minimum)
{
  int value = g_key_file_get_integer (file, "window", key, NULL);

  return value < minimum || value > MAX_SIZE ? otherwise : value;
}

static char *
read_text (GKeyFile *file, const char *group, const char *key)
{
  char *value = g_key_file_get_string (file, group, key, NULL);

  if (value != NULL && value[0] == '\0')
    g_clear_pointer (&value, g_free);
  return value;
}

PtSettings *
pt_settings_load (void)
{
  PtSettings *settings = g_new0 (PtSettings, 1);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = settings_path ();

  /* A file that can't be read is as good as none. */
  g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL);
  settings->width = read_size (file, "width", WIDTH, MIN_WIDTH);
  settings->height = read_size (file, "height", HEIGHT, MIN_HEIGHT);
  settings->maximized = g_key_file_get_boolean (file, "window", "maximized", NULL);
  settings->url = read_text (file, "connection", "daemon");
  settings->rpc = read_text (file, "connection", "rpc");
  settings->contract = read_text (file, "chain", "contract");
  settings->chain_id = g_key_file_get_uint64 (file, "chain", "chain-id", NULL);
  settings->from_block = g_key_file_get_uint64 (file, "chain", "from-block", NULL);
  settings->key = read_text (file, "keys", "chosen");
  settings->scheme = read_text (file, "window", "scheme");
  if (settings->scheme == NULL
      || (strcmp (settings->scheme, "light") != 0 && strcmp (settings->scheme, "dark") != 0))
    {
      g_free (settings->scheme);
      settings->scheme = g_strdup ("system");
    }
  return settings;
}

void
pt_settings_save (const PtSettings *settings)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = settings_path (), *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_return_if_fail (settings != NULL);
  g_key_file_set_integer (file, "window", "width", settings->width);
  g_key_file_set_integer (file, "window", "height", settings->height);
  g_key_file_set_boolean (file, "window", "maximized", settings->maximized);
  g_key_file_set_string (file, "window", "scheme", settings->scheme);
  g_key_file_set_string (file, "connection", "daemon", settings->url != NULL ? settings->url : "");
  g_key_file_set_string (file, "connection", "rpc", settings->rpc != NULL ? settings->rpc : "");
  if (settings->contract != NULL)
    {
      g_key_file_set_string (file, "chain", "contract", settings->contract);
      g_key_file_set_uint64 (file, "chain", "chain-id", settings->chain_id);
      g_key_file_set_uint64 (file, "chain", "from-block", settings->from_block);
    }
  if (settings->key != NULL)
    g_key_file_set_string (file, "keys", "chosen", settings->key);
  g_mkdir_with_parents (folder, 0700);
  if (!g_key_file_save_to_file (file, path, &error))
    g_message ("Settings are not kept: %s", error->message);
}

gboolean
pt_settings_pin (PtSettings *settings, guint64 chain_id, const char *contract, guint64 from_block)
{
  g_return_val_if_fail (settings != NULL, FALSE);

  if (settings->contract != NULL || contract == NULL || chain_id == 0)
    return FALSE;
  settings->contract = g_strdup (contract);
  settings->chain_id = chain_id;
  settings->from_block = from_block;
  return TRUE;
}

gboolean
pt_settings_is_other (const PtSettings *settings, guint64 chain_id, const char *contract)
{
  g_return_val_if_fail (settings != NULL, FALSE);

  return settings->contract != NULL && contract != NULL
         && (settings->chain_id != chain_id
             || g_ascii_strcasecmp (settings->contract, contract) != 0);
}

char *
pt_settings_contract_text (const PtSettings *settings)
{
  g_return_val_if_fail (settings != NULL, NULL);

  return settings->contract != NULL
             ? g_strdup_printf ("%" G_GUINT64_FORMAT ":%s", settings->chain_id, settings->contract)
             : NULL;
}

void
pt_settings_set_contract_text (PtSettings *settings, const char *text)
{
  g_autofree char *before = pt_settings_contract_text (settings);
  char *end = NULL;
  guint64 chain_id = text != NULL ? g_ascii_strtoull (text, &end, 10) : 0;

  g_return_if_fail (settings != NULL);

  if (g_strcmp0 (before, text) == 0)
    return;
  g_clear_pointer (&settings->contract, g_free);
  settings->chain_id = settings->from_block = 0;
  if (chain_id != 0 && *end == ':')
    pt_settings_pin (settings, chain_id, end + 1, 0);
}

void
pt_settings_free (PtSettings *settings)
{
  if (settings == NULL)
    return;
  g_free (settings->url);
  g_free (settings->rpc);
  g_free (settings->contract);
  g_free (settings->key);
  g_free (settings->scheme);
  g_free (settings);
}
