/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-entry-index.h"

#include <glib/gstdio.h>

#include "pt-error.h"
#include "pt-store-log.h"

#define CHECKED_AT_START (G_GUINT64_CONSTANT (1) << 30) /* bytes: more would make a start long */
#define MERGE_RUNS 8 /* so many neighbours of one size make one of the next */

/* Runs are never changed, and neither is an area's array of them: another takes its place. So who
 * looks up holds the lock no longer than it takes to get hold of the array. */
struct _PtEntryIndex
{
  char *directory;
  guint64 checked; /* bytes, at the start */
  GMutex changing; /* of who adds, merges or drops; taken before the lock */
  GMutex lock;
  GPtrArray *areas; /* of each by its number: PtEntryRuns by first, each begins where the one before
                       ends */
};

static guint
level_of (guint64 count)
{
  guint level = 0;

  for (guint64 bound = 4096; count > bound; bound *= MERGE_RUNS)
    level++;
  return level;
}

static guint
level_at (const GPtrArray *runs, guint at)
{
  return pt_entry_run_range (g_ptr_array_index (runs, at))->level;
}

static guint64
first_of (const GPtrArray *runs, guint at)
{
  return pt_entry_run_range (g_ptr_array_index (runs, at))->first;
}

static guint64
covered_by (const GPtrArray *runs)
{
  return runs->len > 0 ? pt_entry_run_range (g_ptr_array_index (runs, runs->len - 1))->last : 0;
}

static GPtrArray *
runs_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) pt_entry_run_unref);
}

static gpointer
copy_run (gconstpointer run, gpointer user_data)
{
  return pt_entry_run_ref ((PtEntryRun *) run);
}

/* The area's runs as they are now, to be unref'ed. */
static GPtrArray *
index_get_runs (PtEntryIndex *index, guint32 area)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&index->lock);

  return area < index->areas->len ? g_ptr_array_ref (g_ptr_array_index (index->areas, area))
                                  : runs_new ();
}

/* Takes @runs. */
static void
index_set_runs (PtEntryIndex *index, guint32 area, GPtrArray *runs)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&index->lock);

  while (area >= index->areas->len)
    g_ptr_array_add (index->areas, runs_new ());
  g_ptr_array_unref (g_ptr_array_index (index->areas, area));
  g_ptr_array_index (index->areas, area) = runs;
}

/* Opening */

static int
compare_runs (gconstpointer a, gconstpointer b)
{
  const PtEntryRunRange *left = pt_entry_run_range (*(PtEntryRun *const *) a);
  const PtEntryRunRange *right = pt_entry_run_range (*(PtEntryRun *const *) b);

  if (left->first != right->first)
    return left->first < right->first ? -1 : 1;
  /* A merged run and what it was made of: the longer one first. */
  return left->last > right->last ? -1 : left->last < right->last;
}

/* What is no run that can be used is deleted, to be made again; but nothing for a want that passes.
 */
static gboolean
index_load_file (PtEntryIndex *index, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (index->directory, name, NULL);
  g_autoptr (GError) local = NULL;
  PtEntryRun *run;
  GStatBuf status;
  guint32 area;

  if (!g_str_has_suffix (name, ".run"))
    {
      g_unlink (path);
      return TRUE;
    }
  index->checked += g_stat (path, &status) == 0 ? (guint64) status.st_size : 0;
  run = pt_entry_run_open (path, index->checked > CHECKED_AT_START, &local);
  if (run == NULL && !g_error_matches (local, PT_ERROR, PT_ERROR_MALFORMED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (run == NULL)
    {
      g_message ("%s It will be made again.", local->message);
      g_unlink (path);
      return TRUE;
    }
  area = pt_entry_run_range (run)->area;
  while (area >= index->areas->len)
    g_ptr_array_add (index->areas, runs_new ());
  g_ptr_array_add (g_ptr_array_index (index->areas, area), run);
  return TRUE;
}

/* Keeps the runs that follow each other from the beginning; what is covered already or lies beyond
 * a hole goes. */
static void
index_keep_chain (GPtrArray *runs)
{
  guint64 covered = 0;

  g_ptr_array_sort (runs, compare_runs);
  for (guint i = 0; i < runs->len;)
    if (first_of (runs, i) == covered)
      covered = pt_entry_run_range (g_ptr_array_index (runs, i++))->last;
    else
      {
        g_unlink (pt_entry_run_path (g_ptr_array_index (runs, i)));
        g_ptr_array_remove_index (runs, i);
      }
}

PtEntryIndex *
pt_entry_index_new (const char *directory, GError **error)
{
  g_autoptr (PtEntryIndex) index = g_new0 (PtEntryIndex, 1);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_return_val_if_fail (directory != NULL, NULL);

  index->directory = g_strdup (directory);
  g_mutex_init (&index->changing);
  g_mutex_init (&index->lock);
  index->areas = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  if (g_mkdir_with_parents (directory, 0700) != 0)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                   "%s can't be made: %s. Check the state directory.", directory,
                   g_strerror (errno));
      return NULL;
    }
  dir = g_dir_open (directory, 0, error);
  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (!index_load_file (index, name, error))
      return NULL;
  for (guint area = 0; area < index->areas->len; area++)
    index_keep_chain (g_ptr_array_index (index->areas, area));
  return g_steal_pointer (&index);
}

void
pt_entry_index_free (PtEntryIndex *index)
{
  if (index == NULL)
    return;
  g_ptr_array_unref (index->areas);
  g_mutex_clear (&index->lock);
  g_mutex_clear (&index->changing);
  g_free (index->directory);
  g_free (index);
}

/* Adding */

/* Where the youngest MERGE_RUNS neighbours of one level begin, or -1. */
static int
find_merge (const GPtrArray *runs)
{
  guint alike = 1;

  if (runs->len < MERGE_RUNS)
    return -1;
  for (guint i = runs->len - 1; i > 0; i--)
    {
      guint level = level_at (runs, i), before = level_at (runs, i - 1);

      if (before > level)
        return -1;
      alike++;
      if (alike == MERGE_RUNS)
        return (int) i - 1;
    }
  return -1;
}

/* The new name is durable before the old ones go. Readers that still have the old runs keep them
 * open. */
static gboolean
index_merge (PtEntryIndex *index, guint32 area, guint at, GError **error)
{
  g_autoptr (GPtrArray) before = index_get_runs (index, area);
  PtEntryRun *const *olds = (PtEntryRun *const *) before->pdata + at;
  GPtrArray *after;
  guint64 count = 0;
  PtEntryRun *merged;

  for (guint i = 0; i < MERGE_RUNS; i++)
    count += pt_entry_run_range (olds[i])->count;
  merged = pt_entry_run_merge (index->directory, olds, MERGE_RUNS,
                               MAX (level_of (count), level_at (before, at) + 1), error);
  if (merged == NULL)
    return FALSE;
  if (!pt_entry_run_sync_names (index->directory, error))
    {
      g_unlink (pt_entry_run_path (merged));
      pt_entry_run_unref (merged);
      return FALSE;
    }
  after = g_ptr_array_copy (before, copy_run, NULL);
  g_ptr_array_remove_range (after, at, MERGE_RUNS);
  g_ptr_array_insert (after, (int) at, merged);
  index_set_runs (index, area, after);
  for (guint i = 0; i < MERGE_RUNS; i++)
    g_unlink (pt_entry_run_path (olds[i]));
  return TRUE;
}

/* What can't be merged now is merged when there is more. */
static void
index_merge_all (PtEntryIndex *index, guint32 area)
{
  g_autoptr (GError) error = NULL;
  gboolean more = TRUE;

  while (more)
    {
      g_autoptr (GPtrArray) runs = index_get_runs (index, area);
      int at = find_merge (runs);

      more = at >= 0 && index_merge (index, area, (guint) at, &error);
    }
  if (error != NULL)
    g_message ("The index has more files than it should: %s", error->message);
}

guint64
pt_entry_index_covered (PtEntryIndex *index, guint32 area)
{
  g_autoptr (GPtrArray) runs = NULL;

  g_return_val_if_fail (index != NULL, 0);

  runs = index_get_runs (index, area);
  return covered_by (runs);
}

static gboolean
index_add_run (PtEntryIndex *index, const PtEntryRunRange *range, GArray *places, GError **error)
{
  g_autoptr (GPtrArray) runs = index_get_runs (index, range->area);
  GPtrArray *after;
  PtEntryRun *run;

  if (range->first != covered_by (runs))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
                   "The index covers entry %" G_GUINT64_FORMAT
                   " of area number %u, so what comes after %" G_GUINT64_FORMAT
                   " would leave a hole. Make it again.",
                   covered_by (runs), range->area, range->first);
      return FALSE;
    }
  g_array_sort (places, pt_entry_place_compare);
  run = pt_entry_run_write (index->directory, range, (const PtEntryPlace *) (gpointer) places->data,
                            error);
  if (run == NULL)
    return FALSE;
  after = g_ptr_array_copy (runs, copy_run, NULL);
  g_ptr_array_add (after, run);
  index_set_runs (index, range->area, after);
  return TRUE;
}

gboolean
pt_entry_index_add (PtEntryIndex *index, guint32 area, guint64 first, guint64 last, GArray *places,
                    GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;
  PtEntryRunRange range = { .area = area, .first = first, .last = last };

  g_return_val_if_fail (index != NULL && places != NULL, FALSE);
  g_return_val_if_fail (last > first && area < PT_AREAS_MAX, FALSE);

  locker = g_mutex_locker_new (&index->changing);
  range.count = places->len;
  range.level = level_of (range.count);
  if (!index_add_run (index, &range, places, error))
    return FALSE;
  index_merge_all (index, area);
  return TRUE;
}

/* Drops the run, if it is still one of the area's, with all that follow. */
static guint
index_drop_from (PtEntryIndex *index, guint32 area, PtEntryRun *run)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&index->changing);
  g_autoptr (GPtrArray) runs = index_get_runs (index, area);
  GPtrArray *left;
  guint at;

  if (!g_ptr_array_find (runs, run, &at))
    return 0;
  g_message ("The index of area number %u is damaged after entry %" G_GUINT64_FORMAT
             "; it will be made again.",
             area, first_of (runs, at));
  left = g_ptr_array_copy (runs, copy_run, NULL);
  g_ptr_array_set_size (left, (gint) at);
  index_set_runs (index, area, left);
  for (guint i = at; i < runs->len; i++)
    g_unlink (pt_entry_run_path (g_ptr_array_index (runs, i)));
  return runs->len - at;
}

/* Without a lock: it may take long. A run that was merged meanwhile is no longer there, and was
 * checked by that. */
guint
pt_entry_index_check (PtEntryIndex *index, guint32 area, PtEntryRunPace pace, gpointer context)
{
  g_autoptr (GPtrArray) runs = NULL;
  guint dropped = 0;

  g_return_val_if_fail (index != NULL, 0);

  runs = index_get_runs (index, area);
  for (guint i = 0; dropped == 0 && i < runs->len; i++)
    {
      PtEntryRun *run = g_ptr_array_index (runs, i);

      if (!pt_entry_run_check (run, pace, context))
        dropped = index_drop_from (index, area, run);
    }
  return dropped;
}

gboolean
pt_entry_index_find (PtEntryIndex *index, guint32 area, PtSubject subject, gint64 seq,
                     PtEntryPlace *out)
{
  PtEntryPlace wanted = { .kind = subject.kind, .subject = subject.number, .seq = seq };
  g_autoptr (GPtrArray) runs = NULL;

  g_return_val_if_fail (index != NULL && out != NULL, FALSE);

  runs = index_get_runs (index, area);
  for (guint i = runs->len; i > 0; i--)
    if (pt_entry_run_find (g_ptr_array_index (runs, i - 1), &wanted, out))
      return TRUE;
  return FALSE;
}

gboolean
pt_entry_index_next (PtEntryIndex *index, guint32 area, PtSubject subject, gint64 seq,
                     PtEntryPlace *out)
{
  PtEntryPlace before = { .kind = subject.kind, .subject = subject.number, .seq = seq }, next;
  g_autoptr (GPtrArray) runs = NULL;
  gboolean found = FALSE;

  g_return_val_if_fail (index != NULL && out != NULL, FALSE);

  runs = index_get_runs (index, area);
  for (guint i = 0; i < runs->len; i++)
    if (pt_entry_run_next (g_ptr_array_index (runs, i), &before, &next) && next.kind == before.kind
        && next.subject == before.subject && (!found || next.seq < out->seq))
      {
        *out = next;
        found = TRUE;
      }
  return found;
}

guint
pt_entry_index_runs (PtEntryIndex *index)
{
  g_autoptr (GMutexLocker) locker = NULL;
  guint count = 0;

  g_return_val_if_fail (index != NULL, 0);

  locker = g_mutex_locker_new (&index->lock);
  for (guint area = 0; area < index->areas->len; area++)
    count += ((GPtrArray *) g_ptr_array_index (index->areas, area))->len;
  return count;
}
