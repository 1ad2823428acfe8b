/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-batch-state.h"
#include "pt-entry.h"
#include "pt-feed-complaints.h"

/* One complaint, looked at closely: its chain as the daemon gives it, each entry's exact bytes read
 * and checked here. What is shown of a step is what its entry says, not what the daemon says of it.
 */

typedef enum
{
  PT_STEP_SIGNED, /* with the key that is named, and it follows the step before */
  PT_STEP_FORGED, /* the signature does not hold */
  PT_STEP_BROKEN  /* it does not follow: number, hash of the step before, place or complaint */
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
  GPtrArray *photos; /* PtComplaintPhoto */
} PtComplaintStep;

typedef struct
{
  PtComplaint *complaint;
  GPtrArray *steps; /* PtComplaintStep, in order */
} PtComplaintDetail;

/* A PtFetchConvert without data, for any thread. NULL: PT_ERROR_UNSUPPORTED. */
gpointer pt_complaint_detail_read (JsonNode *root, gconstpointer data, GError **error);
void pt_complaint_detail_free (PtComplaintDetail *detail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtComplaintDetail, pt_complaint_detail_free)

/* The last step; NULL: there is none. */
const PtComplaintStep *pt_complaint_detail_last (const PtComplaintDetail *detail);
/* How many of its steps are not PT_STEP_SIGNED. */
guint pt_complaint_detail_faults (const PtComplaintDetail *detail);

/* Whether an official of @role (@by, with @public_key) may do @action now, by the rules of the log.
 */
gboolean pt_complaint_detail_may (const PtComplaintDetail *detail, PtAction action, PtRole role,
                                  const char *by, const guint8 public_key[PT_PUBLIC_KEY_SIZE]);
