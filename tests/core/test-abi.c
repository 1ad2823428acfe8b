/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "pt-abi-words.h"
#include "pt-ethereum-key.h"
#include "pt-vectors.h"

#define PERMUTE pt_keccak_permutation_nettle

/* checkpoints.json's; returns how many. */
static size_t
load_checkpoints (PtCheckpoint *out, size_t max)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("checkpoints.json");
  JsonArray *checkpoints
      = json_object_get_array_member (json_node_get_object (root), "checkpoints");
  size_t count = json_array_get_length (checkpoints);

  g_assert_cmpuint (count, <=, max);
  for (guint i = 0; i < count; i++)
    {
      JsonObject *checkpoint = json_array_get_object_element (checkpoints, i);
      const char *text = json_object_get_string_member (checkpoint, "cid_hex");
      uint8_t cid[PT_CID_SIZE];

      memset (&out[i], 0, sizeof out[i]);
      g_strlcpy (out[i].area, json_object_get_string_member (checkpoint, "area"),
                 sizeof out[i].area);
      out[i].batch = (uint64_t) json_object_get_int_member (checkpoint, "batch");
      out[i].size = (uint64_t) json_object_get_int_member (checkpoint, "size");
      out[i].from = (uint64_t) json_object_get_int_member (checkpoint, "from");
      out[i].to = (uint64_t) json_object_get_int_member (checkpoint, "to");
      out[i].root = pt_hash_from_hex (json_object_get_string_member (checkpoint, "root"));
      g_assert_true (pt_hex_decode (pt_text (text), cid, sizeof cid));
      g_assert_cmpint (pt_cid_from_bytes (cid, sizeof cid, &out[i].cid), ==, PT_OK);
    }
  return count;
}

/* The calls in ethereum-tx.json are anchor () of the first batch, and of both. */
static void
test_anchor (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("ethereum-tx.json");
  JsonArray *transactions
      = json_object_get_array_member (json_node_get_object (root), "transactions");
  PtCheckpoint checkpoints[4];
  size_t count = load_checkpoints (checkpoints, G_N_ELEMENTS (checkpoints));

  g_assert_cmpuint (count, ==, 2);
  for (guint i = 1; i <= count; i++)
    {
      JsonObject *vector = json_array_get_object_element (transactions, i);
      const char *expected
          = json_object_get_string_member (json_object_get_object_member (vector, "tx"), "data");
      uint8_t data[1024];
      char hex[2049];
      size_t size;

      g_assert_cmpint (pt_abi_anchor (PERMUTE, checkpoints, i, data, sizeof data, &size), ==,
                       PT_OK);
      g_assert_cmpuint (size, ==, pt_abi_anchor_size (i));
      hex[pt_hex_encode (data, size, hex, sizeof hex - 1)] = '\0';
      g_assert_cmpstr (hex, ==, expected + 2);
      g_assert_cmpint (pt_abi_anchor (PERMUTE, checkpoints, i, data, size - 1, &size), ==,
                       PT_NO_SPACE);
      g_assert_cmpuint (size, ==, 0);
    }
  checkpoints[0].area[0] = 'D';
  g_assert_cmpint (
      pt_abi_anchor (PERMUTE, checkpoints, 1, (uint8_t[512]){ 0 }, 512, &(size_t){ 0 }), ==,
      PT_MALFORMED);
  g_assert_cmpint (
      pt_abi_anchor (PERMUTE, checkpoints, SIZE_MAX / 8, (uint8_t[512]){ 0 }, 512, &(size_t){ 0 }),
      ==, PT_NO_SPACE);
}

static void
test_areas (void)
{
  uint8_t word[WORD];
  char area[PT_AREA_MAX + 1];

  pt_abi_area ("demo-east", word);
  g_assert_cmpmem (word, 10, "demo-east", 10);
  g_assert_true (pt_abi_area_parse (word, area));
  g_assert_cmpstr (area, ==, "demo-east");

  word[31] = 1; /* after the padding began */
  g_assert_false (pt_abi_area_parse (word, area));
  g_assert_cmpstr (area, ==, "");
  memset (word, 0, sizeof word);
  g_assert_false (pt_abi_area_parse (word, area));
  memset (word, 'a', sizeof word); /* 32 characters */
  g_assert_false (pt_abi_area_parse (word, area));
  word[31] = 0;
  g_assert_true (pt_abi_area_parse (word, area));
  word[0] = 'A';
  g_assert_false (pt_abi_area_parse (word, area));
}

/* Topics and data of a checkpoint's Anchored, put together here by hand. */
static void
make_anchored (const PtCheckpoint *checkpoint, PtHash topics[2], uint8_t data[8 * WORD])
{
  pt_put_area (&topics[0], checkpoint->area);
  pt_put_word (topics[1].bytes, 0, checkpoint->batch);
  pt_put_anchored (checkpoint, data);
}

static void
test_anchored (void)
{
  PtCheckpoint checkpoints[4], parsed;
  uint8_t data[8 * WORD + 1] = { 0 };
  PtHash topics[2];

  load_checkpoints (checkpoints, G_N_ELEMENTS (checkpoints));
  make_anchored (&checkpoints[1], topics, data);
  g_assert_cmpint (pt_abi_anchored_parse (topics, 2, data, 8 * WORD, &parsed), ==, PT_OK);
  g_assert_cmpstr (parsed.area, ==, checkpoints[1].area);
  g_assert_cmpuint (parsed.batch, ==, checkpoints[1].batch);
  g_assert_cmpuint (parsed.size, ==, checkpoints[1].size);
  g_assert_cmpuint (parsed.from, ==, checkpoints[1].from);
  g_assert_cmpuint (parsed.to, ==, checkpoints[1].to);
  g_assert_cmpmem (&parsed.root, 32, &checkpoints[1].root, 32);
  g_assert_true (pt_cid_equal (&parsed.cid, &checkpoints[1].cid));

  g_assert_cmpint (pt_abi_anchored_parse (topics, 1, data, 8 * WORD, &parsed), ==, PT_MALFORMED);
  g_assert_cmpint (pt_abi_anchored_parse (topics, 2, data, 8 * WORD + 1, &parsed), ==,
                   PT_MALFORMED);
  g_assert_cmpint (pt_abi_anchored_parse (topics, 2, data, 8 * WORD - 1, &parsed), ==,
                   PT_MALFORMED);
  g_assert_cmpint (pt_abi_anchored_parse (topics, 2, NULL, 0, &parsed), ==, PT_MALFORMED);
}

/* One encoding per value: each bit that the decoder could overlook is looked at. */
static void
test_anchored_is_strict (void)
{
  PtCheckpoint checkpoints[4], good, parsed;
  uint8_t data[8 * WORD];
  PtHash topics[2];
  size_t accepted = 0;

  load_checkpoints (checkpoints, G_N_ELEMENTS (checkpoints));
  make_anchored (&checkpoints[0], topics, data);
  g_assert_cmpint (pt_abi_anchored_parse (topics, 2, data, sizeof data, &good), ==, PT_OK);
  for (size_t bit = 0; bit < 8 * sizeof data; bit++)
    {
      data[bit / 8] ^= (uint8_t) (1 << bit % 8);
      if (pt_abi_anchored_parse (topics, 2, data, sizeof data, &parsed) == PT_OK)
        {
          accepted++;
          g_assert_cmpint (memcmp (&parsed, &good, sizeof parsed), !=, 0);
        }
      data[bit / 8] ^= (uint8_t) (1 << bit % 8);
    }
  /* Three integers of 64 bits, the root, the CID's digest; and one bit between its two codecs is
   * not one bit: 0x55 and 0x70 differ in four. */
  g_assert_cmpuint (accepted, ==, 3 * 64 + 256 + 256);
}

static void
test_area_registered (void)
{
  PtAreaRegistered parsed;
  uint8_t data[11 * WORD];
  PtHash topic;
  size_t accepted = 0;

  pt_put_area (&topic, "pge-01");
  pt_put_registered (data);
  g_assert_cmpint (pt_abi_area_registered_parse (&topic, 1, data, sizeof data, &parsed), ==, PT_OK);
  g_assert_cmpstr (parsed.area, ==, "pge-01");
  g_assert_cmpuint (parsed.authority_key[64], ==, 0x11);
  g_assert_cmpuint (parsed.service_key[0], ==, 0x22);
  g_assert_cmpuint (parsed.operator_address[19], ==, 0xab);
  g_assert_cmpint (pt_abi_area_registered_parse (&topic, 1, data, sizeof data - 32, &parsed), ==,
                   PT_MALFORMED);
  g_assert_cmpint (pt_abi_area_registered_parse (&topic, 0, data, sizeof data, &parsed), ==,
                   PT_MALFORMED);
  for (size_t bit = 0; bit < 8 * sizeof data; bit++)
    {
      data[bit / 8] ^= (uint8_t) (1 << bit % 8);
      accepted += pt_abi_area_registered_parse (&topic, 1, data, sizeof data, &parsed) == PT_OK;
      data[bit / 8] ^= (uint8_t) (1 << bit % 8);
    }
  g_assert_cmpuint (accepted, ==, 8 * (20 + 2 * PT_PUBLIC_KEY_SIZE));
}

static void
test_latest (void)
{
  uint8_t call[64], data[4 * WORD];
  PtCheckpoint parsed;
  size_t size;

  g_assert_cmpint (pt_abi_latest (PERMUTE, "demo-east", call, sizeof call, &size), ==, PT_OK);
  g_assert_cmpuint (size, ==, 36);
  g_assert_cmpint (pt_abi_latest (PERMUTE, "demo-east", call, 35, &size), ==, PT_NO_SPACE);
  g_assert_cmpint (pt_abi_latest (PERMUTE, "Demo", call, sizeof call, &size), ==, PT_MALFORMED);

  pt_put_word (data, 0, 3);
  pt_put_word (data, 1, 43);
  pt_put_word (data, 2, UINT64_MAX);
  memset (data + 3 * WORD, 0x5a, WORD);
  g_assert_cmpint (pt_abi_latest_parse (data, sizeof data, &parsed), ==, PT_OK);
  g_assert_cmpuint (parsed.batch, ==, 3);
  g_assert_cmpuint (parsed.size, ==, 43);
  g_assert_cmpuint (parsed.to, ==, UINT64_MAX);
  g_assert_cmpuint (parsed.root.bytes[31], ==, 0x5a);
  g_assert_cmpint (pt_abi_latest_parse (data, 3 * WORD, &parsed), ==, PT_MALFORMED);
  data[WORD] = 1; /* more than 64 bits */
  g_assert_cmpint (pt_abi_latest_parse (data, sizeof data, &parsed), ==, PT_MALFORMED);
  g_assert_cmpuint (parsed.batch, ==, 0);
}

static void
test_register_area (void)
{
  const uint8_t authority[PT_PUBLIC_KEY_SIZE] = { 4, 1 }, service[PT_PUBLIC_KEY_SIZE] = { 4, 2 };
  const uint8_t operator_address[20] = { 0xcd };
  uint8_t data[512];
  size_t size;

  g_assert_cmpint (pt_abi_register_area (PERMUTE, "pge-01", authority, service, operator_address,
                                         data, sizeof data, &size),
                   ==, PT_OK);
  g_assert_cmpuint (size, ==, 4 + 12 * WORD);
  g_assert_cmpmem (data + 4, 6, "pge-01", 6);
  g_assert_cmpuint (data[4 + 3 * WORD + 12], ==, 0xcd);
  g_assert_cmpmem (data + 4 + 5 * WORD, PT_PUBLIC_KEY_SIZE, authority, PT_PUBLIC_KEY_SIZE);
  g_assert_cmpmem (data + 4 + 9 * WORD, PT_PUBLIC_KEY_SIZE, service, PT_PUBLIC_KEY_SIZE);
  g_assert_cmpint (pt_abi_register_area (PERMUTE, "pge-01", authority, service, operator_address,
                                         data, size - 1, &size),
                   ==, PT_NO_SPACE);
  g_assert_cmpint (pt_abi_register_area (PERMUTE, "", authority, service, operator_address, data,
                                         sizeof data, &size),
                   ==, PT_MALFORMED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/abi/anchor", test_anchor);
  g_test_add_func ("/abi/areas", test_areas);
  g_test_add_func ("/abi/anchored", test_anchored);
  g_test_add_func ("/abi/anchored-is-strict", test_anchored_is_strict);
  g_test_add_func ("/abi/area-registered", test_area_registered);
  g_test_add_func ("/abi/latest", test_latest);
  g_test_add_func ("/abi/register-area", test_register_area);
  return g_test_run ();
}
