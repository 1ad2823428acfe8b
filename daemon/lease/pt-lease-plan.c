/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-lease-plan.h"

#include <string.h>

#define BEATS_PER_LIFE 5
#define GRACE_PER_LIFE 4 /* so long who has to take an area may take to do it */
#define UNEVEN_PERCENT 20

typedef struct
{
  char name[PT_LEASE_NAME_MAX + 1];
  guint64 beat;
  gint64 changed; /* since when its beat is this one, at the latest */
  gboolean is_alive;
  guint64 load;    /* of what it holds */
  gboolean is_met; /* in this look */
} Member;

typedef struct
{
  PtLeaseArea row;
  guint64 own;       /* the token that this member took it with; 0: it does not hold it */
  gint64 free_since; /* ms; -1: somebody holds it */
  gboolean is_mine;  /* to take, by what all see */
  gboolean is_old;   /* what is known of it is not what is stored */
} Area;

struct _PtLeasePlan
{
  char name[PT_LEASE_NAME_MAX + 1];
  gint64 life;
  GArray *members; /* Member, this one among them once it was seen */
  GArray *areas;   /* Area, by number */
  gboolean has_tried, has_beaten, has_seen;
  gint64 tried_at, beat_at; /* when the last beat began, and the last one that was written */
  gint64 until;             /* so long it counts itself a holder; has_seen */
  gint64 gave_at;
  guint free_count;
};

PtLeasePlan *
pt_lease_plan_new (const char *name, gint64 life)
{
  PtLeasePlan *plan;

  g_return_val_if_fail (name != NULL && *name != '\0' && life >= PT_LEASE_LIFE_MIN, NULL);
  g_return_val_if_fail (strlen (name) <= PT_LEASE_NAME_MAX, NULL);

  plan = g_new0 (PtLeasePlan, 1);
  g_strlcpy (plan->name, name, sizeof plan->name);
  plan->life = life;
  plan->members = g_array_new (FALSE, TRUE, sizeof (Member));
  plan->areas = g_array_new (FALSE, TRUE, sizeof (Area));
  return plan;
}

void
pt_lease_plan_free (PtLeasePlan *plan)
{
  if (plan == NULL)
    return;
  g_array_unref (plan->members);
  g_array_unref (plan->areas);
  g_free (plan);
}

static Area *
area_at (const PtLeasePlan *plan, guint32 area)
{
  return area < plan->areas->len ? &g_array_index (plan->areas, Area, area) : NULL;
}

static Member *
find_member (const PtLeasePlan *plan, const char *name)
{
  for (guint i = 0; i < plan->members->len; i++)
    {
      Member *member = &g_array_index (plan->members, Member, i);

      if (g_str_equal (member->name, name))
        return member;
    }
  return NULL;
}

/* What an area that nothing happens in costs, too. */
static guint64
cost_of (const Area *area)
{
  return area->row.load + 1;
}

/* Looking */

/* Its beat was the same in all looks since the one that ended at ->changed, and still is in one
 * that began at @began: so long it said nothing, however long this process slept between. */
static void
see_member (PtLeasePlan *plan, const PtLeaseMember *seen, gint64 began, gint64 ended)
{
  Member *member = find_member (plan, seen->name);
  Member added = { .beat = seen->beat, .changed = ended };

  if (member == NULL)
    {
      g_strlcpy (added.name, seen->name, sizeof added.name);
      g_array_append_val (plan->members, added);
      member = find_member (plan, seen->name);
    }
  if (member->beat != seen->beat)
    {
      member->beat = seen->beat;
      member->changed = ended;
    }
  member->is_alive = began - member->changed < plan->life || g_str_equal (member->name, plan->name);
  member->is_met = TRUE;
}

static void
see_members (PtLeasePlan *plan, gint64 began, gint64 ended, const PtLeaseMember *members,
             guint count)
{
  for (guint i = 0; i < plan->members->len; i++)
    g_array_index (plan->members, Member, i).is_met = FALSE;
  for (guint i = 0; i < MIN (count, PT_LEASE_MEMBERS_MAX); i++)
    see_member (plan, &members[i], began, ended);
  for (guint i = plan->members->len; i > 0; i--)
    {
      Member *member = &g_array_index (plan->members, Member, i - 1);

      member->load = 0;
      if (!member->is_met)
        g_array_remove_index (plan->members, i - 1);
    }
}

/* Whose it is; NULL: anybody's. */
static Member *
holder_of (const PtLeasePlan *plan, const Area *area)
{
  Member *holder = area->row.holder[0] != '\0' ? find_member (plan, area->row.holder) : NULL;

  return holder != NULL && holder->is_alive ? holder : NULL;
}

static void
see_area (PtLeasePlan *plan, Area *area, const PtLeaseArea *seen, gint64 ended)
{
  Member *holder;

  area->row = *seen;
  area->is_old = FALSE;
  if (area->own != seen->token || !g_str_equal (seen->holder, plan->name))
    area->own = 0;
  holder = holder_of (plan, area);
  if (holder != NULL)
    holder->load += cost_of (area);
  /* All others see it as this member's: it was held under its name by a process before this one, or
   * it was taken, or not given, by a write that nobody knew of. */
  area->is_mine = holder != NULL && area->own == 0 && g_str_equal (holder->name, plan->name);
  if (holder != NULL && !area->is_mine)
    {
      area->free_since = -1;
      return;
    }
  plan->free_count++;
  if (area->free_since < 0)
    area->free_since = ended;
}

/* Among those who have as much to do, everybody picks the same one, another one for each area. */
static guint
draw (const char *name, guint32 area)
{
  guint hash = g_str_hash (name) ^ (area * 2654435761u);

  hash = (hash ^ hash >> 15) * 2246822519u;
  return hash ^ hash >> 13;
}

static Member *
least_busy (const PtLeasePlan *plan, guint32 area)
{
  Member *best = NULL;

  for (guint i = 0; i < plan->members->len; i++)
    {
      Member *member = &g_array_index (plan->members, Member, i);

      if (!member->is_alive)
        continue;
      if (best == NULL || member->load < best->load
          || (member->load == best->load && draw (member->name, area) < draw (best->name, area)))
        best = member;
    }
  return best;
}

typedef struct
{
  guint64 cost;
  guint32 area;
} Free;

static int
by_cost (gconstpointer a, gconstpointer b)
{
  const Free *one = a, *other = b;

  if (one->cost != other->cost)
    return one->cost > other->cost ? -1 : 1;
  return one->area < other->area ? -1 : one->area > other->area;
}

/* Each free area, the heaviest first, goes to who has least to do then. */
static void
share_out (PtLeasePlan *plan)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Free));

  for (guint i = 0; i < plan->areas->len; i++)
    {
      const Area *area = area_at (plan, i);

      if (area->free_since >= 0 && !area->is_mine)
        g_array_append_val (all, ((Free){ cost_of (area), i }));
    }
  g_array_sort (all, by_cost);
  for (guint i = 0; i < all->len; i++)
    {
      const Free *one = &g_array_index (all, Free, i);
      Member *member = least_busy (plan, one->area);

      if (member == NULL)
        return;
      member->load += one->cost;
      area_at (plan, one->area)->is_mine = g_str_equal (member->name, plan->name);
    }
}

void
pt_lease_plan_see (PtLeasePlan *plan, gint64 began, gint64 ended, const PtLeaseMember *members,
                   guint member_count, const PtLeaseArea *areas, guint area_count)
{
  g_return_if_fail (plan != NULL && ended >= began);
  g_return_if_fail ((members != NULL || member_count == 0) && (areas != NULL || area_count == 0));

  see_members (plan, began, ended, members, member_count);
  for (guint i = plan->areas->len; i < area_count; i++)
    g_array_append_val (plan->areas, ((Area){ .free_since = -1 }));
  plan->free_count = 0;
  for (guint i = 0; i < area_count; i++)
    see_area (plan, area_at (plan, i), &areas[i], ended);
  share_out (plan);
  if (!plan->has_beaten)
    return;
  plan->has_seen = TRUE;
  plan->until = plan->beat_at + plan->life - plan->life / 3;
}

/* What came of steps */

void
pt_lease_plan_beaten (PtLeasePlan *plan, gint64 began, gint64 ended, gboolean done)
{
  g_return_if_fail (plan != NULL);

  for (guint i = 0; !pt_lease_plan_is_sure (plan, ended) && i < plan->areas->len; i++)
    area_at (plan, i)->own = 0;

  plan->has_tried = TRUE;
  plan->tried_at = began;
  if (!done)
    return;
  plan->has_beaten = TRUE;
  plan->beat_at = began;
}

void
pt_lease_plan_took (PtLeasePlan *plan, guint32 number, guint64 token)
{
  Area *area;

  g_return_if_fail (plan != NULL && token != 0);

  area = area_at (plan, number);
  g_return_if_fail (area != NULL && area->own == 0);

  area->own = area->row.token = token;
  g_strlcpy (area->row.holder, plan->name, sizeof area->row.holder);
  area->free_since = -1;
  plan->free_count--;
}

void
pt_lease_plan_missed (PtLeasePlan *plan, guint32 number)
{
  Area *area;

  g_return_if_fail (plan != NULL);

  area = area_at (plan, number);
  g_return_if_fail (area != NULL);

  area->is_old = TRUE;
}

void
pt_lease_plan_lost (PtLeasePlan *plan, guint32 number, gint64 now)
{
  Area *area;

  g_return_if_fail (plan != NULL);

  area = area_at (plan, number);
  g_return_if_fail (area != NULL);

  area->own = 0;
  area->is_old = TRUE;
  plan->gave_at = now;
}

/* Next */

gboolean
pt_lease_plan_is_sure (const PtLeasePlan *plan, gint64 now)
{
  g_return_val_if_fail (plan != NULL, FALSE);

  return plan->has_seen && now < plan->until && now >= plan->beat_at;
}

guint64
pt_lease_plan_taken (const PtLeasePlan *plan, guint32 number)
{
  const Area *area;

  g_return_val_if_fail (plan != NULL, 0);

  area = area_at (plan, number);
  return area != NULL ? area->own : 0;
}

guint64
pt_lease_plan_token (const PtLeasePlan *plan, guint32 number, gint64 now)
{
  const Area *area;

  g_return_val_if_fail (plan != NULL, 0);

  area = area_at (plan, number);
  return area != NULL && pt_lease_plan_is_sure (plan, now) ? area->own : 0;
}

/* When somebody may take it who does not have to. */
static gint64
grace_ends (const PtLeasePlan *plan, const Area *area)
{
  return area->free_since + plan->life / GRACE_PER_LIFE;
}

static gboolean
next_take (const PtLeasePlan *plan, gint64 now, PtLeaseStep *step)
{
  for (guint i = 0; i < plan->areas->len; i++)
    {
      const Area *area = area_at (plan, i);

      if (area->free_since < 0 || area->is_old || area->own != 0)
        continue;
      if (area->is_mine || now >= grace_ends (plan, area))
        {
          *step = (PtLeaseStep){ PT_LEASE_TAKE, i, area->row.token, now };
          return TRUE;
        }
      step->until = MIN (step->until, grace_ends (plan, area));
    }
  return FALSE;
}

/* The heaviest of its areas that does not turn the difference over; NULL: none. */
static const Area *
area_to_give (const PtLeasePlan *plan, guint64 difference, guint32 *number)
{
  const Area *best = NULL;

  for (guint i = 0; i < plan->areas->len; i++)
    {
      const Area *area = area_at (plan, i);

      if (area->own == 0 || area->is_old || cost_of (area) > difference / 2)
        continue;
      if (best == NULL || cost_of (area) > cost_of (best))
        {
          best = area;
          *number = i;
        }
    }
  return best;
}

/* Who has most to do gives one area, while all areas are held and it gave none for a while. */
static gboolean
next_give (const PtLeasePlan *plan, gint64 now, PtLeaseStep *step)
{
  const Member *own = find_member (plan, plan->name), *least = own;
  const Area *area;

  if (own == NULL || plan->free_count > 0 || now - plan->gave_at < plan->life)
    return FALSE;
  for (guint i = 0; i < plan->members->len; i++)
    {
      const Member *member = &g_array_index (plan->members, Member, i);

      if (!member->is_alive)
        continue;
      if (member->load > own->load
          || (member->load == own->load && strcmp (member->name, own->name) < 0))
        return FALSE;
      if (member->load < least->load)
        least = member;
    }
  if ((own->load - least->load) * 100 <= own->load * UNEVEN_PERCENT)
    return FALSE;
  area = area_to_give (plan, own->load - least->load, &step->area);
  if (area == NULL)
    return FALSE;
  step->verb = PT_LEASE_GIVE;
  step->token = area->own;
  return TRUE;
}

PtLeaseStep
pt_lease_plan_next (PtLeasePlan *plan, gint64 now)
{
  PtLeaseStep step = { .verb = PT_LEASE_WAIT };
  gint64 due;

  g_return_val_if_fail (plan != NULL, step);

  due = plan->tried_at + plan->life / BEATS_PER_LIFE;
  step.until = due;
  if (!plan->has_tried || now >= due || now < plan->tried_at)
    step.verb = PT_LEASE_BEAT;
  else if (pt_lease_plan_is_sure (plan, now) && !next_take (plan, now, &step))
    next_give (plan, now, &step);
  return step;
}
