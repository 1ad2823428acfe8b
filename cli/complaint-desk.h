/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "complaint-known.h"
#include "pt-actor.h"
#include "pt-http-client.h"

/* An official files or acts for somebody who has no key: the service signs, and she is logged in.
 */

typedef struct
{
  const char *area, *category, *site; /* site NULL: the cell */
  gint64 lat, lon;                    /* 1e-7 degree */
  const char *text, *contact;         /* contact may be NULL */
  const char *by;                     /* "desk", "telephone" or "sms" */
  const char *receipt_file;           /* or NULL */
} PtDeskFiling;

/* The daemon's answer, held against what was asked; NULL and an error. */
JsonNode *pt_complaint_desk_file (PtHttpClient *client, const char *url, const PtDeskFiling *filing,
                                  const char *official, const PtActor *actor, GError **error);

typedef struct
{
  PtAction action;            /* join, comment or reopen */
  const char *text, *contact; /* or NULL */
  const char *by;             /* as above */
  const char *receipt_file;   /* or NULL */
} PtDeskAction;

/* Likewise, of a complaint that is there. */
JsonNode *pt_complaint_desk_act (PtHttpClient *client, const char *url,
                                 const PtComplaintKnown *known, const PtDeskAction *action,
                                 const char *official, const PtActor *actor, GError **error);

/* What is wrong with a way of coming to the desk; NULL: it is one. */
const char *pt_complaint_desk_fault (const char *by);
