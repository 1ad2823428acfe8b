/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-held.h"

#include "pt-p256.h"
#include "pt-sha256.h"
#include "pt-vectors.h"

typedef struct
{
  JsonNode *node;
  JsonObject *root;
  PtVerifier *verifier;
  guint8 service[PT_PUBLIC_KEY_SIZE];
} Vectors;

static void
vectors_load (Vectors *vectors)
{
  vectors->node = pt_vectors_load ("v2/held.json");
  vectors->root = json_node_get_object (vectors->node);
  vectors->verifier = pt_p256_verifier_new (PT_P256_FAST);
  g_assert_true (
      pt_base64url_decode (pt_text (json_object_get_string_member (vectors->root, "service_key")),
                           vectors->service, sizeof vectors->service));
}

static void
vectors_clear (Vectors *vectors)
{
  pt_p256_verifier_free (vectors->verifier);
  json_node_unref (vectors->node);
}

static PtSpan
text_of (const Vectors *vectors, const char *name)
{
  return pt_text (json_object_get_string_member (vectors->root, name));
}

static PtResult
judge (const Vectors *vectors, PtSpan json, PtHeld *held)
{
  PtResult result = pt_held_parse (json, held);

  if (result == PT_OK && !pt_span_equal (held->device, text_of (vectors, "device")))
    return PT_MALFORMED; /* another's */
  return result == PT_OK ? pt_held_verify (held, vectors->verifier, vectors->service) : result;
}

static PtResult
judge_cbor (const Vectors *vectors, PtSpan bytes, PtHeld *held)
{
  PtResult result
      = pt_held_parse_cbor (bytes, text_of (vectors, "area"), text_of (vectors, "device"), held);

  return result == PT_OK ? pt_held_verify (held, vectors->verifier, vectors->service) : result;
}

static void
check_signed_bytes (JsonObject *test, const PtHeld *held)
{
  size_t size;
  g_autofree guint8 *bytes
      = pt_bytes_from_hex (json_object_get_string_member (test, "signed_bytes_hex"), &size);
  PtHash wanted, got;

  pt_sha256 (bytes, size, &wanted);
  pt_held_digest (held, &got);
  g_assert_cmpmem (got.bytes, PT_HASH_SIZE, wanted.bytes, PT_HASH_SIZE);
}

/* Either form is read, and written from what was read in the other. */
static void
check_held (const Vectors *vectors, JsonObject *test)
{
  const char *json = json_object_get_string_member (test, "json");
  g_autofree char *text = g_malloc (PT_HELD_JSON_MAX);
  size_t cbor_size, size;
  g_autofree guint8 *cbor
      = pt_bytes_from_hex (json_object_get_string_member (test, "cbor_hex"), &cbor_size);
  guint8 written[PT_HELD_CBOR_MAX];
  PtHeld held;

  g_assert_cmpstr (pt_result_slug (judge (vectors, pt_text (json), &held)), ==, "ok");
  check_signed_bytes (test, &held);
  g_assert_cmpint (pt_held_write_cbor (&held, written, sizeof written, &size), ==, PT_OK);
  g_assert_cmpmem (written, size, cbor, cbor_size);
  g_assert_cmpint (pt_held_write_cbor (&held, written, cbor_size - 1, &size), ==, PT_NO_SPACE);

  g_assert_cmpstr (pt_result_slug (judge_cbor (vectors, pt_span (cbor, cbor_size), &held)), ==,
                   "ok");
  g_assert_cmpint (pt_held_write (&held, text, PT_HELD_JSON_MAX, &size), ==, PT_OK);
  g_assert_cmpmem (text, size, json, strlen (json));
  g_assert_cmpint (pt_held_write (&held, text, strlen (json) - 1, &size), ==, PT_NO_SPACE);
}

static void
test_held (void)
{
  JsonArray *all;
  Vectors vectors;

  vectors_load (&vectors);
  all = json_object_get_array_member (vectors.root, "held");
  g_assert_cmpuint (json_array_get_length (all), >=, 16);
  for (guint i = 0; i < json_array_get_length (all); i++)
    check_held (&vectors, json_array_get_object_element (all, i));
  vectors_clear (&vectors);
}

static void
test_refused (void)
{
  JsonArray *cases;
  Vectors vectors;
  PtHeld held;

  vectors_load (&vectors);
  cases = json_object_get_array_member (vectors.root, "invalid_json");
  g_assert_cmpuint (json_array_get_length (cases), >=, 22);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *test = json_array_get_object_element (cases, i);

      if (judge (&vectors, pt_text (json_object_get_string_member (test, "json")), &held) == PT_OK)
        g_error ("taken: %s", json_object_get_string_member (test, "why"));
    }
  cases = json_object_get_array_member (vectors.root, "invalid_cbor");
  g_assert_cmpuint (json_array_get_length (cases), >=, 21);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *test = json_array_get_object_element (cases, i);
      size_t size;
      g_autofree guint8 *bytes
          = pt_bytes_from_hex (json_object_get_string_member (test, "cbor_hex"), &size);

      if (judge_cbor (&vectors, pt_span (bytes, size), &held) == PT_OK)
        g_error ("taken: %s", json_object_get_string_member (test, "why"));
    }
  vectors_clear (&vectors);
}

/* Counters at the window's ends, and those that have no bit. */
static void
test_window (void)
{
  PtHeld held = { .highest = 5000 };

  g_assert_true (pt_held_set_missing (&held, 4999));
  g_assert_true (pt_held_set_missing (&held, 904));
  g_assert_false (pt_held_set_missing (&held, 903));
  g_assert_false (pt_held_set_missing (&held, 5000));
  g_assert_true (pt_held_is_missing (&held, 4999));
  g_assert_true (pt_held_is_missing (&held, 904));
  g_assert_false (pt_held_is_missing (&held, 903));
  g_assert_false (pt_held_is_missing (&held, 4998));
  held = (PtHeld){ .highest = 2 };
  g_assert_true (pt_held_set_missing (&held, 1));
  g_assert_false (pt_held_set_missing (&held, 0));
  held = (PtHeld){ .highest = 0 };
  g_assert_false (pt_held_set_missing (&held, 0));
}

/* All that can be missing fits. */
static void
test_largest (void)
{
  PtHeld held = { .area = pt_text ("a"), .device = pt_text ("d"), .highest = PT_INTEGER_MAX };
  g_autofree char *text = g_malloc (PT_HELD_JSON_MAX);
  guint8 cbor[PT_HELD_CBOR_MAX];
  PtHeld read;
  size_t size;

  memset (held.missing, 0xff, sizeof held.missing);
  g_assert_cmpint (pt_held_write (&held, text, PT_HELD_JSON_MAX, &size), ==, PT_OK);
  g_assert_cmpint (pt_held_parse (pt_span (text, size), &read), ==, PT_OK);
  g_assert_cmpmem (read.missing, sizeof read.missing, held.missing, sizeof held.missing);
  g_assert_cmpint (pt_held_write_cbor (&held, cbor, sizeof cbor, &size), ==, PT_OK);
  g_assert_cmpint (pt_held_parse_cbor (pt_span (cbor, size), held.area, held.device, &read), ==,
                   PT_OK);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/held/vectors", test_held);
  g_test_add_func ("/held/refused", test_refused);
  g_test_add_func ("/held/window", test_window);
  g_test_add_func ("/held/largest", test_largest);
  return g_test_run ();
}
