/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* Makes a text of @size bytes and a NUL fit for a terminal, in place; it never gets longer. What
 * steers a terminal or turns the order of what stands around it becomes `?`: C0 and C1 (ECMA-48),
 * DEL, the marks for direction (UAX 9), separators of lines and paragraphs, tags, U+FEFF, and what
 * is no UTF-8. Joiners stay: Hindi needs them. Line feeds and tabs stay where @lines. */
void pt_text_make_safe (char *text, size_t size, bool lines);

/* Whether pt_text_make_safe () would leave the character as it is, line feeds and tabs aside. */
bool pt_character_is_safe (uint32_t character);
