/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-actor.h"
#include "pt-http-client.h"

#include <json-glib/json-glib.h>

/* An official files for somebody who has no key: the service signs, and she is logged in. */

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
