/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What was asked of a store, and the answers: each holds, fails, or was not looked at. */

typedef enum
{
  PT_STORE_HOLDS,
  PT_STORE_FAILS,
  PT_STORE_NOT_CHECKED
} PtStoreState;

typedef struct
{
  const char *name; /* slug, static */
  PtStoreState state;
  char *why;  /* the first sentence of what fails, or why it was not looked at; NULL: it holds */
  guint more; /* sentences like it */
} PtStoreFinding;

typedef struct _PtStoreFindings PtStoreFindings;

PtStoreFindings *pt_store_findings_new (void);
void pt_store_findings_free (PtStoreFindings *findings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtStoreFindings, pt_store_findings_free)

/* It is asked from here on, and holds unless something is said. */
void pt_store_findings_ask (PtStoreFindings *findings, const char *name);
void pt_store_findings_fail (PtStoreFindings *findings, const char *name, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* What fails already stays so. */
void pt_store_findings_skip (PtStoreFindings *findings, const char *name, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* A verb's error: what is damaged fails, what can't be read now was not looked at. */
void pt_store_findings_error (PtStoreFindings *findings, const char *name, const GError *error);

/* In the order in which it was asked; PtStoreFinding. */
guint pt_store_findings_count (const PtStoreFindings *findings);
const PtStoreFinding *pt_store_findings_at (const PtStoreFindings *findings, guint at);
/* FAILS if anything does; HOLDS only if all does. */
PtStoreState pt_store_findings_verdict (const PtStoreFindings *findings);
/* "holds", "fails", "not-checked". */
const char *pt_store_state_name (PtStoreState state);
