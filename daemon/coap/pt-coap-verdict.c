/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-verdict.h"

#define CODE(class, detail) ((class) << 5 | (detail))

typedef struct
{
  PtErrorCode error;
  guint8 code;
  const char *sentence;
} Verdict;

static const Verdict verdicts[] = {
  { PT_ERROR_MALFORMED, CODE (4, 0), "It is no report. Send one as docs/PROTOCOL.md says." },
  { PT_ERROR_NOT_CANONICAL, CODE (4, 0), "It is not in its one form." },
  { PT_ERROR_TOO_PRECISE, CODE (4, 0), "A house's place is finer than a cell." },
  { PT_ERROR_WRONG_SITE, CODE (4, 0), "The device is registered at another site." },
  { PT_ERROR_CLOCK_SKEW, CODE (4, 0), "Its time is ahead of the daemon's. Set the clock." },
  { PT_ERROR_UNAUTHORIZED, CODE (4, 1), "The session names no device." },
  { PT_ERROR_BAD_SIGNATURE, CODE (4, 3), "Its signature is not by the registered key." },
  { PT_ERROR_REVOKED_DEVICE, CODE (4, 3), "The device is revoked." },
  { PT_ERROR_NOT_YOURS, CODE (4, 3),
    "The session is another device's, or its certificate's key is "
    "not the registered one." },
  { PT_ERROR_UNKNOWN_AREA, CODE (4, 4), "There is no such area." },
  { PT_ERROR_UNKNOWN_DEVICE, CODE (4, 4), "The device is not registered." },
  { PT_ERROR_STALE_SEQ, CODE (4, 9), "Its counter was used before, or is too far behind." },
  { PT_ERROR_TOO_LARGE, CODE (4, 13), "It is larger than a report." },
  { PT_ERROR_UNSUPPORTED, CODE (4, 15), "Send content format 60 (CBOR) or 50 (JSON)." },
  { PT_ERROR_TOO_MANY, CODE (4, 29), "Too many at once. Send fewer." },
  { PT_ERROR_BUSY, CODE (5, 3), "It could not be stored just now. Send it again." },
  { PT_ERROR_RETRY, CODE (5, 3), "It could not be stored just now. Send it again." },
};

static const Verdict *
verdict_find (guint verdict)
{
  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++)
    if (verdicts[i].error == verdict)
      return &verdicts[i];
  return NULL;
}

guint8
pt_coap_verdict_code (guint verdict)
{
  const Verdict *found = verdict_find (verdict);

  if (verdict == PT_COAP_TAKEN)
    return CODE (2, 4);
  return found != NULL ? found->code : CODE (5, 0);
}

char *
pt_coap_verdict_text (guint verdict)
{
  const Verdict *found = verdict_find (verdict);

  if (verdict == PT_COAP_TAKEN)
    return NULL;
  return g_strdup_printf ("%s: %s", pt_error_slug ((PtErrorCode) verdict),
                          found != NULL ? found->sentence : "The daemon could not answer this.");
}
