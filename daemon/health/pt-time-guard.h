/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-clock.h"
#include "pt-health.h"

/* Whether the time of day may be believed. What is received gets it, and windows are cut by it: one
 * bad answer about the time, one flat battery, and everything after it would be dated a year ahead
 * and sealed then. So nothing gets a time from a clock
 *
 * - that shows less than what is stored already, or than any machine's does;
 * - that jumped ahead, as the time since the machine was started tells, until it jumps back, or a
 *   new block of the chain has its time too, or it stood by it for ten minutes and no block said
 *   otherwise.
 *
 * Nor is anything sealed by one that the chain's blocks, coming as fast as the time passes, are
 * long before. That alone does not stop what is handed in: it may be the endpoint that is late, and
 * what is not sealed can be given another time.
 *
 * While it is so, health says it. All threads, but for making and freeing. */
typedef struct _PtTimeGuard PtTimeGuard;

typedef enum
{
  PT_TIME_HOLDS,
  PT_TIME_AHEAD,  /* of the chain: nothing is sealed */
  PT_TIME_BEHIND, /* what is stored is later: nothing is taken in either */
  PT_TIME_DOUBTED /* it jumped: likewise */
} PtTimeVerdict;

#define PT_TIME_SLACK_MS (60 * 1000)            /* what a clock may be put right by unseen */
#define PT_TIME_SETTLES_MS (10 * 60 * 1000)     /* how long a jump is doubted */
#define PT_TIME_BLOCK_SLACK_MS (10 * 60 * 1000) /* how far a block may be from the clock */
#define PT_TIME_LEAST_MS G_GINT64_CONSTANT (1735689600000) /* 2025: no machine's time is before */

/* Milliseconds since something that never moves, sleep included. */
typedef gint64 (*PtTimePassed) (gpointer user_data);

/* CLOCK_BOOTTIME (clock_gettime(2)). */
gint64 pt_time_passed_since_boot (gpointer user_data);

/* @passed: what the machine's clock is held against; NULL: @clock is not the machine's, and only
 * what is stored is. Both outlive it, and @health. */
PtTimeGuard *pt_time_guard_new (PtClock *clock, PtHealth *health, PtTimePassed passed,
                                gpointer user_data);
void pt_time_guard_free (PtTimeGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtTimeGuard, pt_time_guard_free)

/* Whether something new may get the time *@now (ms), where @newest (ms) is the latest that
 * something stored has; 0: nothing. What is a little behind counts as @newest. */
PtTimeVerdict pt_time_guard_ask (PtTimeGuard *guard, gint64 newest, gint64 *now);

/* Whether it is worth asking the chain for its newest block. */
gboolean pt_time_guard_wants_block (PtTimeGuard *guard);
/* The chain's newest block has this number and time (ms). */
void pt_time_guard_saw_block (PtTimeGuard *guard, guint64 number, gint64 time);
