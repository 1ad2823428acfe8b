/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Whether @words are in @text, whatever their case and, for those who type ASCII, without its
 * accents. @text NULL: no. */
gboolean pt_text_search_holds (const char *text, const char *words);
