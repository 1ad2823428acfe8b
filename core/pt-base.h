/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What every file of core/ stands on: sizes, spans and results.
 *
 * core/ is pure: no allocation, no input or output, no clock, no globals. Every buffer comes with
 * its length, outputs are zeroed first, and the returned PtResult is the verdict. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PT_HASH_SIZE 32                             /* SHA-256 */
#define PT_PUBLIC_KEY_SIZE 65                       /* SEC 1 uncompressed P-256 point */
#define PT_SIGNATURE_SIZE 64                        /* r || s, IEEE P1363 */
#define PT_ENTRY_MAX 65535                          /* bytes of one entry */
#define PT_AREA_MAX 31                              /* characters of an area's id */
#define PT_ID_MAX 64                                /* characters of any other id */
#define PT_INTEGER_MAX ((int64_t) 9007199254740991) /* 2^53 - 1 */
#define PT_HOUSE_CELL 100000 /* 1e-7 degrees: a house's position is a multiple of this */

/* Borrowed bytes; never owns, not NUL-terminated. */
typedef struct
{
  const char *data;
  size_t size;
} PtSpan;

typedef struct
{
  uint8_t bytes[PT_HASH_SIZE];
} PtHash;

typedef enum
{
  PT_OK = 0,
  PT_MALFORMED,     /* not JSON, or not what the format's table says */
  PT_NOT_CANONICAL, /* JSON, but outside the canonical subset or not in its one form */
  PT_TOO_PRECISE,   /* a house's position finer than a cell */
  PT_TOO_LARGE,     /* longer than its bound */
  PT_BAD_KEY,       /* not a point on the curve */
  PT_BAD_SIGNATURE,
  PT_BAD_PROOF,  /* a path, frontier or root that does not follow */
  PT_BAD_TIME,   /* an entry that was received before it can have been signed */
  PT_BAD_WINDOW, /* times of a batch that overlap, leave a hole or run backwards */
  PT_BAD_ROSTER, /* roster missing, doubled, misplaced or wrong */
  PT_BAD_CID,
  PT_NO_SPACE,    /* the caller's buffer is too small */
  PT_STOPPED,     /* a callback of the caller asked to stop */
  PT_NOT_CHECKED, /* nothing is known of it: it could not be asked */
  PT_RESULT_COUNT
} PtResult;

/* The stable slug of a result ("not-canonical"), as in the problem types of the HTTP interface. */
const char *pt_result_slug (PtResult result);

static inline PtSpan
pt_span (const void *data, size_t size)
{
  return (PtSpan){ (const char *) data, size };
}

bool pt_span_equal (PtSpan a, PtSpan b);

/* Bytewise order, shorter first on a tie: negative, 0 or positive. */
int pt_span_compare (PtSpan a, PtSpan b);

/* Whether @span is the NUL-terminated @text. */
bool pt_span_is (PtSpan span, const char *text);

/* Whether @span is a valid identifier: `[a-z0-9][a-z0-9-]{0,30}`, and
 * `[A-Za-z0-9][A-Za-z0-9._:-]{0,63}`. */
bool pt_is_area_id (PtSpan span);
bool pt_is_id (PtSpan span);
