/* SPDX-License-Identifier: Apache-2.0 */

/* Nodes of files put together by hand, one field at a time, so that each can be wrong alone; and
 * what a builder does after it has failed. */

#include "pt-cid.h"
#include "pt-members.h"
#include "pt-vectors.h"

/* A protobuf of the test's own. */
static void
put_byte (GByteArray *out, uint8_t byte)
{
  g_byte_array_append (out, &byte, 1);
}

static void
put_varint (GByteArray *out, uint64_t value, unsigned int padding)
{
  for (; value > 0x7f; value >>= 7)
    put_byte (out, (uint8_t) (value | 0x80));
  put_byte (out, (uint8_t) (value | (padding > 0 ? 0x80 : 0)));
  for (; padding > 0; padding--) /* the same value in more bytes than it needs */
    put_byte (out, padding > 1 ? 0x80 : 0x00);
}

static void
put_message (GByteArray *out, uint8_t tag, const GByteArray *message)
{
  put_byte (out, tag);
  put_varint (out, message->len, 0);
  g_byte_array_append (out, message->data, message->len);
}

/* The fields of a link and of the data, in the order in which they stand; each may be wrong. */
typedef enum
{
  PART_HASH,
  PART_NAME,
  PART_TREE_SIZE,
  PART_TYPE,
  PART_FILE_SIZE,
  PART_BLOCK_SIZES,
  PART_COUNT
} Part;

typedef struct
{
  size_t links;
  uint64_t size, last;          /* bytes of each child, and of the last one */
  Part missing, doubled, first; /* PART_COUNT for none; @first of its message */
  Part padded;                  /* its varint is not minimal */
  unsigned int padding;
  bool data_first, no_data, two_data;
  uint8_t type;
  uint8_t extra; /* a field that is not there in ours, after the last of the data */
} Node;

static const Node plain = { .links = 3,
                            .size = 100,
                            .last = 40,
                            .missing = PART_COUNT,
                            .doubled = PART_COUNT,
                            .first = PART_COUNT,
                            .padded = PART_COUNT,
                            .type = 2 };

static uint64_t
size_of (const Node *node, size_t link)
{
  return link + 1 == node->links ? node->last : node->size;
}

static void
put_part (const Node *node, Part part, size_t link, GByteArray *out)
{
  unsigned int padding = node->padded == part ? node->padding : 0;
  PtHash digest = pt_numbered_leaf (link);
  PtCid cid;

  switch (part)
    {
    case PART_HASH:
      pt_cid_make (PT_CODEC_RAW, &digest, &cid);
      put_byte (out, 0x0a);
      put_varint (out, PT_CID_SIZE, padding);
      g_byte_array_append (out, cid.bytes, PT_CID_SIZE);
      break;
    case PART_NAME:
      put_byte (out, 0x12);
      put_varint (out, 0, padding);
      break;
    case PART_TREE_SIZE:
      put_byte (out, 0x18);
      put_varint (out, size_of (node, link), padding);
      break;
    case PART_TYPE:
      put_byte (out, 0x08);
      put_varint (out, node->type, padding);
      break;
    case PART_FILE_SIZE:
      put_byte (out, 0x18);
      put_varint (out, node->size * (node->links - 1) + node->last, padding);
      break;
    case PART_BLOCK_SIZES:
      for (size_t i = 0; i < node->links; i++)
        {
          put_byte (out, 0x20);
          put_varint (out, size_of (node, i), padding);
        }
      break;
    case PART_COUNT:
      break;
    }
}

/* One message: its parts from @from to @to in order, but for what the node says. */
static GByteArray *
make_message (const Node *node, Part from, Part to, size_t link)
{
  GByteArray *out = g_byte_array_new ();

  if (node->first > from && node->first <= to)
    put_part (node, node->first, link, out);
  for (Part part = from; part <= to; part++)
    {
      if (part != node->missing && (part != node->first || part == from))
        put_part (node, part, link, out);
      if (part == node->doubled)
        put_part (node, part, link, out);
    }
  return out;
}

static GByteArray *
make_node (const Node *node)
{
  g_autoptr (GByteArray) data = make_message (node, PART_TYPE, PART_BLOCK_SIZES, 0);
  GByteArray *out = g_byte_array_new ();

  if (node->extra != 0)
    {
      put_byte (data, node->extra);
      put_byte (data, 0);
    }
  if (node->data_first)
    put_message (out, 0x0a, data);
  for (size_t i = 0; i < node->links; i++)
    {
      g_autoptr (GByteArray) link = make_message (node, PART_HASH, PART_TREE_SIZE, i);

      put_message (out, 0x12, link);
    }
  if (!node->data_first && !node->no_data)
    put_message (out, 0x0a, data);
  if (node->two_data)
    put_message (out, 0x0a, data);
  return out;
}

static PtResult
count_link (void *context, const PtUnixfsLink *link)
{
  (*(size_t *) context)++;
  return PT_OK;
}

/* Reads from memory that ends with the node. Nothing is visited of what is refused. */
static PtResult
read_bytes (const void *data, size_t size, size_t expected_links)
{
  g_autofree char *copy = pt_tight_copy (data, size);
  uint64_t file_size = 77;
  size_t links = 0;
  PtResult result = pt_unixfs_read_node (copy, size, &file_size, count_link, &links);

  g_assert_cmpuint (links, ==, result == PT_OK ? expected_links : 0);
  g_assert_true (result == PT_OK || file_size == 0);
  return result;
}

static PtResult
read_made (const Node *node)
{
  g_autoptr (GByteArray) bytes = make_node (node);

  return read_bytes (bytes->data, bytes->len, node->links);
}

static void
test_parts (void)
{
  g_assert_cmpint (read_made (&plain), ==, PT_OK);
  for (Part part = 0; part < PART_COUNT; part++)
    {
      Node missing = plain, doubled = plain, first = plain;

      missing.missing = doubled.doubled = first.first = part;
      g_test_message ("part %d", (int) part);
      g_assert_cmpint (read_made (&missing), ==, PT_MALFORMED);
      g_assert_cmpint (read_made (&doubled), ==, PT_MALFORMED);
      /* The first part of its message stands there anyway. */
      g_assert_cmpint (read_made (&first), ==,
                       part == PART_HASH || part == PART_TYPE ? PT_OK : PT_MALFORMED);
    }
}

/* A number in more bytes than it needs, up to more than any number has. */
static void
test_padded_numbers (void)
{
  for (Part part = 0; part < PART_COUNT; part++)
    for (unsigned int padding = 1; padding <= 12; padding++)
      {
        Node node = plain;

        node.padded = part;
        node.padding = padding;
        g_assert_cmpint (read_made (&node), ==, PT_MALFORMED);
      }
}

static void
test_arrangement (void)
{
  Node data_first = plain, no_data = plain, two_data = plain, no_links = plain;

  data_first.data_first = no_data.no_data = two_data.two_data = true;
  no_links.links = 0;
  no_links.size = no_links.last = 0;
  g_assert_cmpint (read_made (&data_first), ==, PT_MALFORMED); /* as protobuf would number it */
  g_assert_cmpint (read_made (&no_data), ==, PT_MALFORMED);
  g_assert_cmpint (read_made (&two_data), ==, PT_MALFORMED);
  g_assert_cmpint (read_made (&no_links), ==, PT_MALFORMED);
  for (int type = 0; type < 256; type++)
    {
      Node node = plain;

      node.type = (uint8_t) type; /* 0 raw, 1 directory, 3 metadata, 4 symlink, 5 shard */
      g_assert_cmpint (read_made (&node), ==, type == 2 ? PT_OK : PT_MALFORMED);
      node = plain;
      node.extra = (uint8_t) type; /* 0x12 inline data, 0x28 hash type, 0x38 mode, 0x42 mtime */
      g_assert_cmpint (read_made (&node), ==, type == 0 ? PT_OK : PT_MALFORMED);
    }
}

typedef struct
{
  size_t links;
  uint64_t size, last;
  PtResult expected;
} Sizes;

static void
test_sizes (void)
{
  static const Sizes cases[] = {
    { 1, 100, 100, PT_OK }, /* the last node of its level may have one child */
    { 2, 100, 100, PT_OK },
    { 2, 100, 1, PT_OK },
    { 2, 100, 0, PT_MALFORMED },
    { 2, 0, 0, PT_MALFORMED },
    { 1, 0, 0, PT_MALFORMED },
    { 2, 100, 101, PT_MALFORMED },
    { 2, 0, 1, PT_MALFORMED },
    { 1023, PT_UNIXFS_CHUNK_SIZE, 7, PT_OK },
    { 1024, PT_UNIXFS_CHUNK_SIZE, PT_UNIXFS_CHUNK_SIZE, PT_OK },
    { 1025, PT_UNIXFS_CHUNK_SIZE, 7, PT_MALFORMED },
    { 1, 5, INT64_MAX, PT_OK }, /* a 63-bit number is the largest */
    { 1, 5, INT64_MAX + UINT64_C (1), PT_MALFORMED },
    { 1, 5, UINT64_MAX, PT_MALFORMED },
    { 2, INT64_MAX, INT64_MAX, PT_MALFORMED },                   /* their sum has 64 bits */
    { 4, UINT64_C (1) << 62, UINT64_C (1) << 62, PT_MALFORMED }, /* their sum comes round to 0 */
    { 5, UINT64_C (1) << 62, UINT64_C (1) << 62, PT_MALFORMED }, /* or to one of them */
    { 3, UINT64_C (1) << 61, 1, PT_OK },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Node node = plain;

      node.links = cases[i].links;
      node.size = cases[i].size;
      node.last = cases[i].last;
      g_test_message ("case %zu", i);
      g_assert_cmpint (read_made (&node), ==, cases[i].expected);
    }
}

/* Too many links for the bytes a node may have are told from too many links. */
static void
test_largest_node (void)
{
  Node node = plain;
  g_autoptr (GByteArray) bytes = NULL;

  node.links = PT_UNIXFS_MAX_LINKS;
  node.size = node.last = UINT64_C (1) << 52;
  bytes = make_node (&node);
  g_assert_cmpuint (bytes->len, <, PT_UNIXFS_NODE_MAX);
  g_assert_cmpint (read_bytes (bytes->data, bytes->len, node.links), ==, PT_OK);
  g_assert_cmpint (read_bytes (bytes->data, bytes->len - 1, 0), ==, PT_MALFORMED);
  g_byte_array_set_size (bytes, PT_UNIXFS_NODE_MAX + 1);
  g_assert_cmpint (read_bytes (bytes->data, PT_UNIXFS_NODE_MAX, 0), ==, PT_MALFORMED);
  g_assert_cmpint (read_bytes (bytes->data, PT_UNIXFS_NODE_MAX + 1, 0), ==, PT_TOO_LARGE);
}

/* Two links exchanged: another file where they are of one size, none where they are not. */
static void
test_exchanged_links (void)
{
  g_autoptr (GByteArray) bytes = make_node (&plain);
  const size_t link = 2 + 2 + PT_CID_SIZE + 2 + 2; /* every size here is one byte */

  for (size_t i = 0; i < plain.links; i++)
    for (size_t j = 0; j < plain.links; j++)
      {
        g_autofree uint8_t *copy = g_memdup2 (bytes->data, bytes->len);
        bool last = i == plain.links - 1 || j == plain.links - 1;

        memcpy (copy + i * link, bytes->data + j * link, link);
        memcpy (copy + j * link, bytes->data + i * link, link);
        g_assert_cmpint (read_bytes (copy, bytes->len, plain.links), ==,
                         i != j && last ? PT_MALFORMED : PT_OK);
      }
}

/* Takes @*context blocks. */
static bool
take_some (void *context, const PtCid *cid, const void *data, size_t size)
{
  int *left = context;

  return (*left)-- > 0;
}

/* Once a builder has said that it failed, there is no CID to be had from it. */
static void
test_failed_builder (void)
{
  static const PtCid zero;
  g_autofree PtUnixfsBuilder *builder = g_new (PtUnixfsBuilder, 1);
  g_autofree char *content = g_strnfill (32, 'c');

  for (int blocks = 0; blocks <= 40; blocks++)
    for (size_t size = 1; size <= 32; size++)
      {
        int left = blocks;
        PtResult fed, finished;
        PtCid cid;

        g_assert_cmpint (pt_unixfs_init (builder, 1, 2, take_some, &left), ==, PT_OK);
        fed = pt_unixfs_feed (builder, content, size);
        g_assert_true (fed == PT_OK || fed == PT_STOPPED || fed == PT_NO_SPACE);
        left = 1000; /* the sink would take the rest */
        finished = pt_unixfs_finish (builder, &cid);
        /* What is too large for the four levels may show only when they are closed. */
        g_assert_cmpint (finished, ==, fed == PT_OK && size > 16 ? PT_NO_SPACE : fed);
        g_assert_cmpint (pt_cid_equal (&cid, &zero), ==, finished != PT_OK);
        g_assert_cmpint (fed == PT_NO_SPACE && size <= 16, ==, false);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/unixfs-node/parts", test_parts);
  g_test_add_func ("/unixfs-node/padded-numbers", test_padded_numbers);
  g_test_add_func ("/unixfs-node/arrangement", test_arrangement);
  g_test_add_func ("/unixfs-node/sizes", test_sizes);
  g_test_add_func ("/unixfs-node/largest-node", test_largest_node);
  g_test_add_func ("/unixfs-node/exchanged-links", test_exchanged_links);
  g_test_add_func ("/unixfs-node/failed-builder", test_failed_builder);
  return g_test_run ();
}
