/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-archive.h"
#include "pt-directory.h"
#include "pt-store-log.h"
#include "pt-tail.h"

/* The log as the committer's thread has it: where it stands, and what can be asked about it. That
 * thread alone uses it, but for the tail. It alone changes the directory, so it reads there without
 * the lock. */
typedef struct
{
  PtStore *store;
  PtArchive *archive; /* what is sealed; or NULL */
  PtDirectory *directory;
  PtTail *tail;
  GHashTable *touched;  /* PtDevice: their histories changed since they were taken last */
  gint64 last_received; /* ms, of the newest entry */
  guint64 last_entry;   /* its id */
  guint64 sealed;       /* entries up to this id are found in the archive */
} PtLogState;

void pt_log_state_init (PtLogState *log, PtStore *store, PtArchive *archive,
                        PtDirectory *directory);
void pt_log_state_clear (PtLogState *log);

/* The histories that changed since the last time, as PtDeviceRow with body NULL, true as of entry
 * folded_to. */
void pt_log_state_take_touched (PtLogState *log, GArray *out);

/* See pt_committer_add_area (). @now: ms. */
gboolean pt_log_state_add_area (PtLogState *log, const char *id, const guint8 *authority_key,
                                const guint8 *service_key, gint64 now, gboolean *created,
                                GError **error);
