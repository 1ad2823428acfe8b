/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-restamp.h"

#include "pt-time-guard.h"

/* An area's entries that wait for their batch. */
typedef struct
{
  gint64 limit;  /* ms: what is received after it is late */
  gint64 newest; /* received, ms */
  guint64 fitting,
      early; /* of those that are late: whose own time is past, or is to come as well */
} Waiting;

typedef struct
{
  gint64 now;
  GArray *areas;   /* PtAreaRow */
  GArray *waiting; /* Waiting, of each */
  guint64 fitting, early;
  gint64 newest;
} Look;

static gboolean
look_at_entry (const PtEntryRow *row, gpointer user_data, GError **error)
{
  Waiting *waiting = user_data;
  PtEntry entry;

  waiting->newest = MAX (waiting->newest, row->received);
  if (row->received <= waiting->limit + PT_TIME_SLACK_MS)
    return TRUE;
  if (pt_entry_parse (pt_span (row->body, row->size), PT_ENTRY_STORED, &entry) == PT_OK
      && entry.ts <= waiting->limit + PT_AHEAD_MAX_MS)
    waiting->fitting++;
  else
    waiting->early++;
  return TRUE;
}

static gboolean
look_at_area (PtStore *store, const PtAreaRow *row, Look *look, GError **error)
{
  Waiting waiting = { .limit = look->now, .newest = row->head.to };

  if (!pt_store_scan_entries (store, row->number, row->head.last_entry, 0, look_at_entry, &waiting,
                              error))
    return FALSE;
  look->newest = MAX (look->newest, waiting.newest);
  look->fitting += waiting.fitting;
  look->early += waiting.early;
  g_array_append_val (look->waiting, waiting);
  return TRUE;
}

static gboolean
look_at_all (PtLogState *log, Look *look, GError **error)
{
  for (guint i = 0; i < look->areas->len; i++)
    if (!look_at_area (log->store, &g_array_index (look->areas, PtAreaRow, i), look, error))
      return FALSE;
  return TRUE;
}

/* With a batch's end that is to come nothing can be done, nor where a receipt says what the bytes
 * of an entry are; with entries, where they fit. */
static gboolean
area_can_go_on (const Look *look, guint at)
{
  const PtAreaRow *row = &g_array_index (look->areas, PtAreaRow, at);
  const Waiting *waiting = &g_array_index (look->waiting, Waiting, at);

  if (row->head.to > look->now + PT_TIME_SLACK_MS || row->promised > row->head.last_entry)
    return FALSE;
  return waiting->early == 0;
}

static void
hold_area (PtLogState *log, const Look *look, guint at, PtRestamped *out)
{
  const Waiting *waiting = &g_array_index (look->waiting, Waiting, at);
  guint32 number = g_array_index (look->areas, PtAreaRow, at).number;

  pt_log_state_area (log, number)->held_until = waiting->newest;
  if (out->areas_held++ > 0)
    return;
  out->area = number;
  out->until = waiting->newest;
}

/* Holds what can't go on, and gathers what has to get another time. */
static GArray *
plan (PtLogState *log, const Look *look, gint64 *newest, PtRestamped *out)
{
  GArray *restamps = g_array_new (FALSE, FALSE, sizeof (PtRestamp));

  for (guint i = 0; i < look->areas->len; i++)
    {
      const PtAreaRow *row = &g_array_index (look->areas, PtAreaRow, i);
      const Waiting *waiting = &g_array_index (look->waiting, Waiting, i);
      PtRestamp restamp = { row->number, row->head.last_entry, MAX (look->now, row->head.to) };

      pt_log_state_area (log, row->number)->held_until = 0;
      if (!area_can_go_on (look, i))
        {
          hold_area (log, look, i, out);
          continue;
        }
      if (waiting->fitting > 0)
        {
          g_array_append_val (restamps, restamp);
          out->furthest = MAX (out->furthest, waiting->newest);
        }
      *newest = MAX (*newest, MIN (waiting->newest, restamp.received));
    }
  return restamps;
}

gboolean
pt_restamp_run (PtLogState *log, gint64 now, PtRestamped *out, GError **error)
{
  g_autoptr (GArray) areas = NULL, waiting = NULL, restamps = NULL;
  Look look = { .now = now };
  gint64 newest = 0;

  g_return_val_if_fail (log != NULL && out != NULL, FALSE);

  *out = (PtRestamped){ 0 };
  areas = look.areas = pt_store_areas (log->store, error);
  waiting = look.waiting = g_array_new (FALSE, TRUE, sizeof (Waiting));
  if (areas == NULL || !look_at_all (log, &look, error))
    return FALSE;
  /* What a barrier promised for a time that is to come was for a pass that found nothing. */
  log->last_received = look.newest;
  if (look.fitting <= look.early)
    return TRUE;
  restamps = plan (log, &look, &newest, out);
  if (!pt_store_restamp (log->store, (PtRestamp *) (gpointer) restamps->data, restamps->len,
                         &out->changed, error))
    return FALSE;
  log->last_received = newest;
  return TRUE;
}
