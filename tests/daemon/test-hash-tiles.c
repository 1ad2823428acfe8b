/* SPDX-License-Identifier: Apache-2.0 */
/* The tree's hashes in files, against paths that are built from all leaves. */
#include "pt-hash-tiles.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-error.h"

#define LEAVES 66000 /* beyond the first tile of level 2 */
#define AREA 5

typedef struct
{
  char *directory;
  PtHashTiles *tiles;
} Fixture;

static PtHash leaves[LEAVES];

static void
make_leaves (void)
{
  for (guint32 i = 0; i < LEAVES; i++)
    pt_tree_leaf_hash (pt_span ((const char *) &i, sizeof i), &leaves[i]);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("pt-hashes-XXXXXX", NULL);
  g_assert_null (pt_hash_tiles_open (fixture->directory, AREA, FALSE, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  fixture->tiles = pt_hash_tiles_open (fixture->directory, AREA, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (pt_hash_tiles_size (fixture->tiles), ==, 0);
}

static char *
level_path (Fixture *fixture, guint level)
{
  return g_strdup_printf ("%s/%d/%u", fixture->directory, AREA, level);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *area = g_strdup_printf ("%s/%d", fixture->directory, AREA);

  pt_hash_tiles_free (fixture->tiles);
  for (guint level = 0; level < 3; level++)
    {
      g_autofree char *path = level_path (fixture, level);

      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (area), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
}

static void
append (Fixture *fixture, guint64 first, guint64 to)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
      pt_hash_tiles_append (fixture->tiles, first, leaves + first, (gsize) (to - first), &error));
  g_assert_no_error (error);
  g_assert_cmpuint (pt_hash_tiles_size (fixture->tiles), ==, to);
}

/* Whether the path of leaf @index in the tree of @size, read from the tiles, is the right one. */
static gboolean
path_holds (PtHashTiles *tiles, guint64 index, guint64 size)
{
  PtTreeRange ranges[PT_TREE_DEPTH_MAX];
  PtHash path[PT_TREE_DEPTH_MAX], root;
  PtFrontier frontier;
  size_t count;

  pt_frontier_init (&frontier);
  for (guint64 i = 0; i < size; i++)
    pt_frontier_append (&frontier, &leaves[i]);
  pt_frontier_root (&frontier, &root);
  g_assert_cmpint (pt_tree_path_ranges (index, size, ranges, &count), ==, PT_OK);
  for (size_t i = 0; i < count; i++)
    if (pt_tree_range_root (&ranges[i], pt_hash_tiles_node, tiles, &path[i]) != PT_OK)
      return FALSE;
  return pt_tree_verify_inclusion (index, size, &leaves[index], path, count, &root) == PT_OK;
}

/* However the tree grew, and also of the trees before. */
static void
test_paths (Fixture *fixture, gconstpointer data)
{
  static const guint64 sizes[]
      = { 1, 2, 255, 256, 257, 511, 512, 60000, 65535, 65536, 65537, LEAVES };
  g_autoptr (GError) error = NULL;
  g_autoptr (PtHashTiles) reader = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    append (fixture, i > 0 ? sizes[i - 1] : 0, sizes[i]);
  reader = pt_hash_tiles_open (fixture->directory, AREA, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (pt_hash_tiles_size (reader), ==, LEAVES);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint j = 0; j < 5; j++)
      g_assert_true (path_holds (reader, (sizes[i] - 1) * j / 4, sizes[i]));
}

/* What was sealed and then was not is written over, and there are no holes. */
static void
test_append_again (Fixture *fixture, gconstpointer data)
{
  g_autofree PtHash *wrong = g_new0 (PtHash, 1000);
  g_autoptr (GError) error = NULL;

  append (fixture, 0, 600);
  g_assert_true (pt_hash_tiles_append (fixture->tiles, 600, wrong, 1000, &error));
  g_assert_cmpuint (pt_hash_tiles_size (fixture->tiles), ==, 1600);
  g_assert_false (path_holds (fixture->tiles, 700, 1500));
  append (fixture, 600, 700);
  append (fixture, 700, 1500);
  g_assert_true (path_holds (fixture->tiles, 700, 1500));
  g_assert_false (pt_hash_tiles_append (fixture->tiles, 1501, wrong, 1, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFLICT);
  g_assert_cmpuint (pt_hash_tiles_size (fixture->tiles), ==, 1500);
}

/* A level that a crash left behind counts for what is above it. */
static void
test_torn (Fixture *fixture, gconstpointer data)
{
  g_autofree char *leaf_level = level_path (fixture, 0);
  g_autofree char *level_1 = level_path (fixture, 1);

  append (fixture, 0, 2000);
  g_assert_cmpint (truncate (level_1, 3 * PT_HASH_SIZE + 7), ==, 0);
  g_assert_cmpuint (pt_hash_tiles_size (fixture->tiles), ==, 3 * PT_HASH_TILE);
  append (fixture, 3 * PT_HASH_TILE, 2000);
  g_assert_true (path_holds (fixture->tiles, 1, 2000));
  g_assert_cmpint (truncate (leaf_level, 1000 * PT_HASH_SIZE - 1), ==, 0);
  g_assert_cmpuint (pt_hash_tiles_size (fixture->tiles), ==, 999);
  g_assert_false (path_holds (fixture->tiles, 1, 2000));
  append (fixture, 999, 2000);
  g_assert_true (path_holds (fixture->tiles, 1, 2000));
}

/* Levels from those below, leaves from who has them. */
static void
test_mend (Fixture *fixture, gconstpointer data)
{
  g_autofree char *leaf_level = level_path (fixture, 0);
  g_autofree char *level_1 = level_path (fixture, 1);
  PtTreeRange all = { 0, 2048 }, one = { 256, 256 };
  g_autoptr (GError) error = NULL;

  append (fixture, 0, 2100);
  g_assert_true (g_file_set_contents (level_1, "wrong", 5, NULL));
  g_assert_cmpint (truncate (level_1, 8 * PT_HASH_SIZE), ==, 0);
  pt_hash_tiles_free (fixture->tiles);
  fixture->tiles = pt_hash_tiles_open (fixture->directory, AREA, TRUE, &error);
  g_assert_false (path_holds (fixture->tiles, 0, 2100));
  g_assert_true (pt_hash_tiles_raise (fixture->tiles, &all, 0, &error));
  g_assert_true (path_holds (fixture->tiles, 0, 2100));
  g_assert_true (pt_hash_tiles_put (fixture->tiles, 300, leaves, 1, &error)); /* a wrong one */
  g_assert_true (pt_hash_tiles_raise (fixture->tiles, &one, 0, &error));
  g_assert_false (path_holds (fixture->tiles, 0, 2100));
  g_assert_true (pt_hash_tiles_put (fixture->tiles, 256, leaves + 256, 256, &error));
  g_assert_true (pt_hash_tiles_raise (fixture->tiles, &one, 0, &error));
  g_assert_true (path_holds (fixture->tiles, 0, 2100));
  g_assert_true (path_holds (fixture->tiles, 300, 2100));
}

static void
test_no_room (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_hash_tiles_open ("/dev/null", 1, TRUE, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
}

#define ADD(name, func) g_test_add ("/hash-tiles/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  make_leaves ();
  g_test_init (&argc, &argv, NULL);
  ADD ("paths", test_paths);
  ADD ("append-again", test_append_again);
  ADD ("torn", test_torn);
  ADD ("mend", test_mend);
  g_test_add_func ("/hash-tiles/no-room", test_no_room);
  return g_test_run ();
}
