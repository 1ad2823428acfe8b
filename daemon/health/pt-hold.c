/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-hold.h"

typedef struct
{
  PtHoldSort sort;
  char *sentence; /* NULL with NOTHING */
  gboolean looked;
} Area;

struct _PtHold
{
  PtHealth *health;
  gboolean chain;
  GMutex lock;  /* guards what follows */
  GTree *areas; /* by number -> Area */
  guint counts[PT_HOLD_ALL + 1];

  GMutex watch_lock; /* guards what follows, and the call: after it nobody is called any more */
  PtHoldFunc func;
  gpointer user_data;
};

static int
compare_numbers (gconstpointer a, gconstpointer b, gpointer data)
{
  guint x = GPOINTER_TO_UINT (a), y = GPOINTER_TO_UINT (b);

  return (x > y) - (x < y);
}

static void
free_area (gpointer data)
{
  Area *area = data;

  g_free (area->sentence);
  g_free (area);
}

PtHold *
pt_hold_new (PtHealth *health, gboolean chain)
{
  PtHold *hold;

  g_return_val_if_fail (health != NULL, NULL);

  hold = g_new0 (PtHold, 1);
  hold->health = health;
  hold->chain = chain;
  hold->areas = g_tree_new_full (compare_numbers, NULL, NULL, free_area);
  g_mutex_init (&hold->lock);
  g_mutex_init (&hold->watch_lock);
  return hold;
}

void
pt_hold_free (PtHold *hold)
{
  if (hold == NULL)
    return;
  g_tree_unref (hold->areas);
  g_mutex_clear (&hold->lock);
  g_mutex_clear (&hold->watch_lock);
  g_free (hold);
}

/* With the lock held. */
static Area *
area_of (PtHold *hold, guint32 number)
{
  Area *area = g_tree_lookup (hold->areas, GUINT_TO_POINTER (number));

  if (area == NULL)
    {
      area = g_new0 (Area, 1);
      hold->counts[PT_HOLD_NOTHING]++;
      g_tree_insert (hold->areas, GUINT_TO_POINTER (number), area);
    }
  return area;
}

typedef struct
{
  PtHoldSort sort;
  const char *sentence;
} Worst;

static gboolean
find_worst (gpointer key, gpointer value, gpointer data)
{
  const Area *area = value;
  Worst *worst = data;

  if (area->sort > worst->sort)
    *worst = (Worst){ area->sort, area->sentence };
  return worst->sort == PT_HOLD_ALL;
}

/* With the lock held: what counts most, of the first area that it is said of. */
static Worst
worst_of (PtHold *hold)
{
  Worst worst = { PT_HOLD_NOTHING, NULL };

  if (hold->counts[PT_HOLD_AREA] + hold->counts[PT_HOLD_ALL] > 0)
    g_tree_foreach (hold->areas, find_worst, &worst);
  return worst;
}

static void
tell (PtHold *hold)
{
  g_mutex_lock (&hold->watch_lock);
  if (hold->func != NULL)
    hold->func (hold->user_data);
  g_mutex_unlock (&hold->watch_lock);
}

/* What is said once a change: to whoever reads the log, and to whoever asks. */
static void
say (PtHold *hold)
{
  Worst worst = worst_of (hold);

  pt_health_say (hold->health, PT_HEALTH_CHAIN,
                 worst.sort == PT_HOLD_NOTHING ? PT_HEALTH_WELL : PT_HEALTH_ASKS, worst.sentence);
}

void
pt_hold_set (PtHold *hold, guint32 number, PtHoldSort sort, const char *sentence)
{
  gboolean changed;
  Area *area;

  g_return_if_fail (hold != NULL && sort <= PT_HOLD_ALL);
  g_return_if_fail ((sort == PT_HOLD_NOTHING) == (sentence == NULL));

  g_mutex_lock (&hold->lock);
  area = area_of (hold, number);
  changed = !area->looked || area->sort != sort || g_strcmp0 (area->sentence, sentence) != 0;
  hold->counts[area->sort]--;
  hold->counts[sort]++;
  area->sort = sort;
  area->looked = TRUE;
  if (changed)
    {
      g_free (area->sentence);
      area->sentence = g_strdup (sentence);
      say (hold);
    }
  g_mutex_unlock (&hold->lock);
  if (changed)
    tell (hold);
}

void
pt_hold_look_again (PtHold *hold, guint32 number)
{
  g_return_if_fail (hold != NULL);

  g_mutex_lock (&hold->lock);
  area_of (hold, number)->looked = FALSE;
  g_mutex_unlock (&hold->lock);
}

gboolean
pt_hold_was_looked_at (PtHold *hold, guint32 number)
{
  const Area *area;
  gboolean looked;

  g_return_val_if_fail (hold != NULL, FALSE);

  g_mutex_lock (&hold->lock);
  area = g_tree_lookup (hold->areas, GUINT_TO_POINTER (number));
  looked = area != NULL && area->looked;
  g_mutex_unlock (&hold->lock);
  return looked;
}

PtHoldSort
pt_hold_get (PtHold *hold, guint32 number)
{
  const Area *area;
  PtHoldSort sort;

  g_return_val_if_fail (hold != NULL, PT_HOLD_ALL);

  g_mutex_lock (&hold->lock);
  area = g_tree_lookup (hold->areas, GUINT_TO_POINTER (number));
  sort = area != NULL ? area->sort : PT_HOLD_NOTHING;
  g_mutex_unlock (&hold->lock);
  return sort;
}

gboolean
pt_hold_may_seal (PtHold *hold, guint32 number)
{
  const Area *area;
  gboolean may;

  if (hold == NULL)
    return TRUE;
  g_mutex_lock (&hold->lock);
  area = g_tree_lookup (hold->areas, GUINT_TO_POINTER (number));
  may = hold->counts[PT_HOLD_ALL] == 0
        && (area != NULL ? area->sort == PT_HOLD_NOTHING && (area->looked || !hold->chain)
                         : !hold->chain);
  g_mutex_unlock (&hold->lock);
  return may;
}

gboolean
pt_hold_may_take (PtHold *hold, GError **error)
{
  gboolean may;

  if (hold == NULL)
    return TRUE;
  g_mutex_lock (&hold->lock);
  may = hold->counts[PT_HOLD_ALL] == 0;
  if (!may)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_BUSY, worst_of (hold).sentence);
  g_mutex_unlock (&hold->lock);
  return may;
}

void
pt_hold_watch (PtHold *hold, PtHoldFunc func, gpointer user_data)
{
  g_return_if_fail (hold != NULL);

  g_mutex_lock (&hold->watch_lock);
  hold->func = func;
  hold->user_data = user_data;
  g_mutex_unlock (&hold->watch_lock);
}
