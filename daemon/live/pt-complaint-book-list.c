/* SPDX-License-Identifier: Apache-2.0 */
/* Questions: what a list is asked for, sorted and a page at a time. All rows are looked through, a
 * few thousand with the door held, so that no commit waits for a list. */
#include <string.h>

#include "pt-complaint-book-private.h"

#define ROWS_AT_ONCE 4096
#define PAGES_FOUND 4 /* that are kept before they are sorted; at least so many rows */
#define FOUND_LEAST 1000
#define HOUR_MS 3600000
#define NO_LIMIT                                                                                   \
  G_GINT64_CONSTANT (9999999999999999) /* the key of a row without one: it is last                 \
                                        */

typedef struct
{
  PtComplaintPlace place;
  const PtComplaintRecord *record;
} Candidate;

/* A query and what it takes to answer it. */
typedef struct
{
  const PtComplaintQuery *query;
  gint64 now;
  char *words;   /* folded; or NULL */
  char *number;  /* the same as a number that was typed with spaces or dashes; or NULL */
  GArray *found; /* Candidate: the first of those behind the place where the page begins */
  guint matches; /* how many there are of them */
  guint limit;
  PtComplaintPlace bound; /* whoever is behind it is not among the first; where has_bound */
  gboolean has_bound;
  PtComplaintCounts *counts;
} Search;

/* Filters */

/* The digits of what is typed as a number is spoken: 1234 567 890. */
static char *
number_of (const char *words)
{
  g_autoptr (GString) digits = g_string_new (NULL);

  for (const char *c = words; *c != '\0'; c++)
    {
      if (g_ascii_isdigit (*c))
        g_string_append_c (digits, *c);
      else if (*c != ' ' && *c != '-')
        return NULL;
    }
  return digits->len > 0 ? g_strdup (digits->str) : NULL;
}

static gboolean
same (const char *wanted, const char *is)
{
  return wanted == NULL || (is != NULL && strcmp (wanted, is) == 0);
}

static gboolean
has_words (const Search *search, const PtComplaintRecord *record)
{
  if (search->words == NULL)
    return TRUE;
  return strstr (record->words, search->words) != NULL
         || (search->number != NULL && strstr (record->row.complaint, search->number) != NULL);
}

/* What has nothing to do with its state. */
static gboolean
is_of (const Search *search, const PtComplaintRecord *record)
{
  const PtComplaintQuery *query = search->query;
  const PtComplaintRow *row = &record->row;

  if (query->area >= 0 && row->area_number != (guint32) query->area)
    return FALSE;
  if (query->has_cell && (row->site != NULL || row->lat != query->lat || row->lon != query->lon))
    return FALSE;
  return same (query->category, row->category) && same (query->site, row->site)
         && same (query->assigned, row->assigned) && has_words (search, record);
}

static gboolean
is_in_state (const Search *search, const PtComplaintRow *row)
{
  const PtComplaintQuery *query = search->query;

  if (query->states != 0 && (query->states & PT_COMPLAINT_BIT (row->state)) == 0)
    return FALSE;
  if (query->closed != 0 && (query->closed & PT_COMPLAINT_BIT (row->closed)) == 0)
    return FALSE;
  return !query->only_overdue || pt_complaint_is_overdue (row, search->now);
}

static void
count_row (PtComplaintCounts *counts, const PtComplaintRow *row, gint64 now)
{
  gint64 due = pt_complaint_due (row);

  counts->states[row->state]++;
  counts->closed[row->closed]++;
  counts->open += (PT_COMPLAINT_ALL_OPEN & PT_COMPLAINT_BIT (row->state)) != 0;
  if (due != 0 && now > due)
    counts->overdue++;
  else if (due != 0 && due - now <= HOUR_MS)
    counts->due_hour++;
}

/* Order */

static gint64
key_of (const PtComplaintRow *row, PtComplaintSort sort)
{
  gint64 due;

  switch (sort)
    {
    case PT_COMPLAINT_BY_CLOCK:
      due = pt_complaint_due (row);
      return due != 0 ? due : NO_LIMIT;
    case PT_COMPLAINT_BY_FILED:
      return row->filed_at;
    case PT_COMPLAINT_BY_CHANGED:
      return row->changed_at;
    case PT_COMPLAINT_BY_PEOPLE:
      return row->people;
    }
  g_return_val_if_reached (0);
}

static int
compare_places (const PtComplaintPlace *a, const PtComplaintPlace *b)
{
  if (a->key != b->key)
    return a->key < b->key ? -1 : 1;
  if (a->area != b->area)
    return a->area < b->area ? -1 : 1;
  return a->order < b->order ? -1 : a->order > b->order;
}

static int
compare_rising (gconstpointer a, gconstpointer b)
{
  return compare_places (&((const Candidate *) a)->place, &((const Candidate *) b)->place);
}

static int
compare_falling (gconstpointer a, gconstpointer b)
{
  return compare_rising (b, a);
}

/* Whether @a is on an earlier page than @b, or before it. */
static gboolean
is_before (const Search *search, const PtComplaintPlace *a, const PtComplaintPlace *b)
{
  return search->query->descending ? compare_places (a, b) > 0 : compare_places (a, b) < 0;
}

static void
sort_found (Search *search)
{
  g_array_sort (search->found, search->query->descending ? compare_falling : compare_rising);
  if (search->found->len <= search->limit)
    return;
  g_array_set_size (search->found, search->limit);
  search->bound = g_array_index (search->found, Candidate, search->limit - 1).place;
  search->has_bound = TRUE;
}

/* Sorted now and then, so that no more than a few pages ever are. */
static void
add_candidate (Search *search, const Candidate *candidate)
{
  search->matches++;
  if (search->has_bound && !is_before (search, &candidate->place, &search->bound))
    return;
  g_array_append_vals (search->found, candidate, 1);
  if (search->found->len >= MAX (PAGES_FOUND * search->limit, FOUND_LEAST))
    sort_found (search);
}

/* Looking through */

static void
look_at_record (Search *search, const PtComplaintRecord *record)
{
  const PtComplaintQuery *query = search->query;
  const PtComplaintRow *row = &record->row;
  Candidate candidate;

  if (!is_of (search, record))
    return;
  if (search->counts != NULL)
    count_row (search->counts, row, search->now);
  if (!is_in_state (search, row))
    return;
  candidate.place = (PtComplaintPlace){ key_of (row, query->sort), row->area_number, row->order };
  candidate.record = record;
  if (query->after == NULL || is_before (search, query->after, &candidate.place))
    add_candidate (search, &candidate);
}

/* Records are never taken away, so what follows is still there when the door was let go. */
static void
look_through (PtComplaintBook *book, Search *search)
{
  guint at = 0, count;

  do
    {
      pt_door_begin_read (&book->door);
      count = book->records->len;
      for (guint end = MIN (count, at + ROWS_AT_ONCE); at < end; at++)
        look_at_record (search, g_ptr_array_index (book->records, at));
      pt_door_end_read (&book->door);
    }
  while (at < count);
}

static void
search_init (Search *search, PtComplaintBook *book, const PtComplaintQuery *query,
             PtComplaintCounts *counts)
{
  *search = (Search){
    .query = query, .now = pt_clock_now (book->clock), .counts = counts, .limit = query->limit
  };
  search->found = g_array_new (FALSE, FALSE, sizeof (Candidate));
  if (query->words != NULL && query->words[0] != '\0')
    {
      search->words = g_utf8_casefold (query->words, -1);
      search->number = number_of (query->words);
    }
  if (counts != NULL)
    *counts = (PtComplaintCounts){ 0 };
}

static void
search_clear (Search *search)
{
  g_free (search->words);
  g_free (search->number);
  g_array_unref (search->found);
}

GArray *
pt_complaint_book_list (PtComplaintBook *book, const PtComplaintQuery *query,
                        PtComplaintCounts *counts, PtComplaintPlace *next, gboolean *has_more)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (PtComplaintRow));
  Search search;
  guint limit;

  g_return_val_if_fail (book != NULL && query != NULL, rows);
  g_return_val_if_fail (query->limit > 0 && query->limit <= PT_COMPLAINT_PAGE_MAX, rows);

  search_init (&search, book, query, counts);
  look_through (book, &search);
  sort_found (&search);
  limit = MIN (query->limit, search.found->len);
  pt_door_begin_read (&book->door);
  for (guint i = 0; i < limit; i++)
    {
      PtComplaintRow row = g_array_index (search.found, Candidate, i).record->row;

      row.overdue = pt_complaint_is_overdue (&row, search.now);
      g_array_append_val (rows, row);
    }
  pt_door_end_read (&book->door);
  if (has_more != NULL)
    *has_more = limit < search.matches;
  if (next != NULL && limit > 0)
    *next = g_array_index (search.found, Candidate, limit - 1).place;
  search_clear (&search);
  return rows;
}

void
pt_complaint_book_count (PtComplaintBook *book, PtComplaintCounts *out)
{
  gint64 now;

  g_return_if_fail (book != NULL && out != NULL);

  *out = (PtComplaintCounts){ 0 };
  now = pt_clock_now (book->clock);
  pt_door_begin_read (&book->door);
  for (guint i = 0; i < book->records->len; i++)
    count_row (out, &((PtComplaintRecord *) g_ptr_array_index (book->records, i))->row, now);
  pt_door_end_read (&book->door);
}

gboolean
pt_complaint_book_has_room (PtComplaintBook *book)
{
  gboolean has_room;

  g_return_val_if_fail (book != NULL, FALSE);

  pt_door_begin_read (&book->door);
  has_room = book->records->len < PT_COMPLAINT_BOOK_MAX;
  pt_door_end_read (&book->door);
  return has_room;
}

static gboolean
find_in (PtComplaintBook *book, const char *area, const char *complaint, PtComplaintRow *out)
{
  char key[PT_COMPLAINT_KEY_MAX + 1];
  const PtComplaintRecord *record;

  pt_complaint_key (area, complaint, key);
  pt_door_begin_read (&book->door);
  record = g_hash_table_lookup (book->by_id, key);
  if (record != NULL)
    {
      *out = record->row;
      out->overdue = pt_complaint_is_overdue (out, pt_clock_now (book->clock));
    }
  pt_door_end_read (&book->door);
  return record != NULL;
}

/* The registry's areas, whose names stay, before the book's door. */
static GPtrArray *
area_names (PtComplaintBook *book, gint32 wanted)
{
  PtRegistry *registry = book->directory->registry;
  GPtrArray *names = g_ptr_array_new ();

  pt_door_begin_read (&book->directory->door);
  for (guint i = 0; i < pt_registry_area_count (registry); i++)
    if (wanted < 0 || (guint) wanted == i)
      g_ptr_array_add (names, pt_registry_area_at (registry, i)->id);
  pt_door_end_read (&book->directory->door);
  return names;
}

guint
pt_complaint_book_find (PtComplaintBook *book, gint32 area, const char *complaint,
                        PtComplaintRow *out)
{
  g_autoptr (GPtrArray) names = NULL;
  PtComplaintRow row;
  guint found = 0;

  g_return_val_if_fail (book != NULL && complaint != NULL, 0);

  if (strlen (complaint) > PT_ID_MAX)
    return 0;
  names = area_names (book, area);
  for (guint i = 0; i < names->len; i++)
    if (find_in (book, g_ptr_array_index (names, i), complaint, &row))
      {
        found++;
        if (out != NULL)
          *out = row;
      }
  return found;
}
