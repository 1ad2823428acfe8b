/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-rules.h"

/* What an entry that breaks @rule does wrong, translated; static. */
const char *pt_rule_words (PtRule rule);

/* A complaint's state ("rejecting") for people; @slug where it is none that is known. */
const char *pt_state_words (const char *slug);
