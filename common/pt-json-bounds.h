/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

/* Whether objects and arrays nest no deeper than @depth_max. json-glib's parser recurses, and a
 * peer must not choose how deep: ask this before it parses what came from outside. */
gboolean pt_json_is_shallow (const char *data, gsize size, guint depth_max);

/* A whole number from -(2^53 - 1) to 2^53 - 1, however it is written: 5, 5.0 and 5e0 are one number
 * to JSON (RFC 8259 section 6). FALSE for anything else and for NULL; *out is then not changed. */
gboolean pt_json_read_whole (JsonNode *node, gint64 *out);
