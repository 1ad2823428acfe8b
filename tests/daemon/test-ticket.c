/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ticket.h"

#include <string.h>

#include "pt-complaint-number.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "common/pt-test.h"

#define START G_GINT64_CONSTANT (1764000000000)

typedef struct
{
  char *folder, *path;
  PtClock *clock;
  PtTickets *tickets;
} Office;

static void
office_open (Office *office, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  office->folder = g_dir_make_tmp ("pt-ticket-XXXXXX", NULL);
  office->path = g_build_filename (office->folder, "tickets.key", NULL);
  office->clock = pt_clock_new_manual (START);
  office->tickets = pt_tickets_new (office->path, office->clock, &error);
  g_assert_no_error (error);
}

static void
office_close (Office *office, gconstpointer data)
{
  pt_tickets_free (office->tickets);
  pt_clock_unref (office->clock);
  pt_test_remove_tree (office->folder);
  g_free (office->folder);
  g_free (office->path);
}

static PtSpan
text (const char *words)
{
  return pt_span (words, strlen (words));
}

static PtTicketWords
to_file (void)
{
  return (PtTicketWords){ .area = "demo-east",
                          .complaint = "1234567894",
                          .category = "no-supply",
                          .site = "T-0001",
                          .bits = 16 };
}

static char *
issue (Office *office, PtTicketWords *words)
{
  g_autoptr (GError) error = NULL;
  char *ticket = pt_tickets_issue (office->tickets, words, &error);

  g_assert_no_error (error);
  return ticket;
}

static void
assert_expired (Office *office, const char *ticket)
{
  g_autoptr (GError) error = NULL;
  PtTicketWords words;

  g_assert_false (pt_tickets_read (office->tickets, text (ticket), &words, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_TICKET_EXPIRED);
}

static void
test_life (Office *office, gconstpointer data)
{
  PtTicketWords words = to_file (), read;
  g_autofree char *ticket = issue (office, &words);

  g_assert_cmpint (words.expires, ==, START + PT_TICKET_LIFE_MS);
  g_assert_cmpuint (strlen (ticket), <=, PT_TICKET_TEXT_MAX);
  g_assert_true (pt_tickets_read (office->tickets, text (ticket), &read, NULL));
  g_assert_cmpstr (read.area, ==, "demo-east");
  g_assert_cmpstr (read.complaint, ==, "1234567894");
  g_assert_cmpstr (read.category, ==, "no-supply");
  g_assert_cmpstr (read.site, ==, "T-0001");
  g_assert_cmpuint (read.bits, ==, 16);
  g_assert_false (read.joins);
  pt_clock_manual_set (office->clock, words.expires - 1);
  g_assert_true (pt_tickets_read (office->tickets, text (ticket), &read, NULL));
  pt_clock_manual_set (office->clock, words.expires);
  assert_expired (office, ticket);
}

/* The next process knows it, where a key says so; who joins asks again. */
static void
test_restart (Office *office, gconstpointer data)
{
  PtTicketWords words = { .area = "demo-east",
                          .complaint = "1234567894",
                          .category = "no-supply",
                          .lat = -255900000,
                          .lon = 851300000,
                          .bits = 22 };
  PtTicketWords read, join = { .area = "demo-east", .complaint = "1234567894", .joins = TRUE };
  g_autofree char *ticket = issue (office, &words);
  g_autofree char *joining = issue (office, &join);

  g_assert_true (pt_tickets_read (office->tickets, text (joining), &read, NULL));
  g_assert_true (read.joins);
  pt_tickets_free (office->tickets);
  office->tickets = pt_tickets_new (office->path, office->clock, NULL);
  g_assert_true (pt_tickets_read (office->tickets, text (ticket), &read, NULL));
  g_assert_cmpint (read.lat, ==, -255900000);
  g_assert_cmpint (read.lon, ==, 851300000);
  g_assert_cmpstr (read.site, ==, "");
  assert_expired (office, joining);
}

/* Any bit of it, any length, any text. */
static void
test_forged (Office *office, gconstpointer data)
{
  PtTicketWords words = to_file ();
  g_autofree char *ticket = issue (office, &words);
  g_autofree char *longer = g_strconcat (ticket, "A", NULL);
  gsize size = strlen (ticket);

  for (gsize i = 0; i < size; i++)
    {
      g_autofree char *changed = g_strdup (ticket);

      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      assert_expired (office, changed);
      changed[i] = '\0';
      assert_expired (office, changed);
    }
  assert_expired (office, longer);
  assert_expired (office, "====");
  for (guint i = 0; i < 10000; i++)
    {
      guint8 random[256];
      gsize some = (gsize) g_test_rand_int_range (0, sizeof random);
      char encoded[PT_BASE64URL_SIZE (sizeof random) + 1] = "";

      for (gsize j = 0; j < some; j++)
        random[j] = (guint8) g_test_rand_int_range (0, 256);
      pt_base64url_encode (random, some, encoded, sizeof encoded);
      assert_expired (office, encoded);
    }
}

/* The longest names that there can be fit. */
static void
test_longest (Office *office, gconstpointer data)
{
  PtTicketWords words = { .bits = 22, .lat = -900000000, .lon = -1800000000 }, read;
  g_autofree char *ticket = NULL;

  memset (words.area, 'a', PT_AREA_MAX);
  memset (words.complaint, 'c', PT_ID_MAX);
  memset (words.category, 'k', PT_ID_MAX);
  memset (words.site, 's', PT_ID_MAX);
  ticket = issue (office, &words);
  g_assert_cmpuint (strlen (ticket), <=, PT_TICKET_TEXT_MAX);
  g_assert_true (pt_tickets_read (office->tickets, text (ticket), &read, NULL));
  g_assert_cmpmem (&read, sizeof read, &words, sizeof words);
}

static void
test_spent (Office *office, gconstpointer data)
{
  PtTicketWords words = { .area = "demo-east", .complaint = "1234567894", .joins = TRUE };
  g_autofree char *ticket = issue (office, &words);
  g_autoptr (GError) error = NULL;
  PtHash mine = { { 1 } }, other = { { 2 } };

  g_assert_true (pt_tickets_spend (office->tickets, text (ticket), words.expires, &mine, NULL));
  g_assert_true (pt_tickets_spend (office->tickets, text (ticket), words.expires, &mine, NULL));
  g_assert_false (pt_tickets_spend (office->tickets, text (ticket), words.expires, &other, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_TICKET_EXPIRED);
  g_clear_error (&error);
  /* Given back by who spent it alone; then it is good for one other. */
  pt_tickets_give_back (office->tickets, text (ticket), &other);
  g_assert_false (pt_tickets_spend (office->tickets, text (ticket), words.expires, &other, NULL));
  pt_tickets_give_back (office->tickets, text (ticket), &mine);
  g_assert_true (pt_tickets_spend (office->tickets, text (ticket), words.expires, &other, NULL));
  g_assert_false (pt_tickets_spend (office->tickets, text (ticket), words.expires, &mine, NULL));
  pt_tickets_give_back (office->tickets, text ("never seen"), &mine);
  for (guint i = 1; i < PT_TICKETS_SPENT_MAX; i++)
    {
      char name[16];

      g_snprintf (name, sizeof name, "%u", i);
      g_assert_true (pt_tickets_spend (office->tickets, text (name), words.expires, &mine, NULL));
    }
  g_assert_false (pt_tickets_spend (office->tickets, text ("x"), words.expires, &mine, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_BUSY);
  pt_clock_manual_set (office->clock, words.expires);
  g_assert_true (pt_tickets_spend (office->tickets, text ("x"), words.expires + 1, &mine, NULL));
}

static gboolean
is_taken (const char *number, gpointer data)
{
  guint *left = data;

  g_assert_true (pt_complaint_number_is (text (number)));
  return *left > 0 && (*left)-- > 0;
}

static void
test_draw (Office *office, gconstpointer data)
{
  char first[PT_COMPLAINT_NUMBER_SIZE + 1], second[PT_COMPLAINT_NUMBER_SIZE + 1];
  g_autoptr (GError) error = NULL;
  guint taken = 5;

  g_assert_true (pt_tickets_draw (is_taken, &taken, first, NULL));
  g_assert_cmpuint (taken, ==, 0);
  g_assert_true (pt_tickets_draw (is_taken, &taken, second, NULL));
  g_assert_cmpstr (first, !=, second);
  taken = G_MAXUINT;
  g_assert_false (pt_tickets_draw (is_taken, &taken, first, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
}

#define ADD(name, test) g_test_add (name, Office, NULL, office_open, test, office_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/ticket/life", test_life);
  ADD ("/ticket/restart", test_restart);
  ADD ("/ticket/forged", test_forged);
  ADD ("/ticket/longest", test_longest);
  ADD ("/ticket/spent", test_spent);
  ADD ("/ticket/draw", test_draw);
  return g_test_run ();
}
