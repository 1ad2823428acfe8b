/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "pt-rules.h"

/* One error domain for all programs. Each code has a D-Bus error name and a slug for HTTP problems
 * (RFC 9457). The message is a sentence that says what to do. */

#define PT_ERROR (pt_error_quark ())

typedef enum
{
  PT_ERROR_FAILED, /* "internal" */
  PT_ERROR_MALFORMED,
  PT_ERROR_NOT_CANONICAL,
  PT_ERROR_TOO_PRECISE,
  PT_ERROR_UNKNOWN_AREA,
  PT_ERROR_UNKNOWN_DEVICE,
  PT_ERROR_UNKNOWN_OFFICIAL,
  PT_ERROR_REVOKED_DEVICE,
  PT_ERROR_REVOKED_OFFICIAL,
  PT_ERROR_WRONG_SITE,
  PT_ERROR_BAD_SIGNATURE,
  PT_ERROR_STALE_SEQ,
  PT_ERROR_STALE_ENTRY, /* a registration not newer than the one it would replace */
  PT_ERROR_CLOCK_SKEW,
  PT_ERROR_TOO_LARGE,
  PT_ERROR_UNSUPPORTED, /* a media type that is not taken */
  PT_ERROR_BUSY,
  PT_ERROR_NOT_FOUND,
  PT_ERROR_WRONG_METHOD, /* the address is there, but not for this HTTP method */
  PT_ERROR_NOT_ANCHORED, /* asked for a proof before the batch is on the chain */
  PT_ERROR_UNAUTHORIZED,
  PT_ERROR_FORBIDDEN,      /* known, and still not allowed to */
  PT_ERROR_NOT_YOURS,      /* a report of another device than the one that sent it */
  PT_ERROR_TOO_MANY,       /* asked for too often: later */
  PT_ERROR_BAD_WORK,       /* not what a ticket asks for */
  PT_ERROR_TICKET_EXPIRED, /* or none of ours */
  PT_ERROR_CONFLICT,
  PT_ERROR_CONFIGURATION,
  PT_ERROR_RETRY,    /* goes away by itself */
  PT_ERROR_OPERATOR, /* needs the operator: funds, key, refused */
  PT_ERROR_STOP,     /* the process must end: fsync failed, a stored root is not the recomputed one,
                        head lost */
  PT_ERROR_COUNT
} PtErrorCode;

GQuark pt_error_quark (void);
const char *pt_error_slug (PtErrorCode code);
/* The code that a core result is reported as. */
PtErrorCode pt_error_from_result (PtResult result);
/* The code that an entry which breaks @rule is refused with. */
PtErrorCode pt_error_from_rule (PtRule rule);
/* The slug of any GError: that of its code in this domain, else "internal". */
const char *pt_error_to_slug (const GError *error);
