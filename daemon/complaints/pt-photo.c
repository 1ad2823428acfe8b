/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-photo.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pt-error.h"
#include "pt-photo-process.h"

#define NAME "powertrack-photo"

char *
pt_photo_program (void)
{
  static const char *const places[] = { NAME, "../libexec/powertrack/" NAME };
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;

  for (guint i = 0; folder != NULL && i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_build_filename (folder, places[i], NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&path);
    }
  if (g_file_test (PT_LIBEXECDIR "/powertrack/" NAME, G_FILE_TEST_IS_EXECUTABLE))
    return g_strdup (PT_LIBEXECDIR "/powertrack/" NAME);
  return NULL;
}

static gboolean
refuse (GError **error, PtErrorCode code, const char *sentence)
{
  g_set_error_literal (error, PT_ERROR, code, sentence);
  return FALSE;
}

/* A file in memory alone, with @bytes or empty, at its beginning. */
static int
open_memory (GBytes *bytes)
{
  int file = memfd_create (NAME, MFD_CLOEXEC);
  gsize size = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  for (gsize done = 0; file >= 0 && done < size;)
    {
      ssize_t some = write (file, data + done, size - done);

      if (some <= 0)
        {
          close (file);
          return -1;
        }
      done += (gsize) some;
    }
  if (file >= 0)
    lseek (file, 0, SEEK_SET);
  return file;
}

static void
close_both (int in, int out)
{
  if (in >= 0)
    close (in);
  if (out >= 0)
    close (out);
}

static GBytes *
read_memory (int file)
{
  struct stat info;
  char *data;
  gsize size, done = 0;

  if (fstat (file, &info) != 0 || info.st_size <= 0 || info.st_size > PT_PHOTO_OUT_MAX)
    return NULL;
  size = (gsize) info.st_size;
  data = g_malloc (size);
  while (done < size)
    {
      ssize_t some = pread (file, data + done, size - done, (off_t) done);

      if (some <= 0)
        {
          g_free (data);
          return NULL;
        }
      done += (gsize) some;
    }
  return g_bytes_new_take (data, size);
}

/* Takes both descriptors. */
static GSubprocess *
spawn (const char *program, int in, int out, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  char *empty[] = { NULL };
  const char *const arguments[] = { program, NULL };

  g_subprocess_launcher_set_environ (launcher, empty);
  g_subprocess_launcher_take_stdin_fd (launcher, in);
  g_subprocess_launcher_take_stdout_fd (launcher, out);
  return g_subprocess_launcher_spawnv (launcher, arguments, error);
}

/* What became of it. A process that was ended by a signal had more to do than its bounds allow. */
static gboolean
judge (GSubprocess *process, GError **error)
{
  if (!g_subprocess_get_if_exited (process))
    return refuse (error, PT_ERROR_MALFORMED,
                   "It takes more memory or time to read than a picture may.");
  switch ((PtPhotoEnd) g_subprocess_get_exit_status (process))
    {
    case PT_PHOTO_WRITTEN:
      return TRUE;
    case PT_PHOTO_UNKNOWN:
      return refuse (error, PT_ERROR_MALFORMED, "It is no JPEG, PNG or WebP.");
    case PT_PHOTO_TOO_LARGE:
      return refuse (error, PT_ERROR_TOO_LARGE, "It has more than 50 million pixels.");
    case PT_PHOTO_DAMAGED:
      return refuse (error, PT_ERROR_MALFORMED, "It is damaged, or not whole.");
    case PT_PHOTO_UNBOUND:
      break;
    }
  return refuse (error, PT_ERROR_RETRY, "Pictures can't be looked at for now.");
}

GBytes *
pt_photo_write_anew (const char *program, GBytes *sent, GError **error)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) local = NULL;
  GBytes *written = NULL;
  int in, out, mine;

  g_return_val_if_fail (program != NULL && sent != NULL, NULL);

  if (g_bytes_get_size (sent) > PT_PHOTO_BYTES_MAX)
    {
      refuse (error, PT_ERROR_TOO_LARGE, "It is larger than 8 MiB.");
      return NULL;
    }
  in = open_memory (sent);
  out = in >= 0 ? open_memory (NULL) : -1;
  mine = out >= 0 ? dup (out) : -1;
  if (mine >= 0)
    process = spawn (program, in, out, &local);
  else
    {
      close_both (in, out);
    }
  if (process == NULL || !g_subprocess_wait (process, NULL, &local))
    g_set_error (error, PT_ERROR, PT_ERROR_RETRY, "Pictures can't be looked at: %s",
                 local != NULL ? local->message : g_strerror (errno));
  else if (judge (process, error))
    {
      written = read_memory (mine);
      if (written == NULL)
        refuse (error, PT_ERROR_RETRY, "Pictures can't be looked at for now.");
    }
  if (mine >= 0)
    close (mine);
  return written;
}
