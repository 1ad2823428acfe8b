/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-entry.h"
#include "pt-http-client.h"

/* A complaint as the daemon tells it, and what the next entry has to stand on. */

/* What somebody typed, "1234 567 890", as it stands in the log; NULL where a number's check digit
 * says that one was mistyped, or it is no id at all. */
char *pt_complaint_typed (const char *text, GError **error);

/* As it is shown: numbers in groups. */
char *pt_complaint_shown (const char *id);

typedef struct
{
  JsonNode *node; /* as GET /complaints/{area}/{id} answers */
  JsonObject *object;
  char *area, *id;
  gint64 n;    /* its entries */
  PtHash last; /* leaf hash of the newest, reckoned here */
  char *site;  /* NULL: its place is a cell */
  gint64 lat, lon;
} PtComplaintKnown;

/* @area NULL: wherever the number is. */
PtComplaintKnown *pt_complaint_known_ask (PtHttpClient *client, const char *url, const char *area,
                                          const char *id, GError **error);
/* With what was hidden, for an officer with a session and for whoever hid it. */
PtComplaintKnown *pt_complaint_known_ask_hidden (PtHttpClient *client, const char *url,
                                                 const char *area, const char *id, GError **error);
/* Takes @node. */
PtComplaintKnown *pt_complaint_known_read (JsonNode *node, GError **error);
void pt_complaint_known_free (PtComplaintKnown *known);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtComplaintKnown, pt_complaint_known_free)

/* Its steps, each an object; never NULL. */
JsonArray *pt_complaint_known_chain (const PtComplaintKnown *known);
