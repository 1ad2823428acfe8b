/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-hash-tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pt-error.h"

#define LEVEL_BITS 8 /* of PT_HASH_TILE */
#define LEVELS (PT_TREE_DEPTH_MAX / LEVEL_BITS)

struct _PtHashTiles
{
  char *directory;
  gboolean writing;
  int files[LEVELS]; /* -1: not opened yet, or not there */
};

static gboolean
tiles_fail (const PtHashTiles *tiles, const char *verb, int code, GError **error)
{
  g_set_error (error, PT_ERROR, PT_ERROR_RETRY, "Could not %s %s: %s.", verb, tiles->directory,
               g_strerror (code));
  return FALSE;
}

/* -1 with errno. */
static int
tiles_file (PtHashTiles *tiles, guint level, int create)
{
  char path[32];
  g_autofree char *full = NULL;

  if (tiles->files[level] >= 0)
    return tiles->files[level];
  g_snprintf (path, sizeof path, "%u", level);
  full = g_build_filename (tiles->directory, path, NULL);
  tiles->files[level]
      = open (full, (tiles->writing ? O_RDWR : O_RDONLY) | create | O_CLOEXEC, 0644);
  return tiles->files[level];
}

PtHashTiles *
pt_hash_tiles_open (const char *directory, guint32 area, gboolean writing, GError **error)
{
  g_autoptr (PtHashTiles) tiles = NULL;
  char name[16];

  g_return_val_if_fail (directory != NULL, NULL);

  g_snprintf (name, sizeof name, "%u", area);
  tiles = g_new0 (PtHashTiles, 1);
  tiles->directory = g_build_filename (directory, name, NULL);
  tiles->writing = writing;
  for (guint level = 0; level < LEVELS; level++)
    tiles->files[level] = -1;
  if ((!writing || g_mkdir_with_parents (tiles->directory, 0700) == 0)
      && tiles_file (tiles, 0, writing ? O_CREAT : 0) >= 0)
    return g_steal_pointer (&tiles);
  if (errno == ENOENT && !writing)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND, "This area has no tiles yet.");
  else
    tiles_fail (tiles, "open", errno, error);
  return NULL;
}

void
pt_hash_tiles_free (PtHashTiles *tiles)
{
  if (tiles == NULL)
    return;
  for (guint level = 0; level < LEVELS; level++)
    if (tiles->files[level] >= 0)
      close (tiles->files[level]);
  g_free (tiles->directory);
  g_free (tiles);
}

/* Whole hashes of a level. */
static guint64
level_count (PtHashTiles *tiles, guint level)
{
  int file = tiles_file (tiles, level, 0);
  struct stat status;

  return file >= 0 && fstat (file, &status) == 0 ? (guint64) status.st_size / PT_HASH_SIZE : 0;
}

guint64
pt_hash_tiles_size (PtHashTiles *tiles)
{
  guint64 size;

  g_return_val_if_fail (tiles != NULL, 0);

  size = level_count (tiles, 0);
  for (guint level = 1; level < LEVELS && size >> (LEVEL_BITS * level) > 0; level++)
    {
      guint64 count = level_count (tiles, level);

      if (count < size >> (LEVEL_BITS * level))
        size = count << (LEVEL_BITS * level);
    }
  return size;
}

/* Reading */

/* FALSE: not so many are there. */
static gboolean
level_read (PtHashTiles *tiles, guint level, guint64 first, PtHash *hashes, gsize count)
{
  int file = tiles_file (tiles, level, 0);
  gsize size = count * PT_HASH_SIZE, done = 0;

  while (file >= 0 && done < size)
    {
      gssize got = pread (file, (char *) hashes + done, size - done,
                          (off_t) (first * PT_HASH_SIZE + done));

      if (got == 0 || (got < 0 && errno != EINTR))
        return FALSE;
      done += got > 0 ? (gsize) got : 0;
    }
  return file >= 0;
}

/* The root over a power of two of hashes, which are used up. */
static void
fold (PtHash *hashes, gsize count, PtHash *out)
{
  for (; count > 1; count /= 2)
    for (gsize i = 0; i < count / 2; i++)
      pt_tree_node_hash (&hashes[2 * i], &hashes[2 * i + 1], &hashes[i]);
  *out = hashes[0];
}

PtResult
pt_hash_tiles_node (void *context, unsigned height, uint64_t index, PtHash *out)
{
  PtHashTiles *tiles = context;
  guint within = height % LEVEL_BITS;
  PtHash hashes[PT_HASH_TILE / 2];

  g_return_val_if_fail (tiles != NULL && out != NULL, PT_STOPPED);

  if (height >= PT_TREE_DEPTH_MAX
      || !level_read (tiles, height / LEVEL_BITS, index << within, hashes, (gsize) 1 << within))
    return PT_STOPPED;
  fold (hashes, (gsize) 1 << within, out);
  return PT_OK;
}

/* Writing */

static gboolean
level_write (PtHashTiles *tiles, guint level, guint64 first, const PtHash *hashes, gsize count,
             GError **error)
{
  int file = tiles_file (tiles, level, O_CREAT);
  gsize size = count * PT_HASH_SIZE, done = 0;

  if (file < 0)
    return tiles_fail (tiles, "open", errno, error);
  while (done < size)
    {
      gssize put = pwrite (file, (const char *) hashes + done, size - done,
                           (off_t) (first * PT_HASH_SIZE + done));

      if (put < 0 && errno != EINTR)
        return tiles_fail (tiles, "write", errno, error);
      done += put > 0 ? (gsize) put : 0;
    }
  return TRUE;
}

static gboolean
tiles_cut (PtHashTiles *tiles, guint64 size, GError **error)
{
  for (guint level = 0; level < LEVELS; level++)
    {
      guint64 count = size >> (LEVEL_BITS * level);

      if (level_count (tiles, level) > count
          && ftruncate (tiles_file (tiles, level, 0), (off_t) (count * PT_HASH_SIZE)) != 0)
        return tiles_fail (tiles, "cut", errno, error);
      if (count == 0)
        break;
    }
  return TRUE;
}

gboolean
pt_hash_tiles_put (PtHashTiles *tiles, guint64 first, const PtHash *leaves, gsize count,
                   GError **error)
{
  g_return_val_if_fail (tiles != NULL && tiles->writing, FALSE);
  g_return_val_if_fail (leaves != NULL || count == 0, FALSE);

  return level_write (tiles, 0, first, leaves, count, error);
}

/* The roots of tiles [@from, @to) of the level below, as many at once as make a tile of their own.
 */
static gboolean
raise_level (PtHashTiles *tiles, guint level, guint64 from, guint64 to, GError **error)
{
  g_autofree PtHash *tile = g_new (PtHash, PT_HASH_TILE);
  g_autofree PtHash *roots = g_new (PtHash, PT_HASH_TILE);
  gsize count;

  for (guint64 first = from; first < to; first += count)
    {
      count = (gsize) MIN (to - first, PT_HASH_TILE);
      for (gsize i = 0; i < count; i++)
        {
          if (!level_read (tiles, level - 1, (first + i) * PT_HASH_TILE, tile, PT_HASH_TILE))
            return tiles_fail (tiles, "read", EIO, error);
          fold (tile, PT_HASH_TILE, &roots[i]);
        }
      if (!level_write (tiles, level, first, roots, count, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pt_hash_tiles_raise (PtHashTiles *tiles, const PtTreeRange *range, guint level, GError **error)
{
  g_return_val_if_fail (tiles != NULL && tiles->writing && range != NULL, FALSE);

  for (level++; level < LEVELS; level++)
    {
      guint64 from = range->first >> (LEVEL_BITS * level);
      guint64 to = (range->first + range->count) >> (LEVEL_BITS * level);

      if (from == to)
        break;
      if (!raise_level (tiles, level, from, to, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pt_hash_tiles_append (PtHashTiles *tiles, guint64 first, const PtHash *leaves, gsize count,
                      GError **error)
{
  PtTreeRange range = { first, count };

  g_return_val_if_fail (tiles != NULL && tiles->writing, FALSE);

  if (pt_hash_tiles_size (tiles) < first)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_CONFLICT,
                   "There are fewer than %" G_GUINT64_FORMAT " leaves. Make the tiles again.",
                   first);
      return FALSE;
    }
  return tiles_cut (tiles, first, error) && pt_hash_tiles_put (tiles, first, leaves, count, error)
         && pt_hash_tiles_raise (tiles, &range, 0, error);
}
