/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "pt-event-reader.h"

/* One open stream of a daemon's events. It ends once, and is not opened again. */
typedef struct _PtEventStream PtEventStream;

typedef struct
{
  void (*opened) (gpointer user_data);
  PtEventFunc event;
  /* Never NULL: the stream was ended, broken, silent for too long, or could not be opened. Not told
   * of after pt_event_stream_free (). */
  void (*ended) (const GError *error, gpointer user_data);
} PtEventStreamFuncs;

/* @silence_s: without any event for so long it is dead. */
PtEventStream *pt_event_stream_new (SoupSession *session, const char *url, guint silence_s,
                                    const PtEventStreamFuncs *funcs, gpointer user_data);
/* May be called from within its own callbacks. */
void pt_event_stream_free (PtEventStream *stream);
