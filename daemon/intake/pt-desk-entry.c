/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-desk-entry.h"

#include <string.h>

#include "pt-private.h"

/* What the log says of the complaint that is gone on with. */
typedef struct
{
  char site[PT_ID_MAX + 1];
  PtEntry *entry;
} Chain;

static PtSpan
span_of (const char *text)
{
  return pt_span (text, text != NULL ? strlen (text) : 0);
}

/* With the door held. */
static gboolean
find_chain (PtRegistry *registry, const PtDeskWords *words, Chain *chain)
{
  PtArea *area = pt_registry_area (registry, span_of (words->area));
  const PtComplaintFacts *facts
      = area != NULL ? pt_promises_complaint (area->promises, span_of (words->complaint)) : NULL;

  if (facts == NULL || facts->n == 0)
    return FALSE;
  memcpy (chain->site, facts->site.data, MIN (facts->site.size, PT_ID_MAX));
  chain->entry->n = facts->n + 1;
  chain->entry->prev = facts->last;
  chain->entry->lat = facts->lat;
  chain->entry->lon = facts->lon;
  return TRUE;
}

static gboolean
fill_chain (PtFilings *filings, const PtDeskWords *words, Chain *chain, GError **error)
{
  PtDirectory *directory = filings->api->reads->directory;
  PtEntry *entry = chain->entry;
  gboolean found = TRUE;

  if (words->action == PT_ACTION_FILE)
    {
      entry->n = 1;
      entry->category = span_of (words->category);
      entry->site = span_of (words->place.site);
      entry->lat = words->place.lat;
      entry->lon = words->place.lon;
      return TRUE;
    }
  pt_door_begin_read (&directory->door);
  found = find_chain (directory->registry, words, chain);
  pt_door_end_read (&directory->door);
  entry->site = span_of (chain->site);
  if (!found)
    g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                         "complaint: the area has none of this number.");
  return found;
}

PtFiling *
pt_desk_entry_new (PtFilings *filings, const PtDeskWords *words, GError **error)
{
  PtEntry entry = { .kind = PT_ENTRY_ACTION, .by = span_of ("service") };
  Chain chain = { .entry = &entry };
  g_autoptr (GBytes) private = NULL;
  g_autoptr (GBytes) bytes = NULL;
  PtFiling *filing;

  g_return_val_if_fail (filings != NULL && words != NULL, NULL);

  entry.area = span_of (words->area);
  entry.ts = pt_clock_now (filings->api->reads->clock);
  entry.action = words->action;
  entry.complaint = span_of (words->complaint);
  if (!fill_chain (filings, words, &chain, error))
    return NULL;
  if (words->text != NULL)
    {
      gsize size;
      const char *data;

      private = pt_private_make (words->contact != NULL ? words->contact : "", words->text, error);
      if (private == NULL)
        return NULL;
      data = g_bytes_get_data (private, &size);
      entry.has_note_hash = TRUE;
      pt_private_hash (pt_span (data, size), &entry.note_hash);
    }
  bytes = pt_office_sign (filings->office, &entry, error);
  if (bytes == NULL)
    return NULL;
  filing = pt_filing_new (filings, bytes, &entry);
  filing->private = g_steal_pointer (&private);
  return filing;
}
