/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-clock.h"

#define DELAY_MOST_MS 3600000
#define SPEED_SPAN_US                                                                              \
  (3 * G_USEC_PER_SEC)                  /* what a stepped clock's speed is seen over, at least     \
                                         */
#define SPEED_LEAST_US G_USEC_PER_SEC   /* one step says nothing of speed */
#define STANDS_US (10 * G_USEC_PER_SEC) /* without a step for so long it stands */

typedef struct
{
  PtClockFunc func;
  gpointer user_data;
} Watch;

/* When a stepped clock showed what. */
typedef struct
{
  gint64 real_us; /* monotonic; 0: never */
  gint64 now_ms;
} Sight;

struct _PtClock
{
  gatomicrefcount references;
  PtClockSource source;
  gint64 origin_ms, started_ms; /* scaled */
  double speed;
  GMutex lock;      /* of what follows */
  gint64 now_ms;    /* stepped, manual */
  Sight older, old; /* stepped: how fast it is seen to be */
  gint64 stepped_us;
  GMutex watch_lock; /* taken before the other, and while watches are told */
  GArray *watches;   /* Watch */
};

static PtClock *
clock_new (PtClockSource source)
{
  PtClock *clock = g_new0 (PtClock, 1);

  g_atomic_ref_count_init (&clock->references);
  g_mutex_init (&clock->lock);
  g_mutex_init (&clock->watch_lock);
  clock->source = source;
  clock->speed = 1.0;
  clock->watches = g_array_new (FALSE, FALSE, sizeof (Watch));
  return clock;
}

PtClock *
pt_clock_new_real (void)
{
  return clock_new (PT_CLOCK_REAL);
}

PtClock *
pt_clock_new_scaled (gint64 origin_ms, gint64 started_ms, double speed)
{
  PtClock *clock;

  g_return_val_if_fail (speed >= 1.0 && speed <= 100000.0, NULL);

  clock = clock_new (PT_CLOCK_SCALED);
  clock->origin_ms = origin_ms;
  clock->started_ms = started_ms;
  clock->speed = speed;
  return clock;
}

PtClock *
pt_clock_new_stepped (gint64 now_ms)
{
  PtClock *clock = clock_new (PT_CLOCK_STEPPED);

  clock->now_ms = now_ms;
  return clock;
}

PtClock *
pt_clock_new_manual (gint64 now_ms)
{
  PtClock *clock = clock_new (PT_CLOCK_MANUAL);

  clock->now_ms = now_ms;
  return clock;
}

void
pt_clock_manual_set (PtClock *clock, gint64 now_ms)
{
  g_return_if_fail (clock != NULL && clock->source == PT_CLOCK_MANUAL);

  g_mutex_lock (&clock->lock);
  clock->now_ms = now_ms;
  g_mutex_unlock (&clock->lock);
}

PtClock *
pt_clock_ref (PtClock *clock)
{
  g_return_val_if_fail (clock != NULL, NULL);

  g_atomic_ref_count_inc (&clock->references);
  return clock;
}

void
pt_clock_unref (PtClock *clock)
{
  g_return_if_fail (clock != NULL);

  if (!g_atomic_ref_count_dec (&clock->references))
    return;
  g_array_unref (clock->watches);
  g_mutex_clear (&clock->watch_lock);
  g_mutex_clear (&clock->lock);
  g_free (clock);
}

/* With the lock held: notes what the clock showed, now and then. */
static void
clock_see (PtClock *clock)
{
  gint64 real_us = g_get_monotonic_time ();

  if (clock->stepped_us == 0 || real_us - clock->stepped_us > STANDS_US)
    clock->old = clock->older = (Sight){ real_us, clock->now_ms };
  else if (real_us - clock->old.real_us >= SPEED_SPAN_US)
    {
      clock->older = clock->old;
      clock->old = (Sight){ real_us, clock->now_ms };
    }
  clock->stepped_us = real_us;
}

gboolean
pt_clock_step (PtClock *clock, gint64 now_ms)
{
  gboolean forward;

  g_return_val_if_fail (clock != NULL && clock->source == PT_CLOCK_STEPPED, FALSE);

  g_mutex_lock (&clock->lock);
  forward = now_ms >= clock->now_ms;
  if (forward)
    {
      clock_see (clock);
      clock->now_ms = now_ms;
    }
  g_mutex_unlock (&clock->lock);
  if (!forward)
    return FALSE;
  g_mutex_lock (&clock->watch_lock);
  for (guint i = 0; i < clock->watches->len; i++)
    {
      const Watch *watch = &g_array_index (clock->watches, Watch, i);

      watch->func (watch->user_data);
    }
  g_mutex_unlock (&clock->watch_lock);
  return TRUE;
}

void
pt_clock_add_watch (PtClock *clock, PtClockFunc func, gpointer user_data)
{
  Watch watch = { func, user_data };

  g_return_if_fail (clock != NULL && func != NULL);

  g_mutex_lock (&clock->watch_lock);
  g_array_append_val (clock->watches, watch);
  g_mutex_unlock (&clock->watch_lock);
}

void
pt_clock_remove_watch (PtClock *clock, PtClockFunc func, gpointer user_data)
{
  g_return_if_fail (clock != NULL && func != NULL);

  g_mutex_lock (&clock->watch_lock);
  for (guint i = clock->watches->len; i-- > 0;)
    {
      const Watch *watch = &g_array_index (clock->watches, Watch, i);

      if (watch->func == func && watch->user_data == user_data)
        g_array_remove_index (clock->watches, i);
    }
  g_mutex_unlock (&clock->watch_lock);
}

static gint64
clock_standing_now (PtClock *clock)
{
  gint64 now;

  g_mutex_lock (&clock->lock);
  now = clock->now_ms;
  g_mutex_unlock (&clock->lock);
  return now;
}

static gint64
clock_scaled_now (const PtClock *clock)
{
  double elapsed_ms = (double) (g_get_real_time () - clock->started_ms * 1000) / 1000.0;

  return elapsed_ms <= 0 ? clock->origin_ms
                         : clock->origin_ms + (gint64) (elapsed_ms * clock->speed);
}

gint64
pt_clock_now (PtClock *clock)
{
  g_return_val_if_fail (clock != NULL, 0);

  switch (clock->source)
    {
    case PT_CLOCK_REAL:
      return g_get_real_time () / 1000;
    case PT_CLOCK_SCALED:
      return clock_scaled_now (clock);
    case PT_CLOCK_STEPPED:
    case PT_CLOCK_MANUAL:
      return clock_standing_now (clock);
    }
  g_assert_not_reached ();
}

PtClockSource
pt_clock_source (PtClock *clock)
{
  g_return_val_if_fail (clock != NULL, PT_CLOCK_REAL);

  return clock->source;
}

const char *
pt_clock_source_name (PtClockSource source)
{
  switch (source)
    {
    case PT_CLOCK_REAL:
      return "real";
    case PT_CLOCK_SCALED:
      return "scaled";
    case PT_CLOCK_STEPPED:
      return "stepped";
    case PT_CLOCK_MANUAL:
      return "manual";
    }
  g_assert_not_reached ();
}

/* A whole number, for it is a look at something that moves in jerks. */
static double
clock_seen_speed (PtClock *clock)
{
  gint64 real_us = g_get_monotonic_time (), elapsed_us, moved_ms;

  g_mutex_lock (&clock->lock);
  elapsed_us = MAX (real_us - clock->older.real_us, SPEED_LEAST_US);
  moved_ms = clock->now_ms - clock->older.now_ms;
  if (clock->stepped_us == 0 || real_us - clock->stepped_us > STANDS_US)
    moved_ms = 0;
  g_mutex_unlock (&clock->lock);
  return (double) (gint64) ((double) moved_ms * 1000.0 / (double) elapsed_us + 0.5);
}

double
pt_clock_speed (PtClock *clock)
{
  g_return_val_if_fail (clock != NULL, 1.0);

  return clock->source == PT_CLOCK_STEPPED ? clock_seen_speed (clock) : clock->speed;
}

guint
pt_clock_delay (PtClock *clock, gint64 at_ms)
{
  gint64 left;

  g_return_val_if_fail (clock != NULL, 1);

  if (clock->source == PT_CLOCK_MANUAL)
    return 5;
  left = at_ms - pt_clock_now (clock);
  if (clock->source == PT_CLOCK_STEPPED)
    return left > 0 ? DELAY_MOST_MS : 1;
  /* Rounded up, so that the clock shows at_ms when the wait is over. */
  return (guint) CLAMP ((double) left / clock->speed + 1.0, 1.0, (double) DELAY_MOST_MS);
}
