/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Names of places, as a list of them has them and the daemon derives them from where a site is. Not
 * signed by anybody, so daemon and console look at each. The page has a twin, isPlace (). */

#define PT_PLACE_NAME_MAX 60 /* bytes */

/* Whether it can be shown: 1 to PT_PLACE_NAME_MAX bytes of UTF-8 in one line, no control
 * characters. */
gboolean pt_place_name_is_good (const char *text, gsize size);
