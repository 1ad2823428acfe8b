/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-clock.h"
#include "pt-directory.h"
#include "pt-news.h"
#include "pt-place-name.h"

/* What is shown of complaints: a row for each, in memory, for lists, filters, sorts, counts and
 * clocks. It never judges: PtRegistry does, and what that says of a complaint after an action is
 * copied here. What changes without an action (a clock runs out, supply goes or returns, a resolve
 * held) it sees by itself, and all of it is told through PtNews. Any thread, but where another is
 * named. Strings of rows stay as long as the book. */
typedef struct _PtComplaintBook PtComplaintBook;

/* Rows at most: none is ever dropped, so whoever lets citizens file asks for room before. */
#define PT_COMPLAINT_BOOK_MAX 1000000
#define PT_COMPLAINT_PAGE_MAX 1000

/* What is pointed to outlives it. */
PtComplaintBook *pt_complaint_book_new (PtDirectory *directory, PtClock *clock, PtNews *news);
void pt_complaint_book_free (PtComplaintBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtComplaintBook, pt_complaint_book_free)

/* For a kind's apply and recover, after the registry has @entry, an action as it is in the log:
 * @facts are those of its complaint from now on. With the writer's side of the directory's door, or
 * on the committer's thread, or before there is one. @book NULL: nothing is kept. */
void pt_complaint_book_take (PtComplaintBook *book, const PtArea *area, const PtEntry *entry,
                             const PtComplaintFacts *facts);

/* After entries of any kind were committed: what became of resolves may be known now. Asks the
 * registry soon, on the main loop. @book NULL: nothing. */
void pt_complaint_book_passed (PtComplaintBook *book);

/* Once all is recovered, on the main loop: from here on changes are told. */
void pt_complaint_book_start (PtComplaintBook *book);

/* Names a point (1e-7 degree); FALSE: it has none. Any thread. */
typedef gboolean (*PtPlaceFunc) (gconstpointer data, gint32 lat, gint32 lon,
                                 char name[PT_PLACE_NAME_MAX + 1]);
/* On the main loop, before the first question. */
void pt_complaint_book_set_places (PtComplaintBook *book, PtPlaceFunc func, gconstpointer data);

/* Questions */

typedef enum
{
  PT_COMPLAINT_BY_CLOCK, /* the limit that runs out first; those without one last */
  PT_COMPLAINT_BY_FILED,
  PT_COMPLAINT_BY_CHANGED,
  PT_COMPLAINT_BY_PEOPLE
} PtComplaintSort;

/* Bits of states, and of ways closed. */
#define PT_COMPLAINT_BIT(value) (1u << (value))
/* What waits for an official. */
#define PT_COMPLAINT_ALL_OPEN                                                                      \
  (PT_COMPLAINT_BIT (PT_COMPLAINT_OPEN) | PT_COMPLAINT_BIT (PT_COMPLAINT_ACKNOWLEDGED)             \
   | PT_COMPLAINT_BIT (PT_COMPLAINT_ASSIGNED) | PT_COMPLAINT_BIT (PT_COMPLAINT_REJECTING))

/* Where a page ended: the sort's key of its last row, and which row that was. */
typedef struct
{
  gint64 key;
  guint32 area;
  guint64 order;
} PtComplaintPlace;

typedef struct
{
  gint32 area;          /* number; -1: all */
  guint states;         /* PT_COMPLAINT_BIT (); 0: all */
  guint closed;         /* bits of PtClosed; 0: it does not matter */
  const char *category; /* these NULL: all */
  const char *site;
  const char *assigned; /* an official's id */
  const char *words;    /* part of a number, site, place or category, whatever its case */
  gboolean only_overdue;
  gboolean has_cell; /* only those whose place is this cell */
  gint32 lat, lon;   /* 1e-7 degree */
  PtComplaintSort sort;
  gboolean descending;
  const PtComplaintPlace *after; /* or NULL: the first page */
  guint limit;                   /* at most PT_COMPLAINT_PAGE_MAX */
} PtComplaintQuery;

typedef struct
{
  guint states[PT_COMPLAINT_STATE_COUNT];
  guint open;                    /* all that waits for an official */
  guint overdue;                 /* a limit of theirs is past */
  guint due_hour;                /* the next one is within an hour */
  guint closed[PT_CLOSED_COUNT]; /* four ways that are never added up */
} PtComplaintCounts;

/* The page, of PtComplaintRow, and in *@counts (or NULL) how many there are of the query's area,
 * category, site, cell, official and words, whatever their state. *@has_more: others follow behind
 * *@next. What does not change while one reads page after page is there once. */
GArray *pt_complaint_book_list (PtComplaintBook *book, const PtComplaintQuery *query,
                                PtComplaintCounts *counts, PtComplaintPlace *next,
                                gboolean *has_more);

/* Of all areas. */
void pt_complaint_book_count (PtComplaintBook *book, PtComplaintCounts *out);

/* FALSE: it has PT_COMPLAINT_BOOK_MAX. */
gboolean pt_complaint_book_has_room (PtComplaintBook *book);

/* How many complaints have the id, of one area or (-1) of all; *@out is one of them. */
guint pt_complaint_book_find (PtComplaintBook *book, gint32 area, const char *complaint,
                              PtComplaintRow *out);
