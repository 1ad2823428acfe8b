/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-abi-period.h"
#include "pt-abi-words.h"
#include "pt-ethereum-key.h"
#include "pt-vectors.h"

#define PERMUTE pt_keccak_permutation_nettle
#define CALL_MAX 8192

/* period-calls.json, of an encoder that knows nothing of us, and the selectors of
 * docs/PROTOCOL.md's table, which are the compiled contract's. */
#define LIFT_SELECTOR "0061c3f4"
#define CONFLICT_SELECTOR "54397d03"
#define PERIOD_ANCHORED_TOPIC "7bf166c45f584108365d519fc18642cd209ac34f7f5ed7987e33a72cc4988ec7"

typedef struct
{
  PtPlace place;
  PtHash path[PT_TREE_DEPTH_MAX], period_path[PT_TREE_DEPTH_MAX];
} Place;

static void
place_from_json (JsonObject *object, Place *out)
{
  *out = (Place){ 0 };
  out->place.period = (uint64_t) json_object_get_int_member (object, "period");
  out->place.root = pt_hash_from_hex (json_object_get_string_member (object, "root"));
  out->place.count = (uint32_t) json_object_get_int_member (object, "count");
  out->place.index = (uint32_t) json_object_get_int_member (object, "index");
  out->place.path_count = pt_hashes_from_json (json_object_get_array_member (object, "path"),
                                               out->path, PT_TREE_DEPTH_MAX);
  out->place.period_path_count = pt_hashes_from_json (
      json_object_get_array_member (object, "period_path"), out->period_path, PT_TREE_DEPTH_MAX);
  out->place.path = out->path;
  out->place.period_path = out->period_path;
}

static PtCheckpoint
checkpoint_of (JsonObject *object, const char *member)
{
  PtCheckpoint checkpoint;

  g_assert_cmpint (
      pt_checkpoint_parse (pt_text (json_object_get_string_member (object, member)), &checkpoint),
      ==, PT_OK);
  return checkpoint;
}

static void
assert_call (const uint8_t *data, size_t size, const char *selector, JsonObject *vector)
{
  char hex[2 * CALL_MAX + 1];
  g_autofree char *expected
      = g_strconcat (selector, json_object_get_string_member (vector, "arguments"), NULL);

  hex[pt_hex_encode (data, size, hex, sizeof hex - 1)] = '\0';
  g_assert_cmpstr (hex, ==, expected);
}

static void
test_anchor_period (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("v2/period.json");
  JsonArray *files = json_object_get_array_member (json_node_get_object (root), "periods");

  for (guint i = 0; i < json_array_get_length (files); i++)
    {
      JsonObject *file = json_array_get_object_element (files, i);
      PtPeriodAnchored period = { .period = (uint64_t) json_object_get_int_member (file, "period"),
                                  .count = (uint32_t) json_object_get_int_member (file, "count") };
      const char *cid = json_object_get_string_member (file, "cid");
      uint8_t data[PT_ABI_ANCHOR_PERIOD_SIZE];
      char hex[2 * sizeof data + 1];
      size_t size;

      period.root = pt_hash_from_hex (json_object_get_string_member (file, "root"));
      g_assert_cmpint (pt_cid_from_text (pt_text (cid), &period.cid), ==, PT_OK);
      g_assert_cmpint (pt_abi_anchor_period (PERMUTE, &period, data, sizeof data, &size), ==,
                       PT_OK);
      g_assert_cmpuint (size, ==, sizeof data);
      hex[pt_hex_encode (data, size, hex, sizeof hex - 1)] = '\0';
      g_assert_cmpstr (hex, ==, json_object_get_string_member (file, "anchor_period_calldata") + 2);
      g_assert_cmpint (pt_abi_anchor_period (PERMUTE, &period, data, sizeof data - 1, &size), ==,
                       PT_NO_SPACE);
      g_assert_cmpuint (size, ==, 0);
      period.count = 0;
      g_assert_cmpint (pt_abi_anchor_period (PERMUTE, &period, data, sizeof data, &size), ==,
                       PT_MALFORMED);
    }
}

static void
test_lift (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("period-calls.json");
  JsonArray *lifts = json_object_get_array_member (json_node_get_object (root), "lifts");

  g_assert_cmpuint (json_array_get_length (lifts), ==, 12);
  for (guint i = 0; i < json_array_get_length (lifts); i++)
    {
      JsonObject *vector = json_array_get_object_element (lifts, i);
      PtCheckpoint checkpoint = checkpoint_of (vector, "line");
      uint8_t data[CALL_MAX];
      size_t size, exact;
      Place place;

      place_from_json (vector, &place);
      exact = pt_abi_lift_size (&place.place);
      g_assert_cmpint (pt_abi_lift (PERMUTE, &checkpoint, &place.place, data, exact, &size), ==,
                       PT_OK);
      g_assert_cmpuint (size, ==, exact);
      assert_call (data, size, LIFT_SELECTOR, vector);
      g_assert_cmpint (pt_abi_lift (PERMUTE, &checkpoint, &place.place, data, exact - 1, &size), ==,
                       PT_NO_SPACE);
      g_assert_cmpuint (size, ==, 0);
      place.place.path_count = PT_TREE_DEPTH_MAX + 1;
      g_assert_cmpint (pt_abi_lift (PERMUTE, &checkpoint, &place.place, data, sizeof data, &size),
                       ==, PT_MALFORMED);
      place.place.path_count = 0;
      checkpoint.area[0] = '-';
      g_assert_cmpint (pt_abi_lift (PERMUTE, &checkpoint, &place.place, data, sizeof data, &size),
                       ==, PT_MALFORMED);
    }
}

/* A number stands for the place of a lift. */
static void
load_place (JsonObject *vector, const char *member, JsonArray *lifts, Place *out)
{
  JsonNode *node = json_object_get_member (vector, member);

  place_from_json (JSON_NODE_HOLDS_OBJECT (node)
                       ? json_node_get_object (node)
                       : json_array_get_object_element (lifts, (guint) json_node_get_int (node)),
                   out);
}

static void
test_conflict (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("period-calls.json");
  JsonArray *lifts = json_object_get_array_member (json_node_get_object (root), "lifts");
  JsonArray *conflicts = json_object_get_array_member (json_node_get_object (root), "conflicts");

  g_assert_cmpuint (json_array_get_length (conflicts), ==, 8);
  for (guint i = 0; i < json_array_get_length (conflicts); i++)
    {
      JsonObject *vector = json_array_get_object_element (conflicts, i);
      PtCheckpoint a = checkpoint_of (vector, "a"), b = checkpoint_of (vector, "b");
      uint8_t data[CALL_MAX];
      size_t size, exact;
      Place place_a, place_b;

      load_place (vector, "place_a", lifts, &place_a);
      load_place (vector, "place_b", lifts, &place_b);
      exact = pt_abi_conflict_size (&place_a.place, &place_b.place);
      g_assert_cmpint (
          pt_abi_conflict (PERMUTE, &a, &place_a.place, &b, &place_b.place, data, exact, &size), ==,
          PT_OK);
      g_assert_cmpuint (size, ==, exact);
      assert_call (data, size, CONFLICT_SELECTOR, vector);
      g_assert_cmpint (
          pt_abi_conflict (PERMUTE, &a, &place_a.place, &b, &place_b.place, data, exact - 1, &size),
          ==, PT_NO_SPACE);
      b.area[0] = 'B';
      g_assert_cmpint (
          pt_abi_conflict (PERMUTE, &a, &place_a.place, &b, &place_b.place, data, exact, &size), ==,
          PT_MALFORMED);
    }
}

typedef struct
{
  PtHash topic;
  uint8_t data[6 * WORD];
} Event;

static void
event_from_json (JsonObject *vector, Event *out)
{
  const char *data = json_object_get_string_member (vector, "data");

  out->topic = pt_hash_from_hex (json_object_get_string_member (vector, "topic"));
  g_assert_true (pt_hex_decode (pt_text (data), out->data, sizeof out->data));
}

static void
test_events (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("period-calls.json");
  JsonArray *events = json_object_get_array_member (json_node_get_object (root), "events");

  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      JsonObject *vector = json_array_get_object_element (events, i);
      PtPeriodAnchored read;
      char cid[2 * PT_CID_SIZE + 1] = "";
      Event event;

      event_from_json (vector, &event);
      g_assert_cmpint (
          pt_abi_period_anchored_parse (&event.topic, 1, event.data, sizeof event.data, &read), ==,
          PT_OK);
      g_assert_cmpuint (read.period, ==, (guint64) json_object_get_int_member (vector, "period"));
      g_assert_cmpuint (read.count, ==, (guint64) json_object_get_int_member (vector, "count"));
      pt_assert_hash (read.root, pt_hash_from_hex (json_object_get_string_member (vector, "root")));
      pt_hex_encode (read.cid.bytes, PT_CID_SIZE, cid, sizeof cid - 1);
      g_assert_cmpstr (cid, ==, json_object_get_string_member (vector, "cid_hex"));
    }
}

static void
assert_refused (const Event *event, size_t topics, size_t size)
{
  static const PtPeriodAnchored nothing;
  PtPeriodAnchored read;

  memset (&read, 7, sizeof read);
  g_assert_cmpint (pt_abi_period_anchored_parse (&event->topic, topics, event->data, size, &read),
                   !=, PT_OK);
  g_assert_cmpmem (&read, sizeof read, &nothing, sizeof nothing);
}

/* Every bit that is not of a value has to be as it is; root and digest may be anything. */
static void
test_other_events (void)
{
  g_autoptr (JsonNode) root = pt_vectors_load ("period-calls.json");
  JsonArray *events = json_object_get_array_member (json_node_get_object (root), "events");
  Event event, changed;

  event_from_json (json_array_get_object_element (events, 0), &event);
  for (size_t i = 0; i < sizeof event.data; i++)
    {
      gboolean is_root = i < WORD, is_count = i >= WORD + 28 && i < 2 * WORD;
      gboolean is_digest = i >= 4 * WORD + 4 && i < 4 * WORD + PT_CID_SIZE;

      if (is_root || is_count || is_digest)
        continue;
      changed = event;
      changed.data[i] ^= 0x80;
      assert_refused (&changed, 1, sizeof event.data);
    }
  changed = event;
  changed.topic.bytes[0] = 1;
  assert_refused (&changed, 1, sizeof event.data);
  memset (&changed.topic, 0, sizeof changed.topic);
  assert_refused (&changed, 1, sizeof event.data);
  changed = event;
  memset (changed.data, 0, WORD);
  assert_refused (&changed, 1, sizeof event.data);
  changed = event;
  memset (changed.data + WORD, 0, WORD);
  assert_refused (&changed, 1, sizeof event.data);
  assert_refused (&event, 0, sizeof event.data);
  assert_refused (&event, 2, sizeof event.data);
  assert_refused (&event, 1, sizeof event.data - WORD);
}

/* As docs/PROTOCOL.md has it. */
static void
test_topic (void)
{
  PtHash topic;

  pt_abi_period_anchored_topic (PERMUTE, &topic);
  pt_assert_hash (topic, pt_hash_from_hex (PERIOD_ANCHORED_TOPIC));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/abi-period/anchor-period", test_anchor_period);
  g_test_add_func ("/abi-period/lift", test_lift);
  g_test_add_func ("/abi-period/conflict", test_conflict);
  g_test_add_func ("/abi-period/events", test_events);
  g_test_add_func ("/abi-period/other-events", test_other_events);
  g_test_add_func ("/abi-period/topic", test_topic);
  return g_test_run ();
}
