/* SPDX-License-Identifier: Apache-2.0 */

/* bench-complaints N: a book of N complaints at a tenth as many sites, as the committer fills it,
 * and how long each question of a list takes, a page of 100 rows with its counts. Prints one JSON
 * object: the slowest question's median, and the longest that any took. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pt-complaint-book.h"

#define NOW G_GINT64_CONSTANT (1764000000000)
#define ROUNDS 21
#define PER_SITE 10
#define PAGE 100

typedef struct
{
  PtDirectory *directory;
  PtComplaintBook *book;
  PtArea *area;
} Bench;

static void
take (Bench *bench, const char *number, gint64 n, PtAction action, const char *site)
{
  PtEntry entry = { .kind = PT_ENTRY_ACTION,
                    .area = pt_span ("bench", 5),
                    .received = NOW + g_random_int_range (0, 3600000),
                    .complaint = pt_span (number, strlen (number)),
                    .n = n,
                    .action = action,
                    .by = n == 1 ? pt_span ("service", 7) : pt_span ("ae-1", 4),
                    .to = pt_span ("ae-1", 4),
                    .site = pt_span (site, strlen (site)) };
  PtHash leaf = { { 1 } };

  entry.category = g_random_boolean () ? pt_span ("no-supply", 9) : pt_span ("voltage", 7);
  pt_registry_take (bench->directory->registry, &entry, &leaf, 1);
  pt_complaint_book_take (bench->book, bench->area, &entry,
                          pt_promises_complaint (bench->area->promises, entry.complaint));
}

/* Half are open, the others assigned or resolved. */
static void
fill (Bench *bench, guint count)
{
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *number = g_strdup_printf ("%010u", 1000000000u + i);
      g_autofree char *site = g_strdup_printf ("T-%05u", i / PER_SITE);

      take (bench, number, 1, PT_ACTION_FILE, site);
      if (i % 2 == 0)
        take (bench, number, 2, i % 4 == 0 ? PT_ACTION_ASSIGN : PT_ACTION_RESOLVE, site);
    }
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return first < second ? -1 : first > second;
}

/* The median of some, in ms; *@most gets the longest. */
static double
time_question (Bench *bench, const PtComplaintQuery *query, guint *rows, double *most)
{
  double times[ROUNDS];

  for (guint i = 0; i < ROUNDS; i++)
    {
      gint64 begun = g_get_monotonic_time ();
      PtComplaintCounts counts;
      PtComplaintPlace next;
      gboolean has_more;
      g_autoptr (GArray) page
          = pt_complaint_book_list (bench->book, query, &counts, &next, &has_more);

      times[i] = (double) (g_get_monotonic_time () - begun) / 1000;
      *rows = page->len;
      *most = MAX (*most, times[i]);
    }
  qsort (times, ROUNDS, sizeof *times, compare_doubles);
  return times[ROUNDS / 2];
}

static void
run (Bench *bench, guint count)
{
  const struct
  {
    const char *name;
    PtComplaintQuery query;
  } questions[] = {
    { "all_by_clock", { .area = -1, .limit = PAGE } },
    { "open_by_clock", { .area = -1, .states = PT_COMPLAINT_ALL_OPEN, .limit = PAGE } },
    { "by_changed",
      { .area = -1, .sort = PT_COMPLAINT_BY_CHANGED, .descending = TRUE, .limit = PAGE } },
    { "by_people",
      { .area = -1, .sort = PT_COMPLAINT_BY_PEOPLE, .descending = TRUE, .limit = PAGE } },
    { "words", { .area = -1, .words = "t-000", .limit = PAGE } },
    { "site", { .area = 0, .site = "T-00007", .category = "voltage", .limit = PAGE } },
  };
  double worst = 0, most = 0;
  guint rows = 0;

  printf ("{\"complaints\":%u", count);
  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      double median = time_question (bench, &questions[i].query, &rows, &most);

      printf (",\"%s_ms\":%.2f", questions[i].name, median);
      worst = MAX (worst, median);
    }
  printf (",\"ms\":%.2f,\"ms_most\":%.2f}\n", worst, most);
}

int
main (int argc, char **argv)
{
  static const guint8 key[PT_PUBLIC_KEY_SIZE] = { 4 };
  guint count = argc == 2 ? (guint) strtoul (argv[1], NULL, 10) : 0;
  PtClock *clock = pt_clock_new_manual (NOW);
  PtNews *news = pt_news_new ();
  Bench bench = { .directory = pt_directory_new () };

  if (count == 0)
    {
      g_printerr ("bench-complaints N\n");
      return 2;
    }
  bench.area = pt_registry_add_area (bench.directory->registry, "bench", key, key);
  bench.book = pt_complaint_book_new (bench.directory, clock, news);
  fill (&bench, count);
  run (&bench, count);
  pt_complaint_book_free (bench.book);
  pt_news_free (news);
  pt_directory_free (bench.directory);
  pt_clock_unref (clock);
  return 0;
}
