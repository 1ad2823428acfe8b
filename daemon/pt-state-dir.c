/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-state-dir.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pt-encoding.h"
#include "pt-error.h"

#define TOKEN_BYTES 32

/* Whether a directory has been a daemon's before, or is nobody's yet. */
static gboolean
directory_is_ours (const char *path)
{
  static const char *const ours[] = { "lock", "powertrack.sqlite" };
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    {
      g_autofree char *file = g_build_filename (path, ours[i], NULL);

      if (g_file_test (file, G_FILE_TEST_EXISTS))
        return TRUE;
    }
  return directory != NULL && g_dir_read_name (directory) == NULL;
}

/* Its files are its own whatever their modes, as long as nobody else comes in. */
static gboolean
close_directory (const char *path, GError **error)
{
  GStatBuf info;

  if (g_stat (path, &info) == 0 && (info.st_mode & 077) == 0)
    return TRUE;
  if (directory_is_ours (path) && g_chmod (path, 0700) == 0)
    {
      g_message ("Others could look into %s; now they can't (mode 0700).", path);
      return TRUE;
    }
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "Others can look into the state directory %s. Run chmod 700 on it, or name one that "
               "is the daemon's alone in [daemon] state_dir.",
               path);
  return FALSE;
}

PtStateDir *
pt_state_dir_open (const char *path, GError **error)
{
  g_autoptr (PtStateDir) state = g_new0 (PtStateDir, 1);
  g_autofree char *lock = g_build_filename (path, "lock", NULL);

  state->path = g_strdup (path);
  state->lock = -1;
  if (g_mkdir_with_parents (path, 0700) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "The state directory %s can't be made: %s. Change [daemon] state_dir or the "
                   "permissions.",
                   path, g_strerror (errno));
      return NULL;
    }
  if (!close_directory (path, error))
    return NULL;
  state->lock = g_open (lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (state->lock < 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "%s can't be opened: %s. Change the permissions.", lock, g_strerror (errno));
      return NULL;
    }
  if (flock (state->lock, LOCK_EX | LOCK_NB) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "Another daemon uses %s. Stop it, or give this one its own [daemon] state_dir.",
                   path);
      return NULL;
    }
  return g_steal_pointer (&state);
}

void
pt_state_dir_free (PtStateDir *state)
{
  if (state == NULL)
    return;
  if (state->lock >= 0)
    close (state->lock);
  g_free (state->path);
  g_free (state);
}

char *
pt_state_dir_file (const PtStateDir *state, const char *name)
{
  g_return_val_if_fail (state != NULL, NULL);

  return g_build_filename (state->path, name, NULL);
}

static gboolean
write_token (const char *path, GError **error)
{
  guint8 random[TOKEN_BYTES];
  char text[PT_BASE64URL_SIZE (TOKEN_BYTES) + 2];
  gsize size;

  if (RAND_bytes (random, sizeof random) != 1)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_FAILED, "The system gives no random bytes.");
      return FALSE;
    }
  size = pt_base64url_encode (random, sizeof random, text, sizeof text);
  text[size++] = '\n';
  return g_file_set_contents_full (path, text, (gssize) size,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   0600, error);
}

char *
pt_state_dir_token (const PtStateDir *state, GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  GStatBuf info;

  g_return_val_if_fail (state != NULL, NULL);

  path = pt_state_dir_file (state, "admin.token");
  if (!g_file_test (path, G_FILE_TEST_EXISTS) && !write_token (path, error))
    return NULL;
  if (g_stat (path, &info) == 0 && (info.st_mode & 077) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "Others can read %s. Run chmod 600 on it, or remove it for a new one.", path);
      return NULL;
    }
  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;
  g_strstrip (text);
  if (strlen (text) < 16)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "%s is too short to be a token. Remove it for a new one.", path);
      return NULL;
    }
  return g_steal_pointer (&text);
}
