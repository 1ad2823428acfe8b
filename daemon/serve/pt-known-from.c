/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-known-from.h"

#include <string.h>

#define DEVICES_MAX 20       /* of one site */
#define REMEMBERED_MAX 65536 /* first reports; beyond that all are looked up anew */

/* A device while it was at the site, whatever else changed in that time. */
typedef struct
{
  guint32 device, area;
  char site[PT_ID_MAX + 1];
  gint64 after, last; /* counters that it used there: above @after, up to @last */
  gint64 lowest;      /* of these, the lowest that its history still knows; 0: none */
} Stay;

typedef struct
{
  gint64 seq, time;
} First;

struct _PtKnownFrom
{
  const PtReads *reads;
  PtCommitter *committer;
  GMutex lock;
  GHashTable *firsts; /* "device after" -> First, as last looked up */
};

/* Stays */

/* Where the stay that begins with @place ends: the place after its last. */
static guint32
stay_end (const PtDevice *device, const char *site, guint32 place)
{
  guint32 places = pt_past_place (&device->past);

  while (place <= places && pt_span_is (pt_device_place (device, place).site, site))
    place++;
  return place;
}

static gint64
last_seq (const PtDevice *device, guint32 place)
{
  return place < pt_past_place (&device->past)
             ? g_array_index (device->past.places, PtPlace, place).last_seq
             : device->history.latest.seq;
}

static void
add_stays (const PtDevice *device, const char *site, GArray *out)
{
  for (guint32 place = 0; place <= pt_past_place (&device->past); place++)
    {
      guint32 end = stay_end (device, site, place);
      Stay stay = { .device = device->number, .area = device->area->number };

      if (end == place)
        continue;
      g_strlcpy (stay.site, site, sizeof stay.site);
      stay.after = place > 0 ? last_seq (device, place - 1) : 0;
      stay.last = last_seq (device, end - 1);
      stay.lowest = pt_history_lowest (&device->history, stay.after);
      if (stay.lowest > stay.last)
        stay.lowest = 0;
      g_array_append_val (out, stay);
      place = end - 1;
    }
}

GArray *
pt_known_from_stays (PtArea *area, const char *site)
{
  GPtrArray *there, *former;
  GArray *stays;

  g_return_val_if_fail (area != NULL && site != NULL, NULL);

  there = g_hash_table_lookup (area->sites, site);
  former = g_hash_table_lookup (area->former, site);
  stays = g_array_new (FALSE, FALSE, sizeof (Stay));
  for (guint i = 0; former != NULL && i < MIN (former->len, DEVICES_MAX); i++)
    add_stays (g_ptr_array_index (former, i), site, stays);
  for (guint i = 0; there != NULL && i < MIN (there->len, DEVICES_MAX); i++)
    if (former == NULL || !g_ptr_array_find (former, g_ptr_array_index (there, i), NULL))
      add_stays (g_ptr_array_index (there, i), site, stays);
  return stays;
}

/* First reports */

/* The index comes before the tail, and after it: a report may be sealed just now. */
static gboolean
read_report (const PtKnownFrom *known, const Stay *stay, gint64 seq, GBytes **body, GError **error)
{
  const PtReads *reads = known->reads;
  PtSubject subject = pt_subject_device (stay->device);
  guint64 entry;

  if (!pt_archive_entry (reads->archive, stay->area, subject, seq, body, error))
    return FALSE;
  if (*body != NULL)
    return TRUE;
  entry = pt_committer_unsealed (known->committer, subject, seq);
  if (entry != 0 && !pt_store_read_entry (reads->store, stay->area, entry, body, error))
    return FALSE;
  return *body != NULL || pt_archive_entry (reads->archive, stay->area, subject, seq, body, error);
}

/* Before the first report there is none whose time could be later. */
static gint64
read_time (const PtKnownFrom *known, const Stay *stay, gint64 seq)
{
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  const char *data;
  PtEntry entry;
  gsize size;

  if (!read_report (known, stay, seq, &body, &error))
    g_message ("The first report of a site can't be read: %s", error->message);
  if (body == NULL)
    return 0;
  data = g_bytes_get_data (body, &size);
  if (pt_entry_parse (pt_span (data, size), PT_ENTRY_STORED, &entry) != PT_OK
      || !pt_span_is (entry.site, stay->site))
    return 0;
  return pt_report_time (entry.ts, entry.received, PT_NO_TIME);
}

/* Its lowest counter: sealed, or still in the history. 0: none. */
static gint64
find_first (const PtKnownFrom *known, const Stay *stay)
{
  PtEntryPlace place;

  if (!pt_entry_index_next (pt_archive_index (known->reads->archive), stay->area,
                            pt_subject_device (stay->device), stay->after, &place)
      || place.seq > stay->last)
    return stay->lowest;
  return stay->lowest != 0 ? MIN (place.seq, stay->lowest) : place.seq;
}

/* What was the first stays so but for a late report, which has another counter. */
static gint64
stay_time (PtKnownFrom *known, const Stay *stay)
{
  gint64 seq = find_first (known, stay), time;
  g_autofree char *key = NULL;
  const First *first;

  if (seq == 0)
    return 0;
  key = g_strdup_printf ("%u %" G_GINT64_FORMAT, stay->device, stay->after);
  g_mutex_lock (&known->lock);
  first = g_hash_table_lookup (known->firsts, key);
  time = first != NULL && first->seq == seq ? first->time : 0;
  g_mutex_unlock (&known->lock);
  if (time != 0)
    return time;
  time = read_time (known, stay, seq);
  g_mutex_lock (&known->lock);
  if (g_hash_table_size (known->firsts) >= REMEMBERED_MAX)
    g_hash_table_remove_all (known->firsts);
  g_hash_table_replace (known->firsts, g_steal_pointer (&key),
                        g_memdup2 (&(First){ seq, time }, sizeof (First)));
  g_mutex_unlock (&known->lock);
  return time;
}

gint64
pt_known_from_read (PtKnownFrom *known, const GArray *stays)
{
  gint64 from = 0;

  g_return_val_if_fail (known != NULL && stays != NULL, 0);

  for (guint i = 0; i < stays->len; i++)
    {
      gint64 time = stay_time (known, &g_array_index (stays, Stay, i));

      if (time != 0 && (from == 0 || time < from))
        from = time;
    }
  return from;
}

PtKnownFrom *
pt_known_from_new (const PtReads *reads, PtCommitter *committer)
{
  PtKnownFrom *known;

  g_return_val_if_fail (reads != NULL && committer != NULL, NULL);

  known = g_new0 (PtKnownFrom, 1);
  known->reads = reads;
  known->committer = committer;
  g_mutex_init (&known->lock);
  known->firsts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return known;
}

void
pt_known_from_free (PtKnownFrom *known)
{
  if (known == NULL)
    return;
  g_hash_table_unref (known->firsts);
  g_mutex_clear (&known->lock);
  g_free (known);
}
