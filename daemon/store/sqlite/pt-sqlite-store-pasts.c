/* SPDX-License-Identifier: Apache-2.0 */
/* What devices were before, out of their registrations, for databases that did not keep it; and the
 * places of their outages. */
#include <string.h>

#include "pt-past.h"
#include "pt-sqlite-store-private.h"

/* A device that was registered more than once. */
typedef struct
{
  gint64 subject;
  GBytes *history;
  GPtrArray *bodies; /* GBytes, the oldest registration first */
} Device;

static void
device_free (gpointer data)
{
  Device *device = data;

  g_bytes_unref (device->history);
  g_ptr_array_unref (device->bodies);
  g_free (device);
}

static gboolean
add_body (sqlite3_stmt *statement, gpointer data, GError **error)
{
  GPtrArray *devices = data;
  gint64 subject = sqlite3_column_int64 (statement, 0);
  Device *device = devices->len > 0 ? g_ptr_array_index (devices, devices->len - 1) : NULL;

  if (device == NULL || device->subject != subject)
    {
      device = g_new0 (Device, 1);
      device->subject = subject;
      device->history = pt_sqlite_column_bytes (statement, 2);
      device->bodies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_ptr_array_add (devices, device);
    }
  g_ptr_array_add (device->bodies, pt_sqlite_column_bytes (statement, 1));
  return TRUE;
}

static gboolean
parse (GBytes *body, PtEntry *entry)
{
  gsize size;
  const char *data = g_bytes_get_data (body, &size);

  return pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, entry) == PT_OK;
}

/* From an entry's received on the device was at @place; an outage that had begun and lasts ends
 * then if that is elsewhere. Which of them came before is reckoned by the times. */
static gboolean
set_place (PtSqlite *sqlite, const Device *device, gint64 received, guint32 place, gboolean moved,
           GError **error)
{
  sqlite3_stmt *cut = pt_sqlite_prepare (sqlite,
                                         "update outages set ended_by = 3, ended = max (start, ?2)"
                                         " where device = ?1 and ended_by = 0 and start < ?2",
                                         error);
  sqlite3_stmt *set;
  gint64 number = device->subject - (G_GINT64_CONSTANT (1) << 32);

  if (cut == NULL)
    return FALSE;
  set = pt_sqlite_prepare (
      sqlite, "update outages set place = ?3 where device = ?1 and start >= ?2", error);
  if (set == NULL)
    return FALSE;
  sqlite3_bind_int64 (cut, 1, number);
  sqlite3_bind_int64 (cut, 2, received);
  sqlite3_bind_int64 (set, 1, number);
  sqlite3_bind_int64 (set, 2, received);
  sqlite3_bind_int64 (set, 3, place);
  return (!moved || pt_sqlite_run (sqlite, cut, error)) && pt_sqlite_run (sqlite, set, error);
}

/* How high a counter stood when a key was registered is not known any more. What it is now is never
 * too low, so nothing is taken that the log's rules refuse. */
static gboolean
device_past (PtSqlite *sqlite, const Device *device, gint64 highest, PtPast *past, gboolean *moved,
             GError **error)
{
  PtEntry before, now;

  *moved = FALSE;
  if (!parse (g_ptr_array_index (device->bodies, 0), &before))
    return TRUE;
  for (guint i = 1; i < device->bodies->len; i++)
    {
      PtStanding was = pt_standing_of (&before), is;
      guint32 place = pt_past_place (past);
      gboolean elsewhere;

      if (!parse (g_ptr_array_index (device->bodies, i), &now))
        return TRUE;
      is = pt_standing_of (&now);
      elsewhere = !pt_span_equal (before.site, now.site);
      pt_past_note (past, &was, &is, highest);
      if (pt_past_place (past) != place
          && !set_place (sqlite, device, now.received, place + 1, elsewhere, error))
        return FALSE;
      *moved = elsewhere;
      before = now;
    }
  return TRUE;
}

/* Whether the last report was made where the device is not any more. */
static void
history_leave (PtHistory *history, gboolean moved, gint64 received)
{
  PtOutageChange change;

  if (moved && history->heard < received)
    pt_history_cut (history, PT_CUT_MOVED, received, &change);
}

static gboolean
write_past (PtSqlite *sqlite, const Device *device, GError **error)
{
  sqlite3_stmt *statement = pt_sqlite_prepare (
      sqlite, "update subjects set past = ?2, history = ?3 where id = ?1", error);
  g_autoptr (GBytes) saved = NULL;
  g_autoptr (GBytes) kept = NULL;
  PtPast past = { 0 };
  PtHistory history;
  PtEntry newest;
  gboolean moved, done = FALSE;

  if (statement == NULL || !pt_history_load (&history, device->history))
    return FALSE;
  if (device_past (sqlite, device, history.latest.seq, &past, &moved, error))
    {
      if (parse (g_ptr_array_index (device->bodies, device->bodies->len - 1), &newest))
        history_leave (&history, moved, newest.received);
      saved = pt_past_save (&past);
      kept = pt_history_save (&history);
      sqlite3_bind_int64 (statement, 1, device->subject);
      pt_sqlite_bind_bytes (statement, 2, saved);
      pt_sqlite_bind_bytes (statement, 3, kept);
      done = pt_sqlite_run (sqlite, statement, error);
    }
  pt_past_clear (&past);
  pt_history_clear (&history);
  return done;
}

gboolean
pt_sqlite_store_find_pasts (PtSqlite *sqlite, GError **error)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (device_free);
  sqlite3_stmt *statement;

  if (!pt_sqlite_execute (sqlite, "alter table subjects add column past blob not null default x''",
                          error))
    return FALSE;
  statement = pt_sqlite_prepare (
      sqlite,
      "select r.subject, r.body, s.history from registrations r join subjects s on s.id = r.subject"
      " where r.subject in (select subject from registrations where subject >> 32 = 1"
      " group by subject having count (*) > 1) order by r.subject, r.entry",
      error);
  if (statement == NULL || !pt_sqlite_each (sqlite, statement, add_body, devices, error))
    return FALSE;
  for (guint i = 0; i < devices->len; i++)
    if (!write_past (sqlite, g_ptr_array_index (devices, i), error))
      return FALSE;
  return TRUE;
}
