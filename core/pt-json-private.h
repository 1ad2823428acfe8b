/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-json.h"

/* Bytes of the escape at @text, a backslash; 0 if it is none. @canonical: only the one that
 * RFC 8785 section 3.2.2.2 writes there: two characters where there is such a form, else `\u00xx`
 * in lower case for a control. */
size_t pt_json_escape_size (const char *text, size_t size, bool canonical);
