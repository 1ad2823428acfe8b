/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <string.h>

#include "pt-abi.h"

/* What the files of pt-abi share: words of the contract ABI, written and read. */

#define PT_ABI_WORD 32
#define PT_ABI_SELECTOR_SIZE 4
#define PT_ABI_CHECKPOINT_WORDS 10 /* seven of the head, the CID's length, its two words */
#define PT_ABI_CID_WORDS 2
#define PT_ABI_KEY_WORDS 3
#define PT_ABI_ADDRESS_SIZE 20

/* The words of a call or a log, one after the other; the caller has made sure of the room. */
typedef struct
{
  uint8_t *next;
} PtAbiWriter;

typedef struct
{
  const uint8_t *next;
  bool valid; /* so far */
} PtAbiReader;

static inline void
pt_abi_put_word (PtAbiWriter *writer, const uint8_t word[PT_ABI_WORD])
{
  memcpy (writer->next, word, PT_ABI_WORD);
  writer->next += PT_ABI_WORD;
}

static inline void
pt_abi_put_uint (PtAbiWriter *writer, uint64_t value)
{
  uint8_t word[PT_ABI_WORD] = { 0 };

  for (size_t i = 0; i < 8; i++)
    word[PT_ABI_WORD - 1 - i] = (uint8_t) (value >> (8 * i));
  pt_abi_put_word (writer, word);
}

static inline void
pt_abi_put_address (PtAbiWriter *writer, const uint8_t address[PT_ABI_ADDRESS_SIZE])
{
  uint8_t word[PT_ABI_WORD] = { 0 };

  memcpy (word + PT_ABI_WORD - PT_ABI_ADDRESS_SIZE, address, PT_ABI_ADDRESS_SIZE);
  pt_abi_put_word (writer, word);
}

/* A length and the bytes, padded with zeros to whole words. */
static inline void
pt_abi_put_bytes (PtAbiWriter *writer, const uint8_t *data, size_t size, size_t words)
{
  pt_abi_put_uint (writer, size);
  memset (writer->next, 0, words * PT_ABI_WORD);
  memcpy (writer->next, data, size);
  writer->next += words * PT_ABI_WORD;
}

static inline void
pt_abi_put_selector (PtKeccakPermutation permute, const char *signature, size_t length,
                     PtAbiWriter *writer)
{
  PtHash hash;

  pt_keccak256 (permute, signature, length, &hash);
  memcpy (writer->next, hash.bytes, PT_ABI_SELECTOR_SIZE);
  writer->next += PT_ABI_SELECTOR_SIZE;
}

static inline void
pt_abi_get_word (PtAbiReader *reader, uint8_t out[PT_ABI_WORD])
{
  memcpy (out, reader->next, PT_ABI_WORD);
  reader->next += PT_ABI_WORD;
}

static inline uint64_t
pt_abi_get_uint (PtAbiReader *reader)
{
  uint64_t value = 0;

  for (size_t i = 0; i < PT_ABI_WORD; i++)
    {
      if (i < PT_ABI_WORD - 8 && reader->next[i] != 0)
        reader->valid = false;
      value = value << 8 | reader->next[i];
    }
  reader->next += PT_ABI_WORD;
  return value;
}

static inline void
pt_abi_get_address (PtAbiReader *reader, uint8_t out[PT_ABI_ADDRESS_SIZE])
{
  for (size_t i = 0; i < PT_ABI_WORD - PT_ABI_ADDRESS_SIZE; i++)
    if (reader->next[i] != 0)
      reader->valid = false;
  memcpy (out, reader->next + PT_ABI_WORD - PT_ABI_ADDRESS_SIZE, PT_ABI_ADDRESS_SIZE);
  reader->next += PT_ABI_WORD;
}

/* Exactly @size bytes in @words words, padded with zeros. */
static inline void
pt_abi_get_bytes (PtAbiReader *reader, uint8_t *out, size_t size, size_t words)
{
  if (pt_abi_get_uint (reader) != size)
    reader->valid = false;
  for (size_t i = size; i < words * PT_ABI_WORD; i++)
    if (reader->next[i] != 0)
      reader->valid = false;
  memcpy (out, reader->next, size);
  reader->next += words * PT_ABI_WORD;
}

static inline void
pt_abi_get_fixed (PtAbiReader *reader, uint64_t expected)
{
  if (pt_abi_get_uint (reader) != expected)
    reader->valid = false;
}

static inline size_t
pt_abi_area_length (const char *area)
{
  size_t length = 0;

  while (length <= PT_AREA_MAX && area[length] != '\0')
    length++;
  return length;
}

static inline bool
pt_abi_area_is_valid (const char *area)
{
  return pt_is_area_id (pt_span (area, pt_abi_area_length (area)));
}

static inline void
pt_abi_put_area (PtAbiWriter *writer, const char *area)
{
  uint8_t word[PT_ABI_WORD];

  pt_abi_area (area, word);
  pt_abi_put_word (writer, word);
}

static inline void
pt_abi_put_checkpoint (PtAbiWriter *writer, const PtCheckpoint *checkpoint)
{
  pt_abi_put_area (writer, checkpoint->area);
  pt_abi_put_uint (writer, checkpoint->batch);
  pt_abi_put_uint (writer, checkpoint->size);
  pt_abi_put_uint (writer, checkpoint->from);
  pt_abi_put_uint (writer, checkpoint->to);
  pt_abi_put_word (writer, checkpoint->root.bytes);
  pt_abi_put_uint (writer, 7 * PT_ABI_WORD);
  pt_abi_put_bytes (writer, checkpoint->cid.bytes, PT_CID_SIZE, PT_ABI_CID_WORDS);
}
