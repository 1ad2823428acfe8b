/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "pt-base.h"

/* Strict readers of what people and files write. Each returns FALSE for anything else. */

/* Digits only, 0 to 2^53 - 1. */
gboolean pt_fleet_parse_integer (const char *text, gint64 *out);

/* A decimal like "-122.96677" as an integer in 1e-7, without floating point; further decimals are
 * rounded half away from zero. |out| <= @limit degrees. */
gboolean pt_fleet_parse_degrees (const char *text, int limit, gint64 *out);

/* To the nearest multiple of PT_HOUSE_CELL, half away from zero. */
gint64 pt_fleet_round_to_cell (gint64 degrees);

/* "500ms", "30s", "15m", "1h", "7d", in ms; at least 1 ms and at most 3650 days. */
gboolean pt_fleet_parse_duration (const char *text, gint64 *ms);

/* Milliseconds since 1970, or an ISO 8601 time (UTC when it names no zone). */
gboolean pt_fleet_parse_time (const char *text, gint64 *ms);

/* An identifier made of any UTF-8 text: each character that one cannot hold becomes "-", a first
 * one that is no letter or digit gets a "d" before it, and what is over 64 is cut. */
void pt_fleet_make_id (const char *text, char out[PT_ID_MAX + 1]);

/* The same with "-2", "-3", ... at its end, cut to fit. */
void pt_fleet_number_id (const char *id, guint number, char out[PT_ID_MAX + 1]);

/* ISO 8601 in UTC to the minute, for people. */
char *pt_fleet_format_time (gint64 ms);
