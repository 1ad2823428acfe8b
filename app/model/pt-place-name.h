/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Names of places, as the daemon derives them from where a site is. Not signed by anybody. */

#define PT_PLACE_MAX 60 /* bytes */

/* Whether it can be shown: 1 to PT_PLACE_MAX bytes of UTF-8 in one line, no control characters. */
gboolean pt_place_name_is_good (const char *text, gsize size);
/* Whether @words are in it, whatever their case and, for those who type ASCII, without its accents.
 * @name NULL: no. */
gboolean pt_place_name_holds (const char *name, const char *words);
