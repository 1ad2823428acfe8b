/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"
#include "pt-cid.h"
#include "pt-entry.h"
#include "pt-tree.h"

/* Proof bundles: docs/PROTOCOL.md section 7. */

#define PT_BUNDLE_MAX                                                                              \
  (6 * 2 * PT_ENTRY_MAX + 16384) /* every byte of both entries escaped, and the rest */

typedef struct
{
  PtSpan area;
  uint64_t batch;
  uint64_t block, chain_id; /* chain */
  uint8_t contract[20], transaction[32];
  PtCid cid;
  uint64_t index, size;
  PtHash root;
  PtHash path[PT_TREE_DEPTH_MAX];
  size_t path_count;
  PtSpan entry, signer; /* exact bytes, unescaped */
} PtBundle;

/* Parses canonical bundle bytes; the unescaped entries go into @buffer (at least 2 * PT_ENTRY_MAX),
 * which must outlive @out. */
PtResult pt_bundle_parse (PtSpan text, char *buffer, size_t buffer_size, PtBundle *out);
PtResult pt_bundle_write (const PtBundle *bundle, char *out, size_t out_size, size_t *size);

/* What was found, one for each question, in the order they are asked. */
typedef struct
{
  PtResult entry;     /* the entry is canonical, of this area */
  PtResult inclusion; /* it is leaf index of the tree of size with root */
  PtResult signer; /* the signer's entry is canonical, of this area, active, and names the entry's
                      signer, site and place */
  PtResult signature; /* the signer's key signed the entry; not checked where signer fails */
} PtBundleFindings;

/* Checks all that the bundle itself can show: PT_OK only if every finding is. A citizen's action
 * names its own key; what the service signs is verified with @service_key (or NULL: finding signer
 * is PT_BAD_KEY then). Both have no signer entry: their "signer" is empty. */
PtResult pt_bundle_verify (const PtBundle *bundle, const PtVerifier *verifier,
                           const uint8_t *service_key, PtBundleFindings *out);
