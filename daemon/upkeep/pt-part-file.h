/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* A large file that others write by its name, which appears under its own one when it is whole and
 * on the disk, or not at all. Mode 0600, for it has what is private; of the owner of another file,
 * where this process may give it away. */
typedef struct
{
  char *path, *part; /* what it will be called; what it is called meanwhile */
  int file;
  gboolean done;
} PtPartFile;

/* What a run that was killed left under ->part is written over, unless it is still being written.
 * @like: whose owner it gets. PT_ERROR_CONFIGURATION with what to do. */
PtPartFile *pt_part_file_new (const char *path, const char *like, GError **error);
/* Without pt_part_file_finish () before: removes it. */
void pt_part_file_free (PtPartFile *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtPartFile, pt_part_file_free)

/* @over: takes another file's place; else PT_ERROR_CONFIGURATION where there is one. PT_ERROR_STOP
 * when the disk does not keep it. */
gboolean pt_part_file_finish (PtPartFile *part, gboolean over, GError **error);

/* What was renamed in @folder keeps its new name from then on. FALSE: errno says why not. */
gboolean pt_part_file_sync_folder (const char *folder);
