/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-complaint-detail.h"
#include "pt-p256.h"

/* What an official is about to sign. Pure; strings are borrowed. */
typedef struct
{
  const char *area, *complaint;
  const char *site; /* NULL: the cell */
  gint64 lat, lon;  /* 1e-7 degree */
  gint64 n;
  PtHash prev;
  PtAction action;
  const char *by;   /* the official's id */
  const char *note; /* "": none */
  const char *to;   /* of an assign */
  const char *of;   /* of a duplicate; without spaces */
  gint64 ts;        /* ms */
} PtActionDraft;

/* The next step of @detail. */
void pt_action_draft_init (PtActionDraft *draft, const PtComplaintDetail *detail, PtAction action,
                           const char *by, gint64 ts);
/* The exact bytes that are signed, prefix line included; PT_ERROR_MALFORMED with a sentence of what
 * is missing. */
char *pt_action_draft_text (const PtActionDraft *draft, GError **error);
/* The entry with its signature, as it is posted. */
char *pt_action_draft_sign (const PtActionDraft *draft, const PtP256Key *key, GError **error);
