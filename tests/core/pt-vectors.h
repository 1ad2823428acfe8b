/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The test vectors of tests/vectors/, and small makers that several tests share. Anything amiss in
 * a vector ends the test. */

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "pt-encoding.h"
#include "pt-tree.h"

static inline char *
pt_vectors_read (const char *name, size_t *size)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("PT_SOURCE_DIR"), "tests", "vectors", name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, size, &error);
  g_assert_no_error (error);
  return text;
}

static inline JsonNode *
pt_vectors_load (const char *name)
{
  g_autoptr (GError) error = NULL;
  size_t size;
  g_autofree char *text = pt_vectors_read (name, &size);
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  return node;
}

static inline PtSpan
pt_text (const char *text)
{
  return pt_span (text, strlen (text));
}

static inline PtHash
pt_hash_from_hex (const char *hex)
{
  PtHash hash;

  g_assert_true (pt_hex_decode (pt_text (hex), hash.bytes, sizeof hash.bytes));
  return hash;
}

/* Hex of any length, in memory of exactly its size, so that a read beyond it is seen. */
static inline uint8_t *
pt_bytes_from_hex (const char *hex, size_t *size)
{
  uint8_t *bytes;

  *size = strlen (hex) / 2;
  bytes = g_malloc (MAX (*size, 1));
  g_assert_true (pt_hex_decode (pt_text (hex), bytes, *size));
  return bytes;
}

/* An array of hashes in hex; returns how many there are. */
static inline size_t
pt_hashes_from_json (JsonArray *array, PtHash *out, size_t max)
{
  size_t count = json_array_get_length (array);

  g_assert_cmpuint (count, <=, max);
  for (size_t i = 0; i < count; i++)
    out[i] = pt_hash_from_hex (json_array_get_string_element (array, i));
  return count;
}

#define pt_assert_hash(a, b)                                                                       \
  g_assert_cmpmem ((a).bytes, sizeof (a).bytes, (b).bytes, sizeof (b).bytes)

/* The leaf hash of "leaf <index>", as in merkle-roots.json. */
static inline PtHash
pt_numbered_leaf (uint64_t index)
{
  char text[32];
  PtHash hash;
  int size = g_snprintf (text, sizeof text, "leaf %" G_GUINT64_FORMAT, index);

  pt_tree_leaf_hash (pt_span (text, size), &hash);
  return hash;
}
