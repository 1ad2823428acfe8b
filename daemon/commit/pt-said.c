/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-said.h"

#include "pt-kind.h"

typedef struct
{
  const PtLogState *log;
  PtArea *area;
} Settling;

/* A PtSettledFunc. */
static void
settled (const char *complaint, gint64 n, PtAftermath later, gpointer user_data)
{
  const Settling *settling = user_data;
  const PtSaidWatch *watch = &settling->log->watch;

  if (watch->settled != NULL)
    watch->settled (settling->area, complaint, n, later, watch->user_data);
}

void
pt_said_pass (PtLogState *log, PtArea *area, gint64 received)
{
  Settling settling = { log, area };

  g_return_if_fail (log != NULL && area != NULL);

  pt_promises_watch (area->promises, settled, &settling);
  pt_promises_pass (area->promises, received);
  pt_promises_watch (area->promises, NULL, NULL);
}

void
pt_said_fell (PtLogState *log, PtArea *area, PtSpan site, gint64 received, gint64 time)
{
  Settling settling = { log, area };

  g_return_if_fail (log != NULL && area != NULL);

  pt_promises_watch (area->promises, settled, &settling);
  pt_promises_pass (area->promises, received);
  pt_promises_fell (area->promises, site, time);
  pt_promises_watch (area->promises, NULL, NULL);
}

gboolean
pt_said_of (const PtEntry *entry, PtSaidKind *kind, PtSpan *name, gint64 *n)
{
  g_return_val_if_fail (entry != NULL && kind != NULL && name != NULL && n != NULL, FALSE);

  switch (entry->kind)
    {
    case PT_ENTRY_ACTION:
      *kind = PT_SAID_ACTION;
      *name = entry->complaint;
      *n = entry->n;
      return TRUE;
    case PT_ENTRY_NOTICE:
      *kind = PT_SAID_NOTICE;
      *name = entry->notice;
      *n = entry->n;
      return TRUE;
    case PT_ENTRY_PROFILE:
      *kind = PT_SAID_PROFILE;
      *name = pt_span ("", 0);
      *n = entry->ts;
      return TRUE;
    case PT_ENTRY_DEVICE:
    case PT_ENTRY_OFFICIAL:
    case PT_ENTRY_REPORT:
    case PT_ENTRY_LOST:
    case PT_ENTRY_ROSTER:
      break;
    }
  return FALSE;
}

static void
tell (const PtLogState *log, PtSaidNews *news)
{
  PtPromises *promises = news->area->promises;
  gint64 n;
  PtSpan name;

  if (log->watch.said == NULL || !pt_said_of (news->entry, &news->kind, &name, &n))
    return;
  if (news->kind == PT_SAID_ACTION)
    news->complaint = pt_promises_complaint (promises, name);
  else if (news->kind == PT_SAID_NOTICE)
    news->notice = pt_promises_notice (promises, name);
  log->watch.said (news, log->watch.user_data);
}

void
pt_said_apply (PtLogState *log, const PtEntry *entry, const PtSaidRow *row)
{
  PtSaidNews news = { .entry = entry };

  g_return_if_fail (log != NULL && entry != NULL && row != NULL);

  news.number = row->entry;
  news.leaf = &row->leaf;
  news.signer = row->signer;

  news.area = pt_registry_area_at (log->directory->registry, row->area);
  pt_said_pass (log, news.area, entry->received);
  news.area->taken = row->entry;
  pt_registry_apply (log->directory->registry, entry, &row->leaf);
  tell (log, &news);
}

gboolean
pt_said_recover (PtLogState *log, const PtSaidRow *row, GError **error)
{
  PtSaidNews news = { .is_recovered = TRUE };
  PtSaidKind kind;
  PtEntry entry;
  PtSpan name;
  gsize size;
  gint64 n;
  const char *data;

  g_return_val_if_fail (log != NULL && row != NULL, FALSE);

  data = g_bytes_get_data (row->body, &size);
  if (row->area >= pt_registry_area_count (log->directory->registry)
      || pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, &entry) != PT_OK
      || !pt_said_of (&entry, &kind, &name, &n) || kind != row->kind || n != row->n
      || !pt_span_is (name, row->name))
    return pt_kind_damaged ("What was said", error);
  news.area = pt_registry_area_at (log->directory->registry, row->area);
  news.entry = &entry;
  news.number = row->entry;
  news.signer = row->signer;
  news.leaf = &row->leaf;
  /* Those that are told what becomes of a resolve have to know of it first. */
  pt_said_pass (log, news.area, entry.received);
  pt_registry_recover_said (news.area, &entry, &row->leaf, row->entry, row->signer, row->evidence);
  if (row->later == PT_AFTERMATH_FELL_AGAIN)
    pt_promises_settle (news.area->promises, row->name, row->n, row->later);
  tell (log, &news);
  return TRUE;
}
