/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A small deterministic fuzzer: a fixed number of runs over mutations of seeds, with a dictionary.
 * The same seed gives the same run everywhere. Built with the sanitizers where the compiler has
 * them; every input lies in memory of exactly its size, so that a read beyond it is seen. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pt-base.h"

#define PT_FUZZ_SIZE_MAX 4096

/* @accepted counts the inputs that were taken as valid, to show that not all is refused early. */
typedef struct
{
  const PtSpan *seeds;
  size_t seed_count;
  const PtSpan *words; /* dictionary */
  size_t word_count;
  bool (*target) (PtSpan input); /* whether the input was valid */
} PtFuzz;

#define pt_fuzz_require(condition)                                                                 \
  do                                                                                               \
    if (!(condition))                                                                              \
      {                                                                                            \
        fprintf (stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);             \
        abort ();                                                                                  \
      }                                                                                            \
  while (0)

#define PT_FUZZ_WORD(text)                                                                         \
  {                                                                                                \
    text, sizeof text - 1                                                                          \
  }

static uint64_t pt_fuzz_state;

/* xorshift64* (Vigna 2016). */
static inline uint32_t
pt_fuzz_random (uint32_t below)
{
  pt_fuzz_state ^= pt_fuzz_state >> 12;
  pt_fuzz_state ^= pt_fuzz_state << 25;
  pt_fuzz_state ^= pt_fuzz_state >> 27;
  return (uint32_t) ((pt_fuzz_state * 0x2545f4914f6cdd1d) >> 33) % below;
}

/* Replaces @taken bytes at @at by @word. */
static inline size_t
pt_fuzz_splice (char *text, size_t size, size_t at, size_t taken, PtSpan word)
{
  if (size - taken + word.size > PT_FUZZ_SIZE_MAX)
    return size;
  memmove (text + at + word.size, text + at + taken, size - at - taken);
  if (word.size > 0)
    memcpy (text + at, word.data, word.size);
  return size - taken + word.size;
}

static inline size_t
pt_fuzz_mutate (const PtFuzz *fuzz, char *text, size_t size)
{
  size_t at = pt_fuzz_random ((uint32_t) size + 1), left = size - at;
  size_t span = left ? pt_fuzz_random ((uint32_t) (left < 12 ? left : 12)) + 1 : 0;
  PtSpan word = fuzz->words[pt_fuzz_random ((uint32_t) fuzz->word_count)];
  char piece[12], byte = (char) pt_fuzz_random (256);

  switch (pt_fuzz_random (8))
    {
    case 0:
      return pt_fuzz_splice (text, size, at, left ? 1 : 0, pt_span (&byte, 1));
    case 1:
      if (left)
        text[at] ^= (char) (1 << pt_fuzz_random (8));
      return size;
    case 2:
      return pt_fuzz_splice (text, size, at, span, pt_span (NULL, 0));
    case 3:
      return pt_fuzz_splice (text, size, at, 0, word);
    case 4:
      return pt_fuzz_splice (text, size, at, span, word);
    case 5:
      memcpy (piece, text + at, span);
      return pt_fuzz_splice (text, size, pt_fuzz_random ((uint32_t) size + 1), 0,
                             pt_span (piece, span));
    case 6:
      return pt_fuzz_random (4) ? size : at;
    default:
      return pt_fuzz_splice (text, size, at, 0, pt_span (&byte, 1));
    }
}

static inline bool
pt_fuzz_run_one (const PtFuzz *fuzz, const char *text, size_t size)
{
  char *copy = malloc (size ? size : 1);
  bool valid;

  pt_fuzz_require (copy);
  memcpy (copy, text, size);
  valid = fuzz->target (pt_span (copy, size));
  free (copy);
  return valid;
}

/* `program [RUNS [SEED]]` */
static inline int
pt_fuzz_main (const PtFuzz *fuzz, int argc, char **argv)
{
  unsigned long runs = argc > 1 ? strtoul (argv[1], NULL, 10) : 100000, valid = 0;
  unsigned long seed = argc > 2 ? strtoul (argv[2], NULL, 10) : 1;
  static char text[PT_FUZZ_SIZE_MAX + 16];

  pt_fuzz_state = seed * 2 + 1;
  for (size_t i = 0; i < fuzz->seed_count; i++)
    pt_fuzz_require (pt_fuzz_run_one (fuzz, fuzz->seeds[i].data, fuzz->seeds[i].size));
  for (unsigned long run = 0; run < runs; run++)
    {
      PtSpan first = fuzz->seeds[pt_fuzz_random ((uint32_t) fuzz->seed_count)];
      size_t size = first.size;

      memcpy (text, first.data, size);
      for (uint32_t i = pt_fuzz_random (4) + 1; i > 0; i--)
        size = pt_fuzz_mutate (fuzz, text, size);
      valid += pt_fuzz_run_one (fuzz, text, size);
    }
  printf ("seed %lu: %lu runs, %lu of them valid\n", seed, runs, valid);
  return 0;
}
