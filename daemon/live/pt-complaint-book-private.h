/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-complaint-book.h"

typedef struct
{
  PtComplaintRow row;            /* its overdue: as it was told last */
  const PtComplaintFacts *facts; /* the registry's; it stays */
  char *words;                   /* what is searched, folded; lines */
  gboolean waits;                /* to be told */
} PtComplaintRecord;

struct _PtComplaintBook
{
  PtDirectory *directory;
  PtClock *clock;
  PtNews *news;
  gboolean is_started; /* main loop, as the next */
  guint tick_source;
  gint look_source; /* atomic, as the next: a look or a flush is coming */
  gint flush_source;
  PtPlaceFunc place; /* or NULL */
  gconstpointer place_data;

  PtDoor door; /* guards what follows; taken after the directory's */
  GStringChunk *strings;
  GPtrArray *records;  /* PtComplaintRecord, as they were filed */
  GHashTable *by_id;   /* "area/complaint" -> PtComplaintRecord */
  GHashTable *by_site; /* "area/site" -> GPtrArray of them */
  GPtrArray *waiting;  /* those that are to be told */
  GPtrArray *pending;  /* those whose resolve may yet not have held */
  gint64 next_due;     /* ms: no limit runs out before */
};

/* "area/id" */
#define PT_COMPLAINT_KEY_MAX (PT_AREA_MAX + 1 + PT_ID_MAX)
void pt_complaint_key (const char *area, const char *id, char key[PT_COMPLAINT_KEY_MAX + 1]);

/* The limit that runs out next while the complaint waits for an official; 0: none does. */
gint64 pt_complaint_due (const PtComplaintRow *row);
gboolean pt_complaint_is_overdue (const PtComplaintRow *row, gint64 now);

/* With the writer's side of the book's door. */
void pt_complaint_book_refresh (PtComplaintBook *book, PtComplaintRecord *record);
void pt_complaint_book_note (PtComplaintBook *book, PtComplaintRecord *record);
/* Also with the directory's, or as the committer: what the registry says of a site, for all
 * complaints there or for @only. */
void pt_complaint_book_look_at_site (PtComplaintBook *book, PtArea *area, const char *site,
                                     PtComplaintRecord *only);

/* pt-complaint-book-tell.c */
void pt_complaint_book_tell_start (PtComplaintBook *book);
void pt_complaint_book_tell_stop (PtComplaintBook *book);
void pt_complaint_book_schedule (PtComplaintBook *book);
