/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The daemon's sender sequence numbers of OSCORE (RFC 8613 section 7.2.1): with one key no number
 * may be used twice, whatever happens in between. All contexts count from the same number on, and a
 * file says which no context has reached yet. */

#define PT_OSCORE_NUMBER_MAX ((G_GUINT64_CONSTANT (1) << 40) - 1)

typedef struct
{
  char *path;
  guint64 limit; /* as the file has it: none that is as high was used */
} PtOscoreNumbers;

/* Where to begin; what the file says from now on is higher. Where there is no file, or an older one
 * was put back, it is the time that keeps numbers apart. PT_ERROR_CONFIGURATION. */
gboolean pt_oscore_numbers_begin (PtOscoreNumbers *numbers, const char *path, guint64 *first,
                                  GError **error);
/* None above @number is used before it is said here. FALSE: it could not be written. */
gboolean pt_oscore_numbers_reach (PtOscoreNumbers *numbers, guint64 number, GError **error);
void pt_oscore_numbers_clear (PtOscoreNumbers *numbers);
