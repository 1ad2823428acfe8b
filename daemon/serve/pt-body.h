/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "pt-budget.h"
#include "pt-refusals.h"

/* What a client sends, kept as it comes: within the bound of its route, and within one for all of
 * them together, which counts it until its message is answered. Who goes beyond is refused at once
 * (413, 503) and the connection is closed. Main loop. */

/* When the head is there. @most: bytes; 0: the body is passed over, up to 1 MiB. @refusals: count
 * it where it is refused; or NULL. */
void pt_body_begin (SoupServerMessage *message, gsize most, PtBudget *budget, PtRefusals *refusals);
/* All that came; empty where there was none. */
GBytes *pt_body_take (SoupServerMessage *message);
