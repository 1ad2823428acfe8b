/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-compact.h"

#include "pt-p256.h"
#include "pt-vectors.h"

typedef struct
{
  JsonNode *node;
  JsonObject *root;
  PtVerifier *verifier;
  PtCompactDevice device;
  guint8 key[PT_PUBLIC_KEY_SIZE];
} Vectors;

static void
vectors_load (Vectors *vectors)
{
  JsonObject *registry;

  vectors->node = pt_vectors_load ("v2/compact-reports.json");
  vectors->root = json_node_get_object (vectors->node);
  vectors->verifier = pt_p256_verifier_new (PT_P256_FAST);
  registry = json_object_get_object_member (vectors->root, "registry");
  vectors->device = (PtCompactDevice){
    .area = pt_text (json_object_get_string_member (registry, "area")),
    .device = pt_text (json_object_get_string_member (registry, "device")),
    .site = pt_text (json_object_get_string_member (registry, "site")),
    .lat = json_object_get_int_member (registry, "lat"),
    .lon = json_object_get_int_member (registry, "lon"),
  };
  g_assert_true (pt_base64url_decode (pt_text (json_object_get_string_member (registry, "key")),
                                      vectors->key, sizeof vectors->key));
}

static void
vectors_clear (Vectors *vectors)
{
  pt_p256_verifier_free (vectors->verifier);
  json_node_unref (vectors->node);
}

/* To the report that the device signed. */
static PtResult
judge (const Vectors *vectors, PtSpan bytes, char *out, size_t out_size, size_t *size)
{
  PtCompactReport report;
  PtEntry entry;
  PtResult result = pt_compact_parse (bytes, &report);

  *size = 0;
  if (result == PT_OK)
    result = pt_compact_expand (&report, &vectors->device, out, out_size, size);
  if (result == PT_OK)
    result = pt_entry_parse (pt_span (out, *size), PT_ENTRY_SIGNED, &entry);
  return result == PT_OK ? pt_entry_verify (&entry, vectors->verifier, vectors->key) : result;
}

static void
check_report (const Vectors *vectors, JsonObject *test)
{
  const char *wanted = json_object_get_string_member (test, "report");
  size_t size, text_size;
  g_autofree guint8 *bytes
      = pt_bytes_from_hex (json_object_get_string_member (test, "cbor_hex"), &size);
  char text[2048];
  guint8 written[PT_COMPACT_MAX];
  PtCompactReport report;
  PtEntry entry;

  g_assert_cmpuint (size, <=, PT_COMPACT_MAX);
  g_assert_cmpstr (
      pt_result_slug (judge (vectors, pt_span (bytes, size), text, sizeof text, &text_size)), ==,
      "ok");
  g_assert_cmpmem (text, text_size, wanted, strlen (wanted));
  g_assert_cmpint (judge (vectors, pt_span (bytes, size), text, text_size - 1, &text_size), ==,
                   PT_NO_SPACE);

  g_assert_cmpint (pt_entry_parse (pt_text (wanted), PT_ENTRY_SIGNED, &entry), ==, PT_OK);
  pt_compact_from_entry (&entry, &report);
  g_assert_cmpint (pt_compact_write (&report, written, sizeof written, &text_size), ==, PT_OK);
  g_assert_cmpmem (written, text_size, bytes, size);
  g_assert_cmpint (pt_compact_write (&report, written, size - 1, &text_size), ==, PT_NO_SPACE);
}

static void
test_reports (void)
{
  JsonArray *reports;
  Vectors vectors;

  vectors_load (&vectors);
  reports = json_object_get_array_member (vectors.root, "reports");
  g_assert_cmpuint (json_array_get_length (reports), >=, 32);
  for (guint i = 0; i < json_array_get_length (reports); i++)
    check_report (&vectors, json_array_get_object_element (reports, i));
  vectors_clear (&vectors);
}

static void
test_refused (void)
{
  JsonArray *cases;
  Vectors vectors;

  vectors_load (&vectors);
  cases = json_object_get_array_member (vectors.root, "invalid");
  g_assert_cmpuint (json_array_get_length (cases), >=, 92);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *test = json_array_get_object_element (cases, i);
      size_t size, text_size;
      g_autofree guint8 *bytes
          = pt_bytes_from_hex (json_object_get_string_member (test, "cbor_hex"), &size);
      char text[2048];

      if (judge (&vectors, pt_span (bytes, size), text, sizeof text, &text_size) == PT_OK)
        g_error ("taken: %s", json_object_get_string_member (test, "why"));
    }
  vectors_clear (&vectors);
}

/* What is not a device of an entry is no report either. */
static void
test_device (void)
{
  PtCompactReport report = { .seq = 1, .ts = 1, .power = PT_POWER_ON };
  PtCompactDevice device = { pt_text ("a"), pt_text ("d"), pt_text ("s"), 0, 0 };
  char text[1024];
  size_t size;

  g_assert_cmpint (pt_compact_expand (&report, &device, text, sizeof text, &size), ==, PT_OK);
  device.lat = 900000001;
  g_assert_cmpint (pt_compact_expand (&report, &device, text, sizeof text, &size), ==,
                   PT_MALFORMED);
  g_assert_cmpuint (size, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compact/reports", test_reports);
  g_test_add_func ("/compact/refused", test_refused);
  g_test_add_func ("/compact/device", test_device);
  return g_test_run ();
}
