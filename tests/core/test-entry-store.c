/* SPDX-License-Identifier: Apache-2.0 */
/* From fields to the log and back: store (sign (write ())) of random fields of every kind. */
#include "pt-vectors.h"

#include "pt-entry.h"

#define ROOM 4000
#define ROUNDS 400

typedef struct
{
  char area[32], ids[4][65], text[61];
  PtEntry fields;
} Random;

/* A signer without a curve: what is signed is told by the digest, a counter tells signatures
 * apart. */
static bool
stamp (void *context, const PtHash *digest, uint8_t signature[PT_SIGNATURE_SIZE])
{
  uint8_t *counter = context;

  memcpy (signature, digest->bytes, PT_HASH_SIZE);
  memset (signature + PT_HASH_SIZE, ++*counter, PT_HASH_SIZE);
  return true;
}

static bool
stamp_holds (void *context, const uint8_t public_key[PT_PUBLIC_KEY_SIZE], const PtHash *digest,
             const uint8_t signature[PT_SIGNATURE_SIZE])
{
  return memcmp (signature, digest->bytes, PT_HASH_SIZE) == 0;
}

static PtSpan
random_text (GRand *rand, const char *letters, char *out, int max)
{
  int size = g_rand_int_range (rand, 1, max + 1);

  for (int i = 0; i < size; i++)
    out[i] = letters[g_rand_int_range (rand, 0, (gint32) strlen (letters))];
  return pt_span (out, (size_t) size);
}

static int64_t
random_integer (GRand *rand, int64_t min)
{
  int64_t value = (int64_t) (((uint64_t) g_rand_int (rand) << 32 | g_rand_int (rand)) >> 11);

  value >>= g_rand_int_range (rand, 0, 53);
  return MAX (min, value);
}

static void
random_fields (GRand *rand, PtEntryKind kind, Random *out)
{
  static const char id[] = "ABYZabyz0189";
  PtEntry *fields = &out->fields;

  memset (out, 0, sizeof *out);
  fields->kind = kind;
  fields->area = random_text (rand, "abyz0189", out->area, 31);
  fields->device = fields->official = random_text (rand, id, out->ids[0], 64);
  fields->site = random_text (rand, id, out->ids[1], 64);
  fields->complaint = random_text (rand, id, out->ids[2], 64);
  fields->by = random_text (rand, id, out->ids[3], 64);
  fields->to = fields->of = fields->notice = fields->target = fields->site;
  fields->name = fields->note = fields->document
      = random_text (rand, "a \"\\/\n\r\t\b\f\x01\x1f\x7f", out->text, 60);
  fields->key[0] = 4;
  for (size_t i = 1; i < sizeof fields->key; i++)
    fields->key[i] = (uint8_t) g_rand_int (rand);
  fields->ts = random_integer (rand, 0);
  fields->lat = PT_HOUSE_CELL * (int64_t) g_rand_int_range (rand, -9000, 9001);
  fields->lon = PT_HOUSE_CELL * (int64_t) g_rand_int_range (rand, -18000, 18001);
  fields->level = (PtLevel) g_rand_int_range (rand, 0, 3);
  fields->status
      = kind == PT_ENTRY_NOTICE ? PT_STATUS_WITHDRAWN : (PtStatus) g_rand_int_range (rand, 0, 2);
  fields->role = (PtRole) g_rand_int_range (rand, 0, 3);
  fields->power = (PtPower) g_rand_int_range (rand, 0, 2);
  fields->action = (PtAction) g_rand_int_range (rand, PT_ACTION_FILE + 1, PT_ACTION_COUNT);
  fields->has_photo_hash = g_rand_boolean (rand);
  fields->about = (PtNoticeAbout) g_rand_int_range (rand, 0, 2);
  fields->scope = (PtScope) g_rand_int_range (rand, 0, 3);
  fields->end = random_integer (rand, 1);
  fields->start = fields->end / 2;
  fields->last = random_integer (rand, 1);
  fields->first = fields->last - fields->last / 3;
  fields->reason = (PtLostReason) g_rand_int_range (rand, 0, 3);
  fields->customers = random_integer (rand, 0);
  fields->seq = random_integer (rand, 1);
  fields->n = random_integer (rand, 2);
  fields->prev.bytes[0] = 1;
  fields->batch = random_integer (rand, 1);
  fields->expected = random_integer (rand, 0);
  fields->heard = fields->expected / 2;
  fields->silent_root.bytes[31] = 9;
}

typedef struct
{
  char bare[ROOM], posted[ROOM], stored[ROOM];
  PtEntry unsigned_entry, signed_entry, entry;
} Forms;

static void
make_forms (const PtEntry *fields, int64_t received, uint8_t *counter, Forms *out)
{
  const PtSigner signer = { .sign = stamp, .context = counter };
  size_t size;

  g_assert_cmpint (pt_entry_write (fields, out->bare, ROOM, &size), ==, PT_OK);
  g_assert_cmpint (
      pt_entry_parse (pt_span (out->bare, size), PT_ENTRY_UNSIGNED, &out->unsigned_entry), ==,
      PT_OK);
  g_assert_cmpint (pt_entry_sign (&out->unsigned_entry, &signer, out->posted, ROOM, &size), ==,
                   PT_OK);
  g_assert_cmpint (
      pt_entry_parse (pt_span (out->posted, size), PT_ENTRY_SIGNED, &out->signed_entry), ==, PT_OK);
  g_assert_cmpint (pt_entry_store (&out->signed_entry, received, out->stored, ROOM, &size), ==,
                   PT_OK);
  g_assert_cmpint (pt_entry_parse (pt_span (out->stored, size), PT_ENTRY_STORED, &out->entry), ==,
                   PT_OK);
}

/* Where the stored form has them, "received" and "sig" are; without them the bare form is left. */
static void
check_places (const Forms *forms, int64_t received)
{
  const PtEntry *entry = &forms->entry;
  g_autofree char *member = g_strdup_printf (",\"received\":%" G_GINT64_FORMAT, received);
  g_autoptr (GString) left = g_string_new_len (entry->bytes.data, (gssize) entry->bytes.size);

  g_assert_cmpmem (entry->bytes.data + entry->received_at, entry->received_size, member,
                   strlen (member));
  g_assert_cmpmem (entry->bytes.data + entry->sig_at, 8, ",\"sig\":\"", 8);
  g_assert_cmpuint (entry->sig_size, ==, 8 + 86 + 1);
  g_assert_cmpuint (entry->received_place, ==, entry->received_at);
  g_assert_cmpuint (forms->signed_entry.received_place, ==, entry->received_at);
  g_assert_cmpuint (forms->unsigned_entry.received_place, ==, entry->received_at);
  g_string_erase (left, (gssize) entry->sig_at, (gssize) entry->sig_size);
  g_string_erase (left, (gssize) entry->received_at, (gssize) entry->received_size);
  g_assert_cmpmem (left->str, left->len, forms->unsigned_entry.bytes.data,
                   forms->unsigned_entry.bytes.size);
}

/* The time of receipt alone is another: as if it had been stored so. */
static void
check_restamp (const Forms *forms, int64_t received)
{
  char wanted[ROOM], out[ROOM];
  size_t wanted_size, size;

  g_assert_cmpint (
      pt_entry_store (&forms->signed_entry, received, wanted, sizeof wanted, &wanted_size), ==,
      PT_OK);
  g_assert_cmpint (pt_entry_restamp (&forms->entry, received, out, sizeof out, &size), ==, PT_OK);
  g_assert_cmpmem (out, size, wanted, wanted_size);
}

static void
test_round_trips (void)
{
  const PtVerifier verifier = { .verify = stamp_holds };
  g_autoptr (GRand) rand = g_rand_new_with_seed (41);
  g_autofree Forms *forms = g_new (Forms, 1), *again = g_new (Forms, 1);
  uint8_t counter = 0, no_key[PT_PUBLIC_KEY_SIZE] = { 0 };

  for (int round = 0; round < ROUNDS; round++)
    {
      int64_t received = random_integer (rand, 0);
      Random made;

      random_fields (rand, (PtEntryKind) (round % PT_ENTRY_KINDS), &made);
      make_forms (&made.fields, received, &counter, forms);
      make_forms (&made.fields, received / 3, &counter, again);
      check_places (forms, received);
      g_assert_cmpint (forms->entry.received, ==, received);
      g_assert_cmpint (pt_entry_verify (&forms->entry, &verifier, no_key), ==, PT_OK);
      g_assert_cmpint (pt_entry_verify (&forms->unsigned_entry, &verifier, no_key), ==,
                       PT_BAD_SIGNATURE);
      check_restamp (forms, received / 7);
      /* Another signature and another time of receipt, and the same signed bytes. */
      g_assert_true (memcmp (forms->entry.signature, again->entry.signature, 64) != 0);
      g_assert_true (pt_entry_same_signed (&forms->entry, &again->entry));
      g_assert_true (pt_entry_same_signed (&forms->signed_entry, &again->entry));
      made.fields.ts ^= 1;
      make_forms (&made.fields, received, &counter, again);
      g_assert_false (pt_entry_same_signed (&forms->entry, &again->entry));
    }
}

/* Every cut of every form is malformed; and no form passes for another. */
static void
check_cuts (PtSpan text, PtEntryForm form)
{
  PtEntry entry;

  for (int other = PT_ENTRY_STORED; other <= PT_ENTRY_UNSIGNED; other++)
    g_assert_cmpint (pt_entry_parse (text, (PtEntryForm) other, &entry), ==,
                     other == (int) form ? PT_OK : PT_MALFORMED);
  for (size_t size = 0; size < text.size; size++)
    {
      g_autofree char *copy = g_memdup2 (text.data, size);

      g_assert_cmpint (pt_entry_parse (pt_span (copy, size), form, &entry), ==, PT_MALFORMED);
      g_assert_cmpuint (entry.bytes.size, ==, 0);
    }
}

/* Any room too small says so and gives no size. */
static void
check_rooms (const PtEntry *fields, const Forms *forms)
{
  uint8_t counter = 0;
  const PtSigner signer = { .sign = stamp, .context = &counter };
  size_t size, prefix = strlen ("powertrack  v1\n") + strlen (pt_entry_kind_name (fields->kind));

  for (size_t room = 0; room < forms->entry.bytes.size; room++)
    {
      g_autofree char *out = g_malloc (room);

#define SAID(call, whole)                                                                          \
  size = 99;                                                                                       \
  g_assert_cmpint (call, ==, room < (whole) ? PT_NO_SPACE : PT_OK);                                \
  g_assert_cmpuint (size, ==, room < (whole) ? 0 : (whole))
      SAID (pt_entry_write (fields, out, room, &size), forms->unsigned_entry.bytes.size);
      SAID (pt_entry_sign (&forms->unsigned_entry, &signer, out, room, &size),
            forms->signed_entry.bytes.size);
      SAID (pt_entry_store (&forms->signed_entry, forms->entry.received, out, room, &size),
            forms->entry.bytes.size);
      SAID (pt_entry_restamp (&forms->entry, forms->entry.received, out, room, &size),
            forms->entry.bytes.size);
      SAID (pt_entry_signed_bytes (&forms->entry, out, room, &size),
            prefix + forms->unsigned_entry.bytes.size);
#undef SAID
    }
}

static void
test_cuts_and_rooms (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (42);
  g_autofree Forms *forms = g_new (Forms, 1);
  uint8_t counter = 0;

  for (int kind = PT_ENTRY_DEVICE; kind < PT_ENTRY_KINDS; kind++)
    {
      Random made;

      random_fields (rand, (PtEntryKind) kind, &made);
      make_forms (&made.fields, 17, &counter, forms);
      check_cuts (forms->unsigned_entry.bytes, PT_ENTRY_UNSIGNED);
      check_cuts (forms->signed_entry.bytes, PT_ENTRY_SIGNED);
      check_cuts (forms->entry.bytes, PT_ENTRY_STORED);
      check_rooms (&made.fields, forms);
    }
}

/* Only a signed entry is stored, and only an unsigned one signed; times outside JSON's are not. */
static void
test_refused (void)
{
  static const int64_t times[] = { -1, INT64_MIN, PT_INTEGER_MAX + 1, INT64_MAX };
  g_autoptr (GRand) rand = g_rand_new_with_seed (43);
  g_autofree Forms *forms = g_new (Forms, 1);
  uint8_t counter = 0;
  const PtSigner signer = { .sign = stamp, .context = &counter };
  char out[ROOM];
  size_t size;
  Random made;

  random_fields (rand, PT_ENTRY_REPORT, &made);
  make_forms (&made.fields, PT_INTEGER_MAX, &counter, forms);
#define REFUSED(call)                                                                              \
  size = 99;                                                                                       \
  g_assert_cmpint (call, ==, PT_MALFORMED);                                                        \
  g_assert_cmpuint (size, ==, 0)
  for (size_t i = 0; i < G_N_ELEMENTS (times); i++)
    {
      REFUSED (pt_entry_store (&forms->signed_entry, times[i], out, ROOM, &size));
      REFUSED (pt_entry_restamp (&forms->entry, times[i], out, ROOM, &size));
    }
  REFUSED (pt_entry_restamp (&forms->signed_entry, 5, out, ROOM, &size));
  REFUSED (pt_entry_store (&forms->unsigned_entry, 5, out, ROOM, &size));
  REFUSED (pt_entry_store (&forms->entry, 5, out, ROOM, &size));
  REFUSED (pt_entry_sign (&forms->signed_entry, &signer, out, ROOM, &size));
  REFUSED (pt_entry_sign (&forms->entry, &signer, out, ROOM, &size));
#undef REFUSED
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/entry-store/round-trips", test_round_trips);
  g_test_add_func ("/entry-store/cuts-and-rooms", test_cuts_and_rooms);
  g_test_add_func ("/entry-store/refused", test_refused);
  return g_test_run ();
}
