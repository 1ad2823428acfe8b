/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a store that is nothing but what it has to be: beats, holders, and a token that is
 * swapped. Time is the test's own. */
#include <string.h>

#include "lease/pt-lease-plan.h"

#define LIFE 10000
#define TICK 20
#define MEMBERS 5
#define AREAS 12

/* By hand */

static PtLeaseMember
member (const char *name, guint64 beat)
{
  PtLeaseMember row = { .beat = beat };

  g_strlcpy (row.name, name, sizeof row.name);
  return row;
}

static PtLeaseArea
area (const char *holder, guint64 token, guint64 load)
{
  PtLeaseArea row = { .token = token, .load = load };

  g_strlcpy (row.holder, holder, sizeof row.holder);
  return row;
}

static void
assert_step (PtLeasePlan *plan, gint64 now, PtLeaseVerb verb, guint32 number, guint64 token)
{
  PtLeaseStep step = pt_lease_plan_next (plan, now);

  g_assert_cmpint (step.verb, ==, verb);
  if (verb == PT_LEASE_WAIT)
    g_assert_cmpint (step.until, >, now);
  if (verb != PT_LEASE_TAKE && verb != PT_LEASE_GIVE)
    return;
  g_assert_cmpuint (step.area, ==, number);
  g_assert_cmpuint (step.token, ==, token);
}

/* A daemon alone takes everything at once, and stops to be a holder where it can't beat. */
static void
test_alone (void)
{
  g_autoptr (PtLeasePlan) plan = pt_lease_plan_new ("a", LIFE);
  const PtLeaseMember members[] = { member ("a", 1) };
  PtLeaseArea areas[] = { area ("", 0, 0), area ("", 4, 0) };

  assert_step (plan, 100, PT_LEASE_BEAT, 0, 0);
  pt_lease_plan_beaten (plan, 100, 105, FALSE);
  assert_step (plan, 200, PT_LEASE_WAIT, 0, 0);
  assert_step (plan, 2100, PT_LEASE_BEAT, 0, 0);
  pt_lease_plan_beaten (plan, 2100, 2105, TRUE);
  g_assert_false (pt_lease_plan_is_sure (plan, 2200)); /* it has not looked */
  assert_step (plan, 2200, PT_LEASE_WAIT, 0, 0);
  pt_lease_plan_see (plan, 2200, 2210, members, 1, areas, 2);
  assert_step (plan, 2210, PT_LEASE_TAKE, 0, 0);
  pt_lease_plan_took (plan, 0, 1);
  assert_step (plan, 2220, PT_LEASE_TAKE, 1, 4);
  pt_lease_plan_missed (plan, 1);
  assert_step (plan, 2220, PT_LEASE_WAIT, 0, 0);
  g_assert_cmpuint (pt_lease_plan_token (plan, 0, 2230), ==, 1);
  g_assert_cmpuint (pt_lease_plan_token (plan, 1, 2230), ==, 0);
  g_assert_cmpuint (pt_lease_plan_token (plan, 2, 2230), ==, 0);
  areas[0] = area ("a", 1, 0);
  pt_lease_plan_beaten (plan, 4100, 4105, TRUE);
  pt_lease_plan_see (plan, 4110, 4120, members, 1, areas, 2);
  g_assert_cmpuint (pt_lease_plan_token (plan, 0, 4100 + 6665), ==, 1);
  g_assert_cmpuint (pt_lease_plan_token (plan, 0, 4100 + 6668), ==, 0);
  g_assert_cmpuint (pt_lease_plan_token (plan, 0, 4099), ==, 0); /* a clock that went back */
  assert_step (plan, 4099, PT_LEASE_BEAT, 0, 0);
}

/* Of two, each takes what is its own to take, and the other's after a while only. */
static void
test_shared (void)
{
  g_autoptr (PtLeasePlan) plan = pt_lease_plan_new ("a", LIFE);
  const PtLeaseMember members[] = { member ("a", 1), member ("b", 1) };
  PtLeaseArea areas[] = { area ("b", 1, 50), area ("a", 1, 50), area ("", 1, 9), area ("", 1, 9) };
  guint taken = 0;

  /* Area 1 was held by a process of this name before. */
  pt_lease_plan_beaten (plan, 100, 105, TRUE);
  pt_lease_plan_see (plan, 110, 120, members, 2, areas, 4);
  assert_step (plan, 120, PT_LEASE_TAKE, 1, 1);
  pt_lease_plan_took (plan, 1, 2);
  for (PtLeaseStep step; (step = pt_lease_plan_next (plan, 130)).verb == PT_LEASE_TAKE; taken++)
    pt_lease_plan_took (plan, step.area, 2);
  g_assert_cmpuint (taken, ==, 1);
  pt_lease_plan_beaten (plan, 2000, 2005, TRUE);
  assert_step (plan, 2619, PT_LEASE_WAIT, 0, 0);
  g_assert_cmpint (pt_lease_plan_next (plan, 2620).verb, ==, PT_LEASE_TAKE);
}

/* Another one's beat has to stand still for a life between looks; how long this one slept does not
 * matter. */
static void
test_death (void)
{
  g_autoptr (PtLeasePlan) plan = pt_lease_plan_new ("a", LIFE);
  PtLeaseMember members[] = { member ("a", 1), member ("b", 7) };
  const PtLeaseArea areas[] = { area ("b", 3, 0) };

  pt_lease_plan_beaten (plan, 0, 5, TRUE);
  pt_lease_plan_see (plan, 0, 10, members, 2, areas, 1);
  members[1].beat = 8;
  pt_lease_plan_beaten (plan, 60000, 60005, TRUE); /* it slept, the other did not */
  pt_lease_plan_see (plan, 60000, 60010, members, 2, areas, 1);
  assert_step (plan, 60010, PT_LEASE_WAIT, 0, 0);
  pt_lease_plan_beaten (plan, 70000, 70005, TRUE);
  pt_lease_plan_see (plan, 70009, 80000, members, 2, areas, 1); /* read at 70009, perhaps */
  pt_lease_plan_beaten (plan, 80000, 80005, TRUE);
  assert_step (plan, 80000, PT_LEASE_WAIT, 0, 0);
  pt_lease_plan_see (plan, 80000, 80010, members, 2, areas, 1);
  assert_step (plan, 80010, PT_LEASE_TAKE, 0, 3);
  pt_lease_plan_took (plan, 0, 4);
  members[1].beat = 9; /* it wakes, and finds another token */
  pt_lease_plan_beaten (plan, 81000, 81005, TRUE);
  pt_lease_plan_see (plan, 81000, 81010, members, 2, (PtLeaseArea[]){ area ("a", 4, 0) }, 1);
  g_assert_cmpuint (pt_lease_plan_token (plan, 0, 81010), ==, 4);
  pt_lease_plan_see (plan, 81020, 81030, members, 2, (PtLeaseArea[]){ area ("b", 5, 0) }, 1);
  g_assert_cmpuint (pt_lease_plan_token (plan, 0, 81030), ==, 0);
  /* A member that went, and said so. */
  pt_lease_plan_see (plan, 81040, 81050, members, 1, (PtLeaseArea[]){ area ("b", 5, 0) }, 1);
  assert_step (plan, 81050, PT_LEASE_TAKE, 0, 5);
}

static void
beat_and_look (PtLeasePlan *plan, gint64 now, PtLeaseMember *members, const PtLeaseArea *areas)
{
  members[1].beat++;
  pt_lease_plan_beaten (plan, now, now + 5, TRUE);
  pt_lease_plan_see (plan, now + 5, now + 10, members, 2, areas, 4);
}

/* Who has most gives, one at a time, and never so much that it would have to come back. */
static void
test_balance (void)
{
  g_autoptr (PtLeasePlan) plan = pt_lease_plan_new ("a", LIFE);
  PtLeaseMember members[] = { member ("a", 1), member ("b", 1) };
  PtLeaseArea areas[] = { area ("", 0, 99), area ("", 0, 9), area ("", 0, 39), area ("b", 1, 0) };

  pt_lease_plan_beaten (plan, 90000, 90005, TRUE);
  pt_lease_plan_see (plan, 90000, 90001, members, 1, areas, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (pt_lease_plan_next (plan, 90002).verb, ==, PT_LEASE_TAKE);
      pt_lease_plan_took (plan, pt_lease_plan_next (plan, 90002).area, 1);
      areas[i] = area ("a", 1, areas[i].load);
    }
  pt_lease_plan_see (plan, 90003, 90004, members, 2, areas, 4);
  assert_step (plan, 90004, PT_LEASE_GIVE, 2, 1); /* 150 to 1: half of it is 74 */
  pt_lease_plan_lost (plan, 2, 90004);
  areas[2] = area ("b", 2, 39);
  beat_and_look (plan, 96000, members, areas);
  assert_step (plan, 96010, PT_LEASE_WAIT, 0, 0); /* it gave one just now */
  beat_and_look (plan, 101000, members, areas);
  assert_step (plan, 101010, PT_LEASE_GIVE, 1, 1); /* 110 to 41 */
  pt_lease_plan_lost (plan, 1, 101010);
  areas[1] = area ("b", 2, 9);
  beat_and_look (plan, 107000, members, areas);
  beat_and_look (plan, 112000, members, areas);
  assert_step (plan, 112010, PT_LEASE_WAIT, 0, 0); /* 100 to 51, of one area */
}

/* What is nearly even stays. */
static void
test_nearly_even (void)
{
  g_autoptr (PtLeasePlan) plan = pt_lease_plan_new ("a", LIFE);
  PtLeaseMember members[] = { member ("a", 1), member ("b", 1) };
  PtLeaseArea areas[] = { area ("", 0, 99), area ("", 0, 1), area ("", 0, 8), area ("b", 1, 99) };

  pt_lease_plan_beaten (plan, 90000, 90001, TRUE);
  pt_lease_plan_see (plan, 90001, 90002, members, 1, areas, 3);
  for (guint i = 0; i < 3; i++)
    {
      pt_lease_plan_took (plan, i, 1);
      areas[i] = area ("a", 1, areas[i].load);
    }
  beat_and_look (plan, 95000, members, areas);
  assert_step (plan, 95010, PT_LEASE_WAIT, 0, 0); /* 111 to 100 */
  areas[3].load = 79;
  beat_and_look (plan, 96000, members, areas);
  assert_step (plan, 96010, PT_LEASE_GIVE, 2, 1); /* 111 to 80 */
}

/* Who did not beat for so long that it stopped to be a holder may be taken for dead just now: it
 * takes what it had anew, and whoever is faster has it. */
static void
test_wakes (void)
{
  g_autoptr (PtLeasePlan) plan = pt_lease_plan_new ("a", LIFE);
  const PtLeaseMember members[] = { member ("a", 1) };
  PtLeaseArea areas[] = { area ("", 0, 0) };

  pt_lease_plan_beaten (plan, 0, 5, TRUE);
  pt_lease_plan_see (plan, 5, 10, members, 1, areas, 1);
  pt_lease_plan_took (plan, 0, 1);
  areas[0] = area ("a", 1, 0);
  pt_lease_plan_beaten (plan, 6000, 6660, TRUE); /* it came just in time */
  pt_lease_plan_see (plan, 6660, 6670, members, 1, areas, 1);
  g_assert_cmpuint (pt_lease_plan_token (plan, 0, 6670), ==, 1);
  pt_lease_plan_beaten (plan, 12000, 12700, TRUE);
  g_assert_cmpuint (pt_lease_plan_token (plan, 0, 12700), ==, 0);
  pt_lease_plan_see (plan, 12700, 12710, members, 1, areas, 1);
  g_assert_cmpuint (pt_lease_plan_token (plan, 0, 12710), ==, 0);
  assert_step (plan, 12710, PT_LEASE_TAKE, 0, 1);
  pt_lease_plan_took (plan, 0, 2);
  g_assert_cmpuint (pt_lease_plan_token (plan, 0, 12720), ==, 2);
}

/* Many rounds of everything that goes wrong */

typedef enum
{
  NOTHING,
  BEAT,
  LOOK,
  TAKE,
  GIVE
} Deed;

/* A request on its way: it has its effect at some time before it is answered, if at all. */
typedef struct
{
  Deed deed;
  PtLeaseStep step;
  gint64 began; /* by the member's clock */
  gint64 effect_at, answer_at;
  gboolean has_effect, is_well, was_done;
  PtLeaseMember members[MEMBERS];
  PtLeaseArea areas[AREAS];
  guint member_count;
} Request;

typedef struct
{
  char name[8];
  PtLeasePlan *plan; /* NULL: it does not run */
  double clock, rate;
  gint64 paused_until, cut_until, still_until, restart_at;
  Request request;
} Daemon;

typedef struct
{
  gint64 now;
  Daemon daemons[MEMBERS];
  PtLeaseMember members[MEMBERS];
  gboolean is_member[MEMBERS];
  PtLeaseArea areas[AREAS];
  gboolean clocks_lie, fails;
  gint64 moved_at; /* when an area was taken last */
} World;

static gboolean
chance (guint of)
{
  return g_test_rand_int_range (0, (gint32) of) == 0;
}

static gint64
between (gint64 low, gint64 high)
{
  return g_test_rand_int_range ((gint32) low, (gint32) high + 1);
}

static void
start_daemon (World *world, guint i)
{
  Daemon *one = &world->daemons[i];

  g_snprintf (one->name, sizeof one->name, "m%u", i);
  one->plan = pt_lease_plan_new (one->name, LIFE);
  one->request.deed = NOTHING;
  one->clock = (double) between (0, 1000000);
  one->rate = 0.9 + 0.2 * g_test_rand_double ();
  one->paused_until = one->cut_until = one->still_until = one->restart_at = 0;
}

static void
begin (World *world, Daemon *one, Deed deed, const PtLeaseStep *step)
{
  gboolean is_cut = world->now < one->cut_until;
  Request *request = &one->request;

  *request = (Request){ .deed = deed, .began = (gint64) one->clock };
  if (step != NULL)
    request->step = *step;
  request->effect_at = world->now + between (1, 30);
  request->answer_at = request->effect_at + (is_cut ? 500 : between (1, 30));
  request->has_effect = !is_cut && !(world->fails && chance (20));
  request->is_well = request->has_effect && !(world->fails && chance (20));
}

static void
do_request (World *world, guint i)
{
  Daemon *one = &world->daemons[i];
  Request *request = &one->request;
  PtLeaseArea *row = &world->areas[request->step.area];

  request->has_effect = FALSE;
  request->was_done = TRUE;
  switch (request->deed)
    {
    case BEAT:
      world->is_member[i] = TRUE;
      g_strlcpy (world->members[i].name, one->name, sizeof world->members[i].name);
      world->members[i].beat++;
      break;
    case LOOK:
      for (guint j = 0; j < MEMBERS; j++)
        if (world->is_member[j])
          request->members[request->member_count++] = world->members[j];
      memcpy (request->areas, world->areas, sizeof world->areas);
      break;
    case TAKE:
      request->was_done = row->token == request->step.token;
      if (request->was_done)
        {
          row->token++;
          g_strlcpy (row->holder, one->name, sizeof row->holder);
          world->moved_at = world->now;
        }
      break;
    case GIVE:
      if (row->token == request->step.token && g_str_equal (row->holder, one->name))
        row->holder[0] = '\0';
      break;
    case NOTHING:
      break;
    }
}

static void
answer (World *world, Daemon *one)
{
  Request *request = &one->request;
  Deed deed = request->deed;
  gint64 now = (gint64) one->clock;

  request->deed = NOTHING;
  if (deed == BEAT)
    {
      pt_lease_plan_beaten (one->plan, request->began, now, request->is_well);
      begin (world, one, LOOK, NULL);
    }
  else if (deed == LOOK && request->is_well)
    pt_lease_plan_see (one->plan, request->began, MAX (now, request->began), request->members,
                       request->member_count, request->areas, AREAS);
  else if (deed == TAKE && request->is_well && request->was_done)
    pt_lease_plan_took (one->plan, request->step.area, request->step.token + 1);
  else if (deed == TAKE)
    pt_lease_plan_missed (one->plan, request->step.area);
}

static void
step_daemon (World *world, Daemon *one)
{
  PtLeaseStep step;

  if (one->request.deed != NOTHING)
    {
      if (world->now >= one->request.answer_at)
        answer (world, one);
      return;
    }
  step = pt_lease_plan_next (one->plan, (gint64) one->clock);
  switch (step.verb)
    {
    case PT_LEASE_WAIT:
      if (chance (25)) /* it follows the others */
        begin (world, one, LOOK, NULL);
      break;
    case PT_LEASE_BEAT:
      begin (world, one, BEAT, NULL);
      break;
    case PT_LEASE_TAKE:
      begin (world, one, TAKE, &step);
      break;
    case PT_LEASE_GIVE:
      pt_lease_plan_lost (one->plan, step.area, (gint64) one->clock);
      begin (world, one, GIVE, &step);
      break;
    }
}

/* What it counts itself a holder of it writes to. Where clocks are right a token that it names is
 * always the newest, so there are never two; where they are not, one write tells it. */
static void
write_all (World *world, Daemon *one)
{
  for (guint32 i = 0; i < AREAS; i++)
    {
      gint64 now = (gint64) one->clock;
      guint64 token = pt_lease_plan_token (one->plan, i, now);

      if (token == 0 || token == world->areas[i].token)
        continue;
      g_assert_true (world->clocks_lie);
      if (world->now < one->paused_until || !chance (10))
        continue;
      pt_lease_plan_lost (one->plan, i, now);
      g_assert_cmpuint (pt_lease_plan_token (one->plan, i, now), ==, 0);
    }
}

static void
tick (World *world)
{
  world->now += TICK;
  for (guint i = 0; i < MEMBERS; i++)
    {
      Daemon *one = &world->daemons[i];
      Request *request = &one->request;

      if (request->deed != NOTHING && request->has_effect && world->now >= request->effect_at)
        do_request (world, i);
      if (one->plan == NULL && one->restart_at != 0 && world->now >= one->restart_at)
        start_daemon (world, i);
      if (one->plan == NULL)
        continue;
      if (world->now >= one->still_until)
        one->clock += TICK * one->rate;
      if (world->now >= one->paused_until)
        step_daemon (world, one);
      write_all (world, one);
    }
}

static void
kill_daemon (World *world, guint i, gint64 restart_at)
{
  g_clear_pointer (&world->daemons[i].plan, pt_lease_plan_free);
  world->daemons[i].restart_at = restart_at;
}

/* Something goes wrong. */
static void
trouble (World *world)
{
  guint i = (guint) between (0, MEMBERS - 1);
  Daemon *one = &world->daemons[i];
  gint64 until = world->now + between (100, 3 * LIFE);

  if (one->plan == NULL)
    return;
  switch (between (0, world->clocks_lie ? 4 : 2))
    {
    case 0:
      kill_daemon (world, i, until);
      break;
    case 1:
      one->paused_until = until;
      break;
    case 2:
      one->cut_until = until;
      break;
    case 3:
      one->still_until = until;
      break;
    default:
      one->clock += (double) between (-LIFE, 5 * LIFE);
      break;
    }
}

/* Of how many areas somebody who runs counts itself the holder. */
static guint
held (const World *world)
{
  guint count = 0;

  for (guint32 i = 0; i < AREAS; i++)
    for (guint j = 0; j < MEMBERS; j++)
      {
        const Daemon *one = &world->daemons[j];

        if (one->plan == NULL || world->now < one->paused_until)
          continue;
        if (pt_lease_plan_token (one->plan, i, (gint64) one->clock) == world->areas[i].token
            && world->areas[i].token != 0)
          {
            count++;
            break;
          }
      }
  return count;
}

/* A beat stands still for a life, and is seen a beat late at either end; clocks are a tenth wrong;
 * what one does not take another does after a quarter of a life; and requests take their time. */
#define HELD_AGAIN ((LIFE + 2 * LIFE / 5 + LIFE / 4) * 10 / 9 + 3000)

static void
await_held (World *world, gint64 limit)
{
  gint64 late = world->now + limit;

  while (held (world) < AREAS)
    {
      tick (world);
      g_assert_cmpint (world->now, <=, late);
    }
}

static void
run_for (World *world, gint64 time)
{
  for (gint64 end = world->now + time; world->now < end;)
    tick (world);
}

static guint64
load_of (const World *world, const char *name)
{
  guint64 load = 0;

  for (guint i = 0; i < AREAS; i++)
    if (g_str_equal (world->areas[i].holder, name))
      load += world->areas[i].load + 1;
  return load;
}

static void
assert_balanced (const World *world)
{
  guint64 most = 0, least = G_MAXUINT64;
  const char *busiest = NULL;

  for (guint i = 0; i < MEMBERS; i++)
    {
      guint64 load = load_of (world, world->daemons[i].name);

      if (world->daemons[i].plan == NULL)
        continue;
      least = MIN (least, load);
      busiest = busiest == NULL || load > most ? world->daemons[i].name : busiest;
      most = MAX (most, load);
    }
  if ((most - least) * 100 <= most * 20)
    return;
  for (guint i = 0; i < AREAS; i++)
    if (g_str_equal (world->areas[i].holder, busiest))
      g_assert_cmpuint (world->areas[i].load + 1, >, (most - least) / 2);
}

static void
end_troubles (World *world)
{
  world->fails = FALSE;
  for (guint i = 0; i < MEMBERS; i++)
    {
      Daemon *one = &world->daemons[i];

      one->paused_until = one->cut_until = one->still_until = 0;
      if (one->plan == NULL)
        start_daemon (world, i);
    }
}

static void
round_of (gboolean clocks_lie)
{
  World world = { .clocks_lie = clocks_lie };
  guint dead;

  for (guint i = 0; i < AREAS; i++)
    world.areas[i].load = (guint64) between (0, 1000);
  for (guint i = 0; i < MEMBERS; i++)
    world.daemons[i].restart_at = between (1, 2 * LIFE);
  world.fails = TRUE;
  for (guint i = 0; i < 20; i++)
    {
      run_for (&world, between (10, LIFE));
      trouble (&world);
    }
  end_troubles (&world);
  /* A clock that was set may be behind what it said before: that counts as a life at most. */
  await_held (&world, HELD_AGAIN + (clocks_lie ? 10 * LIFE : 0));
  run_for (&world, (AREAS + 5) * 2 * LIFE);
  g_assert_cmpuint (held (&world), ==, AREAS);
  g_assert_cmpint (world.now - world.moved_at, >, 4 * LIFE); /* nothing goes to and fro */
  assert_balanced (&world);
  dead = (guint) between (0, MEMBERS - 1);
  kill_daemon (&world, dead, 0);
  run_for (&world, TICK);
  await_held (&world, HELD_AGAIN);
  for (guint i = 0; i < MEMBERS; i++)
    g_clear_pointer (&world.daemons[i].plan, pt_lease_plan_free);
}

static void
test_rounds (void)
{
  for (guint i = 0; i < 40; i++)
    round_of (FALSE);
}

static void
test_clocks_that_lie (void)
{
  for (guint i = 0; i < 40; i++)
    round_of (TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lease-plan/alone", test_alone);
  g_test_add_func ("/lease-plan/shared", test_shared);
  g_test_add_func ("/lease-plan/death", test_death);
  g_test_add_func ("/lease-plan/balance", test_balance);
  g_test_add_func ("/lease-plan/nearly-even", test_nearly_even);
  g_test_add_func ("/lease-plan/wakes", test_wakes);
  g_test_add_func ("/lease-plan/rounds", test_rounds);
  g_test_add_func ("/lease-plan/clocks-that-lie", test_clocks_that_lie);
  return g_test_run ();
}
