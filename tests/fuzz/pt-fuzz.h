/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A small deterministic fuzzer: a fixed number of runs over mutations of seeds, with a dictionary.
 * The same seed gives the same run everywhere. Built with the sanitizers where the compiler has
 * them; every input lies in memory of exactly its size, so that a read beyond it is seen. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static PtSpan pt_fuzz_now; /* what runs, for whoever dies of it */

static inline bool
pt_fuzz_run_one (const PtFuzz *fuzz, const char *text, size_t size)
{
  char *copy = malloc (size ? size : 1);
  bool valid;

  pt_fuzz_require (copy);
  memcpy (copy, text, size);
  pt_fuzz_now = pt_span (text, size);
  valid = fuzz->target (pt_span (copy, size));
  free (copy);
  return valid;
}

/* What is kept: an input that reached what no input before it had reached. */

#define PT_FUZZ_KEPT_MAX 4096
#define PT_FUZZ_MAP_SIZE 65536

/* Places that the last input reached, and which ones any input did. */
static uint8_t pt_fuzz_reached[PT_FUZZ_MAP_SIZE], pt_fuzz_reached_before[PT_FUZZ_MAP_SIZE];
static uint16_t pt_fuzz_places[PT_FUZZ_MAP_SIZE];
static size_t pt_fuzz_place_count;
static uintptr_t pt_fuzz_last_place;
static PtSpan pt_fuzz_kept[PT_FUZZ_KEPT_MAX]; /* never freed */
static size_t pt_fuzz_kept_count;
static const char *pt_fuzz_found;     /* a file: where it is kept then; NULL: nowhere */
extern const char __executable_start; /* the linker's */

/* What is fuzzed calls it in every block (gcc's -fsanitize-coverage=trace-pc); it is not built so
 * itself. */
void __sanitizer_cov_trace_pc (void);

/* Called before the sanitizers are there, too. */
__attribute__ ((no_sanitize ("address", "undefined"))) void
__sanitizer_cov_trace_pc (void)
{
  uintptr_t place = (uintptr_t) __builtin_return_address (0) - (uintptr_t) &__executable_start;
  size_t edge;

  place = place * 0x9e3779b1u >> 7;
  edge = (place ^ pt_fuzz_last_place >> 1) % PT_FUZZ_MAP_SIZE;
  pt_fuzz_last_place = place;
  if (!pt_fuzz_reached[edge])
    pt_fuzz_places[pt_fuzz_place_count++] = (uint16_t) edge;
  pt_fuzz_reached[edge] = 1;
}

/* Whether the last input reached something new; forgets it. */
static inline bool
pt_fuzz_is_news (void)
{
  bool news = false;

  for (size_t i = 0; i < pt_fuzz_place_count; i++)
    {
      size_t place = pt_fuzz_places[i];

      news |= !pt_fuzz_reached_before[place];
      pt_fuzz_reached_before[place] = 1;
      pt_fuzz_reached[place] = 0;
    }
  pt_fuzz_place_count = 0;
  return news;
}

static inline void
pt_fuzz_keep (PtSpan input)
{
  char *copy;

  if (pt_fuzz_kept_count == PT_FUZZ_KEPT_MAX)
    return;
  copy = malloc (input.size ? input.size : 1);
  pt_fuzz_require (copy);
  if (input.size > 0)
    memcpy (copy, input.data, input.size);
  pt_fuzz_kept[pt_fuzz_kept_count++] = pt_span (copy, input.size);
}

/* A line of hex for each input; appended. */
static inline void
pt_fuzz_write (const char *path, PtSpan input)
{
  FILE *file = fopen (path, "a");

  if (!file)
    {
      perror (path);
      return;
    }
  for (size_t i = 0; i < input.size; i++)
    fprintf (file, "%02x", (unsigned char) input.data[i]);
  fputc ('\n', file);
  fclose (file);
}

static inline int
pt_fuzz_digit (char digit)
{
  return digit >= 'a' ? digit - 'a' + 10 : digit - '0';
}

/* Runs what a file of pt_fuzz_write () has, and keeps it. */
static inline void
pt_fuzz_read (const PtFuzz *fuzz, const char *path)
{
  static char line[2 * PT_FUZZ_SIZE_MAX + 3], text[PT_FUZZ_SIZE_MAX];
  FILE *file = fopen (path, "r");

  while (file && fgets (line, sizeof line, file))
    {
      size_t size = strspn (line, "0123456789abcdef") / 2;

      for (size_t i = 0; i < size; i++)
        text[i] = (char) (pt_fuzz_digit (line[2 * i]) << 4 | pt_fuzz_digit (line[2 * i + 1]));
      pt_fuzz_run_one (fuzz, text, size);
      pt_fuzz_is_news ();
      pt_fuzz_keep (pt_span (text, size));
    }
  if (file)
    fclose (file);
}

/* What killed it is written, whichever way it died. */
static inline void
pt_fuzz_died (int number)
{
  char path[4096];

  (void) number;
  signal (SIGABRT, SIG_DFL);
  snprintf (path, sizeof path, "%s.died", pt_fuzz_found);
  pt_fuzz_write (path, pt_fuzz_now);
  fprintf (stderr, "The input is the last line of %s\n", path);
}

static inline void
pt_fuzz_died_of_sanitizer (void)
{
  pt_fuzz_died (0);
}

void __sanitizer_set_death_callback (void (*callback) (void)) __attribute__ ((weak));

static inline void
pt_fuzz_watch (const char *found)
{
  pt_fuzz_found = found;
  signal (SIGABRT, pt_fuzz_died);
  if (__sanitizer_set_death_callback)
    __sanitizer_set_death_callback (pt_fuzz_died_of_sanitizer);
}

/* One of the seeds, or of what was kept, mutated; whether it was valid. */
static inline bool
pt_fuzz_step (const PtFuzz *fuzz, bool guided)
{
  static char text[PT_FUZZ_SIZE_MAX + 16];
  size_t kept = guided ? pt_fuzz_kept_count : 0;
  size_t which = pt_fuzz_random ((uint32_t) (fuzz->seed_count + kept));
  PtSpan first = which < kept ? pt_fuzz_kept[which] : fuzz->seeds[which - kept];
  size_t size = first.size;
  bool valid;

  memcpy (text, first.data, size);
  for (uint32_t i = pt_fuzz_random (4) + 1; i > 0; i--)
    size = pt_fuzz_mutate (fuzz, text, size);
  valid = pt_fuzz_run_one (fuzz, text, size);
  if (guided && pt_fuzz_is_news ())
    {
      pt_fuzz_keep (pt_span (text, size));
      pt_fuzz_write (pt_fuzz_found, pt_span (text, size));
    }
  return valid;
}

/* `program [RUNS [SEED [KEPT [SECONDS]]]]`: the inputs that are kept in the file KEPT run first.
 * With SECONDS it runs for so long, whatever RUNS says, is led by what each input reaches, and adds
 * to KEPT those that reached something new; without, the same seed gives the same run everywhere.
 */
static inline int
pt_fuzz_main (const PtFuzz *fuzz, int argc, char **argv)
{
  unsigned long runs = argc > 1 ? strtoul (argv[1], NULL, 10) : 100000, valid = 0, run = 0;
  unsigned long seed = argc > 2 ? strtoul (argv[2], NULL, 10) : 1;
  long seconds = argc > 4 ? strtol (argv[4], NULL, 10) : 0;
  time_t until = time (NULL) + seconds;
  size_t kept;

  pt_fuzz_state = seed * 2 + 1;
  for (size_t i = 0; i < fuzz->seed_count; i++)
    pt_fuzz_require (pt_fuzz_run_one (fuzz, fuzz->seeds[i].data, fuzz->seeds[i].size));
  if (argc > 3)
    pt_fuzz_watch (argv[3]);
  if (argc > 3)
    pt_fuzz_read (fuzz, argv[3]);
  pt_fuzz_is_news ();
  kept = pt_fuzz_kept_count;
  for (; seconds > 0 ? (run & 1023) != 0 || time (NULL) < until : run < runs; run++)
    valid += pt_fuzz_step (fuzz, seconds > 0);
  printf ("seed %lu: %lu runs, %lu of them valid; %zu kept inputs, %zu of them new\n", seed, run,
          valid, pt_fuzz_kept_count, pt_fuzz_kept_count - kept);
  return 0;
}
