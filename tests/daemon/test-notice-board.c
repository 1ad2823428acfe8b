/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-notice-board.h"

#include <string.h>

#define NOW G_GINT64_CONSTANT (1764000000000)
#define HOUR G_GINT64_CONSTANT (3600000)

typedef struct
{
  PtRegistry *registry;
  PtArea *area;
  PtNews *news;
  PtNoticeBoard *board;
} Fixture;

static PtSpan
span (const char *text)
{
  return pt_span (text, strlen (text));
}

static void
take (Fixture *fixture, const char *id, gint64 n, PtScope scope, const char *target, gint64 start,
      PtStatus status)
{
  PtEntry entry = { .kind = PT_ENTRY_NOTICE,
                    .area = span ("east"),
                    .received = NOW + n,
                    .notice = span (id),
                    .n = n,
                    .about = PT_ABOUT_SHUTDOWN,
                    .scope = scope,
                    .target = span (target),
                    .start = start,
                    .end = start + HOUR,
                    .by = span ("op-east"),
                    .note = span ("maintenance \\\"A\\\""),
                    .status = status };
  PtHash leaf = { { 1 } };

  pt_registry_apply (fixture->registry, &entry, &leaf);
  pt_notice_board_take (fixture->board, fixture->area, &entry,
                        pt_promises_notice (fixture->area->promises, entry.notice));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const char document[]
      = "{\\\"announce_min\\\":60,\\\"categories\\\":[{\\\"acknowledge_min\\\":0,"
        "\\\"evidence\\\":\\\"none\\\",\\\"id\\\":\\\"x\\\",\\\"resolve_min\\\":0,"
        "\\\"title\\\":{\\\"en\\\":\\\"X\\\"}}],\\\"compensation\\\":[],"
        "\\\"format\\\":\\\"powertrack-profile-1\\\",\\\"held_min\\\":0,"
        "\\\"major_event_days\\\":\\\"none\\\",\\\"reopen_days\\\":0,\\\"sustained_ms\\\":0,"
        "\\\"two_person\\\":[],\\\"utc_offset_min\\\":0}";
  static const guint8 key[PT_PUBLIC_KEY_SIZE] = { 4 };
  PtEntry profile
      = { .kind = PT_ENTRY_PROFILE, .area = span ("east"), .ts = 1, .document = span (document) };

  fixture->registry = pt_registry_new ();
  fixture->area = pt_registry_add_area (fixture->registry, "east", key, key);
  pt_registry_apply (fixture->registry, &profile, NULL);
  fixture->news = pt_news_new ();
  fixture->board = pt_notice_board_new (fixture->news);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_notice_board_free (fixture->board);
  pt_news_free (fixture->news);
  pt_registry_free (fixture->registry);
}

/* "id " of one that was announced, "id? " of another. */
static void
add (const PtNotice *notice, gpointer text)
{
  g_string_append_printf (text, "%s%s ", notice->notice, notice->announced ? "" : "?");
  g_assert_cmpstr (notice->note, ==, "maintenance \"A\"");
}

static void
assert_list (Fixture *fixture, PtNoticeQuery query, const char *wanted)
{
  g_autoptr (GString) text = g_string_new (NULL);

  pt_notice_board_each (fixture->board, &query, add, text);
  g_assert_cmpstr (text->str, ==, wanted);
}

static void
test_notices (Fixture *fixture, gconstpointer data)
{
  take (fixture, "N-3", 1, PT_SCOPE_SITE, "S-1", NOW + 3 * HOUR, PT_STATUS_ACTIVE);
  take (fixture, "N-1", 1, PT_SCOPE_AREA, "", NOW + 30 * 60000, PT_STATUS_ACTIVE);
  take (fixture, "N-2", 1, PT_SCOPE_FEEDER, "F-1", NOW + 2 * HOUR, PT_STATUS_ACTIVE);
  take (fixture, "N-4", 1, PT_SCOPE_AREA, "", NOW + 1 + HOUR, PT_STATUS_ACTIVE); /* to the ms */
#define Q(...) ((PtNoticeQuery){ __VA_ARGS__ })
  assert_list (fixture, Q (.area = -1, .now = NOW), "N-1? N-4 N-2 N-3 ");
  assert_list (fixture, Q (.area = 1, .now = NOW), "");
  assert_list (fixture, Q (.area = 0, .site = "S-1", .now = NOW), "N-1? N-4 N-3 ");
  assert_list (fixture, Q (.area = 0, .site = "S-2", .feeder = "F-1", .now = NOW), "N-1? N-4 N-2 ");
  assert_list (fixture, Q (.area = 0, .site = "S-2", .feeder = "F-2", .now = NOW), "N-1? N-4 ");
  /* Over at its end, not before. */
  assert_list (fixture, Q (.area = 0, .now = NOW + 30 * 60000 + HOUR - 1), "N-1? N-4 N-2 N-3 ");
  assert_list (fixture, Q (.area = 0, .now = NOW + 30 * 60000 + HOUR), "N-4 N-2 N-3 ");
  /* Put off: it is known long enough before now. Withdrawn: it stands no more. */
  take (fixture, "N-1", 2, PT_SCOPE_AREA, "", NOW + 90 * 60000, PT_STATUS_ACTIVE);
  take (fixture, "N-3", 2, PT_SCOPE_SITE, "S-1", NOW + 3 * HOUR, PT_STATUS_WITHDRAWN);
  assert_list (fixture, Q (.area = 0, .now = NOW), "N-4 N-1 N-2 ");
}

/* A PtNewsFunc. */
static void
hear (const PtNewsItems *items, gpointer text)
{
  for (guint i = 0; i < items->notice_count; i++)
    g_string_append_printf (text, "%s/%" G_GINT64_FORMAT "%s ", items->notices[i].notice,
                            items->notices[i].n,
                            items->notices[i].status == PT_STATUS_ACTIVE ? "" : "-");
}

static void
expect_told (GString *heard, const char *wanted)
{
  while (heard->len < strlen (wanted))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (heard->str, ==, wanted);
  g_string_truncate (heard, 0);
}

/* What was there before the start is not told; what comes is, once as it stands then, however often
 * it changed meanwhile; and what was withdrawn. */
static void
test_told (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) heard = g_string_new (NULL);

  pt_news_subscribe (fixture->news, hear, heard);
  take (fixture, "N-1", 1, PT_SCOPE_AREA, "", NOW + HOUR, PT_STATUS_ACTIVE);
  pt_notice_board_start (fixture->board);
  take (fixture, "N-2", 1, PT_SCOPE_SITE, "S-1", NOW + HOUR, PT_STATUS_ACTIVE);
  take (fixture, "N-2", 2, PT_SCOPE_SITE, "S-1", NOW + 2 * HOUR, PT_STATUS_ACTIVE);
  take (fixture, "N-1", 2, PT_SCOPE_AREA, "", NOW + HOUR, PT_STATUS_WITHDRAWN);
  expect_told (heard, "N-2/2 N-1/2- ");
  take (fixture, "N-2", 3, PT_SCOPE_SITE, "S-1", NOW + 2 * HOUR, PT_STATUS_WITHDRAWN);
  expect_told (heard, "N-2/3- ");
  /* What is not told yet when it ends is told nobody. */
  take (fixture, "N-3", 1, PT_SCOPE_AREA, "", NOW + HOUR, PT_STATUS_ACTIVE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/notice-board/notices", Fixture, NULL, set_up, test_notices, tear_down);
  g_test_add ("/notice-board/told", Fixture, NULL, set_up, test_told, tear_down);
  return g_test_run ();
}
