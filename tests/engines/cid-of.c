/* SPDX-License-Identifier: Apache-2.0 */

/* cid-of CHUNK LINKS FILE...: prints our CID of each file, a line each, for tests that compare. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pt-cid.h"

static PtUnixfsBuilder builder;
static char block[1 << 20];

static bool
print_cid (const char *path, size_t chunk, size_t links)
{
  char text[PT_CID_TEXT_SIZE + 1];
  FILE *file = fopen (path, "rb");
  PtResult result = pt_unixfs_init (&builder, chunk, links, NULL, NULL);
  bool read_well;
  size_t size;
  PtCid cid;

  if (file == NULL)
    {
      fprintf (stderr, "%s: %s\n", path, strerror (errno));
      return false;
    }
  while (result == PT_OK && (size = fread (block, 1, sizeof block, file)) > 0)
    result = pt_unixfs_feed (&builder, block, size);
  if (result == PT_OK)
    result = pt_unixfs_finish (&builder, &cid);
  read_well = !ferror (file);
  fclose (file);
  if (!read_well || result != PT_OK)
    {
      fprintf (stderr, "%s: %s\n", path, read_well ? pt_result_slug (result) : "cannot be read");
      return false;
    }
  pt_cid_to_text (&cid, text);
  puts (text);
  return true;
}

int
main (int argc, char **argv)
{
  if (argc < 4)
    {
      fprintf (stderr, "Usage: %s CHUNK LINKS FILE...\n", argv[0]);
      return 2;
    }
  for (int i = 3; i < argc; i++)
    if (!print_cid (argv[i], strtoul (argv[1], NULL, 10), strtoul (argv[2], NULL, 10)))
      return 1;
  return 0;
}
