/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-entry.h"
#include "pt-signature.h"

/* What an area's authority has signed of its officials, as far as the daemon showed it: what the
 * signatures of their acts are held against, and not the keys that it names beside them. One thread
 * at a time. */

typedef struct _PtVouch PtVouch;

typedef enum
{
  PT_VOUCH_UNKNOWN, /* what was signed could not be had */
  PT_VOUCH_NOBODY,  /* the authority had signed nothing of her then */
  PT_VOUCH_FOUND
} PtVouchAnswer;

/* @authority_key: base64url; NULL: it is not known, and nothing will be. */
PtVouch *pt_vouch_new (const char *area, const char *authority_key);
/* @answer: of GET /officials/{area}/{official}; NULL: there is none of the name. What is no
 * registration of hers by the authority counts for nothing. */
void pt_vouch_add (PtVouch *vouch, const char *official, JsonNode *answer);
/* The newest registration from before @received, in @out; borrowed. */
PtVouchAnswer pt_vouch_find (const PtVouch *vouch, PtSpan official, gint64 received,
                             const PtEntry **out);
void pt_vouch_free (PtVouch *vouch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtVouch, pt_vouch_free)
