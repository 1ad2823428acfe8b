/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-audit-finding.h"

void
pt_audit_tell (const PtAuditSink *sink, const PtAuditFinding *finding)
{
  g_return_if_fail (sink != NULL && finding != NULL);
  sink->found (finding, sink->user_data);
}

gboolean
pt_audit_code_is_open (PtAuditCode code)
{
  /* Of the events the contract itself lets none be that skips a batch, or an area. */
  static const PtAuditCode open[]
      = { PT_AUDIT_EVENT_AREA,   PT_AUDIT_EVENT_NUMBER,      PT_AUDIT_NOT_ALL_EVENTS,
          PT_AUDIT_OTHER_LATEST, PT_AUDIT_NO_BEGINNING,      PT_AUDIT_OTHER_ENDPOINT,
          PT_AUDIT_OTHER_CODE,   PT_AUDIT_BLOCK_UNREACHABLE, PT_AUDIT_BLOCK_REFUSED,
          PT_AUDIT_BLOCK_OTHER };

  for (guint i = 0; i < G_N_ELEMENTS (open); i++)
    if (open[i] == code)
      return TRUE;
  return FALSE;
}
