/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "pt-http-client.h"

/* A ticket for filing or joining, and what the daemon knows of the place already. */
typedef struct
{
  JsonNode *node;                 /* the daemon's answer */
  const char *complaint, *ticket; /* its own */
  guint bits;
  JsonObject *known; /* or NULL */
} PtComplaintTicket;

void pt_complaint_ticket_clear (PtComplaintTicket *ticket);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtComplaintTicket, pt_complaint_ticket_clear)

gboolean pt_complaint_ticket_join (PtHttpClient *client, const char *url, const char *area,
                                   const char *complaint, PtComplaintTicket *out, GError **error);
/* @site NULL: the cell at @lat, @lon. */
gboolean pt_complaint_ticket_file (PtHttpClient *client, const char *url, const char *area,
                                   const char *category, const char *site, gint64 lat, gint64 lon,
                                   PtComplaintTicket *out, GError **error);

/* What is known at the place: an outage, others who complain, announcements. On standard error.
 * FALSE: nothing. */
gboolean pt_complaint_ticket_print_known (const PtComplaintTicket *ticket);
