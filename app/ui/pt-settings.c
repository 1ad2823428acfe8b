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
  g_mkdir_with_parents (folder, 0700);
  if (!g_key_file_save_to_file (file, path, &error))
    g_message ("Settings are not kept: %s", error->message);
}

void
pt_settings_free (PtSettings *settings)
{
  if (settings == NULL)
    return;
  g_free (settings->url);
  g_free (settings->rpc);
  g_free (settings->scheme);
  g_free (settings);
}
