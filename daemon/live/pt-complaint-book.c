/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pt-complaint-book-private.h"
#include "pt-json.h"

#define TITLES_MAX 4096 /* bytes of a title, unescaped */

void
pt_complaint_key (const char *area, const char *id, char key[PT_COMPLAINT_KEY_MAX + 1])
{
  g_snprintf (key, PT_COMPLAINT_KEY_MAX + 1, "%s/%s", area, id);
}

/* With the door, as all that follows. */

static const char *
keep (PtComplaintBook *book, PtSpan text)
{
  char name[PT_ID_MAX + 1];

  if (text.size == 0)
    return NULL;
  g_assert (text.size <= PT_ID_MAX);
  memcpy (name, text.data, text.size);
  name[text.size] = '\0';
  return g_string_chunk_insert_const (book->strings, name);
}

static const char *
keep_text (PtComplaintBook *book, const char *text)
{
  return text != NULL ? g_string_chunk_insert_const (book->strings, text) : NULL;
}

/* Clocks */

gint64
pt_complaint_due (const PtComplaintRow *row)
{
  gboolean acknowledges;

  g_return_val_if_fail (row != NULL, 0);

  acknowledges = row->acknowledge_by != 0 && row->acknowledged_at == 0;
  if ((PT_COMPLAINT_ALL_OPEN & PT_COMPLAINT_BIT (row->state)) == 0)
    return 0;
  if (!acknowledges)
    return row->resolve_by;
  return row->resolve_by != 0 ? MIN (row->acknowledge_by, row->resolve_by) : row->acknowledge_by;
}

/* What is done in the limit's last millisecond is in time. */
gboolean
pt_complaint_is_overdue (const PtComplaintRow *row, gint64 now)
{
  gint64 due;

  g_return_val_if_fail (row != NULL, FALSE);

  due = pt_complaint_due (row);
  return due != 0 && now > due;
}

/* A promise of no minutes is none; one beyond any time there is never ends. */
static gint64
limit_of (gint64 from, gint64 minutes)
{
  if (minutes == 0)
    return 0;
  return minutes < (PT_INTEGER_MAX - from) / 60000 ? from + minutes * 60000 : PT_INTEGER_MAX;
}

/* Whether it is overdue, else when it will be. */
static void
note_clock (PtComplaintBook *book, PtComplaintRow *row)
{
  gint64 due = pt_complaint_due (row);

  row->overdue = pt_complaint_is_overdue (row, pt_clock_now (book->clock));
  if (due != 0 && !row->overdue)
    book->next_due = MIN (book->next_due, due + 1);
}

/* Words */

static void
add_titles (GString *words, const char *title)
{
  char text[TITLES_MAX];
  PtJsonReader reader;
  PtJsonValue value;
  PtSpan key;
  gsize size;
  bool more;

  pt_json_reader_init (&reader, pt_span (title, strlen (title)));
  if (pt_json_open (&reader) != PT_OK)
    return;
  while (pt_json_member (&reader, &more, &key, &value, NULL) == PT_OK && more)
    if (pt_json_unescape (value.text, text, sizeof text, &size) == PT_OK)
      {
        g_string_append_c (words, '\n');
        g_string_append_len (words, text, (gssize) size);
      }
}

static void
write_words (PtComplaintRecord *record)
{
  const PtComplaintRow *row = &record->row;
  g_autoptr (GString) words = g_string_new (row->complaint);
  const char *const others[] = { row->category, row->site, row->place };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (others[i] != NULL)
      g_string_append_printf (words, "\n%s", others[i]);
  if (row->title != NULL)
    add_titles (words, row->title);
  g_free (record->words);
  record->words = g_utf8_casefold (words->str, (gssize) words->len);
}

static void
name_place (PtComplaintBook *book, PtComplaintRecord *record)
{
  PtComplaintRow *row = &record->row;
  char name[PT_PLACE_NAME_MAX + 1];

  row->place = NULL;
  if (book->place != NULL && book->place (book->place_data, row->lat, row->lon, name))
    row->place = keep_text (book, name);
  write_words (record);
}

/* Sites */

typedef struct
{
  const PtDevice *speaks; /* one of its devices; NULL: there is none */
  gint64 off_since;       /* ms; 0: nobody says so */
  gint64 on_since;        /* when the last of them had supply again; 0: nobody lacked it */
} Supply;

static void
supply_add (Supply *supply, const PtDevice *device)
{
  const PtHistory *history = &device->history;
  gint64 since = history->since != 0 ? history->since : history->latest.time;

  supply->speaks = device;
  if (device->status != PT_STATUS_ACTIVE || history->latest.seq == 0 || history->cut != PT_FOLLOWED)
    return;
  if (history->latest.power == PT_POWER_OFF)
    supply->off_since = supply->off_since != 0 ? MIN (supply->off_since, since) : since;
  /* Its first report ends no outage. */
  else if (history->since_seq > device->after + 1)
    supply->on_since = MAX (supply->on_since, history->since);
}

static Supply
supply_of (PtArea *area, const char *site)
{
  GPtrArray *devices = g_hash_table_lookup (area->sites, site);
  Supply supply = { 0 };

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    supply_add (&supply, g_ptr_array_index (devices, i));
  return supply;
}

static gboolean
has_ended (const PtComplaintRow *row)
{
  return row->state == PT_COMPLAINT_CONFIRMED || row->state == PT_COMPLAINT_WITHDRAWN;
}

/* Whether anything that is shown is another now. */
static gboolean
set_supply (PtComplaintRow *row, const Supply *supply)
{
  gint64 since = has_ended (row) ? 0 : supply->off_since;
  gint64 back
      = since == 0 && !has_ended (row) && supply->on_since > row->filed_at ? supply->on_since : 0;
  gboolean changes = row->outage_since != since || row->supply_back_at != back;

  row->outage_since = since;
  row->supply_back_at = back;
  return changes;
}

static gboolean
set_standing (PtComplaintBook *book, PtComplaintRecord *record, const PtDevice *device)
{
  PtComplaintRow *row = &record->row;
  const char *feeder = keep_text (book, device->feeder);
  gboolean moves = row->lat != device->lat || row->lon != device->lon;
  gboolean changes = moves || row->feeder != feeder;

  row->feeder = feeder;
  row->lat = device->lat;
  row->lon = device->lon;
  if (moves)
    name_place (book, record);
  return changes;
}

static void
look_at_record (PtComplaintBook *book, PtComplaintRecord *record, const Supply *supply)
{
  gboolean changes = set_supply (&record->row, supply);

  if (supply->speaks != NULL)
    changes |= set_standing (book, record, supply->speaks);
  if (changes)
    pt_complaint_book_note (book, record);
}

void
pt_complaint_book_look_at_site (PtComplaintBook *book, PtArea *area, const char *site,
                                PtComplaintRecord *only)
{
  char key[PT_COMPLAINT_KEY_MAX + 1];
  GPtrArray *records;
  Supply supply;

  g_return_if_fail (book != NULL && area != NULL && site != NULL);

  pt_complaint_key (area->id, site, key);
  records = only == NULL ? g_hash_table_lookup (book->by_site, key) : NULL;
  if (records == NULL && only == NULL)
    return;
  supply = supply_of (area, site);
  if (only != NULL)
    look_at_record (book, only, &supply);
  for (guint i = 0; records != NULL && i < records->len; i++)
    look_at_record (book, g_ptr_array_index (records, i), &supply);
}

/* Records */

static void
record_free (gpointer data)
{
  PtComplaintRecord *record = data;

  g_free (record->words);
  g_free (record);
}

static void
add_to_site (PtComplaintBook *book, PtComplaintRecord *record)
{
  char key[PT_COMPLAINT_KEY_MAX + 1];
  GPtrArray *records;

  pt_complaint_key (record->row.area, record->row.site, key);
  records = g_hash_table_lookup (book->by_site, key);
  if (records == NULL)
    {
      records = g_ptr_array_new ();
      g_hash_table_insert (book->by_site, (gpointer) keep_text (book, key), records);
    }
  g_ptr_array_add (records, record);
}

static const char *
title_of (PtComplaintBook *book, const PtArea *area, PtSpan id)
{
  const PtProfile *profile = pt_promises_profile (area->promises);
  const PtProfileCategory *category = profile != NULL ? pt_profile_category (profile, id) : NULL;
  g_autofree char *titles = NULL;

  if (category == NULL)
    return NULL;
  titles = g_strndup (category->titles.data, category->titles.size);
  return keep_text (book, titles);
}

static PtComplaintRecord *
record_new (PtComplaintBook *book, const PtArea *area, const PtEntry *file, const char *key,
            const PtComplaintFacts *facts)
{
  PtComplaintRecord *record = g_new0 (PtComplaintRecord, 1);
  PtComplaintRow *row = &record->row;

  record->facts = facts;
  row->area = keep_text (book, area->id);
  row->area_number = area->number;
  row->complaint = keep (book, file->complaint);
  row->category = keep (book, file->category);
  row->title = title_of (book, area, file->category);
  row->site = keep (book, file->site);
  row->lat = (gint32) file->lat;
  row->lon = (gint32) file->lon;
  row->order = facts->asked_order;
  row->filed_at = facts->filed_at;
  row->acknowledge_by = limit_of (facts->filed_at, facts->terms.acknowledge_min);
  row->resolve_by = limit_of (facts->filed_at, facts->terms.resolve_min);
  row->people = 1;
  row->by_service = pt_is_service (file->by);
  g_ptr_array_add (book->records, record);
  g_hash_table_insert (book->by_id, (gpointer) keep_text (book, key), record);
  if (row->site != NULL)
    add_to_site (book, record);
  name_place (book, record);
  return record;
}

void
pt_complaint_book_refresh (PtComplaintBook *book, PtComplaintRecord *record)
{
  const PtComplaintFacts *facts = record->facts;
  PtComplaintRow *row = &record->row;

  g_return_if_fail (book != NULL && record != NULL);

  if (facts->later == PT_AFTERMATH_PENDING && row->later != PT_AFTERMATH_PENDING)
    g_ptr_array_add (book->pending, record);
  else if (facts->later != PT_AFTERMATH_PENDING && row->later == PT_AFTERMATH_PENDING)
    g_ptr_array_remove_fast (book->pending, record);
  row->state = facts->state;
  row->n = facts->n;
  row->acknowledged_at = MAX (facts->acknowledged_at, 0);
  row->resolved_at = MAX (facts->resolved_at, 0);
  row->evidence = facts->evidence;
  row->later = facts->later;
  row->closed = pt_complaint_closed (facts);
}

/* What only the entries say. */
static void
count_action (PtComplaintBook *book, PtComplaintRow *row, const PtEntry *entry)
{
  switch (entry->action)
    {
    case PT_ACTION_JOIN:
      row->people++;
      break;
    case PT_ACTION_ASSIGN:
      row->assigned = keep (book, entry->to);
      break;
    case PT_ACTION_RESOLVE:
      row->confirmed = 0;
      break;
    case PT_ACTION_CONFIRM:
      row->confirmed += row->state == PT_COMPLAINT_RESOLVED;
      break;
    case PT_ACTION_REOPEN:
      row->reopened++;
      row->assigned = NULL;
      break;
    case PT_ACTION_UNRESOLVE:
      row->assigned = NULL;
      break;
    case PT_ACTION_FILE:
    case PT_ACTION_ACKNOWLEDGE:
    case PT_ACTION_REJECT:
    case PT_ACTION_COMMENT:
    case PT_ACTION_APPROVE:
    case PT_ACTION_DUPLICATE:
    case PT_ACTION_WITHDRAW:
    case PT_ACTION_COUNT:
      break;
    }
}

void
pt_complaint_book_take (PtComplaintBook *book, const PtArea *area, const PtEntry *entry,
                        const PtComplaintFacts *facts)
{
  char key[PT_COMPLAINT_KEY_MAX + 1];
  PtComplaintRecord *record;

  g_return_if_fail (area != NULL && entry != NULL && facts != NULL);
  g_return_if_fail (entry->kind == PT_ENTRY_ACTION);
  if (book == NULL)
    return;
  g_snprintf (key, sizeof key, "%s/%.*s", area->id, (int) entry->complaint.size,
              entry->complaint.data);
  pt_door_begin_write (&book->door);
  record = g_hash_table_lookup (book->by_id, key);
  if (record == NULL && entry->n == 1)
    record = record_new (book, area, entry, key, facts);
  if (record != NULL)
    {
      pt_complaint_book_refresh (book, record);
      record->row.changed_at = entry->received;
      count_action (book, &record->row, entry);
      if (record->row.site != NULL)
        pt_complaint_book_look_at_site (book, (PtArea *) area, record->row.site, record);
      note_clock (book, &record->row);
      pt_complaint_book_note (book, record);
    }
  pt_door_end_write (&book->door);
}

void
pt_complaint_book_note (PtComplaintBook *book, PtComplaintRecord *record)
{
  g_return_if_fail (book != NULL && record != NULL);

  if (!book->is_started || record->waits)
    return;
  record->waits = TRUE;
  g_ptr_array_add (book->waiting, record);
  pt_complaint_book_schedule (book);
}

void
pt_complaint_book_set_places (PtComplaintBook *book, PtPlaceFunc func, gconstpointer data)
{
  g_return_if_fail (book != NULL);

  pt_door_begin_write (&book->door);
  book->place = func;
  book->place_data = data;
  for (guint i = 0; i < book->records->len; i++)
    name_place (book, g_ptr_array_index (book->records, i));
  pt_door_end_write (&book->door);
}

/* Histories may have been recovered after complaints, and what became of resolves. */
static void
look_at_all (PtComplaintBook *book)
{
  PtRegistry *registry = book->directory->registry;

  pt_door_begin_read (&book->directory->door);
  pt_door_begin_write (&book->door);
  for (guint i = 0; i < book->records->len; i++)
    {
      PtComplaintRecord *record = g_ptr_array_index (book->records, i);
      PtComplaintRow *row = &record->row;

      pt_complaint_book_refresh (book, record);
      note_clock (book, row);
      if (row->site != NULL)
        pt_complaint_book_look_at_site (book, pt_registry_area_at (registry, row->area_number),
                                        row->site, record);
    }
  pt_door_end_write (&book->door);
  pt_door_end_read (&book->directory->door);
}

void
pt_complaint_book_start (PtComplaintBook *book)
{
  g_return_if_fail (book != NULL && !book->is_started);

  look_at_all (book);
  book->is_started = TRUE;
  pt_complaint_book_tell_start (book);
}

PtComplaintBook *
pt_complaint_book_new (PtDirectory *directory, PtClock *clock, PtNews *news)
{
  PtComplaintBook *book;

  g_return_val_if_fail (directory != NULL && clock != NULL && news != NULL, NULL);

  book = g_new0 (PtComplaintBook, 1);
  book->directory = directory;
  book->clock = pt_clock_ref (clock);
  book->news = news;
  pt_door_init (&book->door);
  book->strings = g_string_chunk_new (16 * 1024);
  book->records = g_ptr_array_new_with_free_func (record_free);
  book->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  book->by_site
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  book->waiting = g_ptr_array_new ();
  book->pending = g_ptr_array_new ();
  book->next_due = G_MAXINT64;
  return book;
}

void
pt_complaint_book_free (PtComplaintBook *book)
{
  if (book == NULL)
    return;
  if (book->is_started)
    pt_complaint_book_tell_stop (book);
  g_ptr_array_unref (book->waiting);
  g_ptr_array_unref (book->pending);
  g_hash_table_unref (book->by_site);
  g_hash_table_unref (book->by_id);
  g_ptr_array_unref (book->records);
  g_string_chunk_free (book->strings);
  pt_door_clear (&book->door);
  pt_clock_unref (book->clock);
  g_free (book);
}
