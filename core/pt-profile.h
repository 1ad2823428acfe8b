/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-complaint.h"

/* The profile of an area: docs/PROTOCOL.md section 11. What is promised about complaints, and how
 * interruptions are counted. */

/* More of either do not fit into a document. */
#define PT_PROFILE_ROWS_MAX 400

typedef struct
{
  PtSpan id;
  bool has_evidence; /* "power": devices tell whether it was resolved */
  int64_t acknowledge_min, resolve_min;
  PtSpan titles; /* an object of texts under language tags, canonical JSON */
} PtProfileCategory;

/* What each customer of the site is owed. */
typedef struct
{
  PtSpan category, currency; /* ISO 4217 */
  int64_t after_min, each_min;
  int64_t minor; /* of the currency's smallest unit, for every each_min that began */
  int64_t times; /* at most; 0: without end */
} PtProfileCompensation;

typedef struct
{
  int64_t announce_min, held_min;
  int64_t reopen_days;
  int64_t sustained_ms;   /* an interruption is sustained when it lasts longer */
  int64_t utc_offset_min; /* of the area's days */
  bool beta;              /* major event days by IEEE 1366's beta method */
  bool two_person[2];     /* reject, revoke */
  unsigned category_count, compensation_count;
  PtProfileCategory categories[PT_PROFILE_ROWS_MAX];
  PtProfileCompensation compensation[PT_PROFILE_ROWS_MAX];
} PtProfile;

#define PT_TWO_PERSON_REJECT 0
#define PT_TWO_PERSON_REVOKE 1

/* Reads a profile's document, unescaped; @out's spans point into it. PT_MALFORMED,
 * PT_NOT_CANONICAL or PT_TOO_LARGE. */
PtResult pt_profile_parse (PtSpan document, PtProfile *out);

/* Or NULL. */
const PtProfileCategory *pt_profile_category (const PtProfile *profile, PtSpan id);

/* What it promises of a complaint of @category that is filed while it is in force. */
PtComplaintTerms pt_profile_terms (const PtProfile *profile, PtSpan category);
