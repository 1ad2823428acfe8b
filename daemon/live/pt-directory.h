/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-door.h"
#include "pt-registry.h"
#include "pt-subject.h"

/* The registry as all threads share it. Only the committer changes it, as the writer; everybody
 * else reads, and no longer than it takes to copy a few hundred records, since the committer and
 * all other readers wait meanwhile. Lists of all sites come from PtLive's snapshot. */
typedef struct
{
  PtRegistry *registry;
  PtDoor door;
  gint generation; /* atomic: raised when a known signer changed, so that what was verified before
                      is looked at again */
} PtDirectory;

PtDirectory *pt_directory_new (void);
void pt_directory_free (PtDirectory *directory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtDirectory, pt_directory_free)

/* Whom the area's entry is about, a device, an official, or the area itself; FALSE: nobody who is
 * registered there. Reads the directory. A PtFindSubject of @directory. */
gboolean pt_directory_find_subject (gpointer directory, guint32 area, const PtEntry *entry,
                                    PtSubject *out);
