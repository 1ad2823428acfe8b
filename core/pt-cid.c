/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-cid.h"

#include <string.h>

#include "pt-encoding.h"

/* version, codec, multihash code of SHA2-256, its length */
static const uint8_t prefix[4] = { 0x01, 0x00, 0x12, PT_HASH_SIZE };

void
pt_cid_make (PtCodec codec, const PtHash *digest, PtCid *out)
{
  memcpy (out->bytes, prefix, sizeof prefix);
  out->bytes[1] = (uint8_t) codec;
  memcpy (out->bytes + sizeof prefix, digest->bytes, PT_HASH_SIZE);
}

PtResult
pt_cid_from_bytes (const void *data, size_t size, PtCid *out)
{
  const uint8_t *bytes = data;

  memset (out, 0, sizeof *out);
  if (size != PT_CID_SIZE || bytes[0] != prefix[0] || bytes[2] != prefix[2]
      || bytes[3] != prefix[3])
    return PT_BAD_CID;
  if (bytes[1] != PT_CODEC_RAW && bytes[1] != PT_CODEC_DAG_PB)
    return PT_BAD_CID;
  memcpy (out->bytes, bytes, PT_CID_SIZE);
  return PT_OK;
}

PtResult
pt_cid_from_text (PtSpan text, PtCid *out)
{
  uint8_t bytes[PT_CID_SIZE];

  memset (out, 0, sizeof *out);
  if (text.size != PT_CID_TEXT_SIZE || text.data[0] != 'b'
      || !pt_base32_decode (pt_span (text.data + 1, text.size - 1), bytes, sizeof bytes))
    return PT_BAD_CID;
  return pt_cid_from_bytes (bytes, sizeof bytes, out);
}

void
pt_cid_to_text (const PtCid *cid, char out[PT_CID_TEXT_SIZE + 1])
{
  memset (out, 0, PT_CID_TEXT_SIZE + 1);
  out[0] = 'b';
  pt_base32_encode (cid->bytes, PT_CID_SIZE, out + 1, PT_CID_TEXT_SIZE - 1);
}

PtCodec
pt_cid_codec (const PtCid *cid)
{
  return (PtCodec) cid->bytes[1];
}

bool
pt_cid_equal (const PtCid *a, const PtCid *b)
{
  return memcmp (a->bytes, b->bytes, PT_CID_SIZE) == 0;
}

bool
pt_cid_names (const PtCid *cid, const void *block, size_t size)
{
  PtHash digest;
  PtCid own;

  if (pt_cid_from_bytes (cid->bytes, PT_CID_SIZE, &own) != PT_OK)
    return false;
  pt_sha256 (block, size, &digest);
  return memcmp (digest.bytes, cid->bytes + sizeof prefix, PT_HASH_SIZE) == 0;
}
