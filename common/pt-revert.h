/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Which of PowerAnchor's errors a call was refused with, as a sentence; NULL when @data (or NULL)
 * is none of them. */
char *pt_revert_describe (GBytes *data);
