/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "complaint-known.h"

/* Puts a complaint's dossier together from what a daemon serves. */

/* The proof bundle of step @n, exact bytes: PT_ERROR_NOT_ANCHORED where there is none yet, and an
 * error where it is of another entry or its path does not lead to its root. */
char *pt_dossier_fetch_proof (PtHttpClient *client, const char *url, const PtComplaintKnown *known,
                              gint64 n, GError **error);

/* What is not in it: proofs of steps that are not anchored yet, and devices' reports around
 * resolves. */
typedef struct
{
  guint steps;
  gint64 reports; /* see pt_dossier_fetch_reports () */
} PtDossierLacks;

/* The whole; @privates: exact bytes (char *) of private parts to show; or NULL. */
char *pt_dossier_fetch (PtHttpClient *client, const char *url, const PtComplaintKnown *known,
                        GPtrArray *privates, PtDossierLacks *lacks, GError **error);
