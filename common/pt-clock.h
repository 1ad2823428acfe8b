/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The injected clock. Everything that asks for the time of day asks this: the real clock; a scaled
 * one (history replayed with its true times, faster than it was); a stepped one (the same, but
 * whoever replays moves it on, so that no machine is too slow for it); or a test's own.
 * Thread-safe. */
typedef struct _PtClock PtClock;

/* The source, as configurations and /status name it. */
typedef enum
{
  PT_CLOCK_REAL,
  PT_CLOCK_SCALED,
  PT_CLOCK_STEPPED,
  PT_CLOCK_MANUAL
} PtClockSource;

typedef void (*PtClockFunc) (gpointer user_data);

PtClock *pt_clock_new_real (void);

/* Milliseconds since 1970 = @origin_ms + (real now - @started_ms) * @speed; @speed from 1 to
 * 100000. Before @started_ms: @origin_ms. */
PtClock *pt_clock_new_scaled (gint64 origin_ms, gint64 started_ms, double speed);

/* Stands at @now_ms until it is stepped on. */
PtClock *pt_clock_new_stepped (gint64 now_ms);
/* Moves a stepped clock on to @now_ms and tells its watches; FALSE, and nothing changes, where that
 * would move it back. */
gboolean pt_clock_step (PtClock *clock, gint64 now_ms);
/* @func is called after each step of a stepped clock, on the thread that stepped it and with no
 * lock held; it must be quick. When the second returns, @func runs no more. Other clocks never
 * call. */
void pt_clock_add_watch (PtClock *clock, PtClockFunc func, gpointer user_data);
void pt_clock_remove_watch (PtClock *clock, PtClockFunc func, gpointer user_data);

/* A test's: stands at @now_ms until it is moved. */
PtClock *pt_clock_new_manual (gint64 now_ms);
void pt_clock_manual_set (PtClock *clock, gint64 now_ms);

PtClock *pt_clock_ref (PtClock *clock);
void pt_clock_unref (PtClock *clock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtClock, pt_clock_unref)

gint64 pt_clock_now (PtClock *clock); /* ms since 1970, UTC */
PtClockSource pt_clock_source (PtClock *clock);
const char *pt_clock_source_name (PtClockSource source); /* "real", "scaled", "stepped", "manual" */
/* How many of its milliseconds pass in one real one. Of a stepped clock: what was seen in the last
 * seconds, 0 when it stands. */
double pt_clock_speed (PtClock *clock);
/* Real milliseconds (at least 1) until the clock shows @at_ms; 1 when that is past. A stepped clock
 * can't know: an hour, and the caller is woken by a watch. A manual clock: 5. */
guint pt_clock_delay (PtClock *clock, gint64 at_ms);
