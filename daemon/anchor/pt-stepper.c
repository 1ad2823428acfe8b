/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-stepper.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define BEHIND_MAX 32 /* windows that wait for sealing while the clock goes on */
#define TEXT_SIZE 17  /* 16 digits and a newline: always as long, so that it is written in place */

struct _PtStepper
{
  PtClock *clock;
  char *path;
  int file;
  GMutex lock; /* one move at a time */
  PtCommitter *committer;
  PtBatcher *batcher;
};

/* 0 for what is none: a machine that lost its power may have left the file without its text. */
static gint64
stepper_read (PtStepper *stepper)
{
  char text[TEXT_SIZE + 1] = { 0 };
  guint64 now;

  if (pread (stepper->file, text, TEXT_SIZE, 0) != TEXT_SIZE || text[TEXT_SIZE - 1] != '\n')
    return 0;
  text[TEXT_SIZE - 1] = '\0';
  return g_ascii_string_to_unsigned (text, 10, 0, PT_INTEGER_MAX, &now, NULL) ? (gint64) now : 0;
}

/* Durable before the clock moves, as entries are before they are answered: a client that was told
 * of a time never sees an earlier one, not after a loss of power either. */
static gboolean
stepper_write (PtStepper *stepper, gint64 now, GError **error)
{
  char text[TEXT_SIZE + 1];

  g_snprintf (text, sizeof text, "%016" G_GINT64_FORMAT "\n", now);
  if (pwrite (stepper->file, text, TEXT_SIZE, 0) == TEXT_SIZE && fdatasync (stepper->file) == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY, "%s can't be written: %s. Make room on the disk.",
               stepper->path, g_strerror (errno));
  return FALSE;
}

/* So that the file's name stays, too. Where a file system has no such thing there is none to miss.
 */
static void
sync_folder (const char *folder)
{
  int file = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (file < 0)
    return;
  if (fsync (file) != 0)
    g_message ("%s could not be synced: %s.", folder, g_strerror (errno));
  close (file);
}

PtStepper *
pt_stepper_new (PtClock *clock, const char *path, gint64 last_received, GError **error)
{
  g_autoptr (PtStepper) stepper = NULL;
  g_autofree char *folder = NULL;
  gint64 now;

  g_return_val_if_fail (clock != NULL && pt_clock_source (clock) == PT_CLOCK_STEPPED, NULL);
  g_return_val_if_fail (path != NULL, NULL);

  stepper = g_new0 (PtStepper, 1);
  g_mutex_init (&stepper->lock);
  stepper->clock = clock;
  stepper->path = g_strdup (path);
  stepper->file = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (stepper->file < 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "%s can't be opened: %s. Change the permissions.", path, g_strerror (errno));
      return NULL;
    }
  folder = g_path_get_dirname (path);
  sync_folder (folder);
  now = MAX (pt_clock_now (clock), MAX (last_received, stepper_read (stepper)));
  pt_clock_step (clock, now);
  return g_steal_pointer (&stepper);
}

void
pt_stepper_free (PtStepper *stepper)
{
  if (stepper == NULL)
    return;
  if (stepper->file >= 0)
    close (stepper->file);
  g_free (stepper->path);
  g_mutex_clear (&stepper->lock);
  g_free (stepper);
}

void
pt_stepper_attach (PtStepper *stepper, PtCommitter *committer, PtBatcher *batcher)
{
  g_return_if_fail (stepper != NULL && committer != NULL && batcher != NULL);

  stepper->committer = committer;
  stepper->batcher = batcher;
}

/* With the lock held. */
static gboolean
stepper_allows (PtStepper *stepper, gint64 now, GError **error)
{
  gint64 shown = pt_clock_now (stepper->clock), behind;

  if (now < shown)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
                   "The clock shows %" G_GINT64_FORMAT " and never goes back. Step it to that time "
                   "or a later one.",
                   shown);
      return FALSE;
    }
  behind = pt_batcher_behind (stepper->batcher);
  if (now == shown || behind <= BEHIND_MAX)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_BUSY,
               "%" G_GINT64_FORMAT " windows that ended are not sealed yet. Send it again.",
               behind);
  return FALSE;
}

gboolean
pt_stepper_move (PtStepper *stepper, gint64 now, GError **error)
{
  gboolean moved;

  g_return_val_if_fail (stepper != NULL && stepper->batcher != NULL, FALSE);
  g_return_val_if_fail (now >= 0 && now <= PT_INTEGER_MAX, FALSE);

  g_mutex_lock (&stepper->lock);
  moved = stepper_allows (stepper, now, error) && stepper_write (stepper, now, error)
          && pt_clock_step (stepper->clock, now);
  g_mutex_unlock (&stepper->lock);
  /* A group that began before this is over when the barrier is. */
  if (moved)
    pt_committer_barrier (stepper->committer, now, NULL);
  return moved;
}
