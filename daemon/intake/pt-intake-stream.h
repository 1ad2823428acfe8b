/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-stream.h"

/* Reports as a stream of lines without end: cut into submissions as they come, each answered by a
 * line when it is durable, two on their way at most. What it is added with: a PtIntakeHttp. */
gboolean pt_intake_stream_begin (PtStream *stream, gpointer context, GError **error);
