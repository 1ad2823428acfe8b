/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* The number that a complaint is known by: nine digits, the first not 0, and a check digit. It is
 * said on the telephone and typed by hand, so that one wrong digit, or two neighbours in the wrong
 * order, have to be noticed: H. M. Damm's quasigroup of order 10 ("Total anti-symmetrische
 * Quasigruppen", 2004) notices each of these. */

#define PT_COMPLAINT_NUMBER_SIZE 10
#define PT_COMPLAINT_DRAWN_MIN 100000000u
#define PT_COMPLAINT_DRAWN_MAX 999999999u

/* The number of what was drawn, with a NUL after it; FALSE, and an empty text, outside the bounds
 * above. */
bool pt_complaint_number_make (uint32_t drawn, char out[PT_COMPLAINT_NUMBER_SIZE + 1]);

/* Whether @id is such a number, as it stands in the log. */
bool pt_complaint_number_is (PtSpan id);

/* What a person typed, spaces and dashes among the digits wherever they like: the number as it
 * stands in the log, with a NUL. FALSE, and an empty text, where it is none. */
bool pt_complaint_number_parse (PtSpan typed, char out[PT_COMPLAINT_NUMBER_SIZE + 1]);

/* As it is shown and said: "1234 567 890", with a NUL. @number: as above. */
#define PT_COMPLAINT_NUMBER_GROUPED_SIZE 12
void pt_complaint_number_group (const char number[PT_COMPLAINT_NUMBER_SIZE],
                                char out[PT_COMPLAINT_NUMBER_GROUPED_SIZE + 1]);
