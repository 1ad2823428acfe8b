/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-site-snapshot.h"

#include <string.h>

#define SHARE 4 /* making snapshots takes so much of a processor: one part of this many */

/* Pieces */

void
pt_site_text_clear (PtSiteText *text)
{
  g_return_if_fail (text != NULL);

  g_clear_pointer (&text->plain, g_bytes_unref);
  g_clear_pointer (&text->packed, g_bytes_unref);
}

static PtSitePiece *
piece_new (void)
{
  PtSitePiece *piece = g_atomic_rc_box_new0 (PtSitePiece);

  piece->sites = g_array_new (FALSE, FALSE, sizeof (PtSite));
  piece->names = g_string_chunk_new (4096);
  piece->silent_at = G_MAXINT64;
  g_mutex_init (&piece->lock);
  return piece;
}

static void
piece_clear (gpointer data)
{
  PtSitePiece *piece = data;

  g_array_unref (piece->sites);
  g_string_chunk_free (piece->names);
  for (guint i = 0; i < PT_SITE_TEXTS; i++)
    pt_site_text_clear (&piece->texts[i]);
  g_mutex_clear (&piece->lock);
}

static void
piece_unref (gpointer piece)
{
  g_atomic_rc_box_release_full (piece, piece_clear);
}

void
pt_site_piece_add (PtSitePiece *piece, const PtSite *site, gint64 silent_at)
{
  PtSite copy;

  g_return_if_fail (piece != NULL && site != NULL && site->site != NULL);

  copy = *site;
  copy.site = g_string_chunk_insert (piece->names, site->site);
  if (site->feeder != NULL)
    copy.feeder = g_string_chunk_insert_const (piece->names, site->feeder);
  g_array_append_val (piece->sites, copy);
  piece->silent_at = MIN (piece->silent_at, silent_at);
}

/* Snapshots */

static PtSiteSnapshot *
snapshot_new (gint64 now)
{
  PtSiteSnapshot *snapshot = g_atomic_rc_box_new0 (PtSiteSnapshot);

  snapshot->now = now;
  snapshot->silent_at = G_MAXINT64;
  pt_extent_init (&snapshot->extent);
  snapshot->begun = g_get_monotonic_time ();
  snapshot->pieces = g_ptr_array_new_with_free_func (piece_unref);
  snapshot->areas = g_array_new (FALSE, TRUE, sizeof (PtSiteCounts));
  g_mutex_init (&snapshot->lock);
  return snapshot;
}

PtSiteSnapshot *
pt_site_snapshot_ref (PtSiteSnapshot *snapshot)
{
  g_return_val_if_fail (snapshot != NULL, NULL);

  return g_atomic_rc_box_acquire (snapshot);
}

static void
snapshot_clear (gpointer data)
{
  PtSiteSnapshot *snapshot = data;

  g_ptr_array_unref (snapshot->pieces);
  g_array_unref (snapshot->areas);
  for (guint i = 0; i < PT_SITE_LISTS; i++)
    g_clear_pointer (&snapshot->lists[i], g_ptr_array_unref);
  g_mutex_clear (&snapshot->lock);
}

void
pt_site_snapshot_unref (PtSiteSnapshot *snapshot)
{
  g_return_if_fail (snapshot != NULL);

  g_atomic_rc_box_release_full (snapshot, snapshot_clear);
}

static void
counts_add (PtSiteCounts *counts, PtSiteState state)
{
  counts->sites++;
  counts->on += state == PT_SITE_ON;
  counts->off += state == PT_SITE_OFF;
  counts->silent += state == PT_SITE_SILENT;
  counts->unknown += state == PT_SITE_UNKNOWN;
}

static void
snapshot_count (PtSiteSnapshot *snapshot, const PtSitePiece *piece)
{
  for (guint i = 0; i < piece->sites->len; i++)
    {
      const PtSite *site = &g_array_index (piece->sites, PtSite, i);

      if (site->area_number >= snapshot->areas->len)
        g_array_set_size (snapshot->areas, site->area_number + 1);
      counts_add (&g_array_index (snapshot->areas, PtSiteCounts, site->area_number), site->state);
      counts_add (&snapshot->counts, site->state);
      pt_extent_add (&snapshot->extent, site->lat, site->lon);
    }
}

/* Takes @piece. */
static void
snapshot_add (PtSiteSnapshot *snapshot, PtSitePiece *piece)
{
  g_ptr_array_add (snapshot->pieces, piece);
  snapshot->silent_at = MIN (snapshot->silent_at, piece->silent_at);
  snapshot_count (snapshot, piece);
}

static void
snapshot_add_cost (PtSiteSnapshot *snapshot, gint64 since)
{
  g_atomic_int_add (&snapshot->cost, (gint) MIN (g_get_monotonic_time () - since, G_USEC_PER_SEC));
}

PtSiteText
pt_site_snapshot_text (PtSiteSnapshot *snapshot, guint piece, guint number, PtSiteTextFunc make,
                       gpointer user_data)
{
  PtSiteText none = { 0 };
  gint64 begun = g_get_monotonic_time ();
  PtSiteText *text, copy;
  PtSitePiece *own;

  g_return_val_if_fail (snapshot != NULL && piece < snapshot->pieces->len, none);
  g_return_val_if_fail (number < PT_SITE_TEXTS && make != NULL, none);

  own = g_ptr_array_index (snapshot->pieces, piece);
  g_mutex_lock (&own->lock);
  text = &own->texts[number];
  make (text, own, user_data);
  copy = *text;
  if (copy.plain != NULL)
    g_bytes_ref (copy.plain);
  if (copy.packed != NULL)
    g_bytes_ref (copy.packed);
  g_mutex_unlock (&own->lock);
  snapshot_add_cost (snapshot, begun);
  return copy;
}

GPtrArray *
pt_site_snapshot_list (PtSiteSnapshot *snapshot, guint number, PtSiteListFunc make,
                       gpointer user_data)
{
  GPtrArray *list;

  g_return_val_if_fail (snapshot != NULL && number < PT_SITE_LISTS && make != NULL, NULL);

  g_mutex_lock (&snapshot->lock);
  if (snapshot->lists[number] == NULL)
    snapshot->lists[number] = make (snapshot, number, user_data);
  list = g_ptr_array_ref (snapshot->lists[number]);
  g_mutex_unlock (&snapshot->lock);
  return list;
}

/* The keeper */

struct _PtSiteKeeper
{
  PtClock *clock;
  PtSiteReadFunc read;
  gpointer user_data;
  GMutex lock; /* guards what follows; nothing is read with it held */
  GCond made;
  GByteArray *changed; /* by piece */
  gboolean any_changed, all_changed, is_making;
  PtSiteSnapshot *newest; /* or NULL */
};

PtSiteKeeper *
pt_site_keeper_new (PtClock *clock, PtSiteReadFunc read, gpointer user_data)
{
  PtSiteKeeper *keeper;

  g_return_val_if_fail (clock != NULL && read != NULL, NULL);

  keeper = g_new0 (PtSiteKeeper, 1);
  keeper->clock = pt_clock_ref (clock);
  keeper->read = read;
  keeper->user_data = user_data;
  g_mutex_init (&keeper->lock);
  g_cond_init (&keeper->made);
  keeper->changed = g_byte_array_new ();
  return keeper;
}

void
pt_site_keeper_free (PtSiteKeeper *keeper)
{
  if (keeper == NULL)
    return;
  g_clear_pointer (&keeper->newest, pt_site_snapshot_unref);
  g_byte_array_unref (keeper->changed);
  pt_clock_unref (keeper->clock);
  g_mutex_clear (&keeper->lock);
  g_cond_clear (&keeper->made);
  g_free (keeper);
}

void
pt_site_keeper_changed (PtSiteKeeper *keeper, guint piece)
{
  g_return_if_fail (keeper != NULL);

  g_mutex_lock (&keeper->lock);
  while (piece >= keeper->changed->len)
    g_byte_array_append (keeper->changed, (const guint8 *) "", 1);
  keeper->changed->data[piece] = TRUE;
  keeper->any_changed = TRUE;
  g_mutex_unlock (&keeper->lock);
}

void
pt_site_keeper_all_changed (PtSiteKeeper *keeper)
{
  g_return_if_fail (keeper != NULL);

  g_mutex_lock (&keeper->lock);
  keeper->any_changed = keeper->all_changed = TRUE;
  g_mutex_unlock (&keeper->lock);
}

/* Making one */

typedef struct
{
  PtSiteKeeper *keeper;
  PtSiteSnapshot *before; /* or NULL */
  GByteArray *changed;
  gboolean all;
  gint64 now;
} Making;

/* Still good, so it is taken over. */
static PtSitePiece *
making_find (const Making *making, guint number)
{
  PtSitePiece *piece;

  if (making->all || making->before == NULL || number >= making->before->pieces->len
      || (number < making->changed->len && making->changed->data[number]))
    return NULL;
  piece = g_ptr_array_index (making->before->pieces, number);
  return making->now < piece->silent_at ? piece : NULL;
}

static PtSiteSnapshot *
making_run (Making *making)
{
  PtSiteSnapshot *snapshot = snapshot_new (making->now);
  gboolean differs = making->before == NULL;

  for (guint number = 0;; number++)
    {
      PtSitePiece *piece = making_find (making, number);

      if (piece != NULL)
        {
          snapshot_add (snapshot, g_atomic_rc_box_acquire (piece));
          continue;
        }
      piece = piece_new ();
      if (!making->keeper->read (piece, number, making->now, making->keeper->user_data))
        {
          piece_unref (piece);
          break;
        }
      differs = TRUE;
      snapshot_add (snapshot, piece);
    }
  snapshot->generation = (making->before != NULL ? making->before->generation : 0) + differs;
  snapshot_add_cost (snapshot, snapshot->begun);
  return snapshot;
}

/* With the lock, which is let go meanwhile. What changes from here on is the next one's. */
static void
keeper_make (PtSiteKeeper *keeper)
{
  gint64 now = pt_clock_now (keeper->clock);
  Making making = { .keeper = keeper, .before = keeper->newest, .now = now };
  PtSiteSnapshot *made;

  making.changed = g_byte_array_sized_new (keeper->changed->len);
  g_byte_array_append (making.changed, keeper->changed->data, keeper->changed->len);
  /* A clock that went back makes some of the silent heard again. */
  making.all = keeper->all_changed || (making.before != NULL && now < making.before->now);
  if (keeper->changed->len > 0)
    memset (keeper->changed->data, 0, keeper->changed->len);
  keeper->any_changed = keeper->all_changed = FALSE;
  keeper->is_making = TRUE;
  g_mutex_unlock (&keeper->lock);
  made = making_run (&making);
  g_byte_array_unref (making.changed);
  g_mutex_lock (&keeper->lock);
  keeper->is_making = FALSE;
  keeper->newest = made;
  g_clear_pointer (&making.before, pt_site_snapshot_unref);
  g_cond_broadcast (&keeper->made);
}

static gboolean
keeper_has (const PtSiteKeeper *keeper, gint64 asked)
{
  const PtSiteSnapshot *newest = keeper->newest;
  gint64 now;

  if (newest == NULL)
    return FALSE;
  if (newest->begun >= asked)
    return TRUE;
  now = pt_clock_now (keeper->clock);
  return !keeper->any_changed && now >= newest->now && now < newest->silent_at;
}

/* Monotonic us. */
static gint64
keeper_may_make (const PtSiteKeeper *keeper)
{
  PtSiteSnapshot *newest = keeper->newest;

  return newest == NULL ? 0 : newest->begun + (gint64) SHARE * g_atomic_int_get (&newest->cost);
}

PtSiteSnapshot *
pt_site_keeper_get (PtSiteKeeper *keeper, gint64 asked, guint patience)
{
  gint64 until = g_get_monotonic_time () + (gint64) patience * 1000;
  PtSiteSnapshot *snapshot;

  g_return_val_if_fail (keeper != NULL, NULL);

  g_mutex_lock (&keeper->lock);
  while (!keeper_has (keeper, asked))
    {
      gint64 then = keeper_may_make (keeper), time = g_get_monotonic_time ();

      if (keeper->newest != NULL && (time >= until || (!keeper->is_making && then > until)))
        break;
      if (keeper->is_making)
        g_cond_wait_until (&keeper->made, &keeper->lock, MAX (until, time + 1000));
      else if (time < then)
        g_cond_wait_until (&keeper->made, &keeper->lock, then);
      else
        keeper_make (keeper);
    }
  snapshot = pt_site_snapshot_ref (keeper->newest);
  g_mutex_unlock (&keeper->lock);
  return snapshot;
}
