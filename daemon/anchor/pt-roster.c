/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-roster.h"

#include <string.h>

#include "pt-error.h"

typedef struct
{
  gboolean active;
  guint64 heard; /* the last pass that heard it */
} RosterDevice;

struct _PtRoster
{
  PtDirectory *directory;
  GArray *devices; /* RosterDevice by number */
  guint64 pass;
};

PtRoster *
pt_roster_new (PtDirectory *directory)
{
  PtRoster *roster;

  g_return_val_if_fail (directory != NULL, NULL);

  roster = g_new0 (PtRoster, 1);
  roster->directory = directory;
  roster->devices = g_array_new (FALSE, TRUE, sizeof (RosterDevice));
  return roster;
}

void
pt_roster_free (PtRoster *roster)
{
  if (roster == NULL)
    return;
  g_array_unref (roster->devices);
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

static void
roster_count (PtRoster *roster, PtArea *area, PtEntry *entry)
{
  GPtrArray *sorted = pt_registry_sorted_devices (area);
  PtRosterCount count = { 0 };

  for (guint i = 0; i < sorted->len; i++)
    {
      const PtDevice *device = g_ptr_array_index (sorted, i);
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
pt_roster_write (PtRoster *roster, guint32 area, guint64 batch, gint64 to, const PtSigner *signer,
                 char *out, gsize out_size, gsize *size, GError **error)
{
  PtEntry fields = { .kind = PT_ENTRY_ROSTER, .ts = to, .batch = (gint64) batch };
  PtResult result;

  g_return_val_if_fail (roster != NULL && signer != NULL && out != NULL && size != NULL, FALSE);

  pt_door_begin_read (&roster->directory->door);
  {
    PtArea *record = pt_registry_area_at (roster->directory->registry, area);

    fields.area = pt_span (record->id, strlen (record->id));
    roster_count (roster, record, &fields);
  }
  pt_door_end_read (&roster->directory->door);
  result = roster_sign (&fields, to, signer, out, out_size, size);
  if (result == PT_OK)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_STOP,
               "The roster of batch %" G_GUINT64_FORMAT " can't be signed: %s. Check the service "
               "key.",
               batch, pt_result_slug (result));
  return FALSE;
}
