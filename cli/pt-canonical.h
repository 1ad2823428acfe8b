/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

/* Canonical JSON (docs/PROTOCOL.md section 1) of what was parsed: what is signed or hashed as text
 * comes within other JSON as an object. What has no canonical form (null, fractions) becomes what
 * core refuses. */
char *pt_canonical_json (JsonNode *node);
