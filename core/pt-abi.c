/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-abi.h"

#include <string.h>

#define WORD 32
#define SELECTOR_SIZE 4
#define CHECKPOINT_WORDS 10 /* seven of the head, the CID's length, its two words */
#define CID_WORDS 2
#define KEY_WORDS 3
#define ADDRESS_SIZE 20

#define ANCHOR_SIGNATURE "anchor((bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)[])"
#define REGISTER_SIGNATURE "registerArea(bytes32,bytes,bytes,address)"
#define LATEST_SIGNATURE "latest(bytes32)"
#define REGISTERED_SIGNATURE "AreaRegistered(bytes32,bytes,bytes,address)"
#define ANCHORED_SIGNATURE "Anchored(bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)"

/* The words of a call or a log, one after the other; the caller has made sure of the room. */
typedef struct
{
  uint8_t *next;
} Writer;

typedef struct
{
  const uint8_t *next;
  bool valid; /* so far */
} Reader;

static void
put_word (Writer *writer, const uint8_t word[WORD])
{
  memcpy (writer->next, word, WORD);
  writer->next += WORD;
}

static void
put_uint (Writer *writer, uint64_t value)
{
  uint8_t word[WORD] = { 0 };

  for (size_t i = 0; i < 8; i++)
    word[WORD - 1 - i] = (uint8_t) (value >> (8 * i));
  put_word (writer, word);
}

static void
put_address (Writer *writer, const uint8_t address[ADDRESS_SIZE])
{
  uint8_t word[WORD] = { 0 };

  memcpy (word + WORD - ADDRESS_SIZE, address, ADDRESS_SIZE);
  put_word (writer, word);
}

/* A length and the bytes, padded with zeros to whole words. */
static void
put_bytes (Writer *writer, const uint8_t *data, size_t size, size_t words)
{
  put_uint (writer, size);
  memset (writer->next, 0, words * WORD);
  memcpy (writer->next, data, size);
  writer->next += words * WORD;
}

static void
put_selector (PtKeccakPermutation permute, const char *signature, size_t length, Writer *writer)
{
  PtHash hash;

  pt_keccak256 (permute, signature, length, &hash);
  memcpy (writer->next, hash.bytes, SELECTOR_SIZE);
  writer->next += SELECTOR_SIZE;
}

static void
get_word (Reader *reader, uint8_t out[WORD])
{
  memcpy (out, reader->next, WORD);
  reader->next += WORD;
}

static uint64_t
get_uint (Reader *reader)
{
  uint64_t value = 0;

  for (size_t i = 0; i < WORD; i++)
    {
      if (i < WORD - 8 && reader->next[i] != 0)
        reader->valid = false;
      value = value << 8 | reader->next[i];
    }
  reader->next += WORD;
  return value;
}

static void
get_address (Reader *reader, uint8_t out[ADDRESS_SIZE])
{
  for (size_t i = 0; i < WORD - ADDRESS_SIZE; i++)
    if (reader->next[i] != 0)
      reader->valid = false;
  memcpy (out, reader->next + WORD - ADDRESS_SIZE, ADDRESS_SIZE);
  reader->next += WORD;
}

/* Exactly @size bytes in @words words, padded with zeros. */
static void
get_bytes (Reader *reader, uint8_t *out, size_t size, size_t words)
{
  if (get_uint (reader) != size)
    reader->valid = false;
  for (size_t i = size; i < words * WORD; i++)
    if (reader->next[i] != 0)
      reader->valid = false;
  memcpy (out, reader->next, size);
  reader->next += words * WORD;
}

static void
get_fixed (Reader *reader, uint64_t expected)
{
  if (get_uint (reader) != expected)
    reader->valid = false;
}

static size_t
area_length (const char *area)
{
  size_t length = 0;

  while (length <= PT_AREA_MAX && area[length] != '\0')
    length++;
  return length;
}

static bool
area_is_valid (const char *area)
{
  return pt_is_area_id (pt_span (area, area_length (area)));
}

void
pt_abi_area (const char *area, uint8_t out[32])
{
  size_t length = area_length (area);

  memset (out, 0, WORD);
  if (length <= PT_AREA_MAX)
    memcpy (out, area, length);
}

bool
pt_abi_area_parse (const uint8_t word[32], char out[PT_AREA_MAX + 1])
{
  size_t length = 0;

  memset (out, 0, PT_AREA_MAX + 1);
  while (length < WORD && word[length] != 0)
    length++;
  for (size_t i = length; i < WORD; i++)
    if (word[i] != 0)
      return false;
  if (length > PT_AREA_MAX || !pt_is_area_id (pt_span (word, length)))
    return false;
  memcpy (out, word, length);
  return true;
}

static void
put_area (Writer *writer, const char *area)
{
  uint8_t word[WORD];

  pt_abi_area (area, word);
  put_word (writer, word);
}

size_t
pt_abi_anchor_size (size_t count)
{
  return SELECTOR_SIZE + WORD * (2 + count * (1 + CHECKPOINT_WORDS));
}

static void
put_checkpoint (Writer *writer, const PtCheckpoint *checkpoint)
{
  put_area (writer, checkpoint->area);
  put_uint (writer, checkpoint->batch);
  put_uint (writer, checkpoint->size);
  put_uint (writer, checkpoint->from);
  put_uint (writer, checkpoint->to);
  put_word (writer, checkpoint->root.bytes);
  put_uint (writer, 7 * WORD);
  put_bytes (writer, checkpoint->cid.bytes, PT_CID_SIZE, CID_WORDS);
}

PtResult
pt_abi_anchor (PtKeccakPermutation permute, const PtCheckpoint *checkpoints, size_t count,
               uint8_t *out, size_t out_size, size_t *size)
{
  Writer writer = { out };

  *size = 0;
  if (count > out_size / (WORD * CHECKPOINT_WORDS) || pt_abi_anchor_size (count) > out_size)
    return PT_NO_SPACE;
  for (size_t i = 0; i < count; i++)
    if (!area_is_valid (checkpoints[i].area))
      return PT_MALFORMED;

  put_selector (permute, ANCHOR_SIGNATURE, sizeof ANCHOR_SIGNATURE - 1, &writer);
  put_uint (&writer, WORD);
  put_uint (&writer, count);
  for (size_t i = 0; i < count; i++)
    put_uint (&writer, WORD * (count + i * CHECKPOINT_WORDS));
  for (size_t i = 0; i < count; i++)
    put_checkpoint (&writer, &checkpoints[i]);
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
  Writer writer = { out };

  *size = 0;
  if (out_size < SELECTOR_SIZE + WORD * (4 + 2 * (1 + KEY_WORDS)))
    return PT_NO_SPACE;
  if (!area_is_valid (area))
    return PT_MALFORMED;

  put_selector (permute, REGISTER_SIGNATURE, sizeof REGISTER_SIGNATURE - 1, &writer);
  put_area (&writer, area);
  put_uint (&writer, 4 * WORD);
  put_uint (&writer, (4 + 1 + KEY_WORDS) * WORD);
  put_address (&writer, operator_address);
  put_bytes (&writer, authority_key, PT_PUBLIC_KEY_SIZE, KEY_WORDS);
  put_bytes (&writer, service_key, PT_PUBLIC_KEY_SIZE, KEY_WORDS);
  *size = (size_t) (writer.next - out);
  return PT_OK;
}

PtResult
pt_abi_latest (PtKeccakPermutation permute, const char *area, uint8_t *out, size_t out_size,
               size_t *size)
{
  Writer writer = { out };

  *size = 0;
  if (out_size < SELECTOR_SIZE + WORD)
    return PT_NO_SPACE;
  if (!area_is_valid (area))
    return PT_MALFORMED;
  put_selector (permute, LATEST_SIGNATURE, sizeof LATEST_SIGNATURE - 1, &writer);
  put_area (&writer, area);
  *size = (size_t) (writer.next - out);
  return PT_OK;
}

PtResult
pt_abi_latest_parse (const uint8_t *data, size_t size, PtCheckpoint *out)
{
  Reader reader = { data, true };

  memset (out, 0, sizeof *out);
  if (size != 4 * WORD)
    return PT_MALFORMED;
  out->batch = get_uint (&reader);
  out->size = get_uint (&reader);
  out->to = get_uint (&reader);
  get_word (&reader, out->root.bytes);
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
  Reader reader = { data, true };

  memset (out, 0, sizeof *out);
  if (topic_count != 1 || size != WORD * (3 + 2 * (1 + KEY_WORDS)))
    return PT_MALFORMED;
  reader.valid = pt_abi_area_parse (topics[0].bytes, out->area);
  get_fixed (&reader, 3 * WORD);
  get_fixed (&reader, (3 + 1 + KEY_WORDS) * WORD);
  get_address (&reader, out->operator_address);
  get_bytes (&reader, out->authority_key, PT_PUBLIC_KEY_SIZE, KEY_WORDS);
  get_bytes (&reader, out->service_key, PT_PUBLIC_KEY_SIZE, KEY_WORDS);
  if (reader.valid)
    return PT_OK;
  memset (out, 0, sizeof *out);
  return PT_MALFORMED;
}

PtResult
pt_abi_anchored_parse (const PtHash *topics, size_t topic_count, const uint8_t *data, size_t size,
                       PtCheckpoint *out)
{
  Reader reader = { data, true }, batch;
  uint8_t cid[PT_CID_SIZE];
  PtResult result = PT_MALFORMED;

  memset (out, 0, sizeof *out);
  if (topic_count != 2 || size != WORD * (5 + 1 + CID_WORDS))
    return PT_MALFORMED;
  batch = (Reader){ topics[1].bytes, true };
  reader.valid = pt_abi_area_parse (topics[0].bytes, out->area);
  out->batch = get_uint (&batch);
  out->size = get_uint (&reader);
  out->from = get_uint (&reader);
  out->to = get_uint (&reader);
  get_word (&reader, out->root.bytes);
  get_fixed (&reader, 5 * WORD);
  get_bytes (&reader, cid, PT_CID_SIZE, CID_WORDS);
  if (reader.valid && batch.valid)
    result = pt_cid_from_bytes (cid, sizeof cid, &out->cid);
  if (result != PT_OK)
    memset (out, 0, sizeof *out);
  return result;
}
