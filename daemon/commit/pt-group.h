/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-committer.h"

/* Collects what one group commit writes. Histories are changed while reports are added, so that a
 * group's later lines see its earlier ones; undo puts them back. */
typedef struct _PtGroupBuilder PtGroupBuilder;

PtGroupBuilder *pt_group_builder_new (PtRegistry *registry);
void pt_group_builder_free (PtGroupBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtGroupBuilder, pt_group_builder_free)

/* @bytes: bound on the stored forms to come. */
void pt_group_builder_reset (PtGroupBuilder *builder, gsize bytes);

/* A verified report whose counter is new. */
void pt_group_builder_add_report (PtGroupBuilder *builder, PtLine *line, gint64 received);
/* FALSE when it isn't newer than what it would replace. The registry is changed only by apply. */
gboolean pt_group_builder_add_registration (PtGroupBuilder *builder, PtLine *line,
                                            const PtEntry *entry, gint64 received);
/* The stored bytes of the newest registration of the same device or official in this group, or
 * NULL. */
GBytes *pt_group_builder_registration (PtGroupBuilder *builder, const PtLine *line,
                                       const PtEntry *entry);
void pt_group_builder_add_evidence (PtGroupBuilder *builder, const PtLine *line, gint64 received);

guint pt_group_builder_count (PtGroupBuilder *builder);
gboolean pt_group_builder_is_empty (PtGroupBuilder *builder);
const PtGroup *pt_group_builder_group (PtGroupBuilder *builder);
GArray *pt_group_builder_accepted (PtGroupBuilder *builder); /* PtAccepted */
/* The stored bytes of the group's entry @index. */
GBytes *pt_group_builder_entry (PtGroupBuilder *builder, guint64 index);

/* After the commit: applies the registrations; returns how many. With the directory's writer lock.
 */
guint pt_group_builder_apply_registrations (PtGroupBuilder *builder, PtDirectory *directory);
void pt_group_builder_undo (PtGroupBuilder *builder);
