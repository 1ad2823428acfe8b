/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-report-index.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-error.h"

/* A run's file is <first>-<last>.run: a header, then PtReportPlace records in this machine's byte
 * order, sorted. */
#define RUN_MAGIC G_GUINT64_CONSTANT (0x3152504478644950)
#define MERGE_RUNS 8 /* so many neighbours of one size make one of the next */

typedef struct
{
  guint64 magic, first, last, count;
} RunHeader;

typedef struct
{
  guint64 first, last; /* entry ids: after first, up to last */
  guint level;
  guint64 count;
  const PtReportPlace *places;
  GMappedFile *file;
} Run;

struct _PtReportIndex
{
  char *directory;
  GMutex lock;
  GPtrArray *runs; /* Run, by first; each begins where the one before ends */
};

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const PtReportPlace *left = a, *right = b;

  if (left->device != right->device)
    return left->device < right->device ? -1 : 1;
  return left->seq < right->seq ? -1 : left->seq > right->seq;
}

static void
run_free (gpointer data)
{
  Run *run = data;

  g_mapped_file_unref (run->file);
  g_free (run);
}

static char *
run_path (PtReportIndex *index, guint64 first, guint64 last)
{
  g_autofree char *name
      = g_strdup_printf ("%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT ".run", first, last);

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

static Run *
run_open (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  RunHeader header;
  gsize size;
  Run *run;

  if (file == NULL)
    return NULL;
  size = g_mapped_file_get_length (file);
  memset (&header, 0, sizeof header);
  if (size >= sizeof header)
    memcpy (&header, g_mapped_file_get_contents (file), sizeof header);
  if (header.magic != RUN_MAGIC || header.last <= header.first
      || (size - sizeof header) % sizeof (PtReportPlace) != 0
      || (size - sizeof header) / sizeof (PtReportPlace) != header.count)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED, "%s is not a whole index run.", path);
      return NULL;
    }
  run = g_new0 (Run, 1);
  run->first = header.first;
  run->last = header.last;
  run->count = header.count;
  run->level = level_of (header.count);
  run->places = (const PtReportPlace *) (g_mapped_file_get_contents (file) + sizeof header);
  run->file = g_steal_pointer (&file);
  return run;
}

/* Written beside and renamed; not fsync'ed, since a torn run is seen and made again. */
static Run *
run_write (PtReportIndex *index, guint64 first, guint64 last, const PtReportPlace *places,
           guint64 count, GError **error)
{
  RunHeader header = { RUN_MAGIC, first, last, count };
  g_autofree char *path = run_path (index, first, last);
  g_autofree char *beside = g_strconcat (path, ".new", NULL);
  FILE *file = g_fopen (beside, "wbe");
  gboolean written;

  written = file != NULL && fwrite (&header, sizeof header, 1, file) == 1
            && (count == 0 || fwrite (places, sizeof *places, count, file) == count);
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

static void
index_load_file (PtReportIndex *index, const char *name)
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
    g_ptr_array_add (index->runs, run);
  else
    {
      g_message ("%s It will be made again.", error->message);
      g_unlink (path);
    }
}

/* Keeps the runs that follow each other from the beginning; what is covered already or lies beyond
 * a hole goes. */
static guint64
index_keep_chain (PtReportIndex *index)
{
  guint64 covered = 0;

  g_ptr_array_sort (index->runs, compare_runs);
  for (guint i = 0; i < index->runs->len;)
    {
      Run *run = g_ptr_array_index (index->runs, i);

      if (run->first == covered)
        {
          covered = run->last;
          i++;
          continue;
        }
      else
        {
          g_autofree char *path = run_path (index, run->first, run->last);

          g_unlink (path);
          g_ptr_array_remove_index (index->runs, i);
        }
    }
  return covered;
}

PtReportIndex *
pt_report_index_new (const char *directory, guint64 *complete_to, GError **error)
{
  g_autoptr (PtReportIndex) index = g_new0 (PtReportIndex, 1);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  index->directory = g_strdup (directory);
  g_mutex_init (&index->lock);
  index->runs = g_ptr_array_new_with_free_func (run_free);
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
  *complete_to = index_keep_chain (index);
  return g_steal_pointer (&index);
}

void
pt_report_index_free (PtReportIndex *index)
{
  if (index == NULL)
    return;
  g_ptr_array_unref (index->runs);
  g_mutex_clear (&index->lock);
  g_free (index->directory);
  g_free (index);
}

/* Where the youngest MERGE_RUNS neighbours of one level begin, or -1. */
static int
index_find_merge (PtReportIndex *index)
{
  guint alike = 1;

  if (index->runs->len < MERGE_RUNS)
    return -1;
  for (guint i = index->runs->len - 1; i > 0; i--)
    {
      Run *run = g_ptr_array_index (index->runs, i);
      Run *before = g_ptr_array_index (index->runs, i - 1);

      if (before->level > run->level)
        return -1;
      alike++;
      if (alike == MERGE_RUNS)
        return (int) i - 1;
    }
  return -1;
}

static gboolean
index_merge (PtReportIndex *index, guint at, GError **error)
{
  Run *first = g_ptr_array_index (index->runs, at);
  Run *last = g_ptr_array_index (index->runs, at + MERGE_RUNS - 1);
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (PtReportPlace));
  Run *merged;

  for (guint i = at; i < at + MERGE_RUNS; i++)
    {
      Run *run = g_ptr_array_index (index->runs, i);

      g_array_append_vals (places, run->places, (guint) run->count);
    }
  g_array_sort (places, compare_places);
  merged = run_write (index, first->first, last->last, (PtReportPlace *) places->data, places->len,
                      error);
  if (merged == NULL)
    return FALSE;
  if (merged->level == first->level)
    merged->level++;
  for (guint i = at; i < at + MERGE_RUNS; i++)
    {
      Run *run = g_ptr_array_index (index->runs, i);
      g_autofree char *path = run_path (index, run->first, run->last);

      g_unlink (path);
    }
  g_ptr_array_remove_range (index->runs, at, MERGE_RUNS);
  g_ptr_array_insert (index->runs, (int) at, merged);
  return TRUE;
}

static guint64
index_covered (PtReportIndex *index)
{
  guint count = index->runs->len;

  return count > 0 ? ((Run *) g_ptr_array_index (index->runs, count - 1))->last : 0;
}

guint64
pt_report_index_covered (PtReportIndex *index)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&index->lock);

  return index_covered (index);
}

gboolean
pt_report_index_add (PtReportIndex *index, guint64 first, guint64 last, GArray *places,
                     GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&index->lock);
  Run *run;
  int at;

  g_return_val_if_fail (last > first, FALSE);

  if (first != index_covered (index))
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
                   "The index of reports covers entry %" G_GUINT64_FORMAT
                   ", so what comes after %" G_GUINT64_FORMAT " would leave a hole. Make it again.",
                   index_covered (index), first);
      return FALSE;
    }
  g_array_sort (places, compare_places);
  run = run_write (index, first, last, (PtReportPlace *) places->data, places->len, error);
  if (run == NULL)
    return FALSE;
  g_ptr_array_add (index->runs, run);
  while ((at = index_find_merge (index)) >= 0)
    if (!index_merge (index, (guint) at, error))
      return FALSE;
  return TRUE;
}

static gboolean
run_find (const Run *run, const PtReportPlace *wanted, PtReportPlace *out)
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
pt_report_index_find (PtReportIndex *index, guint32 device, gint64 seq, PtReportPlace *out)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&index->lock);
  PtReportPlace wanted = { .device = device, .seq = seq };

  for (guint i = index->runs->len; i > 0; i--)
    if (run_find (g_ptr_array_index (index->runs, i - 1), &wanted, out))
      return TRUE;
  return FALSE;
}

guint
pt_report_index_runs (PtReportIndex *index)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&index->lock);

  return index->runs->len;
}
