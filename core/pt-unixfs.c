/* SPDX-License-Identifier: Apache-2.0 */

/* UnixFS files of CIDv1, as Kubo's balanced layout builds them: a dag-pb node (PBNode) holds its
 * links first and then its data, a UnixFS message of type File with the size of each child. */

#include "pt-cid.h"

#include <string.h>

/* Bytes of a PBLink before its Tsize: tag and length of Hash, the CID, an empty Name, Tsize's tag.
 */
#define LINK_FIXED (2 + PT_CID_SIZE + 2 + 1)

enum
{
  TAG_LINK = 0x12, /* PBNode.Links */
  TAG_DATA = 0x0a, /* PBNode.Data */
  TAG_HASH = 0x0a, /* PBLink.Hash */
  TAG_NAME = 0x12, /* PBLink.Name */
  TAG_TREE_SIZE = 0x18,
  TAG_TYPE = 0x08, /* UnixFS Data.Type */
  TYPE_FILE = 0x02,
  TAG_FILE_SIZE = 0x18,
  TAG_BLOCK_SIZE = 0x20
};

static size_t
varint_size (uint64_t value)
{
  size_t size = 1;

  for (; value >= 0x80; value >>= 7)
    size++;
  return size;
}

static uint8_t *
put_varint (uint8_t *out, uint64_t value)
{
  for (; value >= 0x80; value >>= 7)
    *out++ = (uint8_t) (value | 0x80);
  *out++ = (uint8_t) value;
  return out;
}

static uint8_t *
put_link (uint8_t *out, const PtUnixfsLink *link)
{
  *out++ = TAG_LINK;
  out = put_varint (out, LINK_FIXED + varint_size (link->tree_size));
  *out++ = TAG_HASH;
  *out++ = PT_CID_SIZE;
  memcpy (out, link->cid.bytes, PT_CID_SIZE);
  out += PT_CID_SIZE;
  *out++ = TAG_NAME;
  *out++ = 0;
  *out++ = TAG_TREE_SIZE;
  return put_varint (out, link->tree_size);
}

/* Serialises one node over @links into @out and describes it in @node. A node of
 * PT_UNIXFS_MAX_LINKS takes at most 64 bytes a link, so PT_UNIXFS_NODE_MAX holds it. Returns its
 * size. */
static size_t
put_node (uint8_t *out, const PtUnixfsLink *links, size_t count, PtUnixfsLink *node)
{
  uint8_t *cursor = out;
  size_t data_size = 2 + 1;

  memset (node, 0, sizeof *node);
  for (size_t i = 0; i < count; i++)
    {
      cursor = put_link (cursor, &links[i]);
      node->tree_size += links[i].tree_size;
      node->file_size += links[i].file_size;
      data_size += 1 + varint_size (links[i].file_size);
    }
  data_size += varint_size (node->file_size);

  *cursor++ = TAG_DATA;
  cursor = put_varint (cursor, data_size);
  *cursor++ = TAG_TYPE;
  *cursor++ = TYPE_FILE;
  *cursor++ = TAG_FILE_SIZE;
  cursor = put_varint (cursor, node->file_size);
  for (size_t i = 0; i < count; i++)
    {
      *cursor++ = TAG_BLOCK_SIZE;
      cursor = put_varint (cursor, links[i].file_size);
    }
  node->tree_size += (uint64_t) (cursor - out);
  return (size_t) (cursor - out);
}

PtResult
pt_unixfs_init (PtUnixfsBuilder *builder, size_t chunk_size, size_t max_links, PtBlockSink sink,
                void *context)
{
  memset (builder, 0, sizeof *builder);
  if (max_links == 1 || max_links > PT_UNIXFS_MAX_LINKS)
    return PT_TOO_LARGE;
  builder->chunk_size = chunk_size != 0 ? chunk_size : PT_UNIXFS_CHUNK_SIZE;
  builder->max_links = max_links != 0 ? max_links : PT_UNIXFS_MAX_LINKS;
  builder->sink = sink;
  builder->context = context;
  pt_sha256_init (&builder->leaf);
  return PT_OK;
}

/* Makes the node over the links waiting at @level, tells the sink, and empties the level. */
static PtResult
close_level (PtUnixfsBuilder *builder, size_t level, PtUnixfsLink *node)
{
  PtHash digest;
  size_t size = put_node (builder->node, builder->links[level], builder->counts[level], node);

  pt_sha256 (builder->node, size, &digest);
  pt_cid_make (PT_CODEC_DAG_PB, &digest, &node->cid);
  builder->counts[level] = 0;
  if (builder->sink != NULL && !builder->sink (builder->context, &node->cid, builder->node, size))
    return PT_STOPPED;
  return PT_OK;
}

/* A full level is closed only when one more comes, so a file that fills it exactly gets no needless
 * level above. */
static PtResult
add_link (PtUnixfsBuilder *builder, size_t level, const PtUnixfsLink *link)
{
  size_t top = level;
  PtUnixfsLink node;
  PtResult result;

  while (top < PT_UNIXFS_LEVELS && builder->counts[top] == builder->max_links)
    top++;
  if (top == PT_UNIXFS_LEVELS)
    return PT_NO_SPACE;
  for (; top > level; top--)
    {
      result = close_level (builder, top - 1, &node);
      if (result != PT_OK)
        return result;
      builder->links[top][builder->counts[top]++] = node;
    }
  builder->links[level][builder->counts[level]++] = *link;
  return PT_OK;
}

static PtResult
close_leaf (PtUnixfsBuilder *builder)
{
  PtUnixfsLink link = { .tree_size = builder->leaf_size, .file_size = builder->leaf_size };
  PtHash digest;

  pt_sha256_finish (&builder->leaf, &digest);
  pt_cid_make (PT_CODEC_RAW, &digest, &link.cid);
  pt_sha256_init (&builder->leaf);
  builder->leaf_size = 0;
  builder->leaves++;
  if (builder->sink != NULL
      && !builder->sink (builder->context, &link.cid, NULL, (size_t) link.file_size))
    return PT_STOPPED;
  return add_link (builder, 0, &link);
}

PtResult
pt_unixfs_feed (PtUnixfsBuilder *builder, const void *data, size_t size)
{
  const uint8_t *cursor = data;

  while (size > 0 && builder->result == PT_OK)
    {
      size_t room = builder->chunk_size - builder->leaf_size;
      size_t piece = size < room ? size : room;

      pt_sha256_update (&builder->leaf, cursor, piece);
      builder->leaf_size += piece;
      cursor += piece;
      size -= piece;
      if (builder->leaf_size == builder->chunk_size)
        builder->result = close_leaf (builder);
    }
  return builder->result;
}

static bool
is_top_level (const PtUnixfsBuilder *builder, size_t level)
{
  return level + 1 == PT_UNIXFS_LEVELS || builder->counts[level + 1] == 0;
}

/* Closes all that is open, from the leaf up. */
static PtResult
close_all (PtUnixfsBuilder *builder, PtCid *out)
{
  PtUnixfsLink node;
  PtResult result = PT_OK;

  if (builder->leaf_size > 0 || builder->leaves == 0)
    result = close_leaf (builder);
  if (result == PT_OK && builder->leaves == 1)
    {
      *out = builder->links[0][0].cid;
      return PT_OK;
    }
  for (size_t level = 0; result == PT_OK; level++)
    {
      bool top = is_top_level (builder, level);

      result = close_level (builder, level, &node);
      if (result == PT_OK && top)
        {
          *out = node.cid;
          return PT_OK;
        }
      if (result == PT_OK)
        result = add_link (builder, level + 1, &node);
    }
  return result;
}

PtResult
pt_unixfs_finish (PtUnixfsBuilder *builder, PtCid *out)
{
  memset (out, 0, sizeof *out);
  if (builder->result == PT_OK)
    builder->result = close_all (builder, out);
  return builder->result;
}

/* A cursor over a node's bytes; every taker says whether what it wants stands there. */
typedef struct
{
  const uint8_t *data;
  size_t size;
} Cursor;

static bool
take_byte (Cursor *cursor, uint8_t byte)
{
  if (cursor->size == 0 || cursor->data[0] != byte)
    return false;
  cursor->data++;
  cursor->size--;
  return true;
}

/* Minimal form only, and below 2^63: ten bytes never occur. */
static bool
take_varint (Cursor *cursor, uint64_t *value)
{
  *value = 0;
  for (size_t i = 0; i < 9 && i < cursor->size; i++)
    {
      uint8_t byte = cursor->data[i];

      *value |= (uint64_t) (byte & 0x7f) << (7 * i);
      if ((byte & 0x80) != 0)
        continue;
      cursor->data += i + 1;
      cursor->size -= i + 1;
      return byte != 0 || i == 0;
    }
  return false;
}

static bool
take_link (Cursor *cursor, PtUnixfsLink *link)
{
  uint64_t size;

  memset (link, 0, sizeof *link);
  if (!take_byte (cursor, TAG_LINK) || !take_varint (cursor, &size) || !take_byte (cursor, TAG_HASH)
      || !take_byte (cursor, PT_CID_SIZE) || cursor->size < PT_CID_SIZE
      || pt_cid_from_bytes (cursor->data, PT_CID_SIZE, &link->cid) != PT_OK)
    return false;
  cursor->data += PT_CID_SIZE;
  cursor->size -= PT_CID_SIZE;
  return take_byte (cursor, TAG_NAME) && take_byte (cursor, 0) && take_byte (cursor, TAG_TREE_SIZE)
         && take_varint (cursor, &link->tree_size)
         && size == LINK_FIXED + varint_size (link->tree_size);
}

/* Finds where the UnixFS message stands: the count of links before it, and its own bytes, which
 * must end the node. */
static bool
find_data (Cursor cursor, size_t *count, Cursor *message)
{
  PtUnixfsLink link;
  uint64_t size;

  for (*count = 0; cursor.size > 0 && cursor.data[0] == TAG_LINK; (*count)++)
    if (*count == PT_UNIXFS_MAX_LINKS || !take_link (&cursor, &link))
      return false;
  if (*count == 0 || !take_byte (&cursor, TAG_DATA) || !take_varint (&cursor, &size)
      || size != cursor.size)
    return false;
  *message = cursor;
  return true;
}

/* What one link must be given those before it: children of one depth, all complete and so equal
 * but the last, a raw one exactly its bytes, a node more than the file below it. */
static bool
link_follows (const PtUnixfsLink *first, const PtUnixfsLink *link, bool last)
{
  if (link->file_size == 0 || pt_cid_codec (&link->cid) != pt_cid_codec (&first->cid))
    return false;
  if (pt_cid_codec (&link->cid) == PT_CODEC_RAW ? link->tree_size != link->file_size
                                                : link->tree_size <= link->file_size)
    return false;
  if (link->file_size == first->file_size)
    return link->tree_size == first->tree_size;
  return last && link->file_size < first->file_size && link->tree_size < first->tree_size;
}

/* Walks links and block sizes side by side; checks only, when @visit is NULL. */
static PtResult
walk_links (Cursor links, Cursor sizes, size_t count, uint64_t file_size, PtLinkVisitor visit,
            void *context)
{
  PtUnixfsLink first = { 0 }, link;
  uint64_t sum = 0;

  for (size_t i = 0; i < count; i++)
    {
      if (!take_link (&links, &link) || !take_byte (&sizes, TAG_BLOCK_SIZE)
          || !take_varint (&sizes, &link.file_size))
        return PT_MALFORMED;
      if (i == 0)
        first = link;
      if (!link_follows (&first, &link, i + 1 == count) || link.file_size > file_size - sum)
        return PT_MALFORMED;
      sum += link.file_size;
      if (visit != NULL)
        {
          PtResult result = visit (context, &link);

          if (result != PT_OK)
            return result;
        }
    }
  return sizes.size == 0 && sum == file_size ? PT_OK : PT_MALFORMED;
}

PtResult
pt_unixfs_read_node (const void *data, size_t size, uint64_t *file_size, PtLinkVisitor visit,
                     void *context)
{
  Cursor links = { data, size }, message;
  uint64_t whole;
  size_t count;
  PtResult result;

  *file_size = 0;
  if (size > PT_UNIXFS_NODE_MAX)
    return PT_TOO_LARGE;
  if (!find_data (links, &count, &message) || !take_byte (&message, TAG_TYPE)
      || !take_byte (&message, TYPE_FILE) || !take_byte (&message, TAG_FILE_SIZE)
      || !take_varint (&message, &whole))
    return PT_MALFORMED;

  result = walk_links (links, message, count, whole, NULL, NULL);
  if (result == PT_OK && visit != NULL)
    result = walk_links (links, message, count, whole, visit, context);
  if (result == PT_OK)
    *file_size = whole;
  return result;
}
