/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The life of a batch; daemon and console use the same words. OPEN is the window that has not been
 * sealed: no batch is listed so, but a report may wait in one. The store keeps these numbers. */
typedef enum
{
  PT_BATCH_OPEN,
  PT_BATCH_SEALED,    /* in the store, its blocks on the disk, the area's head moved */
  PT_BATCH_PUBLISHED, /* every publisher has it and said the same CID */
  PT_BATCH_SUBMITTED, /* in a stored, signed transaction (nonce) */
  PT_BATCH_FINAL      /* that transaction is as deep as configured */
} PtBatchState;

#define PT_BATCH_STATES 5

const char *pt_batch_state_name (PtBatchState state);
gboolean pt_batch_state_parse (const char *text, PtBatchState *out);
