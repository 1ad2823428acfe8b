/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-book.h"

#include <string.h>

#include "common/pt-test.h"
#include "pt-json.h"

#define NOW G_GINT64_CONSTANT (1764000000000)
#define MINUTE G_GINT64_CONSTANT (60000)
#define HOUR (60 * MINUTE)

/* A supply that is promised back in four hours and acknowledged within one; a voltage within a day
 * that no device tells of. */
static const char profile[]
    = "{\"announce_min\":1440,\"categories\":["
      "{\"acknowledge_min\":60,\"evidence\":\"power\",\"id\":\"no-supply\",\"resolve_min\":240,"
      "\"title\":{\"en\":\"No supply\",\"hi\":\"बिजली नहीं\"}},"
      "{\"acknowledge_min\":0,\"evidence\":\"none\",\"id\":\"voltage\",\"resolve_min\":1440,"
      "\"title\":{\"en\":\"Low voltage\"}}],\"compensation\":[],"
      "\"format\":\"powertrack-profile-1\",\"held_min\":60,\"major_event_days\":\"none\","
      "\"reopen_days\":7,\"sustained_ms\":300000,\"two_person\":[],\"utc_offset_min\":330}";

typedef struct
{
  PtDirectory *directory;
  PtClock *clock;
  PtNews *news;
  PtComplaintBook *book;
  gint64 received, seq;
  GString *told; /* "number=state " and "number! " of one that is overdue */
} Fixture;

static void
tell (const PtNewsItems *items, gpointer user_data)
{
  Fixture *fixture = user_data;

  for (guint i = 0; i < items->complaint_count; i++)
    g_string_append_printf (fixture->told, "%s%c%s ", items->complaints[i].complaint,
                            items->complaints[i].overdue ? '!' : '=',
                            pt_complaint_state_name (items->complaints[i].state));
}

static PtSpan
span (const char *text)
{
  return pt_span (text, strlen (text));
}

/* Into the log, as the committer does it. */
static void
take (Fixture *fixture, PtEntry entry)
{
  PtRegistry *registry = fixture->directory->registry;
  PtArea *area = pt_registry_area (registry, entry.area);
  g_autofree char *number = g_memdup2 (entry.complaint.data, entry.complaint.size);
  PtHash leaf = { { 1 } };

  /* Nothing stands behind it. */
  if (number != NULL)
    entry.complaint.data = number;
  entry.has_received = TRUE;
  entry.received = fixture->received;
  entry.ts = entry.kind == PT_ENTRY_REPORT ? fixture->received : ++fixture->seq;
  pt_door_begin_write (&fixture->directory->door);
  g_assert_cmpint (pt_registry_take (registry, &entry, &leaf, 1), ==, PT_RULE_HOLDS);
  if (entry.kind == PT_ENTRY_ACTION)
    pt_complaint_book_take (fixture->book, area, &entry,
                            pt_promises_complaint (area->promises, entry.complaint));
  pt_door_end_write (&fixture->directory->door);
  pt_complaint_book_passed (fixture->book);
}

static void
add_device (Fixture *fixture, const char *id, const char *site)
{
  take (fixture, (PtEntry){ .kind = PT_ENTRY_DEVICE,
                            .area = span ("east"),
                            .device = span (id),
                            .site = span (site),
                            .lat = 255941234,
                            .lon = 851376543,
                            .feeder = span ("F-7"),
                            .status = PT_STATUS_ACTIVE });
}

static void
report (Fixture *fixture, const char *device, const char *site, gint64 seq, PtPower power)
{
  PtSite news = { .area = "east", .site = site };
  PtNewsItems items = { .sites = &news, .site_count = 1 };

  take (fixture, (PtEntry){ .kind = PT_ENTRY_REPORT,
                            .area = span ("east"),
                            .device = span (device),
                            .site = span (site),
                            .seq = seq,
                            .power = power });
  pt_news_tell (fixture->news, &items);
}

static PtEntry
action (const char *complaint, gint64 n, PtAction what, const char *by)
{
  return (PtEntry){ .kind = PT_ENTRY_ACTION,
                    .area = span ("east"),
                    .complaint = span (complaint),
                    .n = n,
                    .action = what,
                    .by = span (by),
                    .key = { 4, 1 } };
}

static void
file_at (Fixture *fixture, const char *complaint, const char *site, const char *category,
         const char *by)
{
  PtEntry entry = action (complaint, 1, PT_ACTION_FILE, by);

  entry.category = span (category);
  entry.site = site != NULL ? span (site) : (PtSpan){ 0 };
  if (site == NULL)
    {
      entry.lat = 255900000;
      entry.lon = 851300000;
    }
  take (fixture, entry);
}

static void
act (Fixture *fixture, const char *complaint, PtAction what, const char *by, guint8 key)
{
  PtComplaintRow row;
  PtEntry entry;

  g_assert_cmpuint (pt_complaint_book_find (fixture->book, -1, complaint, &row), ==, 1);
  entry = action (complaint, row.n + 1, what, by);
  entry.area = span (row.area);
  entry.key[1] = key;
  entry.to = span ("ae-east");
  entry.site = row.site != NULL ? span (row.site) : (PtSpan){ 0 };
  take (fixture, entry);
}

static PtComplaintRow
row_of (Fixture *fixture, const char *complaint)
{
  PtComplaintRow row = { 0 };

  g_assert_cmpuint (pt_complaint_book_find (fixture->book, 0, complaint, &row), ==, 1);
  return row;
}

static void
set_profile (Fixture *fixture)
{
  char text[2 * sizeof profile];
  PtJsonWriter writer;
  PtSpan written;

  pt_json_writer_init (&writer, text, sizeof text);
  pt_json_write_string (&writer, span (profile));
  g_assert_cmpint (pt_json_writer_finish (&writer, &written), ==, PT_OK);
  take (fixture, (PtEntry){ .kind = PT_ENTRY_PROFILE,
                            .area = span ("east"),
                            .document = pt_span (written.data + 1, written.size - 2) });
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const guint8 key[PT_PUBLIC_KEY_SIZE] = { 4 };

  fixture->directory = pt_directory_new ();
  fixture->clock = pt_clock_new_manual (NOW);
  fixture->news = pt_news_new ();
  fixture->told = g_string_new (NULL);
  fixture->received = NOW;
  pt_registry_add_area (fixture->directory->registry, "east", key, key);
  pt_registry_add_area (fixture->directory->registry, "west", key, key);
  fixture->book = pt_complaint_book_new (fixture->directory, fixture->clock, fixture->news);
  set_profile (fixture);
  pt_complaint_book_start (fixture->book);
  pt_news_subscribe (fixture->news, tell, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_complaint_book_free (fixture->book);
  pt_news_free (fixture->news);
  pt_clock_unref (fixture->clock);
  pt_directory_free (fixture->directory);
  g_string_free (fixture->told, TRUE);
}

static void
assert_told (Fixture *fixture, const char *wanted)
{
  PT_TEST_WAIT_FOR (fixture->told->len > 0, wanted);
  g_assert_cmpstr (fixture->told->str, ==, wanted);
  g_string_truncate (fixture->told, 0);
}

/* Rows */

static void
test_row (Fixture *fixture, gconstpointer data)
{
  PtComplaintRow row;

  add_device (fixture, "tx-1", "S-1");
  file_at (fixture, "1000000001", "S-1", "no-supply", "citizen");
  assert_told (fixture, "1000000001=open ");
  row = row_of (fixture, "1000000001");
  g_assert_cmpstr (row.area, ==, "east");
  g_assert_cmpstr (row.category, ==, "no-supply");
  g_assert_cmpstr (row.title, ==, "{\"en\":\"No supply\",\"hi\":\"बिजली नहीं\"}");
  g_assert_cmpstr (row.feeder, ==, "F-7");
  g_assert_cmpint (row.lat, ==, 255941234);
  g_assert_cmpint (row.acknowledge_by, ==, NOW + HOUR);
  g_assert_cmpint (row.resolve_by, ==, NOW + 4 * HOUR);
  g_assert_cmpuint (row.people, ==, 1);
  g_assert_false (row.by_service);

  fixture->received += MINUTE;
  act (fixture, "1000000001", PT_ACTION_JOIN, "citizen", 2);
  act (fixture, "1000000001", PT_ACTION_JOIN, "citizen", 3);
  act (fixture, "1000000001", PT_ACTION_ASSIGN, "op-east", 0);
  row = row_of (fixture, "1000000001");
  g_assert_cmpuint (row.people, ==, 3);
  g_assert_cmpstr (row.assigned, ==, "ae-east");
  g_assert_cmpint (row.acknowledged_at, ==, NOW + MINUTE);
  g_assert_cmpint (row.changed_at, ==, NOW + MINUTE);
  g_assert_cmpint (row.filed_at, ==, NOW);

  act (fixture, "1000000001", PT_ACTION_RESOLVE, "ae-east", 0);
  act (fixture, "1000000001", PT_ACTION_CONFIRM, "citizen", 2);
  row = row_of (fixture, "1000000001");
  g_assert_cmpuint (row.confirmed, ==, 1);
  g_assert_cmpint (row.resolved_at, ==, NOW + MINUTE);
  act (fixture, "1000000001", PT_ACTION_REOPEN, "citizen", 1);
  row = row_of (fixture, "1000000001");
  g_assert_cmpuint (row.reopened, ==, 1);
  g_assert_null (row.assigned);
  g_assert_cmpint (row.resolved_at, ==, 0);
  g_assert_cmpint (row.resolve_by, ==, NOW + 4 * HOUR); /* a reopening never washes it */
  assert_told (fixture, "1000000001=open ");            /* once for all that came together */
}

/* Without a profile nothing is promised; nothing of one area is another's. */
static void
test_areas (Fixture *fixture, gconstpointer data)
{
  PtEntry entry = action ("1000000001", 1, PT_ACTION_FILE, "service");
  PtComplaintRow row;

  entry.area = span ("west");
  entry.category = span ("anything");
  entry.site = span ("S-1");
  take (fixture, entry);
  g_assert_cmpuint (pt_complaint_book_find (fixture->book, 1, "1000000001", &row), ==, 1);
  g_assert_null (row.title);
  g_assert_cmpint (row.acknowledge_by, ==, 0);
  g_assert_cmpint (row.resolve_by, ==, 0);
  g_assert_true (row.by_service);
  g_assert_cmpuint (pt_complaint_book_find (fixture->book, 0, "1000000001", &row), ==, 0);
  file_at (fixture, "1000000001", "S-1", "voltage", "citizen");
  g_assert_cmpuint (pt_complaint_book_find (fixture->book, -1, "1000000001", &row), ==, 2);
  g_assert_cmpuint (pt_complaint_book_find (fixture->book, -1, "1000000002", NULL), ==, 0);
}

/* Lists */

/* Numbers of the page, with spaces. */
static char *
list (Fixture *fixture, PtComplaintQuery query)
{
  g_autoptr (GArray) rows = NULL;
  GString *text = g_string_new (NULL);

  query.limit = query.limit != 0 ? query.limit : 100;
  rows = pt_complaint_book_list (fixture->book, &query, NULL, NULL, NULL);
  for (guint i = 0; i < rows->len; i++)
    g_string_append_printf (text, i > 0 ? " %s" : "%s",
                            g_array_index (rows, PtComplaintRow, i).complaint);
  return g_string_free (text, FALSE);
}

#define ASSERT_LIST(wanted, ...)                                                                   \
  do                                                                                               \
    {                                                                                              \
      g_autofree char *is_listed = list (fixture, (PtComplaintQuery){ __VA_ARGS__ });              \
      g_assert_cmpstr (is_listed, ==, wanted);                                                     \
    }                                                                                              \
  while (FALSE)

static gboolean
place_of (gconstpointer data, gint32 lat, gint32 lon, char name[PT_PLACE_NAME_MAX + 1])
{
  g_assert_cmpstr (data, ==, "gazetteer");
  g_strlcpy (name, lat == 255900000 ? "Danapur" : "Patna", PT_PLACE_NAME_MAX + 1);
  return TRUE;
}

/* 1 open, 2 acknowledged, 3 assigned, 4 withdrawn, 5 in a cell; one a minute. */
static void
file_five (Fixture *fixture)
{
  const char *const numbers[]
      = { "1000000001", "1000000002", "1000000003", "1000000004", "1000000005" };

  add_device (fixture, "tx-1", "S-1");
  add_device (fixture, "tx-2", "S-2");
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      file_at (fixture, numbers[i],
               i == 4       ? NULL
               : i % 2 == 0 ? "S-1"
                            : "S-2",
               i == 1 || i == 4 ? "voltage" : "no-supply", "citizen");
      fixture->received += MINUTE;
    }
  act (fixture, "1000000002", PT_ACTION_ACKNOWLEDGE, "op-east", 0);
  act (fixture, "1000000003", PT_ACTION_ASSIGN, "op-east", 0);
  act (fixture, "1000000004", PT_ACTION_WITHDRAW, "citizen", 1);
}

static void
test_filters (Fixture *fixture, gconstpointer data)
{
  const PtComplaintSort filed = PT_COMPLAINT_BY_FILED;

  pt_complaint_book_set_places (fixture->book, place_of, "gazetteer");
  file_five (fixture);
#define ALL .area = -1, .sort = filed
  ASSERT_LIST ("1000000001 1000000002 1000000003 1000000004 1000000005", ALL);
  ASSERT_LIST ("", .area = 1, .sort = filed);
  ASSERT_LIST ("1000000001 1000000002 1000000003 1000000005", ALL, .states = PT_COMPLAINT_ALL_OPEN);
  ASSERT_LIST ("1000000004", ALL, .states = PT_COMPLAINT_BIT (PT_COMPLAINT_WITHDRAWN));
  ASSERT_LIST ("1000000002 1000000005", ALL, .category = "voltage");
  ASSERT_LIST ("1000000001 1000000003", ALL, .site = "S-1");
  ASSERT_LIST ("1000000003", ALL, .assigned = "ae-east");
  ASSERT_LIST ("", ALL, .assigned = "op-east");
  ASSERT_LIST ("1000000005", ALL, .has_cell = TRUE, .lat = 255900000, .lon = 851300000);
  ASSERT_LIST ("", ALL, .has_cell = TRUE, .lat = 255900000, .lon = 851400000);
  ASSERT_LIST ("1000000004", ALL, .words = "1000 000 004");
  ASSERT_LIST ("1000000004", ALL, .words = "1000-000-004");
  ASSERT_LIST ("1000000002 1000000004", ALL, .words = "s-2");
  ASSERT_LIST ("1000000005", ALL, .words = "danapur");
  ASSERT_LIST ("1000000002 1000000005", ALL, .words = "LOW volt");
  ASSERT_LIST ("1000000001 1000000003 1000000004", ALL, .words = "बिजली");
  ASSERT_LIST ("", ALL, .words = "hi\":");
  ASSERT_LIST ("", ALL, .only_overdue = TRUE);
  /* 2 was acknowledged, 3 assigned; the first hour of 1 is past, 5 has a day. */
  pt_clock_manual_set (fixture->clock, NOW + 2 * HOUR);
  ASSERT_LIST ("1000000001", ALL, .only_overdue = TRUE);
  pt_clock_manual_set (fixture->clock, NOW + 5 * HOUR);
  ASSERT_LIST ("1000000001 1000000003", ALL, .only_overdue = TRUE);
}

static void
test_sorts (Fixture *fixture, gconstpointer data)
{
  file_five (fixture);
  act (fixture, "1000000005", PT_ACTION_JOIN, "citizen", 2);
  act (fixture, "1000000005", PT_ACTION_JOIN, "citizen", 3);
  fixture->received += MINUTE;
  act (fixture, "1000000001", PT_ACTION_JOIN, "citizen", 2);
  ASSERT_LIST ("1000000001 1000000003 1000000002 1000000005 1000000004", .area = -1,
               .sort = PT_COMPLAINT_BY_CLOCK);
  ASSERT_LIST ("1000000005 1000000004 1000000003 1000000002 1000000001", .area = -1,
               .sort = PT_COMPLAINT_BY_FILED, .descending = TRUE);
  ASSERT_LIST ("1000000002 1000000003 1000000004 1000000005 1000000001", .area = -1,
               .sort = PT_COMPLAINT_BY_CHANGED);
  ASSERT_LIST ("1000000005 1000000001 1000000004 1000000003 1000000002", .area = -1,
               .sort = PT_COMPLAINT_BY_PEOPLE, .descending = TRUE);
}

/* What does not change while one reads is read once, whatever else comes and goes. */
static void
test_pages (Fixture *fixture, gconstpointer data)
{
  PtComplaintQuery query
      = { .area = 0, .sort = PT_COMPLAINT_BY_CHANGED, .descending = TRUE, .limit = 300 };
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean has_more = TRUE;
  PtComplaintPlace place;
  guint turn = 0;

  for (guint i = 0; i < 2500; i++)
    {
      g_autofree char *number = g_strdup_printf ("200000%04u", i);

      file_at (fixture, number, "S-1", "voltage", "citizen");
      fixture->received += i % 3; /* many at one time */
    }
  for (; has_more; turn++)
    {
      g_autofree char *number = g_strdup_printf ("3000000%03u", turn);
      g_autoptr (GArray) rows
          = pt_complaint_book_list (fixture->book, &query, NULL, &place, &has_more);

      for (guint i = 0; i < rows->len; i++)
        g_assert_true (
            g_hash_table_add (seen, (gpointer) g_array_index (rows, PtComplaintRow, i).complaint));
      query.after = &place;
      fixture->received++;
      file_at (fixture, number, "S-1", "voltage", "citizen");
      if (turn == 2) /* read already: it does not come again */
        act (fixture, "2000002499", PT_ACTION_JOIN, "citizen", 2);
    }
  g_assert_cmpuint (turn, ==, 9);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 2500);
}

/* Clocks */

static PtComplaintCounts
count (Fixture *fixture)
{
  PtComplaintCounts counts;

  pt_complaint_book_count (fixture->book, &counts);
  return counts;
}

static void
test_clocks (Fixture *fixture, gconstpointer data)
{
  file_at (fixture, "1000000001", "S-1", "no-supply", "citizen");
  assert_told (fixture, "1000000001=open ");
  g_assert_cmpuint (count (fixture).open, ==, 1);
  g_assert_cmpuint (count (fixture).due_hour, ==, 1); /* exactly an hour is within */
  pt_clock_manual_set (fixture->clock, NOW + HOUR);
  g_assert_cmpuint (count (fixture).overdue, ==, 0);
  g_assert_cmpuint (count (fixture).due_hour, ==, 1);
  pt_clock_manual_set (fixture->clock, NOW + HOUR + 1);
  g_assert_cmpuint (count (fixture).overdue, ==, 1);
  g_assert_cmpuint (count (fixture).due_hour, ==, 0);
  assert_told (fixture, "1000000001!open ");
  /* Acknowledged late: its other limit is what counts. */
  fixture->received = NOW + HOUR + 1;
  act (fixture, "1000000001", PT_ACTION_ACKNOWLEDGE, "op-east", 0);
  assert_told (fixture, "1000000001=acknowledged ");
  g_assert_cmpuint (count (fixture).overdue, ==, 0);
  pt_clock_manual_set (fixture->clock, NOW + 4 * HOUR + 1);
  assert_told (fixture, "1000000001!acknowledged ");
  fixture->received = NOW + 4 * HOUR + 1;
  act (fixture, "1000000001", PT_ACTION_RESOLVE, "ae-east", 0);
  assert_told (fixture, "1000000001=resolved ");
  act (fixture, "1000000001", PT_ACTION_REOPEN, "citizen", 1);
  assert_told (fixture, "1000000001!open "); /* the limit runs from the file */
  act (fixture, "1000000001", PT_ACTION_WITHDRAW, "citizen", 1);
  assert_told (fixture, "1000000001=withdrawn ");
  g_assert_cmpuint (count (fixture).overdue, ==, 0);
  g_assert_cmpuint (count (fixture).open, ==, 0);
}

/* Evidence */

/* One a way: the citizen says so, the devices do, nobody, and the devices say otherwise; one more
 * was supported and fell again. */
static void
test_closed (Fixture *fixture, gconstpointer data)
{
  PtComplaintCounts counts;

  add_device (fixture, "tx-1", "S-1");
  add_device (fixture, "tx-2", "S-2");
  add_device (fixture, "tx-3", "S-3");
  report (fixture, "tx-2", "S-2", 1, PT_POWER_OFF);
  file_at (fixture, "1000000001", "S-9", "no-supply", "citizen");
  file_at (fixture, "1000000002", "S-1", "no-supply", "citizen");
  file_at (fixture, "1000000003", "S-9", "no-supply", "citizen");
  file_at (fixture, "1000000004", "S-2", "no-supply", "citizen");
  file_at (fixture, "1000000005", "S-3", "no-supply", "citizen");
  fixture->received += MINUTE;
  report (fixture, "tx-1", "S-1", 1, PT_POWER_ON);
  report (fixture, "tx-3", "S-3", 1, PT_POWER_ON);
  fixture->received += MINUTE;
  for (guint i = 1; i <= 5; i++)
    {
      g_autofree char *number = g_strdup_printf ("100000000%u", i);

      act (fixture, number, PT_ACTION_RESOLVE, "ae-east", 0);
    }
  act (fixture, "1000000001", PT_ACTION_CONFIRM, "citizen", 1);
  counts = count (fixture);
  g_assert_cmpuint (counts.closed[PT_CLOSED_CITIZEN], ==, 1);
  g_assert_cmpuint (counts.closed[PT_CLOSED_DEVICES], ==, 0); /* it has to hold first */
  g_assert_cmpuint (counts.closed[PT_CLOSED_UNCONFIRMED], ==, 3);
  g_assert_cmpuint (counts.closed[PT_CLOSED_AGAINST], ==, 1);
  g_assert_cmpint (row_of (fixture, "1000000002").later, ==, PT_AFTERMATH_PENDING);
  g_assert_cmpint (row_of (fixture, "1000000004").evidence, ==, PT_EVIDENCE_CONTRADICTED);
  PT_TEST_WAIT_FOR (strstr (fixture->told->str, "1000000005=resolved") != NULL, "resolved");
  g_string_truncate (fixture->told, 0);

  fixture->received += MINUTE;
  report (fixture, "tx-3", "S-3", 2, PT_POWER_OFF);
  PT_TEST_WAIT_FOR (strstr (fixture->told->str, "1000000005=resolved") != NULL, "fell again");
  PT_TEST_WAIT_FOR (row_of (fixture, "1000000005").later == PT_AFTERMATH_FELL_AGAIN, "later");
  fixture->received += HOUR;
  report (fixture, "tx-1", "S-1", 2, PT_POWER_ON);
  PT_TEST_WAIT_FOR (row_of (fixture, "1000000002").later == PT_AFTERMATH_HELD, "held");
  counts = count (fixture);
  g_assert_cmpuint (counts.closed[PT_CLOSED_CITIZEN], ==, 1);
  g_assert_cmpuint (counts.closed[PT_CLOSED_DEVICES], ==, 1);
  g_assert_cmpuint (counts.closed[PT_CLOSED_UNCONFIRMED], ==, 1);
  g_assert_cmpuint (counts.closed[PT_CLOSED_AGAINST], ==, 2);
  ASSERT_LIST ("1000000004 1000000005", .area = 0, .closed = PT_COMPLAINT_BIT (PT_CLOSED_AGAINST));
  ASSERT_LIST ("1000000002 1000000003", .area = 0,
               .closed
               = PT_COMPLAINT_BIT (PT_CLOSED_DEVICES) | PT_COMPLAINT_BIT (PT_CLOSED_UNCONFIRMED));
}

/* The same page tells how many there are of the question, whatever their state. */
static void
test_counts (Fixture *fixture, gconstpointer data)
{
  PtComplaintQuery query = {
    .area = 0, .site = "S-1", .states = PT_COMPLAINT_BIT (PT_COMPLAINT_WITHDRAWN), .limit = 10
  };
  g_autoptr (GArray) rows = NULL;
  PtComplaintCounts counts;
  gboolean has_more = TRUE;

  file_five (fixture);
  rows = pt_complaint_book_list (fixture->book, &query, &counts, NULL, &has_more);
  g_assert_cmpuint (rows->len, ==, 0);
  g_assert_false (has_more);
  g_assert_cmpuint (counts.open, ==, 2);
  g_assert_cmpuint (counts.states[PT_COMPLAINT_ASSIGNED], ==, 1);
  g_assert_true (pt_complaint_book_has_room (fixture->book));
}

/* Outages */

static void
test_supply (Fixture *fixture, gconstpointer data)
{
  PtComplaintRow row;

  add_device (fixture, "tx-1", "S-1");
  add_device (fixture, "tx-2", "S-1");
  report (fixture, "tx-1", "S-1", 1, PT_POWER_ON);
  report (fixture, "tx-1", "S-1", 2, PT_POWER_OFF);
  fixture->received += MINUTE;
  file_at (fixture, "1000000001", "S-1", "no-supply", "citizen");
  row = row_of (fixture, "1000000001");
  g_assert_cmpint (row.outage_since, ==, NOW);
  g_assert_cmpint (row.supply_back_at, ==, 0);
  assert_told (fixture, "1000000001=open ");

  /* The other device's first word is no supply that came back. */
  fixture->received += MINUTE;
  report (fixture, "tx-2", "S-1", 1, PT_POWER_ON);
  g_assert_cmpint (row_of (fixture, "1000000001").outage_since, ==, NOW);
  fixture->received += MINUTE;
  report (fixture, "tx-1", "S-1", 3, PT_POWER_ON);
  assert_told (fixture, "1000000001=open ");
  row = row_of (fixture, "1000000001");
  g_assert_cmpint (row.outage_since, ==, 0);
  g_assert_cmpint (row.supply_back_at, ==, NOW + 3 * MINUTE);

  fixture->received += MINUTE;
  report (fixture, "tx-1", "S-1", 4, PT_POWER_OFF);
  row = row_of (fixture, "1000000001");
  g_assert_cmpint (row.outage_since, ==, NOW + 4 * MINUTE);
  g_assert_cmpint (row.supply_back_at, ==, 0);
  act (fixture, "1000000001", PT_ACTION_WITHDRAW, "citizen", 1);
  g_assert_cmpint (row_of (fixture, "1000000001").outage_since, ==, 0);
}

/* A book that is made after the log was read says what one says that saw it happen. */
static void
test_start (Fixture *fixture, gconstpointer data)
{
  PtArea *area = pt_registry_area_at (fixture->directory->registry, 0);
  PtEntry file = action ("1000000001", 1, PT_ACTION_FILE, "citizen");
  g_autoptr (PtComplaintBook) late
      = pt_complaint_book_new (fixture->directory, fixture->clock, fixture->news);
  PtComplaintRow row;

  add_device (fixture, "tx-1", "S-1");
  file_at (fixture, "1000000001", "S-1", "no-supply", "citizen");
  file.category = span ("no-supply");
  file.site = span ("S-1");
  file.received = fixture->received;
  pt_complaint_book_take (late, area, &file,
                          pt_promises_complaint (area->promises, file.complaint));
  fixture->received += MINUTE;
  report (fixture, "tx-1", "S-1", 1, PT_POWER_OFF);
  pt_clock_manual_set (fixture->clock, NOW + 2 * HOUR);
  pt_complaint_book_start (late);
  g_assert_cmpuint (pt_complaint_book_find (late, 0, "1000000001", &row), ==, 1);
  g_assert_cmpint (row.outage_since, ==, NOW + MINUTE);
  g_assert_true (row.overdue);
  g_assert_cmpstr (row.feeder, ==, "F-7");
}

#define ADD(name, func) g_test_add ("/complaint-book/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("row", test_row);
  ADD ("areas", test_areas);
  ADD ("filters", test_filters);
  ADD ("sorts", test_sorts);
  ADD ("pages", test_pages);
  ADD ("clocks", test_clocks);
  ADD ("closed", test_closed);
  ADD ("counts", test_counts);
  ADD ("supply", test_supply);
  ADD ("start", test_start);
  return g_test_run ();
}
