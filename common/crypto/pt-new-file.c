/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 4096
#define TRIES 100

static bool
write_all (int file, const char *text, size_t size)
{
  while (size > 0)
    {
      ssize_t written = write (file, text, size);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return false;
      text += written;
      size -= (size_t) written;
    }
  return fsync (file) == 0;
}

/* As far as the name's last slash, that included. */
static int
folder_length (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash ? (int) (slash - path) + 1 : 0;
}

/* A file beside @path whose name begins with a point; its descriptor, or -1. */
static int
open_beside (const char *path, char beside[PATH_SIZE])
{
  int folder = folder_length (path), file = -1;

  errno = EEXIST;
  for (int i = 0; i < TRIES && file < 0 && errno == EEXIST; i++)
    {
      int size = snprintf (beside, PATH_SIZE, "%.*s.%s.%ld-%d", folder, path, path + folder,
                           (long) getpid (), i);

      if (size < 0 || size >= PATH_SIZE)
        {
          errno = ENAMETOOLONG;
          return -1;
        }
      file = open (beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
  return file;
}

/* So that the name is on the disk, too. */
static bool
sync_folder (const char *path)
{
  char folder[PATH_SIZE];
  int length = folder_length (path), file;
  bool good;

  if (length == 0)
    strcpy (folder, ".");
  else
    snprintf (folder, sizeof folder, "%.*s", length, path);
  file = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0)
    return false;
  good = fsync (file) == 0 || errno == EINVAL;
  close (file);
  return good;
}

bool
pt_new_file_write (const char *path, const char *text, size_t size)
{
  char beside[PATH_SIZE];
  int file = open_beside (path, beside), code;
  bool good;

  if (file < 0)
    return false;
  good = write_all (file, text, size);
  code = errno;
  if (close (file) != 0 && good)
    {
      good = false;
      code = errno;
    }
  /* Unlike rename () it never takes another file's place. */
  if (good && link (beside, path) != 0)
    {
      good = false;
      code = errno;
    }
  unlink (beside);
  if (good)
    return sync_folder (path);
  errno = code;
  return false;
}
