/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-door.h"

void
pt_door_init (PtDoor *door)
{
  g_return_if_fail (door != NULL);

  *door = (PtDoor){ 0 };
  g_mutex_init (&door->lock);
  g_cond_init (&door->readers_may);
  g_cond_init (&door->writer_may);
}

void
pt_door_clear (PtDoor *door)
{
  g_return_if_fail (door != NULL && door->readers == 0 && !door->is_writing);

  g_mutex_clear (&door->lock);
  g_cond_clear (&door->readers_may);
  g_cond_clear (&door->writer_may);
}

static gboolean
door_is_closed (const PtDoor *door)
{
  return door->is_writing || door->writers_waiting > 0;
}

void
pt_door_begin_read (PtDoor *door)
{
  g_return_if_fail (door != NULL);

  g_mutex_lock (&door->lock);
  while (door_is_closed (door))
    g_cond_wait (&door->readers_may, &door->lock);
  door->readers++;
  g_mutex_unlock (&door->lock);
}

gboolean
pt_door_try_read (PtDoor *door)
{
  gboolean may;

  g_return_val_if_fail (door != NULL, FALSE);

  g_mutex_lock (&door->lock);
  may = !door_is_closed (door);
  if (may)
    door->readers++;
  g_mutex_unlock (&door->lock);
  return may;
}

void
pt_door_end_read (PtDoor *door)
{
  g_return_if_fail (door != NULL);

  g_mutex_lock (&door->lock);
  g_warn_if_fail (door->readers > 0);
  door->readers--;
  if (door->readers == 0)
    g_cond_signal (&door->writer_may);
  g_mutex_unlock (&door->lock);
}

void
pt_door_begin_write (PtDoor *door)
{
  g_return_if_fail (door != NULL);

  g_mutex_lock (&door->lock);
  door->writers_waiting++;
  while (door->is_writing || door->readers > 0)
    g_cond_wait (&door->writer_may, &door->lock);
  door->writers_waiting--;
  door->is_writing = TRUE;
  g_mutex_unlock (&door->lock);
}

gboolean
pt_door_try_write (PtDoor *door)
{
  gboolean may;

  g_return_val_if_fail (door != NULL, FALSE);

  g_mutex_lock (&door->lock);
  may = !door->is_writing && door->readers == 0;
  if (may)
    door->is_writing = TRUE;
  g_mutex_unlock (&door->lock);
  return may;
}

void
pt_door_end_write (PtDoor *door)
{
  g_return_if_fail (door != NULL);

  g_mutex_lock (&door->lock);
  g_warn_if_fail (door->is_writing);
  door->is_writing = FALSE;
  g_cond_signal (&door->writer_may);
  g_cond_broadcast (&door->readers_may);
  g_mutex_unlock (&door->lock);
}
