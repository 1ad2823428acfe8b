/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "dossier-check.h"

/* Whether each step of a dossier might follow: the rules are core's, the facts those that the
 * dossier shows. Parts of PtDossierCheck. */

/* The newest registration of the official from before @received, or NULL. */
const PtEntry *pt_dossier_official (const PtDossierCheck *check, PtSpan id, int64_t received);

/* The newest profile from before @received, or NULL. */
const PtProfile *pt_dossier_profile (const PtDossierCheck *check, int64_t received);

/* Goes through the steps. *@broken: the first that breaks a rule (from 1; 0: none) and *@why it
 * does; *@open: the first of which not all could be asked, likewise. false when memory is short. */
bool pt_dossier_judge (PtDossierCheck *check, size_t *broken, const char **why, size_t *open,
                       const char **why_open);
