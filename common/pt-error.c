/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-error.h"

#include <gio/gio.h>

#define NAME_PREFIX "org.powertracker.Error."

/* The D-Bus names come first so that GDBus can use the table as it is. */
static const GDBusErrorEntry names[] = {
  { PT_ERROR_FAILED, NAME_PREFIX "Internal" },
  { PT_ERROR_MALFORMED, NAME_PREFIX "Malformed" },
  { PT_ERROR_NOT_CANONICAL, NAME_PREFIX "NotCanonical" },
  { PT_ERROR_TOO_PRECISE, NAME_PREFIX "TooPrecise" },
  { PT_ERROR_UNKNOWN_AREA, NAME_PREFIX "UnknownArea" },
  { PT_ERROR_UNKNOWN_DEVICE, NAME_PREFIX "UnknownDevice" },
  { PT_ERROR_UNKNOWN_OFFICIAL, NAME_PREFIX "UnknownOfficial" },
  { PT_ERROR_REVOKED_DEVICE, NAME_PREFIX "RevokedDevice" },
  { PT_ERROR_REVOKED_OFFICIAL, NAME_PREFIX "RevokedOfficial" },
  { PT_ERROR_WRONG_SITE, NAME_PREFIX "WrongSite" },
  { PT_ERROR_BAD_SIGNATURE, NAME_PREFIX "BadSignature" },
  { PT_ERROR_STALE_SEQ, NAME_PREFIX "StaleSeq" },
  { PT_ERROR_STALE_ENTRY, NAME_PREFIX "StaleEntry" },
  { PT_ERROR_CLOCK_SKEW, NAME_PREFIX "ClockSkew" },
  { PT_ERROR_TOO_LARGE, NAME_PREFIX "TooLarge" },
  { PT_ERROR_UNSUPPORTED, NAME_PREFIX "Unsupported" },
  { PT_ERROR_BUSY, NAME_PREFIX "Busy" },
  { PT_ERROR_NOT_FOUND, NAME_PREFIX "NotFound" },
  { PT_ERROR_WRONG_METHOD, NAME_PREFIX "WrongMethod" },
  { PT_ERROR_NOT_ANCHORED, NAME_PREFIX "NotAnchored" },
  { PT_ERROR_UNAUTHORIZED, NAME_PREFIX "Unauthorized" },
  { PT_ERROR_FORBIDDEN, NAME_PREFIX "Forbidden" },
  { PT_ERROR_NOT_YOURS, NAME_PREFIX "NotYours" },
  { PT_ERROR_TOO_MANY, NAME_PREFIX "TooMany" },
  { PT_ERROR_BAD_WORK, NAME_PREFIX "BadWork" },
  { PT_ERROR_TICKET_EXPIRED, NAME_PREFIX "TicketExpired" },
  { PT_ERROR_CONFLICT, NAME_PREFIX "Conflict" },
  { PT_ERROR_CONFIGURATION, NAME_PREFIX "Configuration" },
  { PT_ERROR_RETRY, NAME_PREFIX "Retry" },
  { PT_ERROR_OPERATOR, NAME_PREFIX "Operator" },
  { PT_ERROR_STOP, NAME_PREFIX "Stop" },
};

static const char *const slugs[] = {
  [PT_ERROR_FAILED] = "internal",
  [PT_ERROR_MALFORMED] = "malformed",
  [PT_ERROR_NOT_CANONICAL] = "not-canonical",
  [PT_ERROR_TOO_PRECISE] = "too-precise",
  [PT_ERROR_UNKNOWN_AREA] = "unknown-area",
  [PT_ERROR_UNKNOWN_DEVICE] = "unknown-device",
  [PT_ERROR_UNKNOWN_OFFICIAL] = "unknown-official",
  [PT_ERROR_REVOKED_DEVICE] = "revoked-device",
  [PT_ERROR_REVOKED_OFFICIAL] = "revoked-official",
  [PT_ERROR_WRONG_SITE] = "wrong-site",
  [PT_ERROR_BAD_SIGNATURE] = "bad-signature",
  [PT_ERROR_STALE_SEQ] = "stale-seq",
  [PT_ERROR_STALE_ENTRY] = "stale-entry",
  [PT_ERROR_CLOCK_SKEW] = "clock-skew",
  [PT_ERROR_TOO_LARGE] = "too-large",
  [PT_ERROR_UNSUPPORTED] = "unsupported",
  [PT_ERROR_BUSY] = "busy",
  [PT_ERROR_NOT_FOUND] = "not-found",
  [PT_ERROR_WRONG_METHOD] = "wrong-method",
  [PT_ERROR_NOT_ANCHORED] = "not-anchored",
  [PT_ERROR_UNAUTHORIZED] = "unauthorized",
  [PT_ERROR_FORBIDDEN] = "forbidden",
  [PT_ERROR_NOT_YOURS] = "not-yours",
  [PT_ERROR_TOO_MANY] = "too-many",
  [PT_ERROR_BAD_WORK] = "bad-work",
  [PT_ERROR_TICKET_EXPIRED] = "ticket-expired",
  [PT_ERROR_CONFLICT] = "conflict",
  [PT_ERROR_CONFIGURATION] = "configuration",
  [PT_ERROR_RETRY] = "retry",
  [PT_ERROR_OPERATOR] = "operator",
  [PT_ERROR_STOP] = "stop",
};

G_STATIC_ASSERT (G_N_ELEMENTS (names) == PT_ERROR_COUNT);
G_STATIC_ASSERT (G_N_ELEMENTS (slugs) == PT_ERROR_COUNT);

GQuark
pt_error_quark (void)
{
  static gsize quark = 0;

  g_dbus_error_register_error_domain ("pt-error-quark", &quark, names, G_N_ELEMENTS (names));
  return (GQuark) quark;
}

const char *
pt_error_slug (PtErrorCode code)
{
  return (guint) code < PT_ERROR_COUNT ? slugs[code] : slugs[PT_ERROR_FAILED];
}

PtErrorCode
pt_error_from_result (PtResult result)
{
  switch (result)
    {
    case PT_NOT_CANONICAL:
      return PT_ERROR_NOT_CANONICAL;
    case PT_TOO_PRECISE:
      return PT_ERROR_TOO_PRECISE;
    case PT_TOO_LARGE:
      return PT_ERROR_TOO_LARGE;
    case PT_BAD_SIGNATURE:
      return PT_ERROR_BAD_SIGNATURE;
    case PT_MALFORMED:
    case PT_BAD_KEY:
    case PT_BAD_PROOF:
    case PT_BAD_TIME:
    case PT_BAD_WINDOW:
    case PT_BAD_ROSTER:
    case PT_BAD_CID:
      return PT_ERROR_MALFORMED;
    case PT_OK:
    case PT_NO_SPACE:
    case PT_STOPPED:
    case PT_NOT_CHECKED:
    case PT_RESULT_COUNT:
      break;
    }
  return PT_ERROR_FAILED;
}

PtErrorCode
pt_error_from_rule (PtRule rule)
{
  switch (rule)
    {
    case PT_RULE_UNKNOWN_AREA:
      return PT_ERROR_UNKNOWN_AREA;
    case PT_RULE_UNKNOWN_DEVICE:
      return PT_ERROR_UNKNOWN_DEVICE;
    case PT_RULE_UNKNOWN_OFFICIAL:
      return PT_ERROR_UNKNOWN_OFFICIAL;
    case PT_RULE_REVOKED_DEVICE:
      return PT_ERROR_REVOKED_DEVICE;
    case PT_RULE_REVOKED_OFFICIAL:
      return PT_ERROR_REVOKED_OFFICIAL;
    case PT_RULE_WRONG_SITE:
      return PT_ERROR_WRONG_SITE;
    case PT_RULE_BAD_SIGNATURE:
      return PT_ERROR_BAD_SIGNATURE;
    case PT_RULE_AHEAD:
      return PT_ERROR_CLOCK_SKEW;
    case PT_RULE_NOT_NEWER:
      return PT_ERROR_STALE_ENTRY;
    case PT_RULE_SEQ_USED:
    case PT_RULE_SEQ_OLD:
    case PT_RULE_SEQ_BEFORE_KEY:
    case PT_RULE_SEQ_LOST:
      return PT_ERROR_STALE_SEQ;
    case PT_RULE_COMPLAINT_N:
    case PT_RULE_COMPLAINT_PREV:
    case PT_RULE_COMPLAINT_PLACE:
    case PT_RULE_COMPLAINT_WHO:
    case PT_RULE_COMPLAINT_STATE:
    case PT_RULE_COMPLAINT_CATEGORY:
    case PT_RULE_COMPLAINT_TO:
    case PT_RULE_COMPLAINT_OF:
    case PT_RULE_COMPLAINT_LATE:
    case PT_RULE_NOTICE_N:
    case PT_RULE_NOTICE_PREV:
    case PT_RULE_NOTICE_WHO:
    case PT_RULE_NOTICE_CHANGED:
    case PT_RULE_NOTICE_EARLIER:
    case PT_RULE_NOTICE_ENDED:
    case PT_RULE_LOST_NOT_BELOW:
    case PT_RULE_LOST_USED:
      return PT_ERROR_CONFLICT;
    case PT_RULE_BAD_KEY:
    case PT_RULE_BAD_PROFILE:
    case PT_RULE_OTHER_AREA:
    case PT_RULE_ORDER:
    case PT_RULE_WINDOW:
    case PT_RULE_AFTER_ROSTER:
    case PT_RULE_ROSTER_TIME:
    case PT_RULE_ROSTER_BATCH:
    case PT_RULE_ROSTER_EXPECTED:
    case PT_RULE_ROSTER_HEARD:
    case PT_RULE_ROSTER_SILENT:
    case PT_RULE_ROSTER_BLOCK:
    case PT_RULE_ROSTER_MISSING:
      return PT_ERROR_MALFORMED;
    case PT_RULE_HOLDS:
    case PT_RULE_COUNT:
      break;
    }
  return PT_ERROR_FAILED;
}

const char *
pt_error_to_slug (const GError *error)
{
  if (error == NULL || error->domain != PT_ERROR)
    return slugs[PT_ERROR_FAILED];
  return pt_error_slug ((PtErrorCode) error->code);
}
