/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-registry.h"

/* The registry as all threads share it. Only the committer changes it, under the writer's lock;
 * everybody else reads under the reader's. */
typedef struct
{
  PtRegistry *registry;
  GRWLock lock;
  gint generation; /* atomic: raised when a known signer changed, so that what was verified before
                      is looked at again */
} PtDirectory;

PtDirectory *pt_directory_new (void);
void pt_directory_free (PtDirectory *directory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtDirectory, pt_directory_free)
