/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-device.h"

#include "pt-p256.h"

#include <glib.h>
#include <string.h>

#define SPAN(text) pt_span (text, strlen (text))
#define CAPACITY 3

/* A device with flash that can fail. */
typedef struct
{
  PtDevice device;
  PtDeviceMemory memory;
  PtDeviceReport ring[CAPACITY];
  PtSigner signer;
  PtP256Key *key;
  int persists, fail_at; /* the persist call that fails, from 1; 0: none */
  int64_t counter_kept;  /* what the flash knew of the counter when the device signed */
  gboolean sign_fails;
} Fixture;

static const PtDeviceIdentity identity_template = { .lat = 255941234, .lon = 851376543 };

static bool
persist (void *context, PtDevicePersist what)
{
  Fixture *fixture = context;

  if (what == PT_DEVICE_PERSIST_COUNTER)
    fixture->counter_kept = fixture->memory.used_seq;
  return ++fixture->persists != fixture->fail_at;
}

static bool
failing_sign (void *context, const PtHash *digest, uint8_t signature[PT_SIGNATURE_SIZE])
{
  return false;
}

static PtDeviceIdentity
identity (void)
{
  PtDeviceIdentity out = identity_template;

  out.area = SPAN ("demo-east");
  out.device = SPAN ("tx-0001");
  out.site = SPAN ("T-0001");
  return out;
}

static void
start (Fixture *fixture)
{
  PtDeviceIdentity who = identity ();
  PtDevicePort port = { .signer = &fixture->signer, .persist = persist, .context = fixture };

  g_assert_cmpint (
      pt_device_init (&fixture->device, &who, &port, &fixture->memory, fixture->ring, CAPACITY), ==,
      PT_OK);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->key = pt_p256_key_generate ();
  g_assert_nonnull (fixture->key);
  g_assert_true (pt_p256_signer_init (&fixture->signer, fixture->key));
  start (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_p256_signer_clear (&fixture->signer);
  pt_p256_key_free (fixture->key);
}

static void
test_report_is_canonical (Fixture *fixture, gconstpointer data)
{
  PtVerifier *verifier = pt_p256_verifier_new (PT_P256_EVP);
  char text[PT_DEVICE_REPORT_MAX];
  size_t size;
  int64_t seq;
  PtEntry entry;

  fixture->memory.used_seq = 6;
  g_assert_cmpint (pt_device_report (&fixture->device, PT_POWER_ON, 1764000000000), ==, PT_OK);
  g_assert_cmpint (pt_device_peek (&fixture->device, 0, text, sizeof text, &size, &seq), ==, PT_OK);
  g_assert_cmpint (seq, ==, 7);
  g_assert_cmpint (pt_entry_parse (pt_span (text, size), PT_ENTRY_SIGNED, &entry), ==, PT_OK);
  g_assert_cmpint (entry.kind, ==, PT_ENTRY_REPORT);
  g_assert_cmpint (entry.power, ==, PT_POWER_ON);
  g_assert_cmpint (entry.ts, ==, 1764000000000);
  g_assert_cmpint (entry.lat, ==, 255941234);
  g_assert_cmpint (pt_entry_verify (&entry, verifier, fixture->signer.public_key), ==, PT_OK);
  g_assert_true (g_str_has_prefix (
      text, "{\"area\":\"demo-east\",\"device\":\"tx-0001\",\"kind\":\"report\",\"lat\":255941234,"
            "\"lon\":851376543,\"power\":\"ON\",\"seq\":7,\"sig\":\""));
  pt_p256_verifier_free (verifier);
}

static void
test_longest_fits (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = g_strnfill (PT_ID_MAX, 'x');
  g_autofree char *area = g_strnfill (PT_AREA_MAX, 'a');
  PtDeviceIdentity who = { SPAN (area), SPAN (id), SPAN (id), -900000000, -1800000000 };
  PtDevicePort port = fixture->device.port;
  char text[PT_DEVICE_REPORT_MAX];
  size_t size;

  fixture->memory.used_seq = PT_INTEGER_MAX - 1;
  g_assert_cmpint (
      pt_device_init (&fixture->device, &who, &port, &fixture->memory, fixture->ring, CAPACITY), ==,
      PT_OK);
  g_assert_cmpint (pt_device_report (&fixture->device, PT_POWER_OFF, PT_INTEGER_MAX), ==, PT_OK);
  g_assert_cmpint (pt_device_peek (&fixture->device, 0, text, sizeof text, &size, NULL), ==, PT_OK);
  g_assert_cmpint (pt_device_peek (&fixture->device, 0, text, size - 1, &size, NULL), ==,
                   PT_NO_SPACE);
  g_assert_cmpuint (size, ==, 0);
  g_assert_cmpint (pt_device_report (&fixture->device, PT_POWER_OFF, 1), ==, PT_NO_SPACE);
}

static void
test_ring (Fixture *fixture, gconstpointer data)
{
  char text[PT_DEVICE_REPORT_MAX];
  size_t size;
  int64_t seq;

  for (int i = 0; i < CAPACITY; i++)
    g_assert_cmpint (pt_device_report (&fixture->device, PT_POWER_ON, i), ==, PT_OK);
  g_assert_cmpint (pt_device_report (&fixture->device, PT_POWER_ON, 9), ==, PT_NO_SPACE);
  g_assert_cmpint (fixture->memory.used_seq, ==, CAPACITY);

  /* Acknowledged out of order, the others stay in theirs. */
  g_assert_false (pt_device_ack (&fixture->device, 4));
  g_assert_true (pt_device_ack (&fixture->device, 2));
  g_assert_false (pt_device_ack (&fixture->device, 2));
  g_assert_cmpint (pt_device_report (&fixture->device, PT_POWER_OFF, 9), ==, PT_OK);
  for (int i = 0; i < CAPACITY; i++)
    {
      const int64_t expected[CAPACITY] = { 1, 3, 4 };

      g_assert_cmpint (pt_device_peek (&fixture->device, i, text, sizeof text, &size, &seq), ==,
                       PT_OK);
      g_assert_cmpint (seq, ==, expected[i]);
    }
  g_assert_cmpint (pt_device_peek (&fixture->device, CAPACITY, text, sizeof text, &size, &seq), ==,
                   PT_STOPPED);
  for (int i = 1; i <= 4; i++)
    pt_device_ack (&fixture->device, i);
  g_assert_cmpuint (pt_device_waiting (&fixture->device), ==, 0);
}

static void
test_survives_reset (Fixture *fixture, gconstpointer data)
{
  char before[PT_DEVICE_REPORT_MAX], after[PT_DEVICE_REPORT_MAX];
  size_t before_size, after_size;

  g_assert_cmpint (pt_device_report (&fixture->device, PT_POWER_OFF, 5), ==, PT_OK);
  pt_device_peek (&fixture->device, 0, before, sizeof before, &before_size, NULL);
  start (fixture);
  pt_device_peek (&fixture->device, 0, after, sizeof after, &after_size, NULL);
  g_assert_cmpmem (before, before_size, after, after_size);
  g_assert_cmpint (pt_device_report (&fixture->device, PT_POWER_ON, 6), ==, PT_OK);
  g_assert_cmpint (fixture->memory.used_seq, ==, 2);
}

/* Whatever step fails, the counter that may have been signed is never given out again. */
static void
test_counter_never_reused (Fixture *fixture, gconstpointer data)
{
  for (int fail_at = 1; fail_at <= 3; fail_at++)
    {
      int64_t used = fixture->memory.used_seq;

      fixture->persists = 0;
      fixture->fail_at = fail_at;
      g_assert_cmpint (pt_device_report (&fixture->device, PT_POWER_ON, 1), ==, PT_STOPPED);
      g_assert_cmpint (fixture->memory.used_seq, ==, used + 1);
      start (fixture);
    }
  fixture->fail_at = 0;
  fixture->signer.sign = failing_sign;
  g_assert_cmpint (pt_device_report (&fixture->device, PT_POWER_ON, 1), ==, PT_BAD_KEY);
  g_assert_cmpint (fixture->memory.used_seq, ==, 4);
  g_assert_cmpint (fixture->counter_kept, ==, 4);
}

/* What the service says: @highest, and @missing (a counter; 0: none), by its key. */
typedef struct
{
  PtHeld held;
  PtP256Key *key;
  PtSigner signer;
  PtVerifier *verifier;
} Service;

static void
service_sign (Service *service)
{
  PtHash digest;

  pt_held_digest (&service->held, &digest);
  g_assert_true (service->signer.sign (service->signer.context, &digest, service->held.signature));
}

static void
service_init (Service *service, int64_t highest, int64_t missing)
{
  *service = (Service){ .held = { .highest = highest, .ts = 9 } };
  service->held.area = SPAN ("demo-east");
  service->held.device = SPAN ("tx-0001");
  if (missing > 0)
    g_assert_true (pt_held_set_missing (&service->held, missing));
  service->key = pt_p256_key_generate ();
  g_assert_true (pt_p256_signer_init (&service->signer, service->key));
  service->verifier = pt_p256_verifier_new (PT_P256_FAST);
  service_sign (service);
}

static void
service_clear (Service *service)
{
  pt_p256_verifier_free (service->verifier);
  pt_p256_signer_clear (&service->signer);
  pt_p256_key_free (service->key);
}

static PtResult
resync (Fixture *fixture, const Service *service)
{
  return pt_device_resync (&fixture->device, &service->held, service->verifier,
                           service->signer.public_key);
}

/* What waits, oldest first. */
static char *
waiting (Fixture *fixture)
{
  g_autoptr (GString) out = g_string_new (NULL);
  char text[PT_DEVICE_REPORT_MAX];
  size_t size;
  int64_t seq;

  for (uint32_t i = 0; i < pt_device_waiting (&fixture->device); i++)
    {
      g_assert_cmpint (pt_device_peek (&fixture->device, i, text, sizeof text, &size, &seq), ==,
                       PT_OK);
      g_string_append_printf (out, "%" G_GINT64_FORMAT " ", seq);
    }
  return g_strdup (out->str);
}

static void
assert_waiting (Fixture *fixture, const char *expected)
{
  g_autofree char *found = waiting (fixture);

  g_assert_cmpstr (found, ==, expected);
}

/* The memory of acknowledgements is gone; the ring and the counter are not. */
static void
forget_acks (Fixture *fixture)
{
  fixture->memory.first = fixture->memory.next = 0;
  pt_device_recall (&fixture->memory, fixture->ring, CAPACITY);
  start (fixture);
}

static void
make_reports (Fixture *fixture, int count)
{
  for (int i = 0; i < count; i++)
    g_assert_cmpint (pt_device_report (&fixture->device, PT_POWER_ON, 100 + i), ==, PT_OK);
}

static void
test_recall (Fixture *fixture, gconstpointer data)
{
  forget_acks (fixture);
  assert_waiting (fixture, "");
  make_reports (fixture, 2);
  forget_acks (fixture);
  assert_waiting (fixture, "1 2 ");
  make_reports (fixture, 1);
  g_assert_true (pt_device_ack (&fixture->device, 2));
  forget_acks (fixture); /* 1 was moved up and stands twice */
  assert_waiting (fixture, "1 3 ");
  make_reports (fixture, 1);
  for (int i = 1; i <= 4; i++)
    pt_device_ack (&fixture->device, i);
  make_reports (fixture, 2);
  forget_acks (fixture);
  assert_waiting (fixture, "4 5 6 ");
  g_assert_true (pt_device_ack (&fixture->device, 4));
  make_reports (fixture, 1);
  assert_waiting (fixture, "5 6 7 ");

  /* No counter of nonsense is believed. */
  fixture->memory.used_seq = 6;
  forget_acks (fixture);
  assert_waiting (fixture, "5 6 ");
  fixture->memory.used_seq = 0;
  forget_acks (fixture);
  assert_waiting (fixture, "");
}

static void
test_resync (Fixture *fixture, gconstpointer data)
{
  Service service;

  make_reports (fixture, 3);
  for (int i = 1; i <= 3; i++)
    pt_device_ack (&fixture->device, i);
  make_reports (fixture, 3);
  forget_acks (fixture);
  assert_waiting (fixture, "4 5 6 ");
  service_init (&service, 5, 4);
  g_assert_cmpint (resync (fixture, &service), ==, PT_OK);
  assert_waiting (fixture, "4 6 ");
  g_assert_cmpint (fixture->memory.used_seq, ==, 6);

  /* Nothing stored yet, or so long ago that it is not told: all of it goes out. */
  service.held.highest = 0;
  memset (service.held.missing, 0, sizeof service.held.missing);
  service_sign (&service);
  g_assert_cmpint (resync (fixture, &service), ==, PT_OK);
  assert_waiting (fixture, "4 6 ");
  service.held.highest = 5 + PT_HELD_WINDOW;
  service_sign (&service);
  g_assert_cmpint (resync (fixture, &service), ==, PT_OK);
  assert_waiting (fixture, "4 ");

  /* The service knows of a counter that the device does not: it is never used again. */
  g_assert_cmpint (fixture->memory.used_seq, ==, 5 + PT_HELD_WINDOW);
  make_reports (fixture, 1);
  g_assert_cmpint (fixture->memory.used_seq, ==, 6 + PT_HELD_WINDOW);
  service_clear (&service);
}

static void
test_resync_refuses (Fixture *fixture, gconstpointer data)
{
  Service service;

  make_reports (fixture, 2);
  service_init (&service, 7, 0);
  service.held.highest = 8;
  g_assert_cmpint (resync (fixture, &service), ==, PT_BAD_SIGNATURE);
  service.held.device = SPAN ("tx-0002");
  service_sign (&service);
  g_assert_cmpint (resync (fixture, &service), ==, PT_MALFORMED);
  service.held.device = SPAN ("tx-0001");
  service.held.area = SPAN ("demo-west");
  service_sign (&service);
  g_assert_cmpint (resync (fixture, &service), ==, PT_MALFORMED);
  service.held.area = SPAN ("demo-east");
  service_sign (&service);
  fixture->fail_at = fixture->persists + 1;
  g_assert_cmpint (resync (fixture, &service), ==, PT_STOPPED);
  assert_waiting (fixture, "1 2 ");
  g_assert_cmpint (fixture->counter_kept, ==, 8);
  fixture->fail_at = 0;
  g_assert_cmpint (resync (fixture, &service), ==, PT_OK);
  assert_waiting (fixture, "");
  service_clear (&service);
}

static void
test_refuses (Fixture *fixture, gconstpointer data)
{
  PtDevicePort port = fixture->device.port;
  PtDevice device;
  PtDeviceMemory memory = { 0 };
  PtDeviceIdentity who;

#define REFUSED()                                                                                  \
  g_assert_cmpint (pt_device_init (&device, &who, &port, &memory, fixture->ring, CAPACITY), ==,    \
                   PT_MALFORMED)
  who = identity ();
  who.area = SPAN ("Demo");
  REFUSED ();
  who = identity ();
  who.device = SPAN ("-tx");
  REFUSED ();
  who = identity ();
  who.site = SPAN ("");
  REFUSED ();
  who = identity ();
  who.lat = 900000001;
  REFUSED ();
  who = identity ();
  who.lon = -1800000001;
  REFUSED ();
  who = identity ();
  memory = (PtDeviceMemory){ .first = 0, .next = CAPACITY + 1 };
  REFUSED ();
  memory = (PtDeviceMemory){ .first = 2, .next = 1 };
  REFUSED ();
  memory = (PtDeviceMemory){ .used_seq = -1 };
  REFUSED ();
  memory = (PtDeviceMemory){ 0 };
  g_assert_cmpint (pt_device_init (&device, &who, &port, &memory, fixture->ring, 0), ==,
                   PT_MALFORMED);
  g_assert_cmpint (pt_device_report (&fixture->device, PT_POWER_ON, -1), ==, PT_MALFORMED);
  g_assert_cmpint (fixture->memory.used_seq, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)
  ADD ("/device/canonical", test_report_is_canonical);
  ADD ("/device/longest", test_longest_fits);
  ADD ("/device/ring", test_ring);
  ADD ("/device/reset", test_survives_reset);
  ADD ("/device/counter", test_counter_never_reused);
  ADD ("/device/recall", test_recall);
  ADD ("/device/resync", test_resync);
  ADD ("/device/resync-refuses", test_resync_refuses);
  ADD ("/device/refuses", test_refuses);
  return g_test_run ();
}
