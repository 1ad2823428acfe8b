/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-clock.h"

typedef enum
{
  CLOCK_REAL,
  CLOCK_SCALED,
  CLOCK_MANUAL
} ClockKind;

struct _PtClock
{
  gatomicrefcount references;
  ClockKind kind;
  gint64 origin_ms, started_ms;
  double speed;
  GMutex lock;
  gint64 now_ms; /* manual */
};

static PtClock *
clock_new (ClockKind kind)
{
  PtClock *clock = g_new0 (PtClock, 1);

  g_atomic_ref_count_init (&clock->references);
  g_mutex_init (&clock->lock);
  clock->kind = kind;
  clock->speed = 1.0;
  return clock;
}

PtClock *
pt_clock_new_real (void)
{
  return clock_new (CLOCK_REAL);
}

PtClock *
pt_clock_new_scaled (gint64 origin_ms, gint64 started_ms, double speed)
{
  PtClock *clock;

  g_return_val_if_fail (speed >= 1.0 && speed <= 100000.0, NULL);

  clock = clock_new (CLOCK_SCALED);
  clock->origin_ms = origin_ms;
  clock->started_ms = started_ms;
  clock->speed = speed;
  return clock;
}

PtClock *
pt_clock_new_manual (gint64 now_ms)
{
  PtClock *clock = clock_new (CLOCK_MANUAL);

  clock->now_ms = now_ms;
  return clock;
}

void
pt_clock_manual_set (PtClock *clock, gint64 now_ms)
{
  g_return_if_fail (clock != NULL && clock->kind == CLOCK_MANUAL);

  g_mutex_lock (&clock->lock);
  clock->now_ms = now_ms;
  g_mutex_unlock (&clock->lock);
}

PtClock *
pt_clock_ref (PtClock *clock)
{
  g_atomic_ref_count_inc (&clock->references);
  return clock;
}

void
pt_clock_unref (PtClock *clock)
{
  if (!g_atomic_ref_count_dec (&clock->references))
    return;
  g_mutex_clear (&clock->lock);
  g_free (clock);
}

static gint64
clock_manual_now (PtClock *clock)
{
  gint64 now;

  g_mutex_lock (&clock->lock);
  now = clock->now_ms;
  g_mutex_unlock (&clock->lock);
  return now;
}

gint64
pt_clock_now (PtClock *clock)
{
  gint64 real_us = g_get_real_time ();
  double elapsed_ms;

  if (clock->kind == CLOCK_MANUAL)
    return clock_manual_now (clock);
  if (clock->kind == CLOCK_REAL)
    return real_us / 1000;
  elapsed_ms = (double) (real_us - clock->started_ms * 1000) / 1000.0;
  return elapsed_ms <= 0 ? clock->origin_ms
                         : clock->origin_ms + (gint64) (elapsed_ms * clock->speed);
}

double
pt_clock_speed (PtClock *clock)
{
  return clock->speed;
}

guint
pt_clock_delay (PtClock *clock, gint64 at_ms)
{
  double wait;

  if (clock->kind == CLOCK_MANUAL)
    return 5;
  wait = (double) (at_ms - pt_clock_now (clock)) / clock->speed;
  /* Rounded up, so that the clock shows at_ms when the wait is over. */
  return (guint) CLAMP (wait + 1.0, 1.0, 3600000.0);
}
