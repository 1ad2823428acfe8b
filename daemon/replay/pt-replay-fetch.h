/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-block-store.h"

/* The addresses of a text with ; between them (or NULL), as pt_replay_fetch () takes them. */
char **pt_replay_gateways (const char *text);

/* Brings a file into our own blocks: it may be there still, else any trustless gateway may have it.
 * What comes is what its CID names, whoever sent it. @gateways: addresses without a slash at their
 * end, NULL-terminated; asked one after another. @most: bytes of the file. *@stopped (atomic): it
 * is not wanted any more; may be NULL.
 *
 * PT_ERROR_RETRY when nobody has it: the sentence says which CID is wanted, and what each of those
 * asked said. Else the block store's errors. Blocking. */
gboolean pt_replay_fetch (PtBlockStore *blocks, const char *const *gateways, const PtCid *cid,
                          guint64 most, gint *stopped, GError **error);
