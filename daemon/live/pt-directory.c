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
