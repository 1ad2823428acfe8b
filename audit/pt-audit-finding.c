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
  return code == PT_AUDIT_BLOCK_UNREACHABLE || code == PT_AUDIT_BLOCK_REFUSED
         || code == PT_AUDIT_BLOCK_OTHER;
}
