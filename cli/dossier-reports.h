/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "complaint-known.h"

/* The reports of a complaint's site around its resolves. */

#define PT_DOSSIER_REPORTS_MAX 400    /* in one dossier */
#define PT_DOSSIER_DEVICES_MAX 20     /* of a site that are looked at */
#define PT_DOSSIER_QUESTIONS_MAX 4000 /* for proofs */

/* Of each device of the site, at each resolve whose proof is among @proofs (char *, of each step,
 * or ""): the proofs of its last report before it, of the one before that and of those that follow
 * it; char *, each once. *@left_out: how often, of one device at one resolve, the last or the one
 * after it is not among them. NULL on failure. */
GPtrArray *pt_dossier_fetch_reports (PtHttpClient *client, const char *url,
                                     const PtComplaintKnown *known, GPtrArray *proofs,
                                     gint64 *left_out, GError **error);
