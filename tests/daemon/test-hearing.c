/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a batch's entries is the same whether they are few, read at the end, or many,
 * read on a thread; and so is what is wrong with them. */
#include "pt-hearing.h"
#include "pt-pipeline-fixture.h"

#define BEFORE 7 /* entries of the area before the batch */
#define BATCH 3
#define SUBJECTS 5

typedef struct
{
  PtWorld *world;
  PtRoster *roster;
  PtHearing *hearing;
  guint64 offset;
  guint count;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const PtHead head = { .batch = BATCH - 1, .last_entry = BEFORE };

  fixture->world = pt_world_new (pt_memory_store_new ());
  for (guint i = 0; i < SUBJECTS; i++)
    {
      g_autofree char *name = g_strdup_printf ("tx-%u", i);

      pt_world_add_device (fixture->world, "east", name);
    }
  fixture->roster = pt_roster_new (fixture->world->pipeline->directory);
  pt_roster_begin (fixture->roster);
  fixture->hearing = pt_hearing_new (fixture->roster, "east", &head);
  fixture->offset = 100;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->hearing, pt_hearing_free);
  pt_roster_free (fixture->roster);
  pt_world_free (fixture->world);
}

static void
add (Fixture *fixture, PtSubject subject, gint64 seq, const char *stored)
{
  PtEntryRow row = { .number = BEFORE + 1 + fixture->count++,
                     .subject = subject,
                     .seq = seq,
                     .body = stored,
                     .size = strlen (stored) };

  pt_hearing_add (fixture->hearing, &row, fixture->offset);
  fixture->offset += row.size + 2;
}

/* @line, signed, as the log has it. */
static char *
store (const char *line)
{
  char out[2048];
  gsize size;
  PtEntry entry;

  g_assert_cmpint (pt_entry_parse (pt_text (line), PT_ENTRY_SIGNED, &entry), ==, PT_OK);
  g_assert_cmpint (pt_entry_store (&entry, PT_WORLD_START, out, sizeof out, &size), ==, PT_OK);
  return g_strndup (out, size);
}

static void
add_device (Fixture *fixture, guint32 device, PtStatus status)
{
  g_autofree char *name = g_strdup_printf ("tx-%u", device);
  g_autofree char *line = pt_world_device (fixture->world, "east", name, status, PT_WORLD_START);
  g_autofree char *stored = store (line);

  add (fixture, pt_subject_device (device), 0, stored);
}

/* Reports of devices 0 and 1 in turn; the digest of the first. */
static guint64
add_reports (Fixture *fixture, guint count)
{
  g_autofree char *first
      = pt_world_report (fixture->world, "east", "tx-0", 1, PT_WORLD_START, PT_POWER_ON, NULL);
  g_autofree char *second
      = pt_world_report (fixture->world, "east", "tx-1", 1, PT_WORLD_START, PT_POWER_ON, NULL);
  g_autofree char *stored = store (first), *other = store (second);
  PtEntry entry;
  PtHash digest;

  for (guint i = 0; i < count; i++)
    add (fixture, pt_subject_device (i % 2), 1 + i / 2, i % 2 == 0 ? stored : other);
  g_assert_cmpint (pt_entry_parse (pt_text (stored), PT_ENTRY_STORED, &entry), ==, PT_OK);
  pt_entry_digest (&entry, &digest);
  return pt_entry_place_digest (digest.bytes);
}

static void
assert_roster (Fixture *fixture, gint64 expected, gint64 heard)
{
  const PtRosterPlace place = { .batch = BATCH, .to = PT_WORLD_START + PT_WORLD_PERIOD };
  char text[2048];
  gsize size;
  PtEntry entry;
  g_autoptr (GError) error = NULL;

  pt_roster_write (fixture->roster, &place, &fixture->world->service.signer, text, sizeof text,
                   &size, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pt_entry_parse (pt_span (text, size), PT_ENTRY_STORED, &entry), ==, PT_OK);
  g_assert_cmpint (entry.expected, ==, expected);
  g_assert_cmpint (entry.heard, ==, heard);
}

static const guint counts[] = { 0, 1, 1000, 1021, 1022, 1023, 2045, 2046, 2047, 20000 };

/* Two devices report, and one of them is revoked after that. */
static void
test_places (Fixture *fixture, gconstpointer data)
{
  guint count = *(const guint *) data;
  guint64 digest;
  g_autoptr (GArray) places = NULL;
  g_autoptr (GError) error = NULL;

  for (guint32 device = 0; device < 2; device++)
    add_device (fixture, device, PT_STATUS_ACTIVE);
  digest = add_reports (fixture, count);
  add_device (fixture, 1, PT_STATUS_REVOKED);
  places = pt_hearing_end (fixture->hearing, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (places->len, ==, count);
  for (guint i = 0; i < count; i++)
    {
      const PtEntryPlace *place = &g_array_index (places, PtEntryPlace, i);

      g_assert_cmpuint (place->kind, ==, PT_SUBJECT_DEVICE);
      g_assert_cmpuint (place->subject, ==, i % 2);
      g_assert_cmpint (place->seq, ==, 1 + i / 2);
      g_assert_cmpuint (place->batch, ==, BATCH);
      g_assert_cmpuint (place->leaf, ==, 2 + i);
      g_assert_cmpint (place->digest == digest, ==, i % 2 == 0);
      if (i > 0)
        g_assert_cmpuint (place->offset, >, g_array_index (places, PtEntryPlace, i - 1).offset);
    }
  assert_roster (fixture, 1, count > 0 ? 1 : 0);
}

/* What can't be sealed: the first of it is named, wherever it is, and what it is. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  guint count = *(const guint *) data;
  g_autofree char *wanted = g_strdup_printf (
      "Entry %u of east is not what was stored. Keep the store's files.", BEFORE + 1 + count);
  g_autoptr (GError) error = NULL;

  add_reports (fixture, count);
  add (fixture, pt_subject_device (0), 1, "{\"area\":\"east\"}");
  add_reports (fixture, count);
  add (fixture, pt_subject_device (0), 1, "{}");
  g_assert_null (pt_hearing_end (fixture->hearing, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
  g_assert_cmpstr (error->message, ==, wanted);
}

static void
test_no_registration (Fixture *fixture, gconstpointer data)
{
  g_autofree char *line
      = pt_world_report (fixture->world, "east", "tx-0", 1, PT_WORLD_START, PT_POWER_ON, NULL);
  g_autofree char *stored = store (line);
  g_autoptr (GError) error = NULL;

  add (fixture, pt_subject_device (0), 0, stored);
  g_assert_null (pt_hearing_end (fixture->hearing, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_STOP);
  g_assert_cmpstr (error->message, ==,
                   "Entry 8 of east is not the registration it was. Keep the store's files.");
}

/* A pass that goes no further: whatever is still to be read, it ends. */
static void
test_given_up (Fixture *fixture, gconstpointer data)
{
  add_reports (fixture, *(const guint *) data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autofree char *places = g_strdup_printf ("/hearing/places/%u", counts[i]);
      g_autofree char *refused = g_strdup_printf ("/hearing/refused/%u", counts[i]);
      g_autofree char *given_up = g_strdup_printf ("/hearing/given-up/%u", counts[i]);

      g_test_add (places, Fixture, &counts[i], set_up, test_places, tear_down);
      g_test_add (refused, Fixture, &counts[i], set_up, test_refused, tear_down);
      g_test_add (given_up, Fixture, &counts[i], set_up, test_given_up, tear_down);
    }
  g_test_add ("/hearing/no-registration", Fixture, NULL, set_up, test_no_registration, tear_down);
  return g_test_run ();
}
