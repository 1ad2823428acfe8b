/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-json.h"

/* The file that the public page gives a citizen to keep, "powertrack-kept-1": here its receipts
 * alone are read. No GLib. */

typedef struct
{
  PtJsonReader json;
  PtResult result; /* why the reading ended */
} PtKeptReader;

/* Whether it looks like one. */
bool pt_kept_is (PtSpan text);

/* Stands before its first receipt; false where it has none. */
bool pt_kept_open (PtKeptReader *reader, PtSpan text);
/* The next one, unescaped into @buffer. */
bool pt_kept_next (PtKeptReader *reader, char *buffer, size_t buffer_size, PtSpan *out);
