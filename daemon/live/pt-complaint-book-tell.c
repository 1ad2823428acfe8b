/* SPDX-License-Identifier: Apache-2.0 */
/* What changes without an action: limits run out, supply goes and returns, a resolve held or did
 * not. And telling all of it, on the main loop. */
#include <string.h>

#include "pt-complaint-book-private.h"

#define FLUSH_MS 50
#define TICK_MS 1000
#define TURN_MS 20 /* between the turns of a long list */
#define ROWS_AT_ONCE 1000

/* Telling */

/* Rows as they now are; whether there are more. */
static gboolean
take_waiting (PtComplaintBook *book, GArray *rows)
{
  gint64 now = pt_clock_now (book->clock);
  guint count;

  pt_door_begin_write (&book->door);
  count = MIN (book->waiting->len, ROWS_AT_ONCE);
  for (guint i = 0; i < count; i++)
    {
      PtComplaintRecord *record = g_ptr_array_index (book->waiting, i);

      record->waits = FALSE;
      record->row.overdue = pt_complaint_is_overdue (&record->row, now);
      g_array_append_val (rows, record->row);
    }
  if (count > 0)
    g_ptr_array_remove_range (book->waiting, 0, count);
  count = book->waiting->len;
  pt_door_end_write (&book->door);
  return count > 0;
}

static gboolean
book_flush (gpointer data)
{
  PtComplaintBook *book = data;
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (PtComplaintRow));
  PtNewsItems items = { 0 };
  gboolean has_more = TRUE;

  g_atomic_int_set (&book->flush_source, 0);
  if (!pt_news_is_behind (book->news))
    has_more = take_waiting (book, rows);
  if (has_more && g_atomic_int_compare_and_exchange (&book->flush_source, 0, 1))
    g_timeout_add (TURN_MS, book_flush, book);
  items.complaints = (const PtComplaintRow *) (gpointer) rows->data;
  items.complaint_count = rows->len;
  if (rows->len > 0)
    pt_news_tell (book->news, &items);
  return G_SOURCE_REMOVE;
}

void
pt_complaint_book_schedule (PtComplaintBook *book)
{
  g_return_if_fail (book != NULL);

  if (g_atomic_int_compare_and_exchange (&book->flush_source, 0, 1))
    g_timeout_add (FLUSH_MS, book_flush, book);
}

/* Time */

/* Those whose limit ran out since, or that were overdue and are no more. */
static void
look_at_clocks (PtComplaintBook *book)
{
  gint64 now = pt_clock_now (book->clock);
  gint64 next = G_MAXINT64;

  pt_door_begin_write (&book->door);
  if (now < book->next_due)
    {
      pt_door_end_write (&book->door);
      return;
    }
  for (guint i = 0; i < book->records->len; i++)
    {
      PtComplaintRecord *record = g_ptr_array_index (book->records, i);
      gint64 due = pt_complaint_due (&record->row);

      if (due != 0 && due < now && !record->row.overdue)
        {
          record->row.overdue = TRUE;
          pt_complaint_book_note (book, record);
        }
      else if (due >= now)
        next = MIN (next, due + 1);
    }
  book->next_due = next;
  pt_door_end_write (&book->door);
}

static gboolean
has_pending (PtComplaintBook *book)
{
  gboolean has;

  pt_door_begin_read (&book->door);
  has = book->pending->len > 0;
  pt_door_end_read (&book->door);
  return has;
}

/* What the registry says of them now. */
static void
look_at_pending (PtComplaintBook *book)
{
  if (!has_pending (book))
    return;
  pt_door_begin_read (&book->directory->door);
  pt_door_begin_write (&book->door);
  for (guint i = book->pending->len; i > 0; i--)
    {
      PtComplaintRecord *record = g_ptr_array_index (book->pending, i - 1);

      if (record->facts->later == PT_AFTERMATH_PENDING)
        continue;
      pt_complaint_book_refresh (book, record);
      pt_complaint_book_note (book, record);
    }
  pt_door_end_write (&book->door);
  pt_door_end_read (&book->directory->door);
}

static gboolean
book_tick (gpointer data)
{
  PtComplaintBook *book = data;

  look_at_clocks (book);
  look_at_pending (book);
  return G_SOURCE_CONTINUE;
}

static gboolean
book_look (gpointer data)
{
  PtComplaintBook *book = data;

  g_atomic_int_set (&book->look_source, 0);
  book_tick (book);
  return G_SOURCE_REMOVE;
}

/* On any thread: soon, and once for all that comes meanwhile. */
static void
look_soon (gpointer data)
{
  PtComplaintBook *book = data;

  if (g_atomic_int_compare_and_exchange (&book->look_source, 0, 1))
    g_timeout_add (FLUSH_MS, book_look, book);
}

void
pt_complaint_book_passed (PtComplaintBook *book)
{
  if (book != NULL && book->is_started && has_pending (book))
    look_soon (book);
}

/* Sites */

static void
look_at (PtComplaintBook *book, const char *area, const char *site)
{
  PtArea *known;

  known = pt_registry_area (book->directory->registry, pt_span (area, strlen (area)));
  if (known != NULL)
    pt_complaint_book_look_at_site (book, known, site, NULL);
}

/* A PtNewsFunc. */
static void
hear (const PtNewsItems *items, gpointer user_data)
{
  PtComplaintBook *book = user_data;

  if (items->site_count == 0 && items->outage_count == 0)
    return;
  pt_door_begin_read (&book->directory->door);
  pt_door_begin_write (&book->door);
  for (guint i = 0; i < items->site_count; i++)
    look_at (book, items->sites[i].area, items->sites[i].site);
  for (guint i = 0; i < items->outage_count; i++)
    look_at (book, items->outages[i].area, items->outages[i].site);
  pt_door_end_write (&book->door);
  pt_door_end_read (&book->directory->door);
}

void
pt_complaint_book_tell_start (PtComplaintBook *book)
{
  g_return_if_fail (book != NULL);

  pt_news_subscribe (book->news, hear, book);
  pt_clock_add_watch (book->clock, look_soon, book);
  book->tick_source = g_timeout_add (TICK_MS, book_tick, book);
}

void
pt_complaint_book_tell_stop (PtComplaintBook *book)
{
  g_return_if_fail (book != NULL);

  pt_clock_remove_watch (book->clock, look_soon, book);
  pt_news_unsubscribe (book->news, hear, book);
  while (g_source_remove_by_user_data (book))
    ;
}
