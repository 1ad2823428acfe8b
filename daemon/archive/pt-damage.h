/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-health.h"
#include "pt-store-batches.h"

/* Which batches' files are damaged here and could not be mended: while there is one, the daemon's
 * state is not ok. Thread-safe. */
typedef struct _PtDamage PtDamage;

/* @health is told; it outlives this. */
PtDamage *pt_damage_new (PtHealth *health);
void pt_damage_free (PtDamage *damage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtDamage, pt_damage_free)

/* What was found when its file was read last. Of more than a thousand only the first are known. */
void pt_damage_set (PtDamage *damage, const PtBatchRow *row, gboolean is_damaged);
guint pt_damage_count (PtDamage *damage);
/* Those that are known (PtBatchRow), as they are now. */
GArray *pt_damage_rows (PtDamage *damage);
