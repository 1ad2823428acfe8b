/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-store-log.h"

/* What a log does not say of what was said in it, where its database is made again from the
 * batches: receipts that were given, and private parts.
 *
 * Of the area's actions, notices and profiles that stand in both stores with the same leaf; once,
 * and @to may not have any of it yet. *@count: private parts. */
gboolean pt_keep_said (PtStore *from, PtStore *to, guint32 area, guint *count, GError **error);

/* Appends the private part of an action, with its photos, if it has one: a PtPrivateRow of its own
 * of everything. */
gboolean pt_keep_said_private (PtStore *from, const PtSaidRow *row, GArray *privates,
                               GError **error);
