/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "dossier-check.h"

/* What a dossier shows of what devices say of a resolve. The verdict is core's; here is which
 * reports it rests on. A device's last report before a resolve is known where the report with the
 * next counter is shown behind it: so nothing that was left out makes a resolve hold. Parts of
 * PtDossierCheck. */

/* Once the steps' proofs are read. false when memory is short. */
bool pt_dossier_read_reports (PtDossierCheck *check, const PtVerifyOptions *options);
void pt_dossier_free_reports (PtDossierCheck *check);

/* Of the resolve at @step (from 0), with the complaint as it was before it: what the reports show,
 * else what the daemon says. What is to be said of it is counted in @check. */
PtEvidence pt_dossier_evidence (PtDossierCheck *check, size_t step);

/* The finding, where devices are asked about any. */
void pt_dossier_tell_evidence (PtDossierCheck *check);
