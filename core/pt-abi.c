/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-abi.h"

#include <string.h>

#include "pt-abi-private.h"

#define ANCHOR_SIGNATURE "anchor((bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)[])"
#define REGISTER_SIGNATURE "registerArea(bytes32,bytes,bytes,address)"
#define LATEST_SIGNATURE "latest(bytes32)"
#define REGISTERED_SIGNATURE "AreaRegistered(bytes32,bytes,bytes,address)"
#define ANCHORED_SIGNATURE "Anchored(bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)"

void
pt_abi_area (const char *area, uint8_t out[32])
{
  size_t length = pt_abi_area_length (area);

  memset (out, 0, PT_ABI_WORD);
  if (length <= PT_AREA_MAX)
    memcpy (out, area, length);
}

bool
pt_abi_area_parse (const uint8_t word[32], char out[PT_AREA_MAX + 1])
{
  size_t length = 0;

  memset (out, 0, PT_AREA_MAX + 1);
  while (length < PT_ABI_WORD && word[length] != 0)
    length++;
  for (size_t i = length; i < PT_ABI_WORD; i++)
    if (word[i] != 0)
      return false;
  if (length > PT_AREA_MAX || !pt_is_area_id (pt_span (word, length)))
    return false;
  memcpy (out, word, length);
  return true;
}

size_t
pt_abi_anchor_size (size_t count)
{
  return PT_ABI_SELECTOR_SIZE + PT_ABI_WORD * (2 + count * (1 + PT_ABI_CHECKPOINT_WORDS));
}

PtResult
pt_abi_anchor (PtKeccakPermutation permute, const PtCheckpoint *checkpoints, size_t count,
               uint8_t *out, size_t out_size, size_t *size)
{
  PtAbiWriter writer = { out };

  *size = 0;
  if (count > out_size / (PT_ABI_WORD * PT_ABI_CHECKPOINT_WORDS)
      || pt_abi_anchor_size (count) > out_size)
    return PT_NO_SPACE;
  for (size_t i = 0; i < count; i++)
    if (!pt_abi_area_is_valid (checkpoints[i].area))
      return PT_MALFORMED;

  pt_abi_put_selector (permute, ANCHOR_SIGNATURE, sizeof ANCHOR_SIGNATURE - 1, &writer);
  pt_abi_put_uint (&writer, PT_ABI_WORD);
  pt_abi_put_uint (&writer, count);
  for (size_t i = 0; i < count; i++)
    pt_abi_put_uint (&writer, PT_ABI_WORD * (count + i * PT_ABI_CHECKPOINT_WORDS));
  for (size_t i = 0; i < count; i++)
    pt_abi_put_checkpoint (&writer, &checkpoints[i]);
  *size = (size_t) (writer.next - out);
  return PT_OK;
}

PtResult
pt_abi_register_area (PtKeccakPermutation permute, const char *area,
                      const uint8_t authority_key[PT_PUBLIC_KEY_SIZE],
                      const uint8_t service_key[PT_PUBLIC_KEY_SIZE],
                      const uint8_t operator_address[20], uint8_t *out, size_t out_size,
                      size_t *size)
{
  PtAbiWriter writer = { out };

  *size = 0;
  if (out_size < PT_ABI_SELECTOR_SIZE + PT_ABI_WORD * (4 + 2 * (1 + PT_ABI_KEY_WORDS)))
    return PT_NO_SPACE;
  if (!pt_abi_area_is_valid (area))
    return PT_MALFORMED;

  pt_abi_put_selector (permute, REGISTER_SIGNATURE, sizeof REGISTER_SIGNATURE - 1, &writer);
  pt_abi_put_area (&writer, area);
  pt_abi_put_uint (&writer, 4 * PT_ABI_WORD);
  pt_abi_put_uint (&writer, (4 + 1 + PT_ABI_KEY_WORDS) * PT_ABI_WORD);
  pt_abi_put_address (&writer, operator_address);
  pt_abi_put_bytes (&writer, authority_key, PT_PUBLIC_KEY_SIZE, PT_ABI_KEY_WORDS);
  pt_abi_put_bytes (&writer, service_key, PT_PUBLIC_KEY_SIZE, PT_ABI_KEY_WORDS);
  *size = (size_t) (writer.next - out);
  return PT_OK;
}

PtResult
pt_abi_latest (PtKeccakPermutation permute, const char *area, uint8_t *out, size_t out_size,
               size_t *size)
{
  PtAbiWriter writer = { out };

  *size = 0;
  if (out_size < PT_ABI_SELECTOR_SIZE + PT_ABI_WORD)
    return PT_NO_SPACE;
  if (!pt_abi_area_is_valid (area))
    return PT_MALFORMED;
  pt_abi_put_selector (permute, LATEST_SIGNATURE, sizeof LATEST_SIGNATURE - 1, &writer);
  pt_abi_put_area (&writer, area);
  *size = (size_t) (writer.next - out);
  return PT_OK;
}

PtResult
pt_abi_latest_parse (const uint8_t *data, size_t size, PtCheckpoint *out)
{
  PtAbiReader reader = { data, true };

  memset (out, 0, sizeof *out);
  if (size != 4 * PT_ABI_WORD)
    return PT_MALFORMED;
  out->batch = pt_abi_get_uint (&reader);
  out->size = pt_abi_get_uint (&reader);
  out->to = pt_abi_get_uint (&reader);
  pt_abi_get_word (&reader, out->root.bytes);
  if (reader.valid)
    return PT_OK;
  memset (out, 0, sizeof *out);
  return PT_MALFORMED;
}

void
pt_abi_area_registered_topic (PtKeccakPermutation permute, PtHash *out)
{
  pt_keccak256 (permute, REGISTERED_SIGNATURE, sizeof REGISTERED_SIGNATURE - 1, out);
}

void
pt_abi_anchored_topic (PtKeccakPermutation permute, PtHash *out)
{
  pt_keccak256 (permute, ANCHORED_SIGNATURE, sizeof ANCHORED_SIGNATURE - 1, out);
}

PtResult
pt_abi_area_registered_parse (const PtHash *topics, size_t topic_count, const uint8_t *data,
                              size_t size, PtAreaRegistered *out)
{
  PtAbiReader reader = { data, true };

  memset (out, 0, sizeof *out);
  if (topic_count != 1 || size != PT_ABI_WORD * (3 + 2 * (1 + PT_ABI_KEY_WORDS)))
    return PT_MALFORMED;
  reader.valid = pt_abi_area_parse (topics[0].bytes, out->area);
  pt_abi_get_fixed (&reader, 3 * PT_ABI_WORD);
  pt_abi_get_fixed (&reader, (3 + 1 + PT_ABI_KEY_WORDS) * PT_ABI_WORD);
  pt_abi_get_address (&reader, out->operator_address);
  pt_abi_get_bytes (&reader, out->authority_key, PT_PUBLIC_KEY_SIZE, PT_ABI_KEY_WORDS);
  pt_abi_get_bytes (&reader, out->service_key, PT_PUBLIC_KEY_SIZE, PT_ABI_KEY_WORDS);
  if (reader.valid)
    return PT_OK;
  memset (out, 0, sizeof *out);
  return PT_MALFORMED;
}

PtResult
pt_abi_anchored_parse (const PtHash *topics, size_t topic_count, const uint8_t *data, size_t size,
                       PtCheckpoint *out)
{
  PtAbiReader reader = { data, true }, batch;
  uint8_t cid[PT_CID_SIZE];
  PtResult result = PT_MALFORMED;

  memset (out, 0, sizeof *out);
  if (topic_count != 2 || size != PT_ABI_WORD * (5 + 1 + PT_ABI_CID_WORDS))
    return PT_MALFORMED;
  batch = (PtAbiReader){ topics[1].bytes, true };
  reader.valid = pt_abi_area_parse (topics[0].bytes, out->area);
  out->batch = pt_abi_get_uint (&batch);
  out->size = pt_abi_get_uint (&reader);
  out->from = pt_abi_get_uint (&reader);
  out->to = pt_abi_get_uint (&reader);
  pt_abi_get_word (&reader, out->root.bytes);
  pt_abi_get_fixed (&reader, 5 * PT_ABI_WORD);
  pt_abi_get_bytes (&reader, cid, PT_CID_SIZE, PT_ABI_CID_WORDS);
  if (reader.valid && batch.valid)
    result = pt_cid_from_bytes (cid, sizeof cid, &out->cid);
  if (result != PT_OK)
    memset (out, 0, sizeof *out);
  return result;
}
