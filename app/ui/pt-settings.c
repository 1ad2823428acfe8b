/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-settings.h"

#include <string.h>

#define GROUP "console"

static char *
settings_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "powertrack", "console.ini", NULL);
}

static int
read_size (GKeyFile *file, const char *key, int least, int fallback)
{
  int size = g_key_file_get_integer (file, GROUP, key, NULL);

  return size >= least && size <= 16384 ? size : fallback;
}

PtSettings *
pt_settings_load (void)
{
  PtSettings *settings = g_new0 (PtSettings, 1);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = settings_path ();

  g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL);
  settings->width = read_size (file, "width", 1024, 1440);
  settings->height = read_size (file, "height", 640, 900);
  settings->maximized = g_key_file_get_boolean (file, GROUP, "maximized", NULL);
  settings->rpc = g_key_file_get_string (file, GROUP, "rpc", NULL);
  settings->scheme = g_key_file_get_string (file, GROUP, "scheme", NULL);
  if (settings->scheme == NULL)
    settings->scheme = g_strdup ("system");
  return settings;
}

void
pt_settings_save (const PtSettings *settings)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = settings_path (), *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_key_file_set_integer (file, GROUP, "width", settings->width);
  g_key_file_set_integer (file, GROUP, "height", settings->height);
  g_key_file_set_boolean (file, GROUP, "maximized", settings->maximized);
  g_key_file_set_string (file, GROUP, "scheme", settings->scheme);
  if (settings->rpc != NULL)
    g_key_file_set_string (file, GROUP, "rpc", settings->rpc);
  g_mkdir_with_parents (folder, 0700);
  if (!g_key_file_save_to_file (file, path, &error))
    g_message ("The window's size is not remembered: %s", error->message);
}

void
pt_settings_free (PtSettings *settings)
{
  if (settings == NULL)
    return;
  g_free (settings->rpc);
  g_free (settings->scheme);
  g_free (settings);
}
