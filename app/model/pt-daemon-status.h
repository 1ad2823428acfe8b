/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-batch-state.h"

/* What a daemon says of itself: its answer to /status. */
typedef struct
{
  char *version;
  gint64 now;         /* ms, its clock */
  double clock_speed; /* its milliseconds in one of ours; 0: it stands between two events `clock` */
  guint64 chain_id;   /* 0: no chain */
  guint64 from_block; /* where the contract's events begin, by the daemon's word; 0: not known */
  char *contract;     /* 0x..., or NULL */
  char *chain_state;  /* or NULL */
  char **public_rpc;  /* never NULL */
  gint64 areas;
  gboolean attention;
  char *cause; /* what needs attention, in a word of the daemon's; "" where nothing does */
  char *detail;
  gint64 pending;                  /* entries in no batch yet */
  gint64 batches[PT_BATCH_STATES]; /* by state; none is open */
} PtDaemonStatus;

/* A PtFetchConvert without data, for any thread. NULL: PT_ERROR_UNSUPPORTED, for the version before
 * anything else. */
gpointer pt_daemon_status_read (JsonNode *root, gconstpointer data, GError **error);
void pt_daemon_status_free (PtDaemonStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtDaemonStatus, pt_daemon_status_free)
