/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-rule-words.h"

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
  [PT_RULE_RESERVED_ID] = N_ ("no official may have the id citizen or service"),
  [PT_RULE_SEQ_USED] = N_ ("the counter was used before"),
  [PT_RULE_SEQ_OLD] = N_ ("the counter is more than 4096 behind the device's highest"),
  [PT_RULE_SEQ_BEFORE_KEY]
  = N_ ("the counter is not above what the device had when its key was registered"),
  [PT_RULE_COMPLAINT_N] = N_ ("n is not the complaint's next number"),
  [PT_RULE_COMPLAINT_PREV] = N_ ("prev is not the complaint's last leaf hash"),
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
