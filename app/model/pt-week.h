/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#define PT_WEEK_MS (G_GINT64_CONSTANT (7) * 86400000)

/* A site's last seven days: how long of them it had supply, was without, or is not known. */
typedef struct
{
  gint64 on, off, unknown; /* ms */
  guint interruptions;     /* of several devices at once: one */
} PtWeek;

/* @outages: PtOutage, in any order; NULL: none is known. @now: where the week ends, ms. Supply is
 * known from @known_from (0: never) to @heard_to, and an outage that lasts is known so far. */
PtWeek pt_week_reckon (GPtrArray *outages, gint64 now, gint64 known_from, gint64 heard_to);
