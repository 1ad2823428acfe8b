/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Where in the store a device's newest reports are, until their batch is sealed: (counter, entry
 * id) per device number. Thread-safe. */
typedef struct _PtTail PtTail;

PtTail *pt_tail_new (void);
void pt_tail_free (PtTail *tail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtTail, pt_tail_free)

/* Adds; forgets the device's reports with ids up to @sealed while at it. */
void pt_tail_add (PtTail *tail, guint32 device, gint64 seq, guint64 id, guint64 sealed);
/* Entry id of the device's report @seq, 0: not in the tail. */
guint64 pt_tail_find (PtTail *tail, guint32 device, gint64 seq);
/* Takes the reports with ids from @id on out again: their commit failed. */
void pt_tail_drop (PtTail *tail, guint32 device, guint64 id);
