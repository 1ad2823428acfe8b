/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-audit-finding.h"

/* A finding in words, translated; without area, batch and line. To be freed. */
char *pt_audit_words (const PtAuditFinding *finding);
