/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-leases.h"

#include <time.h>

#include "pt-error.h"
#include "pt-lease-plan.h"

#define LOOKS_PER_LIFE 10

G_STATIC_ASSERT (PT_MEMBER_NAME_MAX == PT_LEASE_NAME_MAX && PT_MEMBERS_MAX == PT_LEASE_MEMBERS_MAX);

struct _PtLeases
{
  PtLeasesConfig config;
  GThread *thread;
  GMutex lock; /* of what follows */
  GCond woken;
  PtLeasePlan *plan;
  gboolean stopping, is_due; /* to look at once */

  /* The thread's own: */
  GArray *held; /* guint64 by area: the token that was told to be taken; 0: none */
  gboolean is_ill;
};

/* Ms of a clock that goes on while the machine sleeps: who slept is no holder any more. */
static gint64
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  return (gint64) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
leases_say (PtLeases *leases, const GError *error)
{
  if ((error != NULL) == leases->is_ill && !g_error_matches (error, PT_ERROR, PT_ERROR_STOP))
    return;
  leases->is_ill = error != NULL;
  if (leases->config.say != NULL)
    leases->config.say (error, leases->config.user_data);
}

/* What it holds */

static guint64 *
held_at (PtLeases *leases, guint32 area)
{
  if (area >= leases->held->len)
    g_array_set_size (leases->held, area + 1);
  return &g_array_index (leases->held, guint64, area);
}

static void
leases_lose (PtLeases *leases, guint32 area)
{
  guint64 *held = held_at (leases, area);

  if (*held == 0)
    return;
  *held = 0;
  leases->config.lost (area, leases->config.user_data);
}

/* After a beat or a look: what the plan does not count as held any more is lost. */
static void
leases_compare (PtLeases *leases)
{
  for (guint32 i = 0; i < leases->held->len; i++)
    {
      guint64 token;

      g_mutex_lock (&leases->lock);
      token = pt_lease_plan_taken (leases->plan, i);
      g_mutex_unlock (&leases->lock);
      if (*held_at (leases, i) != token)
        leases_lose (leases, i);
    }
}

/* Steps */

static GArray *
to_members (GArray *rows)
{
  GArray *members = g_array_sized_new (FALSE, TRUE, sizeof (PtLeaseMember), rows->len);

  for (guint i = 0; i < rows->len; i++)
    {
      const PtMemberRow *row = &g_array_index (rows, PtMemberRow, i);
      PtLeaseMember member = { .beat = row->beat };

      g_strlcpy (member.name, row->name, sizeof member.name);
      g_array_append_val (members, member);
    }
  return members;
}

static GArray *
to_areas (PtLeases *leases, GArray *rows)
{
  g_autoptr (GArray) loads = g_array_new (FALSE, TRUE, sizeof (guint64));
  GArray *areas = g_array_sized_new (FALSE, TRUE, sizeof (PtLeaseArea), rows->len);

  if (leases->config.weigh != NULL)
    leases->config.weigh (loads, leases->config.user_data);
  for (guint i = 0; i < rows->len; i++)
    {
      const PtLeaseRow *row = &g_array_index (rows, PtLeaseRow, i);
      PtLeaseArea area = { .token = row->token };

      g_strlcpy (area.holder, row->holder, sizeof area.holder);
      area.load = i < loads->len ? g_array_index (loads, guint64, i) : 0;
      g_array_append_val (areas, area);
    }
  return areas;
}

static void
leases_look (PtLeases *leases)
{
  gint64 began = now_ms ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) member_rows = pt_store_members (leases->config.store, &error);
  g_autoptr (GArray) lease_rows
      = member_rows != NULL ? pt_store_leases (leases->config.store, &error) : NULL;
  g_autoptr (GArray) members = NULL, areas = NULL;

  if (lease_rows == NULL)
    {
      leases_say (leases, error);
      return;
    }
  members = to_members (member_rows);
  areas = to_areas (leases, lease_rows);
  g_mutex_lock (&leases->lock);
  pt_lease_plan_see (leases->plan, began, now_ms (), (PtLeaseMember *) (gpointer) members->data,
                     members->len, (PtLeaseArea *) (gpointer) areas->data, areas->len);
  g_mutex_unlock (&leases->lock);
  leases_compare (leases);
}

static void
leases_beat (PtLeases *leases)
{
  gint64 began = now_ms ();
  g_autoptr (GError) error = NULL;
  gboolean done = pt_store_beat (leases->config.store, &leases->config.member, &error);

  g_mutex_lock (&leases->lock);
  pt_lease_plan_beaten (leases->plan, began, now_ms (), done);
  leases->stopping |= g_error_matches (error, PT_ERROR, PT_ERROR_STOP);
  g_mutex_unlock (&leases->lock);
  leases_say (leases, error);
  leases_compare (leases);
  leases_look (leases);
}

/* The callback first, so that nobody is told that it may write before everything is known. */
static void
leases_take (PtLeases *leases, const PtLeaseStep *step)
{
  g_autoptr (GError) error = NULL;
  guint64 token = 0;
  gboolean done
      = pt_store_lease_take (leases->config.store, step->area, step->token, &token, &error);

  if (done)
    {
      *held_at (leases, step->area) = token;
      leases->config.took (step->area, token, leases->config.user_data);
    }
  else
    g_debug ("Area number %u is not taken: %s", step->area, error->message);
  g_mutex_lock (&leases->lock);
  if (done)
    pt_lease_plan_took (leases->plan, step->area, token);
  else
    pt_lease_plan_missed (leases->plan, step->area);
  g_mutex_unlock (&leases->lock);
}

static void
leases_give (PtLeases *leases, guint32 area)
{
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&leases->lock);
  pt_lease_plan_lost (leases->plan, area, now_ms ());
  g_mutex_unlock (&leases->lock);
  leases_lose (leases, area);
  if (!pt_store_lease_give (leases->config.store, area, &error))
    g_debug ("Area number %u is not given: %s", area, error->message);
}

/* With the lock. */
static void
leases_wait (PtLeases *leases, gint64 until)
{
  gint64 ms = MIN (until - now_ms (), leases->config.life / LOOKS_PER_LIFE);
  gint64 end = g_get_monotonic_time () + MAX (ms, 0) * 1000;

  while (!leases->stopping && !leases->is_due
         && g_cond_wait_until (&leases->woken, &leases->lock, end))
    ;
  leases->is_due = FALSE;
}

static void
leases_end (PtLeases *leases)
{
  g_autoptr (GError) error = NULL;

  for (guint32 i = 0; i < leases->held->len; i++)
    if (*held_at (leases, i) != 0)
      leases_give (leases, i);
  if (!pt_store_leave (leases->config.store, &error))
    g_debug ("This daemon stays a member for now: %s", error->message);
}

static gpointer
leases_main (gpointer data)
{
  PtLeases *leases = data;

  g_mutex_lock (&leases->lock);
  while (!leases->stopping)
    {
      PtLeaseStep step = pt_lease_plan_next (leases->plan, now_ms ());

      if (step.verb == PT_LEASE_WAIT)
        leases_wait (leases, step.until);
      g_mutex_unlock (&leases->lock);
      switch (step.verb)
        {
        case PT_LEASE_WAIT:
          leases_look (leases);
          break;
        case PT_LEASE_BEAT:
          leases_beat (leases);
          break;
        case PT_LEASE_TAKE:
          leases_take (leases, &step);
          break;
        case PT_LEASE_GIVE:
          leases_give (leases, step.area);
          break;
        }
      g_mutex_lock (&leases->lock);
    }
  g_mutex_unlock (&leases->lock);
  leases_end (leases);
  return NULL;
}

PtLeases *
pt_leases_new (const PtLeasesConfig *config)
{
  PtLeases *leases;

  g_return_val_if_fail (config != NULL && pt_store_is_shared (config->store), NULL);
  g_return_val_if_fail (config->took != NULL && config->lost != NULL, NULL);

  leases = g_new0 (PtLeases, 1);
  leases->config = *config;
  leases->plan = pt_lease_plan_new (config->member.name, config->life);
  leases->held = g_array_new (FALSE, TRUE, sizeof (guint64));
  g_mutex_init (&leases->lock);
  g_cond_init (&leases->woken);
  leases->thread = g_thread_new ("leases", leases_main, leases);
  return leases;
}

void
pt_leases_free (PtLeases *leases)
{
  if (leases == NULL)
    return;
  g_mutex_lock (&leases->lock);
  leases->stopping = TRUE;
  g_cond_signal (&leases->woken);
  g_mutex_unlock (&leases->lock);
  g_thread_join (leases->thread);
  pt_lease_plan_free (leases->plan);
  g_array_unref (leases->held);
  g_mutex_clear (&leases->lock);
  g_cond_clear (&leases->woken);
  g_free (leases);
}

gboolean
pt_leases_has (PtLeases *leases, guint32 area)
{
  gboolean has;

  g_return_val_if_fail (leases != NULL, FALSE);

  g_mutex_lock (&leases->lock);
  has = !leases->stopping && pt_lease_plan_token (leases->plan, area, now_ms ()) != 0;
  g_mutex_unlock (&leases->lock);
  return has;
}

void
pt_leases_missed (PtLeases *leases, guint32 area)
{
  g_return_if_fail (leases != NULL);

  g_mutex_lock (&leases->lock);
  if (pt_lease_plan_taken (leases->plan, area) != 0)
    pt_lease_plan_lost (leases->plan, area, now_ms ());
  leases->is_due = TRUE;
  g_cond_signal (&leases->woken);
  g_mutex_unlock (&leases->lock);
}
