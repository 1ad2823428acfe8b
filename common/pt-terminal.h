/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* From here on everything that g_print () and g_printerr () write is made safe by
 * pt_text_make_safe (): file names, fields of a CSV, words of a daemon or an endpoint must not
 * steer the terminal. Only PT_TERMINAL_CLEAR_LINE by itself passes. Call it first in main (). */
void pt_terminal_guard (void);

/* Begins the line anew, for progress; g_printerr () it by itself. */
#define PT_TERMINAL_CLEAR_LINE "\r\033[K"

/* A copy that is safe in one line. */
char *pt_terminal_safe (const char *text);
/* JSON text, what is not safe in it written as escapes, so that it means the same (RFC 8259
 * section 7). */
char *pt_terminal_safe_json (const char *json);
