/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-budget.h"
#include "pt-request.h"

/* What clients have not read yet stays in memory, so there is an end to it for all of them
 * together. A body that several answers share counts once. Main loop. */
typedef struct _PtUnread PtUnread;

/* @budget: of bytes; has to outlive it. */
PtUnread *pt_unread_new (PtBudget *budget);
void pt_unread_free (PtUnread *unread);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtUnread, pt_unread_free)

/* Counts what @request is about to send, until its message is finished. FALSE with PT_ERROR_BUSY:
 * too much is unread. Small answers always go. */
gboolean pt_unread_enter (PtUnread *unread, PtRequest *request, GError **error);
