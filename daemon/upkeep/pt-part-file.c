/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-part-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pt-error.h"

static gboolean
fail (const char *path, GError **error)
{
  int code = errno;

  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, _ ("%s can't be written: %s."), path,
               g_strerror (code));
  return FALSE;
}

static gboolean
refuse_taken (const char *path, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("%s is there already. Name a new file, or move that one away."), path);
  return FALSE;
}

/* Only root may; others have files of their own. */
static gboolean
give_away (int file, const char *like)
{
  struct stat info;

  return geteuid () != 0 || stat (like, &info) != 0 || fchown (file, info.st_uid, info.st_gid) == 0;
}

static gboolean
open_part (PtPartFile *part, const char *like, GError **error)
{
  part->file = g_open (part->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (part->file < 0)
    return fail (part->part, error);
  if (flock (part->file, LOCK_EX | LOCK_NB) != 0)
    {
      close (part->file);
      part->file = -1; /* it is another's */
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   _ ("%s is being written by another process. Wait for it, or name another file."),
                   part->part);
      return FALSE;
    }
  if (ftruncate (part->file, 0) == 0 && fchmod (part->file, 0600) == 0
      && give_away (part->file, like))
    return TRUE;
  return fail (part->part, error);
}

PtPartFile *
pt_part_file_new (const char *path, const char *like, GError **error)
{
  g_autoptr (PtPartFile) part = NULL;
  struct stat info;

  g_return_val_if_fail (path != NULL && like != NULL, NULL);

  part = g_new0 (PtPartFile, 1);
  part->path = g_strdup (path);
  part->part = g_strconcat (path, ".part", NULL);
  part->file = -1;
  /* Before all the work; whether it is so still is looked at when it is done. */
  if (lstat (path, &info) == 0 && g_strcmp0 (path, like) != 0)
    {
      refuse_taken (path, error);
      return NULL;
    }
  return open_part (part, like, error) ? g_steal_pointer (&part) : NULL;
}

void
pt_part_file_free (PtPartFile *part)
{
  if (part == NULL)
    return;
  if (part->file >= 0 && !part->done)
    g_unlink (part->part);
  if (part->file >= 0)
    close (part->file);
  g_free (part->path);
  g_free (part->part);
  g_free (part);
}

gboolean
pt_part_file_sync_folder (const char *folder)
{
  int handle;
  gboolean done;

  g_return_val_if_fail (folder != NULL, FALSE);

  handle = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  done = handle >= 0 && fsync (handle) == 0;
  if (handle >= 0)
    close (handle);
  return done;
}

/* Not every file system can look and rename at once. */
static gboolean
rename_if_free (const char *from, const char *to)
{
  struct stat info;

  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  if (lstat (to, &info) != 0)
    return g_rename (from, to) == 0;
  errno = EEXIST;
  return FALSE;
}

gboolean
pt_part_file_finish (PtPartFile *part, gboolean over, GError **error)
{
  g_autofree char *folder = NULL;

  g_return_val_if_fail (part != NULL && !part->done, FALSE);

  if (fsync (part->file) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                   _ ("The disk does not keep %s: %s. Nothing there can be relied on."), part->part,
                   g_strerror (errno));
      return FALSE;
    }
  if (!(over ? g_rename (part->part, part->path) == 0 : rename_if_free (part->part, part->path)))
    return errno == EEXIST ? refuse_taken (part->path, error) : fail (part->path, error);
  part->done = TRUE;
  folder = g_path_get_dirname (part->path);
  return pt_part_file_sync_folder (folder) || fail (part->path, error);
}
