/* SPDX-License-Identifier: Apache-2.0 */

/* The root of N leaves of 240 bytes, leaf hashes included, one thread. Leaf i is 240 bytes of the
 * 64-bit stream x = x * 6364136223846793005 + 1442695040888963407 (x0 = 0), little endian, as in
 * go/main.go. Prints one JSON object. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pt-tree.h"

#define LEAF_SIZE 240

static double
seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static void
fill (uint8_t *data, size_t size)
{
  uint64_t x = 0;

  for (size_t i = 0; i < size; i += 8)
    {
      x = x * 6364136223846793005u + 1442695040888963407u;
      for (size_t byte = 0; byte < 8; byte++)
        data[i + byte] = (uint8_t) (x >> (8 * byte));
    }
}

static void
hash_all (const uint8_t *data, size_t leaves, PtHash *root)
{
  PtFrontier frontier;
  PtHash leaf;

  pt_frontier_init (&frontier);
  for (size_t i = 0; i < leaves; i++)
    {
      pt_tree_leaf_hash (pt_span (data + i * LEAF_SIZE, LEAF_SIZE), &leaf);
      pt_frontier_append (&frontier, &leaf);
    }
  pt_frontier_root (&frontier, root);
}

int
main (int argc, char **argv)
{
  size_t leaves = argc > 1 ? strtoul (argv[1], NULL, 10) : 1000000;
  uint8_t *data = leaves > 0 ? malloc (leaves * LEAF_SIZE) : NULL;
  PtHash root;
  double begun, ended;

  if (data == NULL)
    {
      fprintf (stderr, "bench-root: no memory for %zu leaves; give a smaller number\n", leaves);
      return 1;
    }
  fill (data, leaves * LEAF_SIZE);
  begun = seconds ();
  hash_all (data, leaves, &root);
  ended = seconds ();
  free (data);
  printf ("{\"leaves\":%zu,\"seconds\":%.6f,\"root\":\"", leaves, ended - begun);
  for (size_t i = 0; i < PT_HASH_SIZE; i++)
    printf ("%02x", root.bytes[i]);
  printf ("\"}\n");
  return 0;
}
