/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <string.h>

#include "pt-abi.h"

/* Logs of the contract, put together by hand, word by word. */

#define WORD 32

static inline void
pt_put_word (uint8_t *data, size_t word, uint64_t value)
{
  memset (data + word * WORD, 0, WORD);
  for (size_t i = 0; i < 8; i++)
    data[word * WORD + WORD - 1 - i] = (uint8_t) (value >> (8 * i));
}

static inline void
pt_put_area (PtHash *topic, const char *area)
{
  memset (topic, 0, sizeof *topic);
  memcpy (topic->bytes, area, strlen (area));
}

/* The data of an AreaRegistered: keys of 0x11 and 0x22, an operator of 0xab. */
static inline void
pt_put_registered (uint8_t data[11 * WORD])
{
  memset (data, 0, 11 * WORD);
  pt_put_word (data, 0, 3 * WORD);
  pt_put_word (data, 1, 7 * WORD);
  memset (data + 2 * WORD + 12, 0xab, 20);
  pt_put_word (data, 3, PT_PUBLIC_KEY_SIZE);
  memset (data + 4 * WORD, 0x11, PT_PUBLIC_KEY_SIZE);
  pt_put_word (data, 7, PT_PUBLIC_KEY_SIZE);
  memset (data + 8 * WORD, 0x22, PT_PUBLIC_KEY_SIZE);
}

/* The data of an Anchored of @checkpoint. */
static inline void
pt_put_anchored (const PtCheckpoint *checkpoint, uint8_t data[8 * WORD])
{
  memset (data, 0, 8 * WORD);
  pt_put_word (data, 0, checkpoint->size);
  pt_put_word (data, 1, checkpoint->from);
  pt_put_word (data, 2, checkpoint->to);
  memcpy (data + 3 * WORD, checkpoint->root.bytes, WORD);
  pt_put_word (data, 4, 5 * WORD);
  pt_put_word (data, 5, PT_CID_SIZE);
  memcpy (data + 6 * WORD, checkpoint->cid.bytes, PT_CID_SIZE);
}
