/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What a profile promises, for people: its categories and their limits, and what holds for all.
 * Prints; FALSE: @document is no profile. */
gboolean pt_profile_print (const char *document);
