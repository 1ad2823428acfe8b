/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-complaint.h"
#include "pt-profile.h"

/* One complaint's steps one after another, for who has its chain and not the log: the rules are
 * pt_rule_action ()'s, and what is not at hand is taken to be as it has to be. */

/* A citizen's key that is of the complaint. */
typedef struct
{
  const uint8_t *key;
  PtCitizenFacts facts;
} PtWalkCitizen;

/* All zero before the first step, but @citizens: room of the caller's for one a step. */
typedef struct
{
  PtComplaintFacts complaint; /* after the step that was taken last */
  PtWalkCitizen *citizens;
  size_t citizen_count;
} PtComplaintWalk;

/* What is known of a step; spans of the entry, and its key, are kept. */
typedef struct
{
  const PtEntry *entry;
  PtHash leaf;
  const PtEntry *official;  /* what vouches for its signer, where an official acts; NULL: unknown */
  const PtEntry *to;        /* of whom it is assigned to; likewise */
  const PtProfile *profile; /* in force then; NULL: unknown */
  PtEvidence evidence;      /* of a resolve */
  bool is_approved_next;    /* what tells of a reject where no profile is known that it waits */
} PtWalkStep;

/* Whether the step may follow, but for its signature and the complaint that a duplicate names.
 * Takes it, whatever is wrong with it. */
PtRule pt_complaint_walk (PtComplaintWalk *walk, const PtWalkStep *step);

/* Whether @entry, a registration of somebody or a profile, holds at @received (ms) rather than
 * @found, the one that was found until now (NULL: none): it was received by then and is newer. */
bool pt_complaint_holds_then (const PtEntry *entry, const PtEntry *found, int64_t received);

/* Whether the next of @entries (those behind a reject) that changes the state approves it. */
bool pt_complaint_is_approved (const PtEntry *const *entries, size_t count);
