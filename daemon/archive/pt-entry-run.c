/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-entry-run.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "pt-error.h"
#include "pt-sha256.h"
#include "pt-store-log.h"

/* A run's file is <area>.<first>-<last>.run: a header, then PtEntryPlace records in this machine's
 * byte order. The magic names the version: PIdx3 has digests and leaves, and a checksum. */
#define RUN_MAGIC G_GUINT64_CONSTANT (0x3378644974507250)
#define SMALL_PLACES 512 /* a run of so many is read: a mapping takes whole pages */
#define PIECE (256 * 1024)
#define MERGE_PLACES 1024 /* of each run in memory while they are merged */

typedef struct
{
  guint64 magic, area, first, last, count, level;
  PtHash sum; /* of the header before it and of all places */
} RunHeader;

struct _PtEntryRun
{
  gatomicrefcount references;
  char *path;
  PtEntryRunRange range;
  const PtEntryPlace *places;
  GBytes *bytes; /* of the file */
};

guint64
pt_entry_place_digest (const guint8 *digest)
{
  guint64 value;

  g_return_val_if_fail (digest != NULL, 0);

  memcpy (&value, digest, sizeof value);
  return value;
}

int
pt_entry_place_compare (gconstpointer a, gconstpointer b)
{
  const PtEntryPlace *left = a, *right = b;

  if (left->kind != right->kind)
    return left->kind < right->kind ? -1 : 1;
  if (left->subject != right->subject)
    return left->subject < right->subject ? -1 : 1;
  return left->seq < right->seq ? -1 : left->seq > right->seq;
}

PtEntryRun *
pt_entry_run_ref (PtEntryRun *run)
{
  g_return_val_if_fail (run != NULL, NULL);

  g_atomic_ref_count_inc (&run->references);
  return run;
}

void
pt_entry_run_unref (PtEntryRun *run)
{
  if (run == NULL || !g_atomic_ref_count_dec (&run->references))
    return;
  g_clear_pointer (&run->bytes, g_bytes_unref);
  g_free (run->path);
  g_free (run);
}

const char *
pt_entry_run_path (const PtEntryRun *run)
{
  g_return_val_if_fail (run != NULL, NULL);
  return run->path;
}

const PtEntryRunRange *
pt_entry_run_range (const PtEntryRun *run)
{
  g_return_val_if_fail (run != NULL, NULL);
  return &run->range;
}

gboolean
pt_entry_run_find (const PtEntryRun *run, const PtEntryPlace *wanted, PtEntryPlace *out)
{
  guint64 low = 0, high;

  g_return_val_if_fail (run != NULL && wanted != NULL && out != NULL, FALSE);

  high = run->range.count;
  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;
      int order = pt_entry_place_compare (&run->places[middle], wanted);

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
pt_entry_run_next (const PtEntryRun *run, const PtEntryPlace *before, PtEntryPlace *out)
{
  guint64 low = 0, high;

  g_return_val_if_fail (run != NULL && before != NULL && out != NULL, FALSE);

  high = run->range.count;
  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;

      if (pt_entry_place_compare (&run->places[middle], before) <= 0)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == run->range.count)
    return FALSE;
  *out = run->places[low];
  return TRUE;
}

/* Opening */

static gboolean
header_holds (const RunHeader *header, guint64 size)
{
  guint64 places = (size - sizeof *header) / sizeof (PtEntryPlace);

  return header->magic == RUN_MAGIC && header->area < PT_AREAS_MAX && header->last > header->first
         && (size - sizeof *header) % sizeof (PtEntryPlace) == 0 && places == header->count;
}

static void
sum_header (PtSha256 *sha, const RunHeader *header)
{
  pt_sha256_init (sha);
  pt_sha256_update (sha, header, offsetof (RunHeader, sum));
}

static gboolean
read_header (FILE *file, RunHeader *header)
{
  GStatBuf status;

  return fstat (fileno (file), &status) == 0 && (gsize) status.st_size >= sizeof *header
         && fread (header, sizeof *header, 1, file) == 1
         && header_holds (header, (guint64) status.st_size);
}

/* By reading, not through the mapping: a disk that fails is an error then and no signal. */
static gboolean
check_places (FILE *file, const RunHeader *header, PtEntryRunPace pace, gpointer context)
{
  g_autofree char *piece = g_malloc (PIECE);
  PtSha256 sha;
  PtHash sum;
  gsize count;

  sum_header (&sha, header);
  while ((count = fread (piece, 1, PIECE, file)) > 0)
    {
      pt_sha256_update (&sha, piece, count);
      if (pace != NULL && !pace (context, count))
        return TRUE;
    }
  pt_sha256_finish (&sha, &sum);
  return !ferror (file) && memcmp (&sum, &header->sum, sizeof sum) == 0;
}

/* *@header: as the file has it. */
static gboolean
check_file (const char *path, gboolean trusting, RunHeader *header, PtEntryRunPace pace,
            gpointer context)
{
  FILE *file = g_fopen (path, "rbe");
  gboolean whole;

  if (file == NULL)
    return FALSE;
  whole = read_header (file, header) && (trusting || check_places (file, header, pace, context));
  fclose (file);
  return whole;
}

gboolean
pt_entry_run_check (const PtEntryRun *run, PtEntryRunPace pace, gpointer context)
{
  RunHeader header = { 0 };

  g_return_val_if_fail (run != NULL, FALSE);

  return check_file (run->path, FALSE, &header, pace, context) && header.count == run->range.count
         && header.first == run->range.first;
}

static GBytes *
map_file (const char *path, guint64 count, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);

  if (file == NULL)
    return NULL;
  if (count <= SMALL_PLACES)
    return g_bytes_new (g_mapped_file_get_contents (file), g_mapped_file_get_length (file));
  return g_mapped_file_get_bytes (file);
}

static PtEntryRun *
run_map (const char *path, const RunHeader *header, GError **error)
{
  GBytes *bytes = map_file (path, header->count, error);
  const char *data;
  PtEntryRun *run;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, NULL);
  run = g_new0 (PtEntryRun, 1);
  g_atomic_ref_count_init (&run->references);
  run->path = g_strdup (path);
  run->range = (PtEntryRunRange){ (guint32) header->area, header->first, header->last,
                                  header->count, (guint) header->level };
  run->places = (const PtEntryPlace *) (data + sizeof *header);
  run->bytes = bytes;
  return run;
}

/* A want of descriptors or memory says nothing of the file. */
static gboolean
can_be_opened (const char *path, GError **error)
{
  int file = open (path, O_RDONLY | O_CLOEXEC);
  int code = errno;

  if (file >= 0)
    {
      close (file);
      return TRUE;
    }
  if (code != EMFILE && code != ENFILE && code != ENOMEM)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY, "%s can't be read for now: %s.", path,
               g_strerror (code));
  return FALSE;
}

PtEntryRun *
pt_entry_run_open (const char *path, gboolean trusting, GError **error)
{
  RunHeader header = { 0 };

  g_return_val_if_fail (path != NULL, NULL);

  if (!can_be_opened (path, error))
    return NULL;
  if (check_file (path, trusting, &header, NULL, NULL))
    return run_map (path, &header, error);
  g_set_error (error, PT_ERROR, PT_ERROR_MALFORMED, "%s is not a whole index run of this version.",
               path);
  return NULL;
}

/* Writing */

typedef struct
{
  RunHeader header;
  char *path, *beside;
  FILE *file;
  PtSha256 sha;
  gboolean failed;
} RunWriter;

static void
writer_add (RunWriter *writer, const PtEntryPlace *places, gsize count)
{
  if (writer->failed || count == 0)
    return;
  pt_sha256_update (&writer->sha, places, count * sizeof *places);
  writer->failed = fwrite (places, sizeof *places, count, writer->file) != count;
}

/* The header comes once more at the end, with the sum. */
static void
writer_open (RunWriter *writer, const char *directory, const PtEntryRunRange *range)
{
  g_autofree char *name = g_strdup_printf ("%u.%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT ".run",
                                           range->area, range->first, range->last);

  *writer = (RunWriter){ .header = { .magic = RUN_MAGIC,
                                     .area = range->area,
                                     .first = range->first,
                                     .last = range->last,
                                     .count = range->count,
                                     .level = range->level } };
  writer->path = g_build_filename (directory, name, NULL);
  writer->beside = g_strconcat (writer->path, ".new", NULL);
  writer->file = g_fopen (writer->beside, "wbe");
  writer->failed = writer->file == NULL
                   || fwrite (&writer->header, sizeof writer->header, 1, writer->file) != 1;
  sum_header (&writer->sha, &writer->header);
}

static void
writer_finish (RunWriter *writer)
{
  pt_sha256_finish (&writer->sha, &writer->header.sum);
  writer->failed = writer->failed || fseek (writer->file, 0, SEEK_SET) != 0
                   || fwrite (&writer->header, sizeof writer->header, 1, writer->file) != 1
                   || fflush (writer->file) != 0 || fsync (fileno (writer->file)) != 0;
  if (writer->file != NULL && fclose (writer->file) != 0)
    writer->failed = TRUE;
  writer->failed = writer->failed || g_rename (writer->beside, writer->path) != 0;
}

static PtEntryRun *
writer_close (RunWriter *writer, GError **error)
{
  PtEntryRun *run = NULL;
  int code;

  writer_finish (writer);
  code = errno;
  if (!writer->failed)
    run = run_map (writer->path, &writer->header, error);
  else
    {
      g_unlink (writer->beside);
      g_set_error (error, PT_ERROR, PT_ERROR_RETRY,
                   "%s can't be written: %s. Free some space; it will be made again.", writer->path,
                   g_strerror (code));
    }
  g_free (writer->path);
  g_free (writer->beside);
  return run;
}

PtEntryRun *
pt_entry_run_write (const char *directory, const PtEntryRunRange *range, const PtEntryPlace *places,
                    GError **error)
{
  RunWriter writer;

  g_return_val_if_fail (directory != NULL && range != NULL, NULL);
  g_return_val_if_fail (places != NULL || range->count == 0, NULL);

  writer_open (&writer, directory, range);
  writer_add (&writer, places, (gsize) range->count);
  return writer_close (&writer, error);
}

gboolean
pt_entry_run_sync_names (const char *directory, GError **error)
{
  int file, code;

  g_return_val_if_fail (directory != NULL, FALSE);

  file = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  code = file < 0 || fsync (file) != 0 ? errno : 0;
  if (file >= 0)
    close (file);
  if (code == 0)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY, "%s can't be synced: %s.", directory,
               g_strerror (code));
  return FALSE;
}

/* Merging */

/* A run that is read from its beginning: through the mapping all of it would stay in memory. What
 * was damaged since it was opened must not get a new checksum, so it is summed up on the way. */
typedef struct
{
  FILE *file;
  RunHeader header;
  PtSha256 sha;
  PtEntryPlace *places;
  gsize at, count;
} RunReader;

/* FALSE: the run has no further place, or can't be read (then the sum will be wrong). */
static gboolean
reader_fill (RunReader *reader)
{
  if (reader->at < reader->count)
    return TRUE;
  reader->at = 0;
  reader->count = reader->file != NULL
                      ? fread (reader->places, sizeof *reader->places, MERGE_PLACES, reader->file)
                      : 0;
  pt_sha256_update (&reader->sha, reader->places, reader->count * sizeof *reader->places);
  return reader->count > 0;
}

static void
reader_open (RunReader *reader, const PtEntryRun *run)
{
  reader->file = g_fopen (run->path, "rbe");
  reader->places = g_new (PtEntryPlace, MERGE_PLACES);
  if (reader->file != NULL && fread (&reader->header, sizeof reader->header, 1, reader->file) != 1)
    g_clear_pointer (&reader->file, fclose);
  sum_header (&reader->sha, &reader->header);
}

/* Whether all that was read is what was written. */
static gboolean
reader_close (RunReader *reader)
{
  gboolean whole = reader->file != NULL;
  PtHash sum;

  pt_sha256_finish (&reader->sha, &sum);
  g_clear_pointer (&reader->file, fclose);
  g_free (reader->places);
  return whole && memcmp (&sum, &reader->header.sum, sizeof sum) == 0;
}

/* The one with the least place; NULL: all are at their end. */
static RunReader *
find_least (RunReader *readers, guint count)
{
  RunReader *least = NULL;

  for (guint i = 0; i < count; i++)
    if (reader_fill (&readers[i])
        && (least == NULL
            || pt_entry_place_compare (&readers[i].places[readers[i].at], &least->places[least->at])
                   < 0))
      least = &readers[i];
  return least;
}

static guint64
merge_places (RunWriter *writer, RunReader *readers, guint count)
{
  guint64 merged = 0;
  RunReader *least;

  while (!writer->failed && (least = find_least (readers, count)) != NULL)
    {
      writer_add (writer, &least->places[least->at++], 1);
      merged++;
    }
  return merged;
}

PtEntryRun *
pt_entry_run_merge (const char *directory, PtEntryRun *const *runs, guint count, guint level,
                    GError **error)
{
  g_autofree RunReader *readers = g_new0 (RunReader, count);
  PtEntryRunRange range;
  RunWriter writer;

  g_return_val_if_fail (directory != NULL && runs != NULL && count > 0, NULL);

  range = runs[0]->range;
  range.last = runs[count - 1]->range.last;
  range.count = 0;
  range.level = level;
  for (guint i = 0; i < count; i++)
    {
      reader_open (&readers[i], runs[i]);
      range.count += runs[i]->range.count;
    }
  writer_open (&writer, directory, &range);
  errno = EIO;
  if (merge_places (&writer, readers, count) != range.count)
    writer.failed = TRUE;
  for (guint i = 0; i < count; i++)
    if (!reader_close (&readers[i]))
      writer.failed = TRUE;
  return writer_close (&writer, error);
}
