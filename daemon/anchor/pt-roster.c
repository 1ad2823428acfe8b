/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-roster.h"

#include <string.h>

#include "pt-error.h"

#define DEVICES_AT_ONCE 1000 /* the committer waits for so many at most */

typedef struct
{
  gboolean active;
  guint64 heard; /* the last pass that heard it */
} RosterDevice;

/* An area's devices, which stay as long as the registry. */
typedef struct
{
  GPtrArray *devices; /* PtDevice */
  gboolean is_sorted; /* by id, bytewise */
} RosterArea;

struct _PtRoster
{
  PtDirectory *directory;
  GArray *devices; /* RosterDevice by number */
  GArray *areas;   /* RosterArea by number */
  guint known;     /* so many of the registry's devices are in them */
  guint64 pass;
};

static void
roster_area_clear (gpointer data)
{
  g_clear_pointer (&((RosterArea *) data)->devices, g_ptr_array_unref);
}

PtRoster *
pt_roster_new (PtDirectory *directory)
{
  PtRoster *roster;

  g_return_val_if_fail (directory != NULL, NULL);

  roster = g_new0 (PtRoster, 1);
  roster->directory = directory;
  roster->devices = g_array_new (FALSE, TRUE, sizeof (RosterDevice));
  roster->areas = g_array_new (FALSE, TRUE, sizeof (RosterArea));
  g_array_set_clear_func (roster->areas, roster_area_clear);
  return roster;
}

void
pt_roster_free (PtRoster *roster)
{
  if (roster == NULL)
    return;
  g_array_unref (roster->devices);
  g_array_unref (roster->areas);
  g_free (roster);
}

static RosterDevice *
roster_device (PtRoster *roster, guint32 number)
{
  if (number >= roster->devices->len)
    g_array_set_size (roster->devices, number + 1);
  return &g_array_index (roster->devices, RosterDevice, number);
}

void
pt_roster_set_active (PtRoster *roster, guint32 device, gboolean active)
{
  g_return_if_fail (roster != NULL);

  roster_device (roster, device)->active = active;
}

void
pt_roster_begin (PtRoster *roster)
{
  g_return_if_fail (roster != NULL);

  roster->pass++;
}

void
pt_roster_hear (PtRoster *roster, guint32 device)
{
  g_return_if_fail (roster != NULL);

  roster_device (roster, device)->heard = roster->pass;
}

static RosterArea *
roster_area (PtRoster *roster, guint32 number)
{
  RosterArea *area;

  if (number >= roster->areas->len)
    g_array_set_size (roster->areas, number + 1);
  area = &g_array_index (roster->areas, RosterArea, number);
  if (area->devices == NULL)
    area->devices = g_ptr_array_new ();
  return area;
}

/* Takes over devices that are new; whether there are more. */
static gboolean
roster_learn_some (PtRoster *roster)
{
  PtDirectory *directory = roster->directory;
  guint count, end;

  pt_door_begin_read (&directory->door);
  count = pt_registry_device_count (directory->registry);
  end = MIN (count, roster->known + DEVICES_AT_ONCE);
  for (; roster->known < end; roster->known++)
    {
      PtDevice *device = pt_registry_device_at (directory->registry, roster->known);
      RosterArea *area = roster_area (roster, device->area->number);

      g_ptr_array_add (area->devices, device);
      area->is_sorted = FALSE;
    }
  pt_door_end_read (&directory->door);
  return end < count;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const PtDevice *const *) a)->id, (*(const PtDevice *const *) b)->id);
}

/* All that is hashed is what never changes of a device, so nobody waits meanwhile. */
static void
roster_count (PtRoster *roster, guint32 number, PtEntry *entry)
{
  RosterArea *area = roster_area (roster, number);
  PtRosterCount count = { 0 };

  if (!area->is_sorted)
    g_ptr_array_sort (area->devices, compare_ids);
  area->is_sorted = TRUE;
  for (guint i = 0; i < area->devices->len; i++)
    {
      const PtDevice *device = g_ptr_array_index (area->devices, i);
      const RosterDevice *own = roster_device (roster, device->number);

      if (own->active)
        pt_roster_count_add (&count, device, own->heard == roster->pass);
    }
  entry->expected = count.expected;
  entry->heard = count.heard;
  pt_frontier_root (&count.silent, &entry->silent_root);
}

static PtResult
roster_sign (const PtEntry *fields, gint64 to, const PtSigner *signer, char *out, gsize out_size,
             gsize *size)
{
  char text[1024], signed_text[1024];
  gsize length;
  PtEntry entry;
  PtResult result = pt_entry_write (fields, text, sizeof text, &length);

  if (result == PT_OK)
    result = pt_entry_parse (pt_span (text, length), PT_ENTRY_UNSIGNED, &entry);
  if (result == PT_OK)
    result = pt_entry_sign (&entry, signer, signed_text, sizeof signed_text, &length);
  if (result == PT_OK)
    result = pt_entry_parse (pt_span (signed_text, length), PT_ENTRY_SIGNED, &entry);
  if (result == PT_OK)
    result = pt_entry_store (&entry, to, out, out_size, size);
  return result;
}

gboolean
pt_roster_write (PtRoster *roster, const PtRosterPlace *place, const PtSigner *signer, char *out,
                 gsize out_size, gsize *size, GError **error)
{
  PtEntry fields = { .kind = PT_ENTRY_ROSTER,
                     .ts = place->to,
                     .batch = (gint64) place->batch,
                     .has_block = place->named.known,
                     .block = (gint64) place->named.number,
                     .block_hash = place->named.hash };
  PtArea *record;
  PtResult result;

  g_return_val_if_fail (roster != NULL && signer != NULL && out != NULL && size != NULL, FALSE);

  while (roster_learn_some (roster))
    ;
  pt_door_begin_read (&roster->directory->door);
  record = pt_registry_area_at (roster->directory->registry, place->area);
  pt_door_end_read (&roster->directory->door);
  fields.area = pt_span (record->id, strlen (record->id));
  roster_count (roster, place->area, &fields);
  result = roster_sign (&fields, place->to, signer, out, out_size, size);
  if (result == PT_OK)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "The roster of batch %" G_GUINT64_FORMAT " can't be signed: %s. Check the service "
               "key.",
               place->batch, pt_result_slug (result));
  return FALSE;
}
