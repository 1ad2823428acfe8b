/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-complaint.h"
#include "pt-notice.h"

/* What officials and citizens say in one batch file: its complaints, its notices and the profiles.
 * Rules are core's; this keeps the facts that they ask for, without GLib. */

typedef struct PtVerifyPromises PtVerifyPromises;

/* @complete: the file holds the area's log from its first entry on; else what is not told in it may
 * stand in an earlier one. NULL when memory is short. */
PtVerifyPromises *pt_verify_promises_new (bool complete);
void pt_verify_promises_free (PtVerifyPromises *promises);

/* The officials that an entry names, as the file registers them; NULL: it does not. */
typedef struct
{
  const PtOfficialFacts *by, *to;
  const uint8_t *by_key;
} PtVerifySigners;

/* Judges an action, notice or profile, and takes it if it holds, or where only an earlier file
 * could say that it does not. false when memory is short. */
bool pt_verify_promises_entry (PtVerifyPromises *promises, const PtEntry *entry, const PtHash *leaf,
                               const PtVerifySigners *signers, PtRule *rule);
