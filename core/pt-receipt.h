/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"
#include "pt-signature.h"
#include "pt-tree.h"

/* Receipts: docs/PROTOCOL.md section 12. What the daemon gives for an entry that it made durable,
 * so that whoever holds it can show a broken promise. */

typedef struct
{
  PtSpan area;
  int64_t by;       /* ms: the block in which its batch is anchored at the latest */
  int64_t received; /* ms, of all entries of the commit */
  uint64_t index, size;
  PtHash leaf, root; /* the root over the leaf hashes of the commit's entries */
  PtHash path[PT_TREE_DEPTH_MAX];
  size_t path_count;
  uint8_t signature[PT_SIGNATURE_SIZE];
} PtReceipt;

/* A receipt's bytes at most. */
#define PT_RECEIPT_MAX 8192

/* Reads one and checks its form and its path; no signature. PT_MALFORMED, PT_NOT_CANONICAL,
 * PT_TOO_LARGE, PT_BAD_PROOF. */
PtResult pt_receipt_parse (PtSpan bytes, PtReceipt *out);

/* PT_NO_SPACE. */
PtResult pt_receipt_write (const PtReceipt *receipt, char *out, size_t out_size, size_t *size);

/* SHA-256 of what is signed, which is the same for all receipts of a commit. */
void pt_receipt_digest (const PtReceipt *receipt, PtHash *out);

/* Whether the area's service key signed it: PT_OK or PT_BAD_SIGNATURE. */
PtResult pt_receipt_verify (const PtReceipt *receipt, const PtVerifier *verifier,
                            const uint8_t service_key[PT_PUBLIC_KEY_SIZE]);

typedef enum
{
  PT_PROMISE_PENDING,
  PT_PROMISE_KEPT,
  PT_PROMISE_LATE,
  PT_PROMISE_BROKEN /* a lie, for ever */
} PtPromise;

const char *pt_promise_name (PtPromise promise); /* "broken" */

/* What a finalized block says of a receipt that holds. The batch: the anchored one whose window
 * holds @received (from <= received < to), anchored in a final block. */
typedef struct
{
  bool is_anchored;
  int64_t anchored; /* ms: the time of that block */
  bool holds_leaf;
  int64_t final_time; /* ms: the time of the newest final block */
} PtReceiptFacts;

PtPromise pt_receipt_judge (const PtReceipt *receipt, const PtReceiptFacts *facts);
