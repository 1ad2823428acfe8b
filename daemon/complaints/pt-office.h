/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-catalogs.h"
#include "pt-limits.h"
#include "pt-p256.h"
#include "pt-sessions.h"
#include "pt-ticket.h"
#include "pt-work.h"

/* By what it is counted how much is asked for. */
typedef enum
{
  PT_LIMIT_ADDRESS, /* of who asks: IPv4, or the first 64 bits of IPv6 */
  PT_LIMIT_KEY,     /* a citizen's */
  PT_LIMIT_SITE,    /* area and place */
  PT_LIMIT_AREA,
  PT_LIMIT_COUNT
} PtLimit;

/* All that the doors of complaints have together. Any thread. */
typedef struct
{
  PtClock *clock;
  PtTickets *tickets;
  PtWork *work;
  PtLimits *limits;
  PtSessions *sessions;
  char *photos;         /* the program that writes them anew; NULL: none are taken */
  char *host;           /* what the daemon is called; NULL: as whoever asks calls it */
  char *gateway;        /* the token of those who hand in for others; NULL: nobody may */
  PtCatalogs *catalogs; /* what is said to those who have no browser */
  PtSigner signer;      /* the service key; one thread at a time */
  GMutex signing;
} PtOffice;

typedef struct
{
  const char *tickets_key; /* a file, made where it is missing */
  guint work_bits, work_per_minute;
  PtLimitRate rates[PT_LIMIT_COUNT];
  const char *gateway_token_file, *host; /* or NULL */
  const char *texts;                     /* the folder of translations */
  const PtP256Key *service_key;          /* outlives it */
  PtDirectory *directory;
} PtOfficeConfig;

/* @clock: of real time. PT_ERROR_CONFIGURATION. */
PtOffice *pt_office_new (const PtOfficeConfig *config, PtClock *clock, GError **error);
void pt_office_free (PtOffice *office);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtOffice, pt_office_free)

/* Whether it is the token of those who hand in for others. */
gboolean pt_office_is_gateway (PtOffice *office, const char *token);
/* The entry as it is handed in, signed with the service key. */
GBytes *pt_office_sign (PtOffice *office, const PtEntry *fields, GError **error);
/* Takes one of each limit that has a name, @names by PtLimit, NULL where it has none. FALSE with
 * PT_ERROR_TOO_MANY, and *@wait gets seconds. */
gboolean pt_office_admit (PtOffice *office, const char *const names[PT_LIMIT_COUNT], guint *wait,
                          GError **error);
/* Whether the ticket is good for now and was worked for; PT_ERROR_TICKET_EXPIRED,
 * PT_ERROR_BAD_WORK. @text, @nonce: NULL where they are missing. */
gboolean pt_office_read_ticket (PtOffice *office, const char *text, const char *nonce,
                                PtTicketWords *out, GError **error);
