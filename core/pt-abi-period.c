/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-abi-period.h"

#include <string.h>

#include "pt-abi-private.h"
#include "pt-tree.h"

#define CHECKPOINT "(bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)"
#define PLACE "(uint64,bytes32,uint32,uint32,bytes32[],bytes32[])"
#define ANCHOR_PERIOD_SIGNATURE "anchorPeriod(uint64,bytes32,uint32,bytes)"
#define LIFT_SIGNATURE "lift(" CHECKPOINT "," PLACE ")"
#define CONFLICT_SIGNATURE "conflict(" CHECKPOINT "," PLACE "," CHECKPOINT "," PLACE ")"
#define PERIOD_ANCHORED_SIGNATURE "PeriodAnchored(uint64,bytes32,uint32,bytes)"

#define CALL_WORDS 4  /* of anchorPeriod () before the CID */
#define EVENT_WORDS 3 /* of PeriodAnchored, likewise */
#define PLACE_WORDS 6 /* before the paths */

static const PtHash zeros;

static bool
is_period (const PtPeriodAnchored *period)
{
  return period->period > 0 && period->count > 0
         && memcmp (period->root.bytes, zeros.bytes, PT_HASH_SIZE) != 0;
}

PtResult
pt_abi_anchor_period (PtKeccakPermutation permute, const PtPeriodAnchored *period, uint8_t *out,
                      size_t out_size, size_t *size)
{
  PtAbiWriter writer = { out };

  *size = 0;
  if (out_size < PT_ABI_ANCHOR_PERIOD_SIZE)
    return PT_NO_SPACE;
  if (!is_period (period))
    return PT_MALFORMED;
  pt_abi_put_selector (permute, ANCHOR_PERIOD_SIGNATURE, sizeof ANCHOR_PERIOD_SIGNATURE - 1,
                       &writer);
  pt_abi_put_uint (&writer, period->period);
  pt_abi_put_word (&writer, period->root.bytes);
  pt_abi_put_uint (&writer, period->count);
  pt_abi_put_uint (&writer, CALL_WORDS * PT_ABI_WORD);
  pt_abi_put_bytes (&writer, period->cid.bytes, PT_CID_SIZE, PT_ABI_CID_WORDS);
  *size = (size_t) (writer.next - out);
  return PT_OK;
}

static size_t
place_words (const PtPlace *place)
{
  return PLACE_WORDS + 1 + place->path_count + 1 + place->period_path_count;
}

static bool
can_be_written (const PtCheckpoint *checkpoint, const PtPlace *place)
{
  return pt_abi_area_is_valid (checkpoint->area) && place->path_count <= PT_TREE_DEPTH_MAX
         && place->period_path_count <= PT_TREE_DEPTH_MAX;
}

static void
put_path (PtAbiWriter *writer, const PtHash *path, size_t count)
{
  pt_abi_put_uint (writer, count);
  for (size_t i = 0; i < count; i++)
    pt_abi_put_word (writer, path[i].bytes);
}

static void
put_place (PtAbiWriter *writer, const PtPlace *place)
{
  pt_abi_put_uint (writer, place->period);
  pt_abi_put_word (writer, place->root.bytes);
  pt_abi_put_uint (writer, place->count);
  pt_abi_put_uint (writer, place->index);
  pt_abi_put_uint (writer, PLACE_WORDS * PT_ABI_WORD);
  pt_abi_put_uint (writer, (PLACE_WORDS + 1 + place->path_count) * PT_ABI_WORD);
  put_path (writer, place->path, place->path_count);
  put_path (writer, place->period_path, place->period_path_count);
}

size_t
pt_abi_lift_size (const PtPlace *place)
{
  return PT_ABI_SELECTOR_SIZE + PT_ABI_WORD * (2 + PT_ABI_CHECKPOINT_WORDS + place_words (place));
}

PtResult
pt_abi_lift (PtKeccakPermutation permute, const PtCheckpoint *checkpoint, const PtPlace *place,
             uint8_t *out, size_t out_size, size_t *size)
{
  PtAbiWriter writer = { out };

  *size = 0;
  if (!can_be_written (checkpoint, place))
    return PT_MALFORMED;
  if (pt_abi_lift_size (place) > out_size)
    return PT_NO_SPACE;
  pt_abi_put_selector (permute, LIFT_SIGNATURE, sizeof LIFT_SIGNATURE - 1, &writer);
  pt_abi_put_uint (&writer, 2 * PT_ABI_WORD);
  pt_abi_put_uint (&writer, (2 + PT_ABI_CHECKPOINT_WORDS) * PT_ABI_WORD);
  pt_abi_put_checkpoint (&writer, checkpoint);
  put_place (&writer, place);
  *size = (size_t) (writer.next - out);
  return PT_OK;
}

size_t
pt_abi_conflict_size (const PtPlace *place, const PtPlace *other_place)
{
  return PT_ABI_SELECTOR_SIZE
         + PT_ABI_WORD
               * (4 + 2 * PT_ABI_CHECKPOINT_WORDS + place_words (place)
                  + place_words (other_place));
}

PtResult
pt_abi_conflict (PtKeccakPermutation permute, const PtCheckpoint *checkpoint, const PtPlace *place,
                 const PtCheckpoint *other, const PtPlace *other_place, uint8_t *out,
                 size_t out_size, size_t *size)
{
  PtAbiWriter writer = { out };
  size_t words = 4;

  *size = 0;
  if (!can_be_written (checkpoint, place) || !can_be_written (other, other_place))
    return PT_MALFORMED;
  if (pt_abi_conflict_size (place, other_place) > out_size)
    return PT_NO_SPACE;
  pt_abi_put_selector (permute, CONFLICT_SIGNATURE, sizeof CONFLICT_SIGNATURE - 1, &writer);
  pt_abi_put_uint (&writer, words * PT_ABI_WORD);
  words += PT_ABI_CHECKPOINT_WORDS;
  pt_abi_put_uint (&writer, words * PT_ABI_WORD);
  words += place_words (place);
  pt_abi_put_uint (&writer, words * PT_ABI_WORD);
  words += PT_ABI_CHECKPOINT_WORDS;
  pt_abi_put_uint (&writer, words * PT_ABI_WORD);
  pt_abi_put_checkpoint (&writer, checkpoint);
  put_place (&writer, place);
  pt_abi_put_checkpoint (&writer, other);
  put_place (&writer, other_place);
  *size = (size_t) (writer.next - out);
  return PT_OK;
}

void
pt_abi_period_anchored_topic (PtKeccakPermutation permute, PtHash *out)
{
  pt_keccak256 (permute, PERIOD_ANCHORED_SIGNATURE, sizeof PERIOD_ANCHORED_SIGNATURE - 1, out);
}

PtResult
pt_abi_period_anchored_parse (const PtHash *topics, size_t topic_count, const uint8_t *data,
                              size_t size, PtPeriodAnchored *out)
{
  PtAbiReader reader = { data, true }, topic;
  uint8_t cid[PT_CID_SIZE];
  uint64_t count;
  PtResult result = PT_MALFORMED;

  memset (out, 0, sizeof *out);
  if (topic_count != 1 || size != PT_ABI_WORD * (EVENT_WORDS + 1 + PT_ABI_CID_WORDS))
    return PT_MALFORMED;
  topic = (PtAbiReader){ topics[0].bytes, true };
  out->period = pt_abi_get_uint (&topic);
  pt_abi_get_word (&reader, out->root.bytes);
  count = pt_abi_get_uint (&reader);
  out->count = (uint32_t) count;
  pt_abi_get_fixed (&reader, EVENT_WORDS * PT_ABI_WORD);
  pt_abi_get_bytes (&reader, cid, PT_CID_SIZE, PT_ABI_CID_WORDS);
  if (reader.valid && topic.valid && count <= UINT32_MAX && is_period (out))
    result = pt_cid_from_bytes (cid, sizeof cid, &out->cid);
  if (result != PT_OK)
    memset (out, 0, sizeof *out);
  return result;
}
