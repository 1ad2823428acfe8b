/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batch-state.h"
#include "pt-entry.h"
#include "pt-feed-complaints.h"
#include "pt-vouch.h"

/* One complaint, looked at closely: its chain as the daemon gives it, each entry's exact bytes read
 * and checked here. What is shown of a step is what its entry says, not what the daemon says of it.
 */

/* Worse ones come later. */
typedef enum
{
  PT_STEP_SIGNED,    /* by somebody who might, and it follows the step before */
  PT_STEP_UNCHECKED, /* with the key that is named, but whose that is could not be asked */
  PT_STEP_UNTIMELY,  /* it might not be done then */
  PT_STEP_FORBIDDEN, /* whoever signed may not do this to the complaint */
  PT_STEP_STRANGER,  /* whoever signed was not registered by the authority then */
  PT_STEP_FORGED,    /* the signature does not hold */
  PT_STEP_BROKEN     /* it does not follow: number, hash of the step before, place or complaint */
} PtStepVerdict;

typedef struct
{
  char *sha256; /* of what was sent */
  char *url;    /* below the daemon's address */
} PtComplaintPhoto;

typedef struct
{
  gint64 n, ts, received; /* ms */
  PtAction action;
  char *by;         /* "citizen", "service" or an official's id */
  char *name, *key; /* the office as the daemon names it, or NULL; base64url */
  PtRole role;      /* of an official */
  char *note;       /* "": none */
  char *to, *of;    /* or NULL */
  PtEvidence evidence;
  PtAftermath later;
  PtHash leaf;
  gint64 index, batch, block; /* -1: in none yet */
  PtBatchState batch_state;   /* open: in none yet */
  PtStepVerdict verdict;
  /* What a citizen's words are, for who is logged in. */
  gboolean has_private, is_erased, is_hidden;
  char *text, *contact;
  /* Of the newest act of hiding them, or showing them again; NULL: there was none. */
  char *moderated_by, *moderated_name, *moderated_reason;
  gint64 moderated_at; /* ms */
  GPtrArray *photos;   /* PtComplaintPhoto */
} PtComplaintStep;

typedef struct
{
  PtComplaint *complaint;
  GPtrArray *steps; /* PtComplaintStep, in order */
  char *lie;        /* how it contradicts what was seen before, for people; NULL: it doesn't */
} PtComplaintDetail;

/* A PtFetchConvert for any thread. @data: PtVouch of its officials; NULL: nothing is known of them.
 * NULL: PT_ERROR_UNSUPPORTED. */
gpointer pt_complaint_detail_read (JsonNode *root, gconstpointer data, GError **error);
void pt_complaint_detail_free (PtComplaintDetail *detail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtComplaintDetail, pt_complaint_detail_free)

/* The officials whom its steps name, at most @max of them (char *). */
GPtrArray *pt_complaint_detail_officials (JsonNode *root, guint max);

/* The last step; NULL: there is none. */
const PtComplaintStep *pt_complaint_detail_last (const PtComplaintDetail *detail);
/* How many of its steps are worse than PT_STEP_UNCHECKED. */
guint pt_complaint_detail_faults (const PtComplaintDetail *detail);

/* Whether an official of @role (@by, with @public_key) may do @action now, by the rules of the log.
 */
gboolean pt_complaint_detail_may (const PtComplaintDetail *detail, PtAction action, PtRole role,
                                  const char *by, const guint8 public_key[PT_PUBLIC_KEY_SIZE]);
