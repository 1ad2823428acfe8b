/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Numbers for people. */

/* Its digits in groups: as the locale has them, else by threes. That a locale has none (C.UTF-8) is
 * no reason to read "10790". */
char *pt_number_text (guint64 number);
/* In at most four characters: "999", "1.7k", "12k", "3M". Rounded. */
char *pt_number_brief (guint64 number);
