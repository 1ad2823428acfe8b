/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-base.h"
#include "pt-trust.h"

/* Verification for people: every question asked of a proof bundle or a batch file, in order, with
 * its verdict in plain (translated) words and the raw values beneath. Only what was done here and
 * now is PT_VERDICT_HOLDS. Blocking and pure of I/O: run it in a task. docs/PROTOCOL.md section 7.
 */

typedef enum
{
  PT_VERDICT_HOLDS,
  PT_VERDICT_FAILS,
  PT_VERDICT_NOT_CHECKED
} PtVerdict;

/* The questions' names, the same in the public page:
 *   "form"         the file is a bundle (or batch file) in its one form
 *   "signature"    the device signed this report itself
 *   "registration" the device's registration names its key, site and place
 *   "authority"    the area's authority (as the chain has it) signed that registration
 *   "inclusion"    it is entry N of the public record
 *   "file"         the batch file has the CID that was anchored, and holds this entry in its place
 *   "frontier"     this batch extends the record before it, by the chain's root of the batch
 * before: nothing earlier was changed "chain"        the record's root, size and CID are those on
 * the blockchain, of the reader's contract */
typedef struct
{
  const char *name; /* static */
  PtVerdict verdict;
  char *sentence;  /* translated, for anybody */
  char *reason;    /* translated: why it fails or was not checked; "" when it holds */
  char *technical; /* raw values, one "name: value" a line */
} PtCheckStep;

typedef struct
{
  gboolean is_bundle;         /* else a batch file */
  gboolean parsed;            /* the fields below are filled */
  char *area, *device, *site; /* device, site: NULL for a batch or another kind of entry */
  gboolean power_on;
  gint64 ts, received, seq; /* of the report */
  guint64 batch, index, size, block, chain_id;
  char *cid, *root, *contract, *transaction; /* of a batch file: cid as reckoned, no contract */
  GPtrArray *steps;                          /* PtCheckStep */
} PtCheck;

void pt_check_free (PtCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtCheck, pt_check_free)

/* @trust: what the chain said, or NULL. @batch_file: the batch's bytes, or NULL ("file" and
 * "frontier" are then not checked). Never fails: a file that is no bundle is a step that fails. */
PtCheck *pt_check_bundle (GBytes *bundle, const PtTrust *trust, GBytes *batch_file);
PtCheck *pt_check_batch (GBytes *file, const PtTrust *trust);

/* Whether the first line looks like a batch file; else it is taken for a bundle. */
gboolean pt_check_looks_like_batch (GBytes *file);

/* The worst: FAILS if any fails; HOLDS only if each holds; else NOT_CHECKED. */
PtVerdict pt_check_verdict (const PtCheck *check);
