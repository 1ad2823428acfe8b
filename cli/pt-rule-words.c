/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rule-words.h"

#include <string.h>

#include "pt-i18n.h"

static const char *const words[PT_RULE_COUNT] = {
  [PT_RULE_HOLDS] = N_ ("it holds"),
  [PT_RULE_UNKNOWN_AREA] = N_ ("the area is not registered"),
  [PT_RULE_UNKNOWN_DEVICE] = N_ ("the device is not registered in this area"),
  [PT_RULE_UNKNOWN_OFFICIAL] = N_ ("the official is not registered here"),
  [PT_RULE_REVOKED_DEVICE] = N_ ("the device is revoked"),
  [PT_RULE_REVOKED_OFFICIAL] = N_ ("the official is revoked"),
  [PT_RULE_WRONG_SITE] = N_ ("site or place differ from the device's registration"),
  [PT_RULE_BAD_SIGNATURE] = N_ ("the signature does not hold"),
  [PT_RULE_BAD_KEY] = N_ ("the registered key is not a point on the curve"),
  [PT_RULE_NOT_NEWER] = N_ ("the registration is not newer than the one before"),
  [PT_RULE_SEQ_USED] = N_ ("the counter was used before"),
  [PT_RULE_SEQ_OLD] = N_ ("the counter is more than 4096 behind the device's highest"),
  [PT_RULE_SEQ_BEFORE_KEY]
  = N_ ("the counter is not above what the device had when its key was registered"),
  [PT_RULE_COMPLAINT_N] = N_ ("n is not the complaint's next number"),
  [PT_RULE_COMPLAINT_PREV] = N_ ("prev is not the complaint's last leaf hash"),
  [PT_RULE_COMPLAINT_PLACE] = N_ ("its place is not that of the complaint's first entry"),
  [PT_RULE_COMPLAINT_WHO] = N_ ("whoever acts may not do this to the complaint"),
  [PT_RULE_COMPLAINT_STATE] = N_ ("the complaint is in a state in which this may not be done"),
  [PT_RULE_COMPLAINT_CATEGORY] = N_ ("the profile in force has no such category"),
  [PT_RULE_COMPLAINT_TO] = N_ ("it is assigned to nobody who is an active operator or officer"),
  [PT_RULE_COMPLAINT_OF] = N_ ("it is called a duplicate of nothing that stands"),
  [PT_RULE_COMPLAINT_LATE] = N_ ("it was reopened too long after it had been confirmed"),
  [PT_RULE_NOTICE_N] = N_ ("n is not the notice's next number"),
  [PT_RULE_NOTICE_PREV] = N_ ("prev is not the notice's last leaf hash"),
  [PT_RULE_NOTICE_WHO] = N_ ("an auditor announces nothing"),
  [PT_RULE_NOTICE_CHANGED]
  = N_ ("about, scope or target are not those of the notice's first entry"),
  [PT_RULE_NOTICE_EARLIER] = N_ ("the shutdown begins earlier than was announced"),
  [PT_RULE_NOTICE_ENDED] = N_ ("the notice was withdrawn before"),
  [PT_RULE_BAD_PROFILE] = N_ ("its document is no profile"),
  [PT_RULE_LOST_NOT_BELOW] = N_ ("counters that are lost are not all below the device's highest"),
  [PT_RULE_LOST_USED] = N_ ("a counter that is called lost is in the log"),
  [PT_RULE_SEQ_LOST] = N_ ("the device had said that this counter is lost"),
  [PT_RULE_OTHER_AREA] = N_ ("it is of another area"),
  [PT_RULE_ORDER] = N_ ("received is before that of the entry above"),
  [PT_RULE_WINDOW] = N_ ("received lies outside the batch's window"),
  [PT_RULE_AHEAD] = N_ ("ts is more than 5 minutes later than received"),
  [PT_RULE_AFTER_ROSTER] = N_ ("an entry after the roster"),
  [PT_RULE_ROSTER_TIME] = N_ ("the roster's received is not the batch's to"),
  [PT_RULE_ROSTER_BATCH] = N_ ("the roster names another batch"),
  [PT_RULE_ROSTER_EXPECTED] = N_ ("the roster's expected is not the number of active devices"),
  [PT_RULE_ROSTER_HEARD]
  = N_ ("the roster's heard is not the number of active devices that this batch holds"),
  [PT_RULE_ROSTER_SILENT] = N_ ("the roster's silent_root is not that of the devices not heard"),
  [PT_RULE_ROSTER_BLOCK] = N_ ("the roster names no block of the chain, and one before it did"),
  [PT_RULE_ROSTER_MISSING] = N_ ("the batch has no roster"),
};

const char *
pt_rule_words (PtRule rule)
{
  return _ (words[rule]);
}

static const struct
{
  const char *slug, *words;
} states[] = {
  { "open", N_ ("open") },
  { "acknowledged", N_ ("acknowledged") },
  { "assigned", N_ ("assigned") },
  { "resolved", N_ ("resolved") },
  { "rejecting", N_ ("rejected, waits for a second officer") },
  { "rejected", N_ ("rejected") },
  { "duplicate", N_ ("duplicate") },
  { "confirmed", N_ ("confirmed") },
  { "withdrawn", N_ ("withdrawn") },
};

const char *
pt_state_words (const char *slug)
{
  for (size_t i = 0; i < sizeof states / sizeof *states; i++)
    if (strcmp (states[i].slug, slug) == 0)
      return _ (states[i].words);
  return slug;
}
