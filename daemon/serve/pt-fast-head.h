/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Whether a head that pt-framing let pass says no more than this: a POST of JSON, or of lines of
 * it, to @path by HTTP/1.1, on a connection that stays. With any header that could ask for
 * something else it does not; then libsoup reads it. */
gboolean pt_fast_head_fits (const char *head, gsize size, const char *path);
