/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

/* Complaints in words, as the daemon tells them. */

/* "resolved, against the evidence": a row's state and how it is closed. */
char *pt_complaint_state_words (JsonObject *row);
/* "2 h 05 min left", "overdue by 3 h 00 min", "-". */
char *pt_complaint_clock_words (JsonObject *row, gint64 now);
/* "T-0001", "near 25.59, 85.13". */
char *pt_complaint_place_words (JsonObject *row);

/* One step of a chain, on standard error or output. */
void pt_complaint_print_step (JsonObject *step, gboolean is_error);
