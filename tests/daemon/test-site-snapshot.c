/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-snapshot.h"

#include <string.h>

#define NOW G_GINT64_CONSTANT (1764000000000)
#define PIECES 3
#define SOON G_MAXUINT /* patience: as long as it takes */

typedef struct
{
  PtClock *clock;
  PtSiteKeeper *keeper;
  GMutex lock;
  GCond moved;
  gboolean is_held;   /* reading waits */
  guint reading;      /* how many wait */
  gint reads[PIECES]; /* atomic */
  gint value;         /* atomic: what is read as the time of the last report */
  gint64 silent_at;
  guint texts;
} World;

static gboolean
read_piece (PtSitePiece *piece, guint number, gint64 now, gpointer data)
{
  World *world = data;
  g_autofree char *name = g_strdup_printf ("S-%u", number);
  PtSite site = { .area = "east", .site = name, .area_number = number % 2 };

  if (number >= PIECES)
    return FALSE;
  g_mutex_lock (&world->lock);
  world->reading++;
  g_cond_broadcast (&world->moved);
  while (world->is_held)
    g_cond_wait (&world->moved, &world->lock);
  world->reading--;
  g_mutex_unlock (&world->lock);
  g_atomic_int_inc (&world->reads[number]);
  site.state = now >= world->silent_at ? PT_SITE_SILENT : PT_SITE_ON;
  site.last_report = g_atomic_int_get (&world->value);
  pt_site_piece_add (piece, &site, site.state == PT_SITE_ON ? world->silent_at : G_MAXINT64);
  return TRUE;
}

static void
set_up (World *world, gconstpointer data)
{
  world->clock = pt_clock_new_manual (NOW);
  world->silent_at = NOW + 1000;
  g_mutex_init (&world->lock);
  g_cond_init (&world->moved);
  world->keeper = pt_site_keeper_new (world->clock, read_piece, world);
}

static void
tear_down (World *world, gconstpointer data)
{
  pt_site_keeper_free (world->keeper);
  pt_clock_unref (world->clock);
  g_mutex_clear (&world->lock);
  g_cond_clear (&world->moved);
}

static PtSiteSnapshot *
get (World *world)
{
  return pt_site_keeper_get (world->keeper, g_get_monotonic_time (), SOON);
}

static const PtSite *
site_at (PtSiteSnapshot *snapshot, guint piece)
{
  const PtSitePiece *own = g_ptr_array_index (snapshot->pieces, piece);

  g_assert_cmpuint (own->sites->len, ==, 1);
  return &g_array_index (own->sites, PtSite, 0);
}

/* Only what changed is read again; the rest is the same piece. */
static void
test_pieces (World *world, gconstpointer data)
{
  g_autoptr (PtSiteSnapshot) first = get (world);
  g_autoptr (PtSiteSnapshot) same = get (world);
  g_autoptr (PtSiteSnapshot) second = NULL;
  g_autoptr (PtSiteSnapshot) third = NULL;

  g_assert_true (first == same);
  g_assert_cmpuint (first->pieces->len, ==, PIECES);
  g_assert_cmpuint (first->counts.on, ==, PIECES);
  g_assert_cmpuint (g_array_index (first->areas, PtSiteCounts, 0).sites, ==, 2);
  g_atomic_int_set (&world->value, 7);
  pt_site_keeper_changed (world->keeper, 1);
  second = get (world);
  g_assert_cmpuint (second->generation, >, first->generation);
  g_assert_true (second->pieces->pdata[0] == first->pieces->pdata[0]);
  g_assert_cmpint (site_at (second, 1)->last_report, ==, 7);
  g_assert_cmpint (site_at (first, 1)->last_report, ==, 0);
  g_assert_cmpstr (site_at (second, 1)->site, ==, "S-1");
  pt_site_keeper_all_changed (world->keeper);
  third = get (world);
  g_assert_cmpint (world->reads[0], ==, 2);
  g_assert_cmpint (world->reads[1], ==, 3);
}

/* Silence is no change that anybody tells of. */
static void
test_silence (World *world, gconstpointer data)
{
  g_autoptr (PtSiteSnapshot) before = get (world);
  g_autoptr (PtSiteSnapshot) still = NULL;
  g_autoptr (PtSiteSnapshot) after = NULL;
  g_autoptr (PtSiteSnapshot) back = NULL;

  pt_clock_manual_set (world->clock, NOW + 999);
  still = get (world);
  g_assert_true (still == before);
  pt_clock_manual_set (world->clock, NOW + 1000);
  after = get (world);
  g_assert_cmpuint (after->counts.silent, ==, PIECES);
  pt_clock_manual_set (world->clock, NOW + 5);
  back = get (world);
  g_assert_cmpuint (back->counts.on, ==, PIECES);
}

static gpointer
get_once (gpointer data)
{
  return get (data);
}

static void
hold (World *world, gboolean is_held)
{
  g_mutex_lock (&world->lock);
  world->is_held = is_held;
  g_cond_broadcast (&world->moved);
  while (is_held && world->reading == 0)
    g_cond_wait (&world->moved, &world->lock);
  g_mutex_unlock (&world->lock);
}

/* Whoever asks while one is made gets the next one, and all of them the same. */
static void
test_shared (World *world, gconstpointer data)
{
  GThread *first, *others[8];
  PtSiteSnapshot *one, *next = NULL;

  world->is_held = TRUE;
  first = g_thread_new ("first", get_once, world);
  hold (world, TRUE); /* it reads */
  g_atomic_int_set (&world->value, 7);
  pt_site_keeper_changed (world->keeper, 0);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    others[i] = g_thread_new ("other", get_once, world);
  hold (world, FALSE);
  one = g_thread_join (first);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      PtSiteSnapshot *got = g_thread_join (others[i]);

      g_assert_cmpint (site_at (got, 0)->last_report, ==, 7);
      g_clear_pointer (&next, pt_site_snapshot_unref);
      next = got;
    }
  pt_site_snapshot_unref (one);
  pt_site_snapshot_unref (next);
}

/* A change is noted while one is made, and who is in a hurry gets the last one. */
static void
test_patience (World *world, gconstpointer data)
{
  PtSiteSnapshot *before = get (world), *hasty;
  GThread *thread;

  pt_site_keeper_all_changed (world->keeper);
  g_mutex_lock (&world->lock);
  world->is_held = TRUE;
  g_mutex_unlock (&world->lock);
  thread = g_thread_new ("patient", get_once, world);
  hold (world, TRUE);
  pt_site_keeper_changed (world->keeper, 1); /* no lock is held */
  hasty = pt_site_keeper_get (world->keeper, g_get_monotonic_time (), 1);
  g_assert_true (hasty == before);
  hold (world, FALSE);
  pt_site_snapshot_unref (hasty);
  pt_site_snapshot_unref (before);
  pt_site_snapshot_unref (g_thread_join (thread));
}

static void
make_text (PtSiteText *text, const PtSitePiece *piece, gpointer data)
{
  World *world = data;

  if (text->plain != NULL)
    return;
  text->plain = g_bytes_new (g_array_index (piece->sites, PtSite, 0).site, 3);
  world->texts++;
}

/* A text is made once, stays with its piece, and belongs to whoever has it. */
static void
test_texts (World *world, gconstpointer data)
{
  PtSiteSnapshot *first = get (world), *second;

  for (guint i = 0; i < 3; i++)
    {
      g_auto (PtSiteText) text = pt_site_snapshot_text (first, 2, 0, make_text, world);

      g_assert_cmpmem (g_bytes_get_data (text.plain, NULL), 3, "S-2", 3);
    }
  g_assert_cmpuint (world->texts, ==, 1);
  pt_site_keeper_changed (world->keeper, 0);
  second = get (world);
  pt_site_snapshot_unref (first);
  {
    g_auto (PtSiteText) kept = pt_site_snapshot_text (second, 2, 0, make_text, world);
    g_auto (PtSiteText) made = pt_site_snapshot_text (second, 0, 0, make_text, world);

    g_assert_cmpuint (world->texts, ==, 2);
    pt_site_snapshot_unref (second);
    g_clear_pointer (&world->keeper, pt_site_keeper_free);
    g_assert_cmpmem (g_bytes_get_data (kept.plain, NULL), 3, "S-2", 3);
  }
}

#define ADD(name, func) g_test_add ("/site-snapshot/" name, World, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("pieces", test_pieces);
  ADD ("silence", test_silence);
  ADD ("shared", test_shared);
  ADD ("patience", test_patience);
  ADD ("texts", test_texts);
  return g_test_run ();
}
