/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "complaint-known.h"
#include "pt-actor.h"

/* Signs one action, shows what is signed, and sends it. */

typedef struct
{
  const char *verb; /* "complaint resolve": for messages */
  const char *url;
  PtHttpClient *client;
  const PtActor *actor;
  PtEntry fields;      /* what is signed; spans unescaped, the caller's */
  const char *summary; /* what is done, a sentence */
  const char *private; /* or NULL */
  GPtrArray *photos;   /* PtPhoto; or NULL */
  const char *ticket;  /* or NULL, with @bits of work */
  guint bits;
  const char *path; /* "/api/v1/actions" */
  gboolean yes, json;
  const char *receipt_file; /* or NULL */
} PtPost;

/* The answer of the daemon; NULL and *@status, what the verb returns, after saying why. */
JsonNode *pt_post_send (PtPost *post, int *status);

/* The signed entry without asking or sending; NULL and an error. */
char *pt_post_sign (const PtPost *post, GError **error);

/* Shows what will be signed and asks. FALSE: *@status is to be returned. */
gboolean pt_post_show (const PtPost *post, int *status);

/* The receipt in the daemon's @answer, canonical, where it is for exactly @stored. */
GBytes *pt_post_receipt (JsonObject *answer, const PtEntry *stored, GError **error);
/* Into the file at @path (NULL: nowhere), a line. */
gboolean pt_post_keep_receipt (GBytes *receipt, const char *path, GError **error);
