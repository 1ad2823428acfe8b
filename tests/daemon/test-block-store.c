/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/pt-test.h"
#include "pt-block-store.h"
#include "pt-car.h"

typedef struct
{
  char *directory;
  PtBlockStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("pt-blocks-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->store = pt_block_store_new (fixture->directory, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_block_store_unref (fixture->store);
  if (g_file_test (fixture->directory, G_FILE_TEST_EXISTS))
    pt_test_remove_tree (fixture->directory);
  g_free (fixture->directory);
}

/* Files below @path, and with @only those whose path holds it. */
static guint
count_files (const char *path, const char *only)
{
  guint count;
  g_autoptr (GDir) directory = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return only == NULL || strstr (path, only) != NULL;
  count = 0;
  directory = g_dir_open (path, 0, NULL);
  for (const char *name; (name = g_dir_read_name (directory)) != NULL;)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      count += count_files (child, only);
    }
  return count;
}

/* The content of the vectors in cids.json. */
static guint8 *
make_content (gsize size)
{
  guint8 *content = g_malloc (size + 1);

  for (gsize i = 0; i < size; i++)
    content[i] = (guint8) (i * 31 + (i >> 8) * 7 + (i >> 16));
  return content;
}

/* Writes in pieces of an odd length, so that no piece ends with a chunk. */
static gboolean
write_file (PtBlockStore *store, gsize size, gsize chunk, gsize links, PtBlockDurability durability,
            PtCid *cid, GError **error)
{
  g_autofree guint8 *content = make_content (size);
  g_autoptr (PtBlockWriter) writer = pt_block_store_writer_new_sized (store, chunk, links, error);
  guint64 bytes;

  if (writer == NULL)
    return FALSE;
  for (gsize at = 0; at < size; at += MIN (size - at, 77777))
    if (!pt_block_store_writer_write (writer, content + at, MIN (size - at, 77777), error))
      return FALSE;
  if (!pt_block_store_writer_finish (writer, durability, cid, &bytes, error))
    return FALSE;
  g_assert_cmpuint (bytes, ==, size);
  return TRUE;
}

static void
assert_content (PtBlockStore *store, const PtCid *cid, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *content = make_content (size);
  g_autoptr (PtBlockFile) file = pt_block_store_open_file (store, cid, &error);
  gsize at;
  g_autoptr (GBytes) end = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (pt_block_file_size (file), ==, size);
  at = 0;
  while (at < size)
    {
      g_autoptr (GBytes) part = pt_block_file_read (file, at, PT_UNIXFS_CHUNK_SIZE, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (part), >, 0);
      g_assert_cmpmem (g_bytes_get_data (part, NULL), g_bytes_get_size (part), content + at,
                       g_bytes_get_size (part));
      at += g_bytes_get_size (part);
    }
  end = pt_block_file_read (file, size, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (end), ==, 0);
}

static JsonArray *
load_vectors (JsonParser *parser)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path
      = g_build_filename (g_getenv ("PT_SOURCE_DIR"), "tests", "vectors", "cids.json", NULL);

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)),
                                       "cids");
}

static void
test_vectors (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *vectors = load_vectors (parser);
  g_autofree char *unfinished = NULL;

  g_assert_cmpuint (json_array_get_length (vectors), ==, 10);
  for (guint i = 0; i < json_array_get_length (vectors); i++)
    {
      g_autoptr (GError) error = NULL;
      JsonObject *vector = json_array_get_object_element (vectors, i);
      gsize size = (gsize) json_object_get_int_member (vector, "bytes");
      gsize chunk = (gsize) json_object_get_int_member_with_default (vector, "chunk", 0);
      gsize links = (gsize) json_object_get_int_member_with_default (vector, "max_links", 0);
      PtCid cid;
      char text[PT_CID_TEXT_SIZE + 1];
      guint64 bytes;

      write_file (fixture->store, size, chunk, links, PT_BLOCKS_DURABLE, &cid, &error);
      g_assert_no_error (error);
      pt_cid_to_text (&cid, text);
      g_assert_cmpstr (text, ==, json_object_get_string_member (vector, "cid"));
      pt_block_store_check (fixture->store, &cid, &bytes, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (bytes, ==, size);
      assert_content (fixture->store, &cid, size);
    }
  unfinished = g_build_filename (fixture->directory, "new", NULL);
  g_assert_cmpuint (count_files (unfinished, NULL), ==, 0);
}

static void
test_ranges (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *content = make_content (5000);
  PtCid cid;
  g_autoptr (PtBlockFile) file = NULL;

  write_file (fixture->store, 5000, 100, 3, PT_BLOCKS_DURABLE, &cid, &error);
  g_assert_no_error (error);
  file = pt_block_store_open_file (fixture->store, &cid, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 500; i++)
    {
      guint64 offset = (guint64) g_test_rand_int_range (0, 5000);
      gsize size = (gsize) g_test_rand_int_range (1, 300);
      g_autoptr (GBytes) part = pt_block_file_read (file, offset, size, &error);
      gsize expected;

      g_assert_no_error (error);
      expected = MIN (MIN (size, 5000 - offset), 100 - offset % 100);
      g_assert_cmpmem (g_bytes_get_data (part, NULL), g_bytes_get_size (part), content + offset,
                       expected);
    }
}

/* What is peeked at is what is read, and only of what was asked a hash is reckoned. */
static void
test_peek (Fixture *fixture, gconstpointer data)
{
  static const gsize sizes[] = { 1000, 26000 }; /* one block; a tree of them */
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree guint8 *content = make_content (sizes[i]);
      g_autoptr (PtBlockFile) file = NULL;
      PtCid cid;

      write_file (fixture->store, sizes[i], 1024, 5, PT_BLOCKS_DURABLE, &cid, &error);
      g_assert_no_error (error);
      file = pt_block_store_open_peek (fixture->store, &cid, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (pt_block_file_size (file), ==, sizes[i]);
      for (gsize at = 0; at < sizes[i]; at += 700)
        {
          g_autoptr (GBytes) piece = pt_block_file_peek (file, at, 300, &error);
          gsize size;
          const guint8 *bytes = g_bytes_get_data (piece, &size);

          g_assert_no_error (error);
          g_assert_cmpuint (size, >, 0);
          g_assert_cmpuint (size, <=, 300);
          g_assert_cmpmem (bytes, size, content + at, size);
        }
    }
}

static void
test_deferred (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtCid cids[50];

  for (guint i = 0; i < G_N_ELEMENTS (cids); i++)
    {
      write_file (fixture->store, 1000 + i, 0, 0, PT_BLOCKS_DEFERRED, &cids[i], &error);
      g_assert_no_error (error);
      g_assert_false (pt_block_store_has (fixture->store, &cids[i]));
    }
  pt_block_store_sync (fixture->store, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (cids); i++)
    assert_content (fixture->store, &cids[i], 1000 + i);
}

static void
test_abandoned (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  /* More than may be queued, so some of it has been written. */
  g_autofree guint8 *content = make_content (8 << 20);
  PtBlockWriter *writer = pt_block_store_writer_new (fixture->store, &error);
  PtCid cid;
  g_autoptr (PtBlockStore) next = NULL;

  pt_block_store_writer_write (writer, content, 8 << 20, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_files (fixture->directory, NULL), >, 0);
  pt_block_store_writer_free (writer);
  g_assert_cmpuint (count_files (fixture->directory, NULL), ==, 0);

  /* What a killed run leaves is swept at the next start. */
  write_file (fixture->store, 10, 0, 0, PT_BLOCKS_DEFERRED, &cid, &error);
  g_assert_no_error (error);
  next = pt_block_store_new (fixture->directory, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_files (fixture->directory, NULL), ==, 0);
}

static void
test_missing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtCid cid, leaf;
  g_autoptr (PtBlockWalk) walk = NULL;
  char text[PT_CID_TEXT_SIZE + 1];
  g_autofree char *path = NULL;
  guint64 bytes;

  write_file (fixture->store, 5000, 100, 3, PT_BLOCKS_DURABLE, &cid, &error);
  g_assert_no_error (error);
  leaf = cid;
  walk = pt_block_store_walk (fixture->store, &cid);
  while (pt_cid_codec (&leaf) != PT_CODEC_RAW)
    {
      g_autoptr (GBytes) block = NULL;

      pt_block_walk_next (walk, &leaf, &block, &error);
      g_assert_no_error (error);
    }
  pt_cid_to_text (&leaf, text);
  path = g_strdup_printf ("%s/blocks/%02x/%s", fixture->directory, leaf.bytes[PT_CID_SIZE - 1],
                          text);

  /* Damaged: another byte, then another length, then gone. */
  g_file_set_contents (path, "x", 1, &error);
  g_assert_no_error (error);
  g_assert_null (pt_block_store_read (fixture->store, &leaf, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_OPERATOR);
  g_clear_error (&error);
  g_assert_false (pt_block_store_check (fixture->store, &cid, &bytes, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_OPERATOR);
  g_clear_error (&error);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_null (pt_block_store_read (fixture->store, &leaf, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (pt_block_store_check (fixture->store, &cid, &bytes, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_NOT_FOUND);
}

/* The directory goes away in mid-run, comes back, and the same file is written again. */
static void
test_directory_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtCid cid;
  g_autoptr (PtBlockStore) again = NULL;

  pt_test_remove_tree (fixture->directory);
  g_assert_false (write_file (fixture->store, 5000, 0, 0, PT_BLOCKS_DURABLE, &cid, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_clear_error (&error);
  again = pt_block_store_new (fixture->directory, &error);
  g_assert_no_error (error);
  write_file (fixture->store, 5000, 0, 0, PT_BLOCKS_DURABLE, &cid, &error);
  g_assert_no_error (error);
  assert_content (fixture->store, &cid, 5000);
}

/* A name that can't be made fails the sync, keeps the rest deferred, and a later sync succeeds. */
static void
test_rename_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtCid first, second;
  g_autofree char *shard = NULL;

  write_file (fixture->store, 100, 0, 0, PT_BLOCKS_DEFERRED, &first, &error);
  write_file (fixture->store, 200, 0, 0, PT_BLOCKS_DEFERRED, &second, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (first.bytes[PT_CID_SIZE - 1], !=, second.bytes[PT_CID_SIZE - 1]);
  shard = g_strdup_printf ("%s/blocks/%02x", fixture->directory, second.bytes[PT_CID_SIZE - 1]);
  g_file_set_contents (shard, "a file in the way", -1, &error);
  g_assert_no_error (error);
  g_assert_false (pt_block_store_sync (fixture->store, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_clear_error (&error);
  assert_content (fixture->store, &first, 100);
  g_assert_false (pt_block_store_has (fixture->store, &second));
  g_assert_cmpint (g_remove (shard), ==, 0);
  pt_block_store_sync (fixture->store, &error);
  g_assert_no_error (error);
  assert_content (fixture->store, &second, 200);
}

static void
test_no_place (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtBlockStore) store = pt_block_store_new ("/proc/pt-blocks", &error);

  g_assert_null (store);
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
}

static guint64
read_varint (const guint8 **at)
{
  guint64 value = 0;

  for (guint shift = 0;; shift += 7)
    {
      guint8 byte = *(*at)++;

      value |= (guint64) (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return value;
    }
}

/* Reads the CAR back with a reader of the test's own: header, order, hashes. */
static void
test_car (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (GByteArray) content = g_byte_array_new ();
  g_autofree guint8 *expected = make_content (5000);
  PtCid cid;
  g_autoptr (PtCar) car = NULL;
  const guint8 *at;

  write_file (fixture->store, 5000, 100, 3, PT_BLOCKS_DURABLE, &cid, &error);
  car = pt_car_new (fixture->store, &cid);
  for (;;)
    {
      g_autoptr (GBytes) piece = NULL;

      pt_car_next (car, &piece, &error);
      g_assert_no_error (error);
      if (piece == NULL)
        break;
      g_byte_array_append (stream, g_bytes_get_data (piece, NULL),
                           (guint) g_bytes_get_size (piece));
    }
  at = stream->data;
  g_assert_cmpuint (read_varint (&at), ==, 58);
  g_assert_cmpmem (at, 13, "\xa2\x65roots\x81\xd8\x2a\x58\x25\x00", 13);
  g_assert_cmpmem (at + 13, PT_CID_SIZE, cid.bytes, PT_CID_SIZE);
  g_assert_cmpmem (at + 49, 9, "\x67version\x01", 9);
  at += 58;
  for (guint i = 0; at < stream->data + stream->len; i++)
    {
      guint64 size = read_varint (&at) - PT_CID_SIZE;
      PtCid block;

      g_assert_cmpint (pt_cid_from_bytes (at, PT_CID_SIZE, &block), ==, PT_OK);
      g_assert_true (i > 0 || pt_cid_equal (&block, &cid));
      at += PT_CID_SIZE;
      g_assert_true (pt_cid_names (&block, at, size));
      if (pt_cid_codec (&block) == PT_CODEC_RAW)
        g_byte_array_append (content, at, (guint) size);
      at += size;
    }
  g_assert_cmpmem (content->data, content->len, expected, 5000);
}

typedef struct
{
  PtBlockStore *store;
  guint base;
} Worker;

static gpointer
write_many (gpointer data)
{
  Worker *worker = data;

  for (guint i = 0; i < 40; i++)
    {
      g_autoptr (GError) error = NULL;
      PtCid cid;

      write_file (worker->store, worker->base + i % 20, 0, 0,
                  i % 3 == 0 ? PT_BLOCKS_DEFERRED : PT_BLOCKS_DURABLE, &cid, &error);
      g_assert_no_error (error);
      pt_block_store_sync (worker->store, &error);
      g_assert_no_error (error);
      assert_content (worker->store, &cid, worker->base + i % 20);
    }
  return NULL;
}

/* Threads that write the same blocks at once. */
static void
test_threads (Fixture *fixture, gconstpointer data)
{
  Worker worker = { fixture->store, 300 };
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("writer", write_many, &worker);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

#define ADD(name, func) g_test_add ("/block-store/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("vectors", test_vectors);
  ADD ("ranges", test_ranges);
  ADD ("peek", test_peek);
  ADD ("deferred", test_deferred);
  ADD ("abandoned", test_abandoned);
  ADD ("missing", test_missing);
  ADD ("directory-gone", test_directory_gone);
  ADD ("rename-fails", test_rename_fails);
  ADD ("car", test_car);
  ADD ("threads", test_threads);
  g_test_add_func ("/block-store/no-place", test_no_place);
  return g_test_run ();
}
