/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"
#include "pt-clock.h"

/* Tickets: the right to file one complaint, or to join one, for half an hour. Nothing is kept of
 * those that were given: a ticket says itself what it is for, under an HMAC (RFC 2104, SHA-256) of
 * a key that is kept in the state directory, so that a new start knows those of the one before. */

#define PT_TICKET_TEXT_MAX 512
#define PT_TICKET_LIFE_MS (30 * 60 * 1000)
#define PT_TICKETS_SPENT_MAX 100000 /* joins in half an hour */

typedef struct
{
  char area[PT_AREA_MAX + 1];
  char complaint[PT_ID_MAX + 1];
  gboolean joins;               /* it is for one more who joins; else it is for filing */
  char category[PT_ID_MAX + 1]; /* to file */
  char site[PT_ID_MAX + 1];     /* to file; empty: the cell */
  gint64 lat, lon;              /* of the cell, 1e-7 degrees */
  guint bits;                   /* of work */
  gint64 expires;               /* ms */
} PtTicketWords;

/* Any thread. */
typedef struct _PtTickets PtTickets;

/* @path: of the key, made where it is missing, mode 0600; PT_ERROR_CONFIGURATION where others may
 * read it. @clock: of real time, since that is what work takes. */
PtTickets *pt_tickets_new (const char *path, PtClock *clock, GError **error);
void pt_tickets_free (PtTickets *tickets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtTickets, pt_tickets_free)

/* Whether a number is a complaint's already. */
typedef gboolean (*PtNumberIsTaken) (const char *number, gpointer data);

/* A number that no complaint has, at random. PT_ERROR_RETRY. */
gboolean pt_tickets_draw (PtNumberIsTaken is_taken, gpointer data, char *out, GError **error);

/* Sets its expiry. base64url. NULL with PT_ERROR_RETRY. */
char *pt_tickets_issue (PtTickets *tickets, PtTicketWords *ticket, GError **error);

/* PT_ERROR_TICKET_EXPIRED for one that has expired or is none of ours. */
gboolean pt_tickets_read (PtTickets *tickets, PtSpan text, PtTicketWords *out, GError **error);

/* One that is for joining is good for one entry, whose @digest this is, as often as it is sent:
 * FALSE for any other, PT_ERROR_TICKET_EXPIRED; PT_ERROR_BUSY where too many are kept. */
gboolean pt_tickets_spend (PtTickets *tickets, PtSpan text, gint64 expires, const PtHash *digest,
                           GError **error);
/* The entry that it was spent on came too late for its place in the chain, by no fault of its own:
 * it is good for another one. Only for one that was properly signed, or one ticket would do for
 * all. */
void pt_tickets_give_back (PtTickets *tickets, PtSpan text, const PtHash *digest);
