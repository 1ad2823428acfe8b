/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The injected clock. Everything that asks for the time of day asks this: the real clock, a scaled
 * one (history replayed with its true times, faster than it was), or a test's own. Thread-safe. */
typedef struct _PtClock PtClock;

PtClock *pt_clock_new_real (void);

/* Milliseconds since 1970 = @origin_ms + (real now - @started_ms) * @speed; @speed from 1 to
 * 100000. Before @started_ms: @origin_ms. */
PtClock *pt_clock_new_scaled (gint64 origin_ms, gint64 started_ms, double speed);

/* A test's: stands at @now_ms until it is moved. */
PtClock *pt_clock_new_manual (gint64 now_ms);
void pt_clock_manual_set (PtClock *clock, gint64 now_ms);

PtClock *pt_clock_ref (PtClock *clock);
void pt_clock_unref (PtClock *clock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtClock, pt_clock_unref)

gint64 pt_clock_now (PtClock *clock); /* ms since 1970, UTC */
double pt_clock_speed (PtClock *clock);
/* Real milliseconds (at least 1) until the clock shows @at_ms; 1 when that is past. A manual
 * clock: 5. */
guint pt_clock_delay (PtClock *clock, gint64 at_ms);
