/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-time-guard.h"

#include <time.h>

#define BLOCK_EVERY_MS (60 * 1000) /* how often the chain is asked, between doubts */
#define DOUBTED_EVERY_MS (5 * 1000)

/* A block when it was the chain's newest. */
typedef struct
{
  guint64 number; /* 0: none yet */
  gint64 time;    /* ms, its own */
  gint64 seen;    /* ms, by what passed */
} Sight;

struct _PtTimeGuard
{
  PtClock *clock;
  PtHealth *health;
  PtTimePassed passed;
  gpointer user_data;
  GMutex lock;   /* guards what follows */
  gint64 offset; /* the clock less what passed, where it is believed */
  gboolean begun, was_behind;
  gint64 jumped; /* when a jump was seen, by what passed; 0: none is doubted */
  gint64 asked;  /* when the chain was, by what passed; 0: never */
  Sight block;
  gint64 ahead; /* ms: how far the clock is ahead of blocks that come at its speed; 0: it is not */
};

gint64
pt_time_passed_since_boot (gpointer user_data)
{
  struct timespec time;

  clock_gettime (CLOCK_BOOTTIME, &time);
  return (gint64) time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

PtTimeGuard *
pt_time_guard_new (PtClock *clock, PtHealth *health, PtTimePassed passed, gpointer user_data)
{
  PtTimeGuard *guard;

  g_return_val_if_fail (clock != NULL && health != NULL, NULL);

  guard = g_new0 (PtTimeGuard, 1);
  guard->clock = clock;
  guard->health = health;
  guard->passed = passed;
  guard->user_data = user_data;
  g_mutex_init (&guard->lock);
  return guard;
}

void
pt_time_guard_free (PtTimeGuard *guard)
{
  if (guard == NULL)
    return;
  g_mutex_clear (&guard->lock);
  g_free (guard);
}

static char *
time_text (gint64 ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (ms / 1000);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M:%S UTC")
                      : g_strdup_printf ("%" G_GINT64_FORMAT " ms", ms);
}

/* With the lock held, as all that follows. */

static void
guard_believe (PtTimeGuard *guard, gint64 now, gint64 passed)
{
  guard->offset = now - passed;
  guard->begun = TRUE;
  guard->jumped = 0;
}

/* A clock that was behind what is stored is put right by a jump. */
static void
guard_look_for_jump (PtTimeGuard *guard, gint64 now, gint64 passed)
{
  gint64 moved = now - passed - guard->offset;

  if (!guard->begun || guard->was_behind || moved <= PT_TIME_SLACK_MS)
    guard_believe (guard, now, passed);
  else if (guard->jumped == 0)
    guard->jumped = MAX (passed, 1);
  else if (passed - guard->jumped >= PT_TIME_SETTLES_MS && guard->ahead == 0)
    guard_believe (guard, now, passed);
}

static void
guard_say (PtTimeGuard *guard, PtTimeVerdict verdict, gint64 now, gint64 newest)
{
  g_autofree char *shown = time_text (now), *stored = time_text (newest), *sentence = NULL;

  switch (verdict)
    {
    case PT_TIME_HOLDS:
      pt_health_say (guard->health, PT_HEALTH_CLOCK, PT_HEALTH_WELL, NULL);
      return;
    case PT_TIME_BEHIND:
      sentence = g_strdup_printf ("The clock shows %s, but what is stored reaches to %s. Set the "
                                  "clock right, or, if it is and was ahead before, wait or restore "
                                  "a copy. Until then nothing is taken in.",
                                  shown, stored);
      break;
    case PT_TIME_AHEAD:
      sentence
          = g_strdup_printf ("The machine's clock shows %s, and the chain's blocks, which come "
                             "in time, are long before that. Set the clock right, or give an "
                             "endpoint that is not late; until then nothing is sealed.",
                             shown);
      break;
    case PT_TIME_DOUBTED:
      sentence
          = g_strdup_printf ("The machine's clock jumped ahead, to %s. If that is wrong, set it "
                             "right. It is believed once the chain agrees or it stood by it "
                             "for 10 minutes; until then nothing is taken in or sealed.",
                             shown);
      break;
    }
  pt_health_say (guard->health, PT_HEALTH_CLOCK, PT_HEALTH_ASKS, sentence);
}

PtTimeVerdict
pt_time_guard_ask (PtTimeGuard *guard, gint64 newest, gint64 *now)
{
  g_autoptr (GMutexLocker) locker = NULL;
  PtTimeVerdict verdict = PT_TIME_HOLDS;

  g_return_val_if_fail (guard != NULL && now != NULL, PT_TIME_DOUBTED);

  locker = g_mutex_locker_new (&guard->lock);
  *now = pt_clock_now (guard->clock);
  if (guard->passed != NULL)
    newest = MAX (newest, PT_TIME_LEAST_MS);
  if (newest > *now + PT_TIME_SLACK_MS)
    verdict = PT_TIME_BEHIND;
  else if (guard->passed != NULL)
    {
      guard_look_for_jump (guard, *now, guard->passed (guard->user_data));
      if (guard->jumped != 0)
        verdict = PT_TIME_DOUBTED;
      else if (guard->ahead > 0)
        verdict = PT_TIME_AHEAD;
    }
  guard->was_behind = verdict == PT_TIME_BEHIND;
  guard_say (guard, verdict, *now, newest);
  return verdict;
}

gboolean
pt_time_guard_wants_block (PtTimeGuard *guard)
{
  g_autoptr (GMutexLocker) locker = NULL;
  gint64 since;

  if (guard == NULL || guard->passed == NULL)
    return FALSE;
  locker = g_mutex_locker_new (&guard->lock);
  since = guard->passed (guard->user_data) - guard->asked;
  return guard->asked == 0
         || since >= (guard->jumped != 0 || guard->ahead > 0 ? DOUBTED_EVERY_MS : BLOCK_EVERY_MS);
}

/* Whether blocks came at about the speed at which the time passes: an endpoint that is catching up,
 * or a chain that stands still, says nothing of the time. */
static gboolean
came_in_time (const Sight *before, const Sight *block)
{
  gint64 real = block->seen - before->seen, theirs = block->time - before->time;

  return before->number != 0 && block->number > before->number && real >= BLOCK_EVERY_MS / 2
         && theirs >= real / 2 - PT_TIME_SLACK_MS / 2
         && theirs <= real + real / 2 + PT_TIME_SLACK_MS / 2;
}

void
pt_time_guard_saw_block (PtTimeGuard *guard, guint64 number, gint64 time)
{
  g_autoptr (GMutexLocker) locker = NULL;
  Sight block;
  gint64 now;

  g_return_if_fail (guard != NULL);

  if (guard->passed == NULL)
    return;
  locker = g_mutex_locker_new (&guard->lock);
  now = pt_clock_now (guard->clock);
  block = (Sight){ number, time, guard->passed (guard->user_data) };
  guard->asked = MAX (block.seen, 1);
  if (ABS (now - time) <= PT_TIME_BLOCK_SLACK_MS)
    {
      guard->ahead = 0;
      if (guard->jumped != 0 && number > guard->block.number)
        guard_believe (guard, now, block.seen);
    }
  else if (now > time && came_in_time (&guard->block, &block))
    guard->ahead = now - time;
  if (guard->block.number == 0 || block.seen - guard->block.seen >= BLOCK_EVERY_MS / 2
      || number < guard->block.number)
    guard->block = block;
}
