/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-rules.h"

/* What an entry that breaks @rule does wrong, translated; static. */
const char *pt_rule_words (PtRule rule);
