/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-directory.h"

PtDirectory *
pt_directory_new (void)
{
  PtDirectory *directory = g_new0 (PtDirectory, 1);

  directory->registry = pt_registry_new ();
  pt_door_init (&directory->door);
  return directory;
}

void
pt_directory_free (PtDirectory *directory)
{
  if (directory == NULL)
    return;
  pt_registry_free (directory->registry);
  pt_door_clear (&directory->door);
  g_free (directory);
}

static gboolean
find_in_area (PtArea *area, const PtEntry *entry, PtSubject *out)
{
  const PtDevice *device = NULL;
  const PtOfficial *official = NULL;

  *out = pt_subject_area (area->number);
  switch (entry->kind)
    {
    case PT_ENTRY_REPORT:
    case PT_ENTRY_LOST:
    case PT_ENTRY_DEVICE:
      device = pt_registry_device (area, entry->device);
      break;
    case PT_ENTRY_OFFICIAL:
      official = pt_registry_official (area, entry->official);
      break;
    case PT_ENTRY_ACTION:
    case PT_ENTRY_NOTICE:
    case PT_ENTRY_PROFILE:
      return TRUE;
    case PT_ENTRY_ROSTER:
      break;
    }
  if (device != NULL)
    *out = pt_subject_device (device->number);
  else if (official != NULL)
    *out = pt_subject_official (official->number);
  return device != NULL || official != NULL;
}

gboolean
pt_directory_find_subject (gpointer directory, guint32 area, const PtEntry *entry, PtSubject *out)
{
  PtDirectory *own = directory;
  gboolean found;

  g_return_val_if_fail (own != NULL && entry != NULL && out != NULL, FALSE);

  pt_door_begin_read (&own->door);
  found = area < pt_registry_area_count (own->registry)
          && find_in_area (pt_registry_area_at (own->registry, area), entry, out);
  pt_door_end_read (&own->door);
  return found;
}
