/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-base.h"
#include "pt-contract.h"
#include "pt-entry.h"

/* What somebody else than the daemon says of a batch: the reader's own contract, read over an RPC
 * endpoint, all of it as of one block. */
typedef struct
{
  char *source; /* the endpoint's address, for people */
  guint64 chain_id;
  guint8 contract[20];
  char *failure; /* why it could not be read, translated; then nothing below is set. Or NULL */
  gboolean has_root;
  PtHash root;
  guint64 block;         /* the newest block when it was read */
  gboolean has_previous; /* of a batch after the first */
  PtHash previous_root;
  char *anchored_failure; /* why its event is not known though the root is, translated; or NULL */
  gboolean has_anchored;
  PtAnchored anchored;
  char *keys_failure; /* why there are no keys though the root was read, translated; or NULL */
  gboolean has_keys;
  guint8 authority_key[PT_PUBLIC_KEY_SIZE], service_key[PT_PUBLIC_KEY_SIZE];
} PtTrust;

/* Asks @rpc_url for its chain's id (another than @chain_id is a failure), rootOf (area, batch) and
 * of the batch before, the batch's Anchored and the area's AreaRegistered event, which are looked
 * for from @from_block on first (0: it is not known where the contract's events begin). Blocking,
 * at most 10 s; never NULL: what goes wrong is in `failure`. A root of zeros means that the
 * contract has no such batch: `has_root` is set and nothing will equal it. */
PtTrust *pt_trust_read (const char *rpc_url, guint64 chain_id, const char *contract,
                        guint64 from_block, const char *area, guint64 batch);
void pt_trust_free (PtTrust *trust);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtTrust, pt_trust_free)
