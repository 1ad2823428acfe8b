/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The state directory: made with mode 0700, locked for one daemon. */
typedef struct
{
  char *path;
  int lock;
} PtStateDir;

/* The error says who should stop, or what to change. */
PtStateDir *pt_state_dir_open (const char *path, GError **error);
void pt_state_dir_free (PtStateDir *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtStateDir, pt_state_dir_free)

char *pt_state_dir_file (const PtStateDir *state, const char *name);
/* The token that registers areas; made at the first start, mode 0600. */
char *pt_state_dir_token (const PtStateDir *state, GError **error);
