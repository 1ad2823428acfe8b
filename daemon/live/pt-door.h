/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Many readers or one writer, and a writer that waits goes first: from then on no reader comes in.
 * A GRWLock lets readers in beside those that are there, so that a few who read all the time keep
 * the writer out for as long as they like.
 *
 * Who reads must not come in again before it has left: a writer that waits in between would wait
 * for it, and it for the writer. */
typedef struct
{
  GMutex lock;
  GCond readers_may, writer_may;
  guint readers, writers_waiting;
  gboolean is_writing;
} PtDoor;

void pt_door_init (PtDoor *door);
void pt_door_clear (PtDoor *door);

void pt_door_begin_read (PtDoor *door);
/* FALSE: a writer is there or waits. */
gboolean pt_door_try_read (PtDoor *door);
void pt_door_end_read (PtDoor *door);
void pt_door_begin_write (PtDoor *door);
/* FALSE: somebody reads or writes. */
gboolean pt_door_try_write (PtDoor *door);
void pt_door_end_write (PtDoor *door);
