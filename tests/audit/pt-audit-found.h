/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A sink that keeps what it is told. */

#include "pt-audit-finding.h"

typedef struct
{
  GMutex mutex;
  GArray *findings; /* PtAuditFinding; its strings are not looked at */
  GString *gaps;    /* "device first-last", a line each; "lost" behind those that are explained */
  PtAuditSink sink;
} PtAuditFound;

static inline void
pt_audit_found_add (const PtAuditFinding *finding, gpointer user_data)
{
  PtAuditFound *found = user_data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&found->mutex);

  g_array_append_vals (found->findings, finding, 1);
}

static inline void
pt_audit_found_read (const char *area, guint64 batch, gpointer user_data)
{
}

static inline void
pt_audit_found_gap (const char *area, const char *device, const PtAuditGap *gap, gpointer user_data)
{
  PtAuditFound *found = user_data;

  g_string_append_printf (found->gaps, "%s %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "%s\n", device,
                          gap->first, gap->last, gap->is_explained ? " lost" : "");
}

static inline void
pt_audit_found_init (PtAuditFound *found)
{
  g_mutex_init (&found->mutex);
  found->findings = g_array_new (FALSE, FALSE, sizeof (PtAuditFinding));
  found->sink = (PtAuditSink){ pt_audit_found_add, pt_audit_found_read, pt_audit_found_gap, found };
  found->gaps = g_string_new (NULL);
}

static inline void
pt_audit_found_clear (PtAuditFound *found)
{
  g_mutex_clear (&found->mutex);
  g_array_unref (found->findings);
  g_string_free (found->gaps, TRUE);
}

/* The one of the earliest line that has @code (any rule), or NULL. */
static inline const PtAuditFinding *
pt_audit_found_first (PtAuditFound *found, PtAuditCode code)
{
  const PtAuditFinding *first = NULL;

  for (guint i = 0; i < found->findings->len; i++)
    {
      const PtAuditFinding *finding = &g_array_index (found->findings, PtAuditFinding, i);

      if (finding->code == code
          && (first == NULL || finding->batch < first->batch
              || (finding->batch == first->batch && finding->line < first->line)))
        first = finding;
    }
  return first;
}
