/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* Dossiers: powertrack-complaint(1). Everything of one complaint with its proofs in one file,
 * for whoever has to judge it. Here is its form alone; what it shows is checked by `powertrack
 * verify`. */

#define PT_DOSSIER_MAX (64 * 1024 * 1024) /* bytes */
#define PT_DOSSIER_STEPS_MAX 2000
#define PT_DOSSIER_TEXTS_MAX 2000

/* The exact bytes of each, unescaped; proof and receipt are empty where there is none yet.
 * @evidence: what the daemon says that the devices say of a resolve, "contradicted"; empty where
 * they are not asked. */
typedef struct
{
  PtSpan entry, evidence, proof, receipt;
} PtDossierStep;

typedef struct
{
  PtSpan items[PT_DOSSIER_TEXTS_MAX];
  size_t count;
} PtDossierTexts;

typedef struct
{
  PtSpan area, complaint;
  int64_t left_out;             /* devices at resolves whose reports around them are not all here */
  int64_t made;                 /* ms since 1970: when it was put together */
  PtDossierTexts privates;      /* private parts: what was said, of those who show it */
  PtDossierTexts profiles;      /* entries of profiles */
  PtDossierTexts registrations; /* entries of officials */
  PtDossierTexts reports;       /* proof bundles of reports of its site around the resolves */
  PtDossierStep steps[PT_DOSSIER_STEPS_MAX];
  size_t step_count;
} PtDossier;

/* Reads one; what it unescapes goes into @buffer, of @text's size at least, which must outlive
 * @out. Of the entries within nothing is read. PT_MALFORMED, PT_NOT_CANONICAL, PT_TOO_LARGE. */
PtResult pt_dossier_parse (PtSpan text, char *buffer, size_t buffer_size, PtDossier *out);

/* PT_NO_SPACE; PT_MALFORMED for what the parser would refuse. */
PtResult pt_dossier_write (const PtDossier *dossier, char *out, size_t out_size, size_t *size);
