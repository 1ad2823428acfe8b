/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-error.h"

/* The one interface to what is kept. Verbs are few, blocking, atomic and thread-safe; none may be
 * called on a main loop. They stand in three headers: -log (entries, and whom they are about),
 * -batches (the state machine), -views (what the log says in sum).
 *
 * Errors: PT_ERROR_RETRY (disk full, database busy, no descriptor or memory left: nothing was
 * written), PT_ERROR_OPERATOR (likewise, but it takes a person), PT_ERROR_CONFLICT (a
 * compare-and-swap lost), PT_ERROR_STOP (a failed fsync, a corrupt file: the process must end). */

typedef struct _PtStore PtStore;

void pt_store_free (PtStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtStore, pt_store_free)

/* What a store does that nobody asked for (its checkpoints) fails with @fault, or is well again
 * (NULL). Once a change, on a thread of the store's; quick, and calls no verb. */
typedef void (*PtStoreFaultFunc) (const GError *fault, gpointer user_data);

/* To be said before other threads use the store; @func NULL: no one any more. */
void pt_store_watch (PtStore *store, PtStoreFaultFunc func, gpointer user_data);
