/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-steps.h"

#define NAP_US 100000        /* the longest sleep before looking whether to stop */
#define AGAIN_FIRST_US 10000 /* doubled each time */
#define AGAIN_MOST_US 1000000
#define TROUBLE_US                                                                                 \
  3000000 /* sealing may be behind for a moment; longer, and people want to know                   \
           */

struct _PtFleetSteps
{
  PtFleetStepsOptions options;
  PtFleetLink *link;
  PtFleetClock *clock;
  GMutex mutex; /* of what follows, and of the link */
  GCond stepped;
  guint arrived, turn;
  gboolean begun, over;
  gint64 due; /* monotonic us: no step before it */
  GMutex trouble_mutex;
  char *trouble;
};

PtFleetSteps *
pt_fleet_steps_new (const PtFleetStepsOptions *options, PtFleetLink *link, PtFleetClock *clock)
{
  PtFleetSteps *steps;

  g_return_val_if_fail (options != NULL && options->members > 0, NULL);
  g_return_val_if_fail (link != NULL && clock != NULL, NULL);

  steps = g_new0 (PtFleetSteps, 1);
  steps->options = *options;
  steps->link = link;
  steps->clock = clock;
  g_mutex_init (&steps->mutex);
  g_cond_init (&steps->stepped);
  g_mutex_init (&steps->trouble_mutex);
  return steps;
}

void
pt_fleet_steps_free (PtFleetSteps *steps)
{
  if (steps == NULL)
    return;
  g_free (steps->trouble);
  g_mutex_clear (&steps->trouble_mutex);
  g_cond_clear (&steps->stepped);
  g_mutex_clear (&steps->mutex);
  g_free (steps);
}

/* What the clock shows next. A run that was interrupted goes on in the step in which it was. */
static gint64
steps_next (const PtFleetSteps *steps)
{
  const PtFleetGrid *grid = &steps->options.grid;
  gint64 now = pt_fleet_clock_now (steps->clock);

  if (!steps->begun)
    return pt_fleet_grid_end (grid, MAX (now, steps->options.begin));
  /* Past the end, so that the last windows are over. */
  return now >= steps->options.end ? now + 1 : pt_fleet_grid_end (grid, now + 1);
}

static void
nap_until (gint64 until, const atomic_bool *stop)
{
  for (gint64 left = until - g_get_monotonic_time (); left > 0 && !*stop;
       left = until - g_get_monotonic_time ())
    g_usleep ((gulong) MIN (left, NAP_US));
}

/* No step comes sooner after the last than it was asked for; one that is late is not made good. */
static void
steps_keep_pace (PtFleetSteps *steps, gint64 next, const atomic_bool *stop)
{
  gint64 length = next - pt_fleet_clock_now (steps->clock);

  if (steps->options.speed <= 0)
    return;
  if (steps->begun)
    {
      steps->due += (gint64) ((double) length * 1000.0 / steps->options.speed);
      nap_until (steps->due, stop);
    }
  steps->due = MAX (steps->due, g_get_monotonic_time ());
}

static void
steps_tell_trouble (PtFleetSteps *steps, const GError *error)
{
  g_mutex_lock (&steps->trouble_mutex);
  g_free (steps->trouble);
  steps->trouble = g_strdup (error->message);
  g_mutex_unlock (&steps->trouble_mutex);
}

char *
pt_fleet_steps_take_trouble (PtFleetSteps *steps)
{
  char *trouble;

  g_return_val_if_fail (steps != NULL, NULL);

  g_mutex_lock (&steps->trouble_mutex);
  trouble = g_steal_pointer (&steps->trouble);
  g_mutex_unlock (&steps->trouble_mutex);
  return trouble;
}

/* With the lock held. */
static gboolean
steps_make (PtFleetSteps *steps, const atomic_bool *stop, GError **error)
{
  gint64 next = steps_next (steps), wait = AGAIN_FIRST_US, begun;

  steps_keep_pace (steps, next, stop);
  begun = g_get_monotonic_time ();
  while (!*stop)
    {
      g_autoptr (GError) local = NULL;

      switch (pt_fleet_link_step (steps->link, next, &local))
        {
        case PT_FLEET_ANSWERED:
          steps->over = steps->begun && next > steps->options.end;
          steps->begun = TRUE;
          pt_fleet_clock_set (steps->clock, next);
          return TRUE;
        case PT_FLEET_AGAIN:
          if (g_get_monotonic_time () - begun >= TROUBLE_US)
            steps_tell_trouble (steps, local);
          nap_until (g_get_monotonic_time () + wait, stop);
          wait = MIN (wait * 2, AGAIN_MOST_US);
          break;
        case PT_FLEET_TOO_LARGE:
        case PT_FLEET_REFUSED:
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return FALSE;
}

gboolean
pt_fleet_steps_wait (PtFleetSteps *steps, const atomic_bool *stop, GError **error)
{
  gboolean good = TRUE;
  guint turn;

  g_return_val_if_fail (steps != NULL && stop != NULL, FALSE);

  g_mutex_lock (&steps->mutex);
  turn = steps->turn;
  if (++steps->arrived < steps->options.members)
    while (steps->turn == turn && !*stop)
      g_cond_wait_until (&steps->stepped, &steps->mutex, g_get_monotonic_time () + NAP_US);
  else
    {
      good = steps_make (steps, stop, error);
      steps->arrived = 0;
      steps->turn++;
      g_cond_broadcast (&steps->stepped);
    }
  good = good && !steps->over && !*stop;
  g_mutex_unlock (&steps->mutex);
  return good;
}

void
pt_fleet_steps_repeat (PtFleetSteps *steps)
{
  g_return_if_fail (steps != NULL);

  g_mutex_lock (&steps->mutex);
  if (steps->begun)
    pt_fleet_link_step (steps->link, pt_fleet_clock_now (steps->clock), NULL);
  g_mutex_unlock (&steps->mutex);
}
