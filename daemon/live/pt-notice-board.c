/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-notice-board.h"

#include <string.h>

#include "pt-json.h"

#define FLUSH_MS 50
#define TURN_MS 20 /* between the turns of a long list */
#define ROWS_AT_ONCE 1000

typedef struct
{
  PtNotice notice;
  char *by, *note;
  gint64 announce_min; /* of the profile in force at its first entry */
  gboolean waits;      /* to be told */
} Record;

struct _PtNoticeBoard
{
  GMutex lock; /* a leaf */
  GStringChunk *strings;
  GHashTable *records; /* "area/notice" -> Record */
  GPtrArray *waiting;  /* of them, each once */
  PtNews *news;
  guint flush_source;
  gboolean is_started;
};

static void
record_free (gpointer data)
{
  Record *record = data;

  g_free (record->by);
  g_free (record->note);
  g_free (record);
}

static const char *
keep (PtNoticeBoard *board, PtSpan id)
{
  g_autofree char *text = g_strndup (id.data, id.size);

  return id.size > 0 ? g_string_chunk_insert_const (board->strings, text) : NULL;
}

static Record *
record_new (PtNoticeBoard *board, const PtArea *area, const PtEntry *entry, char *key)
{
  const PtProfile *profile = pt_promises_profile (area->promises);
  Record *record = g_new0 (Record, 1);

  record->notice = (PtNotice){ .area = area->id,
                               .area_number = area->number,
                               .notice = keep (board, entry->notice),
                               .target = keep (board, entry->target),
                               .about = entry->about,
                               .scope = entry->scope };
  record->announce_min = profile != NULL ? profile->announce_min : 0;
  g_hash_table_insert (board->records, key, record);
  return record;
}

/* Without overflow, whatever a profile says. */
static gboolean
is_announced (const Record *record)
{
  const PtNotice *notice = &record->notice;

  return notice->about == PT_ABOUT_SHUTDOWN
         && record->announce_min <= (notice->start - notice->first_received) / 60000
         && notice->first_received <= notice->start;
}

static char *
text_of (PtSpan escaped)
{
  char *text = g_malloc (escaped.size + 1);
  gsize size = 0;

  if (pt_json_unescape (escaped, text, escaped.size, &size) != PT_OK)
    size = 0;
  text[size] = '\0';
  return text;
}

/* Telling */

static void
told_clear (gpointer data)
{
  PtNotice *notice = data;

  g_free ((char *) notice->by);
  g_free ((char *) notice->note);
}

/* Copies of those that wait: nobody is told anything with the lock held. Whether there are more. */
static gboolean
take_waiting (PtNoticeBoard *board, GArray *notices)
{
  guint count = MIN (board->waiting->len, ROWS_AT_ONCE);

  for (guint i = 0; i < count; i++)
    {
      Record *record = g_ptr_array_index (board->waiting, i);
      PtNotice notice = record->notice;

      record->waits = FALSE;
      notice.by = g_strdup (notice.by);
      notice.note = g_strdup (notice.note);
      g_array_append_val (notices, notice);
    }
  if (count > 0)
    g_ptr_array_remove_range (board->waiting, 0, count);
  return board->waiting->len > 0;
}

static gboolean
board_flush (gpointer data)
{
  PtNoticeBoard *board = data;
  g_autoptr (GArray) notices = g_array_new (FALSE, FALSE, sizeof (PtNotice));
  gboolean is_behind = pt_news_is_behind (board->news);
  PtNewsItems items = { 0 };

  g_array_set_clear_func (notices, told_clear);
  g_mutex_lock (&board->lock);
  board->flush_source = 0;
  if (is_behind || take_waiting (board, notices))
    board->flush_source = g_timeout_add (TURN_MS, board_flush, board);
  g_mutex_unlock (&board->lock);
  items.notices = (const PtNotice *) (gpointer) notices->data;
  items.notice_count = notices->len;
  if (notices->len > 0)
    pt_news_tell (board->news, &items);
  return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void
board_note (PtNoticeBoard *board, Record *record)
{
  if (!board->is_started || record->waits)
    return;
  record->waits = TRUE;
  g_ptr_array_add (board->waiting, record);
  if (board->flush_source == 0)
    board->flush_source = g_timeout_add (FLUSH_MS, board_flush, board);
}

void
pt_notice_board_start (PtNoticeBoard *board)
{
  g_return_if_fail (board != NULL);

  g_mutex_lock (&board->lock);
  board->is_started = TRUE;
  g_mutex_unlock (&board->lock);
}

void
pt_notice_board_take (PtNoticeBoard *board, const PtArea *area, const PtEntry *entry,
                      const PtNoticeFacts *facts)
{
  g_autofree char *key = NULL;
  Record *record;

  g_return_if_fail (area != NULL && entry != NULL && facts != NULL);
  g_return_if_fail (entry->kind == PT_ENTRY_NOTICE);
  if (board == NULL)
    return;
  key = g_strdup_printf ("%s/%.*s", area->id, (int) entry->notice.size, entry->notice.data);
  g_mutex_lock (&board->lock);
  record = g_hash_table_lookup (board->records, key);
  if (record == NULL)
    record = record_new (board, area, entry, g_steal_pointer (&key));
  g_free (record->by);
  g_free (record->note);
  record->notice.by = record->by = g_strndup (entry->by.data, entry->by.size);
  record->notice.note = record->note = text_of (entry->note);
  record->notice.n = facts->n;
  record->notice.leaf = facts->last;
  record->notice.start = facts->start;
  record->notice.end = facts->end;
  record->notice.status = facts->status;
  record->notice.received = entry->received;
  record->notice.first_received = facts->first_received;
  record->notice.announced = is_announced (record);
  board_note (board, record);
  g_mutex_unlock (&board->lock);
}

static gboolean
covers (const PtNotice *notice, const PtNoticeQuery *query)
{
  if (query->area >= 0 && notice->area_number != (guint32) query->area)
    return FALSE;
  if (query->site == NULL)
    return TRUE;
  switch (notice->scope)
    {
    case PT_SCOPE_AREA:
      return TRUE;
    case PT_SCOPE_FEEDER:
      return g_strcmp0 (notice->target, query->feeder) == 0;
    case PT_SCOPE_SITE:
      return g_strcmp0 (notice->target, query->site) == 0;
    }
  g_return_val_if_reached (FALSE);
}

static int
compare_starts (gconstpointer a, gconstpointer b)
{
  const PtNotice *first = *(const PtNotice *const *) a, *second = *(const PtNotice *const *) b;

  if (first->start != second->start)
    return first->start < second->start ? -1 : 1;
  return strcmp (first->notice, second->notice);
}

void
pt_notice_board_each (PtNoticeBoard *board, const PtNoticeQuery *query, PtNoticeFunc func,
                      gpointer user_data)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_return_if_fail (board != NULL && query != NULL && func != NULL);

  g_mutex_lock (&board->lock);
  g_hash_table_iter_init (&iter, board->records);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const PtNotice *notice = &((Record *) value)->notice;

      if (notice->status == PT_STATUS_ACTIVE && notice->end > query->now && covers (notice, query))
        g_ptr_array_add (found, (gpointer) notice);
    }
  g_ptr_array_sort (found, compare_starts);
  for (guint i = 0; i < found->len; i++)
    func (g_ptr_array_index (found, i), user_data);
  g_mutex_unlock (&board->lock);
}

PtNoticeBoard *
pt_notice_board_new (PtNews *news)
{
  PtNoticeBoard *board;

  g_return_val_if_fail (news != NULL, NULL);

  board = g_new0 (PtNoticeBoard, 1);
  board->news = news;
  board->waiting = g_ptr_array_new ();
  g_mutex_init (&board->lock);
  board->strings = g_string_chunk_new (1024);
  board->records = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, record_free);
  return board;
}

void
pt_notice_board_free (PtNoticeBoard *board)
{
  if (board == NULL)
    return;
  g_clear_handle_id (&board->flush_source, g_source_remove);
  g_ptr_array_unref (board->waiting);
  g_hash_table_unref (board->records);
  g_string_chunk_free (board->strings);
  g_mutex_clear (&board->lock);
  g_free (board);
}
