/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll-psk.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <inttypes.h>
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
  PtEnrollSecrets kind;
  guint64 next;     /* ID of OSCORE */
  GHashTable *keys; /* "area/device" -> what is after it */
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

/* The colon after a line's device, which may have others in its name; NULL: there is none. */
static char *
end_of_device (const PtEnrollPsk *psk, char *line)
{
  char *colon = strrchr (line, ':');

  return colon != NULL && psk->kind == PT_ENROLL_OSCORE ? g_strrstr_len (line, colon - line, ":")
                                                        : colon;
}

static void
take_id (PtEnrollPsk *psk, const char *text)
{
  guint64 id = g_ascii_strtoull (text, NULL, 16);

  if (psk->kind == PT_ENROLL_OSCORE && id >= psk->next)
    psk->next = id + 1;
}

/* Lines of people (comments, blank ones) are the daemon's to judge. */
static void
take_lines (PtEnrollPsk *psk, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *colon = end_of_device (psk, g_strstrip (lines[i]));

      if (colon == NULL || *lines[i] == '#')
        continue;
      *colon = '\0';
      g_hash_table_insert (psk->keys, g_strdup (lines[i]), g_strdup (colon + 1));
      take_id (psk, colon + 1);
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
pt_enroll_psk_open (const char *path, PtEnrollSecrets kind, GError **error)
{
  g_autoptr (PtEnrollPsk) psk = NULL;

  g_return_val_if_fail (path != NULL, NULL);
  psk = g_new0 (PtEnrollPsk, 1);
  psk->path = g_strdup (path);
  psk->kind = kind;
  psk->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, wipe);
  psk->waiting = g_string_new (NULL);
  return read_file (psk, error) ? g_steal_pointer (&psk) : NULL;
}

/* An ID is as short as it can be, since it is in each request: 256 of one byte, then of two. */
static char *
draw (PtEnrollPsk *psk)
{
  gsize size = psk->kind == PT_ENROLL_OSCORE ? PT_ENROLL_OSCORE_SIZE : PT_ENROLL_PSK_SIZE;
  guint8 key[PT_ENROLL_PSK_SIZE];
  char hex[2 * sizeof key + 1] = "";
  char *secret;

  if (getrandom (key, size, 0) != (ssize_t) size)
    return NULL;
  pt_hex_encode (key, size, hex, sizeof hex);
  if (psk->kind == PT_ENROLL_OSCORE)
    {
      int digits = 2;

      while (digits < 14 && psk->next >> (4 * digits) != 0)
        digits += 2;
      secret = g_strdup_printf ("%0*" PRIx64 ":%s", digits, psk->next++, hex);
    }
  else
    secret = g_strdup (hex);
  explicit_bzero (key, sizeof key);
  explicit_bzero (hex, sizeof hex);
  return secret;
}

const char *
pt_enroll_psk_get (PtEnrollPsk *psk, const char *area, const char *device)
{
  g_autofree char *name = NULL;
  char *secret = NULL;

  g_return_val_if_fail (psk != NULL && area != NULL && device != NULL, NULL);
  name = g_strconcat (area, "/", device, NULL);
  secret = g_hash_table_lookup (psk->keys, name);
  if (secret != NULL)
    return secret;
  secret = draw (psk);
  if (secret == NULL)
    return NULL;
  g_string_append_printf (psk->waiting, "%s:%s\n", name, secret);
  g_hash_table_insert (psk->keys, g_steal_pointer (&name), secret);
  return secret;
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
