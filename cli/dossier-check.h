/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-bundle.h"
#include "pt-complaint.h"
#include "pt-dossier.h"
#include "pt-findings.h"
#include "pt-offline.h"
#include "pt-profile.h"
#include "pt-receipt.h"
#include "pt-tally.h"

/* What a dossier shows by itself: the chain, who signed, whether they might, the places in the log,
 * the receipts. No GLib. */

typedef struct
{
  PtEntry entry;
  PtHash leaf;
  bool has_proof, has_receipt;
  PtBundle proof; /* its entry and signer unescaped into @unescaped */
  char *unescaped;
  PtReceipt receipt;
  PtEntry official; /* what vouches for its signer, where an official acts */
  bool is_vouched;
  PtSpan private;         /* the private part that it names, where the dossier has it */
  PtComplaintState state; /* after it */
  PtEvidence evidence;    /* of a resolve: what its devices say */
  bool is_shown;          /* by the reports, and not the daemon's word alone */
} PtDossierRow;

/* A report that holds by itself. */
typedef struct
{
  PtBundle proof; /* its entries unescaped into @unescaped */
  char *unescaped;
  PtEntry entry;
} PtDossierReport;

typedef struct
{
  PtDossier dossier;
  char *text, *buffer; /* of the file, and what is unescaped of it */
  PtDossierRow *rows;  /* one a step, as far as they are entries of the complaint */
  size_t row_count;
  PtEntry *registrations; /* of officials */
  size_t registration_count;
  PtEntry *profiles;
  PtProfile *profile_documents;
  char *profile_texts;
  size_t profile_count;
  PtDossierReport *reports;
  size_t report_count;
  PtTally evidence; /* of all resolves that devices are asked about */
  size_t evidence_count;
  PtVerifier *verifier;
  PtComplaintFacts complaint; /* after its last step */
  PtFindings findings;
} PtDossierCheck;

/* Takes @text, which is freed with it. NULL when memory is short. Who asks holds @options as long.
 */
PtDossierCheck *pt_dossier_check_new (char *text, size_t size, const PtVerifyOptions *options);
void pt_dossier_check_free (PtDossierCheck *check);

/* What the chain has for a batch, where it was asked; or NULL. */
const PtVerifyRoot *pt_dossier_root (const PtVerifyOptions *options, uint64_t batch);
