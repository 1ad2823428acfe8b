/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-entry-index.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-error.h"

/* A run's file is <area>.<first>-<last>.run: a header, then PtEntryPlace records in this machine's
 * byte order, sorted. Before areas had their own numbers it was <first>-<last>.run, with another
 * magic. */
#define RUN_MAGIC G_GUINT64_CONSTANT (0x3252504478644950)
#define MERGE_RUNS 8 /* so many neighbours of one size make one of the next */
#define AREAS_MAX (1 << 22)
#define SMALL_PLACES 512 /* a run of so many is read: a mapping takes whole pages */

typedef struct
{
  guint64 magic, area, first, last, count;
} RunHeader;

typedef struct
{
  guint32 area;
  guint64 first, last; /* entries of the area: after first, up to last */
  guint level;
  guint64 count;
  const PtEntryPlace *places;
  GBytes *bytes; /* of the file */
} Run;

struct _PtEntryIndex
{
  char *directory;
  GMutex lock;
  GPtrArray
      *areas; /* of each by its number: Runs by first, each begins where the one before ends */
};

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const PtEntryPlace *left = a, *right = b;

  if (left->kind != right->kind)
    return left->kind < right->kind ? -1 : 1;
  if (left->subject != right->subject)
    return left->subject < right->subject ? -1 : 1;
  return left->seq < right->seq ? -1 : left->seq > right->seq;
}

static void
run_free (gpointer data)
{
  Run *run = data;

  g_bytes_unref (run->bytes);
  g_free (run);
}

static char *
run_path (PtEntryIndex *index, guint32 area, guint64 first, guint64 last)
{
  g_autofree char *name
      = g_strdup_printf ("%u.%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT ".run", area, first, last);

  return g_build_filename (index->directory, name, NULL);
}

static guint
level_of (guint64 count)
{
  guint level = 0;

  for (guint64 bound = 4096; count > bound; bound *= MERGE_RUNS)
    level++;
  return level;
}

static GBytes *
run_read (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  gsize size;

  if (file == NULL)
    return NULL;
  size = g_mapped_file_get_length (file);
  if (size <= sizeof (RunHeader) + SMALL_PLACES * sizeof (PtEntryPlace))
    return g_bytes_new (g_mapped_file_get_contents (file), size);
  return g_mapped_file_get_bytes (file);
}

static Run *
run_open (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = run_read (path, error);
  RunHeader header = { 0 };
  const char *data;
  gsize size;
  Run *run;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &size);
  if (size >= sizeof header)
    memcpy (&header, data, sizeof header);
  if (header.magic != RUN_MAGIC || header.area >= AREAS_MAX || header.last <= header.first
      || (size - sizeof header) % sizeof (PtEntryPlace) != 0
      || (size - sizeof header) / sizeof (PtEntryPlace) != header.count)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED,
                   "%s is not a whole index run of this version.", path);
      return NULL;
    }
  run = g_new0 (Run, 1);
  run->area = (guint32) header.area;
  run->first = header.first;
  run->last = header.last;
  run->count = header.count;
  run->level = level_of (header.count);
  run->places = (const PtEntryPlace *) (data + sizeof header);
  run->bytes = g_steal_pointer (&bytes);
  return run;
}

/* Written beside and renamed; not fsync'ed, since a torn run is seen and made again. */
static Run *
run_write (PtEntryIndex *index, guint32 area, guint64 first, guint64 last, const GArray *places,
           GError **error)
{
  RunHeader header = { RUN_MAGIC, area, first, last, places->len };
  g_autofree char *path = run_path (index, area, first, last);
  g_autofree char *beside = g_strconcat (path, ".new", NULL);
  FILE *file = g_fopen (beside, "wbe");
  gboolean written;

  written = file != NULL && fwrite (&header, sizeof header, 1, file) == 1
            && (places->len == 0
                || fwrite (places->data, sizeof (PtEntryPlace), places->len, file) == places->len);
  if (file != NULL)
    written = fclose (file) == 0 && written;
  if (!written || g_rename (beside, path) != 0)
    {
      g_unlink (beside);
      g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
                   "%s can't be written: %s. Free some space; it will be made again.", path,
                   g_strerror (errno));
      return NULL;
    }
  return run_open (path, error);
}

static int
compare_runs (gconstpointer a, gconstpointer b)
{
  const Run *left = *(Run *const *) a, *right = *(Run *const *) b;

  if (left->first != right->first)
    return left->first < right->first ? -1 : 1;
  /* A merged run and what it was made of: the longer one first. */
  return left->last > right->last ? -1 : left->last < right->last;
}

/* The runs of an area; made where there are none. */
static GPtrArray *
index_runs (PtEntryIndex *index, guint32 area)
{
  while (area >= index->areas->len)
    g_ptr_array_add (index->areas, g_ptr_array_new_with_free_func (run_free));
  return g_ptr_array_index (index->areas, area);
}

static void
index_load_file (PtEntryIndex *index, const char *name)
{
  g_autofree char *path = g_build_filename (index->directory, name, NULL);
  g_autoptr (GError) error = NULL;
  Run *run;

  if (!g_str_has_suffix (name, ".run"))
    {
      g_unlink (path);
      return;
    }
  run = run_open (path, &error);
  if (run != NULL)
    {
      g_ptr_array_add (index_runs (index, run->area), run);
      return;
    }
  g_message ("%s It will be made again.", error->message);
  g_unlink (path);
}

/* Keeps the runs that follow each other from the beginning; what is covered already or lies beyond
 * a hole goes. */
static void
index_keep_chain (PtEntryIndex *index, GPtrArray *runs)
{
  guint64 covered = 0;

  g_ptr_array_sort (runs, compare_runs);
  for (guint i = 0; i < runs->len;)
    {
      Run *run = g_ptr_array_index (runs, i);

      if (run->first == covered)
        {
          covered = run->last;
          i++;
        }
      else
        {
          g_autofree char *path = run_path (index, run->area, run->first, run->last);

          g_unlink (path);
          g_ptr_array_remove_index (runs, i);
        }
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
    index_load_file (index, name);
  for (guint area = 0; area < index->areas->len; area++)
    index_keep_chain (index, g_ptr_array_index (index->areas, area));
  return g_steal_pointer (&index);
}

void
pt_entry_index_free (PtEntryIndex *index)
{
  if (index == NULL)
    return;
  g_ptr_array_unref (index->areas);
  g_mutex_clear (&index->lock);
  g_free (index->directory);
  g_free (index);
}

/* Where the youngest MERGE_RUNS neighbours of one level begin, or -1. */
static int
find_merge (const GPtrArray *runs)
{
  guint alike = 1;

  if (runs->len < MERGE_RUNS)
    return -1;
  for (guint i = runs->len - 1; i > 0; i--)
    {
      const Run *run = g_ptr_array_index (runs, i);
      const Run *before = g_ptr_array_index (runs, i - 1);

      if (before->level > run->level)
        return -1;
      alike++;
      if (alike == MERGE_RUNS)
        return (int) i - 1;
    }
  return -1;
}

static gboolean
index_merge (PtEntryIndex *index, GPtrArray *runs, guint at, GError **error)
{
  const Run *first = g_ptr_array_index (runs, at);
  const Run *last = g_ptr_array_index (runs, at + MERGE_RUNS - 1);
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (PtEntryPlace));
  Run *merged;

  for (guint i = at; i < at + MERGE_RUNS; i++)
    {
      const Run *run = g_ptr_array_index (runs, i);

      g_array_append_vals (places, run->places, (guint) run->count);
    }
  g_array_sort (places, compare_places);
  merged = run_write (index, first->area, first->first, last->last, places, error);
  if (merged == NULL)
    return FALSE;
  if (merged->level == first->level)
    merged->level++;
  for (guint i = at; i < at + MERGE_RUNS; i++)
    {
      const Run *run = g_ptr_array_index (runs, i);
      g_autofree char *path = run_path (index, run->area, run->first, run->last);

      g_unlink (path);
    }
  g_ptr_array_remove_range (runs, at, MERGE_RUNS);
  g_ptr_array_insert (runs, (int) at, merged);
  return TRUE;
}

static guint64
covered_by (const GPtrArray *runs)
{
  return runs->len > 0 ? ((const Run *) g_ptr_array_index (runs, runs->len - 1))->last : 0;
}

guint64
pt_entry_index_covered (PtEntryIndex *index, guint32 area)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (index != NULL, 0);

  locker = g_mutex_locker_new (&index->lock);
  return area < index->areas->len ? covered_by (g_ptr_array_index (index->areas, area)) : 0;
}

gboolean
pt_entry_index_add (PtEntryIndex *index, guint32 area, guint64 first, guint64 last, GArray *places,
                    GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;
  GPtrArray *runs;
  Run *run;
  int at;

  g_return_val_if_fail (index != NULL && places != NULL, FALSE);
  g_return_val_if_fail (last > first && area < AREAS_MAX, FALSE);

  locker = g_mutex_locker_new (&index->lock);
  runs = index_runs (index, area);
  if (first != covered_by (runs))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
                   "The index covers entry %" G_GUINT64_FORMAT
                   " of area number %u, so what comes after %" G_GUINT64_FORMAT
                   " would leave a hole. Make it again.",
                   covered_by (runs), area, first);
      return FALSE;
    }
  g_array_sort (places, compare_places);
  run = run_write (index, area, first, last, places, error);
  if (run == NULL)
    return FALSE;
  g_ptr_array_add (runs, run);
  while ((at = find_merge (runs)) >= 0)
    if (!index_merge (index, runs, (guint) at, error))
      return FALSE;
  return TRUE;
}

static gboolean
run_find (const Run *run, const PtEntryPlace *wanted, PtEntryPlace *out)
{
  guint64 low = 0, high = run->count;

  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;
      int order = compare_places (&run->places[middle], wanted);

      if (order == 0)
        {
          *out = run->places[middle];
          return TRUE;
        }
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return FALSE;
}

gboolean
pt_entry_index_find (PtEntryIndex *index, guint32 area, PtSubject subject, gint64 seq,
                     PtEntryPlace *out)
{
  PtEntryPlace wanted = { .subject = subject.number, .kind = subject.kind & 0xff, .seq = seq };
  g_autoptr (GMutexLocker) locker = NULL;
  const GPtrArray *runs;

  g_return_val_if_fail (index != NULL && out != NULL, FALSE);

  locker = g_mutex_locker_new (&index->lock);
  runs = area < index->areas->len ? g_ptr_array_index (index->areas, area) : NULL;
  for (guint i = runs != NULL ? runs->len : 0; i > 0; i--)
    if (run_find (g_ptr_array_index (runs, i - 1), &wanted, out))
      return TRUE;
  return FALSE;
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
