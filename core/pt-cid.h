/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"
#include "pt-sha256.h"

/* CIDv1 with SHA2-256, and UnixFS files as the `unixfs-v1-2025` profile lays them out (IPIP-499):
 * raw leaves of 1 MiB, a balanced tree of at most 1024 links a node. */

#define PT_CID_SIZE 36
#define PT_CID_TEXT_SIZE 59 /* 'b' and base32 */
#define PT_UNIXFS_CHUNK_SIZE 1048576
#define PT_UNIXFS_MAX_LINKS 1024
#define PT_UNIXFS_LEVELS 4       /* 1 MiB * 1024^4: no file is larger */
#define PT_UNIXFS_NODE_MAX 65536 /* bytes of a dag-pb node of 1024 links, with room */

typedef enum
{
  PT_CODEC_RAW = 0x55,
  PT_CODEC_DAG_PB = 0x70
} PtCodec;

typedef struct
{
  uint8_t bytes[PT_CID_SIZE]; /* 0x01 codec 0x12 0x20 digest */
} PtCid;

void pt_cid_make (PtCodec codec, const PtHash *digest, PtCid *out);
PtResult pt_cid_from_bytes (const void *data, size_t size, PtCid *out); /* only the form above */
PtResult pt_cid_from_text (PtSpan text, PtCid *out);
void pt_cid_to_text (const PtCid *cid, char out[PT_CID_TEXT_SIZE + 1]); /* NUL-terminated */
PtCodec pt_cid_codec (const PtCid *cid);
bool pt_cid_equal (const PtCid *a, const PtCid *b);
/* Whether @block is what @cid names. */
bool pt_cid_names (const PtCid *cid, const void *block, size_t size);

typedef struct
{
  PtCid cid;
  uint64_t tree_size; /* Tsize: serialised bytes of the node and all below */
  uint64_t file_size; /* bytes of the file below it */
} PtUnixfsLink;

/* Told of every finished block, leaves in the file's order, a node after its children. For a leaf
 * @data is NULL: its bytes are the next @size ones that were fed. */
typedef bool (*PtBlockSink) (void *context, const PtCid *cid, const void *data, size_t size);

typedef struct
{
  size_t chunk_size, max_links;
  PtSha256 leaf;
  size_t leaf_size;
  uint64_t leaves;
  PtUnixfsLink links[PT_UNIXFS_LEVELS][PT_UNIXFS_MAX_LINKS];
  size_t counts[PT_UNIXFS_LEVELS];
  uint8_t node[PT_UNIXFS_NODE_MAX];
  PtBlockSink sink;
  void *context;
  PtResult result; /* the first failure stays */
} PtUnixfsBuilder; /* about 300 KB: allocate it, do not put it on a stack */

/* @chunk_size and @max_links: 0 for the profile's own; max_links from 2 to PT_UNIXFS_MAX_LINKS.
 * @sink may be NULL. */
PtResult pt_unixfs_init (PtUnixfsBuilder *builder, size_t chunk_size, size_t max_links,
                         PtBlockSink sink, void *context);
PtResult pt_unixfs_feed (PtUnixfsBuilder *builder, const void *data, size_t size);
PtResult pt_unixfs_finish (PtUnixfsBuilder *builder, PtCid *out);

/* Strict reader of a dag-pb file node: calls @visit for each link in order. PT_MALFORMED for
 * anything the builder would not write. */
typedef PtResult (*PtLinkVisitor) (void *context, const PtUnixfsLink *link);
PtResult pt_unixfs_read_node (const void *data, size_t size, uint64_t *file_size,
                              PtLinkVisitor visit, void *context);
