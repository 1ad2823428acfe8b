/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Whether objects and arrays nest no deeper than @depth_max. json-glib's parser recurses, and a
 * peer must not choose how deep: ask this before it parses what came from outside. */
gboolean pt_json_is_shallow (const char *data, gsize size, guint depth_max);
