/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-cid.h"
#include "pt-vectors.h"

/* Byte i of the content that cids.json describes. */
static inline uint8_t
content_byte (uint64_t i)
{
  return (uint8_t) (i * 31 + (i >> 8) * 7 + (i >> 16));
}

static uint8_t *
make_content (size_t size)
{
  uint8_t *content = g_malloc (size + 1);

  for (size_t i = 0; i < size; i++)
    content[i] = content_byte (i);
  return content;
}

/* Blocks as they come out of the builder, to read the file back from its root. */
typedef struct
{
  GHashTable *blocks; /* CID's text to GBytes */
  const uint8_t *content;
  size_t offset;
  size_t nodes;
  size_t left; /* calls until the sink stops */
} Store;

static bool
keep_block (void *context, const PtCid *cid, const void *data, size_t size)
{
  Store *store = context;
  char text[PT_CID_TEXT_SIZE + 1];

  if (store->left-- == 0)
    return false;
  if (data == NULL)
    {
      data = store->content + store->offset;
      store->offset += size;
      g_assert_cmpint (pt_cid_codec (cid), ==, PT_CODEC_RAW);
    }
  else
    {
      store->nodes++;
      g_assert_cmpint (pt_cid_codec (cid), ==, PT_CODEC_DAG_PB);
    }
  g_assert_true (pt_cid_names (cid, data, size));
  pt_cid_to_text (cid, text);
  g_hash_table_replace (store->blocks, g_strdup (text), g_bytes_new (data, size));
  return true;
}

static void
store_init (Store *store, const uint8_t *content)
{
  memset (store, 0, sizeof *store);
  store->blocks
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  store->content = content;
  store->left = SIZE_MAX;
}

static GBytes *
store_find (Store *store, const PtCid *cid)
{
  char text[PT_CID_TEXT_SIZE + 1];

  pt_cid_to_text (cid, text);
  return g_hash_table_lookup (store->blocks, text);
}

typedef struct
{
  Store *store;
  uint64_t at, tree_size;
} Walk;

static PtResult
walk_link (void *context, const PtUnixfsLink *link)
{
  Walk *walk = context, inner = { walk->store, walk->at, 0 };
  GBytes *block = store_find (walk->store, &link->cid);
  gsize size;
  const uint8_t *data = g_bytes_get_data (block, &size);
  uint64_t file_size = size;

  if (pt_cid_codec (&link->cid) == PT_CODEC_RAW)
    g_assert_cmpmem (data, size, walk->store->content + walk->at, link->file_size);
  else
    g_assert_cmpint (pt_unixfs_read_node (data, size, &file_size, walk_link, &inner), ==, PT_OK);
  g_assert_cmpuint (file_size, ==, link->file_size);
  g_assert_cmpuint (inner.tree_size + size, ==, link->tree_size);
  walk->at += link->file_size;
  walk->tree_size += link->tree_size;
  return PT_OK;
}

/* Reads the whole file back through the strict reader. */
static void
check_tree (Store *store, const PtCid *root, size_t size)
{
  GBytes *block = store_find (store, root);
  Walk walk = { store, 0, 0 };
  uint64_t file_size;

  g_assert_nonnull (block);
  if (pt_cid_codec (root) == PT_CODEC_RAW)
    {
      g_assert_cmpuint (g_bytes_get_size (block), ==, size);
      return;
    }
  g_assert_cmpint (pt_unixfs_read_node (g_bytes_get_data (block, NULL), g_bytes_get_size (block),
                                        &file_size, walk_link, &walk),
                   ==, PT_OK);
  g_assert_cmpuint (file_size, ==, size);
  g_assert_cmpuint (walk.at, ==, size);
}

static PtResult
build (const uint8_t *content, size_t size, size_t chunk, size_t links, size_t piece, Store *store,
       PtCid *cid)
{
  g_autofree PtUnixfsBuilder *builder = g_new (PtUnixfsBuilder, 1);
  PtResult result
      = pt_unixfs_init (builder, chunk, links, store != NULL ? keep_block : NULL, store);

  for (size_t at = 0; at < size && result == PT_OK; at += piece)
    result = pt_unixfs_feed (builder, content + at, MIN (piece, size - at));
  return result == PT_OK ? pt_unixfs_finish (builder, cid) : result;
}

static void
check_vector (JsonObject *object)
{
  size_t size = (size_t) json_object_get_int_member (object, "bytes");
  size_t chunk = (size_t) json_object_get_int_member_with_default (object, "chunk", 0);
  size_t links = (size_t) json_object_get_int_member_with_default (object, "max_links", 0);
  const char *expected = json_object_get_string_member (object, "cid");
  const size_t pieces[] = { 1, 7, 4096, 1 << 20, SIZE_MAX / 2 };
  g_autofree uint8_t *content = make_content (size);
  char text[PT_CID_TEXT_SIZE + 1];
  PtCid cid, parsed;
  Store store;

  for (size_t i = size > 2000000 ? 3 : 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_assert_cmpint (build (content, size, chunk, links, pieces[i], NULL, &cid), ==, PT_OK);
      pt_cid_to_text (&cid, text);
      g_assert_cmpstr (text, ==, expected);
    }
  g_assert_cmpint (pt_cid_from_text (pt_text (expected), &parsed), ==, PT_OK);
  g_assert_true (pt_cid_equal (&parsed, &cid));
  if (pt_cid_codec (&cid) == PT_CODEC_RAW)
    g_assert_true (pt_cid_names (&cid, content, size));

  store_init (&store, content);
  g_assert_cmpint (build (content, size, chunk, links, 1 << 20, &store, &cid), ==, PT_OK);
  check_tree (&store, &cid, size);
  g_hash_table_unref (store.blocks);
}

static void
test_vectors (void)
{
  g_autoptr (JsonNode) node = pt_vectors_load ("cids.json");
  JsonArray *cases = json_object_get_array_member (json_node_get_object (node), "cids");

  for (guint i = 0; i < json_array_get_length (cases); i++)
    check_vector (json_array_get_object_element (cases, i));
}

static void
test_batches (void)
{
  g_autoptr (JsonNode) node = pt_vectors_load ("v2/batches.json");
  JsonArray *cases = json_object_get_array_member (json_node_get_object (node), "batches");

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *object = json_array_get_object_element (cases, i);
      size_t size;
      g_autofree char *name
          = g_strconcat ("v2/", json_object_get_string_member (object, "file"), NULL);
      g_autofree char *text = pt_vectors_read (name, &size);
      char written[PT_CID_TEXT_SIZE + 1], hex[2 * PT_CID_SIZE + 1] = "";
      PtCid cid;

      g_assert_cmpint (build ((uint8_t *) text, size, 0, 0, 1000, NULL, &cid), ==, PT_OK);
      pt_cid_to_text (&cid, written);
      pt_hex_encode (cid.bytes, PT_CID_SIZE, hex, sizeof hex - 1);
      g_assert_cmpstr (written, ==, json_object_get_string_member (object, "cid"));
      g_assert_cmpstr (hex, ==, json_object_get_string_member (object, "cid_hex"));
    }
}

/* Every size from nothing to the largest tree of small settings, read back whole. */
static void
test_all_shapes (void)
{
  g_autofree uint8_t *content = make_content (1000);

  for (size_t links = 2; links <= 4; links++)
    {
      const size_t leaves = links * links * links * links;

      for (size_t size = 0; size <= leaves * 3 + 1; size++)
        {
          PtResult expected = size > leaves * 3 ? PT_NO_SPACE : PT_OK, result;
          PtCid cid;
          Store store;

          store_init (&store, content);
          result = build (content, size, 3, links, 5, &store, &cid);
          g_assert_cmpint (result, ==, expected);
          if (result == PT_OK)
            check_tree (&store, &cid, size);
          g_hash_table_unref (store.blocks);
        }
    }
}

static void
test_init_bounds (void)
{
  g_autofree PtUnixfsBuilder *builder = g_new (PtUnixfsBuilder, 1);

  g_assert_cmpint (pt_unixfs_init (builder, 0, 1, NULL, NULL), ==, PT_TOO_LARGE);
  g_assert_cmpint (pt_unixfs_init (builder, 0, 1025, NULL, NULL), ==, PT_TOO_LARGE);
  g_assert_cmpint (pt_unixfs_init (builder, 0, 2, NULL, NULL), ==, PT_OK);
  g_assert_cmpint (pt_unixfs_init (builder, 0, 1024, NULL, NULL), ==, PT_OK);
  g_assert_cmpuint (builder->chunk_size, ==, PT_UNIXFS_CHUNK_SIZE);
}

/* The largest node the builder can make: 1024 links, long varints. */
static void
test_full_node (void)
{
  const size_t size = 1024 * 300 + 1;
  g_autofree uint8_t *content = make_content (size);
  PtCid cid;
  Store store;

  for (size_t extra = 0; extra < 2; extra++)
    {
      store_init (&store, content);
      g_assert_cmpint (build (content, size - 1 + extra, 300, 0, 1 << 20, &store, &cid), ==, PT_OK);
      check_tree (&store, &cid, size - 1 + extra);
      g_assert_cmpuint (store.nodes, ==, extra == 0 ? 1 : 3);
      g_hash_table_unref (store.blocks);
    }
}

static void
test_sink_stops (void)
{
  const size_t blocks = 10 + 4 + 2 + 1; /* leaves, two levels of nodes, the root */
  g_autofree uint8_t *content = make_content (100);

  for (size_t calls = 0; calls <= blocks; calls++)
    {
      Store store;
      PtCid cid;

      store_init (&store, content);
      store.left = calls;
      g_assert_cmpint (build (content, 100, 10, 3, 100, &store, &cid), ==,
                       calls < blocks ? PT_STOPPED : PT_OK);
      g_hash_table_unref (store.blocks);
    }
}

static void
test_cid_bytes (void)
{
  const PtHash digest = pt_numbered_leaf (1);
  PtCid cid, parsed;
  uint8_t bytes[PT_CID_SIZE + 1] = { 0 };

  pt_cid_make (PT_CODEC_RAW, &digest, &cid);
  memcpy (bytes, cid.bytes, PT_CID_SIZE);
  g_assert_cmpint (pt_cid_from_bytes (bytes, PT_CID_SIZE, &parsed), ==, PT_OK);
  for (size_t size = 0; size <= PT_CID_SIZE + 1; size++)
    if (size != PT_CID_SIZE)
      g_assert_cmpint (pt_cid_from_bytes (bytes, size, &parsed), ==, PT_BAD_CID);
  for (size_t i = 0; i < 4; i++)
    for (int value = 0; value < 256; value++)
      {
        bool good = value == cid.bytes[i] || (i == 1 && value == PT_CODEC_DAG_PB);

        bytes[i] = (uint8_t) value;
        g_assert_cmpint (pt_cid_from_bytes (bytes, PT_CID_SIZE, &parsed), ==,
                         good ? PT_OK : PT_BAD_CID);
        bytes[i] = cid.bytes[i];
      }
}

/* One text per CID: any other character anywhere is another CID or none. */
static void
test_cid_text (void)
{
  const PtHash digest = pt_numbered_leaf (2);
  char text[PT_CID_TEXT_SIZE + 2] = "", again[PT_CID_TEXT_SIZE + 1];
  PtCid cid, parsed;

  pt_cid_make (PT_CODEC_DAG_PB, &digest, &cid);
  pt_cid_to_text (&cid, text);
  for (size_t i = 0; i < PT_CID_TEXT_SIZE; i++)
    for (int value = 0; value < 256; value++)
      {
        char kept = text[i];

        text[i] = (char) value;
        if (pt_cid_from_text (pt_span (text, PT_CID_TEXT_SIZE), &parsed) == PT_OK)
          {
            pt_cid_to_text (&parsed, again);
            g_assert_cmpmem (again, PT_CID_TEXT_SIZE, text, PT_CID_TEXT_SIZE);
            g_assert_cmpint (pt_cid_equal (&parsed, &cid), ==, (char) value == kept);
          }
        text[i] = kept;
      }
  for (size_t size = 0; size < PT_CID_TEXT_SIZE; size++)
    g_assert_cmpint (pt_cid_from_text (pt_span (text, size), &parsed), ==, PT_BAD_CID);
  text[PT_CID_TEXT_SIZE] = 'a';
  g_assert_cmpint (pt_cid_from_text (pt_span (text, PT_CID_TEXT_SIZE + 1), &parsed), ==,
                   PT_BAD_CID);
  g_assert_cmpint (
      pt_cid_from_text (pt_text ("QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"), &parsed), ==,
      PT_BAD_CID);
}

static void
test_names (void)
{
  PtHash digest;
  PtCid cid;

  pt_sha256 ("block", 5, &digest);
  pt_cid_make (PT_CODEC_RAW, &digest, &cid);
  g_assert_true (pt_cid_names (&cid, "block", 5));
  g_assert_false (pt_cid_names (&cid, "blocK", 5));
  g_assert_false (pt_cid_names (&cid, "block", 4));
  for (size_t i = 0; i < PT_CID_SIZE; i++)
    {
      cid.bytes[i] ^= 0x20;
      g_assert_false (pt_cid_names (&cid, "block", 5));
      cid.bytes[i] ^= 0x20;
    }
}

/* Collects the links of a node. */
static PtResult
collect (void *context, const PtUnixfsLink *link)
{
  g_array_append_vals (context, link, 1);
  return PT_OK;
}

static PtResult
refuse (void *context, const PtUnixfsLink *link)
{
  int *left = context;

  return (*left)-- > 0 ? PT_OK : PT_BAD_CID;
}

/* A node over three links of a tree, leaves or inner ones. */
static GBytes *
make_node (size_t size)
{
  g_autofree uint8_t *content = make_content (size);
  GBytes *block;
  PtCid cid;
  Store store;

  store_init (&store, content);
  g_assert_cmpint (build (content, size, 200, 3, 100, &store, &cid), ==, PT_OK);
  block = g_bytes_ref (store_find (&store, &cid));
  g_hash_table_unref (store.blocks);
  return block;
}

static void
append_varint (GByteArray *out, uint64_t value)
{
  uint8_t byte;

  for (; value > 0x7f; value >>= 7)
    {
      byte = (uint8_t) (value | 0x80);
      g_byte_array_append (out, &byte, 1);
    }
  byte = (uint8_t) value;
  g_byte_array_append (out, &byte, 1);
}

/* Writes back what the reader saw, by the rules of the format. */
static GByteArray *
write_node (GArray *links, uint64_t file_size)
{
  const uint8_t type[] = { 0x08, 0x02, 0x18 }, block_tag = 0x20, data_tag = 0x0a;
  const uint8_t name[] = { 0x12, 0, 0x18 };
  g_autoptr (GByteArray) data = g_byte_array_new ();
  GByteArray *out = g_byte_array_new ();

  g_byte_array_append (data, type, sizeof type);
  append_varint (data, file_size);
  for (guint i = 0; i < links->len; i++)
    {
      const PtUnixfsLink *link = &g_array_index (links, PtUnixfsLink, i);
      g_autoptr (GByteArray) size = g_byte_array_new ();
      uint8_t head[] = { 0x12, 0, 0x0a, PT_CID_SIZE };

      append_varint (size, link->tree_size);
      head[1] = (uint8_t) (2 + PT_CID_SIZE + 3 + size->len);
      g_byte_array_append (out, head, sizeof head);
      g_byte_array_append (out, link->cid.bytes, PT_CID_SIZE);
      g_byte_array_append (out, name, sizeof name);
      g_byte_array_append (out, size->data, size->len);
      g_byte_array_append (data, &block_tag, 1);
      append_varint (data, link->file_size);
    }
  g_byte_array_append (out, &data_tag, 1);
  append_varint (out, data->len);
  g_byte_array_append (out, data->data, data->len);
  return out;
}

/* Whether the reader takes a node; if so, writing what it saw must give the same bytes. */
static bool
accepts (const uint8_t *data, size_t size)
{
  g_autoptr (GArray) links = g_array_new (FALSE, FALSE, sizeof (PtUnixfsLink));
  g_autoptr (GByteArray) again = NULL;
  uint64_t file_size;

  if (pt_unixfs_read_node (data, size, &file_size, collect, links) != PT_OK)
    {
      g_assert_cmpuint (links->len, ==, 0);
      g_assert_cmpuint (file_size, ==, 0);
      return false;
    }
  again = write_node (links, file_size);
  g_assert_cmpmem (again->data, again->len, data, size);
  return true;
}

/* One bit or byte of a node changed: refused, or it is another digest or size in its one form. */
static void
test_node_mutations (void)
{
  const size_t sizes[] = { 550, 401, 201, 1800, 1799, 601 };

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) block = make_node (sizes[i]);
      gsize size;
      const uint8_t *data = g_bytes_get_data (block, &size);
      g_autofree uint8_t *mutant = g_malloc0 (size + 1);

      g_assert_true (accepts (data, size));
      for (size_t at = 0; at < size; at++)
        for (int value = 0; value < 256; value++)
          {
            memcpy (mutant, data, size);
            mutant[at] = (uint8_t) value;
            accepts (mutant, size);
          }
      for (size_t at = 0; at < size; at++)
        {
          memcpy (mutant, data, at);
          memcpy (mutant + at, data + at + 1, size - at - 1);
          g_assert_false (accepts (mutant, size - 1));
          g_assert_false (accepts (data, at));
          memcpy (mutant, data, at);
          mutant[at] = 0x80;
          memcpy (mutant + at + 1, data + at, size - at);
          g_assert_false (accepts (mutant, size + 1));
        }
      mutant[size] = 0;
      memcpy (mutant, data, size);
      g_assert_false (accepts (mutant, size + 1));
    }
}

/* Rules between the parts of a node, each broken alone. */
static void
test_node_rules (void)
{
  g_autoptr (GBytes) block = make_node (550);
  g_autoptr (GArray) links = g_array_new (FALSE, FALSE, sizeof (PtUnixfsLink));
  gsize size;
  const uint8_t *data = g_bytes_get_data (block, &size);
  PtUnixfsLink *link;
  uint64_t file_size, ignored;

  struct
  {
    guint index;
    int64_t tree, file, whole;
    uint8_t codec;
  } rules[] = {
    { 0, 1, 0, 0, 0 },               /* a raw leaf's Tsize is its size */
    { 2, -1, 0, 0, 0 },              /* */
    { 0, -1, -1, -1, 0 },            /* all but the last are equal */
    { 1, 1, 1, 1, 0 },               /* */
    { 2, 60, 60, 60, 0 },            /* the last is not larger */
    { 2, -150, -150, -150, 0 },      /* nor empty */
    { 0, 0, 0, 1, 0 },               /* sizes add up */
    { 0, 0, 0, -1, 0 },              /* */
    { 0, 0, 0, 0, PT_CODEC_DAG_PB }, /* one depth */
    { 2, 0, 0, 0, PT_CODEC_DAG_PB },
    { 2, 0, 0, 0, 0x71 },
  };

  g_assert_cmpint (pt_unixfs_read_node (data, size, &file_size, collect, links), ==, PT_OK);
  g_assert_cmpuint (file_size, ==, 550);
  link = (PtUnixfsLink *) (void *) links->data;
  for (size_t i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      PtUnixfsLink kept = link[rules[i].index];
      g_autoptr (GByteArray) broken = NULL;

      link[rules[i].index].tree_size += (uint64_t) rules[i].tree;
      link[rules[i].index].file_size += (uint64_t) rules[i].file;
      if (rules[i].codec != 0)
        link[rules[i].index].cid.bytes[1] = rules[i].codec;
      broken = write_node (links, file_size + (uint64_t) rules[i].whole);
      g_test_message ("rule %zu", i);
      g_assert_cmpint (pt_unixfs_read_node (broken->data, broken->len, &ignored, NULL, NULL), ==,
                       PT_MALFORMED);
      link[rules[i].index] = kept;
    }
}

static void
test_node_bounds (void)
{
  g_autofree uint8_t *large = g_malloc0 (PT_UNIXFS_NODE_MAX + 1);
  g_autoptr (GBytes) block = make_node (550);
  gsize size;
  const uint8_t *data = g_bytes_get_data (block, &size);
  uint64_t file_size;

  g_assert_cmpint (pt_unixfs_read_node (large, PT_UNIXFS_NODE_MAX + 1, &file_size, NULL, NULL), ==,
                   PT_TOO_LARGE);
  g_assert_cmpint (pt_unixfs_read_node (large, 0, &file_size, NULL, NULL), ==, PT_MALFORMED);
  for (int calls = 0; calls <= 3; calls++)
    {
      int left = calls;

      g_assert_cmpint (pt_unixfs_read_node (data, size, &file_size, refuse, &left), ==,
                       calls < 3 ? PT_BAD_CID : PT_OK);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cid/vectors", test_vectors);
  g_test_add_func ("/cid/batches", test_batches);
  g_test_add_func ("/cid/all-shapes", test_all_shapes);
  g_test_add_func ("/cid/init-bounds", test_init_bounds);
  g_test_add_func ("/cid/full-node", test_full_node);
  g_test_add_func ("/cid/sink-stops", test_sink_stops);
  g_test_add_func ("/cid/bytes", test_cid_bytes);
  g_test_add_func ("/cid/text", test_cid_text);
  g_test_add_func ("/cid/names", test_names);
  g_test_add_func ("/cid/node-mutations", test_node_mutations);
  g_test_add_func ("/cid/node-rules", test_node_rules);
  g_test_add_func ("/cid/node-bounds", test_node_bounds);
  return g_test_run ();
}
