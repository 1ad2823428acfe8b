/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll-psk.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-i18n.h"

struct _PtEnrollPsk
{
  char *path;
  int file;
  GHashTable *keys; /* "area/device" -> hex */
  GString *waiting; /* lines that are not written */
};

static void
wipe (gpointer data)
{
  explicit_bzero (data, strlen (data));
  g_free (data);
}

void
pt_enroll_psk_free (PtEnrollPsk *psk)
{
  if (psk == NULL)
    return;
  if (psk->file >= 0)
    close (psk->file);
  g_hash_table_unref (psk->keys);
  explicit_bzero (psk->waiting->str, psk->waiting->len);
  g_string_free (psk->waiting, TRUE);
  g_free (psk->path);
  g_free (psk);
}

static gboolean
fail (PtEnrollPsk *psk, GError **error)
{
  int code = errno;

  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("Cannot write %s: %s"), psk->path,
               g_strerror (code));
  return FALSE;
}

/* Lines of people (comments, blank ones) are the daemon's to judge. */
static void
take_lines (PtEnrollPsk *psk, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *colon = strrchr (g_strstrip (lines[i]), ':');

      if (colon == NULL || *lines[i] == '#')
        continue;
      *colon = '\0';
      g_hash_table_insert (psk->keys, g_strdup (lines[i]), g_strdup (colon + 1));
    }
}

static gboolean
read_file (PtEnrollPsk *psk, GError **error)
{
  g_autofree char *text = NULL;
  struct stat info;
  gsize size = 0;

  psk->file = g_open (psk->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (psk->file < 0 || fstat (psk->file, &info) != 0)
    return fail (psk, error);
  if ((info.st_mode & 077) != 0 || info.st_size > PT_ENROLL_PSK_FILE_MAX)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   (info.st_mode & 077) != 0
                       ? _ ("%s may be read by others; protect it with: chmod 600 %s")
                       : _ ("%s is larger than 64 MiB; %s is no file of pre-shared keys"),
                   psk->path, psk->path);
      return FALSE;
    }
  if (!g_file_get_contents (psk->path, &text, &size, error))
    return FALSE;
  take_lines (psk, text);
  if (size > 0 && text[size - 1] != '\n')
    g_string_append_c (psk->waiting, '\n');
  explicit_bzero (text, size);
  return TRUE;
}

PtEnrollPsk *
pt_enroll_psk_open (const char *path, GError **error)
{
  g_autoptr (PtEnrollPsk) psk = NULL;

  g_return_val_if_fail (path != NULL, NULL);
  psk = g_new0 (PtEnrollPsk, 1);
  psk->path = g_strdup (path);
  psk->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, wipe);
  psk->waiting = g_string_new (NULL);
  return read_file (psk, error) ? g_steal_pointer (&psk) : NULL;
}

const char *
pt_enroll_psk_get (PtEnrollPsk *psk, const char *area, const char *device)
{
  g_autofree char *name = NULL;
  guint8 key[PT_ENROLL_PSK_SIZE];
  char *hex = NULL;

  g_return_val_if_fail (psk != NULL && area != NULL && device != NULL, NULL);
  name = g_strconcat (area, "/", device, NULL);
  hex = g_hash_table_lookup (psk->keys, name);
  if (hex != NULL)
    return hex;
  if (getrandom (key, sizeof key, 0) != sizeof key)
    return NULL;
  hex = g_malloc0 (2 * sizeof key + 1);
  pt_hex_encode (key, sizeof key, hex, 2 * sizeof key + 1);
  explicit_bzero (key, sizeof key);
  g_string_append_printf (psk->waiting, "%s:%s\n", name, hex);
  g_hash_table_insert (psk->keys, g_steal_pointer (&name), hex);
  return hex;
}

gboolean
pt_enroll_psk_sync (PtEnrollPsk *psk, GError **error)
{
  gsize at = 0;

  g_return_val_if_fail (psk != NULL, FALSE);
  while (at < psk->waiting->len)
    {
      ssize_t written = write (psk->file, psk->waiting->str + at, psk->waiting->len - at);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return fail (psk, error);
      at += (gsize) written;
    }
  if (at > 0 && fsync (psk->file) != 0)
    return fail (psk, error);
  explicit_bzero (psk->waiting->str, psk->waiting->len);
  g_string_truncate (psk->waiting, 0);
  return TRUE;
}
